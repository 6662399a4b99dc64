package redisdriver_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

// A context's end must have been noticed promptly, on a busy machine: long before the client gives up.
const prompt, clientsOwn = 20 * time.Second, time.Minute

var _ = Describe("A context that ends while the server does not answer", func() {
	read := drivers.Command{Op: drivers.OpGet, Key: "k"}
	endings := map[string]struct {
		with func(dialer *redisserver.Dialer) (context.Context, context.CancelFunc)
		err  error
	}{
		"a deadline": {func(*redisserver.Dialer) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 200*time.Millisecond)
		}, context.DeadlineExceeded},
		"a cancellation": {func(dialer *redisserver.Dialer) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			dialer.AfterNext(cancel)
			return ctx, cancel
		}, context.Canceled},
	}
	for name, ending := range endings {
		for _, honoured := range []bool{false, true} {
			dialer := &redisserver.Dialer{}
			stalled := func() *redisdriver.Driver {
				server := ownServer()
				client := clientOf(server.Addr(), func(o *redis.Options) {
					o.ContextTimeoutEnabled, o.ReadTimeout, o.MaxRetries, o.Dialer = honoured, clientsOwn, -1, dialer.Dial
				})
				d := redisdriver.New(client)
				do(d, add1)
				Expect(batched(true)(d, add1, nothing)).To(Succeed()) // pipelines have connections of their own
				before := gleak.Goroutines()
				DeferCleanup(func() {
					Expect(server.Resume()).To(Succeed())
					Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
					Expect(d.Close()).To(Succeed())
				})
				Expect(server.Pause()).To(Succeed())
				return d
			}
			ends := func(call func(context.Context) error, wanted ...error) {
				GinkgoHelper()
				ctx, cancel := ending.with(dialer)
				defer cancel()
				began := time.Now()
				err := call(ctx)
				Expect(time.Since(began)).To(BeNumerically("<", prompt))
				for _, want := range wanted {
					Expect(err).To(MatchError(want))
				}
				if len(wanted) == 1 {
					Expect(err).NotTo(MatchError(drivers.ErrIndeterminate))
				}
			}
			Describe(name+map[bool]string{true: ", with ContextTimeoutEnabled", false: ""}[honoured], func() {
				It("ends a command", func() {
					d := stalled()
					ends(func(ctx context.Context) error { _, err := d.Do(ctx, add1); return err }, ending.err, drivers.ErrIndeterminate)
					ends(func(ctx context.Context) error { _, err := d.Do(ctx, read); return err }, ending.err)
				})
				for kind, atomic := range map[string]bool{"a plain batch": false, "an atomic batch": true} {
					It("ends "+kind, func() {
						d := stalled()
						b := drivers.NewBatch(read, add1)
						b.Atomic = atomic
						ends(func(ctx context.Context) error { return d.DoBatch(ctx, b) }, ending.err, drivers.ErrIndeterminate)
						Expect(b.Items[0].Err).To(MatchError(ending.err))
						Expect(b.Items[1].Err).To(MatchError(drivers.ErrIndeterminate))
					})
				}
				It("ends scans and transactions", func() {
					d := stalled()
					ends(func(ctx context.Context) error {
						for _, err := range d.Scan(ctx, drivers.Command{Op: drivers.OpScanKeys, Key: "k"}) {
							return err
						}
						return nil
					}, ending.err)
					ends(func(ctx context.Context) error {
						return drivers.Watch(ctx, d, []string{"k"}, func(drivers.Transaction) error { return nil })
					}, ending.err)
				})
			})
		}
	}

	It("ends what a transaction waits for, which is of no use from then on", func() {
		server := ownServer()
		d := driverOf(server.Addr(), func(o *redis.Options) { o.ReadTimeout = clientsOwn })
		err := drivers.Watch(ctx, d, []string{"n"}, func(tx drivers.Transaction) error {
			Expect(server.Pause()).To(Succeed())
			short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
			defer cancel()
			_, err := tx.Do(short, read)
			Expect(err).To(MatchError(context.DeadlineExceeded))
			Expect(server.Resume()).To(Succeed())
			_, err = tx.Do(ctx, read)
			return err
		})
		Expect(err).To(MatchError(drivers.ErrInvalid))
		do(d, add1)
	})

	It("has not sent a write that still waited for a connection", func() {
		server := ownServer()
		d := driverOf(server.Addr(), func(o *redis.Options) { o.PoolSize, o.ReadTimeout = 1, clientsOwn })
		do(d, add1)
		Expect(server.Pause()).To(Succeed())
		go d.Do(ctx, read) // takes the only connection
		Eventually(d.Pool).Should(HaveField("InUse", BeEquivalentTo(1)))
		short, cancel := context.WithCancel(ctx)
		time.AfterFunc(30*time.Millisecond, cancel)
		_, err := d.Do(short, add1)
		Expect(err).To(Equal(context.Canceled))
		Expect(server.Resume()).To(Succeed())
		Expect(count(d)).To(BeEquivalentTo(1))
	})
})
