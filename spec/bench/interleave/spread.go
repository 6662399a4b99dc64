package interleave

import "slices"

// Spread is the quartiles of a sample.
type Spread struct{ Low, Median, High float64 }

func spreadOf(sample []float64) Spread {
	sorted := slices.Sorted(slices.Values(sample))
	at := func(quarter int) float64 { return sorted[(len(sorted)-1)*quarter/4] }
	return Spread{at(1), at(2), at(3)}
}

// Inverse is the spread of the reciprocals.
func (s Spread) Inverse() Spread { return Spread{1 / s.High, 1 / s.Median, 1 / s.Low} }
