package bench

import (
	"context"
	"strconv"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// callers is how many goroutines use Redis at the same time, each a key of its own.
const callers = 64

// BenchmarkConcurrent compares the throughput of many goroutines, with a context that
// cannot end and with one that can be cancelled.
func BenchmarkConcurrent(b *testing.B) {
	server := startRedis(b)
	bare := clientOf(b, server)
	driver := redisdriver.New(clientOf(b, server))
	b.Cleanup(func() { must(b, driver.Close()) })
	fields := fieldsOf(b, driver)
	ending, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, row := range []struct {
		name string
		ctx  context.Context
	}{
		{"", ctx},
		{", cancellable", ending},
	} {
		for _, c := range []struct {
			name       string
			ours, bare []op
		}{
			{"StringField.Read", each(fields, reading(row.ctx)), each(fields, bareReading(row.ctx, bare))},
			{"StringField.Write", each(fields, writing(row.ctx)), each(fields, bareWriting(row.ctx, bare))},
		} {
			b.Run(c.name+row.name, func(b *testing.B) {
				measurement{
					group: throughput, name: c.name + row.name, pace: interleave.Coarse,
					ours: interleave.Share(b, c.ours), other: interleave.Share(b, c.bare), bar: atLeast(4),
				}.run(b, nil)
			})
		}
	}
}

func fieldsOf(b *testing.B, driver *redisdriver.Driver) []kv.StringField {
	b.Helper()
	store := open(b, driver).store.Take(texts)
	fields := make([]kv.StringField, callers)
	for i := range fields {
		fields[i] = store.Take(strconv.Itoa(i))
		must(b, fields[i].Write(ctx, value))
	}
	return fields
}

func each(fields []kv.StringField, on func(kv.StringField) op) []op {
	ops := make([]op, len(fields))
	for i, field := range fields {
		ops[i] = on(field)
	}
	return ops
}

func reading(ctx context.Context) func(kv.StringField) op {
	return func(f kv.StringField) op {
		return func() error { _, err := f.Read(ctx); return err }
	}
}

func writing(ctx context.Context) func(kv.StringField) op {
	return func(f kv.StringField) op {
		return func() error { return f.Write(ctx, value) }
	}
}

func bareReading(ctx context.Context, client *redis.Client) func(kv.StringField) op {
	return func(f kv.StringField) op {
		key := f.Path()
		return func() error { return client.Get(ctx, key).Err() }
	}
}

func bareWriting(ctx context.Context, client *redis.Client) func(kv.StringField) op {
	return func(f kv.StringField) op {
		key := f.Path()
		return func() error { return client.Set(ctx, key, value, redis.KeepTTL).Err() }
	}
}
