package memory

import (
	"math"

	"github.com/kvstore-go/kvstore/drivers"
)

func zScore(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	z, err := sortedSetOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	score, there := z.score(cmd.Value)
	return drivers.Reply{Float: score, Nil: !there}, nil
}

func zMScore(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	z, err := sortedSetOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	scores := make([]float64, len(cmd.Values))
	for i, member := range cmd.Values {
		score, there := z.score(member)
		if scores[i] = score; !there {
			scores[i] = math.NaN()
		}
	}
	return drivers.Reply{Floats: scores}, nil
}

func zRank(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	z, err := sortedSetOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	score, there := z.score(cmd.Value)
	if !there {
		return drivers.Reply{Nil: true}, nil
	}
	member := scored{score, cmd.Value}
	rank := z.order.rank(func(s scored) bool { return s.compare(member) < 0 })
	if cmd.Reverse {
		rank = z.len() - 1 - rank
	}
	return count(rank)
}

func zCard(e *entry) (drivers.Reply, error) {
	z, err := sortedSetOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	return count(z.len())
}

func zCount(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	z, err := sortedSetOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	from, to, err := z.ranks(cmd)
	if err != nil {
		return drivers.Reply{}, err
	}
	return count(to - from)
}

func zRange(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	z, err := sortedSetOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	skip, size, err := z.pageOf(cmd)
	if err != nil || size == 0 {
		return drivers.Reply{}, err
	}
	members, scores := make([]string, 0, size), make([]float64, 0, size)
	z.walk(cmd.Reverse)(skip, func(s scored) bool {
		members, scores = append(members, s.member), append(scores, s.score)
		return len(members) < size
	})
	return drivers.Reply{Values: members, Floats: scores}, nil
}

func zRangeByLex(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	reply, err := zRange(e, 0, cmd)
	reply.Floats = nil
	return reply, err
}

func zScan(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	z, err := sortedSetOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	slots, next := z.scores.page(cmd.Cursor(), cmd.Amount)
	members, scores := make([]string, len(slots)), make([]float64, len(slots))
	for i, s := range slots {
		members[i], scores[i] = s.name, s.value
	}
	return drivers.Reply{Values: members, Floats: scores, Int: next}, nil
}
