package kv

import (
	"context"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
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
	records := paging[record]{size: scanPage, do: func(page []record) error {
		settled, err := target.store(ctx, "Copy", page, s)
		s.settle(page[:settled])
		return err
	}}
	err := r.export(ctx, "Copy", s, func(rec record) error { return records.add(rec) })
	if err == nil {
		err = records.flush()
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
