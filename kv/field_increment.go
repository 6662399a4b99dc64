package kv

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// Number is what can be added to where it is stored.
type Number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
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
	sum, err := k.sum(op, reply, typeOf((*V)(nil)).Bits())
	return V(sum), err
}

// incrementOf is the command that adds by to a field, within the bounds of by's type.
func incrementOf(name string, by reflect.Value) (drivers.Command, error) {
	cmd := drivers.Command{Op: drivers.OpHIncrBy, Value: name}
	kind := by.Type()
	if !isNumber(kind) {
		return cmd, fmt.Errorf("%w: the text of a %v is no number", ErrTypeMismatch, kind)
	}
	bits := kind.Bits()
	switch {
	case by.CanInt():
		cmd.Amount = by.Int()
		if bits < 64 {
			extra := cmd.OwnExtra()
			extra.Min, extra.Max = strconv.FormatInt(-1<<(bits-1), 10), strconv.FormatInt(1<<(bits-1)-1, 10)
		}
	case by.CanUint():
		if by.Uint() > math.MaxInt64 {
			return cmd, fmt.Errorf("%w: adding %d", ErrOverflow, by.Uint())
		}
		cmd.Amount, cmd.OwnExtra().Min = int64(by.Uint()), "0"
		if bits < 64 {
			cmd.OwnExtra().Max = strconv.FormatInt(1<<bits-1, 10)
		}
	default:
		cmd = drivers.HIncrByFloat(name, strconv.FormatFloat(by.Float(), 'g', -1, bits))
		if bits < 64 {
			// As they are written, which is a little beyond the numbers themselves.
			extra := cmd.OwnExtra()
			extra.Min, extra.Max = strconv.FormatFloat(-math.MaxFloat32, 'g', -1, 32), strconv.FormatFloat(math.MaxFloat32, 'g', -1, 32)
		}
	}
	return cmd, nil
}

// isNumber reports a type whose text is that of a number, so that it can be added to.
func isNumber(kind reflect.Type) bool {
	value := reflect.Zero(kind)
	return (value.CanInt() || value.CanUint() || value.CanFloat()) && kind != reflect.TypeFor[time.Duration]() && !gotext.MarshalsText(kind)
}
