package bench

import (
	"runtime"
	"slices"
	"time"
)

// A side does an operation n times.
type side func(n int)

// pace is how long a block of operations takes and how many pairs of blocks there are.
type pace struct {
	block time.Duration
	pairs int
	// fit says whether the machine is fit to measure on at the moment; nil if it always
	// is. Pairs before or after which it is not do not count.
	fit func() bool
}

// patience is how often a pair is tried that does not count, for each that should.
const patience = 4

var (
	// fine is for differences of a few percent.
	fine = pace{block: time.Millisecond, pairs: 400}
	// medium is for operations that are quick and differ plainly.
	medium = pace{block: 5 * time.Millisecond, pairs: 40}
	// coarse is for many goroutines, which take a while to get going, and for long operations.
	coarse = pace{block: 40 * time.Millisecond, pairs: 20}
)

// spread is the quartiles of a sample.
type spread struct{ low, median, high float64 }

func spreadOf(sample []float64) spread {
	slices.Sort(sample)
	at := func(quarter int) float64 { return sample[(len(sample)-1)*quarter/4] }
	return spread{at(1), at(2), at(3)}
}

// inverse is the spread of the reciprocals.
func (s spread) inverse() spread { return spread{1 / s.high, 1 / s.median, 1 / s.low} }

// result is the median nanoseconds of an operation on each side, and the spread
// of ours in relation to the other.
type result struct {
	ours, other float64
	ratio       spread
	pairs       int // that count; 0 if they were too few, and nothing was measured
}

// compare measures two sides interleaved.
func compare(p pace, ours, other side) result {
	runtime.GC() // what was measured before leaves its garbage to nobody
	nOurs, nOther := calibrate(p.block, ours), calibrate(p.block, other)
	var times, otherTimes, ratios []float64
	for pair := 0; pair < p.pairs*patience && len(ratios) < p.pairs; pair++ {
		if !p.isFit() {
			continue
		}
		var a, b float64
		if pair%2 == 0 {
			a = perOperation(ours, nOurs)
			b = perOperation(other, nOther)
		} else {
			b = perOperation(other, nOther)
			a = perOperation(ours, nOurs)
		}
		if p.isFit() {
			times, otherTimes, ratios = append(times, a), append(otherTimes, b), append(ratios, a/b)
		}
	}
	if len(ratios) < p.pairs/4 {
		return result{}
	}
	return result{spreadOf(times).median, spreadOf(otherTimes).median, spreadOf(ratios), len(ratios)}
}

func (p pace) isFit() bool { return p.fit == nil || p.fit() }

// calibrate finds how many operations fill a block, and warms the side up.
func calibrate(block time.Duration, s side) int {
	for n := 1; ; n *= 2 {
		took := time.Duration(perOperation(s, n) * float64(n))
		if took >= block/2 {
			return max(1, int(float64(n)*float64(block)/float64(took)))
		}
	}
}

func perOperation(s side, n int) float64 {
	start := time.Now()
	s(n)
	return float64(time.Since(start)) / float64(n)
}
