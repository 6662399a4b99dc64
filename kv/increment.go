package kv

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// Number is what can be added to where it is stored.
type Number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// IncrementIn adds by, which may be negative, to the value of key and returns the sum; an
// absent key counts as 0. A sum that does not fit into V is ErrOverflow, what is stored
// and is no number is ErrInvalid; then nothing is changed. A V whose text is not that of a
// number, such as a time.Duration, is ErrTypeMismatch. One round trip (HINCRBY or
// HINCRBYFLOAT; where V has less than 64 bits, or with a TTL in the schema, a script).
//
// It is a function and no method so that a map of other values does not compile.
func IncrementIn[K comparable, V Number](ctx context.Context, field MapField[K, V], key K, by V) (V, error) {
	name, err := field.encode("IncrementIn", key)
	if err != nil {
		return 0, err
	}
	cmd, err := incrementOf(name, reflect.ValueOf(by))
	if err != nil {
		return 0, field.at.fail("IncrementIn", err)
	}
	return added[V](ctx, field.at, "IncrementIn", cmd)
}

// added executes a command that incrementOf has made, and returns the sum.
func added[V Number](ctx context.Context, k keyRef, op string, cmd drivers.Command) (V, error) {
	reply, err := k.adding(ctx, op, &cmd)
	switch {
	case err != nil:
		return 0, err
	case cmd.Op == drivers.OpHIncrBy:
		return V(reply.Int), nil
	}
	sum, err := k.sum(op, reply, reflect.TypeFor[V]().Bits())
	return V(sum), err
}

// adding executes a command that changes a number, unless the outcome does not fit.
func (k keyRef) adding(ctx context.Context, op string, cmd *drivers.Command) (drivers.Reply, error) {
	reply, err := k.do(ctx, op, k.changing(cmd))
	if err == nil && reply.Nil {
		err = k.fail(op, ErrOverflow)
	}
	return reply, err
}

// sum is the number, of so many bits, that a command has added up to in 80.
func (k keyRef) sum(op string, reply drivers.Reply, bits int) (float64, error) {
	sum, err := strconv.ParseFloat(reply.Value, bits)
	if err != nil {
		return 0, k.fail(op, drivers.Join(ErrOverflow, err))
	}
	return sum, nil
}

// incrementOf is the command that adds by to a field, within the bounds of by's type.
func incrementOf(name string, by reflect.Value) (drivers.Command, error) {
	cmd := drivers.Command{Op: drivers.OpHIncrBy, Value: name}
	kind := by.Type()
	if kind == reflect.TypeFor[time.Duration]() || marshalsText(kind) {
		return cmd, fmt.Errorf("%w: the text of a %v is no number", ErrTypeMismatch, kind)
	}
	bits := kind.Bits()
	switch {
	case by.CanInt():
		cmd.Amount = by.Int()
		if bits < 64 {
			cmd.Min, cmd.Max = strconv.FormatInt(-1<<(bits-1), 10), strconv.FormatInt(1<<(bits-1)-1, 10)
		}
	case by.CanUint():
		if by.Uint() > math.MaxInt64 {
			return cmd, fmt.Errorf("%w: adding %d", ErrOverflow, by.Uint())
		}
		cmd.Amount, cmd.Min = int64(by.Uint()), "0"
		if bits < 64 {
			cmd.Max = strconv.FormatInt(1<<bits-1, 10)
		}
	default:
		cmd.Op, cmd.Expected = drivers.OpHIncrByFloat, strconv.FormatFloat(by.Float(), 'g', -1, bits)
		if bits < 64 {
			// As they are written, which is a little beyond the numbers themselves.
			cmd.Min, cmd.Max = strconv.FormatFloat(-math.MaxFloat32, 'g', -1, 32), strconv.FormatFloat(math.MaxFloat32, 'g', -1, 32)
		}
	}
	return cmd, nil
}
