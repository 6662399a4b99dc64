package bench

import (
	"context"
	"testing"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/bench/fixture"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// fetchable is what Fetch finds.
type fetchable struct {
	Text kv.StringField             `kv:"text"`
	Game kv.JSONField[fixture.Game] `kv:"game"`
	Hash kv.HashField[account]      `kv:"hash"`
}

var fetchables = kv.Static("fetchable").
	String("text", kv.ExpireIn(time.Hour)).JSON[fixture.Game]("game", kv.ExpireIn(time.Hour)).
	Hash[account]("hash", kv.ExpireIn(time.Hour)).As[fetchable]()

// BenchmarkFetch compares a Fetch of what is there with Read.
func BenchmarkFetch(b *testing.B) {
	client := clientOf(b, startRedis(b))
	remote := redisdriver.New(client)
	b.Cleanup(func() { must(b, remote.Close()) })
	for _, on := range []struct {
		group  group
		driver drivers.Driver
		pace   interleave.Pace
	}{{fetchedInMemory, memory.New(), interleave.Fine}, {fetchedOnRedis, remote, interleave.Medium}} {
		f := kv.MustOpen(fetchables, on.driver)
		must(b, f.Text.Write(ctx, value))
		must(b, f.Game.Write(ctx, fixture.GameOf(1)))
		must(b, f.Hash.Write(ctx, account{"ann", 100}))
		loadText := func(context.Context) (string, error) { return value, nil }
		loadGame := func(context.Context) (fixture.Game, error) { return fixture.GameOf(1), nil }
		loadHash := func(context.Context) (account, error) { return account{"ann", 100}, nil }
		fresh := kv.FreshFor(time.Minute)
		for _, row := range []struct {
			name         string
			fetch, reads op
			bar          bar
		}{
			{
				"a string",
				func() error { _, err := f.Text.Fetch(ctx, loadText); return err },
				func() error { _, err := f.Text.Read(ctx); return err }, atMost(1.05),
			},
			{
				"a document of 1.8 KB",
				func() error { _, err := f.Game.Fetch(ctx, loadGame); return err },
				func() error { _, err := f.Game.Read(ctx); return err }, atMost(1.05),
			},
			{
				"a struct",
				func() error { _, err := f.Hash.Fetch(ctx, loadHash); return err },
				func() error { _, err := f.Hash.Read(ctx); return err }, atMost(1.05),
			},
			{
				"a string that is fresh for a minute",
				func() error { _, err := f.Text.Fetch(ctx, loadText, fresh); return err },
				func() error { _, err := f.Text.Read(ctx); return err }, noBar,
			},
		} {
			b.Run(titles[on.group]+"/"+row.name, func(b *testing.B) {
				measurement{
					group: on.group, name: row.name, pace: on.pace,
					ours: interleave.Repeat(b, row.fetch), other: interleave.Repeat(b, row.reads), bar: row.bar,
				}.run(b, countAllocations(row.fetch, row.reads, nil))
			})
		}
	}
}
