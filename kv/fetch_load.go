package kv

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// errNoReturn is that of a load which ends its goroutine.
var errNoReturn = errors.New("load did not return")

// call calls load, in a goroutine of its own, as it may never return, and renews the lease meanwhile.
func (f *fetching) call(ctx context.Context, owner string, since time.Time, load loading) (drivers.Command, error) {
	tooLong := fmt.Errorf("load took more than %v: %w", f.settings.within, context.DeadlineExceeded)
	ctx, cancel := context.WithTimeoutCause(ctx, f.settings.within, tooLong)
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		_ = f.keep(ctx, fetchLease, since, errLeaseLost, f.renewing(owner)) // settle finds out
	}()
	defer func() {
		cancel()
		<-kept
	}()
	type outcome struct {
		cmd drivers.Command
		err error
	}
	over := make(chan outcome, 1)
	go func() {
		result := outcome{err: errNoReturn}
		defer func() { over <- result }()
		result.err = panicAsError(func() (err error) {
			result.cmd, err = load(ctx)
			return err
		})
	}()
	select {
	case result := <-over:
		if result.err != nil && ctx.Err() != nil {
			return result.cmd, context.Cause(ctx)
		}
		return result.cmd, result.err
	case <-ctx.Done():
		return drivers.Command{}, context.Cause(ctx)
	}
}

// renewing lets the lease of owner begin anew.
func (f *fetching) renewing(owner string) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		renewed, err := f.driver.Do(ctx, f.beside(drivers.Command{
			Op: drivers.OpCompareAndSwap, Extra: &drivers.Extra{Expected: owner}, Value: owner, Expiry: drivers.In(fetchLease),
		}))
		if err == nil && renewed.Int == 0 {
			err = errLeaseLost
		}
		return err
	}
}
