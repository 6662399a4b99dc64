package kv

import (
	"cmp"
	"context"
	"fmt"
	"math"
)

// What the methods of Query do, without the types of keys and documents.

// makeEntry makes the entry of an id in a collection, a pointer, and the place in it where the document is
// to be decoded. Both are there beside an error, too.
type makeEntry func(in ref, id string) (entry, document any, err error)

// match is a document found.
type match struct {
	candidate
	entry any // as makeEntry has made it
}

// broken is why the query cannot be executed, or nil.
func (s *search) broken() error {
	return cmp.Or(s.err, s.in.carried("Find"))
}

// made is the search, or that of a Query which is a zero value.
func (s *search) made() *search {
	if s == nil {
		return &search{}
	}
	return s
}

// backwards is the search in the opposite order.
func (s *search) backwards() *search {
	opposite := *s.made()
	opposite.reverse = !opposite.reverse
	return &opposite
}

// each hands yield the documents found after a place, about so many of which are wanted, until it returns false. An error
// has an id if it is of that document alone.
func (s *search) each(ctx context.Context, after position, want int, entryOf makeEntry, yield func(match, error) bool) {
	s = s.made()
	if err := s.broken(); err != nil {
		yield(match{}, err)
		return
	}
	s.run(ctx, after, want, func(c candidate, err error) bool {
		if c.id == "" {
			yield(match{}, err)
			return false
		}
		entry, document, invalid := entryOf(s.in, c.id)
		found, err := s.judge(c, document, cmp.Or(err, invalid))
		if err != nil {
			err = s.in.child(c.id).fail("Find", err)
		}
		return !found && err == nil || yield(match{c, entry}, err) && (err == nil || ofOneValue(err))
	})
}

// first is the first document found.
func (s *search) first(ctx context.Context, op string, entryOf makeEntry) (entry any, err error) {
	s = s.made()
	err = s.in.fail(op, ErrNotFound)
	s.each(ctx, position{}, 1, entryOf, func(found match, failed error) bool {
		entry, err = found.entry, failed
		return false
	})
	return entry, err
}

// page is up to size documents after the place that a cursor names, and the cursor of the last.
func (s *search) page(ctx context.Context, size int, after string, entryOf makeEntry) (entries []any, next string, err error) {
	s = s.made()
	if err := s.broken(); err != nil {
		return nil, "", err
	}
	from, err := s.placeAt(after, s.in.checkID)
	if size < 1 {
		err = fmt.Errorf("%w: a page of %d", ErrInvalid, size)
	}
	if err != nil {
		return nil, "", s.in.fail("Page", err)
	}
	var last position
	s.each(ctx, from, min(size, math.MaxInt-1)+1, entryOf, func(found match, failed error) bool {
		switch {
		case len(entries) == size:
			next = s.cursorAt(last)
		case failed != nil:
			next, err = s.cursorAt(found.position), failed
		default:
			entries, last = append(entries, found.entry), found.position
			return true
		}
		return false
	})
	return entries, next, err
}

// anyDocument makes the place for the document of an id that nobody asks for.
func anyDocument(in ref, id string) (entry, pointer any, err error) {
	return nil, in.node.element.shared.(*document).zero(), in.checkID(id)
}
