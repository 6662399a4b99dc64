package redisvalue

import (
	"encoding/binary"
	"math"
)

// Overflow says what becomes of a number that does not fit.
type Overflow uint8

// The ways to overflow.
const (
	Wrap     Overflow = iota // keep the low bits
	Saturate                 // keep the nearest number that fits
	Fail                     // refuse it
)

// BitType is the shape of integers in a string, of 1 to 64 bits if they are signed, else of
// 1 to 63, with the most significant bit first.
type BitType struct {
	Width    uint8
	Signed   bool
	Overflow Overflow
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

// maxInWord is the largest width that a word has room for wherever in its first byte a slot begins.
const maxInWord = 57

// inWords is how many of so many slots begin where a word of 64 bits does that is within the data. Those can be taken
// out of words; those near the end of the data, and larger ones, cannot.
func (t BitType) inWords(data []byte, offset, slots int64) int64 {
	bits := int64(len(data)-8)*8 + 7
	if t.Width > maxInWord || bits < offset {
		return 0
	}
	return min((bits-offset)/int64(t.Width)+1, slots)
}

// GetAll reads as many slots as there are numbers, of which the first bit is at offset.
func (t BitType) GetAll(data []byte, offset int64, numbers []int64) {
	width, unused := uint64(t.Width), 64-t.Width
	inWords := int(t.inWords(data, offset, int64(len(numbers))))
	at := uint64(offset)
	for i := range numbers[:inWords] {
		word := binary.BigEndian.Uint64(data[at/8:]) << (at % 8)
		if t.Signed {
			numbers[i] = int64(word) >> unused
		} else {
			numbers[i] = int64(word >> unused)
		}
		at += width
	}
	for i := inWords; i < len(numbers); i++ {
		numbers[i] = t.Get(data, int64(at))
		at += width
	}
}

// Sum adds up so many slots, of which the first bit is at offset; ok is false if the sum has more than 64 bits.
// Halves of numbers are added apart, which have room for the sums of as many slots as there can be.
func (t BitType) Sum(data []byte, offset, slots int64) (sum int64, ok bool) {
	const some = 64 // slots of at most maxInWord bits have a sum of less than 64
	var high, low int64
	inWords := t.inWords(data, offset, slots)
	for at := int64(0); at < slots; {
		var part int64
		if count := min(inWords-at, some); count > 0 {
			part = t.sumInWords(data, offset+at*int64(t.Width), count)
			at += count
		} else {
			part = t.Get(data, offset+at*int64(t.Width))
			at++
		}
		high += part >> 32
		low += part & math.MaxUint32
	}
	high += low >> 32
	return high<<32 | low&math.MaxUint32, high == int64(int32(high))
}

// sumInWords adds up slots that can be taken out of words, as many of each as are in it whichever its first bit is. A number with a
// sign is added as its distance to the lowest one, which has none.
func (t BitType) sumInWords(data []byte, offset, slots int64) (sum int64) {
	width, unused, inWord := t.Width, 64-t.Width, int64(maxInWord/t.Width)
	sign := uint64(-t.Min())
	sum = slots * t.Min()
	for at := uint64(offset); slots > 0; slots -= inWord {
		word := binary.BigEndian.Uint64(data[at/8:]) << (at % 8)
		for range min(inWord, slots) {
			sum += int64(word>>(unused&63) ^ sign)
			word <<= width & 63
		}
		at += uint64(inWord) * uint64(width)
	}
	return sum
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
