package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
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

func TestShop(t *testing.T) {
	redis.SetLogger(suite.Log{})
	suite.Run(t, "the shop")
}

// onRedis connects with a server, or several, of the spec's own.
func onRedis[S interface{ Stop() }](start func() (S, error), addresses func(S) []string) func() drivers.Driver {
	return func() drivers.Driver {
		GinkgoHelper()
		server, err := start()
		if redisserver.MayBeLeftOut(err) {
			Skip("left out: " + err.Error())
		}
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Stop)
		client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: addresses(server), ContextTimeoutEnabled: true})
		DeferCleanup(client.Close)
		return redisdriver.New(client)
	}
}

var _ = DescribeTableSubtree("The shop", Ordered, func(open func() drivers.Driver) {
	var tenants kv.DynamicStore[TenantView]
	var shop TenantView
	at := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

	BeforeAll(func() { tenants = kv.MustOpen(Tenants, open(), kv.At("tenants")) })

	BeforeEach(func(ctx context.Context) { // each in a shop of its own
		shop = tenants.Take(CurrentSpecReport().LeafNodeText)
		Expect(shop.Users.Take("ann").Write(ctx, User{"ann@acme.example", "customer", "free"})).To(Succeed())
		for sku, product := range map[string]Product{
			"tea": {"Tea", "drinks", 350}, "mug": {"Mug", "kitchen", 900}, "pot": {"Pot", "kitchen", 2400}, "jam": {"Jam", "food", 480},
		} {
			Expect(shop.Products.Take(sku).Write(ctx, product)).To(Succeed())
			Expect(shop.Stock.Put(ctx, sku, 3)).To(Succeed())
		}
	})
	fill := func(ctx context.Context, customer string, items map[string]int) {
		GinkgoHelper()
		Expect(shop.Carts.Take(customer).Write(ctx, items)).To(Succeed())
	}
	buy := func(ctx context.Context, customer, id string, created time.Time) {
		GinkgoHelper()
		fill(ctx, customer, map[string]int{"tea": 1})
		Expect(Place(ctx, shop, customer, "key of "+id, id, created)).Error().NotTo(HaveOccurred())
	}

	It("sells what is in a cart: several items, an order, two events and the figures, in one step", func(ctx context.Context) {
		fill(ctx, "ann", map[string]int{"tea": 2, "mug": 1})
		Expect(Place(ctx, shop, "ann", "k1", "o1", at)).To(HaveField("Cents", 1600))
		Expect(shop.Orders.Take("o1").Read(ctx)).To(HaveField("Items", map[string]int{"tea": 2, "mug": 1}))
		Expect(shop.Stock.Read(ctx)).To(Equal(map[string]int{"tea": 1, "mug": 2, "pot": 3, "jam": 3}))
		Expect(shop.Events.Len(ctx)).To(Equal(2))
		Expect(shop.Revenue.Get(ctx, "2026-11-28")).To(Equal(1600))
		Expect(shop.Bestsellers.Score(ctx, "tea")).To(Equal(2.0))
		Expect(shop.Carts.Take("ann")).To(spec.BeAbsent())
		Expect(tenants.Take("acme").Orders.Take("o1").Path()).To(Equal("tenants:{acme}:orders:o1"))

		By("the same request once more")
		Expect(Place(ctx, shop, "ann", "k1", "o2", at)).To(HaveField("Cents", 1600))
		Expect(shop.Orders.Len(ctx)).To(Equal(1))
	})

	It("sells nothing of an order that it cannot fulfil", func(ctx context.Context) {
		fill(ctx, "ann", map[string]int{"tea": 1, "pot": 4})
		Expect(Place(ctx, shop, "ann", "k1", "o1", at)).Error().To(MatchError(ErrSoldOut))
		Expect(shop.Stock.Get(ctx, "tea")).To(Equal(3))
		Expect(shop.Orders.Len(ctx)).To(BeZero())
		Expect(shop.Events.Len(ctx)).To(BeZero())
		Expect(shop.Carts.Take("ann").Len(ctx)).To(Equal(2))
	})

	It("sells no more than there is, however many buy at once", func(ctx context.Context) {
		Expect(shop.Stock.Put(ctx, "tea", 20)).To(Succeed())
		var sold, refused atomic.Int64
		var buyers sync.WaitGroup
		for i := range 50 {
			fill(ctx, strconv.Itoa(i), map[string]int{"tea": 1})
			buyers.Go(func() {
				defer GinkgoRecover()
				if _, err := Place(ctx, shop, strconv.Itoa(i), fmt.Sprint("k", i), fmt.Sprint("o", i), at); err != nil {
					Expect(err).To(MatchError(ErrSoldOut))
					refused.Add(1)
					return
				}
				sold.Add(1)
			})
		}
		buyers.Wait()
		Expect([]int64{sold.Load(), refused.Load()}).To(Equal([]int64{20, 30}))
		Expect(shop.Stock.Get(ctx, "tea")).To(BeZero())
		Expect(shop.Orders.Len(ctx)).To(Equal(20))
	})

	It("packs what is bought, and leaves to people what cannot be", func(ctx context.Context) {
		for i := range 4 {
			Expect(shop.Stock.Put(ctx, "tea", 1)).To(Succeed())
			buy(ctx, "ann", fmt.Sprint("o", i), at)
		}
		Expect(shop.Events.Group("packers").Create(ctx, "")).To(BeTrue())
		working, stop := context.WithCancel(ctx)
		defer stop()
		var tries atomic.Int64
		done := make(chan error)
		go func() {
			done <- Work(working, shop, "packer 1", func(_ context.Context, id string, _ Order) error {
				if id != "o2" {
					return nil
				}
				tries.Add(1)
				return errors.New("it does not fit into any parcel")
			})
		}()
		Eventually(ctx, func() (int, error) { return shop.Dead.Len(ctx) }).Should(Equal(1))
		stop()
		Expect(<-done).To(MatchError(context.Canceled))
		Expect(tries.Load()).To(BeEquivalentTo(3))
		Expect(shop.Orders.Find(ByState.With("sent")).Count(ctx)).To(Equal(3))
		Expect(shop.Dead.Range("", "").Page(ctx, 2)).To(HaveExactElements(HaveField("Value", Event{"pack", "o2"})))
	})

	It("lists orders for the admin, filtered and in order, page by page", func(ctx context.Context) {
		Expect(shop.Stock.Put(ctx, "tea", 100)).To(Succeed())
		for i := range 7 {
			buy(ctx, []string{"ann", "bob"}[i%2], fmt.Sprint("o", i), at.Add(time.Duration(10-i)*time.Hour))
		}
		var ids []string
		for cursor, more := "", true; more; more = cursor != "" {
			page, err := NewestOrders(ctx, shop, "paid", 3, cursor)
			Expect(err).NotTo(HaveOccurred())
			for _, order := range page.Entries {
				ids = append(ids, order.Key)
			}
			cursor = page.Next
			buy(ctx, "cyd", fmt.Sprint("meanwhile", len(ids)), at.Add(24*time.Hour)) // ahead of the page, so not on it
		}
		Expect(ids).To(Equal([]string{"o0", "o1", "o2", "o3", "o4", "o5", "o6"}))
		page, err := OrdersOf(ctx, shop, "bob", at.Add(7*time.Hour), 10, "")
		Expect(err).NotTo(HaveOccurred())
		Expect(page.Entries).To(HaveExactElements(HaveField("Key", "o3"), HaveField("Key", "o1")))
	})

	It("finds products by price in any of several categories, and counts them", func(ctx context.Context) {
		page, err := Bargains(ctx, shop, 1000, 10, "kitchen", "food")
		Expect(err).NotTo(HaveOccurred())
		Expect(page.Entries).To(HaveExactElements(HaveField("Key", "jam"), HaveField("Key", "mug")))
		Expect(Categories(ctx, shop)).To(Equal(map[string]int{"drinks": 1, "kitchen": 2, "food": 1}))
	})

	It("forgets a customer", func(ctx context.Context) {
		buy(ctx, "ann", "o1", at)
		buy(ctx, "bob", "o2", at)
		fill(ctx, "ann", map[string]int{"jam": 1})
		Expect(Forget(ctx, shop, "ann")).To(Equal(1))
		Expect(shop.Orders).To(spec.HoldKeys("o2"))
		Expect(shop.Users.Find(ByEmail.Is("ann@acme.example")).Count(ctx)).To(BeZero())
		Expect(shop.Carts.Take("ann")).To(spec.BeAbsent())
		Expect(shop.Audit.Read(ctx)).To(Equal([]string{"ann is forgotten"}))
	})
},
	Entry("in memory", func() drivers.Driver { return memory.New() }),
	Entry("on Redis", Label(suite.Redis), onRedis(func() (*redisserver.Server, error) { return redisserver.Start() },
		func(s *redisserver.Server) []string { return []string{s.Addr()} })),
	Entry("on a cluster", Label(suite.Cluster), onRedis(func() (*redisserver.Cluster, error) { return redisserver.StartCluster(3, 0) },
		(*redisserver.Cluster).Addrs)),
)
