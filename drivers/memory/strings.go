package memory

import (
	"strconv"

	"github.com/kvstore-go/kvstore/drivers"
)

// stringHandlers are those of strings.
func stringHandlers() handlers {
	return handlers{
		{drivers.OpGet, handler{readEntry: get}},
		{drivers.OpGetEx, handler{write: getEx}},
		{drivers.OpSet, handler{write: set}},
		{drivers.OpSwap, handler{write: swap}},
		{drivers.OpCompareAndSwap, handler{write: compareAndSwap}},
		{drivers.OpAppend, handler{write: appendValue}},
		{drivers.OpStrLen, handler{readEntry: strLen}},
		{drivers.OpGetRange, handler{read: getRange}},
		{drivers.OpSetRange, handler{write: setRange}},
		{drivers.OpIncrBy, handler{write: incrBy}},
		{drivers.OpIncrByFloat, handler{write: incrByFloat}},
	}
}

// buffer is a string in the course of being changed, so that appending to it and
// setting its bits does not copy it every time.
type buffer struct{ bytes []byte }

// isString refuses an entry that holds something else; an absent one is an empty string.
func isString(e *entry) error {
	if e == nil || e.object() == nil {
		return nil
	}
	if _, ok := e.object().(*buffer); ok {
		return nil
	}
	return drivers.ErrWrongType
}

// size is the length of a string.
func (e *entry) size() int {
	if b, ok := e.object().(*buffer); ok {
		return len(b.bytes)
	}
	return len(e.text)
}

// read is the value of a string. It copies one that is being changed.
func (e *entry) read() string {
	if b, ok := e.object().(*buffer); ok {
		return string(b.bytes)
	}
	return e.text
}

// is compares a string without copying it.
func (e *entry) is(value string) bool {
	if b, ok := e.object().(*buffer); ok {
		return string(b.bytes) == value
	}
	return e.text == value
}

// buffer makes a string changeable.
func (e *entry) buffer() *buffer {
	if b, ok := e.object().(*buffer); ok {
		return b
	}
	b := &buffer{[]byte(e.text)}
	e.hold(b)
	return b
}

func get(e *entry) (drivers.Reply, error) {
	if e == nil {
		return drivers.Reply{Nil: true}, nil
	}
	if err := isString(e); err != nil {
		return drivers.Reply{}, err
	}
	return drivers.Reply{Value: e.read()}, nil
}

// getEx reads a string, and sets when it ends.
func getEx(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	reply, err := get(e)
	if err == nil && e != nil {
		ks.expire(e, ks.deadline(cmd.Expiry))
	}
	return reply, err
}

func strLen(e *entry) (drivers.Reply, error) {
	if e == nil {
		return count(0)
	}
	if err := isString(e); err != nil {
		return drivers.Reply{}, err
	}
	return count(e.size())
}

// store puts cmd.Value under cmd.Key, whose entry is e.
func (ks keyspace) store(e *entry, cmd drivers.Command) {
	if e == nil {
		e = ks.create(cmd.Key)
	}
	e.setText(cmd.Value)
	ks.changed(e)
	ks.replaceTTL(e, cmd.Expiry)
}

func set(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	if cmd.If.Refuses(e != nil) {
		return drivers.Reply{Nil: true}, nil
	}
	ks.store(e, cmd)
	return drivers.Reply{}, nil
}

func swap(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	old, err := get(e)
	if err == nil && !cmd.If.Refuses(e != nil) {
		ks.store(e, cmd)
	}
	return old, err
}

func compareAndSwap(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	if err := isString(e); err != nil {
		return drivers.Reply{}, err
	}
	if e == nil || !e.is(cmd.Expected()) {
		return count(0)
	}
	ks.store(e, cmd)
	return count(1)
}

func appendValue(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	if err := isString(e); err != nil {
		return drivers.Reply{}, err
	}
	if e == nil {
		e = ks.create(cmd.Key)
		e.text = cmd.Value
	} else {
		if err := drivers.CheckLength(int64(e.size()) + int64(len(cmd.Value))); err != nil {
			return drivers.Reply{}, err
		}
		b := e.buffer()
		b.bytes = append(b.bytes, cmd.Value...)
	}
	size := e.size()
	ks.changed(e)
	ks.startTTL(e, cmd.Expiry)
	return count(size)
}

func getRange(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	if err := isString(e); err != nil || e == nil {
		return drivers.Reply{}, err
	}
	if cmd.Start < 0 && cmd.Stop < 0 && cmd.Start > cmd.Stop {
		return drivers.Reply{}, nil
	}
	from, to := between(cmd.Start, cmd.Stop, int64(e.size()))
	return drivers.Reply{Value: string(e.slice(from, to))}, nil
}

// setRange writes over a part of a string, after zero bytes if that begins behind its end.
func setRange(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	if err := isString(e); err != nil {
		return drivers.Reply{}, err
	}
	if e == nil {
		if cmd.Value == "" {
			return count(0)
		}
		e = ks.create(cmd.Key)
	}
	if cmd.Value != "" {
		b := e.buffer()
		b.grow(int(cmd.Start) + len(cmd.Value))
		copy(b.bytes[cmd.Start:], cmd.Value)
		ks.changed(e)
	}
	size := e.size()
	ks.startTTL(e, cmd.Expiry)
	return count(size)
}

func incrBy(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	return ks.increment(cmd, addInt, func(sum drivers.Reply) string { return strconv.FormatInt(sum.Int, 10) })
}

func incrByFloat(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	return ks.increment(cmd, addFloat, func(sum drivers.Reply) string { return sum.Value })
}

// increment stores the text of the sum that add makes, unless that is refused.
func (ks keyspace) increment(
	cmd drivers.Command, add func(drivers.Command, string, bool) (drivers.Reply, error), text func(drivers.Reply) string,
) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	if err := isString(e); err != nil {
		return drivers.Reply{}, err
	}
	current := ""
	if e != nil {
		current = e.read()
	}
	sum, err := add(cmd, current, e != nil)
	if err != nil || sum.Nil {
		return sum, err
	}
	if e == nil {
		e = ks.create(cmd.Key)
	}
	e.setText(text(sum))
	ks.changed(e)
	ks.startTTL(e, cmd.Expiry)
	return sum, nil
}
