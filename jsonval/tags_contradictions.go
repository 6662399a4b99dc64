package jsonval

import (
	"errors"
	"fmt"
	"maps"
	"math/big"

	"github.com/kvstore-go/kvstore/jsonval/internal/engine"
	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// contradiction returns an error when no value can satisfy the bounds of a schema.
func contradiction(schema object) error {
	for _, pair := range [][2]string{
		{"minLength", "maxLength"}, {"minItems", "maxItems"}, {"minProperties", "maxProperties"},
	} {
		low, high := schema.rational(pair[0]), schema.rational(pair[1])
		if low != nil && high != nil && low.Cmp(high) > 0 {
			return fmt.Errorf("%s and %s leave no value", pair[0], pair[1])
		}
	}
	low, lowOpen := bound(schema, "minimum", "exclusiveMinimum", 1)
	high, highOpen := bound(schema, "maximum", "exclusiveMaximum", -1)
	if low == nil || high == nil {
		return nil
	}
	if schema["type"] == "integer" {
		low, high = firstInteger(low, lowOpen), lastInteger(high, highOpen)
		lowOpen, highOpen = false, false
	}
	if order := low.Cmp(high); order > 0 || order == 0 && (lowOpen || highOpen) {
		return errors.New("the bounds leave no value")
	}
	return nil
}

// bound returns the stricter of an inclusive and an exclusive bound, and whether it is the exclusive one. The sign is
// 1 for lower bounds, where more is stricter.
func bound(schema object, inclusive, exclusive string, sign int) (*big.Rat, bool) {
	closed, open := schema.rational(inclusive), schema.rational(exclusive)
	if open == nil || closed != nil && closed.Cmp(open)*sign > 0 {
		return closed, false
	}
	return open, true
}

func firstInteger(low *big.Rat, open bool) *big.Rat {
	ceiling := new(big.Int).Neg(new(big.Int).Div(new(big.Int).Neg(low.Num()), low.Denom()))
	if open && low.IsInt() {
		ceiling.Add(ceiling, big.NewInt(1))
	}
	return new(big.Rat).SetInt(ceiling)
}

func lastInteger(high *big.Rat, open bool) *big.Rat {
	floor := new(big.Int).Div(high.Num(), high.Denom())
	if open && high.IsInt() {
		floor.Sub(floor, big.NewInt(1))
	}
	return new(big.Rat).SetInt(floor)
}

// checkLiterals returns an error when a value that a tag names does not satisfy the constraints beside it.
func (t *tagged) checkLiterals() error {
	named := []any{}
	for _, keyword := range []string{"enum", "examples"} {
		values, _ := t.shape.schema[keyword].([]any)
		named = append(named, values...)
	}
	if value, ok := t.shape.schema["default"]; ok {
		named = append(named, value)
	}
	if err := satisfyAll(t.shape.schema, named); err != nil || len(t.itemEnum) == 0 {
		return err
	}
	return satisfyAll(t.shape.items.schema, t.itemEnum)
}

func satisfyAll(schema object, values []any) error {
	if len(values) == 0 {
		return nil
	}
	alone := maps.Clone(schema)
	delete(alone, "$ref") // it leads to definitions that are not complete yet, and so may items
	delete(alone, "items")
	text, err := alone.print()
	if err != nil {
		return err
	}
	judge, err := compileSchema(text, engine.Reflected, highestMaxDepth, nil)
	if err != nil {
		return err
	}
	for _, value := range values {
		if err := refused(judge.Check(violation.Literal(value))); err != nil {
			return fmt.Errorf("%s contradicts the other constraints: %w", violation.Literal(value), err)
		}
	}
	return nil
}
