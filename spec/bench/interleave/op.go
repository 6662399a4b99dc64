package interleave

import (
	"sync"
	"testing"
)

// Op is an operation that is measured.
type Op func() error

// Repeat makes a side of an operation. One that fails, fails the benchmark.
func Repeat(b *testing.B, do Op) Side {
	return func(n int) {
		for range n {
			if err := do(); err != nil {
				b.Error(err)
				return
			}
		}
	}
}

// Share makes a side of operations that run at the same time, each on a goroutine
// of its own, and divide the work among them.
func Share(b *testing.B, ops []Op) Side {
	return func(n int) {
		var running sync.WaitGroup
		for i, do := range ops {
			part := n / len(ops)
			if i < n%len(ops) {
				part++
			}
			running.Go(func() { Repeat(b, do)(part) })
		}
		running.Wait()
	}
}
