package kv

import (
	"context"
	"fmt"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// ScoreRange is a range of scores, made by Scores and its methods.
type ScoreRange struct{ low, high string }

// Scores is the range of all scores. Its methods make it narrower:
//
//	tens := kv.Scores().AtLeast(10).Below(20)
func Scores() ScoreRange { return ScoreRange{} }

// AtLeast is the range without scores that are less than score.
func (r ScoreRange) AtLeast(score float64) ScoreRange {
	r.low = drivers.FormatFloat(score)
	return r
}

// Above is the range without score and what is less.
func (r ScoreRange) Above(score float64) ScoreRange {
	r.low = exclusive(drivers.FormatFloat(score))
	return r
}

// AtMost is the range without scores that are greater than score.
func (r ScoreRange) AtMost(score float64) ScoreRange {
	r.high = drivers.FormatFloat(score)
	return r
}

// Below is the range without score and what is greater.
func (r ScoreRange) Below(score float64) ScoreRange {
	r.high = exclusive(drivers.FormatFloat(score))
	return r
}

// over completes a command that is about the range.
func (r ScoreRange) over(cmd *drivers.Command) *drivers.Command {
	extra := cmd.OwnExtra()
	extra.Min, extra.Max = orElse(r.low, "-inf"), orElse(r.high, "+inf")
	return cmd
}

// MemberRange is a range of the texts of members, byte by byte, made by Members and its
// methods.
type MemberRange struct{ low, high string }

// Members is the range of all members. Its methods make it narrower:
//
//	early := kv.Members().AtLeast("a").Below("c")
func Members() MemberRange { return MemberRange{} }

// AtLeast is the range without what comes before text.
func (r MemberRange) AtLeast(text string) MemberRange {
	r.low = "[" + text
	return r
}

// Above is the range without text and what comes before it.
func (r MemberRange) Above(text string) MemberRange {
	r.low = exclusive(text)
	return r
}

// AtMost is the range without what comes after text.
func (r MemberRange) AtMost(text string) MemberRange {
	r.high = "[" + text
	return r
}

// Below is the range without text and what comes after it.
func (r MemberRange) Below(text string) MemberRange {
	r.high = exclusive(text)
	return r
}

func (r MemberRange) over(cmd *drivers.Command) *drivers.Command {
	extra := cmd.OwnExtra()
	extra.Min, extra.Max = orElse(r.low, "-"), orElse(r.high, "+")
	return cmd
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// PageOption says which part of a range is read, and in which order: Skip, Limit, Backwards.
type PageOption interface{ page(*drivers.Command) }

// RangeOption says in which order a range of places is read: Backwards.
type RangeOption interface {
	PageOption
	places()
}

type (
	skip      int
	limit     int
	backwards struct{}
)

func (s skip) page(cmd *drivers.Command)    { cmd.SetSkip(int64(s)) }
func (l limit) page(cmd *drivers.Command)   { cmd.Amount = int64(l) }
func (backwards) page(cmd *drivers.Command) { cmd.Reverse = true }
func (backwards) places()                   {}

// Skip passes over the first n members of a range. A negative n is ErrInvalid.
func Skip(n int) PageOption { return skip(n) }

// Limit reads at most n members of a range, all if n is 0. A negative n is ErrInvalid.
func Limit(n int) PageOption { return limit(n) }

// Backwards reads a range from its end.
func Backwards() RangeOption { return backwards{} }

func paged[O PageOption](cmd *drivers.Command, options []O) *drivers.Command {
	withOptions(cmd, options, func(option O, cmd *drivers.Command) { option.page(cmd) })
	return cmd
}

// Range is the members from the place start to the place stop, itself included, by their
// scores from the lowest; Backwards, from the highest. Negative places count from the other
// end: 0 to -1 are all. One round trip (ZRANGE).
func (f SortedSetFieldOf[T]) Range(ctx context.Context, start, stop int, options ...RangeOption) ([]Scored[T], error) {
	texts, scores, err := f.at.scoredRange(ctx, start, stop, options)
	return scoredOf[T](&f.at, "Range", texts, scores, err)
}

func (k *keyRef) scoredRange(ctx context.Context, start, stop int, options []RangeOption) ([]string, []float64, error) {
	return k.scored(ctx, "Range", paged(&drivers.Command{Op: drivers.OpZRange, Start: int64(start), Stop: int64(stop)}, options))
}

// RangeByScore is the members with scores in a range, or a part of them. One round trip
// (ZRANGEBYSCORE, ZREVRANGEBYSCORE).
func (f SortedSetFieldOf[T]) RangeByScore(ctx context.Context, scores ScoreRange, options ...PageOption) ([]Scored[T], error) {
	texts, found, err := f.at.rangeByScore(ctx, scores, options)
	return scoredOf[T](&f.at, "RangeByScore", texts, found, err)
}

func (k *keyRef) rangeByScore(ctx context.Context, scores ScoreRange, options []PageOption) ([]string, []float64, error) {
	return k.scored(ctx, "RangeByScore", paged(scores.over(&drivers.Command{Op: drivers.OpZRangeByScore}), options))
}

// RangeByMember is the members in a range, or a part of them, of a sorted set in which all
// members have the same score; of others Redis does not say what it answers. Members must
// be strings, as only those are stored in their order: others are ErrInvalid. One round
// trip (ZRANGEBYLEX, ZREVRANGEBYLEX).
func (f SortedSetFieldOf[T]) RangeByMember(ctx context.Context, members MemberRange, options ...PageOption) ([]T, error) {
	texts, err := f.at.rangeByMember(ctx, members, options)
	return elementsOf[T](&f.at, "RangeByMember", texts, err)
}

func (k *keyRef) rangeByMember(ctx context.Context, members MemberRange, options []PageOption) ([]string, error) {
	if err := k.inOrder("RangeByMember"); err != nil {
		return nil, err
	}
	return k.texts(ctx, "RangeByMember", paged(members.over(&drivers.Command{Op: drivers.OpZRangeByLex}), options))
}

// inOrder refuses members whose texts are not in their order.
func (k keyRef) inOrder(op string) error {
	if err := k.carried(op); err != nil {
		return err
	}
	if kind := k.elements().kind; !gotext.SortsAsText(kind) {
		return k.fail(op, fmt.Errorf("%w: a range of members that are no strings, but %v", ErrInvalid, kind))
	}
	return nil
}

// byMember executes a command that is answered with how many members of a range there are.
func (k keyRef) byMember(ctx context.Context, op string, counts drivers.Op, members MemberRange) (int, error) {
	if err := k.inOrder(op); err != nil {
		return 0, err
	}
	return k.doInt(ctx, op, members.over(&drivers.Command{Op: counts}))
}

// Count is the number of members with scores in a range. One round trip (ZCOUNT).
func (f SortedSetFieldOf[T]) Count(ctx context.Context, scores ScoreRange) (int, error) {
	return f.at.doInt(ctx, "Count", scores.over(&drivers.Command{Op: drivers.OpZCount}))
}

// CountByMember is the number of members in a range. See RangeByMember. One round trip (ZLEXCOUNT).
func (f SortedSetFieldOf[T]) CountByMember(ctx context.Context, members MemberRange) (int, error) {
	return f.at.byMember(ctx, "CountByMember", drivers.OpZLexCount, members)
}

// RemoveRange takes out the members from the place start to the place stop, as Range has
// them, and returns how many. One round trip (ZREMRANGEBYRANK).
func (f SortedSetFieldOf[T]) RemoveRange(ctx context.Context, start, stop int) (int, error) {
	return f.at.doInt(ctx, "RemoveRange", &drivers.Command{Op: drivers.OpZRemRangeByRank, Start: int64(start), Stop: int64(stop)})
}

// RemoveByScore takes out the members with scores in a range, and returns how many. One
// round trip (ZREMRANGEBYSCORE).
func (f SortedSetFieldOf[T]) RemoveByScore(ctx context.Context, scores ScoreRange) (int, error) {
	return f.at.doInt(ctx, "RemoveByScore", scores.over(&drivers.Command{Op: drivers.OpZRemRangeByScore}))
}

// RemoveByMember takes out the members in a range, and returns how many. See
// RangeByMember. One round trip (ZREMRANGEBYLEX).
func (f SortedSetFieldOf[T]) RemoveByMember(ctx context.Context, members MemberRange) (int, error) {
	return f.at.byMember(ctx, "RemoveByMember", drivers.OpZRemRangeByLex, members)
}
