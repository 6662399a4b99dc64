package kv

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// Reader is a handle of a value that is read as a whole: a StringField, JSONField or SetField.
type Reader[T any] interface {
	field() keyRef
	// readFrom is what the reply means to the command that reads the value; see reading.
	readFrom(reply drivers.Reply) (T, error)
}

// ReadMany goes through the values of the given keys, in their order, one round trip
// for every 256 (pipelined reads). A value that is absent comes as ErrNotFound, one
// that does not fit the schema as ErrCorrupt, each with its key, and the loop goes on;
// any other error ends it. So does breaking out, after which nothing more is read.
func ReadMany[K, T any, H Reader[T]](ctx context.Context, store KeyedStore[K, H], keys ...K) iter.Seq2[Entry[K, T], error] {
	return func(yield func(Entry[K, T], error) bool) { readMany(ctx, store, keys, yield) }
}

func readMany[K, T any, H Reader[T]](ctx context.Context, store KeyedStore[K, H], keys []K, yield func(Entry[K, T], error) bool) {
	if len(keys) <= readPage {
		yieldPage(readPageOf(ctx, store, keys), yield)
		return
	}
	readPages(ctx, store, func(_ context.Context, yield func([]K, error) bool) {
		for page := range slices.Chunk(keys, readPage) {
			if !yield(page, nil) {
				return
			}
		}
	}, yield)
}

// All goes through all keys that hold something, with their values, in no order: what
// Keys costs, and one round trip for every 256 values. Memory does not grow with the
// store. A key that is there all the while comes exactly once. Values that do not fit the
// schema, and the stored keys that Keys reports, come as errors and do not end the loop.
func All[K, T any, H Reader[T]](ctx context.Context, store KeyedStore[K, H]) iter.Seq2[Entry[K, T], error] {
	return func(yield func(Entry[K, T], error) bool) { readAll(ctx, store, yield) }
}

func readAll[K, T any, H Reader[T]](ctx context.Context, store KeyedStore[K, H], yield func(Entry[K, T], error) bool) {
	readPages(ctx, store, func(ctx context.Context, yield func([]K, error) bool) { keyPages(ctx, store.at, yield) }, func(entry Entry[K, T], err error) bool {
		return errors.Is(err, ErrNotFound) || yield(entry, err) // gone since it was listed
	})
}

// keyPages hands on the keys page by page. An error comes after the keys before it.
func keyPages[K any](ctx context.Context, at ref, yield func([]K, error) bool) {
	var page []K
	going := true
	eachKey(ctx, at, "All", func(key K, err error) bool {
		if err == nil {
			if page = append(page, key); len(page) < readPage {
				return true
			}
		}
		if len(page) > 0 {
			going, page = yield(page, nil), nil
		}
		if going && err != nil {
			going = yield(nil, err)
		}
		return going
	})
	if going && len(page) > 0 {
		yield(page, nil)
	}
}

// reading is the command that reads all of a value of a kind.
func reading(kind dsl.Kind) drivers.Command {
	switch kind { //nolint:exhaustive // all others are single values
	case dsl.List:
		return drivers.Command{Op: drivers.OpLRange, Stop: -1}
	case dsl.Set:
		return drivers.Command{Op: drivers.OpSMembers}
	case dsl.SortedSet, dsl.Geo:
		return drivers.Command{Op: drivers.OpZRange, Stop: -1}
	case dsl.Hash, dsl.Map:
		return drivers.Command{Op: drivers.OpHGetAll}
	case dsl.Stream:
		return drivers.Command{Op: drivers.OpXRange}
	default:
		return drivers.Command{Op: drivers.OpGet}
	}
}

// page is values that have been read, or why there are no more.
type page[K, H any] struct {
	keys    []K
	handles []H
	items   []drivers.Item
	err     error
	listed  bool // err is the listing's, which ends by itself if it has to
}

// readPageOf reads the values of keys in one round trip.
func readPageOf[K any, H interface{ field() keyRef }](ctx context.Context, store KeyedStore[K, H], keys []K) page[K, H] {
	p := page[K, H]{keys: keys, handles: make([]H, len(keys)), items: make([]drivers.Item, len(keys))}
	if p.err = store.at.err(); p.err != nil {
		return p
	}
	batch := &drivers.Batch{Items: make([]drivers.Item, 0, len(keys))}
	for i, key := range keys {
		p.handles[i] = store.Take(key)
		if field := p.handles[i].field(); field.err() != nil {
			p.items[i].Err = field.err()
		} else {
			read := reading(field.node.node.Kind())
			field.address(&read)
			batch.Items = append(batch.Items, drivers.Item{Command: read})
		}
	}
	if err := store.at.driver.DoBatch(ctx, batch); err != nil {
		p.err = store.at.fail("ReadMany", err)
		return p
	}
	for i := range p.items {
		if p.items[i].Err == nil {
			p.items[i], batch.Items = batch.Items[0], batch.Items[1:]
		}
	}
	return p
}

// yieldPage decodes the values one by one and reports whether to go on.
func yieldPage[K, T any, H Reader[T]](p page[K, H], yield func(Entry[K, T], error) bool) bool {
	if p.err != nil {
		return yield(Entry[K, T]{}, p.err) && p.listed
	}
	for i, key := range p.keys {
		entry, err := Entry[K, T]{Key: key}, p.items[i].Err
		if err == nil {
			entry.Value, err = p.handles[i].readFrom(p.items[i].Reply)
		}
		if err != nil {
			err = p.handles[i].field().fail("Read", err)
		}
		if !yield(entry, err) || err != nil && !ofOneValue(err) {
			return false
		}
	}
	return true
}

// readPages reads a page while the one before it is decoded and used. When the loop
// ends it waits for the page under way.
func readPages[K, T any, H Reader[T]](ctx context.Context, store KeyedStore[K, H], pages func(ctx context.Context, yield func([]K, error) bool), yield func(Entry[K, T], error) bool) {
	ctx, cancel := context.WithCancel(ctx)
	read, complete := make(chan page[K, H]), false
	go func() {
		defer close(read)
		complete = true
		pages(ctx, func(keys []K, err error) bool {
			if complete = ctx.Err() == nil; !complete {
				return false
			}
			next := page[K, H]{err: err, listed: true}
			if err == nil {
				next = readPageOf(ctx, store, keys)
			}
			select {
			case read <- next:
			case <-ctx.Done():
				complete = false
			}
			return complete
		})
	}()
	defer func() {
		cancel()
		for range read { //nolint:revive // until the goroutine has ended
		}
	}()
	for p := range read {
		if !yieldPage(p, yield) {
			return
		}
	}
	if err := ctx.Err(); err != nil && !complete {
		yield(Entry[K, T]{}, store.at.fail("ReadMany", err))
	}
}

// stored is what lies under ids of a collection. One round trip.
func (r ref) stored(ctx context.Context, ids []string) ([]drivers.Item, error) {
	batch := drivers.NewBatch()
	for _, id := range ids {
		batch.Items = append(batch.Items, drivers.Item{Command: drivers.Command{
			Op: drivers.OpGet, Key: r.child(id).path(), Pattern: r.node.element.pattern,
		}})
	}
	return batch.Items, r.driver.DoBatch(ctx, batch)
}
