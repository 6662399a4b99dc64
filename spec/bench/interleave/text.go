package interleave

import (
	"fmt"
	"time"
)

// Nanoseconds writes a time with three digits or so.
func Nanoseconds(ns float64) string {
	d := time.Duration(ns)
	for unit := time.Duration(1); ; unit *= 10 {
		if d < 1000*unit {
			return d.Round(unit).String()
		}
	}
}

// Number writes a ratio: two decimals where they matter.
func Number(ratio float64) string {
	if ratio >= 20 {
		return fmt.Sprintf("%.0f", ratio)
	}
	return fmt.Sprintf("%.2f", ratio)
}
