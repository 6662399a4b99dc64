package bench

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/bench/fixture"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// label is a small document, of which a million fit into a server of a benchmark.
type label struct {
	Owner string `json:"owner"`
	Size  int    `json:"size"`
}

const (
	byOwner kv.IndexKey[string] = "owner"
	bySize  kv.IndexKey[int]    = "size"
)

const hits = 100 // documents of each owner

// BenchmarkFind compares finding 100 documents among a million with finding them among
// ten thousand, by one index and by two.
func BenchmarkFind(b *testing.B) {
	driver := redisdriver.New(clientOf(b, startRedis(b)))
	b.Cleanup(func() { must(b, driver.Close()) })
	large, small := labels(b, driver, 1_000_000), labels(b, driver, 10_000)
	for name, query := range map[string]func(kv.CollectionStore[label]) kv.Query[string, label]{
		"Find of 100, by one index": func(s kv.CollectionStore[label]) kv.Query[string, label] { return s.Find(byOwner.Is("owner-7")) },
		"Find of 50, by the intersection of two": func(s kv.CollectionStore[label]) kv.Query[string, label] {
			return s.Find(byOwner.Is("owner-7"), bySize.AtLeast(hits/2))
		},
		"Find of 50, by two indexes, in the order of the other": func(s kv.CollectionStore[label]) kv.Query[string, label] {
			return s.Find(byOwner.Is("owner-7"), bySize.AtLeast(hits/2)).OrderBy(bySize)
		},
	} {
		want := len(findAll(b, query(small)))
		b.Run(name, func(b *testing.B) {
			measurement{
				group: finding, name: name + ": among 1,000,000, against among 10,000", pace: interleave.Medium,
				ours: interleave.Repeat(b, find(query(large), want)), other: interleave.Repeat(b, find(query(small), want)), bar: atMost(2),
			}.run(b, nil)
		})
	}
	b.Run("a page", func(b *testing.B) {
		measurement{
			group: finding, name: "first 20 of 1,000,000 in an order, against first 20 of 100 that are sorted", pace: interleave.Medium,
			ours:  interleave.Repeat(b, page(large.Find().OrderBy(bySize))),
			other: interleave.Repeat(b, page(large.Find(byOwner.Is("owner-7")).OrderBy(bySize))), bar: atMost(1.5),
		}.run(b, nil)
	})
}

// page reads the first 20 documents of a query.
func page(query kv.Query[string, label]) op {
	return func() error {
		page, err := query.Page(ctx, 20, "")
		if err == nil && len(page.Entries) != 20 {
			err = fmt.Errorf("%d documents in a page, not 20", len(page.Entries))
		}
		return err
	}
}

func labels(b *testing.B, driver *redisdriver.Driver, count int) kv.CollectionStore[label] {
	b.Helper()
	store, err := kv.Open(kv.Collection(kv.JSON[label](),
		kv.Index(byOwner, func(l label) []string { return []string{l.Owner} }),
		kv.Index(bySize, func(l label) []int { return []int{l.Size} })), driver, kv.At("labels", strconv.Itoa(count)))
	must(b, err)
	for i := 0; i < count; i += 1000 {
		var batch kv.Batch
		bound := batch.Bind(store)
		for at := i; at < i+1000; at++ {
			batch.Exec(func(ctx context.Context) error {
				return bound.Take(strconv.Itoa(at)).Write(ctx, label{fmt.Sprintf("owner-%d", at/hits), at % hits})
			})
		}
		must(b, batch.Run(ctx))
	}
	return store
}

func findAll(b *testing.B, query kv.Query[string, label]) (found []string) {
	b.Helper()
	for entry, err := range query.All(ctx) {
		must(b, err)
		found = append(found, entry.Key)
	}
	return found
}

func find(query kv.Query[string, label], want int) op {
	return func() error {
		count := 0
		for _, err := range query.All(ctx) {
			if err != nil {
				return err
			}
			count++
		}
		if count != want {
			return fmt.Errorf("%d documents found, not %d", count, want)
		}
		return nil
	}
}

// BenchmarkIndexedWrite compares a write that keeps two indexes up to date with one
// that keeps none.
func BenchmarkIndexedWrite(b *testing.B) {
	driver := redisdriver.New(clientOf(b, startRedis(b)))
	b.Cleanup(func() { must(b, driver.Close()) })
	indexed := kv.MustOpen(games, driver, kv.At("indexed"))
	plain := kv.MustOpen(kv.Dynamic(kv.JSON[fixture.Game]()), driver, kv.At("plain"))
	document, at := make([]fixture.Game, 64), 0
	for i := range document {
		document[i] = fixture.GameOf(i)
	}
	write := func(take func(id string) kv.JSONField[fixture.Game], changed bool) op {
		return func() error {
			at++
			g := document[at%len(document)]
			if changed { // other values than the document had
				g = document[at/len(document)%len(document)]
			}
			return take(strconv.Itoa(at%len(document))).Write(ctx, g)
		}
	}
	for name, changed := range map[string]bool{"a document whose values stay": false, "a document whose values change": true} {
		b.Run(name, func(b *testing.B) {
			measurement{
				group: finding, name: "Write with two indexes (3 entries), " + name + ", against without", pace: interleave.Medium,
				ours: interleave.Repeat(b, write(indexed.Take, changed)), other: interleave.Repeat(b, write(plain.Take, changed)), bar: atMost(2.5),
			}.run(b, nil)
		})
	}
}

// BenchmarkIndexedKeys compares listing 1,000 children among 1,000,000 keys by the index
// of keys with listing them by a scan of the database.
func BenchmarkIndexedKeys(b *testing.B) {
	client := clientOf(b, startRedis(b))
	driver := redisdriver.New(client)
	b.Cleanup(func() { must(b, driver.Close()) })
	indexed := kv.MustOpen(kv.IndexKeys(kv.Dynamic(kv.String())), driver, kv.At("children"))
	scanned := kv.MustOpen(kv.Dynamic(kv.String()), driver, kv.At("same"))
	for _, name := range members {
		must(b, indexed.Take(name).Write(ctx, value))
		must(b, scanned.Take(name).Write(ctx, value))
	}
	for i := range 1000 {
		pipe := client.Pipeline()
		for at := range 1000 {
			pipe.Set(ctx, fmt.Sprintf("other:%d:%d", i, at), value, 0)
		}
		_, err := pipe.Exec(ctx)
		must(b, err)
	}
	b.Run("Keys", func(b *testing.B) {
		measurement{
			group: finding, name: "Keys of 1,000 among 1,000,000 with IndexKeys, against SCAN", pace: interleave.Coarse,
			ours: interleave.Repeat(b, listAll(indexed)), other: interleave.Repeat(b, listAll(scanned)), bar: atLeast(100),
		}.run(b, nil)
	})
}
