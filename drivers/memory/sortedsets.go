package memory

import (
	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// sortedSetHandlers are those of sorted sets.
func sortedSetHandlers() handlers {
	return handlers{
		{drivers.OpZAdd, handler{write: zAdd}},
		{drivers.OpZReplace, replacing(sortedSetOf, fillSortedSet)},
		{drivers.OpZIncrBy, handler{write: zIncrBy}},
		{drivers.OpZRem, handler{write: zRem}},
		{drivers.OpZScore, handler{read: zScore}},
		{drivers.OpZMScore, handler{read: zMScore}},
		{drivers.OpZRank, handler{read: zRank}},
		{drivers.OpZCard, handler{readEntry: zCard}},
		{drivers.OpZCount, handler{read: zCount}},
		{drivers.OpZLexCount, handler{read: zCount}},
		{drivers.OpZRange, handler{read: zRange}},
		{drivers.OpZRangeByScore, handler{read: zRange}},
		{drivers.OpZRangeByLex, handler{read: zRangeByLex}},
		{drivers.OpZScan, handler{read: zScan}},
		{drivers.OpZPopMin, handler{write: zPop}},
		{drivers.OpZPopMax, handler{write: zPop}},
		{drivers.OpZMPop, handler{write: popFirst(zPop, drivers.OpZPopMin, drivers.OpZPopMax), multiKey: true}},
		{drivers.OpZRemRangeByRank, handler{write: zRemRange}},
		{drivers.OpZRemRangeByScore, handler{write: zRemRange}},
		{drivers.OpZRemRangeByLex, handler{write: zRemRange}},
		{drivers.OpZUnion, handler{write: zCombine(union), multiKey: true}},
		{drivers.OpZInter, handler{write: zCombine(intersection), multiKey: true}},
		{drivers.OpZDiff, handler{write: zCombine(difference), multiKey: true}},
		{drivers.OpZUnionStore, handler{write: zStore(union), multiKey: true}},
		{drivers.OpZInterStore, handler{write: zStore(intersection), multiKey: true}},
		{drivers.OpZDiffStore, handler{write: zStore(difference), multiKey: true}},
	}
}

// sortedSet is a set of members with scores.
type sortedSet struct {
	scores orderedMap[float64]
	order  btree
}

var noSortedSet sortedSet

// sortedSetOf is the sorted set of an entry. An absent one has no members, and must not be added to.
func sortedSetOf(e *entry) (*sortedSet, error) {
	if e == nil {
		return &noSortedSet, nil
	}
	if z, ok := e.object().(*sortedSet); ok {
		return z, nil
	}
	return nil, drivers.ErrWrongType
}

func (z *sortedSet) len() int { return z.scores.len() }

func (z *sortedSet) score(member string) (score float64, there bool) {
	if at := z.scores.find(member); at >= 0 {
		return z.scores.slots[at].value, true
	}
	return 0, false
}

// add gives a member a score, and reports whether it had another or none.
func (z *sortedSet) add(member string, score float64) bool {
	score = redisvalue.UnsignedZero(score)
	if at := z.scores.find(member); at >= 0 {
		s := &z.scores.slots[at]
		if s.value == score {
			return false
		}
		z.order.remove(scored{s.value, member})
		s.value, member = score, s.name // one copy of the name is enough
	} else {
		z.scores.add(member, score)
	}
	z.order.insert(scored{score, member})
	return true
}

// remove takes a member out and reports whether it was there.
func (z *sortedSet) remove(member string) bool {
	score, there := z.score(member)
	if there {
		z.scores.remove(member)
		z.order.remove(scored{score, member})
	}
	return there
}

// growSortedSet is the entry of a key, made if there is none, with the sorted set to add to.
func (ks keyspace) growSortedSet(e *entry, key string) (*entry, *sortedSet) {
	if e == nil {
		e = ks.create(key)
		e.hold(&sortedSet{})
	}
	return e, e.object().(*sortedSet)
}

func zAdd(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	if _, err := sortedSetOf(e); err != nil {
		return drivers.Reply{}, err
	}
	if e == nil && cmd.If == drivers.IfExists {
		return count(0)
	}
	e, z := ks.growSortedSet(e, cmd.Key)
	added, changed := 0, 0
	for i, member := range cmd.Values {
		old, there := z.score(member)
		if cmd.If.Accepts(cmd.Scores()[i], old, there) && z.add(member, cmd.Scores()[i]) {
			changed++
			if !there {
				added++
			}
		}
	}
	if changed > 0 {
		ks.changed(e)
	}
	ks.startTTL(e, cmd.Expiry)
	if cmd.CountsChanged() {
		return count(changed)
	}
	return count(added)
}

// fillSortedSet leaves members that stay where they are, for the sake of a ZSCAN that is under way.
func fillSortedSet(ks keyspace, e *entry, cmd drivers.Command) *entry {
	wanted := make(map[string]float64, len(cmd.Values))
	for i, member := range cmd.Values {
		wanted[member] = cmd.Scores()[i]
	}
	return ks.putScores(e, cmd.Key, wanted)
}

// putScores gives the sorted set of key, whose entry is e, these members and no others.
// changed is to be called.
func (ks keyspace) putScores(e *entry, key string, scores map[string]float64) *entry {
	e, z := ks.growSortedSet(e, key)
	for _, member := range z.scores.names() {
		if _, stays := scores[member]; !stays {
			z.remove(member)
		}
	}
	for member, score := range scores {
		z.add(member, score)
	}
	return e
}

func zIncrBy(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	z, err := sortedSetOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	old, there := z.score(cmd.Value)
	reply, err := addScore(cmd, old, there)
	if err != nil {
		return reply, err
	}
	if !reply.Nil {
		e, z = ks.growSortedSet(e, cmd.Key)
		if z.add(cmd.Value, reply.Float) {
			ks.changed(e)
		}
	}
	if e != nil {
		ks.startTTL(e, cmd.Expiry)
	}
	return reply, nil
}

func zRem(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	z, err := sortedSetOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	removed := 0
	for _, member := range cmd.Values {
		if z.remove(member) {
			removed++
		}
	}
	if removed > 0 {
		ks.changed(e)
	}
	return count(removed)
}
