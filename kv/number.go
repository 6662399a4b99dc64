package kv

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// Int declares an integer of 64 bits, perhaps between bounds (AtLeast, AtMost).
func Int(options ...NumberOption) Schema[IntField] {
	node, declared := declare(dsl.NewField(dsl.Int), options)
	node, bounds := declared.bounds.check(node, func(text string) error { _, err := drivers.ParseInt(text); return err })
	codec := bounded(mustCodec[int64](), bounds, func(text string) int64 { bound, _ := drivers.ParseInt(text); return bound })
	return scalarOf(node, codec, func(f ScalarField[int64]) IntField { return IntField{f, bounds} })
}

// Int adds an integer to the store.
func (s StaticSchema) Int(key Key[IntField], options ...NumberOption) StaticSchema {
	return s.Field(key, Int(options...))
}

// Float declares a finite number of 64 bits, perhaps between bounds (AtLeast, AtMost).
func Float(options ...NumberOption) Schema[FloatField] {
	node, declared := declare(dsl.NewField(dsl.Float), options)
	node, bounds := declared.bounds.check(node, func(text string) error { _, err := strconv.ParseFloat(text, 64); return err })
	codec := bounded(mustCodec[float64](), bounds, func(text string) float64 { bound, _ := strconv.ParseFloat(text, 64); return bound })
	return scalarOf(node, codec, func(f ScalarField[float64]) FloatField { return FloatField{f, bounds} })
}

// Float adds a number to the store.
func (s StaticSchema) Float(key Key[FloatField], options ...NumberOption) StaticSchema {
	return s.Field(key, Float(options...))
}

// IntField is the handle of an integer. A number outside the bounds of the schema is
// ErrInvalid when it is to be written and ErrCorrupt when it is found stored; Increment
// and Decrement do not leave them.
//
// In Redis: [INCRBY].
//
// [INCRBY]: https://redis.io/docs/latest/commands/incrby/
type IntField struct {
	ScalarField[int64]
	bounds bounds
}

// Increment adds by, which may be negative, and returns the sum; an absent number
// counts as 0. A sum that does not fit into 64 bits or into the bounds of the schema is
// ErrOverflow, what is stored and is no integer is ErrInvalid; then nothing is changed.
// One round trip (INCRBY; with bounds or a TTL in the schema, a script).
func (f IntField) Increment(ctx context.Context, by int64) (int64, error) {
	return f.add(ctx, "Increment", by)
}

// Decrement subtracts by. It is Increment of -by.
func (f IntField) Decrement(ctx context.Context, by int64) (int64, error) {
	if by == math.MinInt64 {
		return 0, f.at.fail("Decrement", fmt.Errorf("%w: subtracting %d", ErrOverflow, by))
	}
	return f.add(ctx, "Decrement", -by)
}

func (f IntField) add(ctx context.Context, op string, by int64) (int64, error) {
	reply, err := f.at.adding(ctx, op, &drivers.Command{Op: drivers.OpIncrBy, Amount: by, Min: f.bounds.least, Max: f.bounds.most})
	return reply.Int, err
}

// FloatField is the handle of a finite number. A number outside the bounds of the
// schema is ErrInvalid when it is to be written and ErrCorrupt when it is found stored;
// Increment and Decrement do not leave them.
//
// In Redis: [INCRBYFLOAT].
//
// [INCRBYFLOAT]: https://redis.io/docs/latest/commands/incrbyfloat/
type FloatField struct {
	ScalarField[float64]
	bounds bounds
}

// Increment adds by, which may be negative, and returns the sum; an absent number
// counts as 0. As Redis does, it adds in 80 bits and keeps 17 places after the point:
// 0.1 + 0.2 is 0.3. A sum that is not finite or outside the bounds of the schema is
// ErrOverflow, a by that is not finite or something stored that is no number is
// ErrInvalid; then nothing is changed. One round trip (INCRBYFLOAT; with bounds or a
// TTL in the schema, a script).
func (f FloatField) Increment(ctx context.Context, by float64) (float64, error) {
	return f.add(ctx, "Increment", by)
}

// Decrement subtracts by. It is Increment of -by.
func (f FloatField) Decrement(ctx context.Context, by float64) (float64, error) {
	return f.add(ctx, "Decrement", -by)
}

func (f FloatField) add(ctx context.Context, op string, by float64) (float64, error) {
	text := strconv.FormatFloat(by, 'g', -1, 64)
	reply, err := f.at.adding(ctx, op, &drivers.Command{Op: drivers.OpIncrByFloat, Value: text, Min: f.bounds.least, Max: f.bounds.most})
	if err != nil {
		return 0, err
	}
	return f.at.sum(op, reply, 64)
}

// mustCodec is the codec of a type that has one.
func mustCodec[T any]() *codec[T] {
	codec, err := codecOf[T]()
	if err != nil {
		panic(err)
	}
	return codec
}

// bounds are the least and the greatest number allowed, as text; empty where there is none.
type bounds struct{ least, most string }

// check reports bounds that are none, or that nothing lies between.
func (b bounds) check(node *dsl.Node, parse func(string) error) (*dsl.Node, bounds) {
	for _, bound := range []string{b.least, b.most} {
		if bound == "" {
			continue
		}
		if err := parse(bound); err != nil {
			return node.WithMistake("%s is no bound of a %v", bound, node.Kind()), bounds{}
		}
	}
	low, lowErr := strconv.ParseFloat(b.least, 64)
	high, highErr := strconv.ParseFloat(b.most, 64)
	if lowErr == nil && highErr == nil && low > high {
		return node.WithMistake("no number is at least %s and at most %s", b.least, b.most), bounds{}
	}
	return node, b
}

// bounded is a codec that refuses what is outside the bounds.
func bounded[N int64 | float64](c *codec[N], b bounds, number func(string) N) *codec[N] {
	if b == (bounds{}) {
		return c
	}
	least, most := number(b.least), number(b.most)
	within := func(value N) error {
		switch {
		case b.least != "" && value < least:
			return fmt.Errorf("%v is less than %s", value, b.least)
		case b.most != "" && value > most:
			return fmt.Errorf("%v is more than %s", value, b.most)
		}
		return nil
	}
	return restricted(c, within)
}

// restricted is a codec that refuses, both ways, what is not allowed.
func restricted[T any](c *codec[T], allow func(T) error) *codec[T] {
	return &codec[T]{
		format: func(value T) (string, error) {
			if err := allow(value); err != nil {
				return "", err
			}
			return c.format(value)
		},
		parse: func(text string) (T, error) {
			value, err := c.parse(text)
			if err == nil {
				err = allow(value)
			}
			return value, err
		},
	}
}
