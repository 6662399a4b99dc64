package kv

import (
	"cmp"
	"context"
	"reflect"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// conflicts are the pauses of a change that is worked out anew because somebody else
// wrote meanwhile, from the second time on: after the first it is time to stand in line.
var conflicts = drivers.Pauses{First: time.Millisecond, Longest: 20 * time.Millisecond, Tries: 63}

// optimistically calls try until it is done or fails, and gives up with ErrConflict. After the
// first time try has to wait for its turn; who is stopped by others although it had the
// turn - another program, or one who writes without looking - is in for a pause.
func optimistically(ctx context.Context, try func(turn *turn) (done bool, err error)) error {
	var turn turn
	defer turn.end()
	for pauses := conflicts; ; turn.again = true {
		if done, err := try(&turn); err != nil || done {
			return err
		}
		if turn.again && !pauses.Wait(ctx) {
			return cmp.Or(ctx.Err(), ErrConflict)
		}
	}
}

// optimistically calls try, which changes the value, as long as it takes.
//
//go:noinline // see eachOf
func (k keyRef) optimistically(ctx context.Context, try func() (done bool, err error)) error {
	return optimistically(ctx, func(turn *turn) (bool, error) {
		if err := turn.await(ctx, k.driver.inside(), false, k.key); err != nil {
			return false, err
		}
		return try()
	})
}

// change works out the new value from the current one.
type change func(current drivers.Reply) (next content, err error)

// content is what a scalar is to hold, and what indexes are to have of it.
type content struct {
	text    string
	entries []drivers.Entry
}

// update replaces a scalar by what change makes of it, atomically: the new value is
// stored only if the current one is still what change saw. Two round trips (GET and
// a compare-and-swap script, or SET NX where there is no value) a try.
func (k keyRef) update(ctx context.Context, op string, expiry drivers.Expiry, change change) error {
	err := k.optimistically(ctx, func() (bool, error) {
		current, err := k.ask(ctx, op, drivers.OpGet)
		if err != nil {
			return false, err
		}
		next, err := change(current)
		if err != nil {
			return false, err
		}
		if next.text == current.Value && !current.Nil && expiry.Mode == drivers.KeepTTL {
			return true, nil // it would store what is there
		}
		return k.compareAndSwap(ctx, op, current, next, expiry)
	})
	if err != nil {
		return k.fail(op, err)
	}
	return nil
}

// compareAndSwap stores next if the value is still the current one, or still absent.
func (k keyRef) compareAndSwap(ctx context.Context, op string, current drivers.Reply, next content, expiry drivers.Expiry) (bool, error) {
	cmd := drivers.Command{Op: drivers.OpCompareAndSwap, Extra: &drivers.Extra{Expected: current.Value}, Value: next.text, Expiry: expiry}
	if current.Nil {
		cmd = drivers.Command{Op: drivers.OpSet, Value: next.text, If: drivers.IfAbsent, Expiry: k.node.expiry}
	}
	reply, err := k.do(ctx, op, k.indexing(&cmd, next.entries))
	return reply.Int == 1 || current.Nil && !reply.Nil, err
}

// clearValue undoes what has been read into what pointer points to.
func clearValue(pointer any) { reflect.ValueOf(pointer).Elem().SetZero() }

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
