package kv

import (
	"context"

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
	own := f.at.ownElements()
	own.weighted, own.weight = true, weight
	return f
}

// Aggregating is the handle of the same sorted set whose Union, Intersect, StoreUnion and
// StoreIntersection make one score of several as aggregate says.
func (f SortedSetFieldOf[T]) Aggregating(aggregate Aggregate) SortedSetFieldOf[T] {
	f.at.ownElements().aggregate = string(aggregate)
	return f
}

// Union is the members that the sorted set or any other has, from the lowest score to
// the highest: the sum of a member's scores, unless Weighted and Aggregating say
// otherwise. The others must be opened on the same driver; in a cluster all must lie in
// one slot, else the error is ErrCrossSlot. One round trip (ZUNION).
func (f SortedSetFieldOf[T]) Union(ctx context.Context, others ...SortedSetFieldOf[T]) ([]Scored[T], error) {
	texts, scores, err := combineScored(ctx, f.at, "Union", drivers.OpZUnion, keyRefsOf(others))
	return scoredOf[T](&f.at, "Union", texts, scores, err)
}

// Intersect is the members that the sorted set and all others have. See Union. One round
// trip (ZINTER).
func (f SortedSetFieldOf[T]) Intersect(ctx context.Context, others ...SortedSetFieldOf[T]) ([]Scored[T], error) {
	texts, scores, err := combineScored(ctx, f.at, "Intersect", drivers.OpZInter, keyRefsOf(others))
	return scoredOf[T](&f.at, "Intersect", texts, scores, err)
}

// Difference is the members that the sorted set has and none of the others, with the
// scores they have here. See Union. One round trip (ZDIFF).
func (f SortedSetFieldOf[T]) Difference(ctx context.Context, others ...SortedSetFieldOf[T]) ([]Scored[T], error) {
	texts, scores, err := combineScored(ctx, f.at, "Difference", drivers.OpZDiff, keyRefsOf(others))
	return scoredOf[T](&f.at, "Difference", texts, scores, err)
}

func combineScored(ctx context.Context, k keyRef, op string, cmd drivers.Op, others []keyRef) ([]string, []float64, error) {
	combined, err := combining(k, op, cmd, others, weights(append([]keyRef{k}, others...)))
	if err != nil {
		return nil, nil, err
	}
	return k.scored(ctx, op, &combined)
}

// StoreUnion puts what Union of sources is in place of what the sorted set has, whatever
// its type, and returns the size. The set itself may be among the sources, of which there
// must be one. Its TTL ends, and the schema's starts. One round trip (ZUNIONSTORE; with a
// TTL in the schema, a script). In a transaction, which has to know the size, the result is read.
func (f SortedSetFieldOf[T]) StoreUnion(ctx context.Context, sources ...SortedSetFieldOf[T]) (int, error) {
	return storeScored(ctx, f.at, "StoreUnion", drivers.OpZUnionStore, keyRefsOf(sources))
}

// StoreIntersection puts what Intersect of sources is in place of what the sorted set
// has. See StoreUnion. One round trip (ZINTERSTORE; with a TTL in the schema, a script).
func (f SortedSetFieldOf[T]) StoreIntersection(ctx context.Context, sources ...SortedSetFieldOf[T]) (int, error) {
	return storeScored(ctx, f.at, "StoreIntersection", drivers.OpZInterStore, keyRefsOf(sources))
}

// StoreDifference puts the members that the first of sources has and none of the others
// in place of what the sorted set has. See StoreUnion. One round trip (ZDIFFSTORE; with a
// TTL in the schema, a script).
func (f SortedSetFieldOf[T]) StoreDifference(ctx context.Context, sources ...SortedSetFieldOf[T]) (int, error) {
	return storeScored(ctx, f.at, "StoreDifference", drivers.OpZDiffStore, keyRefsOf(sources))
}

func storeScored(ctx context.Context, k keyRef, op string, cmd drivers.Op, sources []keyRef) (int, error) {
	combined, err := combining(k, op, cmd, sources, weights(sources))
	if err != nil {
		return 0, err
	}
	return k.doInt(ctx, op, k.changing(&combined))
}

// combining makes a command about the sorted set and others.
func combining(k keyRef, op string, cmd drivers.Op, others []keyRef, weights []float64) (drivers.Command, error) {
	keys, err := k.keysWith(op, others)
	if err != nil {
		return drivers.Command{}, err
	}
	return drivers.ZCombine(cmd, keys, weights, k.elements().aggregate), nil
}

// weights are those of sorted sets, or none where all have that of 1.
func weights(sets []keyRef) []float64 {
	weights, weighted := make([]float64, len(sets)), false
	for i, set := range sets {
		weights[i] = 1
		if set.err() == nil && set.elements().weighted {
			weights[i], weighted = set.elements().weight, true
		}
	}
	if !weighted {
		return nil
	}
	return weights
}

// ownElements gives a handle a copy of what all handles of its node share, to be changed, so that handles of sorted sets
// have no more in them than those of other values.
func (k *keyRef) ownElements() *elements {
	if k.err() != nil {
		return &elements{}
	}
	own := &struct {
		node bound
		elements
	}{*k.node, *k.elements()}
	own.node.shared, k.node = &own.elements, &own.node
	return &own.elements
}
