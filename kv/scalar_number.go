package kv

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strconv"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// Int declares an integer of 64 bits, perhaps between bounds (AtLeast, AtMost).
func Int(options ...NumberOption) Schema[IntField] {
	node, declared := declare(dsl.NewField(dsl.Int), options)
	node, codec, bounds := bounded(node, reflect.TypeFor[int64](), codecFor[int64](), declared.bounds)
	return scalarOf(node, codec, func(f ScalarField[int64]) IntField { return IntField{f, bounds} })
}

// Int adds an integer to the store.
func (s StaticSchema) Int[H interface{ IntField }](key Key[H], options ...NumberOption) StaticSchema {
	return s.Field(Key[IntField](key), Int(options...))
}

// Float declares a finite number of 64 bits, perhaps between bounds (AtLeast, AtMost).
func Float(options ...NumberOption) Schema[FloatField] {
	node, declared := declare(dsl.NewField(dsl.Float), options)
	node, codec, bounds := bounded(node, reflect.TypeFor[float64](), codecFor[float64](), declared.bounds)
	return scalarOf(node, codec, func(f ScalarField[float64]) FloatField { return FloatField{f, bounds} })
}

// Float adds a number to the store.
func (s StaticSchema) Float[H interface{ FloatField }](key Key[H], options ...NumberOption) StaticSchema {
	return s.Field(Key[FloatField](key), Float(options...))
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
	cmd := drivers.Command{Op: drivers.OpIncrBy, Amount: by}
	f.bounds.keepTo(&cmd)
	reply, err := f.at.adding(ctx, op, &cmd)
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
	cmd := drivers.IncrByFloat(strconv.FormatFloat(by, 'g', -1, 64))
	f.bounds.keepTo(&cmd)
	reply, err := f.at.adding(ctx, op, &cmd)
	if err != nil {
		return 0, err
	}
	return f.at.sum(op, reply, 64)
}
