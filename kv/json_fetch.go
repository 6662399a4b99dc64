package kv

import (
	"context"

	"github.com/kvstore-go/kvstore/drivers"
)

// Fetch is the document; where there is none, what load returns, which is stored. See ScalarField.Fetch. Each
// caller gets a document of its own.
func (f JSONField[T]) Fetch(ctx context.Context, load func(ctx context.Context) (T, error), options ...FetchOption) (document T, err error) {
	if f.at.isPlain(options) {
		exists, err := readDocument(ctx, &f.at, "Fetch", &document)
		if exists || err != nil {
			return document, err
		}
	}
	at := f.at
	reply, err := at.fetch(ctx, options, func(ctx context.Context) (drivers.Command, error) {
		loaded, err := load(ctx)
		return loadedDocument(at, &loaded, err)
	})
	return document, fetchedDocument(&f.at, reply, &document, err)
}

// Forget removes the document and what Fetch knows of it. See ScalarField.Forget.
func (f JSONField[T]) Forget(ctx context.Context) (bool, error) { return f.at.forget(ctx) }

// loadedDocument is the command that stores what load has returned.
func loadedDocument(at keyRef, pointer any, err error) (drivers.Command, error) {
	if err != nil {
		return drivers.Command{}, err
	}
	next, err := at.document().encode(pointer, false)
	return *at.indexing(&drivers.Command{Op: drivers.OpSet, Value: next.text}, next.entries), err
}

// fetchedDocument reads the document that a Fetch has come by, if it has.
func fetchedDocument(at *keyRef, reply *drivers.Reply, into any, err error) error {
	if reply == nil {
		return err
	}
	if _, failed := at.document().decode(reply.Value, into); failed != nil {
		clearValue(into)
		return at.fail("Fetch", failed)
	}
	return err
}
