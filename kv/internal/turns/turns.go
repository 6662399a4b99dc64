// Package turns says for how long those wait for each other who change the same values at the same time. A program has no reason to change
// that; a spec that has to see them wait, on a machine however busy, has.
package turns

import (
	"sync/atomic"
	"time"
)

var (
	// Longest is how long others wait for who has the turn. It may be waiting for them.
	Longest = patience(100 * time.Millisecond)
	// LongestShare is how long those who commit together wait for the one that is under way before they do without.
	LongestShare = patience(10 * time.Millisecond)
)

// Patience is a time that may be changed while others look at it.
type Patience struct{ time atomic.Int64 }

func patience(d time.Duration) *Patience {
	p := &Patience{}
	p.Set(d)
	return p
}

// Get is how long it is.
func (p *Patience) Get() time.Duration { return time.Duration(p.time.Load()) }

// Set makes it longer or shorter, for those who begin to wait.
func (p *Patience) Set(d time.Duration) { p.time.Store(int64(d)) }
