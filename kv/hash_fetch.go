package kv

import (
	"context"

	"github.com/kvstore-go/kvstore/drivers"
)

// Fetch is the struct; where there is none, what load returns, which is stored. See ScalarField.Fetch; it is HGETALL
// that reads, and Write that says what is stored: where that is no field at all, the next Fetch loads again.
func (f HashField[T]) Fetch(ctx context.Context, load func(ctx context.Context) (T, error), options ...FetchOption) (value T, err error) {
	if f.at.isPlain(options) {
		exists, err := readHash(ctx, &f.at, "Fetch", &value)
		if exists || err != nil {
			return value, err
		}
	}
	at := f.at
	reply, err := at.fetch(ctx, options, func(ctx context.Context) (drivers.Command, error) {
		loaded, err := load(ctx)
		return loadedHash(at, &loaded, err)
	})
	return value, fetchedHash(&f.at, reply, &value, err)
}

// Forget removes the struct and what Fetch knows of it. See ScalarField.Forget.
func (f HashField[T]) Forget(ctx context.Context) (bool, error) { return f.at.forget(ctx) }

// loadedHash is the command that stores what load has returned.
func loadedHash(at keyRef, pointer any, err error) (cmd drivers.Command, _ error) {
	if err == nil {
		cmd.Op = drivers.OpHReplace
		cmd.Values, err = at.hash().Write(pointer)
	}
	return cmd, err
}

// fetchedHash reads the struct that a Fetch has come by, if it has.
func fetchedHash(at *keyRef, reply *drivers.Reply, into any, err error) error {
	if reply == nil {
		return err
	}
	if failed := decodedHash(at, "Fetch", into, at.hash().Read(reply.Values, into)); failed != nil {
		return failed
	}
	return err
}
