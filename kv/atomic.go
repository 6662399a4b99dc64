package kv

import (
	"cmp"
	"context"
	"errors"

	"github.com/kvstore-go/kvstore/drivers"
)

// Atomic calls fn with store, any handle or view of handles, in a transaction: what fn
// reads through tx and what is taken from it is what is committed, and what it writes
// is applied together when fn returns nil, or not at all. If somebody else changed
// meanwhile what fn has read, fn is called again with what is there now, so it must have
// no other effects; when the tries are used up the error is ErrConflict. An error of fn
// is returned as it is, and nothing is applied; so it is when fn panics.
//
// Operations return their true results: those of writes are worked out from what is
// read. What has been written cannot be read again in the same transaction, unless it
// is a string or a document that was written as a whole: that is ErrInvalid. So is a
// transaction within the transaction. Listing keys without IndexKeys is
// errors.ErrUnsupported, as nobody could watch them.
//
// In a cluster all that is touched must lie in one slot, as it does below a Colocated
// store; otherwise the error is ErrCrossSlot, with both paths, before anything is
// written. A commit whose reply was lost is ErrIndeterminate, and fn is not called
// again.
//
// One round trip for each read (WATCH with the read), one for a write whose result
// depends on what is there, such as Add, Increment or a conditional Write, none for an
// unconditional Write, and one for the commit (MULTI, EXEC). A Batch bound to tx makes many reads one round trip.
//
// Assign what fn finds out to variables outside, and return them in a statement of their
// own: Go does not say whether return x, kv.Atomic(…) reads x before the call.
//
// In Redis: [WATCH], [MULTI], [EXEC].
//
// [WATCH]: https://redis.io/docs/latest/commands/watch/
// [MULTI]: https://redis.io/docs/latest/commands/multi/
// [EXEC]: https://redis.io/docs/latest/commands/exec/
func Atomic[S any](ctx context.Context, store S, fn func(tx S) error) error {
	var outcome error
	patience := drivers.Patience()
	err := optimistically(ctx, func() (bool, error) {
		t := newTransaction()
		tx, err := rebind(store, t.over) // anew for each try: what is left of one cannot meddle with the next
		if err != nil {
			return false, err
		}
		var doubt error
		outcome, doubt = t.run(ctx, func() error { return fn(tx) })
		if doubt == nil || errors.Is(doubt, errStale) || patience.Wait(ctx) {
			return doubt == nil, nil
		}
		return false, cmp.Or(ctx.Err(), doubt)
	})
	switch {
	case err == nil:
		return outcome
	case outcome != nil && errors.Is(err, ErrInterrupted): // fn has its own words for it
		return outcome
	}
	return fail("Atomic", "(transaction)", err)
}
