package redisdriver_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

var _ = Describe("Ping", func() {
	// within ends well before the suite would.
	within := func(ctx context.Context) context.Context {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		DeferCleanup(cancel)
		return ctx
	}

	It("needs two commands, the right to PING, and writes nothing", func(ctx context.Context) {
		server := emptyServer()
		driver := redisdriver.New(clientOf(server.Addr(), as(server, "+ping")))
		Expect(drivers.Ping(ctx, driver)).To(Succeed())
		Expect(ask(server, "DBSIZE")).To(ContainSubstring("0"))
		Expect(driver.Close()).To(Succeed())
		Expect(drivers.Ping(ctx, driver)).To(MatchError(drivers.ErrClosed))
	})

	It("says which server is gone", func(ctx context.Context) {
		server := ownServer()
		driver := redisdriver.New(clientOf(server.Addr()))
		Expect(drivers.Ping(within(ctx), driver)).To(Succeed())
		server.Stop()
		err := drivers.Ping(within(ctx), driver)
		Expect(err).To(MatchError(drivers.ErrUnavailable))
		Expect(err).To(MatchError(ContainSubstring(server.Addr())))
	})

	It("says that a replica takes no writes", func(ctx context.Context) {
		server := ownServer()
		ask(server, "REPLICAOF", "127.0.0.1", "1")
		err := drivers.Ping(within(ctx), redisdriver.New(clientOf(server.Addr())))
		Expect(err).To(MatchError(ContainSubstring("takes no writes")))
	})

	for _, heeds := range []bool{true, false} {
		It("ends with its context where a master of a cluster is silent, and says which", func(ctx context.Context) {
			cluster, err := redisserver.StartCluster(3, 0)
			needServer(err)
			DeferCleanup(cluster.Stop)
			client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: cluster.Addrs(), ContextTimeoutEnabled: heeds})
			DeferCleanup(client.Close)
			driver := redisdriver.New(client)
			Expect(drivers.Ping(within(ctx), driver)).To(Succeed())
			Expect(cluster.Node(1).Pause()).To(Succeed())
			DeferCleanup(cluster.Node(1).Resume)
			Eventually(func() string {
				err := drivers.Ping(within(ctx), driver)
				Expect(err).To(MatchError(context.DeadlineExceeded))
				Expect(err).NotTo(MatchError(Or(ContainSubstring(cluster.Node(0).Addr()), ContainSubstring(cluster.Node(2).Addr()))))
				return err.Error()
			}).WithTimeout(time.Minute).Should(ContainSubstring(cluster.Node(1).Addr()), "unless it was asked which masters there are")
		})
	}
})

var _ = Describe("Pool", func() {
	It("counts connections, and who waits for one", func(ctx context.Context) {
		client := clientOf(emptyServer().Addr(), func(o *redis.Options) { o.PoolSize, o.PoolTimeout = 1, time.Millisecond })
		driver := redisdriver.New(client)
		_, err := driver.Do(ctx, drivers.Command{Op: drivers.OpGet, Key: "a"})
		Expect(err).NotTo(HaveOccurred())
		stats, err := drivers.Pool(drivers.Use(driver, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error { return next(ctx, b) }))
		Expect(err).NotTo(HaveOccurred())
		Expect(stats).To(Equal(drivers.PoolStats{Idle: 1}))
		tx, err := drivers.Begin(ctx, driver, "a")
		Expect(err).NotTo(HaveOccurred())
		defer tx.End()
		Expect(tx.Watch(ctx, "a")).To(Succeed())
		_, err = driver.Do(ctx, drivers.Command{Op: drivers.OpGet, Key: "a"})
		Expect(err).To(MatchError(drivers.ErrUnavailable))
		Expect(driver.Pool()).To(And(HaveField("InUse", 1), HaveField("Idle", 0), HaveField("Timeouts", BeNumerically(">", 0))))
	})
})
