// Package interleave measures sides of the same work against each other in one
// process. They run in small blocks, A B C, C B A, B C A, A C B and so on, and are compared
// round by round: whatever else the machine is doing meanwhile befalls all of them.
package interleave

import (
	"runtime"
	"time"
)

// Side does an operation n times.
type Side func(n int)

// Pace is how long a block of operations takes and how many rounds of blocks there are.
type Pace struct {
	Block  time.Duration
	Rounds int
	// Fit says whether the machine is fit to measure on at the moment; nil if it always
	// is. Rounds before or after which it is not do not count.
	Fit func() bool
}

// patience is how often a round is tried that does not count, for each that should.
const patience = 4

var (
	// Fine is for differences of a few percent.
	Fine = Pace{Block: time.Millisecond, Rounds: 400}
	// Medium is for operations that are quick and differ plainly.
	Medium = Pace{Block: 5 * time.Millisecond, Rounds: 40}
	// Coarse is for many goroutines, which take a while to get going, and for long operations.
	Coarse = Pace{Block: 40 * time.Millisecond, Rounds: 20}
)

// Sample is the nanoseconds of an operation, by side and round.
type Sample [][]float64

// Run measures the sides. A Sample without rounds says that too few counted.
func Run(p Pace, sides ...Side) Sample {
	runtime.GC() // what was measured before leaves its garbage to nobody
	counts, sample := make([]int, len(sides)), make(Sample, len(sides))
	for i, side := range sides {
		counts[i] = calibrate(p.Block, side)
	}
	took := make([]float64, len(sides))
	for round := 0; round < p.Rounds*patience && sample.Rounds() < p.Rounds; round++ {
		if !p.isFit() {
			continue
		}
		for position := range sides {
			i := turn(round, position, len(sides))
			took[i] = PerOperation(sides[i], counts[i])
		}
		if p.isFit() {
			for i := range sides {
				sample[i] = append(sample[i], took[i])
			}
		}
	}
	if sample.Rounds() < p.Rounds/4 {
		return make(Sample, len(sides))
	}
	return sample
}

// turn is whose turn it is at a position of a round. A scheduler in step with the rounds
// favours a position; so each side has each of them, as often as any other.
func turn(round, position, sides int) int {
	if round%2 == 1 {
		position = sides - 1 - position
	}
	return (round/2 + position) % sides
}

func (p Pace) isFit() bool { return p.Fit == nil || p.Fit() }

// calibrate finds how many operations fill a block, and warms the side up. The fastest
// of some tries counts: a side that was held up would get shorter blocks than others,
// in which an operation costs more.
func calibrate(block time.Duration, s Side) int {
	for n := 1; n > 0; n *= 2 {
		fastest := min(PerOperation(s, n), PerOperation(s, n), PerOperation(s, n))
		if took := fastest * float64(n); took >= float64(block)/2 {
			return max(1, int(float64(block)/fastest))
		}
	}
	return 1 // it does nothing, as one that has failed
}

// PerOperation is the nanoseconds of one of n operations.
func PerOperation(s Side, n int) float64 {
	start := time.Now()
	s(n)
	return float64(time.Since(start)) / float64(n)
}

// Rounds is how many rounds counted.
func (s Sample) Rounds() int { return len(s[0]) }

// Time is the median nanoseconds of an operation of one side.
func (s Sample) Time(side int) float64 { return spreadOf(s[side]).Median }

// Ratio is the spread of one side in relation to another.
func (s Sample) Ratio(side, other int) Spread {
	ratios := make([]float64, s.Rounds())
	for round := range ratios {
		ratios[round] = s[side][round] / s[other][round]
	}
	return spreadOf(ratios)
}
