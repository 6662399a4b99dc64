package bench

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/near"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/bench/fixture"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// nearby is a string and a document of 1.8 KB that are kept near.
type nearby struct {
	Text kv.StringField             `kv:"text"`
	Game kv.JSONField[fixture.Game] `kv:"game"`
}

var nearbySchema = kv.AllNear(kv.Static("nearby").String("text").JSON[fixture.Game]("game").As[nearby]())

// BenchmarkNear compares reads from near with round trips, and with the client-side caching of rueidis.
func BenchmarkNear(b *testing.B) {
	server := startRedis(b)
	client := clientOf(b, server)
	plain := redisdriver.New(client)
	b.Cleanup(func() { must(b, plain.Close()) })
	kept := near.New(redisdriver.New(client))
	b.Cleanup(func() { must(b, kept.Close()) })
	away := redisdriver.New(farClientOf(b, server))
	b.Cleanup(func() { must(b, away.Close()) })
	far, close := kv.MustOpen(nearbySchema, drivers.Driver(plain)), kv.MustOpen(nearbySchema, drivers.Driver(kept))
	farther := kv.MustOpen(nearbySchema, drivers.Driver(away))
	must(b, far.Text.Write(ctx, value))
	must(b, far.Game.Write(ctx, fixture.GameOf(1)))
	for kept.Near().Reserve("nearby:text", drivers.NearRead{Op: drivers.OpGet}) == nil {
		time.Sleep(time.Millisecond)
	}

	caching, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{server.Addr()}})
	must(b, err)
	b.Cleanup(caching.Close)
	doCache := func(decode func(text string) error, key string) op {
		return func() error {
			text, err := caching.DoCache(ctx, caching.B().Get().Key(key).Cache(), time.Hour).ToString()
			if err != nil {
				return err
			}
			return decode(text)
		}
	}
	unmarshal := func(text string) error {
		var g fixture.Game
		return json.Unmarshal([]byte(text), &g)
	}
	text := func(from nearby) op { return func() error { _, err := from.Text.Read(ctx); return err } }
	game := func(from nearby) op { return func() error { _, err := from.Game.Read(ctx); return err } }
	fresh := func(from nearby) op {
		ctx := kv.Fresh(context.Background())
		return func() error { _, err := from.Text.Read(ctx); return err }
	}
	for _, row := range []struct {
		name        string
		ours, other op
		bar         bar
		budget      *budget
	}{
		{"StringField.Read, against a round trip (times faster)", text(close), text(far), atLeast(100), inTotal(0)},
		{"StringField.Read (other: rueidis DoCache)", text(close), doCache(func(string) error { return nil }, far.Text.Path()), within(250 * time.Nanosecond), nil},
		{"JSONField.Read, against a round trip to a server 0.5 ms away (times faster)", game(close), game(farther), atLeast(100), nil},
		{"JSONField.Read, against a round trip on one machine (times faster)", game(close), game(far), timesFaster, nil},
		{"JSONField.Read, against rueidis DoCache and json.Unmarshal", game(close), doCache(unmarshal, far.Game.Path()), atMost(0.5), nil},
		{"StringField.Read with Fresh, which asks for the time left, against Read without near", fresh(close), text(far), noBar, nil},
	} {
		b.Run(row.name, func(b *testing.B) {
			measurement{
				group: fromNear, name: row.name, pace: interleave.Fine,
				ours: interleave.Repeat(b, row.ours), other: interleave.Repeat(b, row.other), bar: row.bar,
			}.run(b, countAllocations(row.ours, row.other, row.budget))
		})
	}
}
