package kv

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
)

// children goes through the stored segments of a dynamic store's keys that hold
// something: by its registry if it keeps one, else by a scan of the database.
func (r ref) children(ctx context.Context) iter.Seq2[string, error] {
	if r.node.index() != nil {
		return r.registered(ctx)
	}
	return r.scanned(ctx)
}

// undeclaredKey is a stored key below a store that is none of its schema's. It is the error
// of that key alone, and does not end a listing.
type undeclaredKey struct {
	key string
	error
}

func (f undeclaredKey) Unwrap() error { return f.error }

func isUndeclared(err error) bool {
	_, foreign := err.(undeclaredKey) //nolint:errorlint // as children yields it
	return foreign
}

// scanned lists the children by what is stored below them. A foreign key among that comes
// as its error.
func (r ref) scanned(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		seen := map[string]bool{} // of a store: its keys are many
		for key, err := range r.scan(ctx, drivers.OpScanKeys) {
			if err != nil {
				yield("", err)
				return
			}
			segment, err := r.childOf(key)
			if err == nil && r.node.element.isStore() {
				if seen[segment] {
					continue
				}
				seen[segment] = true
			}
			if !yield(segment, err) {
				return
			}
		}
	}
}

// childOf is the stored segment of the child of a dynamic store that a key below it is, or belongs to; for a foreign
// key an undeclaredKey.
func (r ref) childOf(key string) (segment string, err error) {
	if at := r.locate(key); at.undeclared != nil {
		return "", undeclaredKey{key, at.undeclared}
	}
	segment, _, _ = strings.Cut(key[len(r.path())+len(separator):], separator)
	return segment, nil
}

// eachChild hands yield the stored segments of the keys of a dynamic store that hold
// something, one by one, until it returns false. A foreign key comes as an error; any
// other error ends it.
func (r ref) eachChild(ctx context.Context, op string, yield func(segment string, err error) bool) {
	if err := r.carried(op); err != nil {
		yield("", err)
		return
	}
	for segment, err := range r.children(ctx) {
		foreign, one := err.(undeclaredKey) //nolint:errorlint // as children yields it
		switch {
		case one:
			err = fail(op, foreign.key, foreign.error)
		case err != nil:
			err = r.fail(op, err)
		}
		if !yield(segment, err) || err != nil && !one {
			return
		}
	}
}

// length counts the keys of a dynamic store that hold something.
func (r ref) length(ctx context.Context) (count int, err error) {
	if err := r.carried("Len"); err != nil {
		return 0, err
	}
	for segment, err := range r.children(ctx) {
		switch {
		case isUndeclared(err):
		case err != nil:
			return 0, r.fail("Len", err)
		case r.checkSegment(segment) == nil:
			count++
		}
	}
	return count, nil
}

// exist finds out at which of the places below r something is stored. One round trip
// (EXISTS of every declared key), and for a place without any that has dynamic stores a
// listing that stops at the first key.
func (r ref) exist(ctx context.Context, places []ref) ([]bool, error) {
	exists, err := r.anyExist(ctx, "Keys", len(places), func(i int, ask func(key, pattern string)) {
		for key, node := range declaredKeys(places[i]) {
			ask(key, node.pattern)
		}
	})
	if err != nil {
		return nil, err
	}
	for i, place := range places {
		if exists[i] {
			continue
		}
		below, err := place.anyChild(ctx)
		if err != nil {
			return nil, err
		}
		exists[i] = below
	}
	return exists, nil
}

// anyExist finds out which of so many owners have any of the keys that keysOf asks for. One round trip.
func (r ref) anyExist(ctx context.Context, op string, owners int, keysOf func(owner int, ask func(key, pattern string))) ([]bool, error) {
	var ownerOf []int // of the commands
	batch := drivers.NewBatch()
	for owner := range owners {
		keysOf(owner, func(key, pattern string) {
			ownerOf = append(ownerOf, owner)
			batch.Add(drivers.Command{Op: drivers.OpExists, Key: key, Pattern: pattern})
		})
	}
	if err := r.runBatch(ctx, op, batch); err != nil {
		return nil, err
	}
	exist := make([]bool, owners)
	for i, owner := range ownerOf {
		exist[owner] = exist[owner] || batch.Items[i].Reply.Int == 1
	}
	return exist, nil
}

// anyChild reports whether a dynamic store that can be reached from r has a child. Where its
// registry may have lost one, it is looked for.
func (r ref) anyChild(ctx context.Context) (bool, error) {
	for store := range dynamicStores(r) {
		any, err := first(store.children(ctx))
		if errors.Is(err, ErrIncomplete) {
			any, err = first(store.scanned(ctx))
		}
		if any || err != nil {
			return any, err
		}
	}
	return false, nil
}

// first reports whether a listing of children comes to any.
func first(children iter.Seq2[string, error]) (bool, error) {
	for _, err := range children {
		if !isUndeclared(err) {
			return err == nil, err
		}
	}
	return false, nil
}

// Keys goes through the keys that hold something, in no order. A key that is there
// all the while comes exactly once.
//
// A key below the store that the schema does not declare, such as one of another program, comes as an error that
// names it, and does not end the loop. It is ErrBadKey if a segment of it is no K, or is not written as Take would
// write it, else ErrUndeclared. Erase of the store removes these keys too. A registry (IndexKeys, a collection) does
// not know them: there Keys is silent about them, and Export tells. Any other error ends the loop: ErrInterrupted
// where a failover came between.
//
// Where the schema declares IndexKeys, it costs by the keys of the store, two round trips a
// page (HSCAN, pipelined EXISTS); else, in memory, by what is stored below it, and on Redis
// it is a SCAN of the database, one round trip a page.
func (s KeyedStore[K, H]) Keys(ctx context.Context) iter.Seq2[K, error] {
	return keysBelow[K](ctx, s.at)
}

//go:noinline // see eachOf
func keysBelow[K any](ctx context.Context, at ref) iter.Seq2[K, error] {
	return func(yield func(K, error) bool) {
		at.eachChild(ctx, "Keys", func(segment string, err error) bool {
			var key K
			if err == nil {
				key, err = keyOfSegment[K](at, "Keys", segment)
			}
			return yield(key, err)
		})
	}
}

// Len is how many keys hold something: those that Keys goes through without an error. It
// costs what Keys costs.
func (s KeyedStore[K, H]) Len(ctx context.Context) (int, error) { return s.at.length(ctx) }

// Keys is the names of the fields that hold something, in the order of declaration. Only declared fields are looked
// at: Keys does not see other keys that lie beside them, and neither do Erase and Export of the store. One round trip
// (EXISTS of every declared key), and for each field that is or holds a dynamic store, a scan that stops at the first
// key.
func (s StaticStore) Keys(ctx context.Context) ([]string, error) {
	if err := s.at.carried("Keys"); err != nil {
		return nil, err
	}
	names, err := s.at.holding(ctx)
	if err != nil {
		return nil, s.at.fail("Keys", err)
	}
	return names, nil
}

// holding is the names of the fields of a static store that hold something.
func (r ref) holding(ctx context.Context) ([]string, error) {
	var names []string
	var places []ref
	for name, field := range r.fields() {
		names, places = append(names, name), append(places, field)
	}
	holding, err := r.exist(ctx, places)
	if err != nil {
		return nil, err
	}
	return lo.Filter(names, func(_ string, i int) bool { return holding[i] }), nil
}
