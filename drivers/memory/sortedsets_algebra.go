package memory

import (
	"cmp"
	"iter"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// operand is what sorted sets are made of: a sorted set, or a set, whose members all
// count 1. place is its place among the sources of the command.
type operand struct {
	place int
	value collection
}

func (o operand) score(member string) (score float64, there bool) {
	switch value := o.value.(type) {
	case *sortedSet:
		return value.score(member)
	case *members:
		return 1, value.has(member)
	default:
		return 0, false
	}
}

func (o operand) all() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		switch value := o.value.(type) {
		case *sortedSet:
			for s := range value.scores.before(newest) {
				if !yield(s.name, s.value) {
					return
				}
			}
		case *members:
			for s := range value.before(newest) {
				if !yield(s.name, 1) {
					return
				}
			}
		}
	}
}

// sources are the keys that a command combines: all, or those besides the destination.
func sources(cmd *drivers.Command) []string {
	if cmd.Op.Effect() == drivers.Writes {
		return cmd.Keys()
	}
	return append([]string{cmd.Key}, cmd.Keys()...)
}

// scoredOperands are the values of the sources. A key of another type is an error even
// where an absent one already decides the answer.
func (ks keyspace) scoredOperands(cmd *drivers.Command) ([]operand, error) {
	keys := sources(cmd)
	operands := make([]operand, len(keys))
	for place, key := range keys {
		operands[place] = operand{place, &noSortedSet}
		e := ks.find(key)
		if e == nil {
			continue
		}
		switch value := e.object().(type) {
		case *sortedSet:
			operands[place].value = value
		case *members:
			operands[place].value = value
		default:
			return nil, drivers.ErrWrongType
		}
	}
	return operands, nil
}

// bySize puts the smallest first. The order in which scores are added up is Redis's, as
// sums of floats depend on it.
func bySize(operands []operand) {
	slices.SortStableFunc(operands, func(a, b operand) int { return cmp.Compare(a.value.len(), b.value.len()) })
}

func union(cmd drivers.Command, operands []operand) map[string]float64 {
	bySize(operands)
	scores := map[string]float64{}
	for _, o := range operands {
		for member, score := range o.all() {
			score = redisvalue.NumberOr0(cmd.Weighed(score, o.place))
			if sum, there := scores[member]; there {
				score = cmd.Aggregate(sum, score)
			}
			scores[member] = score
		}
	}
	return scores
}

func intersection(cmd drivers.Command, operands []operand) map[string]float64 {
	bySize(operands)
	scores := map[string]float64{}
	for member, score := range operands[0].all() {
		sum, everywhere := redisvalue.NumberOr0(cmd.Weighed(score, operands[0].place)), true
		for _, o := range operands[1:] {
			if score, everywhere = o.score(member); !everywhere {
				break
			}
			sum = cmd.Aggregate(sum, cmd.Weighed(score, o.place))
		}
		if everywhere {
			scores[member] = sum
		}
	}
	return scores
}

func difference(_ drivers.Command, operands []operand) map[string]float64 {
	scores := map[string]float64{}
	for member, score := range operands[0].all() {
		if !slices.ContainsFunc(operands[1:], func(o operand) bool { _, there := o.score(member); return there }) {
			scores[member] = score
		}
	}
	return scores
}

// combination makes scores of several sets.
type combination func(cmd drivers.Command, operands []operand) map[string]float64

// zCombine answers with what combine makes, in order.
func zCombine(combine combination) func(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	return func(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
		operands, err := ks.scoredOperands(&cmd)
		if err != nil {
			return drivers.Reply{}, err
		}
		all := make([]scored, 0)
		for member, score := range combine(cmd, operands) {
			all = append(all, scored{redisvalue.UnsignedZero(score), member})
		}
		slices.SortFunc(all, scored.compare)
		reply := drivers.Reply{Values: make([]string, len(all)), Floats: make([]float64, len(all))}
		for i, s := range all {
			reply.Values[i], reply.Floats[i] = s.member, s.score
		}
		return reply, nil
	}
}

// zStore puts what combine makes under the key, whatever is there, without a time to live.
func zStore(combine combination) func(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	return func(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
		operands, err := ks.scoredOperands(&cmd)
		if err != nil {
			return drivers.Reply{}, err
		}
		scores := combine(cmd, operands)
		if e := ks.find(cmd.Key); e != nil {
			ks.remove(e)
		}
		if len(scores) > 0 {
			e := ks.putScores(nil, cmd.Key, scores)
			ks.changed(e)
			ks.startTTL(e, cmd.Expiry)
		}
		return count(len(scores))
	}
}
