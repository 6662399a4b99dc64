package memory_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// TestLimiterKeepsItsRate: never more than the burst and what has come back since, and
// always after the wait that was told.
func TestLimiterKeepsItsRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock := &clock{}
		d := memory.New(memory.WithClock(clock.Now))
		one := rapid.Int64Range(1, 50).Draw(t, "milliseconds for one")
		burst := rapid.Int64Range(1, 10).Draw(t, "burst")
		start := clock.Now().UnixMilli()
		taken := int64(0)
		for range 200 {
			clock.Advance(rapid.OneOf(rapid.Int64Range(0, 60), rapid.Int64Range(500, 2000)).Draw(t, "pause"))
			n := rapid.Int64Range(1, burst).Draw(t, "n")
			reply, err := d.Do(ctx, drivers.Command{Op: drivers.OpThrottle, Key: "l", Amount: n, Start: one * 1000, Stop: burst})
			if err != nil {
				t.Fatal(err)
			}
			taken += n * reply.Ints[0]
			if most := burst + (clock.Now().UnixMilli()-start)/one; taken > most {
				t.Fatalf("%d admitted in %d ms, at most %d should be", taken, clock.Now().UnixMilli()-start, most)
			}
			if reply.Ints[0] == 0 { // it must be admitted after the wait that it was told
				clock.Advance((reply.Ints[2] + 999) / 1000)
				again, err := d.Do(ctx, drivers.Command{Op: drivers.OpThrottle, Key: "l", Amount: n, Start: one * 1000, Stop: burst})
				if err != nil || again.Ints[0] != 1 {
					t.Fatalf("refused for %d µs, and then %+v, %v", reply.Ints[2], again, err)
				}
				taken += n
			}
		}
	})
}
