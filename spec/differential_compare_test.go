package spec_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
)

// ttlTolerance, in milliseconds, is for the time between memory's execution of a
// command and Redis's, and for a scheduler that stands still. The times to live
// that the generator gives differ by an hour or more.
const ttlTolerance = 60_000

// compare holds the answer of Redis against that of memory.
func (d *differential) compare(s step, reply drivers.Reply, err error) {
	line := fmt.Sprintf("%d %+v", s.number, s.cmd)
	d.remember("%s: %s", line, answer(s.reply, s.err))
	if classOf(err) != classOf(s.err) || err == nil && !s.same(reply) {
		d.diverge("step %s\n  memory: %s\n  Redis:  %s", line, answer(s.reply, s.err), answer(reply, err))
	}
}

func (s step) same(other drivers.Reply) bool {
	mine := s.reply
	if mine.Nil != other.Nil || mine.Value != other.Value || !slices.Equal(mine.Ints, other.Ints) || !s.sameInt(other.Int) {
		return false
	}
	if s.cmd.Op == drivers.OpSPop || s.cmd.Op == drivers.OpSRandMember {
		return len(mine.Values) == len(other.Values) && s.drawn(mine.Values) && s.drawn(other.Values)
	}
	if s.cmd.Op == drivers.OpZRangeByLex {
		return slices.Equal(mine.Values, other.Values)
	}
	return slices.Equal(slices.Sorted(slices.Values(mine.Values)), slices.Sorted(slices.Values(other.Values)))
}

func (s step) sameInt(other int64) bool {
	if s.cmd.Op == drivers.OpTTL && s.reply.Int >= 0 && other >= 0 {
		difference := s.reply.Int - other
		return -ttlTolerance <= difference && difference <= ttlTolerance
	}
	return s.reply.Int == other
}

// drawn reports whether values may have been drawn from the members: all are
// members, and distinct unless a negative Amount allows them to repeat.
func (s step) drawn(values []string) bool {
	for i, value := range values {
		if !slices.Contains(s.members, value) || s.cmd.Amount >= 0 && slices.Contains(values[:i], value) {
			return false
		}
	}
	return true
}

// classOf names the class of a driver's error, and who has a value that is refused.
func classOf(err error) string {
	var duplicate *drivers.DuplicateError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &duplicate):
		return duplicate.Error()
	}
	for _, class := range []error{
		drivers.ErrWrongType, drivers.ErrInvalid, drivers.ErrConflict, drivers.ErrCrossSlot,
		drivers.ErrIndeterminate, drivers.ErrClosed, errors.ErrUnsupported,
	} {
		if errors.Is(err, class) {
			return class.Error()
		}
	}
	return err.Error()
}

func answer(reply drivers.Reply, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	return fmt.Sprintf("%+q", fmt.Sprintf("%+v", reply))
}

// compareListing runs one of the listing Ops on both sides.
func (d *differential) compareListing(ctx context.Context, cmd drivers.Command) {
	one, two := d.listing(ctx, d.memory, cmd), d.listing(ctx, d.redis, cmd)
	d.remember("%d %v %q: %q", d.steps, cmd.Op, cmd.Key, one)
	if !slices.Equal(one, two) {
		d.diverge("step %d %v %q\n  memory: %q\n  Redis:  %q", d.steps, cmd.Op, cmd.Key, one, two)
	}
}

func (d *differential) listing(ctx context.Context, driver drivers.Driver, cmd drivers.Command) []string {
	var names []string
	for name, err := range drivers.Scan(ctx, driver, cmd) {
		if err != nil {
			name = "error: " + err.Error()
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// compareState looks at every key there is or was, with every Op that reads all of it.
func (d *differential) compareState(ctx context.Context) {
	for _, prefix := range prefixes {
		d.compareListing(ctx, drivers.Command{Op: drivers.OpScanKeys, Key: prefix})
	}
	b := drivers.NewBatch()
	for _, key := range slices.Concat(keys, registries, indexKeys) {
		for _, op := range []drivers.Op{
			drivers.OpExists, drivers.OpTTL, drivers.OpGet, drivers.OpStrLen, drivers.OpSMembers, drivers.OpSCard,
			drivers.OpHScan, drivers.OpHLen, drivers.OpZRangeByLex, drivers.OpZLexCount,
		} {
			cmd := drivers.Command{Op: op, Key: key, Min: "-", Max: "+"}
			if op == drivers.OpHScan {
				cmd.Amount = 1000
			}
			b.Items = append(b.Items, drivers.Item{Command: cmd})
		}
	}
	d.trips++
	if err := drivers.DoBatch(ctx, d.redis, b); err != nil {
		d.diverge("reading all of Redis: %v", err)
		return
	}
	for _, item := range b.Items {
		s := step{cmd: item.Command}
		s.reply, s.err = d.memory.Do(ctx, item.Command)
		if classOf(s.err) != classOf(item.Err) || s.err == nil && !s.same(item.Reply) {
			d.diverge("after step %d, %v %q\n  memory: %s\n  Redis:  %s", d.steps, item.Command.Op, item.Command.Key, answer(s.reply, s.err), answer(item.Reply, item.Err))
		}
	}
}
