package kv_test

import (
	"context"
	"fmt"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

// What lies below a store and does not fit its schema: here a document that another program has
// written, under an id with a colon. What is to be repaired is said kind by kind.
func ExampleAudit() {
	ctx, driver := context.Background(), memory.New()
	foo := kv.MustOpen(Foo, driver)
	_, _ = driver.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: "foo:bar:a:b", Value: `[{"message":"Hello"}]`})

	for found, err := range kv.Audit(ctx, foo) {
		fmt.Println(found.Kind, found.Path, found.Canonical, err)
	}
	for found := range kv.Audit(ctx, foo, kv.Repair(kv.MisspelledID)) {
		fmt.Println(found.Repaired)
	}
	fmt.Println(foo.Take(Bar).Take("a:b").Read(ctx))
	// Output:
	// misspelled id foo:bar:a:b foo:bar:a%3Ab <nil>
	// true
	// [{Hello}] <nil>
}

// How much is stored for each path of the schema, how many bytes that takes, and how long it lives.
func ExampleOnUsage() {
	ctx := context.Background()
	foo := kv.MustOpen(Foo, memory.New())
	_ = foo.Take(Bar).Take("any").Write(ctx, []Msg{{"Hello"}})
	_, _ = foo.Take(Baz).Add(ctx, "red", "green")

	for range kv.Audit(ctx, foo, kv.OnUsage(func(table []kv.Usage) {
		for _, row := range table {
			fmt.Println(row.Pattern, row.Keys, row.Bytes, row.Lasting)
		}
	})) {
	}
	// Output:
	// foo:bar:* 1 40 1
	// foo:baz 1 23 1
}
