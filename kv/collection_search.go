package kv

import (
	"context"
	"iter"
	"math"
	"slices"
	"sort"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
)

// search is how a Query goes through the indexes. It knows neither the type of the keys
// nor that of the documents.
//
// Where to start is chosen by how many members the indexes have for each term; what comes first is
// not. Members that stand in the order asked for are read as far as they are needed. Others are all read, with
// what the registry says of them, to be sorted.
type search struct {
	in      ref // the collection
	terms   []Term
	order   string // the index that documents come in the order of; empty for that of their ids
	reverse bool
	counts  bool // what the registry has of each hit is wanted, whatever the terms
	err     error
}

// candidate is a document that the indexes have.
type candidate struct {
	position
	entry drivers.Entry // by which it was met
	text  string        // what is stored of it
}

// everything is as many documents as there are.
const everything = math.MaxInt

// run hands found the documents that the indexes have for the terms, one by one, until
// it returns false. About so many will be wanted. An error has a candidate if it is of that one only.
func (s *search) run(ctx context.Context, after position, want int, found func(candidate, error) bool) {
	size := min(want, readPage)
	for page, err := range s.pages(ctx, after, want) {
		if err != nil {
			found(candidate{}, s.in.fail("Find", err))
			return
		}
		for len(page) > 0 {
			part := page[:min(size, len(page))]
			page, size = page[len(part):], readPage
			if !s.read(ctx, part, found) {
				return
			}
		}
	}
}

// read hands on the documents of candidates, and reports whether to go on.
func (s *search) read(ctx context.Context, candidates []candidate, found func(candidate, error) bool) bool {
	stored, err := s.in.stored(ctx, lo.Map(candidates, func(c candidate, _ int) string { return c.id }))
	if err != nil {
		found(candidate{}, s.in.fail("Find", err))
		return false
	}
	absent := drivers.NewBatch() // they have expired
	for i, c := range candidates {
		if item := stored[i]; item.Err == nil && item.Reply.Nil {
			cmd := s.in.reconciling(c.id)
			cmd.Indexes()[0].Stray = []drivers.Entry{c.entry}
			absent.Add(cmd)
		}
	}
	if err := s.in.runBatch(ctx, "Find", absent); err != nil {
		found(candidate{}, err)
		return false
	}
	for i, c := range candidates {
		reply, err := stored[i].Reply, stored[i].Err
		if err == nil && reply.Nil {
			continue
		}
		c.text = reply.Value
		if !found(c, err) {
			return false
		}
	}
	return true
}

// judge decodes the document of a candidate into what a pointer points to, and reports whether the terms hold for
// it, and it stands where it was met.
func (s *search) judge(c candidate, pointer any, err error) (found bool, _ error) {
	entries, err := s.decode(c, pointer, err)
	if err != nil {
		return false, err
	}
	at, found := s.finds(c.id, entries)
	return found && at == c.position, nil
}

// decode is judge without judging: it gives what the indexes should have of the document.
func (s *search) decode(c candidate, pointer any, err error) ([]drivers.Entry, error) {
	how := s.in.node.element.shared.(*document)
	if err == nil {
		_, err = how.decode(c.text, pointer)
	}
	if err != nil {
		return nil, err
	}
	next, err := how.content(c.text, pointer)
	return next.entries, err
}

// pages goes through the candidates in the order of the query, about so many of which are wanted.
func (s *search) pages(ctx context.Context, after position, want int) iter.Seq2[[]candidate, error] {
	return func(yield func([]candidate, error) bool) {
		tried := false
		for {
			parts := lo.Map(s.groups(), func(term Term, _ int) part { return s.part(term, after) })
			first, err := s.fetch(ctx, parts, s.amount(parts, want))
			if err != nil {
				yield(nil, err)
				return
			}
			if s.inOrder(first.term) {
				s.stream(ctx, first, everything, want, yield)
				return
			}
			ordered := slices.IndexFunc(parts, func(p part) bool { return s.inOrder(p.term) })
			if first.more && ordered >= 0 && want < everything && !tried {
				// What stands in order may soon have enough; it is tried for as long as that costs
				// no more than to read all hits.
				tried = true
				last, ended := s.stream(ctx, hits{part: parts[ordered], more: true}, first.size, want, yield)
				if ended {
					return
				}
				after = last
				continue
			}
			page, more, err := s.gather(ctx, first, after, max(want, readPage))
			if err != nil {
				yield(nil, err)
				return
			}
			if len(page) > 0 && !yield(page, nil) || !more {
				return
			}
			after = page[len(page)-1].position
		}
	}
}

// stream hands on what is read of members that stand in the order of the query, until budget members
// have been read. It returns the last position it has been at, and whether it has come to an end.
func (s *search) stream(ctx context.Context, h hits, budget, want int, yield func([]candidate, error) bool) (last position, ended bool) {
	for {
		if page := s.candidates(h); len(page) > 0 && !yield(page, nil) || !h.more {
			return last, true
		}
		if len(h.members) > 0 {
			if entry, id, ok := entryOf(h.indexes[0], h.members[len(h.members)-1]); ok {
				if last = (position{id: id}); s.order != "" {
					last.value = entry.Value
				}
			}
			if budget -= len(h.members); budget <= 0 {
				return last, false
			}
			want = everything
		}
		rest := []part{h.rest(s.reverse)}
		var err error
		if h, err = s.fetch(ctx, rest, s.amount(rest, want)); err != nil {
			yield(nil, err)
			return last, true
		}
	}
}

// gather reads all hits, and gives the first of them, keep at most, in the order of the query. It
// reports whether there were more.
func (s *search) gather(ctx context.Context, h hits, after position, keep int) (best []candidate, more bool, err error) {
	const slack = 4 * hitsPage
	settle := func() {
		sort.Slice(best, func(i, j int) bool { return s.compare(best[i].position, best[j].position) < 0 })
		best = slices.CompactFunc(best, func(one, other candidate) bool { return one.position == other.position })
		if len(best) > keep {
			best, more = best[:keep], true
		}
	}
	for {
		for _, c := range s.candidates(h) {
			if after.id == "" || s.compare(c.position, after) > 0 {
				best = append(best, c)
			}
		}
		if len(best) > slack && len(best)-slack > keep {
			settle()
		}
		if !h.more {
			settle()
			return best, more, nil
		}
		if h, err = s.fetch(ctx, []part{h.rest(s.reverse)}, hitsPage); err != nil {
			return nil, false, err
		}
	}
}

// candidates are the documents of hits for which, as the registry says, all terms hold.
func (s *search) candidates(h hits) []candidate {
	ordered := s.inOrder(h.term)
	var found []candidate
	for i, index := range h.owners() {
		entry, id, ok := entryOf(index, h.members[i])
		if !ok {
			continue
		}
		c := candidate{position: position{id: id}, entry: entry}
		if s.order != "" {
			c.value = entry.Value
		}
		if h.records != nil {
			entries, err := drivers.UnpackEntries(h.records[i])
			at, holds := s.finds(id, entries)
			if err != nil || !holds || ordered && at != c.position {
				continue
			}
			c.position = at
		}
		found = append(found, c)
	}
	return found
}
