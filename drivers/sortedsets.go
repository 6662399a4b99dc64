package drivers

import (
	"math"
	"strings"
)

// sortedSetOps are the Ops on sorted sets.
var sortedSetOps = family{
	OpZAdd:             {"ZADD", Writes, all(checkScoreCondition, checkScores, checkChanged, checkExpiry), predictZAdd},
	OpZReplace:         {"ZREPLACE", Writes, all(checkCondition, checkScoresOf, checkExpiry), predictZReplace},
	OpZIncrBy:          {"ZINCRBY", Writes, all(checkScoreCondition, checkIncrement, checkExpiry), predictZIncrBy},
	OpZRem:             {"ZREM", Writes, checkValues, predictZRem},
	OpZScore:           {"ZSCORE", Reads, nil, nil},
	OpZMScore:          {"ZMSCORE", Reads, checkValues, nil},
	OpZRank:            {"ZRANK", Reads, nil, nil},
	OpZCard:            {"ZCARD", Reads, nil, nil},
	OpZCount:           {"ZCOUNT", Reads, checkScoreRange, nil},
	OpZLexCount:        {"ZLEXCOUNT", Reads, checkLex, nil},
	OpZRange:           {"ZRANGE", Reads, nil, nil},
	OpZRangeByScore:    {"ZRANGEBYSCORE", Reads, all(checkScoreRange, checkPage), nil},
	OpZRangeByLex:      {"ZRANGEBYLEX", Reads, all(checkLex, checkPage), nil},
	OpZScan:            {"ZSCAN", Reads, checkCursor, nil},
	OpZPopMin:          {"ZPOPMIN", Writes, checkCount, predictZPop},
	OpZPopMax:          {"ZPOPMAX", Writes, checkCount, predictZPop},
	OpZRemRangeByRank:  {"ZREMRANGEBYRANK", Writes, nil, predictZRemRange},
	OpZRemRangeByScore: {"ZREMRANGEBYSCORE", Writes, checkScoreRange, predictZRemRange},
	OpZRemRangeByLex:   {"ZREMRANGEBYLEX", Writes, checkLex, predictZRemRange},
	OpZUnion:           {"ZUNION", Reads, checkAggregate, nil},
	OpZInter:           {"ZINTER", Reads, checkAggregate, nil},
	OpZDiff:            {"ZDIFF", Reads, nil, nil},
	OpZUnionStore:      {"ZUNIONSTORE", Writes, all(checkKeys, checkAggregate, checkExpiry), predictZStore},
	OpZInterStore:      {"ZINTERSTORE", Writes, all(checkKeys, checkAggregate, checkExpiry), predictZStore},
	OpZDiffStore:       {"ZDIFFSTORE", Writes, all(checkKeys, checkExpiry), predictZStore},
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
		return NumberOr0(a + b)
	}
}

// NumberOr0 is 0 for NaN.
func NumberOr0(number float64) float64 {
	if math.IsNaN(number) {
		return 0
	}
	return number
}

// UnsignedZero is 0 for -0. Scores have no -0: Redis keeps the sign in sorted sets of some
// sizes, and not in those of others.
func UnsignedZero(score float64) float64 { return score + 0 }

// ScoreEnd reads an end of a range of scores: a number, behind "(" if it does not
// belong to the range itself.
func ScoreEnd(end string) (score float64, exclusive bool, err error) {
	number, exclusive := strings.CutPrefix(end, "(")
	score, err = ParseFloat(number)
	return score, exclusive, err
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
	if len(cmd.Scores) != len(cmd.Values) {
		return Errorf(ErrInvalid, "%v of %d members with %d scores", cmd.Op, len(cmd.Values), len(cmd.Scores))
	}
	return checkNumbers(cmd)
}

func checkNumbers(cmd Command) error {
	for _, score := range cmd.Scores {
		if math.IsNaN(score) {
			return Errorf(ErrInvalid, "%v with NaN", cmd.Op)
		}
	}
	return nil
}

// checkChanged refuses an Amount that says neither to count new members nor changed ones.
func checkChanged(cmd Command) error {
	if cmd.Amount != 0 && cmd.Amount != 1 {
		return Errorf(ErrInvalid, "%v with the amount %d", cmd.Op, cmd.Amount)
	}
	return nil
}

func checkIncrement(cmd Command) error {
	if len(cmd.Scores) != 1 {
		return Errorf(ErrInvalid, "%v by %d scores", cmd.Op, len(cmd.Scores))
	}
	return checkNumbers(cmd)
}

func checkScoreRange(cmd Command) error {
	for _, end := range [...]string{cmd.Min, cmd.Max} {
		if _, _, err := ScoreEnd(end); err != nil {
			return Errorf(ErrInvalid, "%.40q is no end of a range of scores", end)
		}
	}
	return nil
}

// checkLex refuses ends of a range of members that Redis would not read.
func checkLex(cmd Command) error {
	for _, end := range [...]string{cmd.Min, cmd.Max} {
		if end != "-" && end != "+" && (end == "" || end[0] != '[' && end[0] != '(') {
			return Errorf(ErrInvalid, "%.40q is no end of a range of members", end)
		}
	}
	return nil
}

func checkPage(cmd Command) error {
	if cmd.Skip() < 0 || cmd.Amount < 0 {
		return Errorf(ErrInvalid, "%v of %d members after %d", cmd.Op, cmd.Amount, cmd.Skip())
	}
	return nil
}

// checkAggregate refuses weights that are not one for each sorted set, and an unknown
// way to make one score of two.
func checkAggregate(cmd Command) error {
	sources := len(cmd.Keys)
	if cmd.Op.Effect() == Reads {
		sources++
	}
	switch {
	case len(cmd.Weights()) != 0 && len(cmd.Weights()) != sources:
		return Errorf(ErrInvalid, "%v of %d sorted sets with %d weights", cmd.Op, sources, len(cmd.Weights()))
	}
	switch aggregate := cmd.Aggregation(); aggregate {
	case "", "SUM", "MIN", "MAX":
	default:
		return Errorf(ErrInvalid, "%v with the aggregate %.40q", cmd.Op, aggregate)
	}
	return checkNumbers(cmd)
}
