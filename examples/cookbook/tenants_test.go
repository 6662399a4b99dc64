package cookbook_test

import (
	"context"
	"fmt"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

// ofTenant is the shop of one tenant, who is known when the store is opened.
func ofTenant(driver drivers.Driver, tenant string) (ShopView, error) {
	return kv.Open(Shop.As[ShopView](), driver, kv.At("tenant", tenant))
}

// Shops holds the shop of every tenant, each in a slot of a cluster of its own.
var Shops = kv.Dynamic(kv.Colocated(Shop.As[ShopView]()))

func Example_tenants() {
	ctx, driver := context.Background(), memory.New()
	one, err := ofTenant(driver, "acme")
	fmt.Println(one.Stock.Path(), err)

	shops := kv.MustOpen(Shops, driver, kv.At("shops"))
	fmt.Println(shops.Take("acme").Stock.Path())
	check(shops.Take("acme").Stock.Write(ctx, 12))
	fmt.Println(shops.Take("acme").Erase(ctx)) // all that there is of a tenant
	// Output:
	// tenant:acme:shop:stock <nil>
	// shops:{acme}:stock
	// 1 <nil>
}
