package bench

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// command is an operation of a handle and the command of bare go-redis that it sends.
type command struct {
	name       string
	ours, bare op
}

func commands(ctx context.Context, f fields, client *redis.Client) []command {
	text, set, bits := f.text.Path(), f.tags.Path(), f.votes.Path()
	bit := slot * u16
	return []command{
		{
			"StringField.Read",
			func() error { _, err := f.text.Read(ctx); return err },
			func() error { return client.Get(ctx, text).Err() },
		},
		{
			"StringField.Write",
			func() error { return f.text.Write(ctx, value) },
			func() error { return client.Set(ctx, text, value, redis.KeepTTL).Err() },
		},
		{
			"StringField.TTL",
			func() error { _, err := f.text.TTL(ctx); return err },
			func() error { return client.PTTL(ctx, text).Err() },
		},
		{
			"SetField.Add",
			func() error { _, err := f.tags.Add(ctx, member); return err },
			func() error { return client.SAdd(ctx, set, member).Err() },
		},
		{
			"SetField.Has",
			func() error { _, err := f.tags.Has(ctx, member); return err },
			func() error { return client.SIsMember(ctx, set, member).Err() },
		},
		{
			"SetField.Len",
			func() error { _, err := f.tags.Len(ctx); return err },
			func() error { return client.SCard(ctx, set).Err() },
		},
		{
			"BitSetField.Get",
			func() error { _, err := f.votes.Get(ctx, slot); return err },
			func() error { return client.BitField(ctx, bits, "GET", "u16", bit).Err() },
		},
		{
			"BitSetField.Increment",
			func() error { _, err := f.votes.Increment(ctx, slot, by); return err },
			func() error { return client.BitField(ctx, bits, "INCRBY", "u16", bit, by).Err() },
		},
	}
}

// BenchmarkRedis compares single commands with bare go-redis. A context that can
// only be cancelled is go-redis's to ignore and the driver's to heed: its cost is
// reported, and has no bar.
func BenchmarkRedis(b *testing.B) {
	client := clientOf(b, startRedis(b))
	driver := redisdriver.New(client)
	b.Cleanup(func() { must(b, driver.Close()) })
	f := open(b, driver)
	ending, cancel := context.WithCancel(ctx)
	defer cancel()
	limited, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	for _, kind := range []struct {
		group  group
		name   string
		ctx    context.Context
		bar    bar
		budget *budget
	}{
		{lone, "Background", ctx, atMost(1.05), beyondOther(2)},
		{deadline, "Deadline", limited, atMost(1.05), beyondOther(2)},
		{cancellable, "Cancellable", ending, noBar, nil},
	} {
		for _, c := range commands(kind.ctx, f, client) {
			b.Run(kind.name+"/"+c.name, func(b *testing.B) {
				measurement{
					group: kind.group, name: c.name, pace: interleave.Fine,
					ours: interleave.Repeat(b, c.ours), other: interleave.Repeat(b, c.bare), bar: kind.bar,
				}.run(b, countAllocations(c.ours, c.bare, kind.budget))
			})
		}
	}
}
