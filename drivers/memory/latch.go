package memory

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// latch is a lock for one writer or many readers, the zero latch being free, that readers on different CPUs
// do not slow each other down with, even where all read the same key. While it is closed, readers are counted:
// that is what a lone one is done with soonest, but the word travels between CPUs. While it is open, a reader
// instead writes it into a visit that hardly anybody else writes to; a writer closes the latch and looks
// through the visits. (D. Dice, A. Kogan: BRAVO — Biased Locking for Reader-Writer Locks, 2019.) Only readers
// on several CPUs find each other counted; enough of them open the latch.
//
// It is not a sync.RWMutex, which does not tell how many readers there are: to see now and then on which CPU
// one is takes a random number each time, 4 ns of the 45 of a read. Measured against one, on two CPUs,
// interleaved: two or more that read one key take 24 ns for a get instead of 30 to 33, where a RWMutex lets two
// do no more than one. That is what it is for: BenchmarkParallelReaders of spec/bench. A reader who is
// alone took 47 instead of 31 when the latch was open, which it therefore need not be for him.
type latch struct {
	writer  sync.Mutex
	counted atomic.Int32 // the readers who count; below zero while there is a writer, who waits for them
	met     atomic.Int32 // how often one found another, since the last writer
	open    atomic.Bool
}

const (
	// writing is more than there can be readers.
	writing = math.MaxInt32 / 2
	// metToOpen of them are no accident.
	metToOpen = 4
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
	l.count()
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

// count locks for a reader who counts.
func (l *latch) count() {
	if n := l.counted.Add(1); n != 1 {
		l.meet(n)
	}
}

// meet is what a reader does who is counted and not alone.
func (l *latch) meet(n int32) {
	if n > 0 {
		if !l.open.Load() && l.met.Add(1) == metToOpen {
			l.open.Store(true)
		}
		return
	}
	l.counted.Add(-1) // it queues behind the writer
	l.writer.Lock()
	l.counted.Add(1)
	l.writer.Unlock()
}

func (l *latch) runlock(v *visit) {
	if v != nil {
		v.to.Store(nil)
	} else {
		l.counted.Add(-1)
	}
}

func (l *latch) lock() {
	l.writer.Lock()
	if l.counted.Add(-writing) != -writing {
		wait(func() bool { return l.counted.Load() == -writing })
	}
	if l.met.Load() > 0 {
		l.close()
	}
}

// close is for a writer. Readers who are counted now, and begin after it, find no latch open.
func (l *latch) close() {
	l.met.Store(0)
	if !l.open.Swap(false) {
		return
	}
	for i := range visits {
		if v := &visits[i]; v.to.Load() == l {
			wait(func() bool { return v.to.Load() != l })
		}
	}
}

func (l *latch) unlock() {
	l.counted.Add(writing)
	l.writer.Unlock()
}

// wait is for readers, most of whom are done within a microsecond.
func wait(done func() bool) {
	for tries := 0; !done(); tries++ {
		if tries < 1000 {
			runtime.Gosched()
		} else {
			time.Sleep(50 * time.Microsecond)
		}
	}
}

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
