package spec

import (
	"fmt"
	"math"
	"slices"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

func zrange(start, stop int64) drivers.Command {
	return drivers.Command{Op: drivers.OpZRange, Key: "k", Start: start, Stop: stop}
}

func scoreRange(low, high string) drivers.Command {
	return drivers.Command{Op: drivers.OpZRangeByScore, Key: "k", Extra: &drivers.Extra{Min: low, Max: high}}
}

func scoreCount(low, high string) drivers.Command {
	return drivers.Command{Op: drivers.OpZCount, Key: "k", Extra: &drivers.Extra{Min: low, Max: high}}
}

// zrangeChecks are about places, which count from the end where they are negative.
func zrangeChecks() []check {
	abcd := []string{"a", "b", "c", "d"}
	checks := rows(row{says: "is empty for an absent key", when: zrange(0, -1)})
	for _, r := range []struct {
		start, stop int64
		want        []string
	}{
		{0, -1, abcd}, {0, 3, abcd}, {0, math.MaxInt64, abcd}, {math.MinInt64, math.MaxInt64, abcd}, {-4, -1, abcd}, {-99, 1, abcd[:2]},
		{1, 2, abcd[1:3]}, {-2, -1, abcd[2:]}, {-3, -3, abcd[1:2]}, {3, 3, abcd[3:]},
		{4, 9, nil}, {2, 1, nil}, {0, -5, nil}, {0, math.MinInt64, nil}, {math.MaxInt64, -1, nil}, {-1, -2, nil},
	} {
		reply := drivers.Reply{}
		for _, member := range r.want {
			reply.Values, reply.Floats = append(reply.Values, member), append(reply.Floats, float64(slices.Index(abcd, member)))
		}
		backwardsReply := drivers.Reply{}
		for _, member := range r.want {
			place := 3 - slices.Index(abcd, member)
			backwardsReply.Values, backwardsReply.Floats = append(backwardsReply.Values, abcd[place]), append(backwardsReply.Floats, float64(place))
		}
		all := given(zaddAll("k", abcd...))
		remove := drivers.Command{Op: drivers.OpZRemRangeByRank, Key: "k", Start: r.start, Stop: r.stop}
		left := row{says: fmt.Sprintf("removes the places %d to %d of four: %q", r.start, r.stop, r.want), given: all, when: remove, want: drivers.Reply{Int: int64(len(r.want))}}
		if rest := (slices.DeleteFunc(slices.Clone(abcd), func(member string) bool { return slices.Contains(r.want, member) })); len(rest) == 0 {
			left.then = then{"k": gone}
		} else if len(rest) < 4 {
			var scores []float64
			for _, member := range rest {
				scores = append(scores, float64(slices.Index(abcd, member)))
			}
			left.then = then{"k": scored(rest, scores)}
		}
		checks = append(checks, rows(
			row{says: fmt.Sprintf("has the places %d to %d of four: %q", r.start, r.stop, r.want), given: all, when: zrange(r.start, r.stop), want: reply},
			row{says: fmt.Sprintf("has the places %d to %d from the end", r.start, r.stop), given: all, when: backwards(zrange(r.start, r.stop)), want: backwardsReply},
			left,
		)...)
	}
	return checks
}

// zscoreRangeChecks are about ranges of scores.
func zscoreRangeChecks() []check {
	inf := math.Inf(1)
	members, scores := []string{"low", "a", "b", "c", "d", "high"}, []float64{-inf, -1, 0.5, 0.5, 2, inf}
	all := given(drivers.Command{Op: drivers.OpZAdd, Key: "k", Values: members, Extra: &drivers.Extra{Scores: scores}})
	checks := rows(
		row{says: "is empty for an absent key", when: scoreRange("-inf", "+inf")},
		row{says: "is 0 for an absent key", when: scoreCount("-inf", "+inf")},
	)
	for _, r := range []struct {
		cmd      drivers.Command
		from, to int
	}{
		{scoreRange("-inf", "+inf"), 0, 6}, {scoreRange("-INF", "inf"), 0, 6}, {scoreRange("-infinity", "Infinity"), 0, 6},
		{scoreRange("(-inf", "(+inf"), 1, 5}, {scoreRange("inf", "+inf"), 5, 6}, {scoreRange("(inf", "inf"), 0, 0},
		{scoreRange("-1", "0.5"), 1, 4}, {scoreRange("(-1", "5e-1"), 2, 4}, {scoreRange("-1", "(0.5"), 1, 2}, {scoreRange("(0.5", "2"), 4, 5},
		{scoreRange("+0.5", ".5"), 2, 4}, {scoreRange("(0.5", "(0.5"), 0, 0}, {scoreRange("2", "0.5"), 0, 0}, {scoreRange("3", "9"), 0, 0},
		{limited(scoreRange("-inf", "+inf"), 1, 2), 1, 3}, {limited(scoreRange("-1", "2"), 3, 0), 4, 5}, {limited(scoreRange("-1", "2"), 4, 5), 0, 0},
		{limited(scoreRange("-1", "2"), 1<<40, 1), 0, 0}, {limited(scoreRange("-1", "2"), 0, 1<<40), 1, 5},
	} {
		want := drivers.Reply{Values: members[r.from:r.to], Floats: scores[r.from:r.to]}
		checks = append(checks, rows(row{says: fmt.Sprintf("is %q: %s", want.Values, describe(r.cmd)), given: all, when: r.cmd, want: want})...)
		if r.cmd.Start == 0 && r.cmd.Amount == 0 {
			turned := drivers.Reply{Values: slices.Clone(want.Values), Floats: slices.Clone(want.Floats)}
			slices.Reverse(turned.Values)
			slices.Reverse(turned.Floats)
			checks = append(checks, rows(
				row{says: fmt.Sprintf("backwards, is %q, from Max down to Min (row 36): %s", turned.Values, describe(r.cmd)), given: all, when: backwards(r.cmd), want: turned},
				row{says: "counts what OpZRangeByScore has: " + describe(r.cmd), given: all, when: scoreCount(r.cmd.Min(), r.cmd.Max()), want: drivers.Reply{Int: int64(r.to - r.from)}},
			)...)
		}
	}
	checks = append(checks, rows(row{says: "backwards, passes over the first from the end", given: all, when: limited(backwards(scoreRange("-1", "2")), 1, 2),
		want: drivers.Reply{Values: []string{"c", "b"}, Floats: []float64{0.5, 0.5}}})...)
	mortal := given(zaddFor(hour, "k", "a", "b"))
	for _, end := range []string{"", "(", "a", "nan", "(nan", "[1", "1 ", " 1", "((1", "1x"} {
		for _, op := range []drivers.Op{drivers.OpZRangeByScore, drivers.OpZCount, drivers.OpZRemRangeByScore} {
			says := fmt.Sprintf("is ErrInvalid from or to %q", end)
			checks = append(checks, rows(
				row{says: says, given: mortal, when: drivers.Command{Op: op, Key: "k", Extra: &drivers.Extra{Min: end, Max: "5"}}, err: drivers.ErrInvalid},
				row{says: says, given: mortal, when: drivers.Command{Op: op, Key: "k", Extra: &drivers.Extra{Min: "0", Max: end}}, err: drivers.ErrInvalid},
			)...)
		}
	}
	return append(checks, rows(
		row{says: "is ErrInvalid behind a negative number of others (row 36)", given: mortal, when: limited(scoreRange("0", "9"), -1, 1), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with a negative Amount", given: mortal, when: limited(scoreRange("0", "9"), 0, -1), err: drivers.ErrInvalid},
	)...)
}

func zpopChecks() []check {
	popMin := func(amount int64) drivers.Command {
		return drivers.Command{Op: drivers.OpZPopMin, Key: "k", Amount: amount}
	}
	popMax := func(amount int64) drivers.Command {
		return drivers.Command{Op: drivers.OpZPopMax, Key: "k", Amount: amount}
	}
	abc, mortal := given(zaddAll("k", "a", "b", "c")), given(zaddFor(hour, "k", "a", "b", "c"))
	ties := given(zadd("k", 1, "b"), zadd("k", 1, "a"))
	return rows(
		row{says: "is empty for an absent key", when: popMin(2)},
		row{says: "takes out the lowest", given: abc, when: popMin(2), want: drivers.Reply{Values: []string{"a", "b"}, Floats: []float64{0, 1}}, then: then{"k": scored([]string{"c"}, []float64{2})}},
		row{says: "takes out the first of one score (row 31)", given: ties, when: popMin(1), want: drivers.Reply{Values: []string{"a"}, Floats: []float64{1}}, then: then{"k": scored([]string{"b"}, []float64{1})}},
		row{says: "of 0 takes nothing out (row 37)", given: mortal, when: popMin(0)},
		row{says: "keeps a time to live", given: mortal, when: popMin(1), want: drivers.Reply{Values: []string{"a"}, Floats: []float64{0}},
			then: then{"k": scored([]string{"b", "c"}, []float64{1, 2}).kept()}},
		row{says: "of more than there are removes the key", given: mortal, when: popMin(1 << 40), want: drivers.Reply{Values: []string{"a", "b", "c"}, Floats: []float64{0, 1, 2}}, then: then{"k": gone}},
		row{says: "is ErrInvalid of a negative number", given: abc, when: popMin(-1), err: drivers.ErrInvalid},

		row{says: "is empty for an absent key", when: popMax(2)},
		row{says: "takes out the highest", given: abc, when: popMax(2), want: drivers.Reply{Values: []string{"c", "b"}, Floats: []float64{2, 1}}, then: then{"k": ordered("a")}},
		row{says: "takes out the last of one score (row 31)", given: ties, when: popMax(1), want: drivers.Reply{Values: []string{"b"}, Floats: []float64{1}}, then: then{"k": scored([]string{"a"}, []float64{1})}},
		row{says: "of 0 takes nothing out (row 37)", given: mortal, when: popMax(0)},
		row{says: "of all removes the key", given: mortal, when: popMax(3), want: drivers.Reply{Values: []string{"c", "b", "a"}, Floats: []float64{2, 1, 0}}, then: then{"k": gone}},
		row{says: "is ErrInvalid of a negative number", given: abc, when: popMax(-1), err: drivers.ErrInvalid},
	)
}

// zmpop takes from the first of several sorted sets that is there.
func zmpop(n int64, key string, others ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpZMPop, Key: key, Extra: &drivers.Extra{Keys: others}, Amount: n}
}

func zpopAnyChecks() []check {
	both := given(zaddFor(hour, "k", "a", "b", "c"), zadd("low", 7, "d"))
	popped := func(place int64, members []string, scores ...float64) drivers.Reply {
		return drivers.Reply{Int: place, Values: members, Floats: scores}
	}
	return rows(
		row{says: "answers Nil where all keys are absent", when: zmpop(1, "k", "low"), want: drivers.Reply{Nil: true}},
		row{says: "takes the lowest from the first key, where that is there, alone", given: both, when: zmpop(2, "k", "low"),
			want: popped(0, []string{"a", "b"}, 0, 1), then: then{"k": scored([]string{"c"}, []float64{2}).kept()}},
		row{says: "takes the highest", given: both, when: backwards(zmpop(2, "k", "low")), want: popped(0, []string{"c", "b"}, 2, 1), then: then{"k": scored([]string{"a"}, []float64{0}).kept()}},
		row{says: "takes from the next that is there, and tells its place", given: both, when: zmpop(9, "high", "none", "low", "k"), want: popped(2, []string{"d"}, 7), then: then{"low": gone}},
		row{says: "is ErrWrongType where a string comes before a sorted set", given: given(put("k", "v"), zadd("low", 1, "a")), when: zmpop(1, "high", "k", "low"), err: drivers.ErrWrongType},
		row{says: "looks at none behind the one it takes from", given: given(zadd("low", 1, "a"), put("k", "v")), when: zmpop(1, "high", "low", "k"), want: popped(1, []string{"a"}, 1), then: then{"low": gone}},
		row{says: "is ErrInvalid of no members", given: both, when: zmpop(0, "k", "low"), err: drivers.ErrInvalid},
	)
}

func zremRangeChecks() []check {
	byScore := func(low, high string) drivers.Command {
		return drivers.Command{Op: drivers.OpZRemRangeByScore, Key: "k", Extra: &drivers.Extra{Min: low, Max: high}}
	}
	byLex := func(low, high string) drivers.Command {
		return drivers.Command{Op: drivers.OpZRemRangeByLex, Key: "k", Extra: &drivers.Extra{Min: low, Max: high}}
	}
	mortal := given(zaddFor(hour, "k", "a", "b", "c"))
	same := given(zadd("k", 0, "a"), zadd("k", 0, "b"), zadd("k", 0, "c"))
	return rows(
		row{says: "answers 0 for an absent key", when: drivers.Command{Op: drivers.OpZRemRangeByRank, Key: "k", Stop: -1}},
		row{says: "keeps a time to live", given: mortal, when: drivers.Command{Op: drivers.OpZRemRangeByRank, Key: "k", Start: 1, Stop: -1},
			want: drivers.Reply{Int: 2}, then: then{"k": ordered("a").kept()}},

		row{says: "answers 0 for an absent key", when: byScore("-inf", "+inf")},
		row{says: "removes a range of scores", given: mortal, when: byScore("(0", "1"), want: drivers.Reply{Int: 1}, then: then{"k": scored([]string{"a", "c"}, []float64{0, 2}).kept()}},
		row{says: "of all removes the key (row 21)", given: mortal, when: byScore("-inf", "+inf"), want: drivers.Reply{Int: 3}, then: then{"k": gone}},
		row{says: "of none changes nothing", given: mortal, when: byScore("5", "9")},

		row{says: "answers 0 for an absent key", when: byLex("-", "+")},
		row{says: "removes a range of members", given: same, when: byLex("[a", "(c"), want: drivers.Reply{Int: 2}, then: then{"k": ordered("c")}},
		row{says: "of all removes the key (row 21)", given: same, when: byLex("-", "+"), want: drivers.Reply{Int: 3}, then: then{"k": gone}},
		row{says: "of none changes nothing", given: same, when: byLex("(c", "+")},
		row{says: "is ErrInvalid from or to what is no end", given: same, when: byLex("a", "+"), err: drivers.ErrInvalid},
	)
}

func zscan(cursor, hint int64) drivers.Command {
	return drivers.Command{Op: drivers.OpZScan, Key: "k", Start: cursor, Amount: hint}
}

// zscanChecks are about reading a sorted set in pieces: a member that is there all the
// while comes at least once, whatever becomes of its score.
func zscanChecks() []check {
	checks := rows(
		row{says: "is empty and at its end for an absent key", when: zscan(0, 10)},
		row{says: "comes to members and their scores", given: given(zadd("k", -1.5, "a")), when: zscan(0, 100), want: drivers.Reply{Values: []string{"a"}, Floats: []float64{-1.5}}},
		row{says: "needs no hint", given: given(zadd("k", 0.1, "a")), when: zscan(0, 0), want: drivers.Reply{Values: []string{"a"}, Floats: []float64{0.1}}},
		row{says: "is ErrInvalid with a negative cursor", given: given(zadd("k", 1, "a")), when: zscan(-1, 10), err: drivers.ErrInvalid},
	)
	for _, hint := range []int64{0, 7, 100, 1 << 40} {
		checks = append(checks, about(drivers.OpZScan, fmt.Sprintf("comes to all of a thousand members, hint %d", hint), func(t *trial) {
			t.given(zaddAll("k", manyMembers(1000)...))
			t.Expect(t.scanSorted(hint, func([]string) {})).To(gomega.HaveLen(1000))
		}))
	}
	return append(checks,
		about(drivers.OpZScan, "reads a big sorted set in pieces", func(t *trial) {
			t.given(zaddAll("k", manyMembers(1000)...))
			t.Expect(t.must(zscan(0, 10)).Int).NotTo(gomega.BeZero(), "the cursor after ten of a thousand members")
		}),
		about(drivers.OpZScan, "misses no member that stays while others come and go and its score changes", func(t *trial) {
			t.given(zaddAll("k", manyMembers(500)...))
			round := 0
			seen := t.scanSorted(10, func(piece []string) {
				round++
				t.given(zadd("k", float64(-round), fmt.Sprintf("visitor-%d", round)),
					zadd("k", float64(round*7919%500), fmt.Sprintf("member-%d", round*7919%500)), zadd("k", -1, fmt.Sprintf("member-%d", (round*7919+250)%500)),
					drivers.Command{Op: drivers.OpZRem, Key: "k", Values: []string{fmt.Sprintf("visitor-%d", round-1)}})
			})
			for _, member := range manyMembers(500) {
				t.Expect(seen).To(gomega.HaveKey(member))
			}
		}))
}

// scanSorted reads all of a sorted set and calls between after every piece.
func (t *trial) scanSorted(hint int64, between func(piece []string)) map[string]bool {
	seen := map[string]bool{}
	scan := zscan(0, hint)
	for range 20_000 {
		reply := t.must(scan)
		t.Expect(reply.Floats).To(gomega.HaveLen(len(reply.Values)))
		for _, member := range reply.Values {
			seen[member] = true
		}
		between(reply.Values)
		if !scan.Continue(reply) {
			return seen
		}
	}
	t.Expect(scan.Start).To(gomega.BeZero(), "the scan does not end")
	return seen
}
