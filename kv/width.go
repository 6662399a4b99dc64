package kv

import (
	"strconv"

	"github.com/kvstore-go/kvstore/dsl"
)

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
