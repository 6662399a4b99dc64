package bench

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// BenchmarkListing compares listing 1,000 children among a million keys with
// listing them among ten thousand.
func BenchmarkListing(b *testing.B) {
	large, small := storeOf(b, 1_000_000), storeOf(b, 10_000)
	b.Run("Keys", func(b *testing.B) {
		measurement{
			group: listing, name: "DynamicStore.Keys", pace: interleave.Medium,
			ours: interleave.Repeat(b, listAll(large)), other: interleave.Repeat(b, listAll(small)), bar: atMost(2),
		}.run(b, nil)
	})
}

// storeOf is a store of 1,000 children in a database of so many keys.
func storeOf(b *testing.B, keys int) kv.DynamicStore[kv.StringField] {
	b.Helper()
	root, err := kv.Open(schema, memory.New())
	must(b, err)
	listed, others := root.Take(texts), root.Take(deep)
	for i := range keys / len(members) {
		under := listed
		if i > 0 {
			under = others.Take(strconv.Itoa(i))
		}
		for _, name := range members {
			must(b, under.Take(name).Write(ctx, value))
		}
	}
	return listed
}

func listAll(store kv.DynamicStore[kv.StringField]) op {
	return func() error {
		count := 0
		for _, err := range store.Keys(ctx) {
			if err != nil {
				return err
			}
			count++
		}
		if count != len(members) {
			return fmt.Errorf("%d keys listed, not %d", count, len(members))
		}
		return nil
	}
}
