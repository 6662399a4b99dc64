package memory

import (
	"sync"
	"sync/atomic"
	"testing"
)

func TestLatchOpensForReadersOnSeveralCPUs(t *testing.T) {
	var l latch
	for _, place := range []uint32{1, 1, 2, 2, 3, 4, 4, 5, 5, 1, 2, 3, 3} { // one that was moved now and then
		l.sample(place)
	}
	if l.open.Load() {
		t.Fatal("it is open for one reader")
	}
	for _, place := range []uint32{1, 2, 1, 2} {
		l.sample(place)
	}
	if !l.open.Load() {
		t.Fatal("it is closed for two readers")
	}
	visit := l.rlock()
	if visit == nil {
		t.Fatal("a reader does not visit an open latch")
	}
	l.runlock(visit)
	l.lock()
	l.unlock()
	if l.open.Load() {
		t.Fatal("a writer leaves it open")
	}
}

// TestLatchExcludes has readers who do not visit, readers who may and writers, of two latches at once, look for each other.
func TestLatchExcludes(t *testing.T) {
	const goroutines, rounds = 8, 5_000
	var latches [2]latch
	var readers, writers [2]atomic.Int32
	var written [2]int // as a data race would show
	enter := func(i int) {
		if readers[i].Add(1); writers[i].Load() != 0 {
			t.Error("a reader beside a writer")
		}
		_ = written[i]
		readers[i].Add(-1)
	}
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for round := range rounds {
				switch i := (g + round) % 2; {
				case round%50 == g:
					for i := range latches {
						latches[i].lock()
					}
					for i := range latches {
						if writers[i].Add(1) != 1 || readers[i].Load() != 0 {
							t.Error("a writer beside others")
						}
						written[i]++
					}
					for i := range latches {
						writers[i].Add(-1)
						latches[i].unlock()
					}
				case g == 0: // as those of several shards do
					latches[i].mu.RLock()
					enter(i)
					latches[i].runlock(nil)
				default:
					latches[i].mu.RLock()
					latches[i].sample(uint32(round)) // as if it was always another
					latches[i].mu.RUnlock()
					visit := latches[i].rlock()
					enter(i)
					latches[i].runlock(visit)
				}
			}
		})
	}
	all.Wait()
	for i := range latches {
		if want := goroutines * rounds / 50; written[i] != want {
			t.Errorf("%d writes instead of %d", written[i], want)
		}
	}
}
