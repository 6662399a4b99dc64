package kv

import (
	"context"

	"github.com/kvstore-go/kvstore/drivers"
)

// Fetch is the value; where there is none, what load returns, which is stored as Write does it, with the TTL of the schema.
// However many callers and programs ask, one of them loads, and all others wait for it, each
// until its own context ends.
//
// load's context has the values of that of a caller, but ends only once nobody waits any more, or after a minute (see
// LoadWithin). Its error, ErrNotFound included, and a panic of it as well, reaches all of the program who wait,
// and is not stored: who asks next loads again. A value that the schema refuses is such an error.
// If the program dies, another one loads in its place, three seconds later. A load that
// fetches what it loads itself is ErrInvalid.
//
// A Write that came while load was under way is kept, and returned in place of what was loaded. So is the absence that Forget
// leaves. But an Erase is not noticed where nothing was there to erase.
//
// Where what was loaded could not be stored, it is returned beside ErrNotStored. What cannot be read is an error, and
// nothing is loaded. Within a batch and within Atomic Fetch is errors.ErrUnsupported.
//
// One round trip where there is a value (GET, or GETEX; see Sliding; with FreshFor or RefreshAhead
// GET and PTTL, pipelined). Where there is none, three more around the load (SET NX GET pipelined with what it
// reads again; WATCH, GET, GET; MULTI, SET, UNLINK, EXEC), or one every 100 ms that another program loads.
func (f ScalarField[T]) Fetch(ctx context.Context, load func(ctx context.Context) (T, error), options ...FetchOption) (T, error) {
	return fetchScalar(ctx, &f.at, load, options)
}

func fetchScalar[T any](ctx context.Context, at *keyRef, load func(ctx context.Context) (T, error), options []FetchOption) (T, error) {
	if load == nil {
		return *new(T), at.lacksFunction("Fetch")
	}
	if at.isPlain(options) {
		text, exists, err := at.text(ctx, "Fetch")
		if exists || err != nil {
			return scalarOf[T](at, "Fetch", text, err)
		}
	}
	return loadScalar(ctx, *at, load, options)
}

// loadScalar is Fetch where there is more to do than to read.
//
//go:noinline // so that what only reads has no room for it on its stack
func loadScalar[T any](ctx context.Context, at keyRef, load func(ctx context.Context) (T, error), options []FetchOption) (value T, err error) {
	reply, err := at.fetch(ctx, options, func(ctx context.Context) (cmd drivers.Command, err error) {
		loaded, err := load(ctx)
		if err == nil {
			cmd.Op = drivers.OpSet
			cmd.Value, err = at.scalar().codec.Encode(loaded)
		}
		return cmd, err
	})
	if reply == nil {
		return value, err
	}
	decoded, failed := scalarOf[T](&at, "Fetch", reply.Value, nil)
	if failed != nil {
		return value, failed
	}
	return decoded, err
}

// Forget removes the value and reports whether there was one, as Erase does, and also what Fetch knows of it:
// a load that is under way is not stored any more, and that there is none is not remembered. So it is
// the way to say that what is loaded from has changed. One round trip (UNLINK, UNLINK).
func (f ScalarField[T]) Forget(ctx context.Context) (bool, error) { return f.at.forget(ctx) }
