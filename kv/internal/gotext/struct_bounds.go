package gotext

import (
	"math"
	"math/big"
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/jsonval"
)

// countingBounds are the bounds that the jsonschema tag of a number sets, as text, and
// whether they are all that it asks of it, so that it can be counted with.
func countingBounds(member jsonval.Member, kind reflect.Kind) (least, most string, alone bool) {
	minimum, maximum, alone := member.Bounds()
	if kind == reflect.Float32 || kind == reflect.Float64 {
		return floatBound(minimum), floatBound(maximum), alone
	}
	if minimum != nil {
		up := ceiling(minimum)
		alone = alone && (up.IsInt64() || up.Sign() < 0)
		least = intBound(up)
	}
	if maximum != nil {
		most = intBound(floor(maximum))
	}
	return least, most, alone
}

// floatBound is "" for what no float is beyond.
func floatBound(bound *big.Rat) string {
	if bound == nil {
		return ""
	}
	number, _ := bound.Float64()
	if math.Abs(number) >= math.MaxFloat64 {
		return ""
	}
	return drivers.FormatFloat(number)
}

// intBound is "" for what no integer of 64 bits is beyond.
func intBound(bound *big.Int) string {
	if !bound.IsInt64() || bound.Int64() == math.MinInt64 || bound.Int64() == math.MaxInt64 {
		return ""
	}
	return bound.String()
}

func floor(number *big.Rat) *big.Int { return new(big.Int).Div(number.Num(), number.Denom()) }

func ceiling(number *big.Rat) *big.Int {
	down := floor(new(big.Rat).Neg(number))
	return down.Neg(down)
}
