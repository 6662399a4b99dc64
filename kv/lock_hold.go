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
	switch f.at.driver.driver.(type) {
	case *recorder, *transaction:
		return f.at.fail("Hold", fmt.Errorf("holding a lock within a batch or a transaction: %w", errors.ErrUnsupported))
	}
	held, err := f.Acquire(ctx)
	if err != nil {
		return err
	}
	inner, cancel := context.WithCancelCause(ctx)
	renewing, stop := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		if err := held.keep(renewing); err != nil {
			cancel(err)
		}
	}()
	defer func() {
		stop()
		<-over
		lost := context.Cause(inner)
		cancel(nil)
		if errors.Is(lost, ErrLockLost) {
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

// keep renews the lock until the context ends, or returns why it could not: ErrLockLost.
func (h Held) keep(ctx context.Context) error {
	return h.lock.at.keep(ctx, h.lock.lease, h.since, ErrLockLost, h.Renew)
}
