package spec

import (
	"math"

	"github.com/kvstore-go/kvstore/drivers"
)

// combined is an Op on k and the others, with weights and an aggregate.
func combined(op drivers.Op, aggregate string, weights []float64, others ...string) drivers.Command {
	return drivers.Command{Op: op, Key: "k", Extra: &drivers.Extra{Keys: others, Scores: weights}, Value: aggregate}
}

// scoredReply is what an Op answers with members and their scores.
func scoredReply(pairs ...any) drivers.Reply {
	var reply drivers.Reply
	for i := 0; i < len(pairs); i += 2 {
		reply.Values, reply.Floats = append(reply.Values, pairs[i].(string)), append(reply.Floats, pairs[i+1].(float64))
	}
	return reply
}

func zcombineChecks() []check {
	const union, inter, diff = drivers.OpZUnion, drivers.OpZInter, drivers.OpZDiff
	both := given(zaddAll("k", "a", "b", "c"), zadd("x", 10, "b"), zadd("x", 20, "c"), zadd("x", 30, "d"))
	inf := math.Inf(1)
	opposed := given(zadd("k", inf, "a"), zadd("x", -inf, "a"))
	withSet := given(zaddAll("k", "a", "b", "c"), fill("x", "b", "d"))
	table := []row{
		{says: "adds scores up, and sorts", given: both, when: combined(union, "", nil, "x"), want: scoredReply("a", 0.0, "b", 11.0, "c", 22.0, "d", 30.0)},
		{says: "of one is what it has", given: both, when: combined(union, "", nil), want: scoredReply("a", 0.0, "b", 1.0, "c", 2.0)},
		{says: "of absent keys is empty", when: combined(union, "", nil, "x")},
		{says: "with itself counts it twice", given: both, when: combined(union, "SUM", nil, "k"), want: scoredReply("a", 0.0, "b", 2.0, "c", 4.0)},
		{says: "has the lower score with MIN", given: both, when: combined(union, "MIN", nil, "x"), want: scoredReply("a", 0.0, "b", 1.0, "c", 2.0, "d", 30.0)},
		{says: "has the higher score with MAX, times its weight", given: both, when: combined(union, "MAX", []float64{100, 1}, "x"),
			want: scoredReply("a", 0.0, "d", 30.0, "b", 100.0, "c", 200.0)},
		{says: "has the score 0 for infinity less infinity (row 32)", given: opposed, when: combined(union, "", nil, "x"), want: scoredReply("a", 0.0)},
		{says: "has the score 0 for 0 times infinity", given: opposed, when: combined(union, "", []float64{0, 0}, "x"), want: scoredReply("a", 0.0)},
		{says: "takes a set, whose members count 1", given: withSet, when: combined(union, "", []float64{1, 5}, "x"), want: scoredReply("a", 0.0, "c", 2.0, "d", 5.0, "b", 6.0)},

		{says: "has what all have", given: both, when: combined(inter, "", nil, "x"), want: scoredReply("b", 11.0, "c", 22.0)},
		{says: "with an absent key is empty", given: both, when: combined(inter, "", nil, "x", "absent")},
		{says: "with itself counts it twice", given: both, when: combined(inter, "", nil, "k"), want: scoredReply("a", 0.0, "b", 2.0, "c", 4.0)},
		{says: "has the lower score with MIN", given: both, when: combined(inter, "MIN", []float64{100, 1}, "x"), want: scoredReply("b", 10.0, "c", 20.0)},
		{says: "has the score 0 for infinity less infinity (row 32)", given: opposed, when: combined(inter, "", nil, "x"), want: scoredReply("a", 0.0)},
		{says: "takes a set, whose members count 1", given: withSet, when: combined(inter, "", nil, "x"), want: scoredReply("b", 2.0)},

		{says: "has what the others have not", given: both, when: combined(diff, "", nil, "x"), want: scoredReply("a", 0.0)},
		{says: "without others has all", given: both, when: combined(diff, "", nil), want: scoredReply("a", 0.0, "b", 1.0, "c", 2.0)},
		{says: "without itself is empty", given: both, when: combined(diff, "", nil, "x", "k")},
		{says: "takes a set, whose members count 1", given: withSet, when: drivers.Command{Op: diff, Key: "x", Extra: &drivers.Extra{Keys: []string{"k"}}}, want: scoredReply("d", 1.0)},
	}
	for _, op := range []drivers.Op{union, inter} {
		table = append(table,
			row{says: "is ErrInvalid with fewer weights than sorted sets", given: both, when: combined(op, "", []float64{1}, "x"), err: drivers.ErrInvalid},
			row{says: "is ErrInvalid with more weights than sorted sets", given: both, when: combined(op, "", []float64{1, 2, 3}, "x"), err: drivers.ErrInvalid},
			row{says: "is ErrInvalid with the weight NaN", given: both, when: combined(op, "", []float64{1, math.NaN()}, "x"), err: drivers.ErrInvalid},
			row{says: "is ErrInvalid with an unknown aggregate", given: both, when: combined(op, "AVG", nil, "x"), err: drivers.ErrInvalid},
		)
	}
	for _, op := range []drivers.Op{union, inter, diff} {
		table = append(table,
			row{says: "is ErrWrongType of a string", given: given(put("k", "v"), zadd("x", 1, "a")), when: combined(op, "", nil, "x"), err: drivers.ErrWrongType},
			row{says: "is ErrWrongType with a string among the others, whatever decides already", given: given(put("x", "v")), when: combined(op, "", nil, "x"), err: drivers.ErrWrongType})
	}
	return rows(table...)
}

// zstoreChecks are about what is put under a key: it replaces whatever is there.
func zstoreChecks() []check {
	sources := given(zaddAll("x", "a", "b", "c"), zadd("y", 10, "b"), zadd("y", 20, "c"), zadd("y", 30, "d"))
	from := func(op drivers.Op) drivers.Command { return combined(op, "", nil, "x", "y") }
	made := map[drivers.Op]content{
		drivers.OpZUnionStore: scored([]string{"a", "b", "c", "d"}, []float64{0, 11, 22, 30}),
		drivers.OpZInterStore: scored([]string{"b", "c"}, []float64{11, 22}),
		drivers.OpZDiffStore:  scored([]string{"a"}, []float64{0}),
	}
	sizes := map[drivers.Op]int64{drivers.OpZUnionStore: 4, drivers.OpZInterStore: 2, drivers.OpZDiffStore: 1}
	var table []row
	for _, op := range []drivers.Op{drivers.OpZUnionStore, drivers.OpZInterStore, drivers.OpZDiffStore} {
		size, cmd, what := drivers.Reply{Int: sizes[op]}, from(op), made[op]
		mortal := cmd
		mortal.Expiry = in(2 * hour)
		onto := func(cmd drivers.Command) []drivers.Command { return append(given(cmd), sources...) }
		nothing := combined(op, "", nil, "absent", "k")
		table = append(table,
			row{says: "makes a sorted set and answers its size", given: sources, when: cmd, want: size, then: then{"k": what}},
			row{says: "replaces a sorted set, and ends its time to live (row 19)", given: onto(zaddFor(hour, "k", "old")), when: cmd, want: size, then: then{"k": what}},
			row{says: "replaces a value of another type (row 22)", given: onto(putFor(hour, "k", "v")), when: cmd, want: size, then: then{"k": what}},
			row{says: "starts a time to live, whatever there was", given: onto(putFor(hour, "k", "v")), when: mortal, want: size, then: then{"k": what.lasting(2 * hour)}},
			row{says: "of nothing removes what is there (row 22)", given: given(fillFor(hour, "k", "a")), when: combined(op, "", nil, "absent"), then: then{"k": gone}},
			row{says: "is ErrWrongType of a string, and keeps what is there", given: given(zadd("k", 1, "a"), put("x", "v")), when: combined(op, "", nil, "x"), err: drivers.ErrWrongType},
			row{says: "is ErrInvalid without sorted sets", given: given(zadd("k", 1, "a")), when: combined(op, "", nil), err: drivers.ErrInvalid},
		)
		if op != drivers.OpZUnionStore {
			table = append(table, row{says: "may name its destination among the others, and removes it where nothing is left", given: given(zadd("k", 1, "a")), when: nothing, then: then{"k": gone}})
		}
	}
	return rows(append(table,
		row{says: "may name its destination among the others", given: given(zadd("k", 1, "a"), zadd("x", 2, "b")), when: combined(drivers.OpZUnionStore, "", []float64{3, 1, 1}, "k", "x", "k"),
			want: drivers.Reply{Int: 2}, then: then{"k": scored([]string{"b", "a"}, []float64{2, 4})}},
		row{says: "is ErrInvalid with a weight for the destination", given: sources, when: combined(drivers.OpZUnionStore, "", []float64{1, 2, 3}, "x", "y"), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with an unknown aggregate", given: sources, when: combined(drivers.OpZInterStore, "AVG", nil, "x", "y"), err: drivers.ErrInvalid},
	)...)
}
