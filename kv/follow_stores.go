package kv

import (
	"context"
	"iter"
	"strings"
)

// Follow goes through the keys that hold something, in no order, and then on through those below which something
// changes, by whoever's doing: is written, erased, or expires, anywhere below. Each comes with its handle, by which to
// read what there is now, if there is anything. So it keeps a copy of the store; the cookbook has one. Several changes
// may be told as one, and one may be told twice. To read a Sliding value is to change it, which is told.
//
// What lies below the store and is none of its schema's comes as Keys has it: as an error that names it, and the loop
// goes on. It ends when it is left, with the error of the context, or with any other error but ErrMissed, after which
// it goes on: changes may have gone by unheard, with a connection, say, or because the loop is too slow. As soon as
// changes are heard of again, all keys that hold something come anew, so that a copy is to be cleared. Once it has
// begun, a store that is out of reach ends nothing. In a Batch and in Atomic it is errors.ErrUnsupported, as it is of a
// driver that cannot follow.
//
// The beginning, and what comes anew, cost what Keys costs; a change costs no round trip.
func (s KeyedStore[K, H]) Follow(ctx context.Context) iter.Seq2[Entry[K, H], error] {
	return followedBelow[K, H](ctx, s.at)
}

// Follow goes through the keys of the documents, and then on through those that change. See KeyedStore.Follow.
//
//go:noinline // see eachOf
func (c KeyedCollection[K, T]) Follow(ctx context.Context) iter.Seq2[Entry[K, JSONField[T]], error] {
	return followedBelow[K, JSONField[T]](ctx, c.at)
}

//go:noinline // see eachOf
func followedBelow[K, H any](ctx context.Context, at ref) iter.Seq2[Entry[K, H], error] {
	return func(yield func(Entry[K, H], error) bool) {
		at.followChildren(ctx, func(segment string, err error) bool {
			var entry Entry[K, H]
			if err == nil {
				if entry.Key, err = keyOfSegment[K](at, "Follow", segment); err == nil {
					entry.Value = handle[H](placeUnder(at, entry.Key))
				}
			}
			return yield(entry, err)
		})
	}
}

// followChildren hands yield the stored segments of the keys of a dynamic store that hold something, and of those below
// which something changed.
func (r ref) followChildren(ctx context.Context, yield func(segment string, err error) bool) {
	state := func(segment string, err error) error {
		foreign, one := err.(undeclaredKey) //nolint:errorlint // as children yields it
		switch {
		case one:
			err = fail("Follow", foreign.key, foreign.error)
		case err != nil:
			return err
		}
		return goesOn(yield(segment, err))
	}
	r.follow(ctx, func(err error) bool { return yield("", err) }, func(ctx context.Context) error {
		for segment, err := range r.children(ctx) {
			if err := state(segment, err); err != nil {
				return err
			}
		}
		return nil
	}, func(key string) error {
		segment, err := r.childOf(key)
		if err != nil && r.node.index() != nil { // the registry, which has the beginning, does not know it
			return nil
		}
		return state(segment, err)
	})
}

// Follow goes through the names of the fields that hold something, in the order of declaration, and then on through those
// that change, or below which something does, by whoever's doing: see KeyedStore.Follow. What lies beside the fields and
// is not declared is nothing to it. The beginning, and what comes anew after ErrMissed, cost what Keys costs; a change
// costs no round trip.
func (s StaticStore) Follow(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		s.at.follow(ctx, func(err error) bool { return yield("", err) }, func(ctx context.Context) error {
			names, err := s.at.holding(ctx)
			for _, name := range names {
				if !yield(name, nil) {
					return errLeft
				}
			}
			return err
		}, func(key string) error {
			if s.at.locate(key).undeclared != nil {
				return nil
			}
			segment, _, _ := strings.Cut(key[len(s.Path())+len(separator):], separator)
			return goesOn(yield(strings.Trim(segment, "{}"), nil))
		})
	}
}

// follow has begin state what is below a store, and changed which key is another; errors are handed to told.
func (r ref) follow(ctx context.Context, told func(error) bool, begin func(ctx context.Context) error, changed func(key string) error) {
	if err := r.carried("Follow"); err != nil {
		told(err)
		return
	}
	r.driver.follow(ctx, "Follow", r.path(), follower{
		begin: begin,
		changed: func(_ context.Context, key string) error {
			if key == r.path() {
				return nil
			}
			return changed(key)
		},
		missed: func(err error) error { return goesOn(told(err)) },
		end:    func(err error) { told(err) },
	})
}
