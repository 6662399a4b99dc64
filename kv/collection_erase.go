package kv

import (
	"cmp"
	"context"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// Erase removes all documents that the query finds, and returns how many it removed. Each is removed in one atomic
// step with its entries in the indexes, and only if the terms hold for what is stored at that moment. Documents that
// others write meanwhile may be left. A document that does not fit the schema is left, and reported at the end as
// ErrCorrupt.
//
// It costs what All does, and a round trip for every 256 documents (a script that compares and removes), and two more
// for those that others change meanwhile.
func (q Query[K, T]) Erase(ctx context.Context) (int, error) { return q.search.erase(ctx) }

func (s *search) erase(ctx context.Context) (erased int, err error) {
	s = s.made()
	var (
		page    []candidate
		corrupt error
	)
	flush := func() error {
		err := optimistically(ctx, func(*turn) (bool, error) { // of many documents: nobody stands in line
			left, err := s.eraseUnchanged(ctx, page)
			erased, page = erased+len(page)-len(left), left
			if err == nil && len(left) > 0 {
				page, err = s.reread(ctx, left)
			}
			return len(page) == 0, err
		})
		if err != nil {
			err = s.in.fail("Erase", err)
		}
		return err
	}
	s.each(ctx, position{}, everything, anyDocument, func(found match, failed error) bool {
		switch {
		case failed != nil && found.id != "" && ofOneValue(failed):
			corrupt = failed
		case failed != nil:
			err = failed
		default:
			if page = append(page, found.candidate); len(page) == readPage {
				err = flush()
			}
		}
		return err == nil
	})
	if err == nil {
		err = flush()
	}
	return erased, cmp.Or(err, corrupt)
}

// past is a moment at which everything has ended.
var past = drivers.At(time.UnixMilli(1))

// eraseUnchanged removes documents that are still what was read, by letting them end there and then, and returns
// the others.
func (s *search) eraseUnchanged(ctx context.Context, page []candidate) (left []candidate, err error) {
	batch := drivers.NewBatch()
	for _, c := range page {
		cmd := drivers.Command{Op: drivers.OpCompareAndSwap, Extra: &drivers.Extra{Expected: c.text}, Value: c.text, Expiry: past}
		at := s.in.child(c.id).value()
		at.address(&cmd)
		batch.Add(cmd)
	}
	if err := s.in.runBatch(ctx, "Erase", batch); err != nil {
		return page, err
	}
	for i, c := range page {
		if batch.Items[i].Reply.Int == 0 {
			left = append(left, c)
		}
	}
	return left, nil
}

// reread reads documents that have changed, and returns those for which the terms hold.
func (s *search) reread(ctx context.Context, changed []candidate) (holding []candidate, err error) {
	ids := make([]string, len(changed))
	for i, c := range changed {
		ids[i] = c.id
	}
	stored, err := s.in.stored(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i, c := range changed {
		if stored[i].Err == nil && stored[i].Reply.Nil {
			continue
		}
		c.text = stored[i].Reply.Value
		next, err := s.in.node.element.shared.(*document).validate(c.text)
		if err != nil {
			return nil, err
		}
		if _, found := s.finds(c.id, next.entries); found {
			holding = append(holding, c)
		}
	}
	return holding, nil
}
