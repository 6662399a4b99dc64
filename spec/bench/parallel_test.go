package bench

import (
	"runtime"
	"testing"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

// BenchmarkParallelReaders compares the throughput of two goroutines with that of
// one. On a machine whose second CPU is busy with something else nothing scales, so
// that only those pairs count around which goroutines that share nothing do.
func BenchmarkParallelReaders(b *testing.B) {
	if runtime.NumCPU() < 2 {
		b.Skip("one CPU")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	f := open(b, memory.New())
	store := f.store.Take(texts)
	var many []kv.StringField
	for _, name := range members {
		field := store.Take(name)
		must(b, field.Write(ctx, value))
		many = append(many, field)
	}
	pace := medium
	pace.fit = twoCPUs(b)
	for _, row := range []struct {
		name   string
		reader func() op // each goroutine has its own
	}{
		{"reading one key", func() op { return readInTurn([]kv.StringField{f.text}) }},
		{"reading 1,000 keys", func() op { return readInTurn(many) }},
	} {
		b.Run(row.name, func(b *testing.B) {
			measurement{
				group: readers, name: row.name, pace: pace,
				ours:  share(b, []op{row.reader(), row.reader()}),
				other: share(b, []op{row.reader()}), bar: atLeast(1.5),
			}.run(b, nil)
		})
	}
}

func readInTurn(fields []kv.StringField) op {
	next := 0
	return func() error {
		field := fields[next]
		if next++; next == len(fields) {
			next = 0
		}
		_, err := field.Read(ctx)
		return err
	}
}

// twoCPUs reports whether two goroutines that share nothing get nearly twice as
// much done as one.
func twoCPUs(b *testing.B) func() bool {
	const operations = 20_000 // one or two milliseconds
	one, two := share(b, []op{busy()}), share(b, []op{busy(), busy()})
	return func() bool { return perOperation(one, operations) >= 1.7*perOperation(two, operations) }
}

// busy keeps a CPU busy for about as long as a read does.
func busy() op {
	state := uint64(1)
	return func() error {
		for range 40 {
			state ^= state << 13
			state ^= state >> 7
			state ^= state << 17
		}
		if state == 0 { // never, but the loop must have a use
			return ctx.Err()
		}
		return nil
	}
}
