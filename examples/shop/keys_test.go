package main

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

// The same schema by typed keys: constants take the place of the view's fields.
const (
	SettingsKey    kv.Key[kv.HashField[Settings]]                    = "settings"
	UsersKey       kv.Key[kv.CollectionStore[User]]                  = "users"
	SessionsKey    kv.Key[kv.DynamicStore[kv.StringField]]           = "sessions"
	CartsKey       kv.Key[kv.DynamicStore[kv.MapField[string, int]]] = "carts"
	WishesKey      kv.Key[kv.DynamicStore[kv.SetField]]              = "wishes"
	ProductsKey    kv.Key[kv.CollectionStore[Product]]               = "products"
	StockKey       kv.Key[kv.MapField[string, int]]                  = "stock"
	PickupsKey     kv.Key[kv.GeoField]                               = "pickups"
	OrdersKey      kv.Key[kv.CollectionStore[Order]]                 = "orders"
	PlacedKey      kv.Key[kv.DynamicStore[kv.StringField]]           = "placed"
	EventsKey      kv.Key[kv.StreamField[Event]]                     = "events"
	DeadKey        kv.Key[kv.StreamField[Event]]                     = "dead"
	LiveKey        kv.Key[kv.TopicField[Event]]                      = "live"
	BestsellersKey kv.Key[kv.SortedSetField]                         = "bestsellers"
	RevenueKey     kv.Key[kv.MapField[string, int]]                  = "revenue"
	VisitorsKey    kv.Key[kv.DynamicStore[kv.HyperLogLogField]]      = "visitors"
	AuditKey       kv.Key[kv.ListField]                              = "audit"
	RatesKey       kv.Key[kv.DynamicStore[kv.LimiterField]]          = "rates"
	ReportKey      kv.Key[kv.LockField]                              = "report"
)

var keyed = kv.Static("tenant").
	Hash(SettingsKey).
	Field(UsersKey, users).
	Field(SessionsKey, kv.Dynamic(kv.String(kv.ExpireIn(time.Hour)))).
	Field(CartsKey, kv.Dynamic(kv.Map[int](kv.ExpireIn(7*24*time.Hour)))).
	Field(WishesKey, kv.Dynamic(kv.Set())).
	Field(ProductsKey, products).
	Map(StockKey).
	Geo(PickupsKey).
	Field(OrdersKey, orders).
	Field(PlacedKey, kv.Dynamic(kv.String(kv.ExpireIn(24*time.Hour)))).
	Stream(EventsKey, kv.Cap(10_000)).
	Stream(DeadKey).
	Topic(LiveKey).
	SortedSet(BestsellersKey).
	Map(RevenueKey).
	Field(VisitorsKey, kv.Dynamic(kv.HyperLogLog(kv.ExpireIn(31*24*time.Hour)))).
	List(AuditKey, kv.Cap(1000)).
	Field(RatesKey, kv.Dynamic(kv.Limiter(kv.Per(100, time.Minute)))).
	Lock(ReportKey, time.Minute)

var _ = Describe("The schema by typed keys", func() {
	It("is the same tree, and leads to the same keys", func(ctx context.Context) {
		Expect(keyed.Tree().String()).To(Equal(Tenant.Tree().String()))
		driver := memory.New()
		byKeys := kv.MustOpen(kv.Dynamic(kv.Colocated(keyed)), driver, kv.At("tenants")).Take("acme")
		byView := kv.MustOpen(Tenants, driver, kv.At("tenants")).Take("acme")
		Expect(byKeys.Take(StockKey).Put(ctx, "tea", 3)).To(Succeed())
		Expect(byView.Stock.Get(ctx, "tea")).To(Equal(3))
	})
})
