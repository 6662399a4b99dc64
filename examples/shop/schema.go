// Shop is the back end of shops for many tenants: who buys, what there is, and what became of
// it. It shows transactions made of helpers, queries with filters and an order, and workers.
package main

import (
	"time"

	"github.com/kvstore-go/kvstore/kv"
)

// User is a customer, or somebody of the shop.
type User struct {
	Email string `json:"email" jsonschema:"format=email"`
	Role  string `json:"role" jsonschema:"enum=customer,enum=admin"`
	Plan  string `json:"plan" jsonschema:"enum=free,enum=paid"`
}

// Product is what a shop sells. How many there are is counted apart, as that changes often.
type Product struct {
	Name     string `json:"name" jsonschema:"minLength=1"`
	Category string `json:"category"`
	Cents    int    `json:"cents" jsonschema:"minimum=1"`
}

// Order is what a customer has bought.
type Order struct {
	Customer string         `json:"customer"`
	State    string         `json:"state" jsonschema:"enum=paid,enum=sent,enum=failed"`
	Created  time.Time      `json:"created"`
	Items    map[string]int `json:"items" jsonschema:"minProperties=1,values.minimum=1"`
	Cents    int            `json:"cents"`
}

// Event is something that happened, for those whom it concerns.
type Event struct {
	Kind  string `json:"kind"`
	Order string `json:"order"`
}

// Settings are changed one by one.
type Settings struct {
	Name  string `json:"name"`
	Open  bool   `json:"open"`
	Taxed int    `json:"taxed"`
}

// The indexes, each with the type of its values.
const (
	ByEmail    kv.IndexKey[string]               = "email"
	ByRole     kv.IndexKey[string]               = "role"
	ByCategory kv.IndexKey[string]               = "category"
	ByPrice    kv.IndexKey[int]                  = "price"
	ByCustomer kv.IndexKey[string]               = "customer"
	ByCreated  kv.IndexKey[time.Time]            = "created"
	ByState    kv.CompoundKey[string, time.Time] = "state"
)

var (
	users = kv.Collection(kv.JSON[User](),
		kv.Unique(ByEmail, func(u User) []string { return []string{u.Email} }),
		kv.Index(ByRole, func(u User) []string { return []string{u.Role} }))

	products = kv.Collection(kv.JSON[Product](),
		kv.Index(ByCategory, func(p Product) []string { return []string{p.Category} }),
		kv.Index(ByPrice, func(p Product) []int { return []int{p.Cents} }))

	orders = kv.Collection(kv.JSON[Order](),
		kv.Index(ByCustomer, func(o Order) []string { return []string{o.Customer} }),
		kv.Index(ByCreated, created),
		kv.Compound(ByState, func(o Order) []string { return []string{o.State} }, created))
)

func created(o Order) []time.Time { return []time.Time{o.Created} }

// Tenant is all that is stored of one shop. It is one slot of a cluster, so that any of it can
// change together.
var Tenant = kv.Static("tenant").
	Hash[Settings]("settings").
	Field("users", users).
	Field("sessions", kv.Dynamic(kv.String(kv.ExpireIn(time.Hour)))).
	Field("carts", kv.Dynamic(kv.Map[int](kv.ExpireIn(7*24*time.Hour)))).
	Field("wishes", kv.Dynamic(kv.Set())).
	Field("products", products).
	Map[int]("stock").
	Geo("pickups").
	Field("orders", orders).
	Field("placed", kv.Dynamic(kv.String(kv.ExpireIn(24*time.Hour)))).
	Stream[Event]("events", kv.Cap(10_000)).
	Stream[Event]("dead").
	Topic[Event]("live").
	SortedSet("bestsellers").
	Map[int]("revenue").
	Field("visitors", kv.Dynamic(kv.HyperLogLog(kv.ExpireIn(31*24*time.Hour)))).
	List("audit", kv.Cap(1000)).
	Field("rates", kv.Dynamic(kv.Limiter(kv.Per(100, time.Minute)))).
	Lock("report", time.Minute)

// TenantView is how the program sees it.
type TenantView struct {
	kv.Store
	Settings    kv.HashField[Settings]                    `kv:"settings"`
	Users       kv.CollectionStore[User]                  `kv:"users"`
	Sessions    kv.DynamicStore[kv.StringField]           `kv:"sessions"` // the user's id
	Carts       kv.DynamicStore[kv.MapField[string, int]] `kv:"carts"`    // by user: how many of which product
	Wishes      kv.DynamicStore[kv.SetField]              `kv:"wishes"`
	Products    kv.CollectionStore[Product]               `kv:"products"`
	Stock       kv.MapField[string, int]                  `kv:"stock"`
	Pickups     kv.GeoField                               `kv:"pickups"`
	Orders      kv.CollectionStore[Order]                 `kv:"orders"`
	Placed      kv.DynamicStore[kv.StringField]           `kv:"placed"` // by idempotency key: the order
	Events      kv.StreamField[Event]                     `kv:"events"`
	Dead        kv.StreamField[Event]                     `kv:"dead"`
	Live        kv.TopicField[Event]                      `kv:"live"`
	Bestsellers kv.SortedSetField                         `kv:"bestsellers"`
	Revenue     kv.MapField[string, int]                  `kv:"revenue"` // by day, in cents
	Visitors    kv.DynamicStore[kv.HyperLogLogField]      `kv:"visitors"`
	Audit       kv.ListField                              `kv:"audit"`
	Rates       kv.DynamicStore[kv.LimiterField]          `kv:"rates"`
	Report      kv.LockField                              `kv:"report"`
}

// Tenants is the whole key space: tenants:{acme}:orders:…
var Tenants = kv.Dynamic(kv.Colocated(Tenant.As[TenantView]()))
