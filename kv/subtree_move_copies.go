package kv

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// A Move that is cut off leaves copies at the new place of what is still at the old one. That they are copies, and nobody
// has changed them since, is known by marks: sets of the digests of what a Move has written somewhere, kept until
// the value has gone from where it was.

// markedFor is how long a mark stays if Move is cut off and not repeated.
const markedFor = 7 * 24 * time.Hour

// mark is the command that notes the digest of what is about to be written under a key.
func (m *mover) mark(key, digest string) drivers.Command {
	return drivers.Command{
		Op: drivers.OpSAdd, Key: markKey(key), Pattern: m.to.node.pattern,
		Values: []string{digest}, Expiry: drivers.In(markedFor),
	}
}

func markKey(key string) string { return drivers.IndexKey(dsl.RegistryKey(key), markName) }

const markName = "%moved"

// isMark reports the key of a mark, among those of registries and indexes.
func isMark(key string) bool { return strings.HasSuffix(key, drivers.IndexKey("", markName)) }

// unmark takes away the marks of values that have moved.
func (m *mover) unmark(ctx context.Context) error {
	marks := m.marks
	m.marks = nil
	return m.to.deleteKeys(ctx, "Move", marks)
}

// errOccupied is that of a place which has something else than a copy.
var errOccupied = fmt.Errorf("%w: there is something else already", ErrConditionFailed)

// copied is a value on its way, and what stores it.
type copied struct {
	record
	digest   string
	commands []drivers.Command
}

// write puts values where they are to go, and returns those that are there now. The others are refused.
func (m *mover) write(ctx context.Context, values []record, s *subtree) (written []copied, err error) {
	marks, writes := drivers.NewBatch(), drivers.NewBatch()
	var all []copied
	for _, value := range values {
		commands, err := m.to.storing(value)
		if err != nil {
			s.leave(value.at.key, fail("Move", value.at.key, err))
			continue
		}
		next := copied{value, value.digest(), commands}
		marks.Add(m.mark(commands[0].Key, next.digest))
		commands[0].If = drivers.IfAbsent
		if !next.oneByOne() {
			writes.Add(commands[0])
		}
		all = append(all, next)
	}
	if err := m.to.runBatch(ctx, "Move", marks); err != nil {
		return nil, err
	}
	if err := m.to.driver.DoBatch(ctx, writes); err != nil {
		return nil, m.to.fail("Move", err)
	}
	items := writes.Items
	for _, next := range all {
		absent := drivers.Item{Reply: drivers.Reply{Nil: true}}
		if !next.oneByOne() {
			absent, items = items[0], items[1:]
		}
		err := absent.Err
		if err == nil && absent.Reply.Nil {
			err = m.replace(ctx, next)
		}
		switch key := next.commands[0].Key; {
		case err == nil:
			written = append(written, next)
		case ofOneValue(err), errors.Is(err, errOccupied):
			s.leave(key, fail("Move", key, err))
		default:
			return nil, fail("Move", key, err)
		}
	}
	return written, nil
}

// oneByOne reports a value that takes several commands, of which the first makes way.
func (c copied) oneByOne() bool { return transferOf(c.kind).each != nil }

// replace puts a value in place of what is there, if that may be.
func (m *mover) replace(ctx context.Context, next copied) error {
	key := next.commands[0].Key
	return m.patiently(ctx, m.to, key, func() (done bool, err error) {
		tx, err := drivers.Begin(ctx, m.to.driver.inside(), key)
		if err != nil {
			return false, err
		}
		defer tx.End()
		commands, err := m.replacing(ctx, m.to.within(tx), next)
		if err != nil || len(commands) == 0 {
			return err == nil, err
		}
		return tryCommit(ctx, tx, drivers.NewBatch(commands...))
	})
}

// replacing are the commands that make what is at a place, which target watches, the next value. None
// if it is so already.
func (m *mover) replacing(ctx context.Context, target ref, next copied) ([]drivers.Command, error) {
	at, err := target.at(next.segments)
	if err != nil {
		return nil, err
	}
	refused, s := refusals()
	s.whole = false
	found, err := target.values(ctx, []place{{key: next.commands[0].Key, node: at.node}}, s)
	if err != nil {
		return nil, err
	}
	commands := slices.Clone(next.commands)
	commands[0].If = drivers.Always
	var there record
	switch {
	case len(found) == 1:
		there = found[0]
	case next.oneByOne():
		return commands[1:], nil // which leaves the groups of who is waiting there already
	case len(*refused) > 0:
		return nil, (*refused)[0].err
	default:
		return commands, nil
	}
	if next.oneByOne() && len(there.values) <= len(next.values) && slices.Equal(there.values, next.values[:len(there.values)]) {
		return commands[1+len(there.values):], nil // a part of it, which may have groups by now
	}
	digest := there.digest()
	if digest == next.digest {
		return nil, nil
	}
	mark := m.mark(commands[0].Key, digest)
	mark.Op, mark.Value, mark.Expiry = drivers.OpSIsMember, digest, drivers.Expiry{}
	ours, err := m.to.driver.Do(ctx, mark)
	if err == nil && (ours.Int == 0 || len(*refused) > 0) {
		err = errOccupied
	}
	return commands, err
}
