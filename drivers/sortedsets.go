package drivers

import (
	"math"

	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// sortedSetOps are the Ops on sorted sets.
var sortedSetOps = family{
	{OpZAdd, operation{name: "ZADD", effect: Writes, keeps: true, checks: checks{checkScoreCondition, checkScores, checkChanged, checkExpiry}, reach: ReachScores, elements: valuesOf}},
	{OpZReplace, operation{name: "ZREPLACE", effect: Writes, checks: checks{checkCondition, checkScoresOf, checkExpiry}, reach: ReachSize}},
	{OpZIncrBy, operation{name: "ZINCRBY", effect: Writes, keeps: true, checks: checks{checkScoreCondition, checkIncrement, checkExpiry}, reach: ReachScores, elements: valueOf}},
	{OpZRem, operation{name: "ZREM", effect: Writes, checks: checks{checkValues}, reach: ReachScores, elements: valuesOf}},
	{OpZScore, operation{name: "ZSCORE", reach: ReachScores, elements: valueOf}},
	{OpZMScore, operation{name: "ZMSCORE", checks: checks{checkValues}, reach: ReachScores, elements: valuesOf}},
	{OpZRank, operation{name: "ZRANK"}},
	{OpZCard, operation{name: "ZCARD", reach: ReachSize}},
	{OpZCount, operation{name: "ZCOUNT", checks: checks{checkScoreRange}}},
	{OpZLexCount, operation{name: "ZLEXCOUNT", checks: checks{checkLex}}},
	{OpZRange, operation{name: "ZRANGE"}},
	{OpZRangeByScore, operation{name: "ZRANGEBYSCORE", checks: checks{checkScoreRange, checkPage}}},
	{OpZRangeByLex, operation{name: "ZRANGEBYLEX", checks: checks{checkLex, checkPage}}},
	{OpZScan, operation{name: "ZSCAN", checks: checks{checkCursor}, unordered: true, paged: true}},
	{OpZPopMin, operation{name: "ZPOPMIN", effect: Writes, checks: checks{checkCount}, wait: checkTaken, waited: hasValues}},
	{OpZPopMax, operation{name: "ZPOPMAX", effect: Writes, checks: checks{checkCount}, wait: checkTaken, waited: hasValues}},
	{OpZMPop, operation{name: "ZMPOP", effect: Writes, checks: checks{checkTaken}, wait: anyWait, waited: notNil, anyKey: true, copied: true}},
	{OpZRemRangeByRank, operation{name: "ZREMRANGEBYRANK", effect: Writes}},
	{OpZRemRangeByScore, operation{name: "ZREMRANGEBYSCORE", effect: Writes, checks: checks{checkScoreRange}}},
	{OpZRemRangeByLex, operation{name: "ZREMRANGEBYLEX", effect: Writes, checks: checks{checkLex}}},
	{OpZUnion, operation{name: "ZUNION", checks: checks{checkAggregate}}},
	{OpZInter, operation{name: "ZINTER", checks: checks{checkAggregate}}},
	{OpZDiff, operation{name: "ZDIFF"}},
	{OpZUnionStore, operation{name: "ZUNIONSTORE", effect: Writes, checks: checks{checkKeys, checkAggregate, checkExpiry}, sources: true}},
	{OpZInterStore, operation{name: "ZINTERSTORE", effect: Writes, checks: checks{checkKeys, checkAggregate, checkExpiry}, sources: true}},
	{OpZDiffStore, operation{name: "ZDIFFSTORE", effect: Writes, checks: checks{checkKeys, checkExpiry}, sources: true}},
}

// Accepts reports whether a member may get a score, given the one it has, if it has one.
func (c Condition) Accepts(score, old float64, there bool) bool {
	switch {
	case c.Refuses(there), c == IfGreater && there && score <= old, c == IfLess && there && score >= old:
		return false
	default:
		return true
	}
}

// Weighed is what a member's score in one of several sorted sets counts for, where the
// set has that place among them.
func (cmd Command) Weighed(score float64, place int) float64 {
	if len(cmd.Weights()) == 0 {
		return score
	}
	return score * cmd.Weights()[place]
}

// Aggregate makes one score of two. What is no number, as the sum of two infinities may
// be, counts as 0.
func (cmd Command) Aggregate(a, b float64) float64 {
	switch {
	case cmd.Aggregation() == "MIN" && !(b < a), cmd.Aggregation() == "MAX" && !(b > a):
		return a
	case cmd.Aggregation() == "MIN" || cmd.Aggregation() == "MAX":
		return b
	default:
		return redisvalue.NumberOr0(a + b)
	}
}

func checkScoreCondition(cmd Command) error {
	if cmd.If > IfLess {
		return Errorf(ErrInvalid, "unknown condition %d", cmd.If)
	}
	return nil
}

// checkScores refuses a command without members, or not with a score for each.
func checkScores(cmd Command) error {
	if err := checkValues(cmd); err != nil {
		return err
	}
	return checkScoresOf(cmd)
}

// checkScoresOf refuses scores that are not one for each member, or are none.
func checkScoresOf(cmd Command) error {
	if len(cmd.Scores()) != len(cmd.Values) {
		return Errorf(ErrInvalid, "%d members with %d scores", len(cmd.Values), len(cmd.Scores()))
	}
	return checkNumbers(cmd)
}

func checkNumbers(cmd Command) error {
	for _, score := range cmd.Scores() {
		if math.IsNaN(score) {
			return Errorf(ErrInvalid, "a score that is NaN, not a number")
		}
	}
	return nil
}

// checkChanged refuses an Amount that says neither to count new members nor changed ones.
func checkChanged(cmd Command) error {
	if cmd.Amount != 0 && cmd.Amount != 1 {
		return Errorf(ErrInvalid, "the amount %d", cmd.Amount)
	}
	return nil
}

func checkIncrement(cmd Command) error {
	if len(cmd.Scores()) != 1 {
		return Errorf(ErrInvalid, "an increment of %d scores", len(cmd.Scores()))
	}
	return checkNumbers(cmd)
}

func checkScoreRange(cmd Command) error {
	for _, end := range [...]string{cmd.Min(), cmd.Max()} {
		if _, _, err := redisvalue.ScoreEnd(end); err != nil {
			return Errorf(ErrInvalid, "%.40q is no end of a range of scores", end)
		}
	}
	return nil
}

// checkLex refuses ends of a range of members that Redis would not read.
func checkLex(cmd Command) error {
	for _, end := range [...]string{cmd.Min(), cmd.Max()} {
		if end != "-" && end != "+" && (end == "" || end[0] != '[' && end[0] != '(') {
			return Errorf(ErrInvalid, "%.40q is no end of a range of members", end)
		}
	}
	return nil
}

func checkPage(cmd Command) error {
	switch {
	case cmd.Skip() < 0:
		return Errorf(ErrInvalid, "%d members that are skipped", cmd.Skip())
	case cmd.Amount < 0:
		return Errorf(ErrInvalid, "a limit of %d members", cmd.Amount)
	}
	return nil
}

// checkAggregate refuses weights that are not one for each sorted set, and an unknown
// way to make one score of two.
func checkAggregate(cmd Command) error {
	sources := len(cmd.Keys())
	if cmd.Op.Effect() == Reads {
		sources++
	}
	switch {
	case len(cmd.Weights()) != 0 && len(cmd.Weights()) != sources:
		return Errorf(ErrInvalid, "%d sorted sets with %d weights", sources, len(cmd.Weights()))
	}
	switch aggregate := cmd.Aggregation(); aggregate {
	case "", "SUM", "MIN", "MAX":
	default:
		return Errorf(ErrInvalid, "the aggregate %.40q", aggregate)
	}
	return checkNumbers(cmd)
}
