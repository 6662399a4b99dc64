package memory

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
)

// latch is a sync.RWMutex that readers on different CPUs do not slow each other
// down with, even where all read the same key. The zero latch is free. A RWMutex counts its readers in
// one word, which then travels between the CPUs. While a latch is open, a reader
// instead writes it into a visit that hardly anybody else writes to; a writer
// closes the latch and looks through the visits. (D. Dice, A. Kogan: BRAVO — Biased
// Locking for Reader-Writer Locks, 2019.) That costs a reader who is alone more than
// a RWMutex does, so only readers on several CPUs open a latch.
//
// Measured against a RWMutex alone, on two CPUs, interleaved: two or more that read one key
// take 24 ns for a get instead of 30 to 33, where a RWMutex lets two do no more than one. That
// is what it is for: BenchmarkParallelReaders of spec/bench. A reader who is alone took 47
// instead of 31 when the latch was open, which it therefore need not be for him.
//
// A word of its own that tells how many readers there are would spare a lone reader a random number, 4 ns
// of 49; but its writers have to wait for readers by turns of the scheduler or by sleeping, which in a
// bubble of testing/synctest is for ever.
type latch struct {
	mu     sync.RWMutex
	open   atomic.Bool
	reader atomic.Uint32 // the place of one of those who found it closed
	moves  atomic.Uint32 // how often that was another than the last time; enough of them open it
}

const (
	// sampled is one in how many readers that find a latch closed looks where it is.
	sampled = 16
	// movesToOpen in a row mean that readers take turns, and not that one was moved.
	movesToOpen = 4
)

// visits is where readers say which open latch they hold, of whichever driver.
var visits [64]visit

type visit struct {
	to atomic.Pointer[latch]
	_  [56]byte // to the end of the cache line
}

// rlock locks for reading. What it returns is for runlock.
func (l *latch) rlock() *visit {
	if l.open.Load() {
		if v := l.visit(); v != nil {
			return v
		}
	}
	l.mu.RLock()
	if rand.Uint32()%sampled == 0 {
		l.sample(currentPlace())
	}
	return nil
}

// visit is a visit to an open latch, unless somebody else is there or it is closed meanwhile.
func (l *latch) visit() *visit {
	v := &visits[currentPlace()]
	if !v.to.CompareAndSwap(nil, l) {
		return nil
	}
	// A writer closes first and looks at the visits then, so either it sees
	// this one, or it is seen here.
	if l.open.Load() {
		return v
	}
	v.to.Store(nil)
	return nil
}

// sample opens a latch that is read in several places. It is for who has counted himself: while there is
// a writer, the latch stays closed.
func (l *latch) sample(place uint32) {
	switch {
	case l.reader.Swap(place) == place:
		l.moves.Store(0)
	case l.moves.Add(1) == movesToOpen:
		l.moves.Store(0)
		l.open.Store(true)
	}
}

func (l *latch) runlock(v *visit) {
	if v != nil {
		v.to.Store(nil)
	} else {
		l.mu.RUnlock()
	}
}

func (l *latch) lock() {
	l.mu.Lock()
	if !l.open.Load() {
		return
	}
	l.open.Store(false)
	for i := range visits {
		for visits[i].to.Load() == l {
			runtime.Gosched()
		}
	}
}

func (l *latch) unlock() { l.mu.Unlock() }

var (
	places    = sync.Pool{New: func() any { place := nextPlace.Add(1) % uint32(len(visits)); return &place }}
	nextPlace atomic.Uint32
)

// currentPlace is which visit to use. Most of the time it is the same for whatever
// runs on one CPU and differs between CPUs, since a sync.Pool keeps what was put
// in for the CPU that put it; correctness does not depend on it.
func currentPlace() uint32 {
	place := places.Get().(*uint32)
	n := *place
	places.Put(place)
	return n
}
