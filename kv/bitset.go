package kv

import (
	"context"
	"fmt"
	"strconv"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// BitSet declares a row of integers of the given width, packed as bits of a string
// (BITFIELD). A number that does not fit its slot wraps around unless Saturate or
// Fail is declared.
func BitSet(width Width, options ...BitSetOption) Schema[BitSetField] {
	node, declared := declare(dsl.NewField(dsl.BitSet), options)
	shape, ok := width.shape()
	if !ok {
		node, shape = node.WithMistake("%.20q is no width of a slot: see kv.Signed and kv.Unsigned", string(width)), dsl.Bits{Width: 1}
	}
	bits := drivers.BitType{Width: uint8(shape.Width), Signed: shape.Signed, Overflow: declared.overflow}
	shape.Overflow = OverflowOption(declared.overflow).String()
	node = node.WithBits(shape)
	if declared.overflow > drivers.Fail {
		node = node.WithMistake("%v is no way to overflow", OverflowOption(declared.overflow))
	}
	return newSchema(node, func(r ref) BitSetField { return BitSetField{newField(r), bits} })
}

// BitSet adds a row of integers to the store.
func (s StaticSchema) BitSet(key Key[BitSetField], width Width, options ...BitSetOption) StaticSchema {
	return s.Field(key, BitSet(width, options...))
}

// BitSetField is the handle of a row of integers, numbered from 0. A slot that was
// never written is 0. A slot that is negative or reaches beyond 2^32 bits is
// ErrInvalid.
//
// In Redis: [BITFIELD], [GETRANGE].
//
// [BITFIELD]: https://redis.io/docs/latest/commands/bitfield/
// [GETRANGE]: https://redis.io/docs/latest/commands/getrange/
type BitSetField struct {
	Field
	bits drivers.BitType
}

// Get is the number in a slot. One round trip (BITFIELD GET).
func (f BitSetField) Get(ctx context.Context, slot int64) (int64, error) {
	reply, err := f.at.do(ctx, "Get", &drivers.Command{Op: drivers.OpBitGet, Bits: f.bits, Start: slot})
	return reply.Int, err
}

// Range is the numbers in the slots from start up to but not including end.
// O(n) in the number of slots. One round trip (GETRANGE).
func (f BitSetField) Range(ctx context.Context, start, end int64) ([]int64, error) {
	reply, err := f.slots(ctx, "Range", drivers.OpBitRange, start, end)
	return reply.Ints, err
}

// Sum adds up the slots from start up to but not including end, which may be start; an
// end before start is ErrInvalid. A sum beyond 64 bits is ErrOverflow. O(n) in the number of slots. One round trip (GETRANGE).
func (f BitSetField) Sum(ctx context.Context, start, end int64) (int64, error) {
	reply, err := f.slots(ctx, "Sum", drivers.OpBitSum, start, end)
	if err == nil && reply.Nil {
		err = f.at.fail("Sum", fmt.Errorf("%w in 64 bits", ErrOverflow))
	}
	return reply.Int, err
}

func (f BitSetField) slots(ctx context.Context, op string, read drivers.Op, start, end int64) (drivers.Reply, error) {
	return f.at.do(ctx, op, &drivers.Command{Op: read, Bits: f.bits, Start: start, Stop: end})
}

// Put puts a number into a slot. One that does not fit is treated as the schema
// declares: wrapped, saturated as BITFIELD does it (an unsigned slot takes a
// negative number for a large one), or refused with ErrOverflow. One round trip
// (BITFIELD SET; with a TTL in the schema, a script).
func (f BitSetField) Put(ctx context.Context, slot, number int64) error {
	_, err := f.store(ctx, "Put", drivers.OpBitSet, slot, number)
	return err
}

// Increment adds by, which may be negative, to a slot and returns the new number.
// One that does not fit is treated as the schema declares. One round trip (BITFIELD
// INCRBY; with a TTL in the schema, a script).
func (f BitSetField) Increment(ctx context.Context, slot, by int64) (int64, error) {
	return f.store(ctx, "Increment", drivers.OpBitIncrement, slot, by)
}

func (f BitSetField) store(ctx context.Context, op string, change drivers.Op, slot, amount int64) (int64, error) {
	reply, err := f.at.adding(ctx, op, &drivers.Command{Op: change, Bits: f.bits, Start: slot, Amount: amount})
	return reply.Int, err
}

// Width is how many bits a slot of a bitset has, and whether it has a sign, as BITFIELD
// writes it: i8, u16. There are i1 to i64 and u1 to u63; anything else is a mistake of the
// schema, reported by Open.
type Width string

// The usual widths; Signed and Unsigned make the others.
const (
	U1  Width = "u1"
	U2  Width = "u2"
	U4  Width = "u4"
	U8  Width = "u8"
	U16 Width = "u16"
	U32 Width = "u32"

	I8  Width = "i8"
	I16 Width = "i16"
	I32 Width = "i32"
	I64 Width = "i64"
)

// Signed is the width of slots for negative numbers, too: 1 to 64 bits.
func Signed(bits int) Width { return Width(dsl.Bits{Width: bits, Signed: true}.String()) }

// Unsigned is the width of slots for numbers from 0 on: 1 to 63 bits, as Redis has no
// unsigned slot of 64.
func Unsigned(bits int) Width { return Width(dsl.Bits{Width: bits}.String()) }

// shape is the width in numbers, and whether it is one. Whether Redis has it the schema's
// tree checks.
func (w Width) shape() (dsl.Bits, bool) {
	if w == "" {
		return dsl.Bits{}, false
	}
	bits, err := strconv.Atoi(string(w[1:]))
	shape := dsl.Bits{Width: bits, Signed: w[0] == 'i'}
	return shape, err == nil && shape.String() == string(w)
}
