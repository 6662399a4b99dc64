package kv

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// Fetch is a read that loads what is missing. What it does beside reading is here and in the other files
// of the family; it knows values as what is stored of them, in replies and in commands, and no type of theirs.

// loading calls the load of a Fetch, and is the command that stores what that has returned.
type loading func(ctx context.Context) (drivers.Command, error)

// fetching is a Fetch that was not over with a Read.
type fetching struct {
	keyRef
	settings fetchSettings
	found    drivers.Reply // what there was at first
	left     int64         // milliseconds that has left
	refresh  bool          // there is a value to be refreshed
	stale    bool          // it is not fresh any more
}

// isPlain reports a Fetch that begins as a Read: what that finds is its outcome.
func (k *keyRef) isPlain(options []FetchOption) bool {
	return len(options) == 0 && !k.driver.isConfined()
}

// fetch is the value that a Fetch comes by, after a Read that has found none if it is a plain one: what is there if that is fresh
// enough, else what is loaded, which may come beside an ErrNotStored. It is for reading alone.
func (k *keyRef) fetch(ctx context.Context, options []FetchOption, load loading) (*drivers.Reply, error) {
	if err := k.carried("Fetch"); err != nil {
		return nil, err
	}
	if k.driver.isConfined() {
		return nil, k.fail("Fetch", fmt.Errorf("loading within a batch or a transaction: %w", errors.ErrUnsupported))
	}
	f := fetching{keyRef: *k, settings: defaultFetch}
	if len(options) > 0 {
		if err := f.lookUp(ctx, options); err != nil {
			return nil, k.fail("Fetch", err)
		}
		if f.refresh {
			flights.start(ctx, &f, load)
		}
		if k.holds(f.found) {
			return &f.found, nil
		}
	}
	reply, err := flights.wait(ctx, &f, load)
	if err != nil {
		err = k.fail("Fetch", err)
	}
	return reply, err
}

// lookUp reads the value, and decides whether it is to be refreshed. One round trip.
func (f *fetching) lookUp(ctx context.Context, options []FetchOption) (err error) {
	if f.settings, err = f.fetchSettings(options); err != nil {
		return err
	}
	switch {
	case f.settings.fresh > 0 || f.settings.ahead > 0:
		items, err := f.together(ctx, "Fetch", drivers.Command{Op: f.wholeOp()}, drivers.Command{Op: drivers.OpTTL})
		if err != nil {
			return err
		}
		if f.found, f.left = items[0].Reply, millisLeft(items[1].Reply); f.holds(f.found) {
			f.refresh, f.stale = f.settings.due(f.node.node.TTL(), f.left)
		}
	case f.wholeOp() == drivers.OpGet:
		var exists bool
		f.found.Value, exists, err = f.text(ctx, "Fetch")
		f.found.Nil = !exists
	case f.isNear():
		f.found, err = f.replyNear(ctx, "Fetch", drivers.NearRead{Op: drivers.OpHGetAll})
	default:
		f.found, err = f.ask(ctx, "Fetch", drivers.OpHGetAll)
	}
	return err
}

// millisLeft is what an OpTTL has answered, as a number that is greater the longer a value stays.
func millisLeft(ttl drivers.Reply) int64 {
	switch {
	case ttl.Nil:
		return 0
	case ttl.Int < 0:
		return math.MaxInt64
	}
	return ttl.Int
}

// wholeOp reads all of a value of the kind that the field has.
func (k *keyRef) wholeOp() drivers.Op {
	if k.node.kind() == dsl.Hash {
		return drivers.OpHGetAll
	}
	return drivers.OpGet
}

// holds reports whether what wholeOp has answered is a value.
func (k *keyRef) holds(reply drivers.Reply) bool {
	return found(&reply, k.wholeOp())
}

// same reports whether wholeOp has answered the same twice.
func (k *keyRef) same(one, other drivers.Reply) bool {
	if !k.holds(one) || !k.holds(other) {
		return k.holds(one) == k.holds(other)
	}
	return one.Value == other.Value && drivers.SamePairs(one.Values, other.Values)
}

// forget removes the value and what Fetch keeps beside it.
func (k *keyRef) forget(ctx context.Context) (bool, error) {
	if err := k.carried("Forget"); err != nil {
		return false, err
	}
	flights.forget(*k)
	erase := k.addressed(drivers.Command{Op: drivers.OpDelete})
	items, err := k.execute(ctx, "Forget", drivers.NewBatch(k.besideDelete(), erase)) // in this order: see fetch_lease.go
	if err != nil {
		return false, err
	}
	return items[1].Reply.Int == 1, nil
}
