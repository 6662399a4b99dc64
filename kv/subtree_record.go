package kv

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// record is a stored value on its way from one store to another. A large collection
// makes several, of which all but the first go on with the one before.
type record struct {
	at       place    // where it was read
	segments []string // from the store that is copied to the value, as names and ids
	kind     dsl.Kind
	values   []string // the value, or the members
	ends     int64    // when, in milliseconds since the epoch by the clock here; 0 for a value that stays
	more     bool     // goes on with the record before
	line     int      // of the file it comes from, if it comes from one
}

// withLine is an error that the record is the cause of, with its line.
func (rec record) withLine(err error) error {
	if rec.line == 0 {
		return err
	}
	return fmt.Errorf("line %d: %w", rec.line, declaredDuplicate(err))
}

// digest is one for values of a kind that are equal, however they are read: a scan may repeat members, and goes through
// them in any order.
func (rec record) digest() string {
	how := transferOf(rec.kind)
	var units []string
	for unit := range slices.Chunk(rec.values, how.together()) {
		var text []byte
		for _, value := range unit {
			text = binary.AppendUvarint(text, uint64(len(value)))
			text = append(text, value...)
		}
		units = append(units, string(text))
	}
	if how.inParts() && !how.inOrder {
		slices.Sort(units)
		units = slices.Compact(units)
	}
	sum := sha256.Sum256([]byte(strings.Join(units, "")))
	return string(sum[:])
}

// records reads the values at places, in two commands each, or three for a stream: what is there, its
// TTL, and its groups. A place that holds nothing, or another type than declared, gives no record; the
// latter is refused. So gives what stays, which s is told of.
func (r ref) records(ctx context.Context, op string, places []place, s *subtree, yield func(record) error) error {
	batch, asked := drivers.NewBatch(), time.Now().UnixMilli()
	for _, p := range places {
		for _, read := range readsOf(p.node.kind()) {
			read.Key, read.Pattern = p.key, p.node.pattern
			batch.Add(read)
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
		first := record{at: p, segments: r.segmentsOf(p.key), kind: p.node.kind()}
		if ttl.Int >= 0 {
			first.ends = asked + min(ttl.Int, drivers.MaxExpiryMillis)
		}
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

// segmentsOf is the way from r to a key that is declared below it.
func (r ref) segmentsOf(key string) []string {
	var segments []string
	at := r
	for _, stored := range strings.Split(key[len(r.path()):], separator)[1:] {
		next, _ := at.descend(stored)
		segment, _ := next.node.node.UntagSegment(stored)
		if at.node.element != nil {
			segment, _ = dsl.UnescapeSegment(segment)
		}
		segments, at = append(segments, segment), next
	}
	return segments
}

// at is the place below r that the segments lead to.
func (r ref) at(segments []string) (ref, error) {
	at := r
	for _, segment := range segments {
		switch {
		case at.node.element != nil:
			escaped, err := dsl.EscapeSegment(segment)
			if err == nil {
				err = at.node.isKey(segment)
			}
			if err != nil {
				return ref{}, err
			}
			at = at.child(escaped)
		case at.node.fields[segment] != nil:
			at = at.in(at.node.fields[segment])
		default:
			return ref{}, fmt.Errorf("%q: %w", segment, ErrUndeclared)
		}
	}
	if at.node.isStore() {
		return ref{}, fmt.Errorf("%q holds no value: %w", segments, ErrUndeclared)
	}
	if len(at.path()) > dsl.MaxKey {
		return ref{}, fmt.Errorf("%w: a path of more than %d bytes", ErrBadKey, dsl.MaxKey)
	}
	return at, nil
}

// validator decides what may be stored.
type validator interface {
	validate(text string) (content, error)
}

func (r ref) validator() (validator, bool) {
	how, ok := r.node.shared.(validator)
	return how, ok
}

// storing is the commands that store a record below r, of which most take one.
func (r ref) storing(rec record) ([]drivers.Command, error) {
	at, err := r.at(rec.segments)
	if err != nil {
		return nil, err
	}
	how := transferOf(rec.kind)
	switch {
	case at.node.kind() != rec.kind:
		return nil, fmt.Errorf("%w: a %v, not a %v", ErrTypeMismatch, at.node.kind(), rec.kind)
	case how.write == nil:
		return nil, fmt.Errorf("%w: a %v cannot be copied", ErrInvalid, rec.kind)
	case len(rec.values) == 0, !how.inParts() && (rec.more || len(rec.values) > 1):
		return nil, fmt.Errorf("%w: a %v of %d values", ErrInvalid, rec.kind, len(rec.values))
	}
	commands, err := how.storing(rec)
	if err != nil {
		return nil, err
	}
	field := at.value()
	var next content
	if how, ok := at.validator(); ok {
		if next, err = how.validate(commands[0].Value); err != nil {
			return nil, err
		}
	}
	for i := range commands {
		cmd := &commands[i]
		if rec.ends != 0 { // of a part too: the parts before it may have ended
			cmd.Expiry = drivers.Expiry{Mode: drivers.ExpireIn, Millis: max(rec.ends-time.Now().UnixMilli(), 1)}
		}
		cmd.Key, cmd.Pattern = field.key, at.node.pattern
		field.indexing(cmd, next.entries)
	}
	return commands, nil
}

// store writes records, in one round trip. It returns how many of them are settled: a
// record that cannot be stored is, if the options let it be left out.
func (r ref) store(ctx context.Context, op string, records []record, s *subtree) (settled int, err error) {
	var stopped error
	batch, places := drivers.NewBatch(), []int(nil)
	for i, rec := range records {
		commands, err := r.storing(rec)
		if err == nil {
			batch.Add(commands...)
			for range commands {
				places = append(places, i)
			}
			continue
		}
		path := r.path() + separator + strings.Join(rec.segments, separator)
		if stopped = s.omit(rec, path, fail(op, path, rec.withLine(err))); stopped != nil {
			records = records[:i] // what comes before is stored
			break
		}
	}
	if err := r.driver.DoBatch(ctx, batch); err != nil {
		return 0, r.fail(op, err)
	}
	for i, item := range batch.Items {
		if item.Err == nil {
			continue
		}
		rec := records[places[i]]
		err := fail(op, item.Command.Key, rec.withLine(item.Err))
		if ofOneValue(err) {
			err = s.omit(rec, item.Command.Key, err)
		}
		if err != nil {
			return places[i], err
		}
	}
	return len(records), stopped
}
