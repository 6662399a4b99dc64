package kv

import (
	"context"
	"math"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// SortedSet declares a sorted set of strings: a set whose members have scores.
func SortedSet(options ...ElementOption) Schema[SortedSetField] {
	return SortedSetOf[string](options...)
}

// SortedSet adds a sorted set of strings to the store.
func (s StaticSchema) SortedSet[H interface{ SortedSetField }](key Key[H], options ...ElementOption) StaticSchema {
	return s.Field(Key[SortedSetField](key), SortedSet(options...))
}

// SortedSetOf declares a sorted set of members of type T, which is what the members of a
// set may be; see SetOf.
func SortedSetOf[T any](options ...ElementOption) Schema[SortedSetFieldOf[T]] {
	node, all := membersNode(dsl.SortedSet, typeOf((*T)(nil)), options)
	all.all = func(reply drivers.Reply, into any) (err error) {
		*into.(*[]Scored[T]), err = decodeScored[T](all.codec, reply.Values, reply.Floats)
		return err
	}
	return fieldSchema[SortedSetFieldOf[T]](node, all)
}

// SortedSetOf adds a sorted set of members of type T to the store.
func (s StaticSchema) SortedSetOf[T any](key Key[SortedSetFieldOf[T]], options ...ElementOption) StaticSchema {
	return s.Field(key, SortedSetOf[T](options...))
}

// SortedSetField is the handle of a sorted set of strings.
type SortedSetField = SortedSetFieldOf[string]

// SortedSetFieldOf is the handle of a sorted set of members of type T, which are in the
// order of their scores, and among those of one score in that of their texts, byte by
// byte. An absent sorted set is an empty one, and one that loses its last member is
// absent. A member that cannot be written, and a score that is NaN, are ErrInvalid; a
// member found stored that is no T is ErrCorrupt.
//
// In Redis: [ZADD], [ZINCRBY], [ZREM], [ZSCORE], [ZMSCORE], [ZRANK], [ZREVRANK], [ZCARD],
// [ZCOUNT], [ZLEXCOUNT], [ZRANGE], [ZRANGEBYSCORE], [ZREVRANGEBYSCORE], [ZRANGEBYLEX],
// [ZREVRANGEBYLEX], [ZSCAN], [ZPOPMIN], [ZPOPMAX], [BZPOPMIN], [BZPOPMAX],
// [ZREMRANGEBYRANK], [ZREMRANGEBYSCORE], [ZREMRANGEBYLEX], [ZUNION], [ZINTER], [ZDIFF],
// [ZUNIONSTORE], [ZINTERSTORE], [ZDIFFSTORE].
//
// [ZADD]: https://redis.io/docs/latest/commands/zadd/
// [ZINCRBY]: https://redis.io/docs/latest/commands/zincrby/
// [ZREM]: https://redis.io/docs/latest/commands/zrem/
// [ZSCORE]: https://redis.io/docs/latest/commands/zscore/
// [ZMSCORE]: https://redis.io/docs/latest/commands/zmscore/
// [ZRANK]: https://redis.io/docs/latest/commands/zrank/
// [ZREVRANK]: https://redis.io/docs/latest/commands/zrevrank/
// [ZCARD]: https://redis.io/docs/latest/commands/zcard/
// [ZCOUNT]: https://redis.io/docs/latest/commands/zcount/
// [ZLEXCOUNT]: https://redis.io/docs/latest/commands/zlexcount/
// [ZRANGE]: https://redis.io/docs/latest/commands/zrange/
// [ZRANGEBYSCORE]: https://redis.io/docs/latest/commands/zrangebyscore/
// [ZREVRANGEBYSCORE]: https://redis.io/docs/latest/commands/zrevrangebyscore/
// [ZRANGEBYLEX]: https://redis.io/docs/latest/commands/zrangebylex/
// [ZREVRANGEBYLEX]: https://redis.io/docs/latest/commands/zrevrangebylex/
// [ZSCAN]: https://redis.io/docs/latest/commands/zscan/
// [ZPOPMIN]: https://redis.io/docs/latest/commands/zpopmin/
// [ZPOPMAX]: https://redis.io/docs/latest/commands/zpopmax/
// [BZPOPMIN]: https://redis.io/docs/latest/commands/bzpopmin/
// [BZPOPMAX]: https://redis.io/docs/latest/commands/bzpopmax/
// [ZREMRANGEBYRANK]: https://redis.io/docs/latest/commands/zremrangebyrank/
// [ZREMRANGEBYSCORE]: https://redis.io/docs/latest/commands/zremrangebyscore/
// [ZREMRANGEBYLEX]: https://redis.io/docs/latest/commands/zremrangebylex/
// [ZUNION]: https://redis.io/docs/latest/commands/zunion/
// [ZINTER]: https://redis.io/docs/latest/commands/zinter/
// [ZDIFF]: https://redis.io/docs/latest/commands/zdiff/
// [ZUNIONSTORE]: https://redis.io/docs/latest/commands/zunionstore/
// [ZINTERSTORE]: https://redis.io/docs/latest/commands/zinterstore/
// [ZDIFFSTORE]: https://redis.io/docs/latest/commands/zdiffstore/
type SortedSetFieldOf[T any] struct{ Field }

// Scored is a member of a sorted set with its score, which may be infinite but not NaN.
type Scored[T any] struct {
	Member T
	Score  float64
}

// ScoreCondition restricts AddIf.
type ScoreCondition drivers.Condition

// The conditions of a score.
const (
	// ScoreAbsent adds only members that are not there.
	ScoreAbsent = ScoreCondition(drivers.IfAbsent)
	// ScoreExists changes only the scores of members that are there.
	ScoreExists = ScoreCondition(drivers.IfExists)
	// ScoreGreater raises scores only, and adds members that are not there.
	ScoreGreater = ScoreCondition(drivers.IfGreater)
	// ScoreLess lowers scores only, and adds members that are not there.
	ScoreLess = ScoreCondition(drivers.IfLess)
)

// Read is all members, from the lowest score to the highest. One round trip (ZRANGE).
func (f SortedSetFieldOf[T]) Read(ctx context.Context) ([]Scored[T], error) {
	texts, scores, err := f.at.allScored(ctx)
	return scoredOf[T](&f.at, "Read", texts, scores, err)
}

func (f SortedSetFieldOf[T]) whole(*[]Scored[T]) {}

// Write replaces the whole sorted set, in one step. Without members it is absent
// afterwards; of a member that comes twice the last score counts. A TTL that is there is
// kept unless the schema or an option says otherwise; a condition that does not hold is
// ErrConditionFailed. One round trip (a script: ZRANGE, ZADD, ZREM, PEXPIRE), which takes
// the longer the more members there are and were.
func (f SortedSetFieldOf[T]) Write(ctx context.Context, members []Scored[T], options ...WriteOption) error {
	texts, scores, err := textsOfScored(&f.at, "Write", members)
	return f.at.writeScored(ctx, texts, scores, options, err)
}

// Add gives members scores, those they have or new ones, and returns how many members
// were new. One round trip (ZADD; with a TTL in the schema, a script).
func (f SortedSetFieldOf[T]) Add(ctx context.Context, members ...Scored[T]) (int, error) {
	texts, scores, err := textsOfScored(&f.at, "Add", members)
	return f.at.addScored(ctx, "Add", 0, texts, scores, err)
}

// AddIf gives members scores where the condition allows it, and returns how many members
// are new or have another score now. One round trip (ZADD CH NX, XX, GT or LT; with a TTL
// in the schema, a script).
func (f SortedSetFieldOf[T]) AddIf(ctx context.Context, condition ScoreCondition, members ...Scored[T]) (int, error) {
	texts, scores, err := textsOfScored(&f.at, "AddIf", members)
	return f.at.addScored(ctx, "AddIf", condition, texts, scores, err)
}

// addScored answers how many members are new, or with a condition how many have changed.
func (k *keyRef) addScored(ctx context.Context, op string, condition ScoreCondition, texts []string, scores []float64, err error) (int, error) {
	cmd := drivers.Command{Op: drivers.OpZAdd}
	if op == "AddIf" {
		cmd = drivers.ZAddChanged(drivers.Condition(condition))
	}
	cmd.OwnExtra().Scores = scores
	return k.changeElements(ctx, op, k.changing(&cmd), texts, err)
}

// Len is the number of members. One round trip (ZCARD).
func (f SortedSetFieldOf[T]) Len(ctx context.Context) (int, error) { return f.at.countScored(ctx) }

// Remove takes members out and returns how many were there. One round trip (ZREM).
func (f SortedSetFieldOf[T]) Remove(ctx context.Context, members ...T) (int, error) {
	texts, err := textsOf(&f.at, "Remove", members)
	return f.at.removeElements(ctx, drivers.OpZRem, texts, err)
}

// Increment adds by to the score of member, 0 if it is not there, and returns the sum.
// Infinity less infinity is ErrInvalid. One round trip (ZINCRBY; with a TTL in the
// schema, a script).
func (f SortedSetFieldOf[T]) Increment(ctx context.Context, member T, by float64) (float64, error) {
	text, err := textOf(&f.at, "Increment", member)
	return f.at.incrementScore(ctx, text, by, err)
}

func (k *keyRef) incrementScore(ctx context.Context, text string, by float64, err error) (float64, error) {
	if err != nil {
		return 0, err
	}
	cmd := drivers.ZIncrBy(text, by)
	reply, err := k.do(ctx, "Increment", k.changing(&cmd))
	return reply.Float, err
}

// Score is the score of member, or ErrNotFound. One round trip (ZSCORE).
func (f SortedSetFieldOf[T]) Score(ctx context.Context, member T) (float64, error) {
	text, err := textOf(&f.at, "Score", member)
	return f.at.score(ctx, text, err)
}

func (k *keyRef) score(ctx context.Context, text string, err error) (float64, error) {
	reply, err := k.ofScored(ctx, "Score", &drivers.Command{Op: drivers.OpZScore, Value: text}, err)
	return reply.Float, err
}

// Scores is those of members that are there, with their scores, in the order of members.
// One round trip (ZMSCORE).
func (f SortedSetFieldOf[T]) Scores(ctx context.Context, members ...T) ([]Scored[T], error) {
	found := []Scored[T]{}
	texts, err := textsOf(&f.at, "Scores", members)
	scores, err := f.at.scoresOf(ctx, texts, err)
	for i, score := range scores {
		if !math.IsNaN(score) {
			found = append(found, Scored[T]{members[i], score})
		}
	}
	return found, err
}

// scoresOf is NaN for what is not there.
func (k *keyRef) scoresOf(ctx context.Context, texts []string, err error) ([]float64, error) {
	if len(texts) == 0 || err != nil {
		return nil, err
	}
	reply, err := k.do(ctx, "Scores", &drivers.Command{Op: drivers.OpZMScore, Values: texts})
	return reply.Floats, err
}

// Rank is how many members come before member, or ErrNotFound. One round trip (ZRANK).
func (f SortedSetFieldOf[T]) Rank(ctx context.Context, member T) (int, error) {
	text, err := textOf(&f.at, "Rank", member)
	return f.at.rank(ctx, "Rank", text, false, err)
}

// RankBackwards is how many members come after member, or ErrNotFound. One round trip (ZREVRANK).
func (f SortedSetFieldOf[T]) RankBackwards(ctx context.Context, member T) (int, error) {
	text, err := textOf(&f.at, "RankBackwards", member)
	return f.at.rank(ctx, "RankBackwards", text, true, err)
}

func (k *keyRef) rank(ctx context.Context, op, text string, backwards bool, err error) (int, error) {
	reply, err := k.ofScored(ctx, op, &drivers.Command{Op: drivers.OpZRank, Value: text, Reverse: backwards}, err)
	return int(reply.Int), err
}

// PopMin takes out up to count members with the lowest scores and returns them, the
// lowest first. A negative count is ErrInvalid. Members taken out that are no T come as a
// CorruptElementError each, beside the others. One round trip (ZPOPMIN).
func (f SortedSetFieldOf[T]) PopMin(ctx context.Context, count int) ([]Scored[T], error) {
	texts, scores, err := f.at.popScored(ctx, "PopMin", drivers.OpZPopMin, count)
	return poppedScoredOf[T](&f.at, "PopMin", texts, scores, err)
}

// PopMax takes out up to count members with the highest scores and returns them, the
// highest first. See PopMin. One round trip (ZPOPMAX).
func (f SortedSetFieldOf[T]) PopMax(ctx context.Context, count int) ([]Scored[T], error) {
	texts, scores, err := f.at.popScored(ctx, "PopMax", drivers.OpZPopMax, count)
	return poppedScoredOf[T](&f.at, "PopMax", texts, scores, err)
}

func (k *keyRef) popScored(ctx context.Context, op string, pop drivers.Op, count int) ([]string, []float64, error) {
	return k.scored(ctx, op, &drivers.Command{Op: pop, Amount: int64(count)})
}

// PopMinWait takes out the member with the lowest score and returns it. Where there is
// none it waits for one, no longer than the context lasts: then nothing is taken out, and
// the error is the context's. Those who wait are served in the order in which they came.
// Within a batch or a transaction it is errors.ErrUnsupported. (BZPOPMIN)
func (f SortedSetFieldOf[T]) PopMinWait(ctx context.Context) (Scored[T], error) {
	texts, scores, err := f.at.awaitScored(ctx, "PopMinWait", drivers.OpZPopMin)
	return awaitedScoredOf[T](&f.at, "PopMinWait", texts, scores, err)
}

// PopMaxWait takes out the member with the highest score. See PopMinWait. (BZPOPMAX)
func (f SortedSetFieldOf[T]) PopMaxWait(ctx context.Context) (Scored[T], error) {
	texts, scores, err := f.at.awaitScored(ctx, "PopMaxWait", drivers.OpZPopMax)
	return awaitedScoredOf[T](&f.at, "PopMaxWait", texts, scores, err)
}

// awaitScored is what has been taken out of a sorted set, even beside an error.
//
//go:noinline // see askInt
func (k *keyRef) awaitScored(ctx context.Context, op string, pop drivers.Op) ([]string, []float64, error) {
	reply, err := k.wait(ctx, op, &drivers.Command{Op: pop, Amount: 1})
	return reply.Values, reply.Floats, err
}

// PopMinWait takes out the member with the lowest score of the first of sets that has any,
// and waits for one in any of them; from is the place of the set that had it. Those who wait
// for a set are served in the order in which they came, whichever others they wait for. Of
// several sets that get members in one step - an atomic batch, a transaction - it may be any.
// Without sets, or with some of another driver, it is ErrInvalid; in a cluster all must lie in
// one slot, else it is ErrCrossSlot. For the rest it is the method of that name. One round trip
// where there is a member (ZMPOP), else three (BZMPOP), and more as it goes on.
func PopMinWait[T any](ctx context.Context, sets ...SortedSetFieldOf[T]) (member Scored[T], from int, err error) {
	return popScoredWait[T](ctx, "PopMinWait", false, keyRefsOf(sets))
}

// PopMaxWait takes out the member with the highest score of the first of sets that has any,
// and waits for one in any of them. See the function PopMinWait.
func PopMaxWait[T any](ctx context.Context, sets ...SortedSetFieldOf[T]) (member Scored[T], from int, err error) {
	return popScoredWait[T](ctx, "PopMaxWait", true, keyRefsOf(sets))
}

func popScoredWait[T any](ctx context.Context, op string, highest bool, sets []keyRef) (Scored[T], int, error) {
	cmd := drivers.Command{Op: drivers.OpZMPop, Reverse: highest, Amount: 1}
	at, reply, err := waitAny(ctx, op, &cmd, sets)
	member, err := awaitedScoredOf[T](&at, op, reply.Values, reply.Floats, err)
	return member, int(reply.Int), err
}
