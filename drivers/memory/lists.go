package memory

import (
	"math"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// listHandlers are those of lists.
func listHandlers() handlers {
	return handlers{
		{drivers.OpLPush, handler{write: lPush}},
		{drivers.OpRPush, handler{write: lPush}},
		{drivers.OpLReplace, replacing(listOf, fillList)},
		{drivers.OpLPop, handler{write: lPop}},
		{drivers.OpRPop, handler{write: lPop}},
		{drivers.OpLMPop, handler{write: popFirst(lPop, drivers.OpLPop, drivers.OpRPop), multiKey: true}},
		{drivers.OpLLen, handler{readEntry: lLen}},
		{drivers.OpLIndex, handler{read: lIndex}},
		{drivers.OpLSet, handler{write: lSet}},
		{drivers.OpLInsert, handler{write: lInsert}},
		{drivers.OpLRem, handler{write: lRem}},
		{drivers.OpLRange, handler{read: lRange}},
		{drivers.OpLTrim, handler{write: lTrim}},
		{drivers.OpLPos, handler{read: lPos}},
		{drivers.OpLMove, handler{write: lMove, multiKey: true}},
	}
}

var noList sequence

// listOf is the list of an entry. An absent one has no elements, and must not be added to.
func listOf(e *entry) (*sequence, error) {
	if e == nil {
		return &noList, nil
	}
	if l, ok := e.object().(*sequence); ok {
		return l, nil
	}
	return nil, drivers.ErrWrongType
}

func (l *sequence) push(at drivers.ListEnd, element string) {
	if at == drivers.LeftEnd {
		l.pushFront(element)
	} else {
		l.pushBack(element)
	}
}

// pop takes the element at an end out. There must be one.
func (l *sequence) pop(at drivers.ListEnd) string {
	if at == drivers.LeftEnd {
		return l.popFront()
	}
	return l.popBack()
}

// keep takes elements out at an end until there are no more than the cap of a command.
func (l *sequence) keep(cmd drivers.Command, at drivers.ListEnd) {
	for kept := cmd.Kept(int64(l.len())); int64(l.len()) > kept; {
		l.pop(at)
	}
}

// endOf is the end that an Op pushes to or pops from.
func endOf(op drivers.Op) drivers.ListEnd {
	if op == drivers.OpLPush || op == drivers.OpLPop {
		return drivers.LeftEnd
	}
	return drivers.RightEnd
}

// element is the place of the element that a number means: a negative one counts from the
// end. There may be no such element.
func (l *sequence) element(number int64) (place int, ok bool) {
	if number < 0 {
		number += int64(l.len())
	}
	return int(number), 0 <= number && number < int64(l.len())
}

// listAt makes the entry of a list for a key that has none.
func (ks keyspace) listAt(e *entry, key string) *entry {
	if e == nil {
		e = ks.create(key)
		e.hold(&sequence{})
	}
	return e
}

func lPush(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	if _, err := listOf(e); err != nil {
		return drivers.Reply{}, err
	}
	e = ks.listAt(e, cmd.Key)
	l, at := e.object().(*sequence), endOf(cmd.Op)
	for _, element := range cmd.Values {
		l.push(at, element)
	}
	l.keep(cmd, at.Opposite())
	size := l.len()
	ks.changed(e)
	ks.startTTL(e, cmd.Expiry)
	return count(size)
}

func fillList(ks keyspace, e *entry, cmd drivers.Command) *entry {
	e = ks.listAt(e, cmd.Key)
	l := &sequence{}
	for _, element := range cmd.Values {
		l.pushBack(element)
	}
	e.hold(l)
	return e
}

func lPop(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	l, err := listOf(e)
	if err != nil || e == nil {
		return drivers.Reply{Nil: e == nil}, err
	}
	popped := make([]string, min(int64(l.len()), cmd.Amount))
	for i := range popped {
		popped[i] = l.pop(endOf(cmd.Op))
	}
	if len(popped) > 0 {
		ks.changed(e)
	}
	return drivers.Reply{Values: popped}, nil
}

// popFirst takes out of the first of a command's keys that is there, as the one of two Ops does, or
// the other from its other end.
func popFirst(pop func(keyspace, drivers.Command) (drivers.Reply, error), op, reversed drivers.Op) func(keyspace, drivers.Command) (drivers.Reply, error) {
	return func(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
		if cmd.Op = op; cmd.Reverse {
			cmd.Op = reversed
		}
		for place, key := range append([]string{cmd.Key}, cmd.Keys()...) {
			if ks.find(key) == nil {
				continue
			}
			cmd.Key = key
			reply, err := pop(ks, cmd)
			if err != nil {
				return drivers.Reply{}, err
			}
			reply.Int = int64(place)
			return reply, nil
		}
		return drivers.Reply{Nil: true}, nil
	}
}

func lLen(e *entry) (drivers.Reply, error) {
	l, err := listOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	return count(l.len())
}

func lIndex(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	l, err := listOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	place, ok := l.element(cmd.Start)
	if !ok {
		return drivers.Reply{Nil: true}, nil
	}
	return drivers.Reply{Value: l.at(place)}, nil
}

func lSet(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	l, err := listOf(e)
	if err != nil || e == nil {
		return drivers.Reply{}, err
	}
	place, ok := l.element(cmd.Start)
	if !ok {
		return drivers.Reply{Int: -1}, nil
	}
	l.set(place, cmd.Value)
	ks.changed(e)
	return drivers.Reply{Int: 1}, nil
}

func lInsert(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	l, err := listOf(e)
	if err != nil || e == nil {
		return drivers.Reply{}, err
	}
	places := l.matches(cmd.Pivot(), 1, 1, 0)
	if len(places) == 0 {
		return drivers.Reply{Int: -1}, nil
	}
	place := int(places[0])
	if cmd.Behind() {
		place++
	}
	l.insert(place, cmd.Value)
	l.keep(cmd, drivers.LeftEnd)
	ks.changed(e)
	return count(l.len())
}

func lRem(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	l, err := listOf(e)
	if err != nil || e == nil {
		return drivers.Reply{}, err
	}
	places := l.matches(cmd.Value, sign(cmd.Amount), magnitude(cmd.Amount), 0)
	for i, place := range places {
		if cmd.Amount >= 0 { // those that were before it are gone
			place -= int64(i)
		}
		l.remove(int(place))
	}
	if len(places) > 0 {
		ks.changed(e)
	}
	return count(len(places))
}

func lRange(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	l, err := listOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	from, to := redisvalue.Elements(cmd.Start, cmd.Stop, int64(l.len()))
	elements := make([]string, 0, to-from)
	l.ascend(int(from), func(i int, element []byte) bool {
		if int64(i) < to {
			elements = append(elements, string(element))
		}
		return int64(i)+1 < to
	})
	return drivers.Reply{Values: elements}, nil
}

func lTrim(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	l, err := listOf(e)
	if err != nil || e == nil {
		return drivers.Reply{}, err
	}
	from, to := redisvalue.Elements(cmd.Start, cmd.Stop, int64(l.len()))
	if from == to {
		ks.remove(e)
		return drivers.Reply{}, nil
	}
	for range int64(l.len()) - to {
		l.pop(drivers.RightEnd)
	}
	for range from {
		l.pop(drivers.LeftEnd)
	}
	ks.changed(e)
	return drivers.Reply{}, nil
}

func lPos(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	l, err := listOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	return drivers.Reply{Ints: l.matches(cmd.Value, cmd.Rank(), cmd.Amount, cmd.MaxLen())}, nil
}

// matches are the places of elements equal to value, from the one of the given rank on: at
// most so many among as many elements as may be looked at, where these are not 0.
func (l *sequence) matches(value string, rank, most, looked int64) []int64 {
	var places []int64
	skip := magnitude(rank) - 1
	match := func(i int, element []byte) bool {
		if string(element) == value {
			if skip > 0 {
				skip--
			} else if places = append(places, int64(i)); int64(len(places)) == most {
				return false
			}
		}
		looked--
		return looked != 0
	}
	if rank < 0 {
		l.descend(0, match)
	} else {
		l.ascend(0, match)
	}
	return places
}

func sign(number int64) int64 {
	if number < 0 {
		return -1
	}
	return 1
}

func magnitude(number int64) int64 {
	if number == math.MinInt64 {
		return math.MaxInt64
	}
	return max(number, -number)
}

// lMove answers before it looks at the destination's type where the source is absent, as Redis does.
func lMove(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	source, destination := ks.find(cmd.Key), ks.find(cmd.Destination())
	from, err := listOf(source)
	if err != nil || source == nil {
		return drivers.Reply{Nil: source == nil}, err
	}
	if _, err := listOf(destination); err != nil {
		return drivers.Reply{}, err
	}
	element := from.pop(cmd.FromEnd())
	if source != destination {
		ks.changed(source)
		destination = ks.listAt(destination, cmd.Destination())
	}
	to := destination.object().(*sequence)
	to.push(cmd.ToEnd(), element)
	to.keep(cmd, cmd.ToEnd().Opposite())
	ks.changed(destination)
	ks.startTTL(destination, cmd.Expiry)
	return drivers.Reply{Value: element}, nil
}
