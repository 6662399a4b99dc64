package kv

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
)

// Query finds the documents of a collection for which all its terms hold. It is an
// immutable value, and can be executed any number of times.
//
// A document is returned only if the terms hold for what is stored when it is read,
// whatever an index says. Documents that have expired are taken out of the indexes.
type Query[K, T any] struct {
	collection KeyedCollection[K, T]
	search     search
	err        error
}

// Find is the query for documents for which all terms hold; there must be at least one.
// By one term, documents come in the order of its index, and of their keys where the
// value is the same. Of several terms, that with the fewest entries leads.
//
// An index that is not known to have all that it should is ErrIncomplete: see Collection.
//
// It costs by the entries of the leading term: two round trips for every 256 of them
// (ZRANGEBYLEX, pipelined GET). If there are more terms it costs one before (ZLEXCOUNT),
// and for each that Is a value one for every 256 (pipelined ZSCORE).
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

// Backwards is the same query in the opposite order.
func (q Query[K, T]) Backwards() Query[K, T] {
	q.search.reverse = !q.search.reverse
	return q
}

// All goes through the documents found. One that does not fit the schema comes as
// ErrCorrupt, with its key, and does not end the loop; any other error does.
func (q Query[K, T]) All(ctx context.Context) iter.Seq2[Entry[K, T], error] {
	return func(yield func(Entry[K, T], error) bool) {
		for match, err := range q.matches(ctx, "", readPage) {
			if !yield(match.entry, err) {
				return
			}
		}
	}
}

// First is the first document found, or ErrNotFound.
func (q Query[K, T]) First(ctx context.Context) (Entry[K, T], error) {
	for match, err := range q.matches(ctx, "", 1) {
		return match.entry, err
	}
	return Entry[K, T]{}, q.collection.at.fail("First", ErrNotFound)
}

// Page is a part of what a query finds.
type Page[K, T any] struct {
	Entries []Entry[K, T] // never nil: empty, it is [] in JSON
	// Next is what to ask for the page after this one with; empty where this is the last.
	Next string
}

// Page is up to size documents after those of the page whose Next is after; the first
// for "". What changes between two pages may be missed or come twice, and nothing
// else is. A document that does not fit the schema ends the page before it, as
// ErrCorrupt, and Next leads past it.
//
// The Next of a query in the opposite order leads back. One that lies outside of what
// the query goes through, or is none at all, is ErrInvalid; so is a size that is not positive.
func (q Query[K, T]) Page(ctx context.Context, size int, after string) (Page[K, T], error) {
	page := Page[K, T]{Entries: []Entry[K, T]{}}
	switch {
	case q.err != nil:
		return page, q.err
	case size < 1:
		return page, q.collection.at.fail("Page", fmt.Errorf("%w: a page of %d", ErrInvalid, size))
	}
	var last candidate
	for match, err := range q.matches(ctx, after, min(size, readPage-1)+1) {
		switch {
		case len(page.Entries) == size:
			page.Next = last.cursor()
			return page, nil
		case err != nil:
			page.Next = match.cursor()
			return page, err
		}
		page.Entries, last = append(page.Entries, match.entry), match.candidate
	}
	return page, nil
}

// match is a document found.
type match[K, T any] struct {
	entry Entry[K, T]
	candidate
}

func (q Query[K, T]) matches(ctx context.Context, after string, size int) iter.Seq2[match[K, T], error] {
	return func(yield func(match[K, T], error) bool) {
		if err := cmp.Or(q.err, q.collection.at.err()); err != nil {
			yield(match[K, T]{}, err)
			return
		}
		q.search.run(ctx, after, size, func(c candidate, err error) bool {
			if c.member == "" {
				yield(match[K, T]{}, err)
				return false
			}
			entry, found, err := q.judge(c, err)
			return !found && err == nil || yield(match[K, T]{entry, c}, err) && (err == nil || ofOneValue(err))
		})
	}
}

// judge decodes a document and reports whether the terms hold for it.
func (q Query[K, T]) judge(c candidate, err error) (entry Entry[K, T], found bool, _ error) {
	at, value := q.collection.at.child(c.id), new(T)
	how := at.node.shared.(*document)
	if err == nil {
		entry.Key, err = keyOf[K](q.collection.at, c.id)
	}
	if err == nil {
		err = how.decode(c.text, value)
	}
	var next content
	if err == nil {
		entry.Value = *value
		next, err = how.content(c.text, value)
	}
	if err != nil {
		return entry, false, at.fail("Find", err)
	}
	return entry, q.search.finds(c, next.entries), nil
}
