package redisvalue

import (
	"math"
	"strings"
)

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
