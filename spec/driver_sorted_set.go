package spec

import (
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// enter is a write that makes a sorted set of members, all of score 0.
func enter(members ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpZAdd, Key: "k:z", Values: members, Extra: &drivers.Extra{Scores: make([]float64, len(members))}}
}

func zscore(member string) drivers.Command {
	return drivers.Command{Op: drivers.OpZScore, Key: "k:z", Value: member}
}

func zadd(key string, score float64, member string) drivers.Command {
	return drivers.Command{Op: drivers.OpZAdd, Key: key, Values: []string{member}, Extra: &drivers.Extra{Scores: []float64{score}}}
}

// zaddAll gives members the scores 0, 1, 2 and so on.
func zaddAll(key string, members ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpZAdd, Key: key, Values: members, Extra: &drivers.Extra{Scores: ascending(len(members))}}
}

func ascending(n int) []float64 {
	scores := make([]float64, n)
	for i := range scores {
		scores[i] = float64(i)
	}
	return scores
}

func zaddFor(d time.Duration, key string, members ...string) drivers.Command {
	cmd := zaddAll(key, members...)
	cmd.Expiry = in(d)
	return cmd
}

func sortedSetFamily() family {
	// Those that take sets, too, or whatever is there.
	anySource, anyTarget := kind{"", sortedSetKind.made}, kind{"", sortedSetKind.made}
	return family{
		kind: sortedSetKind, all: drivers.Command{Op: drivers.OpZRange, Key: "k", Stop: -1}, size: command(drivers.OpZCard),
		content: func(reply drivers.Reply) (string, int) {
			return scored(reply.Values, reply.Floats).value, len(reply.Values)
		},
		checks:  sortedSetChecks,
		writers: sortedSetWriters(),
		examples: []example{
			{drivers.Command{Op: drivers.OpZAdd, Key: "k", Values: []string{"new", "a"}, Extra: &drivers.Extra{Scores: []float64{2, 1}}}, sortedSetKind, "Values Scores If Amount Expiry"},
			{drivers.Command{Op: drivers.OpZReplace, Key: "k", Values: []string{"new", "a"}, Extra: &drivers.Extra{Scores: []float64{2, 1}}}, sortedSetKind, "Values Scores If Expiry"},
			{drivers.Command{Op: drivers.OpZIncrBy, Key: "k", Value: "old", Extra: &drivers.Extra{Scores: []float64{2}}}, sortedSetKind, "Value Scores If Expiry"},
			{drivers.Command{Op: drivers.OpZRem, Key: "k", Values: []string{"old"}}, sortedSetKind, "Values"},
			{onK(zscore("old")), sortedSetKind, "Value"},
			{drivers.Command{Op: drivers.OpZMScore, Key: "k", Values: []string{"old", "new"}}, sortedSetKind, "Values"},
			{drivers.Command{Op: drivers.OpZRank, Key: "k", Value: "old"}, sortedSetKind, "Value Reverse"},
			{command(drivers.OpZCard), sortedSetKind, ""},
			{drivers.Command{Op: drivers.OpZCount, Key: "k", Extra: &drivers.Extra{Min: "1", Max: "(5"}}, sortedSetKind, "Min Max"},
			{onK(lexCount("-", "+")), sortedSetKind, "Min Max"},
			{drivers.Command{Op: drivers.OpZRange, Key: "k", Stop: -1}, sortedSetKind, "Start Stop Reverse"},
			{drivers.Command{Op: drivers.OpZRangeByScore, Key: "k", Extra: &drivers.Extra{Min: "-inf", Max: "5"}}, sortedSetKind, "Min Max Start Amount Reverse"},
			{onK(lexRange("[a", "(p")), sortedSetKind, "Min Max Start Amount Reverse"},
			{zscan(0, 10), sortedSetKind, "Start Amount"},
			{drivers.Command{Op: drivers.OpZPopMin, Key: "k", Amount: 1}, sortedSetKind, "Amount"},
			{drivers.Command{Op: drivers.OpZPopMax, Key: "k", Amount: 1}, sortedSetKind, "Amount"},
			{zmpop(1, "k", "other"), sortedSetKind, "Keys Reverse Amount"},
			{drivers.Command{Op: drivers.OpZRemRangeByRank, Key: "k", Stop: -1}, sortedSetKind, "Start Stop"},
			{drivers.Command{Op: drivers.OpZRemRangeByScore, Key: "k", Extra: &drivers.Extra{Min: "1", Max: "5"}}, sortedSetKind, "Min Max"},
			{drivers.Command{Op: drivers.OpZRemRangeByLex, Key: "k", Extra: &drivers.Extra{Min: "[a", Max: "(p"}}, sortedSetKind, "Min Max"},
			{combining(drivers.OpZUnion), anySource, "Keys Scores Value"},
			{combining(drivers.OpZInter), anySource, "Keys Scores Value"},
			{combining(drivers.OpZDiff), anySource, "Keys"},
			{combining(drivers.OpZUnionStore), anyTarget, "Keys Scores Value Expiry"},
			{combining(drivers.OpZInterStore), anyTarget, "Keys Scores Value Expiry"},
			{combining(drivers.OpZDiffStore), anyTarget, "Keys Expiry"},
		},
	}
}

func sortedSetWriters() []writer {
	one := drivers.Reply{Int: 1}
	replacing := drivers.Command{Op: drivers.OpZReplace, Key: "k", Values: []string{"new"}, Extra: &drivers.Extra{Scores: []float64{0}}}
	adding := drivers.Command{Op: drivers.OpZIncrBy, Key: "k", Value: "old", Extra: &drivers.Extra{Scores: []float64{2}}}
	return []writer{
		{cmd: zadd("k", 0, "new"), existing: zadd("k", 0, "old"), want: one, changed: ordered("new", "old"), absent: true, made: ordered("new"), reply: one},
		{cmd: replacing, replaces: true, existing: zadd("k", 0, "old"), want: one, changed: ordered("new"), absent: true, made: ordered("new"), reply: one},
		{cmd: adding, existing: zadd("k", 1, "old"), want: drivers.Reply{Float: 3}, changed: scored([]string{"old"}, []float64{3}),
			absent: true, made: scored([]string{"old"}, []float64{2}), reply: drivers.Reply{Float: 2}},
	}
}

func sortedSetChecks(h Harness) []check {
	return slicesOf(
		zaddChecks(), zreplaceChecks(), zincrByChecks(), zremChecks(), zscoreChecks(),
		zrangeChecks(), zscoreRangeChecks(), lexChecks(), zpopChecks(), zpopAnyChecks(), zremRangeChecks(), zscanChecks(),
		zcombineChecks(), zstoreChecks(),
	)
}
