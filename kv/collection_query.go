package kv

import (
	"context"
	"iter"
)

// Query finds the documents of a collection for which all its terms hold. It is an
// immutable value, and can be executed any number of times.
//
// Documents come in the order of their ids, which are their keys as they are stored, or in that of
// OrderBy: so they do whatever the terms, however much there is, and on every page.
//
// A document is returned only if the terms hold for what is stored when it is read,
// whatever an index says. Documents that have expired are taken out of the indexes.
type Query[K, T any] struct{ search *search }

// Find is the query for the documents for which all terms hold; without terms, for all documents.
//
// An index that may lack entries is ErrIncomplete; see Collection.
//
// A page takes two round trips: one for the indexes, one for the documents (pipelined GET). Where one index alone has
// the documents in the order asked for, the first is a ZRANGEBYLEX that reads no more than the page. That is so
// without terms, for a single term that Is a value, and for a range in the order of its own index. Otherwise a script
// counts the entries of each term and goes through those of the term that has the fewest (ZLEXCOUNT, ZRANGEBYLEX,
// HMGET of the registry); it takes another round trip for every 1024 entries after the first, and only the documents
// of the page are read. Where there are many entries, and an index has the order asked for, it first looks for a page
// in that index, at no more than the same cost.
//
//go:noinline // see eachOf
func (c KeyedCollection[K, T]) Find(terms ...Term) Query[K, T] {
	return Query[K, T]{c.at.find(terms)}
}

func (r ref) find(terms []Term) *search {
	found := &struct {
		search
		room [1]Term // so that a query of one term is one allocation
	}{search: search{in: r}}
	s := &found.search
	s.terms = append(found.room[:0], terms...)
	if s.err = s.broken(); s.err == nil {
		if err := r.documentIndexes().checkTerms(terms); err != nil {
			s.err = r.fail("Find", err)
		}
	}
	return s
}

// All goes through the documents found. Where they have to be sorted, the ids of all of them are kept until
// it ends, and the documents of a page. One that does not fit the schema comes as
// ErrCorrupt, with its key, and does not end the loop; any other error does.
//
//go:noinline // see eachOf
func (q Query[K, T]) All(ctx context.Context) iter.Seq2[Entry[K, T], error] {
	return func(yield func(Entry[K, T], error) bool) {
		q.search.each(ctx, position{}, everything, newEntry[K, T], func(found match, err error) bool {
			return yield(entryIn[K, T](found.entry, err), err)
		})
	}
}

// First is the first document found, or ErrNotFound.
//
//go:noinline // see eachOf
func (q Query[K, T]) First(ctx context.Context) (Entry[K, T], error) {
	entry, err := q.search.first(ctx, "First", newEntry[K, T])
	return entryIn[K, T](entry, err), err
}

// Last is the last document found, or ErrNotFound. It costs what First does.
//
//go:noinline // see eachOf
func (q Query[K, T]) Last(ctx context.Context) (Entry[K, T], error) {
	entry, err := q.search.backwards().first(ctx, "Last", newEntry[K, T])
	return entryIn[K, T](entry, err), err
}

// Page is a part of what a query finds.
type Page[K, T any] struct {
	Entries []Entry[K, T] // never nil: empty, it is [] in JSON
	// Next is what to ask for the page after this one with; empty where this is the last.
	Next string
}

// Page is up to size documents, in the order of the query. The first page is that after ""; each further one is that
// after the Next of the page before it. Next names a place in the order of the query, and nothing else, so that a
// document which does not change is on exactly one of the pages, whatever else changes between them. A document that
// does not fit the schema ends the page before it, as ErrCorrupt, and Next leads past it.
//
// With the Next of a query in the opposite order, the pages lead back. An after that is no Next, or that of another
// order, is ErrInvalid; so is a size that is not positive.
//
//go:noinline // see eachOf
func (q Query[K, T]) Page(ctx context.Context, size int, after string) (Page[K, T], error) {
	page := Page[K, T]{Entries: []Entry[K, T]{}}
	entries, next, err := q.search.page(ctx, size, after, newEntry[K, T])
	for _, entry := range entries {
		page.Entries = append(page.Entries, *entry.(*Entry[K, T]))
	}
	page.Next = next
	return page, err
}

// newEntry makes the entry of an id, with the place where its document is to be decoded.
func newEntry[K, T any](in ref, id string) (entry, document any, err error) {
	made := &Entry[K, T]{}
	made.Key, err = keyOf[K](in, id)
	return made, &made.Value, err
}

// entryIn is an entry that newEntry has made, without its document where that was not found.
func entryIn[K, T any](entry any, err error) (found Entry[K, T]) {
	if made, ok := entry.(*Entry[K, T]); ok {
		if found.Key = made.Key; err == nil {
			found.Value = made.Value
		}
	}
	return found
}
