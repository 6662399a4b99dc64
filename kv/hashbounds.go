package kv

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/jsonval"
)

// countingBounds are the bounds that the jsonschema tag of a number sets, as text, and
// whether they are all that it asks of it, so that it can be counted with.
func countingBounds(member jsonval.Member, kind reflect.Kind) (b bounds, alone bool) {
	least, most, alone := member.Bounds()
	if kind == reflect.Float32 || kind == reflect.Float64 {
		return bounds{floatBound(least), floatBound(most)}, alone
	}
	if least != nil {
		up := ceiling(least)
		alone = alone && (up.IsInt64() || up.Sign() < 0)
		b.least = intBound(up)
	}
	if most != nil {
		b.most = intBound(floor(most))
	}
	return b, alone
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

// bound lets a command that adds to the field keep to its jsonschema tag.
func (f *planned) bound(cmd *drivers.Command) error {
	if !f.countable {
		return fmt.Errorf("the jsonschema tag of %q asks for more than a minimum and a maximum: %w", f.Name, errors.ErrUnsupported)
	}
	if f.least != "" {
		cmd.Min = f.least
	}
	if f.most != "" {
		cmd.Max = f.most
	}
	return nil
}
