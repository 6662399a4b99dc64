package bench

import (
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// BenchmarkMiniredis compares the two ways to test without a server.
func BenchmarkMiniredis(b *testing.B) {
	server := miniredis.NewMiniRedis()
	must(b, server.Start())
	b.Cleanup(server.Close)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	b.Cleanup(func() { _ = client.Close() })

	f := open(b, memory.New())
	text, set := f.text.Path(), f.tags.Path()
	must(b, client.Set(ctx, text, value, 0).Err())
	must(b, client.SAdd(ctx, set, members[:10]).Err())
	for _, row := range []command{
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
			"SetField.Add",
			func() error { _, err := f.tags.Add(ctx, member); return err },
			func() error { return client.SAdd(ctx, set, member).Err() },
		},
		{
			"SetField.Has",
			func() error { _, err := f.tags.Has(ctx, member); return err },
			func() error { return client.SIsMember(ctx, set, member).Err() },
		},
	} {
		b.Run(row.name, func(b *testing.B) {
			measurement{
				group: double, name: row.name, pace: interleave.Medium,
				ours: interleave.Repeat(b, row.ours), other: interleave.Repeat(b, row.bare), bar: atLeast(50),
			}.run(b, nil)
		})
	}
}
