package kv

import (
	"context"
	"errors"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// keep renews a lease at every third of it, until the context ends, or returns why it could
// not: lost. The lease began after since.
func (k keyRef) keep(ctx context.Context, lease time.Duration, since time.Time, lost error, renew func(ctx context.Context) error) error {
	end, wait := since.Add(lease), lease/3
	for {
		if pause(ctx, wait) != nil {
			return nil
		}
		began := time.Now()
		trying, cancel := context.WithDeadline(ctx, end)
		err := renew(trying)
		cancel()
		switch {
		case err == nil:
			end, wait = began.Add(lease), lease/3
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, lost):
			return err
		case !time.Now().Before(end):
			return k.fail("Renew", drivers.Join(lost, err))
		default: // the server cannot be reached just now
			wait = min(lease/10, time.Until(end))
		}
	}
}

// kept keeps a lease in the background. The context that it gives ends with the cause if the lease
// is lost; end ends it, and returns that cause.
func (k keyRef) kept(ctx context.Context, lease time.Duration, since time.Time, lost error, renew func(ctx context.Context) error) (inner context.Context, end func() error) {
	inner, cancel := context.WithCancelCause(ctx)
	renewing, stop := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		if err := k.keep(renewing, lease, since, lost, renew); err != nil {
			cancel(err)
		}
	}()
	return inner, func() error {
		stop()
		<-over
		cause := context.Cause(inner)
		cancel(nil)
		if errors.Is(cause, lost) {
			return cause
		}
		return nil
	}
}
