package kv

import (
	"context"
	"errors"
	"iter"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// Reader is a handle of a value that is read as a whole: a StringField, JSONField or SetField.
type Reader[T any] interface {
	// whole does nothing. It says what a value is, and as little as can be, for the compiler makes it four times for each type.
	whole(*T)
}

// ReadMany goes through the values of the given keys, in their order, one round trip
// for every 256 (pipelined reads). A value that is absent comes as ErrNotFound, one
// that does not fit the schema as ErrCorrupt, each with its key, and the loop goes on;
// any other error ends it. So does breaking out, after which nothing more is read.
func ReadMany[K, T any, H Reader[T]](ctx context.Context, store KeyedStore[K, H], keys ...K) iter.Seq2[Entry[K, T], error] {
	return readMany[K, T](ctx, store.at, keys)
}

//go:noinline // see eachOf
func readMany[K, T any](ctx context.Context, at ref, keys []K) iter.Seq2[Entry[K, T], error] {
	return func(yield func(Entry[K, T], error) bool) {
		place := func(i int) ref { return placeUnder(at, keys[i]) }
		at.readMany(ctx, len(keys), place, func(found *reading, err error) (bool, error) {
			var entry Entry[K, T]
			if found != nil {
				entry.Key = keys[found.number]
				entry.Value, err = valueRead[T](found)
			}
			return yield(entry, err), err
		})
	}
}

// All goes through all keys that hold something, with their values, in no order: what
// Keys costs, and one round trip for every 256 values. Memory does not grow with the
// store. A key that is there all the while comes exactly once. Values that do not fit the
// schema, and the stored keys that Keys reports, come as errors and do not end the loop.
func All[K, T any, H Reader[T]](ctx context.Context, store KeyedStore[K, H]) iter.Seq2[Entry[K, T], error] {
	return readAll[K, T](ctx, store.at)
}

//go:noinline // see eachOf
func readAll[K, T any](ctx context.Context, at ref) iter.Seq2[Entry[K, T], error] {
	return func(yield func(Entry[K, T], error) bool) {
		at.readAll(ctx, func(found *reading, err error) (bool, error) {
			var entry Entry[K, T]
			if found != nil {
				if entry.Key, err = keyOfSegment[K](at, "All", found.segment); err == nil {
					entry.Value, err = valueRead[T](found)
				}
			}
			return errors.Is(err, ErrNotFound) || yield(entry, err), err // gone since it was listed
		})
	}
}

// valueRead decodes a value that has been read.
func valueRead[T any](found *reading) (value T, err error) {
	done, err := found.common(&value)
	if !done {
		kept := new(T) // on the heap, as reflection asks for
		err = found.value(kept)
		value = *kept
	}
	return value, err
}

// common decodes a value of one of the most common types, if it is one, or is the error in its place.
func (r *reading) common(into any) (done bool, err error) {
	if r.err != nil {
		return true, r.at.fail("Read", r.err)
	}
	if how, is := r.at.node.shared.(*scalar); is && !r.reply.Nil {
		if done, err = how.codec.DecodeCommon(r.reply.Value, into); err != nil {
			err = r.at.fail("Read", err)
		}
	}
	return done, err
}

// value decodes a value that has been read, into one that is zero.
func (r *reading) value(into any) error {
	if err := r.at.node.decodeWhole(r.reply, into); err != nil {
		return r.at.fail("Read", err)
	}
	return nil
}

// whole is what the handles of values share that are read as a whole.
type whole interface {
	// decodeWhole sets what a pointer points to, which is zero, to what the reply means to the command that reads
	// the value, and leaves it so where that does not fit; see readingOf.
	decodeWhole(reply drivers.Reply, into any) error
}

// decodeWhole is that of a node that carries no error.
func (b *bound) decodeWhole(reply drivers.Reply, into any) error {
	return b.shared.(whole).decodeWhole(reply, into)
}

// readMany reads the values of so many places, of which place knows each, and hands them to yield, which
// returns whether to go on, and what was wrong with the value. What yield is given without a value is an error
// of all that follow.
func (r ref) readMany(ctx context.Context, count int, place func(i int) ref, yield func(*reading, error) (bool, error)) {
	places := func(from int) page {
		to := min(from+readPage, count)
		p := page{found: make([]reading, 0, to-from)}
		for i := from; i < to; i++ {
			p.found = append(p.found, reading{number: i, at: place(i)})
		}
		return p
	}
	if count <= readPage {
		r.readPage(ctx, places(0)).yield(yield)
		return
	}
	r.readPages(ctx, func(_ context.Context, yield func(page) bool) {
		for from := 0; from < count && yield(places(from)); from += readPage {
			continue
		}
	}, yield)
}

// readAll reads the values of all keys that hold something. An error comes after the keys before it.
//
//go:noinline // into All, for each type of documents
func (r ref) readAll(ctx context.Context, yield func(*reading, error) (bool, error)) {
	r.readPages(ctx, func(ctx context.Context, yield func(page) bool) {
		var next page
		flush := func() bool {
			full := next
			next = page{}
			return len(full.found) == 0 || yield(full)
		}
		going := true
		r.eachChild(ctx, "All", func(segment string, err error) bool {
			if err == nil {
				next.found = append(next.found, reading{segment: segment, at: ref{r.driver, r.node.element, r.path() + separator + segment}})
			}
			if err != nil || len(next.found) == readPage {
				going = flush()
			}
			if going && err != nil {
				going = yield(page{err: err, listed: true})
			}
			return going
		})
		if going {
			flush()
		}
	}, yield)
}

// readingOf is the command that reads all of a value of a kind.
func readingOf(kind dsl.Kind) drivers.Command {
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

// reading is a value that has been read.
type reading struct {
	number  int    // among those that were asked for
	segment string // under which it is stored, where it was listed
	at      ref
	reply   drivers.Reply
	err     error
}

// page is values that are read in one round trip, or why there are no more.
type page struct {
	found  []reading
	err    error
	listed bool // err is the listing's, which ends by itself if it has to
}

// readPage reads the values of a page in one round trip.
func (r ref) readPage(ctx context.Context, p page) page {
	if p.err = r.carried("ReadMany"); p.err != nil {
		return p
	}
	batch := &drivers.Batch{Items: make([]drivers.Item, 0, len(p.found))}
	for i := range p.found {
		found := &p.found[i]
		if found.err = found.at.err(); found.err == nil {
			read := readingOf(found.at.node.kind())
			place := found.at.value()
			place.address(&read)
			batch.Add(read)
		}
	}
	if err := r.driver.DoBatch(ctx, batch); err != nil {
		p.err = r.fail("ReadMany", err)
		return p
	}
	read := 0
	for i := range p.found {
		if found := &p.found[i]; found.err == nil {
			found.reply, found.err = batch.Items[read].Reply, batch.Items[read].Err
			read++
		}
	}
	return p
}

// yield hands on the values one by one and reports whether to go on.
func (p page) yield(yield func(*reading, error) (bool, error)) bool {
	if p.err != nil {
		more, _ := yield(nil, p.err)
		return more && p.listed
	}
	for i := range p.found {
		if more, err := yield(&p.found[i], nil); !more || err != nil && !ofOneValue(err) {
			return false
		}
	}
	return true
}

// readPages reads a page of those that pages names while the one before it is handed on. When the loop
// ends it waits for the page under way.
func (r ref) readPages(ctx context.Context, pages func(ctx context.Context, yield func(page) bool), yield func(*reading, error) (bool, error)) {
	ctx, cancel := context.WithCancel(ctx)
	read, complete := make(chan page), false
	go func() {
		defer close(read)
		complete = true
		pages(ctx, func(next page) bool {
			if complete = ctx.Err() == nil; !complete {
				return false
			}
			if next.err == nil {
				next = r.readPage(ctx, next)
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
		if !p.yield(yield) {
			return
		}
	}
	if err := ctx.Err(); err != nil && !complete {
		yield(nil, r.fail("ReadMany", err)) //nolint:errcheck // it is its own
	}
}

// stored is what lies under ids of a collection. One round trip.
func (r ref) stored(ctx context.Context, ids []string) ([]drivers.Item, error) {
	batch := drivers.NewBatch()
	for _, id := range ids {
		batch.Add(drivers.Command{Op: drivers.OpGet, Key: r.child(id).path(), Pattern: r.node.element.pattern})
	}
	return batch.Items, r.driver.DoBatch(ctx, batch)
}
