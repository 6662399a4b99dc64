package cookbook_test

import (
	"context"
	"errors"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

func inMemory() drivers.Driver { return memory.New() }

// onRedis starts a server for one spec: a redis-server on PATH is all that it takes.
func onRedis() drivers.Driver {
	server, err := redisserver.Start()
	if redisserver.MayBeLeftOut(err) {
		Skip(err.Error())
	}
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(server.Stop)
	client := redis.NewClient(&redis.Options{Addr: server.Addr(), ContextTimeoutEnabled: true})
	DeferCleanup(client.Close)
	return redisdriver.New(client)
}

var _ = Describe("the shop", func() {
	for name, driver := range map[string]func() drivers.Driver{"in memory": inMemory, "on Redis": onRedis} {
		Context(name, func() {
			It("sells what there is, and no more", func(ctx context.Context) {
				shop := kv.MustOpen(Shop.As[ShopView](), driver())
				Expect(shop.Stock.Write(ctx, 1)).To(Succeed())

				Expect(sell(ctx, shop, "1", Order{"tea", 300})).To(Succeed())
				Expect(sell(ctx, shop, "2", Order{"tea", 300})).To(MatchError(errSoldOut))
				Expect(shop.Orders).To(spec.HoldKeys("1"))
			})
		})
	}
})

var _ = Describe("a recipe", func() {
	It("finds the master that a Sentinel watches", Label(suite.Cluster), func(ctx context.Context) {
		master, err := redisserver.Start()
		if redisserver.MayBeLeftOut(err) {
			Skip(err.Error())
		}
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(master.Stop)
		sentinel, err := redisserver.StartSentinel("shop", master)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(sentinel.Stop)
		client := ofSentinel([]string{sentinel.Addr()}, "shop")
		DeferCleanup(client.Close)

		shop, err := openOn(ctx, client)
		Expect(err).NotTo(HaveOccurred())
		Expect(shop.Stock.Increment(ctx, 1)).To(BeEquivalentTo(1))
	})

	It("connects over TLS, as a user", func() {
		client := overTLS("localhost:6380", "app", "s3cret")
		DeferCleanup(client.Close)
		options := client.(*redis.Client).Options()
		Expect(options.TLSConfig).NotTo(BeNil())
		Expect(options.Username + ":" + options.Password).To(Equal("app:s3cret"))
	})

	It("opens the shop on a cluster", Label(suite.Cluster), func(ctx context.Context) {
		cluster, err := redisserver.StartCluster(3, 0)
		if redisserver.MayBeLeftOut(err) {
			Skip(err.Error())
		}
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(cluster.Stop)
		client := ofCluster(redis.UniversalOptions{Addrs: cluster.Addrs()})
		DeferCleanup(client.Close)

		shop, err := openOn(ctx, client)
		Expect(err).NotTo(HaveOccurred())
		Expect(shop.Stock.Write(ctx, 1)).To(Succeed())
		Expect(sell(ctx, shop, "1", Order{"tea", 300})).To(Succeed())
		Expect(shop.Orders).To(spec.HoldKeys("1"))
	})

	It("buries what cannot be sent, and revives it", func(ctx context.Context) {
		now := time.Now()
		shop := kv.MustOpen(Shop.As[ShopView](), memory.New(memory.WithClock(func() time.Time { return now })))
		mailers := shop.Events.Group("mailers")
		Expect(mailers.Create(ctx, "")).To(BeTrue())
		for _, event := range []string{"poison", "last"} {
			_, err := shop.Events.Append(ctx, event)
			Expect(err).NotTo(HaveOccurred())
		}
		tries := 0
		mailing, stop := context.WithCancel(ctx)
		for mailing.Err() == nil {
			round, end := context.WithCancel(mailing)
			err := mail(round, shop.Events, shop.Unsent, "ann", func(_ context.Context, event string) error {
				if event == "last" {
					return nil
				}
				if tries++; tries == 5 {
					stop()
				}
				end()
				return errors.New("refused")
			})
			Expect(err).To(MatchError(context.Canceled))
			now = now.Add(time.Minute)
		}
		stop()
		Expect(tries).To(Equal(5))
		Expect(shop.Unsent.Len(ctx)).To(Equal(1))
		Expect(revive(ctx, shop.Events, shop.Unsent)).To(Succeed())
		Expect(shop.Unsent.Len(ctx)).To(BeZero())
		Expect(shop.Events.Len(ctx)).To(Equal(3))
	})

	It("moves a part of one stock to another", func(ctx context.Context) {
		driver := memory.New()
		north := kv.MustOpen(Shop.As[ShopView](), driver, kv.At("north"))
		south := kv.MustOpen(Shop.As[ShopView](), driver, kv.At("south"))
		Expect(north.Stock.Write(ctx, 12)).To(Succeed())
		Expect(transfer(ctx, north, south, 5)).To(Equal(int64(7)))
		Expect(transfer(ctx, north, south, 8)).Error().To(MatchError(errSoldOut))
		Expect(north.Stock.Read(ctx)).To(BeEquivalentTo(7))
		Expect(south.Stock.Read(ctx)).To(BeEquivalentTo(5))
	})
})
