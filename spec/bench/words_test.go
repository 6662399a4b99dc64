package bench

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// BenchmarkWords compares what goes through many bytes in memory with Redis, which is
// a round trip away.
func BenchmarkWords(b *testing.B) {
	client := clientOf(b, startRedis(b))
	d := memory.New()
	do := func(cmd drivers.Command) error { _, err := d.Do(ctx, cmd); return err }
	text := strings.Repeat("\x5a\x00\xff", 1<<20/3)
	must(b, client.Set(ctx, "text", text, 0).Err())
	must(b, do(drivers.Command{Op: drivers.OpSet, Key: "text", Value: text}))
	for i, key := range []string{"u", "v", "w"} {
		elements := make([]string, 20_000)
		for j := range elements {
			elements[j] = fmt.Sprint(i*10_000 + j)
		}
		must(b, do(drivers.Command{Op: drivers.OpPFAdd, Key: key, Values: elements}))
		args := make([]any, len(elements))
		for j := range elements {
			args[j] = elements[j]
		}
		must(b, client.PFAdd(ctx, key, args...).Err())
	}
	others := []string{"v", "w"}
	for _, c := range []command{
		{"BITOP NOT of 1 MB",
			func() error {
				return do(drivers.Command{Op: drivers.OpBitOp, Key: "not", Extra: &drivers.Extra{Keys: []string{"text"}}, Value: "NOT"})
			},
			func() error { return client.BitOpNot(ctx, "not", "text").Err() }},
		{"BITOP AND of 1 MB",
			func() error {
				return do(drivers.Command{Op: drivers.OpBitOp, Key: "and", Extra: &drivers.Extra{Keys: []string{"text", "text"}}, Value: "AND"})
			},
			func() error { return client.BitOpAnd(ctx, "and", "text", "text").Err() }},
		{"BITCOUNT of 1 MB",
			func() error { return do(drivers.Command{Op: drivers.OpBitCount, Key: "text", Stop: -1}) },
			func() error { return client.BitCount(ctx, "text", &redis.BitCount{End: -1}).Err() }},
		{"PFCOUNT of 3 keys",
			func() error {
				return do(drivers.Command{Op: drivers.OpPFCount, Key: "u", Extra: &drivers.Extra{Keys: others}})
			},
			func() error { return client.PFCount(ctx, "u", "v", "w").Err() }},
		{"PFMERGE of 2 keys",
			func() error {
				return do(drivers.Command{Op: drivers.OpPFMerge, Key: "merged", Extra: &drivers.Extra{Keys: others}})
			},
			func() error { return client.PFMerge(ctx, "merged", "v", "w").Err() }},
	} {
		b.Run(c.name, func(b *testing.B) {
			measurement{
				group: words, name: c.name, pace: interleave.Medium,
				ours: interleave.Repeat(b, c.ours), other: interleave.Repeat(b, c.bare), bar: atMost(2),
			}.run(b, nil)
		})
	}
}
