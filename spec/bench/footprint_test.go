package bench

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/bench/fixture"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// BenchmarkFootprint compares the memory that a member takes here with what Redis says
// it takes there.
func BenchmarkFootprint(b *testing.B) {
	client := clientOf(b, startRedis(b))
	redis := redisdriver.New(client)
	b.Cleanup(func() { must(b, redis.Close()) })
	for _, c := range collections() {
		switch c.name {
		case "set", "list", "hash", "sorted set":
		default:
			continue
		}
		for _, size := range []int{1_000, 10_000, 100_000, 1_000_000} {
			b.Run(fmt.Sprintf("%s/%d", c.name, size), func(b *testing.B) {
				kept := memory.New()
				before := fixture.Heap()
				c.fillIn(b, kept, size)
				ours := float64(fixture.Heap()-before) / float64(size)
				runtime.KeepAlive(kept)

				must(b, client.FlushAll(ctx).Err())
				c.fillIn(b, redis, size)
				used, err := client.MemoryUsage(ctx, "k", 0).Result()
				must(b, err)
				theirs := float64(used) / float64(size)

				ratio := ours / theirs
				b.ReportMetric(ours, "bytes/member")
				b.ReportMetric(theirs, "redis-bytes/member")
				report.add(row{
					measurement{group: footprint, name: fmt.Sprintf("%s of %d", c.name, size), bar: atMost(1.5), unit: bytesText},
					result{ours, theirs, interleave.Spread{Low: ratio, Median: ratio, High: ratio}, 1}, nil,
				})
			})
		}
	}
}

func bytesText(bytes float64) string { return fmt.Sprintf("%.1f B", bytes) }
