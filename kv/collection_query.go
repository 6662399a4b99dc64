package kv

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
)

// Query finds the documents of a collection for which all its terms hold. It is an
// immutable value, and can be executed any number of times.
//
// Documents come in the order of their ids, which are their keys as they are stored, or in that of
// OrderBy: so they do whatever the terms, however much there is, and on every page.
//
// A document is returned only if the terms hold for what is stored when it is read,
// whatever an index says. Documents that have expired are taken out of the indexes.
type Query[K, T any] struct {
	collection KeyedCollection[K, T]
	search     search
	err        error
}

// Find is the query for documents for which all terms hold; without terms, for all.
//
// An index that is not known to have all that it should is ErrIncomplete: see Collection.
//
// It takes two round trips for a page, one for the indexes and one for the documents (pipelined GET). Where
// the documents of one term come in the order in which its index has them - those of no term, of a single one
// that Is a value, or of a range in the order of its own index - the first is a ZRANGEBYLEX of the page. Else
// it goes through all that the indexes have for that term which the fewest documents
// have (a script: ZLEXCOUNT of each term, ZRANGEBYLEX, HMGET of the registry), a round trip more for every
// 1024 of them after the first, of which none but the page is read. Where that is much, and an index has the
// order asked for, it first looks there for a page, for no more than the same cost.
func (c KeyedCollection[K, T]) Find(terms ...Term) Query[K, T] {
	q := Query[K, T]{collection: c, search: search{in: c.at, terms: slices.Clone(terms)}, err: c.at.err()}
	if q.err == nil {
		indexes := c.indexes()
		if err := checkTerms(terms, indexes.names, indexes.kinds); err != nil {
			q.err = c.at.fail("Find", err)
		}
	}
	return q
}

// broken is why the query cannot be executed, or nil.
func (q Query[K, T]) broken() error { return cmp.Or(q.err, q.collection.at.err()) }

// All goes through the documents found. Where they have to be sorted, the ids of all of them are kept until
// it ends, and the documents of a page. One that does not fit the schema comes as
// ErrCorrupt, with its key, and does not end the loop; any other error does.
//
//go:noinline // see eachOf
func (q Query[K, T]) All(ctx context.Context) iter.Seq2[Entry[K, T], error] {
	return func(yield func(Entry[K, T], error) bool) {
		for match, err := range q.matches(ctx, position{}, everything) {
			if !yield(match.entry, err) {
				return
			}
		}
	}
}

// First is the first document found, or ErrNotFound.
func (q Query[K, T]) First(ctx context.Context) (Entry[K, T], error) { return q.first(ctx, "First") }

// Last is the last document found, or ErrNotFound. It costs what First does.
func (q Query[K, T]) Last(ctx context.Context) (Entry[K, T], error) {
	return q.Backwards().first(ctx, "Last")
}

func (q Query[K, T]) first(ctx context.Context, op string) (Entry[K, T], error) {
	for match, err := range q.matches(ctx, position{}, 1) {
		return match.entry, err
	}
	return Entry[K, T]{}, q.collection.at.fail(op, ErrNotFound)
}

// Page is a part of what a query finds.
type Page[K, T any] struct {
	Entries []Entry[K, T] // never nil: empty, it is [] in JSON
	// Next is what to ask for the page after this one with; empty where this is the last.
	Next string
}

// Page is up to size documents after those of the page whose Next is after; the first
// for "". Next names a place in the order of the query, and nothing else, so that a document which does not
// change comes on exactly one of the pages, whatever else changes between them. One that does not fit the
// schema ends the page before it, as ErrCorrupt, and Next leads past it.
//
// The Next of a query in the opposite order leads back. One of another order, or none at all, is
// ErrInvalid; so is a size that is not positive.
func (q Query[K, T]) Page(ctx context.Context, size int, after string) (Page[K, T], error) {
	page := Page[K, T]{Entries: []Entry[K, T]{}}
	if err := q.broken(); err != nil {
		return page, err
	}
	from, err := q.search.placeAt(after, q.collection.at.checkID)
	if size < 1 {
		err = fmt.Errorf("%w: a page of %d", ErrInvalid, size)
	}
	if err != nil {
		return page, q.collection.at.fail("Page", err)
	}
	var last position
	for match, err := range q.matches(ctx, from, min(size, math.MaxInt-1)+1) {
		switch {
		case len(page.Entries) == size:
			page.Next = q.search.cursorAt(last)
			return page, nil
		case err != nil:
			page.Next = q.search.cursorAt(match.position)
			return page, err
		}
		page.Entries, last = append(page.Entries, match.entry), match.position
	}
	return page, nil
}

// match is a document found.
type match[K, T any] struct {
	entry Entry[K, T]
	candidate
}

//go:noinline // see eachOf
func (q Query[K, T]) matches(ctx context.Context, after position, want int) iter.Seq2[match[K, T], error] {
	return func(yield func(match[K, T], error) bool) {
		if err := q.broken(); err != nil {
			yield(match[K, T]{}, err)
			return
		}
		q.search.run(ctx, after, want, func(c candidate, err error) bool {
			if c.id == "" {
				yield(match[K, T]{}, err)
				return false
			}
			entry, found, err := q.judge(c, err)
			return !found && err == nil || yield(match[K, T]{entry, c}, err) && (err == nil || ofOneValue(err))
		})
	}
}

// judge decodes a document and reports whether the terms hold for it, and it stands where it was met.
func (q Query[K, T]) judge(c candidate, err error) (entry Entry[K, T], found bool, _ error) {
	at, value := q.collection.at.child(c.id), new(T)
	if err == nil {
		entry.Key, err = keyOf[K](q.collection.at, c.id)
	}
	found, err = q.search.judge(c, value, err)
	if err != nil {
		return entry, false, at.fail("Find", err)
	}
	entry.Value = *value
	return entry, found, nil
}
