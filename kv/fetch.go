package kv

import (
	"cmp"
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

// fetching is a Fetch that is not over with reading: there is no value, or one that is to be refreshed.
type fetching struct {
	keyRef
	settings fetchSettings
	found    drivers.Reply // a value to be refreshed
	left     int64         // milliseconds that has left
	refresh  bool          // there is a value to be refreshed
	stale    bool          // it is not fresh any more
}

// lookUp reads the value for a Fetch. If there is more to do it says what. One round trip.
func (k *keyRef) lookUp(ctx context.Context, options []FetchOption) (drivers.Reply, *fetching, error) {
	if err := k.fetches(); err != nil {
		return drivers.Reply{}, nil, err
	}
	if len(options) > 0 {
		return k.lookUpWith(ctx, options)
	}
	reply, err := k.readWhole(ctx)
	if err != nil || k.holds(reply) {
		return reply, nil, err
	}
	return reply, &fetching{keyRef: *k, settings: defaultFetch}, nil
}

func (k *keyRef) lookUpWith(ctx context.Context, options []FetchOption) (drivers.Reply, *fetching, error) {
	settings, err := k.fetchSettings(options)
	if err != nil {
		return drivers.Reply{}, nil, k.fail("Fetch", err)
	}
	f := &fetching{keyRef: *k, settings: settings}
	if settings.fresh == 0 && settings.ahead == 0 {
		f.found, err = k.readWhole(ctx)
	} else {
		var items []drivers.Item
		if items, err = k.together(ctx, "Fetch", drivers.Command{Op: k.wholeOp()}, drivers.Command{Op: drivers.OpTTL}); err == nil {
			f.found, f.left = items[0].Reply, millisLeft(items[1].Reply)
		}
	}
	if err != nil || !k.holds(f.found) {
		return f.found, f, err
	}
	if f.refresh, f.stale = settings.due(k.node.node.TTL(), f.left); f.refresh {
		return f.found, f, nil
	}
	return f.found, nil, nil
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

// fetches reports a handle that carries an error, or is bound to what executes all together.
func (k *keyRef) fetches() error {
	switch k.driver.driver.(type) {
	case *recorder, *transaction:
		return k.fail("Fetch", fmt.Errorf("loading within a batch or a transaction: %w", errors.ErrUnsupported))
	}
	return k.err()
}

// wholeOp reads all of a value of the kind that the field has.
func (k *keyRef) wholeOp() drivers.Op {
	if k.node.node.Kind() == dsl.Hash {
		return drivers.OpHGetAll
	}
	return drivers.OpGet
}

func (k *keyRef) readWhole(ctx context.Context) (drivers.Reply, error) {
	if op := k.wholeOp(); op != drivers.OpGet {
		return k.ask(ctx, "Fetch", op)
	}
	return k.get(ctx, "Fetch")
}

// holds reports whether what wholeOp has answered is a value.
func (k *keyRef) holds(reply drivers.Reply) bool {
	if k.wholeOp() == drivers.OpHGetAll {
		return len(reply.Values) > 0
	}
	return !reply.Nil
}

// same reports whether wholeOp has answered the same twice.
func (k *keyRef) same(one, other drivers.Reply) bool {
	if !k.holds(one) || !k.holds(other) {
		return k.holds(one) == k.holds(other)
	}
	return one.Value == other.Value && drivers.SamePairs(one.Values, other.Values)
}

// value is what was loaded, or, of a value that is to be refreshed, what was found: the loading is in the background.
// It comes beside an ErrNotStored, and beside no other error.
func (f *fetching) value(ctx context.Context, load loading) (drivers.Reply, error) {
	if f.refresh {
		flights.start(ctx, f, load)
		return f.found, nil
	}
	reply, err := flights.wait(ctx, f, load)
	if err != nil {
		err = f.fail("Fetch", err)
	}
	return reply, err
}

// fetched reports whether there is a value beside the error of a Fetch.
func fetched(err error) bool { return err == nil || errors.Is(err, ErrNotStored) }

// forget removes the value and what Fetch keeps beside it.
func (k *keyRef) forget(ctx context.Context) (bool, error) {
	if err := k.err(); err != nil {
		return false, err
	}
	flights.forget(*k)
	erase := drivers.Command{Op: drivers.OpDelete}
	k.address(&erase)
	batch := drivers.NewBatch(k.besideDelete(), erase) // in this order: see fetch_lease.go
	if err := cmp.Or(k.driver.DoBatch(ctx, batch), firstError(batch.Items)); err != nil {
		return false, k.fail("Forget", err)
	}
	return batch.Items[1].Reply.Int == 1, nil
}
