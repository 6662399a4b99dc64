package peers

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/bench/fixture"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

var _ = redis.Nil

func BenchmarkCallers(b *testing.B) {
	addr := fixture.StartRedis(b).Addr()
	driver := redisdriver.New(fixture.ClientOf(b, addr))
	store := kv.MustOpen(kv.Static("callers").Field(keptTexts, kv.Dynamic(kv.String())), driver).Take(keptTexts)
	bare := goRedis{fixture.ClientOf(b, addr)}
	rue := newRueidis(b, addr)
	counts := []int{1, 2, 4, 8, 16, 64, 256}
	if os.Getenv("COUNTS") != "" {
		counts = nil
		for _, f := range strings.Fields(os.Getenv("COUNTS")) {
			var n int
			fmt.Sscan(f, &n)
			counts = append(counts, n)
		}
	}
	block := 20 * time.Millisecond
	rounds := 24
	if os.Getenv("ROUNDS") != "" {
		fmt.Sscan(os.Getenv("ROUNDS"), &rounds)
	}
	for _, write := range []bool{false, true} {
		for _, n := range counts {
			var ours, gr, ru []interleave.Op
			for i := range n {
				f := store.Take(fmt.Sprint(i))
				must(b, f.Write(ctx, text))
				key := fmt.Sprint("bare:", i)
				must(b, bare.set(key, text))
				if write {
					ours = append(ours, func() error { return f.Write(ctx, text) })
					gr = append(gr, func() error { return bare.set(key, text) })
					ru = append(ru, func() error { return rue.set(key, text) })
				} else {
					ours = append(ours, func() error { _, err := f.Read(ctx); return err })
					gr = append(gr, func() error { _, err := bare.get(key); return err })
					ru = append(ru, func() error { _, err := rue.get(key); return err })
				}
			}
			sample := interleave.Run(interleave.Pace{Block: block, Rounds: rounds}, interleave.Share(b, ours), interleave.Share(b, gr), interleave.Share(b, ru))
			g, r := sample.Ratio(0, 1), sample.Ratio(0, 2)
			fmt.Printf("batch %.1f ", float64(redisdriver.Sent)/float64(max(1,redisdriver.Rounds)))
redisdriver.Sent, redisdriver.Rounds = 0, 0
			fmt.Printf("write=%-5v n=%-3d ours %6.2fµs bare %6.2f rueidis %6.2f | /bare %.2f (%.2f-%.2f) /rueidis %.2f (%.2f-%.2f)\n", write, n, sample.Time(0)/1e3, sample.Time(1)/1e3, sample.Time(2)/1e3, g.Median, g.Low, g.High, r.Median, r.Low, r.High)
		}
	}
}
