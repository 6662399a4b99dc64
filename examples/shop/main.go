package main

import (
	"context"
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

// main draws the key space, and sells a pot of tea.
func main() {
	ctx := context.Background()
	fmt.Println(Tenants.Tree("tenants"))
	shop := kv.MustOpen(Tenants, memory.New(), kv.At("tenants")).Take("acme")
	fmt.Println(shop.Products.Take("pot").Write(ctx, Product{"A pot of tea", "drinks", 700}))
	fmt.Println(shop.Stock.Put(ctx, "pot", 1))
	fmt.Println(shop.Carts.Take("ann").Put(ctx, "pot", 1))
	fmt.Println(Place(ctx, shop, "ann", "a key", "1", time.Now()))
}
