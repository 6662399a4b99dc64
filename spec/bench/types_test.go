package bench

import (
	"context"
	"crypto/rand"
	"os"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

type account struct {
	Name    string `kv:"name"`
	Balance int64  `kv:"balance"`
}

var (
	accountName    = kv.HashKey[account, string]("name")
	accountBalance = kv.HashKey[account, int64]("balance")
)

// view has a handle of every type.
type view struct {
	Picture kv.BytesField              `kv:"picture"`
	Visits  kv.IntField                `kv:"visits"`
	Load    kv.FloatField              `kv:"load"`
	On      kv.BoolField               `kv:"on"`
	Since   kv.TimeField               `kv:"since"`
	Numbers kv.SetFieldOf[int]         `kv:"numbers"`
	Queue   kv.ListField               `kv:"queue"`
	Recent  kv.ListField               `kv:"recent"`
	Board   kv.SortedSetField          `kv:"board"`
	Account kv.HashField[account]      `kv:"account"`
	Stock   kv.MapField[string, int64] `kv:"stock"`
	Days    kv.BitmapField             `kv:"days"`
	Seen    kv.HyperLogLogField        `kv:"seen"`
	Places  kv.GeoField                `kv:"places"`
	Events  kv.StreamField[string]     `kv:"events"`
	News    kv.TopicField[string]      `kv:"news"`
	Limit   kv.LimiterField            `kv:"limit"`
	Lock    kv.LockField               `kv:"lock"`
	Free    kv.LockField               `kv:"free"`
}

var everyType = kv.Static("types").
	Bytes("picture").
	Int("visits").
	Float("load").
	Bool("on").
	Time("since").
	SetOf[int]("numbers").
	List("queue").
	List("recent", kv.Capped(100)).
	SortedSet("board").
	Hash[account]("account").
	Map[int64]("stock").
	Bitmap("days").
	HyperLogLog("seen").
	Geo("places").
	Stream[string]("events").
	Topic[string]("news").
	Limiter("limit", kv.Per(100, time.Second)).
	Lock("lock", time.Hour).
	Lock("free", time.Hour).
	As[view]()

// typeCommands has operations of every type with the commands they send.
func typeCommands(ctx context.Context, v view, client *redis.Client) []command {
	number := len(members) * 47 // no constant, which costs go-redis nothing
	now, tenth := time.Unix(1_790_000_000, 0).UTC(), 0.1
	queue, board, account, stock := v.Queue.Path(), v.Board.Path(), v.Account.Path(), v.Stock.Path()
	days, seen, places, events, news := v.Days.Path(), v.Seen.Path(), v.Places.Path(), v.Events.Path(), v.News.Path()
	palermo := kv.Position{Longitude: 13.361389, Latitude: 38.115556}
	return []command{
		{"BytesField.Range",
			func() error { _, err := v.Picture.Range(ctx, 10, 20); return err },
			func() error { return client.GetRange(ctx, v.Picture.Path(), 10, 19).Err() }},
		{"IntField.Increment",
			func() error { _, err := v.Visits.Increment(ctx, by); return err },
			func() error { return client.IncrBy(ctx, v.Visits.Path(), by).Err() }},
		{"FloatField.Increment",
			func() error { _, err := v.Load.Increment(ctx, tenth); return err },
			func() error { return client.IncrByFloat(ctx, v.Load.Path(), tenth).Err() }},
		{"BoolField.Read",
			func() error { _, err := v.On.Read(ctx); return err },
			func() error { return client.Get(ctx, v.On.Path()).Err() }},
		{"TimeField.Write",
			func() error { return v.Since.Write(ctx, now) },
			func() error { return client.Set(ctx, v.Since.Path(), now, redis.KeepTTL).Err() }},
		{"SetFieldOf[int].Add",
			func() error { _, err := v.Numbers.Add(ctx, number); return err },
			func() error { return client.SAdd(ctx, v.Numbers.Path(), number).Err() }},
		{"ListField.PushRight",
			func() error { _, err := v.Queue.PushRight(ctx, member); return err },
			func() error { return client.RPush(ctx, queue, member).Err() }},
		{"ListField.Range of 10",
			func() error { _, err := v.Queue.Range(ctx, 0, 9); return err },
			func() error { return client.LRange(ctx, queue, 0, 9).Err() }},
		{"ListField.Get",
			func() error { _, err := v.Queue.Get(ctx, 3); return err },
			func() error { return client.LIndex(ctx, queue, 3).Err() }},
		{"SortedSetField.Add",
			func() error { _, err := v.Board.Add(ctx, kv.Scored[string]{Member: member, Score: 7}); return err },
			func() error { return client.ZAdd(ctx, board, redis.Z{Member: member, Score: 7}).Err() }},
		{"SortedSetField.Score",
			func() error { _, err := v.Board.Score(ctx, member); return err },
			func() error { return client.ZScore(ctx, board, member).Err() }},
		{"SortedSetField.Rank",
			func() error { _, err := v.Board.Rank(ctx, member); return err },
			func() error { return client.ZRank(ctx, board, member).Err() }},
		{"SortedSetField.Range of 10",
			func() error { _, err := v.Board.Range(ctx, 0, 9); return err },
			func() error { return client.ZRangeWithScores(ctx, board, 0, 9).Err() }},
		{"SortedSetField.Increment",
			func() error { _, err := v.Board.Increment(ctx, member, 1); return err },
			func() error { return client.ZIncrBy(ctx, board, 1, member).Err() }},
		{"HashField.Get",
			func() error { _, err := v.Account.Get(ctx, accountBalance); return err },
			func() error { return client.HGet(ctx, account, "balance").Err() }},
		{"HashField.Put",
			func() error { return v.Account.Put(ctx, accountName, value) },
			func() error { return client.HSet(ctx, account, "name", value).Err() }},
		{"HashField.Increment",
			func() error { _, err := v.Account.Increment(ctx, accountBalance, by); return err },
			func() error { return client.HIncrBy(ctx, account, "balance", by).Err() }},
		{"HashField.Read",
			func() error { _, err := v.Account.Read(ctx); return err },
			func() error { return client.HGetAll(ctx, account).Err() }},
		{"MapField.Get",
			func() error { _, err := v.Stock.Get(ctx, member); return err },
			func() error { return client.HGet(ctx, stock, member).Err() }},
		{"MapField.Put",
			func() error { return v.Stock.Put(ctx, member, by) },
			func() error { return client.HSet(ctx, stock, member, by).Err() }},
		{"BitmapField.Put",
			func() error { _, err := v.Days.Put(ctx, slot, true); return err },
			func() error { return client.SetBit(ctx, days, slot, 1).Err() }},
		{"BitmapField.Count",
			func() error { _, err := v.Days.Count(ctx); return err },
			func() error { return client.BitCount(ctx, days, nil).Err() }},
		{"HyperLogLogField.Add",
			func() error { _, err := v.Seen.Add(ctx, member); return err },
			func() error { return client.PFAdd(ctx, seen, member).Err() }},
		{"HyperLogLogField.Count",
			func() error { _, err := v.Seen.Count(ctx); return err },
			func() error { return client.PFCount(ctx, seen).Err() }},
		{"GeoField.Add",
			func() error {
				_, err := v.Places.Add(ctx, kv.Located[string]{Member: member, Position: palermo})
				return err
			},
			func() error {
				return client.GeoAdd(ctx, places, &redis.GeoLocation{Name: member, Longitude: palermo.Longitude, Latitude: palermo.Latitude}).Err()
			}},
		{"GeoField.Position",
			func() error { _, err := v.Places.Position(ctx, member); return err },
			func() error { return client.GeoPos(ctx, places, member).Err() }},
		{"StreamField.Append",
			func() error { _, err := v.Events.Append(ctx, value); return err },
			func() error {
				return client.XAdd(ctx, &redis.XAddArgs{Stream: events, Values: []string{"value", value}}).Err()
			}},
		{"TopicField.Publish",
			func() error { _, err := v.News.Publish(ctx, value); return err },
			func() error { return client.Publish(ctx, news, value).Err() }},
	}
}

// scriptCommands are those of locks and limiters, which Redis has no command for: the
// other side calls the same scripts.
func scriptCommands(b *testing.B, v view, client *redis.Client) []command {
	b.Helper()
	load := func(name string) string {
		text, err := os.ReadFile("../../drivers/redisdriver/lua/" + name)
		must(b, err)
		sha, err := client.ScriptLoad(ctx, string(text)).Result()
		must(b, err)
		return sha
	}
	lock, throttle := load("lock.lua"), load("throttle.lua")
	held, err := v.Lock.TryAcquire(ctx)
	must(b, err)
	leased := time.Hour.Milliseconds()
	keys, owner := []string{v.Lock.Path()}, held.Owner()
	return []command{
		{"LimiterField.Allow",
			func() error { _, err := v.Limit.Allow(ctx); return err },
			func() error {
				return client.EvalSha(ctx, throttle, []string{v.Limit.Path()}, 1, 10_000, 1).Err()
			}},
		{"Held.Renew",
			func() error { return held.Renew(ctx) },
			func() error { return client.EvalSha(ctx, lock, keys, "renew", owner, leased).Err() }},
		{"LockField.TryAcquire and Release",
			func() error {
				held, err := v.Free.TryAcquire(ctx)
				if err == nil {
					err = held.Release(ctx)
				}
				return err
			},
			func() error {
				keys, owner := []string{v.Free.Path()}, rand.Text()
				if err := client.EvalSha(ctx, lock, keys, "acquire", owner, leased).Err(); err != nil {
					return err
				}
				return client.EvalSha(ctx, lock, keys, "release", owner, leased).Err()
			}},
	}
}

// BenchmarkTypes compares operations of every type with bare go-redis.
func BenchmarkTypes(b *testing.B) {
	client := clientOf(b, startRedis(b))
	driver := redisdriver.New(client)
	b.Cleanup(func() { must(b, driver.Close()) })
	v, err := kv.Open(everyType, driver)
	must(b, err)
	must(b, v.Picture.Write(ctx, []byte(value)))
	must(b, v.On.Write(ctx, true))
	must(b, v.Account.Write(ctx, account{value, by}))
	must(b, v.Stock.Put(ctx, member, by))
	_, err = v.Queue.PushRight(ctx, members[:20]...)
	must(b, err)
	for i, name := range members[:20] {
		_, err = v.Board.Add(ctx, kv.Scored[string]{Member: name, Score: float64(i)})
		must(b, err)
	}
	_, err = v.Places.Add(ctx, kv.Located[string]{Member: member})
	must(b, err)
	for _, c := range append(typeCommands(ctx, v, client), scriptCommands(b, v, client)...) {
		b.Run(c.name, func(b *testing.B) {
			measurement{
				group: types, name: c.name, pace: interleave.Fine,
				ours: interleave.Repeat(b, c.ours), other: interleave.Repeat(b, c.bare), bar: atMost(1.05),
			}.run(b, countAllocations(c.ours, c.bare, beyondOther(2)))
		})
	}
}
