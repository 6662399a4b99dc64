package spec

import (
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

	// Block claims drivers.Blocker. Not claimed, it is errors.ErrUnsupported.
	Block bool

	// Subscribe claims drivers.Subscriber. Not claimed, it is errors.ErrUnsupported.
	Subscribe bool

	// Follow claims drivers.Follower. Not claimed, it is errors.ErrUnsupported.
	Follow bool

	// Texts claims a drivers.TextReader of its own. Not claimed, there is none.
	Texts bool

	// FieldTTL claims times to live of the fields of hashes, which Redis has from 7.4
	// on: OpHExpire, OpHTTL and OpHPersist. Not claimed, they are errors.ErrUnsupported.
	FieldTTL bool

	// EmptyBefore claims that OpGetRange answers nothing where it ends before the first byte,
	// as Redis does from 8.0 on. Not claimed, it answers the first byte.
	EmptyBefore bool

	// Prefix goes in front of every key of a check that uses several keys
	// together, for stores that spread keys over hash slots: "{spec}:".
	Prefix string

	// Apart are keys that lie in different slots, for such a store: the suite then
	// asserts ErrCrossSlot. Empty for a store without slots.
	Apart []string

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

	// Waiting is how many wait in the store, for checks that have to know when somebody
	// does; nil stands for a store in which waiting begins at once.
	Waiting func() int
}

func (s Store) now() int64 {
	if s.Now == nil {
		return time.Now().UnixMilli()
	}
	return s.Now().UnixMilli()
}
