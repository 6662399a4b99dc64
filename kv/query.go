package kv

import (
	"context"
	"encoding/base64"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
)

// Query finds the documents of a collection for which all its terms hold. It is an
// immutable value, and can be executed any number of times.
//
// A document is returned only if the terms hold for what is stored when it is read,
// whatever an index says. Documents that have expired are taken out of the indexes.
type Query[K, T any] struct {
	collection KeyedCollection[K, T]
	terms      []Term
	reverse    bool
	err        error
}

// Find is the query for documents for which all terms hold; there must be at least one.
// By one term, documents come in the order of its index, and of their keys where the
// value is the same. Of several terms, that with the fewest entries leads.
//
// It costs by the entries of the leading term: two round trips for every 256 of them
// (ZRANGEBYLEX, pipelined GET). If there are more terms it costs one before (ZLEXCOUNT),
// and for each that Is a value one for every 256 (pipelined ZSCORE).
func (c KeyedCollection[K, T]) Find(terms ...Term) Query[K, T] {
	q := Query[K, T]{collection: c, terms: slices.Clone(terms), err: c.err()}
	if q.err == nil {
		q.err = c.check(terms)
	}
	return q
}

func (c KeyedCollection[K, T]) check(terms []Term) error {
	if len(terms) == 0 {
		return c.fail("Find", fmt.Errorf("%w: a query without a term", ErrInvalid))
	}
	indexes := c.indexes()
	for _, term := range terms {
		at := slices.Index(indexes.names, term.index)
		switch {
		case at < 0:
			return c.fail("Find", fmt.Errorf("the index %s: %w", term.index, ErrUndeclared))
		case indexes.kinds[at] != term.kind:
			return c.fail("Find", fmt.Errorf("the index %s: %w: %v, not %v", term.index, ErrTypeMismatch, indexes.kinds[at], term.kind))
		case term.broken != nil:
			return c.fail("Find", fmt.Errorf("the index %s: %w", term.index, term.broken))
		}
	}
	return nil
}

// Reverse is the same query in the opposite order.
func (q Query[K, T]) Reverse() Query[K, T] {
	q.reverse = !q.reverse
	return q
}

// All goes through the documents found. One that does not fit the schema comes as
// ErrCorrupt, with its key, and does not end the loop; any other error does.
func (q Query[K, T]) All(ctx context.Context) iter.Seq2[Entry[K, T], error] {
	return func(yield func(Entry[K, T], error) bool) {
		for hit, err := range q.hits(ctx, "", readPage) {
			if !yield(hit.entry, err) {
				return
			}
		}
	}
}

// First is the first document found, or ErrNotFound.
func (q Query[K, T]) First(ctx context.Context) (Entry[K, T], error) {
	for hit, err := range q.hits(ctx, "", 1) {
		return hit.entry, err
	}
	return Entry[K, T]{}, q.collection.fail("First", ErrNotFound)
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
		return page, q.collection.fail("Page", fmt.Errorf("%w: a page of %d", ErrInvalid, size))
	}
	last := ""
	for hit, err := range q.hits(ctx, after, min(size, readPage-1)+1) {
		switch {
		case len(page.Entries) == size:
			page.Next = last
			return page, nil
		case err != nil:
			page.Next = hit.cursor
			return page, err
		}
		page.Entries, last = append(page.Entries, hit.entry), hit.cursor
	}
	return page, nil
}

// hit is a document found, with where a later page goes on after it.
type hit[K, T any] struct {
	entry  Entry[K, T]
	cursor string
}

func (q Query[K, T]) hits(ctx context.Context, after string, size int) iter.Seq2[hit[K, T], error] {
	return func(yield func(hit[K, T], error) bool) {
		lead, member, err := q.lead(ctx, after)
		if err != nil {
			yield(hit[K, T]{}, err)
			return
		}
		cmd := drivers.Command{
			Op: drivers.OpZRangeByLex, Key: q.index(lead), Pattern: q.collection.node.pattern,
			Min: lead.min(), Max: lead.max(), Reverse: q.reverse, Amount: int64(size),
		}
		for {
			switch {
			case member == "":
			case q.reverse:
				cmd.Max = "(" + member
			default:
				cmd.Min = "(" + member
			}
			reply, err := q.collection.driver.Do(ctx, cmd)
			if err != nil {
				yield(hit[K, T]{}, q.collection.fail("Find", err))
				return
			}
			if !q.page(ctx, lead, reply.Values, yield) || len(reply.Values) < int(cmd.Amount) {
				return
			}
			member, cmd.Amount = reply.Values[len(reply.Values)-1], readPage
		}
	}
}

func (q Query[K, T]) index(term Term) string {
	return drivers.IndexKey(registryBelow(q.collection.path()), term.index)
}

// lead is the term whose entries are gone through, and the member to go on after.
func (q Query[K, T]) lead(ctx context.Context, after string) (Term, string, error) {
	switch {
	case q.err != nil:
		return Term{}, "", q.err
	case after != "":
		return q.resumed(after)
	case len(q.terms) == 1:
		return q.terms[0], "", nil
	}
	batch := drivers.NewBatch()
	for _, term := range q.terms {
		batch.Items = append(batch.Items, drivers.Item{Command: drivers.Command{
			Op: drivers.OpZLexCount, Key: q.index(term), Min: term.min(), Max: term.max(), Pattern: q.collection.node.pattern,
		}})
	}
	if err := q.collection.runBatch(ctx, "Find", batch); err != nil {
		return Term{}, "", err
	}
	fewest := 0
	for i, item := range batch.Items {
		if item.Reply.Int < batch.Items[fewest].Reply.Int {
			fewest = i
		}
	}
	return q.terms[fewest], "", nil
}

// cursor is where a page ends: the index that leads, and its last member.
func cursor(lead Term, member string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(lead.index + separator + member))
}

func (q Query[K, T]) resumed(after string) (Term, string, error) {
	text, err := base64.RawURLEncoding.DecodeString(after)
	index, member, found := strings.Cut(string(text), separator)
	if err == nil && found {
		value, _, whole := splitMember(member)
		for _, term := range q.terms {
			if whole && term.holds(drivers.Entry{Name: index, Value: value}) {
				return term, member, nil
			}
		}
	}
	return Term{}, "", q.collection.fail("Page", fmt.Errorf("%w: %q is not the end of a page of this query", ErrInvalid, after))
}

// candidate is an id that the leading index has.
type candidate struct{ value, id, member string }

// page yields the documents behind members of the leading index, and reports whether to go on.
func (q Query[K, T]) page(ctx context.Context, lead Term, members []string, yield func(hit[K, T], error) bool) bool {
	candidates, err := q.candidates(ctx, lead, members)
	if err != nil {
		yield(hit[K, T]{}, err)
		return false
	}
	batch := drivers.NewBatch()
	for _, c := range candidates {
		batch.Items = append(batch.Items, drivers.Item{Command: drivers.Command{
			Op: drivers.OpGet, Key: q.collection.child(c.id).path(), Pattern: q.collection.node.element.pattern,
		}})
	}
	if err := drivers.DoBatch(ctx, q.collection.driver, batch); err != nil {
		yield(hit[K, T]{}, q.collection.fail("Find", err))
		return false
	}
	absent := drivers.NewBatch() // they have expired
	for i, c := range candidates {
		if item := batch.Items[i]; item.Err == nil && item.Reply.Nil {
			cmd := q.collection.reconciling(c.id)
			cmd.Indexes[0].Stray = []drivers.Entry{{Name: lead.index, Value: c.value}}
			absent.Items = append(absent.Items, drivers.Item{Command: cmd})
		}
	}
	if err := q.collection.runBatch(ctx, "Find", absent); err != nil {
		yield(hit[K, T]{}, err)
		return false
	}
	for i, c := range candidates {
		reply, err := batch.Items[i].Reply, batch.Items[i].Err
		if err == nil && reply.Nil {
			continue
		}
		entry, found, err := q.judge(lead, c, reply.Value, err)
		if !found && err == nil {
			continue
		}
		if !yield(hit[K, T]{entry, cursor(lead, c.member)}, err) || err != nil && !ofOneValue(err) {
			return false
		}
	}
	return true
}

// candidates are the ids of members that the other indexes have as well, as far as
// these can be asked: for one value, not for a range.
func (q Query[K, T]) candidates(ctx context.Context, lead Term, members []string) ([]candidate, error) {
	var all []candidate
	for _, member := range members {
		if value, id, ok := splitMember(member); ok {
			all = append(all, candidate{value, id, member})
		}
	}
	for _, term := range q.terms {
		if term.exact == "" || term == lead {
			continue
		}
		batch := drivers.NewBatch()
		for _, c := range all {
			batch.Items = append(batch.Items, drivers.Item{Command: drivers.Command{
				Op: drivers.OpZScore, Key: q.index(term), Value: term.exact + c.id, Pattern: q.collection.node.pattern,
			}})
		}
		if err := q.collection.runBatch(ctx, "Find", batch); err != nil {
			return nil, err
		}
		kept := all[:0]
		for i, c := range all {
			if !batch.Items[i].Reply.Nil {
				kept = append(kept, c)
			}
		}
		all = kept
	}
	return all, nil
}

// judge decodes a document and reports whether the terms hold for it. Where it has
// several values in the range of the leading term, it is found at the first.
func (q Query[K, T]) judge(lead Term, c candidate, text string, err error) (entry Entry[K, T], found bool, _ error) {
	field := handle[JSONField[T]](q.collection.child(c.id))
	if err == nil {
		entry.Key, err = q.collection.keyOf(c.id)
	}
	if err == nil {
		entry.Value, err = field.decode(text)
	}
	if err != nil {
		return entry, false, field.fail("Find", err)
	}
	entries, err := field.indexes.entries(entry.Value)
	if err != nil {
		return entry, false, field.fail("Find", err)
	}
	first := ""
	for _, e := range entries {
		if lead.holds(e) && (first == "" || (e.Value < first) != q.reverse) {
			first = e.Value
		}
	}
	if first != c.value {
		return entry, false, nil
	}
	for _, term := range q.terms {
		if !slices.ContainsFunc(entries, term.holds) {
			return entry, false, nil
		}
	}
	return entry, true, nil
}
