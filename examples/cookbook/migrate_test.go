package cookbook_test

import (
	"bytes"
	"context"
	"fmt"
	"log"

	"github.com/kvstore-go/kvstore/kv"
)

// migrate copies everything to another driver, and tells what does not fit the schema there.
// What is written to old meanwhile may be missed: stop writers, or run it again.
func migrate(ctx context.Context, old, next ShopView) (kv.Transferred, error) {
	return kv.Copy(ctx, old, next,
		kv.OnRefused(func(path string, err error) { log.Printf("left behind: %s: %v", path, err) }),
		kv.OnProgress(func(p kv.Progress) { log.Printf("%d copied", p.Keys) }))
}

func Example_migrate() {
	ctx, old := openShop()
	_, next := openShop()
	check(old.Users.Take("7").Write(ctx, User{"Ann", "ann@x.org"}))
	fmt.Println(migrate(ctx, old, next))
	fmt.Println(next.Users.Find(ByMail.Is("ann@x.org")).First(ctx))
	// Output:
	// {1 0 0} <nil>
	// {7 {Ann ann@x.org}} <nil>
}

func Example_exportAndImport() {
	ctx, shop := openShop()
	_, copied := openShop()
	check(shop.Stock.Write(ctx, 12))

	var file bytes.Buffer // or an *os.File
	exported, err := shop.Export(ctx, &file)
	fmt.Println(exported.Values, exported.Refused, err)

	imported, err := copied.Import(ctx, &file)
	fmt.Println(imported.Records, err) // after an error: mend it, and Import all of it with kv.ResumeAfter(imported.Records)

	fmt.Println(copied.Stock.Read(ctx))
	// Output:
	// 1 0 <nil>
	// 1 <nil>
	// 12 <nil>
}
