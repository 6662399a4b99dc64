package memory

import (
	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// ranks are the places [from, to) of the range that a command names: of places, of
// scores or of members. Reversed places are returned as they are from the lowest.
func (z *sortedSet) ranks(cmd drivers.Command) (from, to int, err error) {
	switch cmd.Op {
	case drivers.OpZRange, drivers.OpZRemRangeByRank:
		first, end := redisvalue.Elements(cmd.Start, cmd.Stop, int64(z.len()))
		if from, to = int(first), int(end); cmd.Op == drivers.OpZRange && cmd.Reverse {
			from, to = z.len()-to, z.len()-from
		}
		return from, to, nil
	case drivers.OpZLexCount, drivers.OpZRangeByLex, drivers.OpZRemRangeByLex:
		from, to = z.lexRange(cmd.Min(), cmd.Max())
		return from, to, nil
	default:
		return z.scoreRange(cmd.Min(), cmd.Max())
	}
}

// pageOf is what of a range a command asks for: at most size members, behind skip
// others from the end where the walk begins.
func (z *sortedSet) pageOf(cmd drivers.Command) (skip, size int, err error) {
	from, to, err := z.ranks(cmd)
	if err != nil {
		return 0, 0, err
	}
	if skip, size = from, to-from; cmd.Reverse {
		skip = z.len() - to
	}
	if cmd.Op == drivers.OpZRange {
		return skip, size, nil
	}
	passed := int(min(cmd.Skip(), int64(size)))
	skip, size = skip+passed, size-passed
	if cmd.Amount > 0 {
		size = int(min(int64(size), cmd.Amount))
	}
	return skip, size, nil
}

// walk goes upwards, or downwards.
func (z *sortedSet) walk(reverse bool) func(skip int, yield func(s scored) bool) {
	if reverse {
		return z.order.descend
	}
	return z.order.ascend
}

// scoreRange is how many members come before a range of scores, and how many there are
// up to its end.
func (z *sortedSet) scoreRange(low, high string) (from, to int, err error) {
	least, above, err := redisvalue.ScoreEnd(low)
	if err != nil {
		return 0, 0, invalid(err)
	}
	most, below, err := redisvalue.ScoreEnd(high)
	if err != nil {
		return 0, 0, invalid(err)
	}
	from = z.order.rank(func(s scored) bool { return s.score < least || above && s.score == least })
	to = z.order.rank(func(s scored) bool { return s.score < most || !below && s.score == most })
	return from, max(from, to), nil
}

// lexRange is how many members come before a range of members that all have the
// same score, and how many there are up to its end.
func (z *sortedSet) lexRange(low, high string) (from, to int) {
	from = z.order.rank(func(s scored) bool { return precedes(s.member, low, '(') })
	to = z.order.rank(func(s scored) bool { return precedes(s.member, high, '[') })
	return from, max(from, to)
}

// precedes reports whether member comes before an end of a range; itself does so where
// the end is of the kind that inclusive names.
func precedes(member, end string, inclusive byte) bool {
	switch {
	case end == "-":
		return false
	case end == "+":
		return true
	case end[0] == inclusive:
		return member <= end[1:]
	default:
		return member < end[1:]
	}
}

// zPop takes members out from one end.
func zPop(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	z, err := sortedSetOf(e)
	if err != nil || e == nil || cmd.Amount == 0 {
		return drivers.Reply{}, err
	}
	popped := z.take(cmd.Op == drivers.OpZPopMax, 0, int(min(cmd.Amount, int64(z.len()))))
	ks.changed(e)
	members, scores := make([]string, len(popped)), make([]float64, len(popped))
	for i, s := range popped {
		members[i], scores[i] = s.member, s.score
	}
	return drivers.Reply{Values: members, Floats: scores}, nil
}

func zRemRange(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	z, err := sortedSetOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	from, to, err := z.ranks(cmd)
	if err != nil || from == to {
		return drivers.Reply{}, err
	}
	z.take(false, from, to-from)
	ks.changed(e)
	return count(to - from)
}

// take takes out n members, of which there is at least one, behind skip others from one end.
func (z *sortedSet) take(highest bool, skip, n int) []scored {
	popped := make([]scored, 0, n)
	z.walk(highest)(skip, func(s scored) bool {
		popped = append(popped, s)
		return len(popped) < n
	})
	for _, s := range popped {
		z.remove(s.member)
	}
	return popped
}
