package kv

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
)

// All goes through the members page by page, in no order. Members that are there all the
// while come exactly once; those that come or go meanwhile may or may not. A member that
// is no T comes as ErrCorrupt and does not end the loop; any other error does. One round
// trip a page (ZSCAN, in a script that tells servers apart).
func (f SortedSetFieldOf[T]) All(ctx context.Context) iter.Seq2[Scored[T], error] {
	return eachScoredOf[T](ctx, f.at, "All", eachInSortedSet)
}

func eachInSortedSet(ctx context.Context, at keyRef, op string, yield func(string, float64, error) bool) {
	var seen drivers.RecentNames
	cmd := drivers.Command{Op: drivers.OpZScan, Amount: scanPage}
	for {
		reply, err := at.do(ctx, op, &cmd)
		if err != nil {
			yield("", 0, err)
			return
		}
		for i, text := range reply.Values {
			if !seen.Seen(text) && !yield(text, reply.Floats[i], nil) {
				return
			}
		}
		if !cmd.Continue(reply) {
			return
		}
	}
}

// AllByMember goes through the members in a range page by page, as AllByScore does
// through those with scores in one. See RangeByMember. One round trip a page (ZRANGEBYLEX).
func (f SortedSetFieldOf[T]) AllByMember(ctx context.Context, members MemberRange) iter.Seq2[T, error] {
	return eachOf[T](ctx, f.at, "AllByMember", members.each)
}

// each goes through the members of a sorted set that are in the range.
func (r MemberRange) each(ctx context.Context, at keyRef, op string, yield func(string, error) bool) {
	if err := at.inOrder(op); err != nil {
		yield("", err)
		return
	}
	for {
		texts, err := at.texts(ctx, op, r.over(&drivers.Command{Op: drivers.OpZRangeByLex, Amount: scanPage}))
		if err != nil {
			yield("", err)
			return
		}
		for _, text := range texts {
			if !yield(text, nil) {
				return
			}
			r = r.Above(text)
		}
		if len(texts) < scanPage {
			return
		}
	}
}

// AllByScore goes through the members with scores in a range page by page, from the
// lowest score. Members whose scores stay as they are all the while come exactly once,
// whatever comes, goes and changes besides. A member that is no T comes as ErrCorrupt and
// does not end the loop; any other error does. One round trip a page (ZRANGEBYSCORE).
func (f SortedSetFieldOf[T]) AllByScore(ctx context.Context, scores ScoreRange) iter.Seq2[Scored[T], error] {
	return eachScoredOf[T](ctx, f.at, "AllByScore", scores.each)
}

// each goes through the members of a sorted set with scores in the range.
func (r ScoreRange) each(ctx context.Context, at keyRef, op string, yield func(string, float64, error) bool) {
	page := pager{scores: r}
	for {
		cmd := page.command()
		reply, err := at.do(ctx, op, &cmd)
		if err != nil {
			yield("", 0, err)
			return
		}
		for i := range page.turn(reply) {
			if !yield(reply.Values[i], reply.Floats[i], nil) {
				return
			}
		}
		if page.ended {
			return
		}
	}
}

// pager turns the pages of a range of scores. It knows the member it came to, not its
// place, as that changes. A page begins with that member, or with those before it that
// have the same score; where it begins behind it, members may have been passed over.
type pager struct {
	scores ScoreRange
	last   Scored[string] // the member it came to
	begun  bool
	skip   int // how many members of the last one's score come before it, as far as is known
	ended  bool
}

// command reads the next page.
func (p *pager) command() drivers.Command {
	cmd := drivers.Command{Op: drivers.OpZRangeByScore, Amount: scanPage}
	cmd.SetSkip(int64(p.skip))
	p.scores.over(&cmd)
	return cmd
}

// turn goes through the places in a page of members that were not on a page before.
func (p *pager) turn(page drivers.Reply) iter.Seq[int] {
	return func(yield func(int) bool) {
		size := len(page.Values)
		if p.skip > 0 && (size == 0 || p.before(page, 0)) {
			p.skip /= 2 // those before it have become fewer
			return
		}
		p.ended = size < scanPage
		for i := range size {
			if p.begun && !p.before(page, i) {
				continue
			}
			if !yield(i) {
				return
			}
		}
		if size > 0 {
			p.reach(page, size-1)
		}
	}
}

// before reports whether the member it came to is before one of the page.
func (p *pager) before(page drivers.Reply, i int) bool {
	return cmp.Or(cmp.Compare(p.last.Score, page.Floats[i]), cmp.Compare(p.last.Member, page.Values[i])) < 0
}

// reach makes the end of a page the place where the next one begins.
func (p *pager) reach(page drivers.Reply, end int) {
	last := Scored[string]{page.Values[end], page.Floats[end]}
	if p.begun && last.Score == p.last.Score {
		p.skip += end
	} else {
		p.skip = end - slices.Index(page.Floats, last.Score)
	}
	if !p.begun || p.before(page, end) {
		p.last = last
	}
	p.begun, p.scores = true, p.scores.AtLeast(last.Score)
}
