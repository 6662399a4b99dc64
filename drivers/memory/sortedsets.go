package memory

import (
	"strconv"

	"github.com/kvstore-go/kvstore/drivers"
)

// sortedSet is a set of members with scores.
type sortedSet struct {
	scores map[string]float64
	order  btree
}

var noSortedSet sortedSet

// sortedSetOf is the sorted set of an entry. An absent one has no members, and must not be added to.
func sortedSetOf(e *entry) (*sortedSet, error) {
	if e == nil {
		return &noSortedSet, nil
	}
	if z, ok := e.object.(*sortedSet); ok {
		return z, nil
	}
	return nil, drivers.ErrWrongType
}

func (z *sortedSet) len() int { return len(z.scores) }

// add gives a member a score, and reports whether it had another or none.
func (z *sortedSet) add(member string, score float64) bool {
	old, there := z.scores[member]
	switch {
	case there && old == score:
		return false
	case there:
		z.order.remove(scored{old, member})
	case z.scores == nil:
		z.scores = map[string]float64{}
	}
	z.scores[member] = score
	z.order.insert(scored{score, member})
	return true
}

// remove takes a member out and reports whether it was there.
func (z *sortedSet) remove(member string) bool {
	score, there := z.scores[member]
	if there {
		delete(z.scores, member)
		z.order.remove(scored{score, member})
	}
	return there
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

func zScore(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	z, err := sortedSetOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	score, there := z.scores[cmd.Value]
	if !there {
		return drivers.Reply{Nil: true}, nil
	}
	return drivers.Reply{Value: strconv.FormatFloat(score, 'g', 17, 64)}, nil
}

func zLexCount(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	z, err := sortedSetOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	from, to := z.lexRange(cmd.Min, cmd.Max)
	return count(to - from)
}

func zRangeByLex(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	z, err := sortedSetOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	from, to := z.lexRange(cmd.Min, cmd.Max)
	left := max(int64(to-from)-cmd.Start, 0)
	if cmd.Amount > 0 {
		left = min(left, cmd.Amount)
	}
	if left == 0 {
		return drivers.Reply{}, nil
	}
	walk, skip := z.order.ascend, from
	if cmd.Reverse {
		walk, skip = z.order.descend, z.len()-to
	}
	members := make([]string, 0, left)
	walk(skip+int(cmd.Start), func(s scored) bool {
		members = append(members, s.member)
		return int64(len(members)) < left
	})
	return drivers.Reply{Values: members}, nil
}
