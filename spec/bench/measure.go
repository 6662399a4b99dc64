package bench

import (
	"math"
	"sync"
	"testing"
)

// op is an operation that is measured.
type op func() error

// repeat makes a side of an operation.
func repeat(b *testing.B, do op) side {
	return func(n int) {
		for range n {
			if err := do(); err != nil {
				b.Error(err)
				return
			}
		}
	}
}

// share makes a side of operations that run at the same time, each on a goroutine
// of its own, and divide the work among them.
func share(b *testing.B, ops []op) side {
	return func(n int) {
		var running sync.WaitGroup
		for i, do := range ops {
			part := n / len(ops)
			if i < n%len(ops) {
				part++
			}
			running.Go(func() { repeat(b, do)(part) })
		}
		running.Wait()
	}
}

// measurement is a row of the table before it is measured.
type measurement struct {
	group       group
	name        string
	pace        pace
	ours, other side
	bar         bar
	unit        func(float64) string // writes what was measured; nil for nanoseconds
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
	b.ReportMetric(ratio.median, "ratio")
	b.ReportMetric(ratio.low, "ratio-p25")
	b.ReportMetric(ratio.high, "ratio-p75")
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
