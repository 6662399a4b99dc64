package main

import (
	"context"
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/kv"
)

// Customer is a view: the fields of the store of one customer.
type Customer struct {
	Profile kv.JSONField[Profile] `kv:"profile"`
	Tags    kv.SetField           `kv:"tags"`
	Visits  kv.BitSetField        `kv:"visits"` // a counter for each month
}

// Profile and Order are documents; the tags are enforced wherever they go.
type Profile struct {
	Name string `json:"name" jsonschema:"minLength=1"`
	City string `json:"city"`
}

// Order is a document of a collection.
type Order struct {
	Customer string    `json:"customer"`
	Total    int       `json:"total" jsonschema:"minimum=0"`
	Placed   time.Time `json:"placed"`
}

// The keys: each carries the type of handle that Take gives for it.
const (
	Customers kv.Key[kv.DynamicStore[Customer]]       = "customers"
	Orders    kv.Key[kv.CollectionStore[Order]]       = "orders"
	Sessions  kv.Key[kv.DynamicStore[kv.StringField]] = "sessions"

	ByCustomer kv.IndexKey[string] = "customer"
)

// Shop is the schema whose data is moved. Put your own here.
var Shop = kv.Static("shop").
	Field(Customers, kv.Dynamic(kv.Static("customer").JSON[Profile]("profile").Set("tags").BitSet("visits", kv.U16).As[Customer]())).
	Field(Orders, kv.Colocated(kv.Collection(kv.JSON[Order](), kv.Index(ByCustomer, func(o Order) []string { return []string{o.Customer} })))).
	Field(Sessions, kv.Dynamic(kv.String(kv.ExpireIn(time.Hour))))

// fill puts data of every kind into a shop, about so many values.
func fill(ctx context.Context, shop kv.StaticStore, values int) error {
	start := time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)
	cities := []string{"Kraków", "Łódź", "Gdańsk"}
	for left := values; left > 0; left -= 5 {
		var batch kv.Batch
		id, bound := fmt.Sprintf("c%d", left/5), batch.Bind(shop)
		customer := bound.Take(Customers).Take(id)
		batch.Exec(func(ctx context.Context) error {
			return customer.Profile.Write(ctx, Profile{Name: "Customer " + id, City: cities[left%len(cities)]})
		})
		batch.Do(func(ctx context.Context) (int, error) { return customer.Tags.Add(ctx, "new", cities[left%len(cities)]) })
		batch.Do(func(ctx context.Context) (int64, error) { return customer.Visits.Increment(ctx, int64(left%12), 1) })
		batch.Exec(func(ctx context.Context) error {
			return bound.Take(Orders).Take("o-"+id).Write(ctx, Order{Customer: id, Total: left, Placed: start.Add(time.Duration(left) * time.Minute)})
		})
		batch.Exec(func(ctx context.Context) error { return bound.Take(Sessions).Take("s-"+id).Write(ctx, id) })
		if err := batch.Run(ctx); err != nil {
			return err
		}
	}
	return nil
}
