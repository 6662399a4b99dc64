package cookbook_test

import (
	"context"
	"time"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

// What the recipes are about.
type (
	User struct {
		Name string `json:"name"`
		Mail string `json:"mail"`
	}
	Order struct {
		Of    string `json:"of"`
		Cents int    `json:"cents"`
	}
)

const (
	ByMail  kv.IndexKey[string] = "mail"
	ByCents kv.IndexKey[int]    = "cents"
)

var Shop = kv.Static("shop").
	Field("users", kv.Collection(kv.JSON[User](), kv.Unique(ByMail, func(u User) []string { return []string{u.Mail} }))).
	Field("orders", kv.Collection(kv.JSON[Order](), kv.Index(ByCents, func(o Order) []int { return []int{o.Cents} }))).
	Field("sessions", kv.Dynamic(kv.String(kv.Sliding(time.Hour)))).
	Int("stock").
	Field("events", kv.Stream[string]()).
	Field("unsent", kv.Stream[string]()).
	Lock("stocktaking", time.Minute).
	Field("logins", kv.Dynamic(kv.Limiter(kv.Per(3, time.Minute).Burst(3))))

type ShopView struct {
	kv.StaticStore
	Users       kv.CollectionStore[User]         `kv:"users"`
	Orders      kv.CollectionStore[Order]        `kv:"orders"`
	Sessions    kv.DynamicStore[kv.StringField]  `kv:"sessions"`
	Stock       kv.IntField                      `kv:"stock"`
	Events      kv.StreamField[string]           `kv:"events"`
	Unsent      kv.StreamField[string]           `kv:"unsent"`
	Stocktaking kv.LockField                     `kv:"stocktaking"`
	Logins      kv.DynamicStore[kv.LimiterField] `kv:"logins"`
}

// openShop is an empty shop. In a cluster it would be kv.Colocated, for the sake of its
// collections and transactions.
func openShop() (context.Context, ShopView) {
	return context.Background(), kv.MustOpen(Shop.As[ShopView](), memory.New())
}

// check ends an example that does not go as it should.
func check(err error) {
	if err != nil {
		panic(err)
	}
}
