package spec

import (
	"context"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// Harness is what a driver's author tells the suite about the driver.
type Harness struct {
	// Open returns an empty store, which one check has for itself. It runs inside
	// the spec, so it may use DeferCleanup and Skip.
	Open func() Store

	// The optional abilities the driver claims. One that is not claimed has to
	// answer errors.ErrUnsupported through its accessor in package drivers; not
	// claiming Close says that closing does nothing.
	Batch, Watch, Scan, Close bool

	// Prefix goes in front of every key of a check that uses several keys
	// together, for stores that spread keys over hash slots: "{spec}:".
	Prefix string

	// Apart are keys that lie in different slots, for such a store: the suite then
	// asserts ErrCrossSlot. Empty for a store without slots.
	Apart []string

	// Foreign names the kinds of values that other programs may leave in the store
	// and no Op makes ("list", "stream"); Store.Plant makes them.
	Foreign []string

	// Huge allows checks that make strings of 512 MB.
	Huge bool
}

// Store is one empty store and the driver to it.
type Store struct {
	Driver drivers.Driver

	// Advance moves the clock of the store. A nil Advance says that the store
	// lives on the wall clock: the suite then waits for expiries of a millisecond.
	Advance func(d time.Duration)

	// Now reads the clock of the store; nil stands for time.Now.
	Now func() time.Time

	// Plant puts a value of one of Harness.Foreign under key.
	Plant func(ctx context.Context, kind, key string) error
}

func (s Store) now() int64 {
	if s.Now == nil {
		return time.Now().UnixMilli()
	}
	return s.Now().UnixMilli()
}
