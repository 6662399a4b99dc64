package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/bench/fixture"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

const (
	byPlayer kv.IndexKey[string] = "player"
	byRating kv.IndexKey[int]    = "rating"
)

// games are documents with two indexes.
var games = kv.Collection(kv.JSON[fixture.Game](),
	kv.Index(byPlayer, func(g fixture.Game) []string { return []string{g.Players[0].Name, g.Players[1].Name} }),
	kv.Index(byRating, func(g fixture.Game) []int { return []int{g.Rating} }))

const manyDocuments = 10_000

// BenchmarkDocuments reads 10,000 documents.
func BenchmarkDocuments(b *testing.B) {
	server := startRedis(b)
	client := clientOf(b, server)
	driver := redisdriver.New(client)
	b.Cleanup(func() { must(b, driver.Close()) })
	stored := kv.MustOpen(kv.Dynamic(kv.JSON[fixture.Game]()), driver, kv.At("documents"))
	plain := kv.MustOpen(kv.Dynamic(kv.String()), driver, kv.At("documents"))
	ids, keys := make([]string, manyDocuments), make([]string, manyDocuments)
	var write kv.Batch
	bound := write.Bind(plain)
	for i := range ids {
		ids[i] = strconv.Itoa(i)
		keys[i] = stored.Take(ids[i]).Path()
		text, err := json.Marshal(fixture.GameOf(i))
		must(b, err)
		write.Exec(func(ctx context.Context) error { return bound.Take(ids[i]).Write(ctx, string(text)) })
	}
	must(b, write.Run(ctx))

	far := redisdriver.New(farClientOf(b, server))
	b.Cleanup(func() { must(b, far.Close()) })
	distant := kv.MustOpen(kv.Dynamic(kv.JSON[fixture.Game]()), far, kv.At("documents"))
	unmarshal := func(text string) error {
		var g fixture.Game
		return json.Unmarshal([]byte(text), &g)
	}
	for _, row := range []struct {
		name        string
		ours, other op
		bar         bar
	}{
		{"ReadMany of 10,000, against MGET and json.Unmarshal", readMany(stored, ids), mget(client, keys, unmarshal), atMost(1.1)},
		{"the same of strings, against MGET", readMany(plain, ids), mget(client, keys, func(string) error { return nil }), noBar},
		{"ReadMany of 10,000, against Read one by one (times faster)", readMany(stored, ids), oneByOne(stored, ids), timesFaster},
		{"MGET and json.Unmarshal, against GET and json.Unmarshal one by one (times faster)", mget(client, keys, unmarshal), getOneByOne(client, keys, unmarshal), timesFaster},
		{"ReadMany of 1,000, against Read one by one, 0.5 ms from the server (times faster)", readMany(distant, ids[:1000]), oneByOne(distant, ids[:1000]), atLeast(20)},
		{"a batch of 100 mixed operations, against a bare pipeline", mixed(driver), bareMixed(client), noBar},
	} {
		b.Run(row.name, func(b *testing.B) {
			measurement{
				group: documents, name: row.name, pace: interleave.Coarse,
				ours: interleave.Repeat(b, row.ours), other: interleave.Repeat(b, row.other), bar: row.bar,
			}.run(b, nil)
		})
	}
}

func readMany[T any, H kv.Reader[T]](store kv.DynamicStore[H], ids []string) op {
	return func() error {
		count := 0
		for _, err := range kv.ReadMany(ctx, store, ids...) {
			if err != nil {
				return err
			}
			count++
		}
		if count != len(ids) {
			return fmt.Errorf("%d values, not %d", count, len(ids))
		}
		return nil
	}
}

func oneByOne[T any, H interface {
	Read(ctx context.Context) (T, error)
}](store kv.DynamicStore[H], ids []string) op {
	return func() error {
		for _, id := range ids {
			if _, err := store.Take(id).Read(ctx); err != nil {
				return err
			}
		}
		return nil
	}
}

func getOneByOne(client *redis.Client, keys []string, decode func(text string) error) op {
	return func() error {
		for _, key := range keys {
			text, err := client.Get(ctx, key).Result()
			if err != nil {
				return err
			}
			if err := decode(text); err != nil {
				return err
			}
		}
		return nil
	}
}

// mget reads the keys with bare go-redis, in pages of the same size as ReadMany's.
func mget(client *redis.Client, keys []string, decode func(text string) error) op {
	return func() error {
		for page := range slices.Chunk(keys, 256) {
			values, err := client.MGet(ctx, page...).Result()
			if err != nil {
				return err
			}
			for _, value := range values {
				if err := decode(value.(string)); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

func mixed(driver drivers.Driver) op {
	store := kv.MustOpen(schema, driver)
	return func() error {
		var batch kv.Batch
		bound := batch.Bind(store)
		for i := range 25 {
			text := bound.Take(texts).Take(members[i])
			batch.Exec(func(ctx context.Context) error { return text.Write(ctx, value) })
			batch.Do(text.Read)
			batch.Do(func(ctx context.Context) (int, error) { return bound.Take(tags).Add(ctx, member) })
			batch.Do(bound.Take(tags).Len)
		}
		return batch.Run(ctx)
	}
}

func bareMixed(client *redis.Client) op {
	return func() error {
		pipe := client.Pipeline()
		for i := range 25 {
			key := "bench:texts:" + members[i]
			pipe.Set(ctx, key, value, redis.KeepTTL)
			pipe.Get(ctx, key)
			pipe.SAdd(ctx, "bench:tags", member)
			pipe.SCard(ctx, "bench:tags")
		}
		_, err := pipe.Exec(ctx)
		return err
	}
}
