package cookbook_test

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/near"
	"github.com/kvstore-go/kvstore/drivers/oteldriver"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
)

type CatalogView struct {
	Products kv.DynamicStore[kv.JSONField[Product]] `kv:"products"`
	Banned   kv.SetField                            `kv:"banned"`
	Visits   kv.IntField                            `kv:"visits"`
}

// Catalog has products and who is banned near, and the visits not.
var Catalog = kv.Static("catalog").
	Field("products", kv.AllNear(kv.Dynamic(kv.JSON[Product]()))).
	Set("banned", kv.Near()).
	Int("visits").
	As[CatalogView]()

func catalog(client redis.UniversalClient) (CatalogView, *near.Driver, error) {
	driver := near.New(redisdriver.New(client), near.MaxBytes(256<<20))
	if _, err := oteldriver.ObserveNear("catalog", driver.Stats); err != nil {
		return CatalogView{}, nil, err
	}
	view, err := kv.Open(Catalog, driver)
	return view, driver, err
}

func price(ctx context.Context, view CatalogView, id string) (cents int, err error) {
	product, err := view.Products.Take(id).Read(ctx) // nanoseconds, as long as nothing has changed
	return product.Cents, err
}

func priceToCharge(ctx context.Context, view CatalogView, id string) (cents int, err error) {
	product, err := view.Products.Take(id).Read(kv.Fresh(ctx)) // what is stored now
	return product.Cents, err
}

func Example_hotReads() {
	ctx := context.Background()
	driver := near.New(memory.New())
	view := kv.MustOpen(Catalog, driver)
	check(view.Products.Take("7").Write(ctx, Product{"a lamp", 1900}))
	fmt.Println(price(ctx, view, "7"))
	check(view.Products.Take("7").Write(ctx, Product{"a lamp", 1500}))
	fmt.Println(price(ctx, view, "7")) // a process reads what it wrote
	fmt.Println(priceToCharge(ctx, view, "7"))
	check(driver.Close())
	// Output:
	// 1900 <nil>
	// 1500 <nil>
	// 1500 <nil>
}

var _ = catalog // it needs a server
