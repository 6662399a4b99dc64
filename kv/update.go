package kv

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

const (
	// updateTries bounds how often a change is worked out anew because somebody
	// else wrote meanwhile.
	updateTries = 64
	// The pause before the next try is drawn from 0 to a limit that doubles from
	// the first to the longest, so that writers who met once part ways.
	firstPause   = 50 * time.Microsecond
	longestPause = 20 * time.Millisecond
)

// change works out the new value from the current one.
type change func(current drivers.Reply) (next string, err error)

// update replaces a scalar by what change makes of it, atomically: the new value is
// stored only if the current one is still what change saw. Two round trips (GET and
// a compare-and-swap script, or SET NX where there is no value) a try.
func (f Field) update(ctx context.Context, op string, expiry drivers.Expiry, change change) error {
	limit := firstPause
	for range updateTries {
		current, err := f.do(ctx, op, drivers.Command{Op: drivers.OpGet})
		if err != nil {
			return err
		}
		next, err := change(current)
		if err != nil {
			return f.fail(op, err)
		}
		if next == current.Value && !current.Nil && expiry.Mode == drivers.KeepTTL {
			return nil // it would store what is there
		}
		stored, err := f.compareAndSwap(ctx, op, current, next, expiry)
		if err != nil || stored {
			return err
		}
		if err := pause(ctx, rand.N(limit)); err != nil {
			return f.fail(op, err)
		}
		limit = min(2*limit, longestPause)
	}
	return f.fail(op, ErrConflict)
}

// compareAndSwap stores next if the value is still the current one, or still absent.
func (f Field) compareAndSwap(ctx context.Context, op string, current drivers.Reply, next string, expiry drivers.Expiry) (bool, error) {
	if current.Nil {
		reply, err := f.do(ctx, op, drivers.Command{Op: drivers.OpSet, Value: next, If: drivers.IfAbsent, Expiry: f.node.expiry})
		return !reply.Nil, err
	}
	return f.yes(ctx, op, drivers.Command{Op: drivers.OpCompareAndSwap, Expected: current.Value, Value: next, Expiry: expiry})
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
