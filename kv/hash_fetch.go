package kv

import (
	"context"

	"github.com/kvstore-go/kvstore/drivers"
)

// Fetch is the struct; where there is none, what load returns, which is stored. See ScalarField.Fetch; it is HGETALL
// that reads, and Write that says what is stored: where that is no field at all, the next Fetch loads again.
func (f HashField[T]) Fetch(ctx context.Context, load func(ctx context.Context) (T, error), options ...FetchOption) (value T, err error) {
	if load == nil {
		return value, f.at.lacksFunction("Fetch")
	}
	if done, err := readHashToFetch(ctx, &f.at, options, &value); done {
		return value, err
	}
	err = fetchHash(ctx, f.at, options, &value, func(ctx context.Context) (any, error) {
		loaded, err := load(ctx)
		return &loaded, err
	})
	return value, err
}

// Forget removes the struct and what Fetch knows of it. See ScalarField.Forget.
func (f HashField[T]) Forget(ctx context.Context) (bool, error) { return f.at.forget(ctx) }

// readHashToFetch is a Fetch as long as it is a Read, and whether that is all.
func readHashToFetch(ctx context.Context, at *keyRef, options []FetchOption, into any) (done bool, err error) {
	if !at.isPlain(options) {
		return false, nil
	}
	exists, err := readHash(ctx, at, "Fetch", into)
	return exists || err != nil, err
}

// fetchHash is a Fetch where there is more to do than to read. What load returns is a pointer.
func fetchHash(ctx context.Context, at keyRef, options []FetchOption, into any, load func(ctx context.Context) (any, error)) error {
	reply, err := at.fetch(ctx, options, func(ctx context.Context) (cmd drivers.Command, err error) {
		loaded, err := load(ctx)
		if err == nil {
			cmd.Op = drivers.OpHReplace
			cmd.Values, err = at.hash().Write(loaded)
		}
		return cmd, err
	})
	if reply == nil {
		return err
	}
	if failed := decodedHash(&at, "Fetch", into, at.hash().Read(reply.Values, into)); failed != nil {
		return failed
	}
	return err
}
