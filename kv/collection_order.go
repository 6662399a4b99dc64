package kv

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// position is where a document stands in the order of a query: by its value in the index of the order,
// and then by its id. Of the order of ids the value is empty.
type position struct{ value, id string }

// member is what the index of the order has there.
func (p position) member() string { return p.value + p.id }

func (p position) compare(other position) int {
	return cmp.Or(strings.Compare(p.value, other.value), strings.Compare(p.id, other.id))
}

// compare compares places in the order asked.
func (s *search) compare(one, other position) int {
	if s.reverse {
		one, other = other, one
	}
	return one.compare(other)
}

// OrderBy is the same query with its documents in the order of the values that an index has of them, and by id where
// the value is the same. Without it they are in the order of their ids. A document without a value in the index is
// left out. One with several values comes once, at the first of them in that order; if terms are of the same index,
// at the first value for which one of the terms holds.
//
//go:noinline // see eachOf
func (q Query[K, T]) OrderBy(index OrderKey) Query[K, T] { return Query[K, T]{q.search.orderBy(index)} }

func (s *search) orderBy(index OrderKey) *search {
	ordered := *s.made()
	switch {
	case ordered.broken() != nil:
	case index == nil:
		ordered.err = ordered.in.fail("OrderBy", fmt.Errorf("%w: no index", ErrInvalid))
	default:
		name, kind := index.ordering()
		if err := ordered.in.documentIndexes().check(name, kind); err != nil {
			ordered.err = ordered.in.fail("OrderBy", err)
		}
		ordered.order = name
	}
	return &ordered
}

// Backwards is the same query in the opposite order.
//
//go:noinline // see eachOf
func (q Query[K, T]) Backwards() Query[K, T] { return Query[K, T]{q.search.backwards()} }

// groups are all terms: the documents of an order have a value in its index, which no term may say.
func (s *search) groups() []Term {
	if s.order == "" && len(s.terms) > 0 || slices.ContainsFunc(s.terms, s.ofOrder) {
		return s.terms
	}
	return append(slices.Clone(s.terms), Term{spans: []span{{index: s.order}}})
}

// ofOrder reports a term of the index of the order.
func (s *search) ofOrder(term Term) bool { return s.order != "" && term.isOf(s.order) }

// inOrder reports whether the members of a term's range stand there in the order of the query: one value's
// are in the order of ids, and a range of the index of the order in that.
func (s *search) inOrder(term Term) bool {
	if len(term.spans) != 1 {
		return false
	}
	if s.order == "" {
		return term.spans[0].exact != "" || term.spans[0].index == ""
	}
	terms := 0
	for _, t := range s.terms {
		if s.ofOrder(t) {
			terms++
		}
	}
	return term.isOf(s.order) && terms <= 1
}

// placeOf is where a document with these entries stands, if it does.
func (s *search) placeOf(id string, entries []drivers.Entry) (at position, stands bool) {
	if s.order == "" {
		return position{id: id}, true
	}
	restricted := slices.ContainsFunc(s.terms, s.ofOrder)
	for _, entry := range entries {
		if entry.Name != s.order || restricted && !slices.ContainsFunc(s.terms, func(t Term) bool { return s.ofOrder(t) && t.holds(entry) }) {
			continue
		}
		if next := (position{entry.Value, id}); !stands || s.compare(next, at) < 0 {
			at, stands = next, true
		}
	}
	return at, stands
}

// finds is where a document with these entries stands, if all terms hold for it.
func (s *search) finds(id string, entries []drivers.Entry) (position, bool) {
	for _, term := range s.terms {
		if !slices.ContainsFunc(entries, term.holds) {
			return position{}, false
		}
	}
	return s.placeOf(id, entries)
}

// entryOf takes a member of an index apart.
func entryOf(index, member string) (entry drivers.Entry, id string, ok bool) {
	if index == "" {
		return drivers.Entry{}, member, member != ""
	}
	value, id, ok := gotext.CutSortable(member)
	return drivers.Entry{Name: index, Value: value}, id, ok
}

// cursorAt is a cursor that names the place, in the order of the query.
func (s *search) cursorAt(at position) string {
	if at.id == "" {
		return ""
	}
	return newCursor(s.order, at.member())
}

// placeAt is the place that a cursor names.
func (s *search) placeAt(after string, isID func(id string) error) (at position, err error) {
	if after == "" {
		return position{}, nil
	}
	if order, member, ok := parseCursor(after); ok && order == s.order {
		entry, id, ok := entryOf(order, member)
		if ok && isID(id) == nil {
			return position{entry.Value, id}, nil
		}
	}
	return position{}, fmt.Errorf("%w: %.100q is not the end of a page in this order", ErrInvalid, after)
}
