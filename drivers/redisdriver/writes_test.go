package redisdriver_test

import (
	"context"
	"errors"
	"net"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

const lost = 20

// add1 cannot be repeated without being noticed: its replies count.
var add1 = drivers.Command{Op: drivers.OpBitIncrement, Key: "n", Bits: drivers.BitType{Width: 32}, Amount: 1}

func count(d drivers.Driver) int64 {
	GinkgoHelper()
	return do(d, drivers.Command{Op: drivers.OpBitGet, Key: "n", Bits: add1.Bits}).Int
}

// sender sends a command as what a spec is about, alone or in a batch, and calls
// ready right before.
type sender func(d drivers.Driver, cmd drivers.Command, ready func()) error

func single(d drivers.Driver, cmd drivers.Command, ready func()) error {
	ready()
	_, err := d.Do(ctx, cmd)
	return err
}

func batched(atomic bool) sender {
	return func(d drivers.Driver, cmd drivers.Command, ready func()) error {
		b := drivers.NewBatch(drivers.Command{Op: drivers.OpGet, Key: cmd.Key}, cmd)
		b.Atomic = atomic
		ready()
		err := drivers.DoBatch(ctx, d, b)
		ExpectWithOffset(1, b.Items[1].Err == nil).To(Equal(err == nil))
		return errors.Join(err, b.Items[1].Err)
	}
}

func watched(d drivers.Driver, cmd drivers.Command, ready func()) error {
	runs := 0
	return drivers.Watch(ctx, d, []string{cmd.Key}, func(tx drivers.Transaction) error {
		runs++
		ExpectWithOffset(1, runs).To(Equal(1), "the function of a Watch was run again")
		return batched(true)(tx, cmd, ready)
	})
}

func nothing() {}

// throughProxies makes a cluster client that reaches each node through a proxy,
// and returns the proxy of the first node, where add1's key lies.
func throughProxies(cluster *redisserver.Cluster) (*redis.ClusterClient, *redisserver.Proxy) {
	GinkgoHelper()
	proxies := map[string]*redisserver.Proxy{}
	for _, addr := range cluster.Addrs() {
		proxies[addr] = proxied(addr)
	}
	client := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: cluster.Addrs(),
		Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, network, proxies[addr].Addr())
		},
	})
	DeferCleanup(client.Close)
	return client, proxies[cluster.Addrs()[0]]
}

var _ = Describe("A write whose reply is lost", func() {
	never := func(d drivers.Driver, send sender, proxy *redisserver.Proxy) {
		GinkgoHelper()
		Expect(send(d, add1, nothing)).To(Succeed())
		sent := int64(1)
		for range lost {
			err := send(d, add1, func() { proxy.DropReplies(1) })
			Expect(proxy.Dropped()).To(BeTrue())
			Expect(err).To(MatchError(drivers.ErrIndeterminate))
			Expect(proxy.Heal()).To(Succeed())
			sent++
		}
		Expect(count(d)).To(BeNumerically("<=", sent), "a write was sent twice")
		Expect(count(d)).To(BeNumerically(">", 1), "the proxy let nothing through")
	}

	DescribeTable("is indeterminate and was not sent again: standalone", func(send sender) {
		server := emptyServer()
		proxy := proxied(server.Addr())
		d := redisdriver.New(clientOf(proxy.Addr()))
		DeferCleanup(d.Close)
		never(d, send, proxy)
	},
		Entry("single", sender(single)),
		Entry("in a plain batch", batched(false)),
		Entry("in an atomic batch", batched(true)),
		Entry("in a transaction", sender(watched)),
	)

	DescribeTable("is indeterminate and was not sent again: cluster", func(send sender) {
		client, proxy := throughProxies(emptyCluster())
		d := redisdriver.New(client)
		DeferCleanup(d.Close)
		never(d, send, proxy)
	},
		Entry("single", sender(single)),
		Entry("in a plain batch", batched(false)),
		Entry("in an atomic batch", batched(true)),
		Entry("in a transaction", sender(watched)),
	)

	It("is indeterminate when the client's timeout ends the waiting", func() {
		server := emptyServer()
		proxy := proxied(server.Addr())
		d := driverOf(proxy.Addr(), func(o *redis.Options) { o.ReadTimeout = time.Second })
		do(d, add1)
		proxy.Stall()
		_, err := d.Do(ctx, add1)
		Expect(err).To(MatchError(drivers.ErrIndeterminate))
		var cause net.Error
		Expect(errors.As(err, &cause)).To(BeTrue(), "the raw cause should be there")
		Eventually(count).WithArguments(driverOf(server.Addr())).Should(BeEquivalentTo(2))
	})

	It("does not keep reads from being repeated", func() {
		proxy := proxied(emptyServer().Addr())
		d := driverOf(proxy.Addr())
		do(d, add1)
		proxy.DropReplies(2)
		Expect(count(d)).To(BeEquivalentTo(1))
		Expect(proxy.Dropped()).To(BeTrue())
	})
})

var _ = Describe("A server that cannot be reached", func() {
	quick := func(o *redis.Options) {
		o.DialerRetries, o.ReadTimeout = 1, 100*time.Millisecond
	}

	It("has certainly not executed a write", func() {
		server := ownServer()
		d := driverOf(server.Addr(), quick)
		server.Kill()
		_, err := d.Do(ctx, add1)
		Expect(err).To(HaveOccurred())
		Expect(err).NotTo(MatchError(drivers.ErrIndeterminate))
		var op *net.OpError
		Expect(errors.As(err, &op)).To(BeTrue(), "the raw cause should be there")
	})

	It("fails every item of a batch, and the batch", func() {
		server := ownServer()
		d := driverOf(server.Addr(), quick)
		server.Stop()
		for _, atomic := range []bool{false, true} {
			b := drivers.NewBatch(add1, drivers.Command{Op: drivers.OpGet, Key: "k"})
			b.Atomic = atomic
			err := drivers.DoBatch(ctx, d, b)
			Expect(err).To(HaveOccurred())
			Expect(err).NotTo(MatchError(drivers.ErrIndeterminate))
			for _, item := range b.Items {
				Expect(item.Err).To(HaveOccurred())
			}
		}
	})

	It("may have executed a write that was under way when it was killed", func() {
		server := ownServer()
		var dialer redisserver.Dialer
		d := driverOf(server.Addr(), func(o *redis.Options) { o.Dialer, o.ReadTimeout = dialer.Dial, time.Minute })
		do(d, add1)
		Expect(server.Pause()).To(Succeed())
		dialer.AfterNext(server.Kill)
		_, err := d.Do(ctx, add1)
		Expect(err).To(MatchError(drivers.ErrIndeterminate))
	})

	It("is not sent a write by a connection that could not be set up", func() {
		proxy := proxied(emptyServer().Addr())
		proxy.Stall()
		_, err := driverOf(proxy.Addr(), quick).Do(ctx, add1)
		Expect(err).To(HaveOccurred())
		Expect(err).NotTo(MatchError(drivers.ErrIndeterminate))
	})

	It("is looked for anew in a cluster, and found again", func() {
		client, proxy := throughProxies(emptyCluster())
		d := redisdriver.New(client)
		do(d, add1)
		proxy.Refuse()
		Eventually(func() error { _, err := d.Do(ctx, add1); return err }).Should(And(
			HaveOccurred(), Not(MatchError(drivers.ErrIndeterminate))))
		Expect(proxy.Heal()).To(Succeed())
		Eventually(func() error { _, err := d.Do(ctx, add1); return err }).Should(Succeed())
	})
})

var _ = Describe("A slot that moves within a cluster", Label(suite.Cluster, suite.Slow), func() {
	It("is followed by writes, which are executed once", func() {
		cluster := emptyCluster()
		d := redisdriver.New(clusterClient(cluster))
		do(d, add1)
		from, to := cluster.Node(0), cluster.Node(1)
		slot := ask(from, "CLUSTER", "KEYSLOT", "n")
		fromID, toID := ask(from, "CLUSTER", "MYID"), ask(to, "CLUSTER", "MYID")
		move := func(key string) {
			host, port, err := net.SplitHostPort(to.Addr())
			Expect(err).NotTo(HaveOccurred())
			ask(from, "MIGRATE", host, port, key, "0", "1000")
		}
		settle := func(owner string) {
			for i := range cluster.Addrs() {
				ask(cluster.Node(i), "CLUSTER", "SETSLOT", slot, "NODE", owner)
			}
		}
		DeferCleanup(func() {
			ask(to, "FLUSHALL")
			settle(fromID)
		})
		ask(to, "CLUSTER", "SETSLOT", slot, "IMPORTING", fromID)
		ask(from, "CLUSTER", "SETSLOT", slot, "MIGRATING", toID)
		move("n")
		for i, send := range []sender{single, batched(false), batched(true), watched} { // ASK
			Expect(send(d, add1, nothing)).To(Succeed(), strconv.Itoa(i))
		}
		settle(toID)
		for i, send := range []sender{single, batched(false), batched(true), watched} { // MOVED
			Expect(send(d, add1, nothing)).To(Succeed(), strconv.Itoa(i))
		}
		Expect(count(d)).To(BeEquivalentTo(9))
	})
})
