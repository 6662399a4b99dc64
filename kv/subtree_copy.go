package kv

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// Copy copies all values below one store, with their TTLs, to another of the same schema:
// elsewhere in the same database, or on another driver. It returns how many values it
// copied, and how many it left out. What lies in the other store and not in this one stays; values are replaced
// one by one. It reads like Export and writes like Import, and needs no file in between.
// Keys that are not declared are refused as Export does. Single fields are copied likewise. Locks,
// limiters and the groups of streams stay where they are: see OnRefused.
// To a place that holds the other, or lies in it, it
// is ErrInvalid. After an error a repetition finishes the job.
func Copy[S any](ctx context.Context, from, to S, options ...SubtreeOption) (Transferred, error) {
	source, target, err := placesOf("Copy", from, to)
	if err != nil {
		return Transferred{}, err
	}
	return source.copyTo(ctx, target, newSubtree(options))
}

// placesOf are the places of two stores, or of two fields, between which an operation is possible.
func placesOf(op string, from, to any) (source, target ref, err error) {
	if source, err = rootOf(op, from); err == nil {
		target, err = rootOf(op, to)
	}
	if err == nil {
		err = target.accepts(op, source.fieldList())
	}
	if err == nil {
		err = target.beside(op, source)
	}
	return source, target, err
}

func (r ref) copyTo(ctx context.Context, target ref, s *subtree) (Transferred, error) {
	var page []record
	flush := func() error {
		settled, err := target.store(ctx, "Copy", page, s)
		s.settle(page[:settled])
		page = nil
		return err
	}
	err := r.export(ctx, "Copy", s, func(rec record) error {
		if page = append(page, rec); len(page) < scanPage {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	return s.transferred(0), err
}

// beside refuses an operation between places of which one holds the other: what is read would
// change meanwhile.
func (r ref) beside(op string, source ref) error {
	to, from := r.path()+separator, source.path()+separator
	if r.driver.same(source.driver) && (strings.HasPrefix(to, from) || strings.HasPrefix(from, to)) {
		return r.fail(op, drivers.Errorf(ErrInvalid, "to where %s lies already", source.path()))
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
func rootOf(op string, store any) (ref, error) {
	if handle := reflect.Indirect(reflect.ValueOf(store)); handle.IsValid() {
		addressable := reflect.New(handle.Type()).Elem()
		addressable.Set(handle)
		if place, found := placeIn(addressable); found {
			return place.ref()
		}
	}
	return ref{}, fail(op, noPath, drivers.Errorf(ErrInvalid, "a %T is no handle: hand over a store, or embed StaticStore in the view", store))
}

// export reads all values below r.
func (r ref) export(ctx context.Context, op string, s *subtree, yield func(record) error) error {
	return r.pages(ctx, op, s, scanPage, func(page []place) error { return r.records(ctx, op, page, s, yield) })
}

// pages hands on the places below r where the schema has a value, page by page, and tells of the keys
// that are not declared.
func (r ref) pages(ctx context.Context, op string, s *subtree, size int, yield func([]place) error) error {
	walk := r.walk
	if s.refused != nil && r.node.fields != nil {
		walk = r.walkAll
	}
	var page []place
	for p, err := range walk(ctx) {
		if err != nil {
			return r.fail(op, err)
		}
		if p.undeclared != nil {
			if err := s.refuse(p.key, fail(op, p.key, p.undeclared)); err != nil {
				return err
			}
			continue
		}
		if page = append(page, p); len(page) == size {
			if err := yield(page); err != nil {
				return err
			}
			page = page[:0]
		}
	}
	if len(page) == 0 {
		return nil
	}
	return yield(page)
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
