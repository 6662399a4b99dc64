package kv

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

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
	places := paging[place]{size: size, do: yield}
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
		if err := places.add(p); err != nil {
			return err
		}
	}
	if len(places.page) == 0 {
		return nil
	}
	return places.flush()
}

// records reads the values at places, in two commands each, or three for a stream: what is there, its
// TTL, and its groups. A place that holds nothing, or another type than declared, gives no record; the
// latter is refused. So gives what stays, which s is told of.
func (r ref) records(ctx context.Context, op string, places []place, s *subtree, yield func(record) error) error {
	batch, asked := drivers.NewBatch(), time.Now().UnixMilli()
	for _, p := range places {
		for _, read := range readsOf(p.node.kind()) {
			batch.Add(p.addressed(read))
		}
	}
	if err := r.driver.DoBatch(ctx, batch); err != nil {
		return r.fail(op, err)
	}
	rest := batch.Items
	for _, p := range places {
		count := len(readsOf(p.node.kind()))
		read, told := rest[0], rest[1:count]
		rest = rest[count:]
		err := cmp.Or(read.Err, firstError(told))
		if err == nil && s.whole && count > 2 && len(told[1].Reply.Values) > 0 {
			err = errNotWhole
		}
		if err != nil {
			err = fail(op, p.key, err)
			if ofOneValue(err) || errors.Is(err, errNotWhole) {
				err = s.refuse(p.key, err)
			}
			if err != nil {
				return err
			}
			continue
		}
		if stays[p.node.kind()] {
			if read.Reply.Int == 1 {
				s.leave(p.key, fail(op, p.key, errStays("a "+p.node.kind().String())))
			}
			continue
		}
		ttl := told[0].Reply
		if ttl.Nil {
			continue
		}
		for _, told := range told[1:] {
			for _, group := range told.Reply.Values {
				s.leave(p.key, fail(op, p.key, errStays(fmt.Sprintf("the group %q", group))))
			}
		}
		first := record{at: p, segments: r.segmentsOf(p.key), kind: p.node.kind(), ends: endOf(ttl, asked)}
		if err := r.parts(ctx, op, read, first, yield); err != nil {
			return err
		}
	}
	return nil
}

// readsOf are the commands that read what is to be known of a value before the rest of it.
func readsOf(kind dsl.Kind) []drivers.Command {
	switch ttl := (drivers.Command{Op: drivers.OpTTL}); {
	case stays[kind]:
		return []drivers.Command{{Op: drivers.OpExists}}
	case kind == dsl.Stream:
		return []drivers.Command{transferOf(kind).read, ttl, {Op: drivers.OpXGroups}}
	default:
		return []drivers.Command{transferOf(kind).read, ttl}
	}
}

// errStaying is the class of what is the state of a moment, or of who reads, and not carried over.
var errStaying = fmt.Errorf("stays where it is: %w", errors.ErrUnsupported)

// errNotWhole is that of a value of which no copy would have all.
var errNotWhole = fmt.Errorf("with groups, or with fields that expire by themselves, it %w", errStaying)

func errStays(what string) error { return fmt.Errorf("%s %w", what, errStaying) }

// parts yields a value record by record, given the first part. A part may be empty: a
// page of SSCAN is at times, and a value may go between one command and the next.
func (r ref) parts(ctx context.Context, op string, read drivers.Item, rec record, yield func(record) error) error {
	how := transferOf(rec.kind)
	for {
		if rec.values = how.parts(read.Reply); len(rec.values) > 0 {
			if err := yield(rec); err != nil {
				return err
			}
			rec.more = true
		}
		if !how.next(&read.Command, read.Reply) {
			return nil
		}
		if read.Reply, read.Err = r.driver.Do(ctx, read.Command); read.Err != nil {
			return fail(op, read.Command.Key, read.Err)
		}
	}
}
