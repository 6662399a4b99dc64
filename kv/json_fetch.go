package kv

import (
	"context"

	"github.com/kvstore-go/kvstore/drivers"
)

// Fetch is the document; where there is none, what load returns, which is stored. See ScalarField.Fetch. Each
// caller gets a document of its own.
//
//go:noinline // see eachOf
func (f JSONField[T]) Fetch(ctx context.Context, load func(ctx context.Context) (T, error), options ...FetchOption) (document T, err error) {
	if load == nil {
		return document, f.at.lacksFunction("Fetch")
	}
	if done, err := readToFetch(ctx, &f.at, options, &document); done {
		return document, err
	}
	err = fetchDocument(ctx, f.at, options, &document, func(ctx context.Context) (any, error) {
		loaded, err := load(ctx)
		return &loaded, err
	})
	return document, err
}

// Forget removes the document and what Fetch knows of it. See ScalarField.Forget.
func (f JSONField[T]) Forget(ctx context.Context) (bool, error) { return f.at.forget(ctx) }

// readToFetch is a Fetch as long as it is a Read, and whether that is all.
func readToFetch(ctx context.Context, at *keyRef, options []FetchOption, into any) (done bool, err error) {
	if !at.isPlain(options) {
		return false, nil
	}
	exists, err := readDocument(ctx, at, "Fetch", into)
	return exists || err != nil, err
}

// fetchDocument is a Fetch where there is more to do than to read. What load returns is a pointer.
func fetchDocument(ctx context.Context, at keyRef, options []FetchOption, into any, load func(ctx context.Context) (any, error)) error {
	reply, err := at.fetch(ctx, options, func(ctx context.Context) (drivers.Command, error) {
		loaded, err := load(ctx)
		if err != nil {
			return drivers.Command{}, err
		}
		next, err := at.document().encode(loaded, false)
		return *at.indexing(&drivers.Command{Op: drivers.OpSet, Value: next.text}, next.entries), err
	})
	if reply == nil {
		return err
	}
	if _, failed := at.document().decode(reply.Value, into); failed != nil {
		clearValue(into)
		return at.fail("Fetch", failed)
	}
	return err
}
