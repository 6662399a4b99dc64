package spec_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/spec/redisserver"
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
	if mine.Nil != other.Nil || !sameFloat(mine.Float, other.Float) && s.cmd.Op != drivers.OpGeoDist || mine.Value != other.Value || !s.sameInts(other.Ints) || !s.sameInt(other.Int) {
		return false
	}
	if s.cmd.Op == drivers.OpSPop || s.cmd.Op == drivers.OpSRandMember {
		return len(mine.Values) == len(other.Values) && s.drawn(mine.Values) && s.drawn(other.Values)
	}
	if s.cmd.Op == drivers.OpGeoDist || s.cmd.Op == drivers.OpGeoSearch {
		return s.near(other)
	}
	if s.cmd.Op.InNoOrder() {
		return slices.Equal(s.elements(mine), s.elements(other))
	}
	same := sameFloat
	if s.cmd.Op == drivers.OpGeoPos && redisserver.Since(8, 0) {
		same = sameDegrees
	}
	return slices.Equal(mine.Values, other.Values) && slices.EqualFunc(mine.Floats, other.Floats, same)
}

// elements are what a reply has in no order: values, each with its number if it has one,
// or pairs of values.
func (s step) elements(reply drivers.Reply) []string {
	var all []string
	switch s.cmd.Op {
	case drivers.OpHGetAll, drivers.OpHScan:
		for pair := range slices.Chunk(reply.Values, 2) {
			all = append(all, fmt.Sprintf("%q", pair))
		}
	default:
		for i, value := range reply.Values {
			if len(reply.Floats) == len(reply.Values) {
				value = fmt.Sprintf("%q %v", value, reply.Floats[i])
			}
			all = append(all, value)
		}
	}
	slices.Sort(all)
	return all
}

func sameFloat(a, b float64) bool {
	return a == b && math.Signbit(a) == math.Signbit(b) || math.IsNaN(a) && math.IsNaN(b)
}

// sameDegrees allows for the 17 decimals that Redis before 8.0 writes.
func sameDegrees(a, b float64) bool { return sameFloat(a, b) || math.Abs(a-b) <= 1e-17 }

func (s step) sameInt(other int64) bool {
	if s.cmd.Op == drivers.OpTTL && s.reply.Int >= 0 && other >= 0 {
		difference := s.reply.Int - other
		return -ttlTolerance <= difference && difference <= ttlTolerance
	}
	if s.cmd.Op == drivers.OpLockAcquire || s.cmd.Op == drivers.OpLockHolder { // the token is a moment
		difference := s.reply.Int - other
		return -ttlTolerance*1000 <= difference && difference <= ttlTolerance*1000
	}
	return s.reply.Int == other
}

// sameInts compares the times that are left as far as two clocks agree, and other
// numbers exactly.
func (s step) sameInts(other []int64) bool {
	mine := s.reply.Ints
	if len(mine) != len(other) {
		return false
	}
	for i := range mine {
		tolerance := int64(0)
		switch s.cmd.Op {
		case drivers.OpLockAcquire, drivers.OpLockHolder, drivers.OpJobTake, drivers.OpHTTL:
			tolerance = ttlTolerance
		case drivers.OpXPending: // idle times and deliveries by turns
			if i%2 == 0 {
				tolerance = ttlTolerance
			}
		case drivers.OpXConsumers: // pending entries and idle times by turns
			if i%2 == 1 {
				tolerance = ttlTolerance
			}
		case drivers.OpThrottle:
			if i%3 != 1 && i > 0 {
				tolerance = ttlTolerance * 1000
			}
		default:
		}
		if difference := mine[i] - other[i]; difference < -tolerance || difference > tolerance {
			return false
		}
	}
	return true
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
		drivers.ErrWrongType, drivers.ErrCorrupt, drivers.ErrInvalid, drivers.ErrConflict, drivers.ErrCrossSlot,
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

// anyState reads what a value of any type has, and stateOf what those of each type have.
var (
	anyState = []drivers.Command{{Op: drivers.OpExists}, {Op: drivers.OpTTL}}
	stateOf  []drivers.Command
)

// compareState looks at every key there is or was, with every Op that reads all of it.
func (d *differential) compareState(ctx context.Context) {
	for _, prefix := range prefixes {
		d.compareListing(ctx, drivers.Command{Op: drivers.OpScanKeys, Key: prefix})
	}
	b := drivers.NewBatch()
	for _, key := range slices.Concat(keys, registries, indexKeys) {
		for _, cmd := range slices.Concat(anyState, stateOf) {
			cmd.Key = key
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
