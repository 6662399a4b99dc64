package kv

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
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

// endOf is when a value ends whose time to live was asked for at a moment, both in milliseconds; 0 for one that stays.
func endOf(ttl drivers.Reply, asked int64) int64 {
	if ttl.Int < 0 {
		return 0
	}
	return asked + min(ttl.Int, drivers.MaxExpiryMillis)
}

// withLine is an error that the record is the cause of, with its line.
func (rec record) withLine(err error) error {
	if rec.line == 0 {
		return err
	}
	return atLine(rec.line, declaredDuplicate(err))
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
