package drivers

import "github.com/kvstore-go/kvstore/drivers/internal/redisvalue"

// MaxBits is how many bits a string holds: 512 MB, as in Redis.
const MaxBits = 1 << 32

// MaxRangeSlots bounds the slots that one OpBitRange or OpBitSum reads.
const MaxRangeSlots = 1 << 24

// BitType is the shape of the slots of a bitset: a string divided into integers
// of Width bits, most significant bit first, slot n at bit n*Width (BITFIELD's
// #n). Signed widths are 1 to 64, unsigned ones 1 to 63.
//
// As in Redis, an unsigned type reads a negative number as the 64 bits it is made of, so
// that it lies above the range: saturated it is the largest of the type. So does a signed
// type with a number so low that its distance to the largest is beyond 64 bits.
type BitType struct {
	Width    uint8
	Signed   bool
	Overflow Overflow
}

// Overflow says what a slot does with a number that does not fit.
type Overflow = redisvalue.Overflow

// The ways to overflow.
const (
	Wrap     Overflow = redisvalue.Wrap     // keep the low bits
	Saturate Overflow = redisvalue.Saturate // keep the nearest number that fits
	Fail     Overflow = redisvalue.Fail     // refuse: Reply.Nil
)

// Min is the smallest number of the type.
func (t BitType) Min() int64 { return redisvalue.BitType(t).Min() }

// Max is the largest number of the type.
func (t BitType) Max() int64 { return redisvalue.BitType(t).Max() }

// Check reports a width no driver accepts, as ErrInvalid.
func (t BitType) Check() error {
	widest := uint8(63)
	if t.Signed {
		widest = 64
	}
	if t.Width < 1 || t.Width > widest || t.Overflow > Fail {
		return Errorf(ErrInvalid, "invalid bit type: width %d, signed %t, overflow %d", t.Width, t.Signed, t.Overflow)
	}
	return nil
}

// checkRange refuses slots [start, stop) that are no range or do not lie within MaxBits.
func (t BitType) checkRange(start, stop int64) error {
	slots := MaxBits / int64(t.Width)
	switch {
	case start >= 0 && stop >= start && stop <= slots:
		return nil
	case stop-start == 1:
		return Errorf(ErrInvalid, "the slot %d: those of %d bits are counted from 0 to %d", start, t.Width, slots-1)
	}
	return Errorf(ErrInvalid, "the slots from %d up to %d: those of %d bits are counted from 0 to %d", start, stop, t.Width, slots-1)
}
