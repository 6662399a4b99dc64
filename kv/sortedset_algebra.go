package kv

import (
	"context"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
)

// Aggregate is how a member that several sorted sets have gets one score.
type Aggregate string

// The aggregates. The zero Aggregate is SumOfScores.
const (
	SumOfScores  Aggregate = "SUM"
	LowestScore  Aggregate = "MIN"
	HighestScore Aggregate = "MAX"
)

// Weighted is the handle of the same sorted set, whose scores count weight times in
// Union, Intersect, StoreUnion and StoreIntersection. NaN is ErrInvalid there.
func (f SortedSetFieldOf[T]) Weighted(weight float64) SortedSetFieldOf[T] {
	f.weight = &weight
	return f
}

// Aggregating is the handle of the same sorted set whose Union, Intersect, StoreUnion and
// StoreIntersection make one score of several as aggregate says.
func (f SortedSetFieldOf[T]) Aggregating(aggregate Aggregate) SortedSetFieldOf[T] {
	f.aggregate = aggregate
	return f
}

// Union is the members that the sorted set or any other has, from the lowest score to
// the highest: the sum of a member's scores, unless Weighted and Aggregating say
// otherwise. The others must be opened on the same driver; in a cluster all must lie in
// one slot, else the error is ErrCrossSlot. One round trip (ZUNION).
func (f SortedSetFieldOf[T]) Union(ctx context.Context, others ...SortedSetFieldOf[T]) ([]Scored[T], error) {
	texts, scores, err := combineScored(ctx, f.sortedSet, "Union", drivers.OpZUnion, sortedSets(others))
	return scoredOf[T](&f.at, "Union", texts, scores, err)
}

// Intersect is the members that the sorted set and all others have. See Union. One round
// trip (ZINTER).
func (f SortedSetFieldOf[T]) Intersect(ctx context.Context, others ...SortedSetFieldOf[T]) ([]Scored[T], error) {
	texts, scores, err := combineScored(ctx, f.sortedSet, "Intersect", drivers.OpZInter, sortedSets(others))
	return scoredOf[T](&f.at, "Intersect", texts, scores, err)
}

// Difference is the members that the sorted set has and none of the others, with the
// scores they have here. See Union. One round trip (ZDIFF).
func (f SortedSetFieldOf[T]) Difference(ctx context.Context, others ...SortedSetFieldOf[T]) ([]Scored[T], error) {
	texts, scores, err := combineScored(ctx, f.sortedSet, "Difference", drivers.OpZDiff, sortedSets(others))
	return scoredOf[T](&f.at, "Difference", texts, scores, err)
}

func combineScored(ctx context.Context, f sortedSet, op string, cmd drivers.Op, others []sortedSet) ([]string, []float64, error) {
	combined, err := combining(f, op, cmd, others, weights(append([]sortedSet{f}, others...)))
	if err != nil {
		return nil, nil, err
	}
	return f.at.scored(ctx, op, &combined)
}

// StoreUnion puts what Union of sources is in place of what the sorted set has, whatever
// its type, and returns the size. The set itself may be among the sources, of which there
// must be one. Its TTL ends, and the schema's starts. One round trip (ZUNIONSTORE; with a
// TTL in the schema, a script). In a transaction, which has to know the size, the result is read.
func (f SortedSetFieldOf[T]) StoreUnion(ctx context.Context, sources ...SortedSetFieldOf[T]) (int, error) {
	return storeScored(ctx, f.sortedSet, "StoreUnion", drivers.OpZUnionStore, sortedSets(sources))
}

// StoreIntersection puts what Intersect of sources is in place of what the sorted set
// has. See StoreUnion. One round trip (ZINTERSTORE; with a TTL in the schema, a script).
func (f SortedSetFieldOf[T]) StoreIntersection(ctx context.Context, sources ...SortedSetFieldOf[T]) (int, error) {
	return storeScored(ctx, f.sortedSet, "StoreIntersection", drivers.OpZInterStore, sortedSets(sources))
}

// StoreDifference puts the members that the first of sources has and none of the others
// in place of what the sorted set has. See StoreUnion. One round trip (ZDIFFSTORE; with a
// TTL in the schema, a script).
func (f SortedSetFieldOf[T]) StoreDifference(ctx context.Context, sources ...SortedSetFieldOf[T]) (int, error) {
	return storeScored(ctx, f.sortedSet, "StoreDifference", drivers.OpZDiffStore, sortedSets(sources))
}

func storeScored(ctx context.Context, f sortedSet, op string, cmd drivers.Op, sources []sortedSet) (int, error) {
	combined, err := combining(f, op, cmd, sources, weights(sources))
	if err != nil {
		return 0, err
	}
	return f.at.doInt(ctx, op, f.at.changing(&combined))
}

// combining makes a command about the sorted set and others.
func combining(f sortedSet, op string, cmd drivers.Op, others []sortedSet, weights []float64) (drivers.Command, error) {
	keys, err := f.at.keysWith(op, placesOfSorted(others))
	return drivers.ZCombine(cmd, keys, weights, string(f.aggregate)), err
}

// placesOfSorted are the places of sorted sets.
func placesOfSorted(sets []sortedSet) []keyRef {
	return lo.Map(sets, func(set sortedSet, _ int) keyRef { return set.at })
}

// weights are those of sorted sets, or none where all have that of 1.
func weights(sets []sortedSet) []float64 {
	if !lo.SomeBy(sets, func(set sortedSet) bool { return set.weight != nil }) {
		return nil
	}
	return lo.Map(sets, func(set sortedSet, _ int) float64 { return lo.FromPtrOr(set.weight, 1) })
}
