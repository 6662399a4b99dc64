package redisdriver_test

import (
	"context"
	"errors"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
)

// everything is one error from each thing a driver does.
func everything(d drivers.Driver) map[string]error {
	get := drivers.Command{Op: drivers.OpGet, Key: "k"}
	outcomes := map[string]error{}
	_, outcomes["do"] = d.Do(ctx, get)
	for name, atomic := range map[string]bool{"plain batch": false, "atomic batch": true} {
		b := drivers.NewBatch(get)
		b.Atomic = atomic
		outcomes[name] = drivers.DoBatch(ctx, d, b)
		outcomes[name+"'s item"] = b.Items[0].Err
	}
	outcomes["watch"] = drivers.Watch(ctx, d, []string{"k"}, func(drivers.Transaction) error { return nil })
	for _, err := range drivers.Scan(ctx, d, drivers.Command{Op: drivers.OpScanKeys, Key: "k"}) {
		outcomes["scan"] = err
	}
	return outcomes
}

var _ = Describe("A driver", func() {
	DescribeTable("of a client it cannot use answers ErrInvalid to everything", func(client redis.UniversalClient) {
		d := redisdriver.New(client)
		for name, err := range everything(d) {
			Expect(err).To(MatchError(drivers.ErrInvalid), name)
		}
		Expect(d.Close()).To(Succeed())
	},
		Entry("nil", nil),
		Entry("a nil *redis.Client", (*redis.Client)(nil)),
		Entry("a nil *redis.ClusterClient", (*redis.ClusterClient)(nil)),
		Entry("a Ring", redis.NewRing(&redis.RingOptions{})),
		Entry("an AutoPipeliner", &redis.AutoPipeliner{}),
	)

	It("that is closed answers ErrClosed to everything and leaves the client open", func() {
		client := clientOf(emptyServer().Addr())
		d := redisdriver.New(client)
		do(d, add1)
		Expect(d.Close()).To(Succeed())
		Expect(d.Close()).To(Succeed())
		for name, err := range everything(d) {
			Expect(err).To(MatchError(drivers.ErrClosed), name)
		}
		Expect(client.Ping(ctx).Err()).To(Succeed())
	})

	It("of a closed client answers ErrClosed", func() {
		client := redis.NewClient(&redis.Options{Addr: emptyServer().Addr()})
		d := redisdriver.New(client)
		Expect(client.Close()).To(Succeed())
		for name, err := range everything(d) {
			Expect(err).To(MatchError(drivers.ErrClosed), name)
		}
	})

	It("passes on what the server says as a redis.Error", func() {
		server := ownServer()
		d := driverOf(server.Addr())
		ask(server, "CONFIG", "SET", "maxmemory", "1")
		b := drivers.NewBatch(drivers.Command{Op: drivers.OpGet, Key: "k"}, drivers.Command{Op: drivers.OpSet, Key: "k"})
		b.Atomic = true
		whole := d.DoBatch(ctx, b)
		_, err := d.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: "k"})
		for _, err := range []error{err, whole, b.Items[0].Err, b.Items[1].Err} {
			Expect(err).To(MatchError(drivers.ErrUnavailable))
			var answer redis.Error
			Expect(errors.As(err, &answer)).To(BeTrue())
			Expect(redis.IsOOMError(err)).To(BeTrue())
			Expect(err).NotTo(MatchError(drivers.ErrIndeterminate))
		}
	})

	It("does not send what is malformed", func() {
		server := emptyServer()
		d := driverOf(server.Addr())
		do(d, add1)
		before := calls(server)
		for _, cmd := range []drivers.Command{
			{}, {Op: 255}, {Op: drivers.OpScanKeys}, {Op: drivers.OpExpire}, {Op: drivers.OpSet, If: 9},
			{Op: drivers.OpSet, Expiry: drivers.Expiry{Mode: drivers.ExpireIn, Millis: -1}}, {Op: drivers.OpSMove},
		} {
			_, err := d.Do(ctx, cmd)
			Expect(err).To(MatchError(drivers.ErrInvalid), cmd.Op.String())
		}
		after := calls(server)
		delete(before, "info")
		delete(after, "info")
		Expect(after).To(Equal(before))
	})

	It("sends nothing for a context that has ended", func() {
		server := emptyServer()
		d := driverOf(server.Addr())
		do(d, add1)
		ended, cancel := context.WithCancel(ctx)
		cancel()
		_, err := d.Do(ended, add1)
		Expect(err).To(Equal(context.Canceled))
		Expect(count(d)).To(BeEquivalentTo(1))
	})
})
