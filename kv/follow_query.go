package kv

import (
	"context"
	"fmt"
	"hash/maphash"
	"iter"
	"slices"
)

// ChangeKind says what became of a document in what a query finds.
type ChangeKind int

// The kinds of changes.
const (
	// Enters: the query finds it, and did not before.
	Enters ChangeKind = iota
	// Changes: the query finds it still, and it is another.
	Changes
	// Leaves: the query does not find it any more. It was erased, has expired, or the terms do not hold for it.
	Leaves
)

// String is the kind in a word.
func (k ChangeKind) String() string {
	switch k {
	case Enters:
		return "enters"
	case Changes:
		return "changes"
	case Leaves:
		return "leaves"
	default:
		return fmt.Sprintf("ChangeKind(%d)", int(k))
	}
}

// Change is what became of a document in what a query finds: of one that leaves there is only the key.
type Change[K, T any] struct {
	Kind ChangeKind
	Entry[K, T]
}

// Follow goes through the documents found, which enter, and then on through what becomes of them: a document enters,
// changes or leaves what the query finds, by whoever's doing. Whether it is found is a matter of what is stored of it
// when it is read, as it is of All. Those of the beginning come in the order of the query; OrderBy leaves out what has
// no value in its index. Several changes of a document may be told as one; of one that is as it was nothing is told.
//
// A document that does not fit the schema comes as ErrCorrupt, with its key, whether or not the query would find it,
// and leaves, if it was found before; the loop goes on. It ends when it is left, with the error of the context, or with
// any other error but ErrMissed, after which it goes on: changes may have gone by unheard, with a connection, say, or
// because the loop is too slow. As soon as changes are heard of again the query is executed again, and what is
// different is told: there is nothing to do about an ErrMissed. Once it has begun, a store that is out of reach ends
// nothing. In a Batch and in Atomic it is errors.ErrUnsupported, as it is of a driver that cannot follow.
//
// The beginning, and what follows an ErrMissed, cost what All costs; a change of a document of the collection, found or
// not, one round trip (GET). The keys of all that is found are kept.
//
//go:noinline // see eachOf
func (q Query[K, T]) Follow(ctx context.Context) iter.Seq2[Change[K, T], error] {
	return func(yield func(Change[K, T], error) bool) {
		q.search.follow(ctx, func(kind ChangeKind, id string, document any, err error) bool {
			change := Change[K, T]{Kind: kind}
			if id != "" {
				var invalid error
				change.Key, invalid = keyOf[K](q.search.in, id)
				err = q.search.ofKey(id, err, invalid)
			}
			if document != nil {
				change.Value = *document.(*T)
			}
			return yield(change, err)
		})
	}
}

// ofKey is err or, where that is nil, that of an id that is no key.
func (s *search) ofKey(id string, err, invalid error) error {
	if err == nil && invalid != nil {
		err = s.in.child(id).fail("Follow", invalid)
	}
	return err
}

// live is what a query finds, as far as the loop of its follower has been told.
type live struct {
	*search
	yield func(kind ChangeKind, id string, document any, err error) bool
	told  map[string]standing // by id
	seed  maphash.Seed
}

// standing is what the loop was told of a document.
type standing struct {
	broken bool   // it cannot be judged; else it is found
	digest uint64 // of what is stored
}

// follow hands yield what becomes of the documents that are found.
func (s *search) follow(ctx context.Context, yield func(kind ChangeKind, id string, document any, err error) bool) {
	s = s.made()
	told := func(err error) bool { return yield(0, "", nil, err) }
	if err := s.broken(); err != nil {
		told(err)
		return
	}
	l := &live{s, yield, map[string]standing{}, maphash.MakeSeed()}
	s.in.driver.follow(ctx, "Follow", s.in.path(), follower{
		begin: l.begin,
		changed: func(ctx context.Context, key string) error {
			segment, err := s.in.childOf(key)
			if err != nil {
				return nil //nolint:nilerr // a foreign key, which no query finds
			}
			id, err := s.in.node.element.node.UntagSegment(segment)
			if err != nil {
				return err
			}
			return l.look(ctx, id)
		},
		missed: func(err error) error { return goesOn(told(err)) },
		end:    func(err error) { told(err) },
	})
}

// begin executes the query, and states what is different from what the loop has been told.
func (l *live) begin(ctx context.Context) (err error) {
	found := map[string]bool{}
	l.run(ctx, position{}, everything, func(c candidate, failure error) bool {
		if err = failure; c.id != "" {
			found[c.id] = true
			err = l.state(c, failure)
		}
		return err == nil
	})
	if err != nil {
		return err
	}
	var lost []string // which changed while the query was executed, too
	for id := range l.told {
		if !found[id] {
			lost = append(lost, id)
		}
	}
	for page := range slices.Chunk(lost, readPage) {
		if err := l.look(ctx, page...); err != nil {
			return err
		}
	}
	return nil
}

// look reads documents, and states what became of them. One round trip.
func (l *live) look(ctx context.Context, ids ...string) error {
	items, err := l.in.stored(ctx, ids)
	if err != nil {
		return err
	}
	for i, id := range ids {
		if items[i].Err == nil && items[i].Reply.Nil {
			err = l.leave(id)
		} else {
			err = l.state(candidate{position: position{id: id}, text: items[i].Reply.Value}, items[i].Err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// state tells what became of a document that was read.
func (l *live) state(c candidate, err error) error {
	if err != nil && !ofOneValue(err) {
		return err
	}
	document := l.in.node.element.shared.(*document).zero()
	entries, err := l.decode(c, document, err)
	now := standing{err != nil, maphash.String(l.seed, c.text)}
	before, known := l.told[c.id]
	if known && now == before {
		return nil
	}
	if _, found := l.finds(c.id, entries); err == nil && found {
		l.told[c.id] = now
		kind := Enters
		if known && !before.broken {
			kind = Changes
		}
		return goesOn(l.yield(kind, c.id, document, nil))
	}
	left := l.leave(c.id)
	if err == nil || left != nil {
		return left
	}
	l.told[c.id] = now
	return goesOn(l.yield(0, c.id, nil, l.in.child(c.id).fail("Follow", err)))
}

// leave tells that a document is not found any more, if it was.
func (l *live) leave(id string) error {
	before, known := l.told[id]
	delete(l.told, id)
	if !known || before.broken {
		return nil
	}
	return goesOn(l.yield(Leaves, id, nil, nil))
}
