package kv

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// search is how a Query goes through the indexes. It knows neither the type of the keys
// nor that of the documents.
type search struct {
	in      ref // the collection
	terms   []Term
	reverse bool
}

// candidate is a document that the leading index has.
type candidate struct {
	leading           Term
	value, id, member string // of its index entry
	text              string // what is stored of it
}

// run hands found the documents that the indexes have for the terms, one by one, until
// it returns false. An error has a candidate if it is of that one only.
func (s search) run(ctx context.Context, after string, size int, found func(candidate, error) bool) {
	leading, member, err := s.leadingTerm(ctx, after)
	if err != nil {
		found(candidate{}, err)
		return
	}
	cmd := drivers.Command{
		Op: drivers.OpZRangeByLex, Key: s.index(leading), Pattern: s.in.node.pattern,
		Min: leading.min(), Max: leading.max(), Reverse: s.reverse, Amount: int64(size),
	}
	for tries := 0; ; {
		switch {
		case member == "":
		case s.reverse:
			cmd.Max = "(" + member
		default:
			cmd.Min = "(" + member
		}
		batch := drivers.NewBatch(cmd, s.seal(leading))
		_, err := s.in.run(ctx, batch)
		if err == nil {
			err = s.checkComplete(ctx, batch.Items[1])
		}
		if tries++; errors.Is(err, errBeganMeanwhile) && tries < completeTries {
			continue
		}
		if err != nil {
			found(candidate{}, s.in.fail("Find", err))
			return
		}
		reply := batch.Items[0].Reply
		if !s.page(ctx, leading, reply.Values, found) || len(reply.Values) < int(cmd.Amount) {
			return
		}
		member, cmd.Amount = reply.Values[len(reply.Values)-1], readPage
	}
}

func (s search) index(term Term) string {
	return drivers.IndexKey(s.in.registry(), term.index)
}

// seal asks whether the index of a term has all that it should.
func (s search) seal(term Term) drivers.Command {
	return drivers.Command{Op: drivers.OpZScore, Key: s.index(term), Value: drivers.Seal, Pattern: s.in.node.pattern}
}

// checkComplete reports an index without a seal, but for that of an empty store.
func (s search) checkComplete(ctx context.Context, sealed drivers.Item) error {
	if sealed.Reply.Sealed() {
		return nil
	}
	return s.in.checkComplete(ctx, sealed.Command)
}

// leadingTerm is the term whose entries are gone through, and the member to go on after.
func (s search) leadingTerm(ctx context.Context, after string) (Term, string, error) {
	switch {
	case after != "":
		return s.resumed(after)
	case len(s.terms) == 1:
		return s.terms[0], "", nil
	}
	batch := drivers.NewBatch()
	for _, term := range s.terms {
		batch.Items = append(batch.Items, drivers.Item{Command: drivers.Command{
			Op: drivers.OpZLexCount, Key: s.index(term), Min: term.min(), Max: term.max(), Pattern: s.in.node.pattern,
		}})
	}
	if err := s.in.runBatch(ctx, "Find", batch); err != nil {
		return Term{}, "", err
	}
	fewest := 0
	for i, item := range batch.Items {
		if item.Reply.Int < batch.Items[fewest].Reply.Int {
			fewest = i
		}
	}
	return s.terms[fewest], "", nil
}

// cursor is where a page ends: the index that leads, and its last member. It is empty for
// what is not of one document.
func (c candidate) cursor() string {
	if c.member == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(c.leading.index + separator + c.member))
}

func (s search) resumed(after string) (Term, string, error) {
	text, err := base64.RawURLEncoding.DecodeString(after)
	index, member, found := strings.Cut(string(text), separator)
	if err == nil && found {
		value, _, ok := gotext.CutSortable(member)
		for _, term := range s.terms {
			if ok && term.holds(drivers.Entry{Name: index, Value: value}) {
				return term, member, nil
			}
		}
	}
	return Term{}, "", s.in.fail("Page", fmt.Errorf("%w: %q is not the end of a page of this query", ErrInvalid, after))
}

// page hands on the documents behind members of the leading index, and reports whether to go on.
func (s search) page(ctx context.Context, leading Term, members []string, found func(candidate, error) bool) bool {
	candidates, err := s.candidates(ctx, leading, members)
	if err != nil {
		found(candidate{}, err)
		return false
	}
	stored, err := s.in.stored(ctx, lo.Map(candidates, func(c candidate, _ int) string { return c.id }))
	if err != nil {
		found(candidate{}, s.in.fail("Find", err))
		return false
	}
	absent := drivers.NewBatch() // they have expired
	for i, c := range candidates {
		if item := stored[i]; item.Err == nil && item.Reply.Nil {
			cmd := s.in.reconciling(c.id)
			cmd.Indexes[0].Stray = []drivers.Entry{{Name: leading.index, Value: c.value}}
			absent.Items = append(absent.Items, drivers.Item{Command: cmd})
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

// candidates are the ids of members that the other indexes have as well, as far as
// these can be asked: for one value, not for a range.
func (s search) candidates(ctx context.Context, leading Term, members []string) ([]candidate, error) {
	var all []candidate
	for _, member := range members {
		if value, id, ok := gotext.CutSortable(member); ok {
			all = append(all, candidate{leading: leading, value: value, id: id, member: member})
		}
	}
	for _, term := range s.terms {
		if term.exact == "" || term == leading || len(all) == 0 {
			continue
		}
		batch := drivers.NewBatch()
		for _, c := range all {
			batch.Items = append(batch.Items, drivers.Item{Command: drivers.Command{
				Op: drivers.OpZScore, Key: s.index(term), Value: term.exact + c.id, Pattern: s.in.node.pattern,
			}})
		}
		batch.Items = append(batch.Items, drivers.Item{Command: s.seal(term)}) // last, lest it be lost in between
		_, err := s.in.run(ctx, batch)
		if err == nil {
			err = s.checkComplete(ctx, batch.Items[len(all)])
		}
		if err != nil {
			return nil, s.in.fail("Find", err)
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

// finds reports whether the terms hold for a document with these index entries. Where it
// has several values in the range of the leading term, it is found at the first.
func (s search) finds(c candidate, entries []drivers.Entry) bool {
	first := ""
	for _, e := range entries {
		if c.leading.holds(e) && (first == "" || (e.Value < first) != s.reverse) {
			first = e.Value
		}
	}
	if first != c.value {
		return false
	}
	for _, term := range s.terms {
		if !slices.ContainsFunc(entries, term.holds) {
			return false
		}
	}
	return true
}
