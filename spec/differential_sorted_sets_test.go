package spec_test

import (
	"math"
	"slices"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
)

// Members of sorted sets that are read by members have one score, as Redis does not say
// what it does with others.
var (
	scoreKeys = []string{"d:z", "d:y", "z"}
	lexKeys   = []string{"d:lex", "lex"}
)

var scores = []float64{
	math.Inf(-1), -1e300, -2, -1.5, -1, math.Copysign(0, -1), 0, 0, 5e-324, 0.1, 0.2, 0.5, 1, 1, 2, 3, 1e17, 1e17 + 16, math.MaxFloat64, math.Inf(1),
}

var randomSortedSets = random{
	keys: slices.Concat(scoreKeys, lexKeys),
	ops: map[drivers.Op]int{
		drivers.OpZAdd: 16, drivers.OpZReplace: 3, drivers.OpZIncrBy: 6, drivers.OpZRem: 4, drivers.OpZScore: 3, drivers.OpZMScore: 3, drivers.OpZRank: 4,
		drivers.OpZCard: 2, drivers.OpZCount: 4, drivers.OpZLexCount: 2, drivers.OpZRange: 4, drivers.OpZRangeByScore: 6, drivers.OpZRangeByLex: 4,
		drivers.OpZScan: 3, drivers.OpZPopMin: 2, drivers.OpZPopMax: 2, drivers.OpZMPop: 2, drivers.OpZRemRangeByRank: 1, drivers.OpZRemRangeByScore: 1, drivers.OpZRemRangeByLex: 1,
		drivers.OpZUnion: 4, drivers.OpZInter: 4, drivers.OpZDiff: 3, drivers.OpZUnionStore: 3, drivers.OpZInterStore: 3, drivers.OpZDiffStore: 3,
	},
	arguments: func(g generator, cmd *drivers.Command) {
		switch cmd.Op {
		case drivers.OpZAdd, drivers.OpZReplace:
			cmd.Values = g.members()
			for range cmd.Values {
				cmd.OwnExtra().Scores = append(cmd.Scores(), g.score(cmd.Key))
			}
			if g.oneIn(100) {
				cmd.OwnExtra().Scores = append(cmd.Scores(), 1)
			}
			cmd.If, cmd.Amount, cmd.Expiry = g.scoreCondition(), pick[int64](g, 0, 0, 1), g.rareExpiry()
		case drivers.OpZIncrBy:
			cmd.Value, cmd.OwnExtra().Scores, cmd.If, cmd.Expiry = pick(g, members...), []float64{g.score(cmd.Key)}, g.scoreCondition(), g.rareExpiry()
			if slices.Contains(geoKeys, cmd.Key) { // two positions make no third
				cmd.Scores()[0] = 0
			}
		case drivers.OpZRem, drivers.OpZMScore:
			cmd.Values = g.members()
		case drivers.OpZScore, drivers.OpZRank:
			cmd.Value, cmd.Reverse = pick(g, members...), g.oneIn(2)
			if g.oneIn(10) {
				cmd.Value = pick(g, indexValues...) + strings.TrimPrefix(pick(g, keys...), "d:")
			}
		case drivers.OpZScan:
			cmd.Amount = 1000
		case drivers.OpZPopMin, drivers.OpZPopMax:
			cmd.Amount = pick[int64](g, 0, 1, 1, 1, 2, 3, 100, 1<<40, -1)
		case drivers.OpZMPop:
			cmd.OwnExtra().Keys, cmd.Reverse, cmd.Amount = g.keys(g.rng.IntN(3), scoreKeys), g.oneIn(2), pick[int64](g, 0, 1, 1, 1, 2, 3, 100, 1<<40, -1)
		default:
			g.sortedSetRange(cmd)
		}
	},
	state: []drivers.Command{
		{Op: drivers.OpZRange, Stop: -1}, {Op: drivers.OpZCard}, {Op: drivers.OpZScan, Amount: 1000},
		{Op: drivers.OpZRangeByLex, Extra: &drivers.Extra{Min: "-", Max: "+"}}, {Op: drivers.OpZLexCount, Extra: &drivers.Extra{Min: "-", Max: "+"}},
	},
}

// sortedSetRange draws what Ops on ranges and on several sorted sets read.
func (g generator) sortedSetRange(cmd *drivers.Command) {
	switch cmd.Op {
	case drivers.OpZRange, drivers.OpZRemRangeByRank:
		places := []int64{0, 0, 1, 2, 3, -1, -1, -2, -3, 100, -100, math.MaxInt64, math.MinInt64}
		cmd.Start, cmd.Stop, cmd.Reverse = pick(g, places...), pick(g, places...), g.oneIn(2)
	case drivers.OpZCount, drivers.OpZRangeByScore, drivers.OpZRemRangeByScore:
		extra := cmd.OwnExtra()
		extra.Min, extra.Max = g.scoreEnd("-inf"), g.scoreEnd("+inf")
		g.scoredPage(cmd)
	case drivers.OpZLexCount, drivers.OpZRangeByLex, drivers.OpZRemRangeByLex:
		if !slices.Contains(slices.Concat(lexKeys, registries, indexKeys), cmd.Key) {
			cmd.Key = pick(g, lexKeys...)
		}
		extra := cmd.OwnExtra()
		extra.Min, extra.Max = g.end("-"), g.end("+")
		if slices.Contains(lexKeys, cmd.Key) && cmd.Min() > "(" && cmd.Max() > "(" && g.oneIn(2) {
			extra := cmd.OwnExtra()
			extra.Min, extra.Max = pick(g, "-", "[", "(")+pick(g, members...), pick(g, "+", "[", "(")+pick(g, members...)
		}
		g.scoredPage(cmd)
	default:
		g.sortedSetSources(cmd)
	}
}

func (g generator) scoredPage(cmd *drivers.Command) {
	cmd.Start, cmd.Amount, cmd.Reverse = pick[int64](g, 0, 0, 1, 2, 5, 1<<40), pick[int64](g, 0, 0, 1, 2, 3, 1<<40), g.oneIn(2)
	if g.oneIn(100) {
		cmd.Start, cmd.Amount = pick[int64](g, -1, 0), -1
	}
}

func (g generator) sortedSetSources(cmd *drivers.Command) {
	cmd.OwnExtra().Keys, cmd.Expiry = g.keys(1+g.rng.IntN(3), slices.Concat(scoreKeys, lexKeys, setKeys)), g.rareExpiry()
	sources := len(cmd.Keys())
	if cmd.Op.Effect() == drivers.Reads {
		sources++
	} else if !slices.Contains(scoreKeys, cmd.Key) {
		cmd.Key = pick(g, scoreKeys...)
	}
	if g.oneIn(2) {
		if g.oneIn(50) {
			sources++
		}
		for range sources {
			cmd.OwnExtra().Scores = append(cmd.Scores(), g.score(""))
		}
	}
	cmd.Value = pick(g, "", "SUM", "MIN", "MAX")
	if g.oneIn(100) {
		cmd.Value = "sum of all"
	}
}

// score draws one that members of a key may have.
func (g generator) score(key string) float64 {
	switch {
	case slices.Contains(lexKeys, key):
		return 0
	case slices.Contains(geoKeys, key):
		return g.geoPoint().Score()
	case g.oneIn(200):
		return math.NaN()
	case g.oneIn(5):
		return g.rng.NormFloat64()
	}
	return pick(g, scores...)
}

func (g generator) scoreEnd(mostly string) string {
	switch {
	case g.oneIn(50):
		return pick(g, "", "(", "nan", "one", "[1", "1 ", "0x", "1e", "--1", "(inf ")
	case g.oneIn(3):
		return mostly
	}
	end := pick(g, "-inf", "inf", "+Infinity", "-1", "-1.5", "0", "-0", "0.1", "1e0", ".5", "2.", "+3", "0x1p1", "1e17", "100000000000000016", "1e300", "5e-324", "1e-400", "1e400")
	return pick(g, "", "(") + end
}

func (g generator) scoreCondition() drivers.Condition {
	if g.oneIn(3) {
		return pick(g, drivers.IfGreater, drivers.IfLess)
	}
	return g.condition()
}
