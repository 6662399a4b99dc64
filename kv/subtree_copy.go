package kv

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// Copy copies all values below one store, with their TTLs, to another of the same schema:
// elsewhere in the same database, or on another driver. It returns how many values it
// copied. What lies in the other store and not in this one stays; values are replaced
// one by one. It reads like Export and writes like Import, and needs no file in between.
// Keys that are not declared are refused as Export does. Single fields are copied likewise.
// To a place that holds the other, or lies in it, it
// is ErrInvalid. After an error a repetition finishes the job.
func Copy[S any](ctx context.Context, from, to S, options ...SubtreeOption) (int, error) {
	source, err := rootOf(from)
	if err != nil {
		return 0, err
	}
	target, err := rootOf(to)
	if err != nil {
		return 0, err
	}
	if err := target.accepts("Copy", source.fieldList()); err != nil {
		return 0, err
	}
	if err := target.beside(source); err != nil {
		return 0, err
	}
	s := newSubtree(options)
	var page []record
	flush := func() error {
		settled, err := target.store(ctx, "Copy", page, s)
		s.settle(page[:settled])
		page = nil
		return err
	}
	err = source.export(ctx, "Copy", s, func(rec record) error {
		if page = append(page, rec); len(page) < scanPage {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	return s.done.Keys, err
}

// beside refuses to copy between places of which one holds the other: what is read would
// change meanwhile.
func (r ref) beside(source ref) error {
	to, from := r.path()+separator, source.path()+separator
	if r.driver.same(source.driver) && (strings.HasPrefix(to, from) || strings.HasPrefix(from, to)) {
		return r.fail("Copy", drivers.Errorf(ErrInvalid, "to where %s lies already", source.path()))
	}
	return nil
}

// values counts records without those that go on with the one before.
func values(records []record) int {
	count := 0
	for _, rec := range records {
		if !rec.more {
			count++
		}
	}
	return count
}

// rootOf is the place of a store. A view must embed its StaticStore.
func rootOf(store any) (ref, error) {
	switch store := store.(type) {
	case interface{ root() ref }:
		r := store.root()
		return r, r.err()
	case interface{ field() keyRef }:
		f := store.field()
		return ref{f.driver, f.node, f.base()}, f.err()
	}
	return ref{}, fail("Copy", "(no path)", drivers.Errorf(ErrInvalid, "a %T is no handle: hand over a store, or embed StaticStore in the view", store))
}

// base is the part of the key in front of what the node knows.
func (k keyRef) base() string {
	if k.node == nil {
		return ""
	}
	return k.key[:len(k.key)-len(k.node.suffix)]
}

// export reads all values below r.
func (r ref) export(ctx context.Context, op string, s *subtree, yield func(record) error) error {
	var page []place
	flush := func() error {
		err := r.records(ctx, op, page, s.refuse, yield)
		page = page[:0]
		return err
	}
	for p, err := range r.walk(ctx) {
		if err != nil {
			return r.fail(op, err)
		}
		if p.undeclared != nil {
			if err := s.refuse(p.key, fail(op, p.key, p.undeclared)); err != nil {
				return err
			}
			continue
		}
		if page = append(page, p); len(page) == scanPage {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// fieldOf is a field of a schema, to compare schemas by.
type fieldOf struct {
	Path string `json:"path"` // below the store, * for ids
	Kind string `json:"kind"`
}

// fieldList is the fields below r in the order of declaration.
func (r ref) fieldList() []fieldOf {
	var fields []fieldOf
	dsl.Visit(r.node.node, nil, func(n *dsl.Node, path []dsl.Step) {
		if n.IsStore() {
			return
		}
		path = slices.Clone(path)
		for i := range path {
			path[i].Tagged = false // where values lie is not what they are
		}
		kind := n.Kind().String()
		if n.Kind() == dsl.BitSet {
			kind += " " + n.Bits().String()
		}
		fields = append(fields, fieldOf{dsl.Pattern(path), kind})
	})
	return fields
}

// accepts refuses values of another schema: r must declare every field there is.
func (r ref) accepts(op string, fields []fieldOf) error {
	own := r.fieldList()
	for _, field := range fields {
		if !slices.Contains(own, field) {
			return r.fail(op, fmt.Errorf("%w: another schema: it has a %s at %q, which is not declared here", ErrInvalid, field.Kind, field.Path))
		}
	}
	return nil
}
