package bench

import (
	"runtime"
	"testing"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/spec/bench/interleave"
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
	pace := interleave.Coarse // a second CPU takes milliseconds to get going
	pace.Fit = twoCPUs(b)
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
				ours:  interleave.Share(b, []op{row.reader(), row.reader()}),
				other: interleave.Share(b, []op{row.reader()}), bar: atLeast(1.5),
			}.run(b, nil)
		})
	}
}

// counter has cache lines of its own: two in one line would keep goroutines that
// share nothing else waiting for each other.
type counter struct {
	_     [128]byte
	value uint64
	_     [128]byte
}

func readInTurn(fields []kv.StringField) op {
	next := &counter{}
	return func() error {
		field := fields[next.value]
		if next.value++; next.value == uint64(len(fields)) {
			next.value = 0
		}
		_, err := field.Read(ctx)
		return err
	}
}

// twoCPUs reports whether two goroutines that share nothing get nearly twice as
// much done as one.
func twoCPUs(b *testing.B) func() bool {
	const operations = 400_000 // some thirty milliseconds
	one, two := interleave.Share(b, []op{busy()}), interleave.Share(b, []op{busy(), busy()})
	return func() bool {
		return interleave.PerOperation(one, operations) >= 1.7*interleave.PerOperation(two, operations)
	}
}

// busy keeps a CPU busy for about as long as a read does.
func busy() op {
	kept := &counter{value: 1}
	return func() error {
		state := kept.value
		for range 40 {
			state ^= state << 13
			state ^= state >> 7
			state ^= state << 17
		}
		kept.value = state // the loop must have a use
		return nil
	}
}
