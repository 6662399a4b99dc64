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
// no other effects; when 64 tries are used up the error is ErrConflict. An error of fn
// is returned as it is, and nothing is applied; so it is when fn panics.
//
// Transactions of one program that met over a value stand in line for it from then on, and commit
// together: fn of the next one runs on top of what those before it have written, and one
// commit is for all, before any of them returns. So a crowd costs fewer round trips than its members do alone, and it is others who
// use up the tries. Whatever concerns one of them alone, an error or a refusal, befalls that one alone.
//
// The context that fn gets is for tx alone: any other handle that is used with it, alone or in a
// Batch, is ErrInvalid, as what that does would be neither watched nor taken back. So helpers that
// take a context and handles cannot leave the transaction by mistake. What is to happen
// whatever becomes of the transaction uses the context outside.
//
// Operations return their true results, and reads see what was written before: any
// sequence of them gives in the transaction what it gives outside. What only the server can
// know is errors.ErrUnsupported: taking locks, limiters, deliveries of a stream's group, times to live of
// a map's fields, and what follows in a group once its stream was erased or overwritten. So is listing
// keys without IndexKeys, as nobody could watch them. A transaction within the transaction
// is ErrInvalid. A message that is published has no receivers yet, and says 0.
//
// In a cluster all that is touched must lie in one slot, as it does below a Colocated
// store; otherwise the error is ErrCrossSlot, with both paths, before anything is
// written. A commit whose reply was lost is ErrIndeterminate, and fn is not called
// again; so is one that others go on with when ctx ends.
//
// One round trip for each read (WATCH with the read), one for a write whose result
// depends on what is there, such as Add, Increment or a conditional Write, none for an
// unconditional Write, and one for the commit (MULTI, EXEC). A Batch bound to tx makes many reads one round trip.
// What is read for a write is no more than what it names, takes out or stores: elements of a set, fields of a hash, the
// length of a list. The same holds for what follows on the same value, as long as it only names
// elements, or pushes and appends. Anything else on a value that was written reads all of that value, once;
// listing or searching a collection that was written reads its registry and its indexes.
//
// A struct of handles, of one store or of several, is a subject like any other. AtomicResult is for
// what fn finds out.
//
// In Redis: [WATCH], [MULTI], [EXEC].
//
// [WATCH]: https://redis.io/docs/latest/commands/watch/
// [MULTI]: https://redis.io/docs/latest/commands/multi/
// [EXEC]: https://redis.io/docs/latest/commands/exec/
func Atomic[S any](ctx context.Context, store S, fn func(ctx context.Context, tx S) error) error {
	if fn == nil {
		return fail("Atomic", transactionPath, errNoFunction)
	}
	return atomically(ctx, func(over rebinding) (func(ctx context.Context) error, error) {
		tx, err := rebind(store, over)
		return func(ctx context.Context) error { return fn(ctx, tx) }, err
	})
}

// atomically is Atomic of a function that bind makes anew for each try, so that what is left of one cannot meddle with
// the next. What is generic does not name a transaction: the compiler would make anew what is generic in the memory driver.
func atomically(ctx context.Context, bind func(over rebinding) (fn func(ctx context.Context) error, err error)) error {
	var outcome error
	patience := drivers.Patience()
	var contested []string
	err := optimistically(ctx, func(turn *turn) (bool, error) {
		for {
			t := &transaction{turn: turn}
			fn, err := bind(t.over(ctx))
			if err == nil && turn.again {
				err = t.stand(ctx, contested...)
			}
			if err != nil {
				return false, err
			}
			var doubt error
			outcome, doubt = t.run(ctx, fn)
			switch {
			case errors.Is(doubt, errApart):
				turn.again, turn.alone = true, true
				continue
			case errors.Is(doubt, errStale):
				contested = t.group.contested()
			case doubt != nil && !patience.Wait(ctx):
				return false, cmp.Or(ctx.Err(), doubt)
			}
			return doubt == nil, nil
		}
	})
	switch {
	case err == nil:
		return outcome
	case outcome != nil && errors.Is(err, ErrInterrupted): // fn has its own words for it
		return outcome
	}
	return fail("Atomic", transactionPath, err)
}

// AtomicResult is Atomic for an fn that has a result: that of the try that was committed. Beside
// an error it is the zero value.
func AtomicResult[S, T any](ctx context.Context, store S, fn func(ctx context.Context, tx S) (T, error)) (T, error) {
	var result T
	if fn == nil {
		return result, fail("AtomicResult", transactionPath, errNoFunction)
	}
	err := Atomic(ctx, store, func(ctx context.Context, tx S) (err error) {
		result, err = fn(ctx, tx)
		return err
	})
	if err != nil {
		return *new(T), err
	}
	return result, nil
}
