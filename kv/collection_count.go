package kv

import (
	"context"
	"errors"
	"iter"
	"maps"
	"reflect"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// Count is how many documents the indexes have for the query: those that have expired and were not met
// since are counted. Without terms, and by a single one that Is a value, it is one round trip whatever
// there is (ZLEXCOUNT); else it goes through what the indexes have for that term which the fewest
// documents have, as Find does, and reads no document.
func (q Query[K, T]) Count(ctx context.Context) (int, error) {
	return q.search.count(ctx)
}

func (s *search) count(ctx context.Context) (int, error) {
	s = s.made()
	if err := s.broken(); err != nil {
		return 0, err
	}
	count, err := s.countHits(ctx)
	if err != nil {
		return 0, s.in.fail("Count", err)
	}
	return count, nil
}

func (s *search) countHits(ctx context.Context) (count int, err error) {
	groups := s.groups()
	if only := groups[0].spans; len(groups) == 1 && len(only) == 1 && (only[0].exact != "" || only[0].index == "") {
		return s.sizeOf(ctx, s.part(groups[0], position{}))
	}
	err = s.eachHit(ctx, func([]drivers.Entry) { count++ })
	return count, err
}

// sizeOf is how many members an index has in a range.
func (s *search) sizeOf(ctx context.Context, p part) (int, error) {
	cmd := drivers.Command{Op: drivers.OpZLexCount, Key: p.ranges[0].Index, Extra: &drivers.Extra{Min: p.ranges[0].Min, Max: p.ranges[0].Max}, Pattern: s.in.node.pattern}
	batch := drivers.NewBatch(append([]drivers.Command{cmd}, s.seals([]part{p}, true)...)...)
	_, err := s.in.run(ctx, batch)
	if err == nil {
		err = s.in.checkSeals(ctx, batch.Items[1:])
	}
	if errors.Is(err, errBeganMeanwhile) {
		err = nil // it counted what was there when it was asked
	}
	return int(batch.Items[0].Reply.Int), err
}

// eachHit hands on, once for each document for which all terms hold, what the registry has of it.
func (s *search) eachHit(ctx context.Context, yield func([]drivers.Entry)) error {
	var parts []part
	for _, term := range s.groups() {
		parts = append(parts, s.part(term, position{}))
	}
	counting := *s
	counting.counts = true
	seen := map[string]struct{}{}
	for {
		h, err := counting.fetch(ctx, parts, hitsPage)
		if err != nil {
			return err
		}
		for i, index := range h.owners() {
			_, id, ok := entryOf(index, h.members[i])
			if _, again := seen[id]; again || !ok {
				continue
			}
			entries, err := drivers.UnpackEntries(h.records[i])
			if _, finds := s.finds(id, entries); err != nil || !finds {
				continue
			}
			seen[id] = struct{}{}
			yield(entries)
		}
		if !h.more {
			return nil
		}
		parts = []part{h.rest(s.reverse)}
	}
}

// ValueCount is a value of an index, and how many documents have it.
type ValueCount[V any] struct {
	Value V
	Count int
}

// CountBy goes through the values that an index has of the documents found, in the order of the values, and tells how
// many of the documents have each, counted as Count does. Without terms and OrderBy, it takes a round trip for 256
// entries, and two for a value that has more (ZRANGEBYLEX, ZLEXCOUNT); else it costs what Count costs.
func (q Query[K, T]) CountBy[V IndexValue](ctx context.Context, index IndexKey[V]) iter.Seq2[ValueCount[V], error] {
	return func(yield func(ValueCount[V], error) bool) {
		q.search.countBy(ctx, index, func(text string, count int, err error) bool {
			counted := ValueCount[V]{Count: count}
			if err == nil {
				if err = gotext.FromSortable(text, reflect.ValueOf(&counted.Value).Elem()); err != nil {
					err = q.search.in.fail("CountBy", err)
				}
			}
			return yield(counted, err)
		})
	}
}

func (s *search) countBy(ctx context.Context, index OrderKey, yield func(text string, count int, err error) bool) {
	s = s.made()
	name, kind := index.ordering()
	err := s.broken()
	if err == nil {
		if err = s.in.documentIndexes().check(name, kind); err == nil {
			err = s.countEach(ctx, name, func(text string, count int) bool { return yield(text, count, nil) })
		}
		if err != nil {
			err = s.in.fail("CountBy", err)
		}
	}
	if err != nil {
		yield("", 0, err)
	}
}

func (s *search) countEach(ctx context.Context, index string, yield func(text string, count int) bool) error {
	counts := map[string]int{}
	var err error
	if len(s.terms) == 0 && s.order == "" {
		err = s.countAllBy(ctx, index, yield)
	} else {
		err = s.eachHit(ctx, func(entries []drivers.Entry) {
			for _, entry := range entries {
				if entry.Name == index {
					counts[entry.Value]++
				}
			}
		})
	}
	if err != nil {
		return err
	}
	texts := slices.Sorted(maps.Keys(counts))
	if s.reverse {
		slices.Reverse(texts)
	}
	for _, text := range texts {
		if !yield(text, counts[text]) {
			break
		}
	}
	return nil
}

// countAllBy goes through an index: it reads members as long as these are of different values, and counts
// those of a value that goes on behind them.
func (s *search) countAllBy(ctx context.Context, index string, yield func(text string, count int) bool) error {
	all := s.part(Term{spans: []span{{index: index}}}, position{})
	ordered := *s
	ordered.order = index
	s = &ordered
	for more := true; more; {
		h, err := s.fetch(ctx, []part{all}, readPage)
		if err != nil {
			return err
		}
		more = h.more
		var last string
		count := 0
		for _, member := range h.members {
			entry, _, ok := entryOf(index, member)
			if !ok {
				continue
			}
			if entry.Value != last && count > 0 && !yield(last, count) {
				return nil
			}
			if entry.Value != last {
				last, count = entry.Value, 0
			}
			count++
		}
		if count == 0 {
			continue
		}
		if more {
			value := s.part(Term{spans: []span{{index: index, exact: last, from: last, to: drivers.AfterValue(last)}}}, position{})
			if count, err = s.sizeOf(ctx, value); err != nil {
				return err
			}
			if s.reverse {
				all.ranges[0].Max = exclusive(last)
			} else {
				all.ranges[0].Min = "[" + drivers.AfterValue(last)
			}
		}
		if !yield(last, count) {
			return nil
		}
	}
	return nil
}
