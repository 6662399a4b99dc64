package bench

import (
	"math"
	"testing"

	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// op is an operation that is measured.
type op = interleave.Op

// measurement is a row of the table before it is measured.
type measurement struct {
	group       group
	name        string
	pace        interleave.Pace
	ours, other interleave.Side
	bar         bar
	unit        func(float64) string // writes what was measured; nil for nanoseconds
}

// result is the median nanoseconds of an operation on each side, and the spread
// of ours in relation to the other.
type result struct {
	ours, other float64
	ratio       interleave.Spread
	pairs       int // that count; 0 if they were too few, and nothing was measured
}

// compare measures two sides interleaved.
func compare(p interleave.Pace, ours, other interleave.Side) result {
	sample := interleave.Run(p, ours, other)
	if sample.Rounds() == 0 {
		return result{}
	}
	return result{sample.Time(0), sample.Time(1), sample.Ratio(0, 1), sample.Rounds()}
}

// run measures and reports; allocated may be nil.
func (m measurement) run(b *testing.B, allocated *allocations) {
	r := compare(m.pace, m.ours, m.other)
	if b.Failed() {
		return
	}
	if r.pairs == 0 {
		report.add(row{m, r, nil})
		b.Skip(notMeasured)
	}
	ratio := m.bar.ratio(r)
	b.ReportMetric(r.ours, "ns/op")
	b.ReportMetric(r.other, "other-ns/op")
	b.ReportMetric(ratio.Median, "ratio")
	b.ReportMetric(ratio.Low, "ratio-p25")
	b.ReportMetric(ratio.High, "ratio-p75")
	if allocated != nil {
		b.ReportMetric(allocated.ours, "allocs/op")
		if !allocated.met() {
			b.Errorf("%s: %s allocations, the bar is %s", m.name, allocated, allocated.budget.text)
		}
	}
	report.add(row{m, r, allocated})
}

// allocations are those of one operation on either side.
type allocations struct {
	ours, other float64
	budget      *budget // nil where they are only reported
}

// countAllocations counts exactly: each side is run often enough that what happens
// once in a while does not count.
func countAllocations(ours, other op, budget *budget) *allocations {
	count := func(do op) float64 { return math.Floor(testing.AllocsPerRun(200, func() { _ = do() })) }
	return &allocations{count(ours), count(other), budget}
}

func (a *allocations) met() bool { return a.budget == nil || a.budget.met(a.ours, a.other) }
