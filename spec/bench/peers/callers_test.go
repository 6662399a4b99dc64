package peers

import (
	"fmt"
	"testing"
	"time"

	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/bench/fixture"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// callerCounts are numbers of goroutines that use Redis at the same time.
var callerCounts = []int{1, 2, 4, 8, 16, 64, 256}

// callersPace has many rounds, as little says less of callers who meet by chance.
var callersPace = interleave.Pace{Block: 20 * time.Millisecond, Rounds: 60}

// BenchmarkCallers compares what one and many goroutines do with strings, each a key of its own.
func BenchmarkCallers(b *testing.B) {
	addr := fixture.StartRedis(b).Addr()
	version, err := fixture.Info(ctx, fixture.ClientOf(b, addr), "server", "redis_version")
	must(b, err)
	report.redis = version
	store := kv.MustOpen(kv.Static("callers").Field(keptTexts, kv.Dynamic(kv.String())), driverOf(b, addr)).Take(keptTexts)
	bare, rueidis := goRedis{fixture.ClientOf(b, addr)}, newRueidis(b, addr)
	t := &table{title: "Callers", sides: []string{ours, "go-redis", "rueidis"}}
	report.tables = append(report.tables, t)

	for _, writes := range []bool{false, true} {
		for _, count := range callerCounts {
			var kvstores, goRedises, rueidises []interleave.Op
			for i := range count {
				key, field := fmt.Sprint("bare:callers:", i), store.Take(fmt.Sprint(i))
				write := func() error { return field.Write(ctx, text) }
				must(b, write())
				must(b, bare.set(key, text))
				if writes {
					kvstores = append(kvstores, write)
					goRedises = append(goRedises, func() error { return bare.set(key, text) })
					rueidises = append(rueidises, func() error { return rueidis.set(key, text) })
				} else {
					kvstores = append(kvstores, func() error { _, err := field.Read(ctx); return err })
					goRedises = append(goRedises, func() error { _, err := bare.get(key); return err })
					rueidises = append(rueidises, func() error { _, err := rueidis.get(key); return err })
				}
			}
			name := fmt.Sprintf("%d %s", count, map[bool]string{false: "read", true: "write"}[writes])
			b.Run(name, func(b *testing.B) {
				sample := interleave.Run(callersPace, interleave.Share(b, kvstores), interleave.Share(b, goRedises), interleave.Share(b, rueidises))
				t.rows = append(t.rows, row{
					name: name, ours: interleave.Nanoseconds(sample.Time(0)), targets: callersTargets(count),
					peers: map[string]interleave.Spread{"go-redis": sample.Ratio(1, 0), "rueidis": sample.Ratio(2, 0)},
				})
			})
		}
	}
}

func callersTargets(count int) []target {
	switch count {
	case 1:
		return []target{{1.03, []string{"go-redis"}}}
	case goroutines:
		return []target{aheadOfRueidis}
	}
	return []target{{1.05, []string{"go-redis", "rueidis"}}}
}
