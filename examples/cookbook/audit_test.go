package cookbook_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

// audit tells what is stored below a shop and does not fit its schema, and how much there is.
func audit(ctx context.Context, shop ShopView) error {
	usage := kv.OnUsage(func(table []kv.Usage) {
		for _, row := range table {
			fmt.Println(row.Pattern, row.Keys, "keys,", row.Lasting, "of them for ever")
		}
	})
	for found, err := range kv.Audit(ctx, shop, usage) {
		if err != nil {
			return err
		}
		fmt.Println(found)
	}
	return nil
}

func Example_audit() {
	ctx, driver := context.Background(), memory.New()
	shop := kv.MustOpen(Shop.As[ShopView](), driver)
	check(shop.Sessions.Take("ann").Write(ctx, "ann's"))
	for key, text := range map[string]string{"shop:sessions:bob:2": "bob's", "shop:tills": "3"} { // what another program does
		_, err := driver.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: key, Value: text})
		check(err)
	}
	check(shop.Stock.Write(ctx, 12))
	check(audit(ctx, shop))

	var file bytes.Buffer // or an *os.File
	for found, err := range kv.Audit(ctx, shop,
		kv.Repair(kv.MisspelledID, kv.UndeclaredKey), kv.ExportUndeclared(&file)) {
		check(err)
		fmt.Println(found.Path, found.Canonical, found.Repaired)
	}
	fmt.Println(shop.Sessions.Take("bob:2").Read(ctx))
	fmt.Println(kv.ImportUndeclared(ctx, driver, &file))
	// Unordered output:
	// undeclared key: kv: Audit shop:tills: "tills" below shop: not declared in the schema
	// misspelled id: kv: Audit shop:sessions:bob:2: "2" below shop:sessions:bob: not declared in the schema: it should be shop:sessions:bob%3A2
	//  2 keys, 2 of them for ever
	// shop:sessions:* 1 keys, 0 of them for ever
	// shop:stock 1 keys, 1 of them for ever
	// shop:tills  true
	// shop:sessions:bob:2 shop:sessions:bob%3A2 true
	// bob's <nil>
	// 1 <nil>
}
