package bench

import (
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/spec/bench/interleave"
)

// bar is what a time has to meet.
type bar struct {
	text   string
	faster bool                // the ratio to print is other/ours
	met    func(r result) bool // nil for what is only reported
}

// noBar is for what is only reported.
var noBar = bar{text: "–"}

// atMost bounds ours/other.
func atMost(ratio float64) bar {
	return bar{
		text: fmt.Sprintf("≤ %.2f", ratio),
		met:  func(r result) bool { return r.ratio.Median <= ratio },
	}
}

// atLeast is how many times faster ours has to be.
func atLeast(ratio float64) bar {
	return bar{
		text:   fmt.Sprintf("≥ %.3g", ratio),
		faster: true,
		met:    func(r result) bool { return r.ratio.Inverse().Median >= ratio },
	}
}

// timesFaster reports how many times faster ours is.
var timesFaster = bar{text: "–", faster: true}

// within bounds an operation of ours.
func within(d time.Duration) bar {
	return bar{
		text: fmt.Sprintf("≤ %v", d),
		met:  func(r result) bool { return r.ours <= float64(d) },
	}
}

func (b bar) ratio(r result) interleave.Spread {
	if b.faster {
		return r.ratio.Inverse()
	}
	return r.ratio
}

// budget is what allocations have to meet; nil where they are not counted.
type budget struct {
	text     string
	relative bool // to the other side's
	limit    float64
}

// inTotal bounds the allocations of an operation.
func inTotal(limit int) *budget {
	return &budget{text: fmt.Sprintf("≤ %d", limit), limit: float64(limit)}
}

// beyondOther bounds the allocations in addition to the other side's.
func beyondOther(limit int) *budget {
	return &budget{text: fmt.Sprintf("≤ +%d", limit), relative: true, limit: float64(limit)}
}

func (b *budget) met(ours, other float64) bool {
	if b.relative {
		return ours-other <= b.limit
	}
	return ours <= b.limit
}
