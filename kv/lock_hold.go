package kv

import (
	"context"
	"errors"
	"fmt"
)

// Hold calls fn while it holds the lock: it acquires it as Acquire does, renews it in the
// background at every third of the lease, and releases it when fn returns or panics. If
// the lock is lost, or could not be renewed before the lease was over, fn's context ends
// with the cause ErrLockLost.
//
// The error is fn's; ErrLockLost if fn returned nil and the lock was lost before; or why
// it was not acquired.
func (f LockField) Hold(ctx context.Context, fn func(ctx context.Context, held Held) error) (err error) {
	if fn == nil {
		return f.at.lacksFunction("Hold")
	}
	if f.at.driver.isConfined() {
		return f.at.fail("Hold", fmt.Errorf("holding a lock within a batch or a transaction: %w", errors.ErrUnsupported))
	}
	held, err := f.acquireWait(ctx, "Hold")
	if err != nil {
		return err
	}
	inner, end := f.at.kept(ctx, f.lease, held.since, ErrLockLost, held.Renew)
	defer func() {
		if lost := end(); lost != nil {
			if err == nil {
				err = lost
			}
			return
		}
		releasing, done := context.WithTimeout(context.WithoutCancel(ctx), f.lease)
		defer done()
		if released := held.Release(releasing); err == nil && errors.Is(released, ErrLockLost) {
			err = released
		}
	}()
	return fn(inner, held)
}
