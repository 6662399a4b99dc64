package drivers

import (
	"context"
	"math/rand/v2"
	"time"
)

// Pauses lie between the tries of something that failed without effect. Each is drawn
// at random from 0 to a limit that doubles from First to Longest, so that those who met
// once part ways. They are for one goroutine.
type Pauses struct {
	First, Longest time.Duration
	Tries          int           // how often it may be tried
	Total          time.Duration // how long after the first failure it may be tried; 0 for any time

	limit time.Duration
	tried int
	began time.Time
}

// Patience are the pauses for what passes by itself: a slot of some thousand keys that moves
// within a cluster, a master that is replaced.
func Patience() Pauses {
	return Pauses{First: 2 * time.Millisecond, Longest: 200 * time.Millisecond, Tries: 40, Total: 5 * time.Second}
}

// Wait is called after each try that failed. It reports whether to try again, which
// it does after the pause: not when the tries or the time are used up, nor once ctx ends.
func (p *Pauses) Wait(ctx context.Context) bool {
	if p.tried == 0 {
		p.began, p.limit = time.Now(), p.First
	}
	p.tried++
	if p.tried >= p.Tries || p.Total > 0 && time.Since(p.began) >= p.Total {
		return false
	}
	timer := time.NewTimer(rand.N(p.limit))
	defer timer.Stop()
	p.limit = min(2*p.limit, p.Longest)
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
