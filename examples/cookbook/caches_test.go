package cookbook_test

import (
	"context"
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

type Product struct {
	Name  string `json:"name" jsonschema:"minLength=1"`
	Cents int    `json:"cents" jsonschema:"minimum=0"`
}

// database is where products come from.
type database struct {
	products map[string]Product
	asked    int
}

func (db *database) product(_ context.Context, id string) (Product, error) {
	db.asked++
	product, exists := db.products[id]
	if !exists {
		return Product{}, kv.ErrNotFound
	}
	return product, nil
}

func (db *database) reprice(id string, cents int) error {
	product := db.products[id]
	product.Cents = cents
	db.products[id] = product
	return nil
}

func product(ctx context.Context, cache kv.DynamicStore[kv.JSONField[Product]], id string, db *database) (Product, error) {
	load := func(ctx context.Context) (Product, error) { return db.product(ctx, id) } // kv.ErrNotFound, if there is none
	return cache.Take(id).Fetch(ctx, load, kv.RememberNone(10*time.Second), kv.Jitter(5*time.Minute))
}

func reprice(ctx context.Context, cache kv.DynamicStore[kv.JSONField[Product]], id string, cents int, db *database) error {
	if err := db.reprice(id, cents); err != nil {
		return err
	}
	_, err := cache.Take(id).Forget(ctx)
	return err
}

func Example_loadingOnce() {
	ctx := context.Background()
	db := &database{products: map[string]Product{"7": {"a lamp", 1900}}}
	cache := kv.MustOpen(kv.Dynamic(kv.JSON[Product](kv.ExpireIn(time.Hour))), memory.New(), kv.At("products"))
	for _, id := range []string{"7", "7", "8", "8"} {
		product, err := product(ctx, cache, id, db)
		fmt.Println(product, err)
	}
	check(reprice(ctx, cache, "7", 1500, db))
	fmt.Println(product(ctx, cache, "7", db))
	fmt.Println("asked", db.asked, "times")
	// Output:
	// {a lamp 1900} <nil>
	// {a lamp 1900} <nil>
	// { 0} kv: Fetch products:8: not found
	// { 0} kv: Fetch products:8: not found
	// {a lamp 1500} <nil>
	// asked 3 times
}

func frontPage(ctx context.Context, page kv.StringField, render func(ctx context.Context) (string, error)) (string, error) {
	return page.Fetch(ctx, render, kv.FreshFor(time.Minute), kv.KeepStale)
}

func Example_servingStale() {
	ctx := context.Background()
	page := kv.MustOpen(kv.String(kv.ExpireIn(time.Hour)), memory.New(), kv.At("page"))
	fmt.Println(frontPage(ctx, page, func(context.Context) (string, error) { return "of noon", nil }))
	_, err := page.Expire(ctx, 50*time.Minute) // ten minutes pass
	check(err)
	rendered := make(chan struct{})
	fmt.Println(frontPage(ctx, page, func(context.Context) (string, error) { close(rendered); return "of ten past", nil }))
	<-rendered
	// Output:
	// of noon <nil>
	// of noon <nil>
}
