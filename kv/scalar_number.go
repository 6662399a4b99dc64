package kv

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strconv"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// Int declares an integer of 64 bits, perhaps between bounds (AtLeast, AtMost).
//
//go:noinline // into the method of StaticSchema
func Int(options ...NumberOption) Schema[IntField] {
	node, how := numberNode(dsl.Int, reflect.TypeFor[int64](), options)
	return newSchemaOf(node, how, func(r ref) IntField { return IntField{newField(r)} })
}

// Int adds an integer to the store.
func (s StaticSchema) Int[K interface{ Key[IntField] }](key K, options ...NumberOption) StaticSchema {
	return s.with(string(key), Int(options...))
}

// Float declares a finite number of 64 bits, perhaps between bounds (AtLeast, AtMost).
//
//go:noinline // into the method of StaticSchema
func Float(options ...NumberOption) Schema[FloatField] {
	node, how := numberNode(dsl.Float, reflect.TypeFor[float64](), options)
	return newSchemaOf(node, how, func(r ref) FloatField { return FloatField{newField(r)} })
}

// Float adds a number to the store.
func (s StaticSchema) Float[K interface{ Key[FloatField] }](key K, options ...NumberOption) StaticSchema {
	return s.with(string(key), Float(options...))
}

func numberNode(kind dsl.Kind, of reflect.Type, options []NumberOption) (*dsl.Node, *scalar) {
	node, declared := declare(dsl.NewField(kind), options)
	node, codec := withCodec(node, of, gotext.Older{})
	node, codec, within := bounded(node, of, codec, declared.bounds)
	return withForms(node, codec.Forms(), nil), &scalar{codec, within}
}

// addingWithin adds within the bounds of the schema.
func (k *keyRef) addingWithin(ctx context.Context, op string, cmd *drivers.Command) (drivers.Reply, error) {
	if k.err() == nil {
		k.scalar().bounds.keepTo(cmd)
	}
	return k.adding(ctx, op, cmd)
}

// IntField is the handle of an integer. A number outside the bounds of the schema is
// ErrInvalid when it is to be written and ErrCorrupt when it is found stored; Increment
// and Decrement do not leave them.
//
// In Redis: [INCRBY].
//
// [INCRBY]: https://redis.io/docs/latest/commands/incrby/
type IntField struct{ Field }

// Read is the number, or ErrNotFound. One round trip (GET, or GETEX; see Sliding).
//
//go:noinline // see ScalarField
func (f IntField) Read(ctx context.Context) (int64, error) { return readScalar[int64](ctx, &f.at) }

func (f IntField) whole(*int64) {}

// ReadOr is the number, or fallback where there is none. See ScalarField.ReadOr.
//
//go:noinline // see ScalarField
func (f IntField) ReadOr(ctx context.Context, fallback int64) (int64, error) {
	return readScalarOr(ctx, &f.at, fallback)
}

// Write stores value. See ScalarField.Write.
//
//go:noinline // see ScalarField
func (f IntField) Write(ctx context.Context, value int64, options ...WriteOption) error {
	return writeScalar(ctx, &f.at, value, options)
}

// Swap stores value and returns what it replaced, in one step. See ScalarField.Swap.
//
//go:noinline // see ScalarField
func (f IntField) Swap(ctx context.Context, value int64, options ...WriteOption) (Previous[int64], error) {
	return swapScalar(ctx, &f.at, value, options)
}

// Update replaces the number by what change makes of it and returns the new one. See ScalarField.Update.
//
//go:noinline // see ScalarField
func (f IntField) Update(ctx context.Context, change func(int64) (int64, error)) (int64, error) {
	return updateScalar(ctx, f.at, change)
}

// Fetch is the number; where there is none, what load returns, which is stored. See ScalarField.Fetch.
//
//go:noinline // see ScalarField
func (f IntField) Fetch(ctx context.Context, load func(ctx context.Context) (int64, error), options ...FetchOption) (int64, error) {
	return fetchScalar(ctx, &f.at, load, options)
}

// Forget removes the number and what Fetch knows of it. See ScalarField.Forget.
func (f IntField) Forget(ctx context.Context) (bool, error) { return f.at.forget(ctx) }

// Increment adds by, which may be negative, and returns the sum; an absent number
// counts as 0. A sum that does not fit into 64 bits or into the bounds of the schema is
// ErrOverflow, what is stored and is no integer is ErrCorrupt; then nothing is changed.
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
	reply, err := f.at.addingWithin(ctx, op, &cmd)
	return reply.Int, err
}

// FloatField is the handle of a finite number. A number outside the bounds of the
// schema is ErrInvalid when it is to be written and ErrCorrupt when it is found stored;
// Increment and Decrement do not leave them.
//
// In Redis: [INCRBYFLOAT].
//
// [INCRBYFLOAT]: https://redis.io/docs/latest/commands/incrbyfloat/
type FloatField struct{ Field }

// Read is the number, or ErrNotFound. One round trip (GET, or GETEX; see Sliding).
//
//go:noinline // see ScalarField
func (f FloatField) Read(ctx context.Context) (float64, error) {
	return readScalar[float64](ctx, &f.at)
}

func (f FloatField) whole(*float64) {}

// ReadOr is the number, or fallback where there is none. See ScalarField.ReadOr.
//
//go:noinline // see ScalarField
func (f FloatField) ReadOr(ctx context.Context, fallback float64) (float64, error) {
	return readScalarOr(ctx, &f.at, fallback)
}

// Write stores value. See ScalarField.Write.
//
//go:noinline // see ScalarField
func (f FloatField) Write(ctx context.Context, value float64, options ...WriteOption) error {
	return writeScalar(ctx, &f.at, value, options)
}

// Swap stores value and returns what it replaced, in one step. See ScalarField.Swap.
//
//go:noinline // see ScalarField
func (f FloatField) Swap(ctx context.Context, value float64, options ...WriteOption) (Previous[float64], error) {
	return swapScalar(ctx, &f.at, value, options)
}

// Update replaces the number by what change makes of it and returns the new one. See ScalarField.Update.
//
//go:noinline // see ScalarField
func (f FloatField) Update(ctx context.Context, change func(float64) (float64, error)) (float64, error) {
	return updateScalar(ctx, f.at, change)
}

// Fetch is the number; where there is none, what load returns, which is stored. See ScalarField.Fetch.
//
//go:noinline // see ScalarField
func (f FloatField) Fetch(ctx context.Context, load func(ctx context.Context) (float64, error), options ...FetchOption) (float64, error) {
	return fetchScalar(ctx, &f.at, load, options)
}

// Forget removes the number and what Fetch knows of it. See ScalarField.Forget.
func (f FloatField) Forget(ctx context.Context) (bool, error) { return f.at.forget(ctx) }

// Increment adds by, which may be negative, and returns the sum; an absent number
// counts as 0. As Redis does, it adds in 80 bits and keeps 17 places after the point:
// 0.1 + 0.2 is 0.3. A sum that is not finite or outside the bounds of the schema is
// ErrOverflow, a by that is not finite is ErrInvalid, something stored that is no
// number ErrCorrupt; then nothing is changed. One round trip (INCRBYFLOAT; with bounds or a
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
	reply, err := f.at.addingWithin(ctx, op, &cmd)
	if err != nil {
		return 0, err
	}
	return f.at.sum(op, reply, 64)
}
