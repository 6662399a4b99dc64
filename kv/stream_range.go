package kv

import (
	"context"
	"iter"

	"github.com/kvstore-go/kvstore/drivers"
)

// StreamRange is the entries of a stream between two ids. It is a value, and asks for
// nothing until All or Page is called.
//
// In Redis: [XRANGE], [XREVRANGE].
//
// [XRANGE]: https://redis.io/docs/latest/commands/xrange/
// [XREVRANGE]: https://redis.io/docs/latest/commands/xrevrange/
type StreamRange[T any] struct {
	stream   StreamField[T]
	from, to string
	reverse  bool
}

// Range is the entries from one id to another, both of them in it. With "" it has no end
// on that side. A bracket excludes an id: "(1700-0"; milliseconds alone stand for all ids
// of that moment. What is no id is ErrInvalid. No round trip.
func (f StreamField[T]) Range(from, to string) StreamRange[T] {
	return StreamRange[T]{stream: f, from: from, to: to}
}

// Backwards is the same entries, the newest first.
func (r StreamRange[T]) Backwards() StreamRange[T] {
	r.reverse = !r.reverse
	return r
}

// Page is the first entries of the range, at most so many. To go on, begin another range
// behind the last one: "(" + its id. One round trip (XRANGE, XREVRANGE).
func (r StreamRange[T]) Page(ctx context.Context, size int) ([]StreamEntry[T], error) {
	if err := r.stream.at.carried("Page"); err != nil {
		return nil, err
	}
	if size < 1 {
		return nil, r.stream.at.fail("Page", drivers.Errorf(ErrInvalid, "a page of %d entries", size))
	}
	cmd := r.command(size)
	reply, err := r.stream.at.do(ctx, "Page", &cmd)
	if err != nil {
		return nil, err
	}
	entries, err := entriesOf[T](r.stream.at.elements().codec, reply)
	if err != nil {
		return nil, r.stream.at.fail("Page", err)
	}
	return entries, nil
}

// All goes through the entries of the range. One that does not fit the schema comes as
// ErrCorrupt, with its id, and the loop goes on; any other error ends it. One round trip
// for every 256 entries (XRANGE, XREVRANGE).
func (r StreamRange[T]) All(ctx context.Context) iter.Seq2[StreamEntry[T], error] {
	return func(yield func(StreamEntry[T], error) bool) {
		for more := true; more; {
			cmd := r.command(readPage)
			reply, err := r.stream.at.do(ctx, "All", &cmd)
			if err != nil {
				yield(StreamEntry[T]{}, err)
				return
			}
			for id, fields := range drivers.Entries(reply) {
				entry, err := streamEntryOf[T](r.stream.at.elements().codec, id, fields)
				if err != nil {
					err = r.stream.at.fail("All", err)
				}
				if !yield(entry, err) {
					return
				}
				r = r.behind(id)
			}
			more = len(reply.Ints) == readPage
		}
	}
}

func (r StreamRange[T]) command(size int) drivers.Command {
	return drivers.Command{Op: drivers.OpXRange, Extra: &drivers.Extra{Min: r.from, Max: r.to}, Reverse: r.reverse, Amount: int64(size)}
}

// behind is what is left of the range behind an entry.
func (r StreamRange[T]) behind(id string) StreamRange[T] {
	if r.reverse {
		r.to = exclusive(id)
	} else {
		r.from = exclusive(id)
	}
	return r
}
