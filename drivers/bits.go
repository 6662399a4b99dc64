package drivers

import "encoding/binary"

// MaxBits is how many bits a string holds: 512 MB, as in Redis.
const MaxBits = 1 << 32

// MaxRangeSlots bounds the slots one OpBitRange replies with.
const MaxRangeSlots = 1 << 24

// Overflow says what a slot does with a number that does not fit.
type Overflow uint8

// The ways to overflow.
const (
	Wrap     Overflow = iota // keep the low bits
	Saturate                 // keep the nearest number that fits
	Fail                     // refuse: Reply.Nil
)

// BitType is the shape of the slots of a bitset: a string divided into integers
// of Width bits, most significant bit first, slot n at bit n*Width (BITFIELD's
// #n). Signed widths are 1 to 64, unsigned ones 1 to 63.
type BitType struct {
	Width    uint8
	Signed   bool
	Overflow Overflow
}

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

// CheckRange reports slots [start, stop) that are no range or do not lie within
// MaxBits, as ErrInvalid.
func (t BitType) CheckRange(start, stop int64) error {
	if start < 0 || stop < start || stop > MaxBits/int64(t.Width) {
		return Errorf(ErrInvalid, "bit offset out of range: slots %d to %d of width %d", start, stop, t.Width)
	}
	return nil
}

// Min is the smallest number of the type.
func (t BitType) Min() int64 {
	if !t.Signed {
		return 0
	}
	return -1 << (t.Width - 1)
}

// Max is the largest number of the type.
func (t BitType) Max() int64 {
	if !t.Signed {
		return 1<<t.Width - 1
	}
	return 1<<(t.Width-1) - 1
}

// Bytes is the range of whole bytes in which slots [start, stop) lie.
func (t BitType) Bytes(start, stop int64) (from, to int64) {
	width := int64(t.Width)
	return start * width / 8, (stop*width + 7) / 8
}

// Get reads the slot whose first bit is at offset; bits past the end are 0.
func (t BitType) Get(data []byte, offset int64) int64 {
	var number uint64
	for read := 0; read < int(t.Width); {
		at := offset + int64(read)
		inByte := int(at % 8)
		take := min(8-inByte, int(t.Width)-read)
		var octet byte
		if at/8 < int64(len(data)) {
			octet = data[at/8]
		}
		number = number<<take | uint64(octet<<inByte>>(8-take))
		read += take
	}
	if t.Signed {
		unused := 64 - int(t.Width)
		return int64(number<<unused) >> unused
	}
	return int64(number)
}

// GetAll reads as many slots as there are numbers, of which the first bit is at offset.
// It takes them out of whole words, but for those that a word has no room for or that are
// near the end of the data.
func (t BitType) GetAll(data []byte, offset int64, numbers []int64) {
	width, unused := int64(t.Width), 64-t.Width
	for i := range numbers {
		at, inByte := offset/8, offset%8
		switch {
		case inByte+width > 64 || at+8 > int64(len(data)):
			numbers[i] = t.Get(data, offset)
		case t.Signed:
			numbers[i] = int64(binary.BigEndian.Uint64(data[at:])<<inByte) >> unused
		default:
			numbers[i] = int64(binary.BigEndian.Uint64(data[at:]) << inByte >> unused)
		}
		offset += width
	}
}

// Put writes number into the slot whose first bit is at offset; data must reach that far.
func (t BitType) Put(data []byte, offset, number int64) {
	for written := 0; written < int(t.Width); {
		at := offset + int64(written)
		inByte := int(at % 8)
		take := min(8-inByte, int(t.Width)-written)
		chunk := byte(uint64(number)>>(int(t.Width)-written-take)) & (1<<take - 1)
		shift := 8 - inByte - take
		mask := byte(1<<take-1) << shift
		data[at/8] = data[at/8]&^mask | chunk<<shift
		written += take
	}
}

// Fit brings number into the type's range; ok is false where Overflow is Fail
// and it does not fit.
//
// As in Redis, an unsigned type reads a negative number as the 64 bits it is
// made of, so that it lies above the range: saturated it is Max. So does a signed
// type with a number so low that its distance to Max is beyond 64 bits.
func (t BitType) Fit(number int64) (fitted int64, ok bool) {
	if number >= t.Min() && number <= t.Max() {
		return number, true
	}
	return t.overflow(number, number > 0 || !t.Signed || t.Max()-number < 0)
}

// Add is current+by brought into the type's range; ok is false where Overflow is
// Fail and it does not fit.
func (t BitType) Add(current, by int64) (sum int64, ok bool) {
	sum = current + by
	wrapped64 := (by > 0 && sum < current) || (by < 0 && sum > current)
	if !wrapped64 && sum >= t.Min() && sum <= t.Max() {
		return sum, true
	}
	return t.overflow(sum, by > 0)
}

func (t BitType) overflow(number int64, above bool) (int64, bool) {
	switch {
	case t.Overflow == Fail:
		return 0, false
	case t.Overflow == Saturate && above:
		return t.Max(), true
	case t.Overflow == Saturate:
		return t.Min(), true
	}
	unused := 64 - int(t.Width)
	if t.Signed {
		return number << unused >> unused, true
	}
	return int64(uint64(number) << unused >> unused), true
}
