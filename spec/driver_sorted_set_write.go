package spec

import (
	"math"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

func zif(cond drivers.Condition, cmd drivers.Command) drivers.Command { cmd.If = cond; return cmd }

// changes asks a ZADD to count members that changed, too.
func changes(cmd drivers.Command) drivers.Command { cmd.Amount = 1; return cmd }

func zaddChecks() []check {
	one, none := drivers.Reply{Int: 1}, drivers.Reply{}
	at := func(scores ...float64) content { return scored([]string{"a", "b"}[:len(scores)], scores) }
	ab := given(zaddAll("k", "a", "b"))
	many := func(pairs ...any) drivers.Command {
		cmd := drivers.Command{Op: drivers.OpZAdd, Key: "k"}
		for i := 0; i < len(pairs); i += 2 {
			cmd.Values, cmd.OwnExtra().Scores = append(cmd.Values, pairs[i].(string)), append(cmd.Scores(), pairs[i+1].(float64))
		}
		return cmd
	}
	inf := math.Inf(1)
	return append(rows(
		row{says: "makes a sorted set", when: many("b", 2.0, "a", 1.5), want: drivers.Reply{Int: 2}, then: then{"k": at(1.5, 2)}},
		row{says: "counts members that are new", given: ab, when: many("b", 5.0, "c", 7.0), want: one, then: then{"k": scored([]string{"a", "b", "c"}, []float64{0, 5, 7})}},
		row{says: "gives a member that comes twice the last score", when: many("a", 1.0, "a", 2.0), want: one, then: then{"k": at(2)}},
		row{says: "moves a member to its new place", given: ab, when: zadd("k", 9, "a"), want: none, then: then{"k": scored([]string{"b", "a"}, []float64{1, 9})}},
		row{says: "sorts members of one score by their bytes (row 31)", when: many("b", 1.0, "\xff", 1.0, "B", 1.0, "", 1.0, "ba", 1.0), want: drivers.Reply{Int: 5},
			then: then{"k": scored([]string{"", "B", "b", "ba", "\xff"}, []float64{1, 1, 1, 1, 1})}},
		row{says: "takes infinities", when: many("low", -inf, "high", inf), want: drivers.Reply{Int: 2}, then: then{"k": scored([]string{"low", "high"}, []float64{-inf, inf})}},
		row{says: "loses no bit of a score", when: many("a", 0.1, "b", math.MaxFloat64), want: drivers.Reply{Int: 2}, then: then{"k": at(0.1, math.MaxFloat64)}},
		row{says: "takes -0 for 0 (row 35)", given: ab, when: changes(zadd("k", math.Copysign(0, -1), "a")), want: none},
		row{says: "of what is there changes nothing", given: given(zaddFor(hour, "k", "a", "b")), when: zaddAll("k", "a", "b"), want: none},
		row{says: "keeps a time to live", given: given(zaddFor(hour, "k", "a")), when: zadd("k", 1, "b"), want: one, then: then{"k": at(0, 1).kept()}},
		row{says: "with Amount 1 counts what changed, each time (row 33)", given: given(zadd("k", 5, "d")), when: changes(many("d", 1.0, "d", 2.0, "d", 1.0)),
			want: drivers.Reply{Int: 3}, then: then{"k": scored([]string{"d"}, []float64{1})}},
		row{says: "with Amount 1 counts new members and changed ones", given: ab, when: changes(many("a", 0.0, "b", 3.0, "c", 4.0)),
			want: drivers.Reply{Int: 2}, then: then{"k": scored([]string{"a", "b", "c"}, []float64{0, 3, 4})}},

		row{says: "IfAbsent adds only new members", given: ab, when: zif(drivers.IfAbsent, many("a", 9.0, "c", 9.0)), want: one,
			then: then{"k": scored([]string{"a", "b", "c"}, []float64{0, 1, 9})}},
		row{says: "IfExists changes only members that are there", given: ab, when: changes(zif(drivers.IfExists, many("a", 0.5, "c", 9.0))), want: one, then: then{"k": at(0.5, 1)}},
		row{says: "IfExists makes no sorted set", when: zif(drivers.IfExists, zadd("k", 1, "a")), want: none},
		row{says: "IfGreater raises scores only", given: ab, when: changes(zif(drivers.IfGreater, many("a", 0.5, "b", 0.5))), want: one, then: then{"k": at(0.5, 1)}},
		row{says: "IfGreater adds new members (row 34)", given: ab, when: zif(drivers.IfGreater, zadd("k", -7, "c")), want: one,
			then: then{"k": scored([]string{"c", "a", "b"}, []float64{-7, 0, 1})}},
		row{says: "IfLess lowers scores only", given: ab, when: changes(zif(drivers.IfLess, many("a", 0.5, "b", 0.5))), want: one, then: then{"k": at(0, 0.5)}},
		row{says: "IfLess adds new members (row 34)", given: ab, when: zif(drivers.IfLess, zadd("k", 7, "c")), want: one,
			then: then{"k": scored([]string{"a", "b", "c"}, []float64{0, 1, 7})}},
		row{says: "refused by If starts a time to live all the same, where there is none", given: ab, when: func() drivers.Command {
			cmd := zif(drivers.IfAbsent, zadd("k", 9, "a"))
			cmd.Expiry = in(hour)
			return cmd
		}(), want: none, then: then{"k": at(0, 1).lasting(hour)}},

		row{says: "is ErrInvalid without members", given: ab, when: many(), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with NaN (row 32)", given: ab, when: many("a", 5.0, "b", math.NaN()), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with fewer scores than members", given: ab, when: drivers.Command{Op: drivers.OpZAdd, Key: "k", Values: []string{"a", "b"}, Extra: &drivers.Extra{Scores: []float64{9}}}, err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with more scores than members", given: ab, when: drivers.Command{Op: drivers.OpZAdd, Key: "k", Values: []string{"a"}, Extra: &drivers.Extra{Scores: []float64{9, 9}}}, err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with another Amount than 0 and 1", given: ab, when: drivers.Command{Op: drivers.OpZAdd, Key: "k", Values: []string{"a"}, Extra: &drivers.Extra{Scores: []float64{9}}, Amount: 2}, err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with an unknown If", given: ab, when: zif(drivers.IfLess+1, zadd("k", 9, "a")), err: drivers.ErrInvalid},
	), about(drivers.OpZAdd, "takes thousands of members at once, with a time to live", func(t *trial) {
		members := manyMembers(7001)
		t.replies(t.must(zaddFor(hour, "k", members...)), drivers.Reply{Int: 7001})
		t.replies(t.must(zaddFor(hour, "k", members...)), drivers.Reply{Int: 0})
		t.Expect(t.must(drivers.Command{Op: drivers.OpZRange, Key: "k", Start: 6999, Stop: -1}).Values).To(gomega.HaveExactElements(members[6999:]))
	}), about(drivers.OpZAdd, "has 0 for -0, be the sorted set small or large", func(t *trial) {
		zero := math.Copysign(0, -1)
		for _, others := range [][]string{{"a", "b"}, manyMembers(200)} {
			t.given(command(drivers.OpDelete), zaddAll("k", others...), zadd("k", zero, "z"))
			incremented := drivers.Command{Op: drivers.OpZIncrBy, Key: "k", Value: "y", Extra: &drivers.Extra{Scores: []float64{zero}}}
			t.replies(t.must(incremented), drivers.Reply{})
			t.replies(t.must(drivers.Command{Op: drivers.OpZScore, Key: "k", Value: "z"}), drivers.Reply{})
			t.replies(t.must(drivers.Command{Op: drivers.OpZMScore, Key: "k", Values: []string{"y", "z"}}), drivers.Reply{Floats: []float64{0, 0}})
			zeros := make([]float64, len(others)+2)
			for _, op := range []drivers.Op{drivers.OpZUnion, drivers.OpZInter} {
				t.Expect(plain(t.must(drivers.Command{Op: op, Key: "k", Extra: &drivers.Extra{Keys: []string{"k"}, Scores: []float64{zero, zero}}})).Floats).To(gomega.Equal(zeros))
			}
			t.given(drivers.Command{Op: drivers.OpZUnionStore, Key: "u", Extra: &drivers.Extra{Keys: []string{"k"}, Scores: []float64{zero}}})
			for _, cmd := range []drivers.Command{{Op: drivers.OpZRange, Stop: -1}, {Op: drivers.OpZRangeByScore, Extra: &drivers.Extra{Min: "0", Max: "-0"}}, {Op: drivers.OpZScan, Amount: 1000}, {Op: drivers.OpZPopMin, Amount: 1000}} {
				cmd.Key = "u"
				t.Expect(plain(t.must(cmd)).Floats).To(gomega.Equal(zeros), describe(cmd))
			}
		}
	}))
}

func zreplaceChecks() []check {
	replaceBy := func(cond drivers.Condition, e drivers.Expiry, members ...string) drivers.Command {
		return drivers.Command{Op: drivers.OpZReplace, Key: "k", Values: members, Extra: &drivers.Extra{Scores: ascending(len(members))}, If: cond, Expiry: e}
	}
	plain, two, refused := drivers.Expiry{}, drivers.Reply{Int: 2}, drivers.Reply{Nil: true}
	old, mortal := given(zaddAll("k", "a", "b")), given(zaddFor(hour, "k", "a", "b"))
	xy := scored([]string{"x", "y"}, []float64{0, 1})
	return append(rows(
		row{says: "makes a sorted set and answers its size", when: replaceBy(drivers.Always, plain, "x", "y"), want: two, then: then{"k": xy}},
		row{says: "leaves nothing of the old one", given: old, when: replaceBy(drivers.Always, plain, "b", "c"), want: two, then: then{"k": scored([]string{"b", "c"}, []float64{0, 1})}},
		row{says: "gives a member that comes twice the last score", when: replaceBy(drivers.Always, plain, "x", "y", "x"), want: two,
			then: then{"k": scored([]string{"y", "x"}, []float64{1, 2})}},
		row{says: "keeps a time to live unless told otherwise", given: mortal, when: replaceBy(drivers.Always, plain, "x", "y"), want: two, then: then{"k": xy.kept()}},
		row{says: "ends a time to live with ClearTTL", given: mortal, when: replaceBy(drivers.Always, endless, "x", "y"), want: two, then: then{"k": xy}},
		row{says: "replaces a time to live", given: mortal, when: replaceBy(drivers.Always, in(2*hour), "x", "y"), want: two, then: then{"k": xy.lasting(2 * hour)}},
		row{says: "at a past moment removes the key", given: mortal, when: replaceBy(drivers.Always, at(longAgo), "x", "y"), want: two, then: then{"k": gone}},
		row{says: "without members removes the key", given: mortal, when: replaceBy(drivers.Always, plain), then: then{"k": gone}},
		row{says: "without members leaves an absent key absent", when: replaceBy(drivers.Always, in(hour))},
		row{says: "IfAbsent makes a sorted set", when: replaceBy(drivers.IfAbsent, plain, "x", "y"), want: two, then: then{"k": xy}},
		row{says: "IfAbsent refuses one that is there", given: mortal, when: replaceBy(drivers.IfAbsent, in(2*hour), "x"), want: refused},
		row{says: "IfExists replaces one that is there", given: old, when: replaceBy(drivers.IfExists, plain, "x", "y"), want: two, then: then{"k": xy}},
		row{says: "IfExists refuses an absent key", when: replaceBy(drivers.IfExists, plain, "x"), want: refused},
		row{says: "is ErrInvalid IfGreater, which is for single members", given: old, when: replaceBy(drivers.IfGreater, plain, "x"), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with NaN", given: old, when: drivers.Command{Op: drivers.OpZReplace, Key: "k", Values: []string{"a"}, Extra: &drivers.Extra{Scores: []float64{math.NaN()}}}, err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with fewer scores than members", given: old, when: drivers.Command{Op: drivers.OpZReplace, Key: "k", Values: []string{"a"}}, err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with ExpireIn 0", given: old, when: replaceBy(drivers.Always, drivers.Expiry{Mode: drivers.ExpireIn}, "x"), err: drivers.ErrInvalid},
	), about(drivers.OpZReplace, "puts thousands of members in", func(t *trial) {
		t.given(old...)
		members := manyMembers(7001)
		t.replies(t.must(replaceBy(drivers.Always, plain, members...)), drivers.Reply{Int: 7001})
		t.Expect(t.must(drivers.Command{Op: drivers.OpZRange, Key: "k", Start: 6999, Stop: -1}).Values).To(gomega.HaveExactElements(members[6999:]))
	}))
}

func zincrByChecks() []check {
	by := func(amount float64, cond drivers.Condition) drivers.Command {
		return drivers.Command{Op: drivers.OpZIncrBy, Key: "k", Value: "a", Extra: &drivers.Extra{Scores: []float64{amount}}, If: cond}
	}
	a := func(score float64) content { return scored([]string{"a"}, []float64{score}) }
	float := func(score float64) drivers.Reply { return drivers.Reply{Float: score} }
	refused, inf := drivers.Reply{Nil: true}, math.Inf(1)
	five := given(zadd("k", 5, "a"))
	mortal := zaddFor(hour, "k", "a")
	expiring := by(1, drivers.Always)
	expiring.Expiry = in(hour)
	return rows(
		row{says: "adds to a score", given: five, when: by(2.5, drivers.Always), want: float(7.5), then: then{"k": a(7.5)}},
		row{says: "adds a new member", when: by(-2, drivers.Always), want: float(-2), then: then{"k": a(-2)}},
		row{says: "by 0 makes a member, too", when: by(0, drivers.Always), want: float(0), then: then{"k": a(0)}},
		row{says: "adds as 64-bit floats are added", given: given(zadd("k", 0.1, "a")), when: by(0.2, drivers.Always), want: float(0.30000000000000004), then: then{"k": a(0.30000000000000004)}},
		row{says: "keeps a time to live", given: given(mortal), when: by(1, drivers.Always), want: float(1), then: then{"k": a(1).kept()}},
		row{says: "starts a time to live", given: five, when: expiring, want: float(6), then: then{"k": a(6).lasting(hour)}},
		row{says: "IfAbsent is Nil for a member (row 34)", given: five, when: by(1, drivers.IfAbsent), want: refused},
		row{says: "IfAbsent adds a member", when: by(1, drivers.IfAbsent), want: float(1), then: then{"k": a(1)}},
		row{says: "IfExists is Nil for an absent member (row 34)", given: given(zadd("k", 1, "b")), when: by(1, drivers.IfExists), want: refused},
		row{says: "IfExists makes no sorted set", when: by(1, drivers.IfExists), want: refused},
		row{says: "IfGreater is Nil for what lowers (row 34)", given: five, when: by(-1, drivers.IfGreater), want: refused},
		row{says: "IfGreater is Nil for what changes nothing (row 34)", given: five, when: by(0, drivers.IfGreater), want: refused},
		row{says: "IfGreater adds a new member (row 34)", when: by(-1, drivers.IfGreater), want: float(-1), then: then{"k": a(-1)}},
		row{says: "IfLess lowers", given: five, when: by(-1, drivers.IfLess), want: float(4), then: then{"k": a(4)}},
		row{says: "reaches infinity", given: given(zadd("k", math.MaxFloat64, "a")), when: by(math.MaxFloat64, drivers.Always), want: float(inf), then: then{"k": a(inf)}},
		row{says: "is ErrInvalid for infinity less infinity (row 32)", given: given(zadd("k", inf, "a")), when: by(-inf, drivers.Always), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid for infinity less infinity, IfExists, too (row 32)", given: given(zadd("k", inf, "a")), when: by(-inf, drivers.IfExists), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid by NaN (row 32)", given: five, when: by(math.NaN(), drivers.Always), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid without an increment", given: five, when: drivers.Command{Op: drivers.OpZIncrBy, Key: "k", Value: "a"}, err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with an unknown If", given: five, when: by(1, 99), err: drivers.ErrInvalid},
	)
}

func zremChecks() []check {
	remove := func(members ...string) drivers.Command {
		return drivers.Command{Op: drivers.OpZRem, Key: "k", Values: members}
	}
	return rows(
		row{says: "answers 0 for an absent key", when: remove("a")},
		row{says: "removes members and counts those that were there", given: given(zaddAll("k", "a", "b", "c")), when: remove("a", "c", "x", "a"),
			want: drivers.Reply{Int: 2}, then: then{"k": scored([]string{"b"}, []float64{1})}},
		row{says: "keeps a time to live", given: given(zaddFor(hour, "k", "a", "b")), when: remove("b"), want: drivers.Reply{Int: 1}, then: then{"k": ordered("a").kept()}},
		row{says: "of the last member removes the key (row 21)", given: given(zaddFor(hour, "k", "a", "b")), when: remove("a", "b"), want: drivers.Reply{Int: 2}, then: then{"k": gone}},
		row{says: "is ErrInvalid without members", given: given(zaddAll("k", "a")), when: remove(), err: drivers.ErrInvalid},
	)
}

func zscoreChecks() []check {
	abcd := given(enter("c", "a", "d", "b"))
	mscore := func(members ...string) drivers.Command {
		return drivers.Command{Op: drivers.OpZMScore, Key: "k", Values: members}
	}
	rank := func(member string, reverse bool) drivers.Command {
		return drivers.Command{Op: drivers.OpZRank, Key: "k", Value: member, Reverse: reverse}
	}
	abc, absent, nan := given(zaddAll("k", "a", "b", "c")), drivers.Reply{Nil: true}, math.NaN()
	return rows(
		row{says: "is Nil for an absent key", when: zscore("a"), want: absent},
		row{says: "is Nil for what is no member", given: abcd, when: zscore("x"), want: absent},
		row{says: "is the score of a member", given: abcd, when: zscore("a"), want: drivers.Reply{Float: 0}},

		row{says: "is NaN for each member of an absent key", when: mscore("a", "b"), want: drivers.Reply{Floats: []float64{nan, nan}}},
		row{says: "has the scores in the order of the members", given: abc, when: mscore("c", "x", "a", "c"), want: drivers.Reply{Floats: []float64{2, nan, 0, 2}}},
		row{says: "is ErrInvalid without members", given: abc, when: mscore(), err: drivers.ErrInvalid},

		row{says: "is Nil for an absent key", when: rank("a", false), want: absent},
		row{says: "is Nil for what is no member", given: abc, when: rank("x", false), want: absent},
		row{says: "is how many come before", given: abc, when: rank("b", false), want: drivers.Reply{Int: 1}},
		row{says: "backwards, is how many come after", given: abc, when: rank("a", true), want: drivers.Reply{Int: 2}},
		row{says: "goes by the bytes among members of one score (row 31)", given: given(zadd("k", 1, "b"), zadd("k", 1, "a"), zadd("k", 1, "c")), when: rank("c", false), want: drivers.Reply{Int: 2}},

		row{says: "is 0 for an absent key", when: command(drivers.OpZCard)},
		row{says: "counts the members", given: abc, when: command(drivers.OpZCard), want: drivers.Reply{Int: 3}},
	)
}
