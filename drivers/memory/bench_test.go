package memory_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// filled is a driver with n keys that are children of each of the prefixes.
func filled(b *testing.B, n int, prefixes ...string) *memory.Driver {
	d := memory.New()
	for _, prefix := range prefixes {
		for i := range n {
			if _, err := d.Do(ctx, put(fmt.Sprintf("%s:%d", prefix, i), "value")); err != nil {
				b.Fatal(err)
			}
		}
	}
	return d
}

func BenchmarkGet(b *testing.B) {
	d := filled(b, 1000, "foo:bar")
	cmd := get("foo:bar:7")
	b.ReportAllocs()
	for b.Loop() {
		_, _ = d.Do(ctx, cmd)
	}
}

func BenchmarkSet(b *testing.B) {
	d := filled(b, 1000, "foo:bar")
	cmd := put("foo:bar:7", "value")
	b.ReportAllocs()
	for b.Loop() {
		_, _ = d.Do(ctx, cmd)
	}
}

// BenchmarkGetParallel is to be run with -cpu 1,2. One key is the hard case: all
// readers meet in its shard.
func BenchmarkGetParallel(b *testing.B) {
	for _, keys := range []int{1, 1000} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			d := filled(b, keys, "foo:bar")
			cmds := make([]drivers.Command, keys)
			for i := range cmds {
				cmds[i] = get(fmt.Sprintf("foo:bar:%d", i))
			}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					_, _ = d.Do(ctx, cmds[i%keys])
				}
			})
		})
	}
}

// BenchmarkListChildren lists 1,000 children among 10,000 keys and among
// 1,000,000, by turns, and reports how much longer the latter takes.
func BenchmarkListChildren(b *testing.B) {
	sides := [2]struct {
		d     *memory.Driver
		spent time.Duration
	}{}
	for i, total := range []int{10_000, 1_000_000} {
		prefixes := []string{"few"}
		for n := 1000; n < total; n += 1000 {
			prefixes = append(prefixes, fmt.Sprintf("other:%d", n))
		}
		sides[i].d = filled(b, 1000, prefixes...)
	}
	cmd := drivers.Command{Op: drivers.OpScanLeaves, Key: "few"}
	b.ReportAllocs()
	for b.Loop() {
		for i := range sides {
			started, names := time.Now(), 0
			for range sides[i].d.Scan(ctx, cmd) {
				names++
			}
			sides[i].spent += time.Since(started)
			if names != 1000 {
				b.Fatalf("listed %d children", names)
			}
		}
	}
	b.ReportMetric(float64(sides[1].spent)/float64(sides[0].spent), "large/small")
}
