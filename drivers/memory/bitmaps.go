package memory

import (
	"bytes"
	"crypto/subtle"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
)

// bitmapHandlers are those of single bits of strings.
func bitmapHandlers() handlers {
	return handlers{
		{drivers.OpGetBit, handler{read: getBit}},
		{drivers.OpSetBit, handler{write: setBit}},
		{drivers.OpBitCount, handler{read: bitCount}},
		{drivers.OpBitPos, handler{read: bitPos}},
		{drivers.OpBitOp, handler{write: bitOp, multiKey: true}},
	}
}

// one is a slot of one bit.
var one = drivers.BitType{Width: 1}

func getBit(e *entry, now int64, cmd drivers.Command) (drivers.Reply, error) {
	cmd.Bits = one
	return bitGet(e, now, cmd)
}

func setBit(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	cmd.Bits = one
	return bitSet(ks, cmd)
}

// between is the part of a row of size things that start and stop mean, which count
// from the end where they are negative: [from, to).
func between(start, stop, size int64) (from, to int64) {
	if start < 0 {
		start = max(size+start, 0)
	}
	if stop < 0 {
		stop = max(size+stop, 0)
	}
	stop = min(stop, size-1)
	if start > stop {
		return 0, 0
	}
	return start, stop + 1
}

func bitCount(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	if err := isString(e); err != nil || e == nil {
		return drivers.Reply{}, err
	}
	if cmd.Start < 0 && cmd.Stop < 0 && cmd.Start > cmd.Stop {
		return count(0)
	}
	from, to := between(cmd.Start, cmd.Stop, int64(e.size())*8)
	if from == to {
		return count(0)
	}
	data := e.slice(from/8, (to+7)/8)
	before, behind := data[0]&^(0xff>>(from%8)), data[len(data)-1]&(0x7f>>((to-1)%8))
	return count(ones(data) - bits.OnesCount8(before) - bits.OnesCount8(behind))
}

// ones is how many bits are 1.
func ones(data []byte) (counted int) {
	for ; len(data) >= 8; data = data[8:] {
		counted += bits.OnesCount64(binary.NativeEndian.Uint64(data))
	}
	for _, value := range data {
		counted += bits.OnesCount8(value)
	}
	return counted
}

// bitPos looks on beyond the end of a string, where there are only zeros, if it is
// not given a stop.
func bitPos(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	if err := isString(e); err != nil {
		return drivers.Reply{}, err
	}
	none := drivers.Reply{Int: -1}
	if e == nil {
		return drivers.Reply{Int: -cmd.Bit()}, nil
	}
	size := int64(e.size()) * 8
	from, to := between(cmd.Start, min(cmd.Stop, size), size)
	if from == to {
		return none, nil
	}
	flip := uint64(0) // what makes the bit looked for a 1
	if cmd.Bit() == 0 {
		flip = math.MaxUint64
	}
	if at := from - from%8 + firstBit(e.slice(from/8, (to+7)/8), from%8, flip); at < to {
		return drivers.Reply{Int: at}, nil
	}
	if cmd.Bit() == 0 && cmd.Stop == drivers.NoStop {
		return drivers.Reply{Int: size}, nil
	}
	return none, nil
}

// firstBit is the place of the first bit behind skip others, less than 8, that flip makes
// a 1; the number of bits if there is none.
func firstBit(data []byte, skip int64, flip uint64) (at int64) {
	if first := (data[0] ^ byte(flip)) << skip; first != 0 {
		return skip + int64(bits.LeadingZeros8(first))
	}
	for data, at = data[1:], 8; len(data) >= 8; data, at = data[8:], at+64 {
		if word := binary.BigEndian.Uint64(data) ^ flip; word != 0 {
			return at + int64(bits.LeadingZeros64(word))
		}
	}
	for _, value := range data {
		if value ^= byte(flip); value != 0 {
			return at + int64(bits.LeadingZeros8(value))
		}
		at += 8
	}
	return at
}

func bitOp(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	size := 0
	sources := make([]*entry, len(cmd.Keys()))
	for i, key := range cmd.Keys() {
		e := ks.find(key)
		if err := isString(e); err != nil {
			return drivers.Reply{}, err
		}
		if sources[i] = e; e != nil {
			size = max(size, e.size())
		}
	}
	e := ks.find(cmd.Key)
	result := resultOf(e, size, sources)
	operation := cmd.BitOperation()[0]
	if operation != not {
		clear(result[sources[0].copyTo(result, 0):])
		sources = sources[1:]
	}
	for _, source := range sources {
		source.combineInto(result, operation)
	}
	if e != nil {
		ks.remove(e)
	}
	if size > 0 {
		e := ks.create(cmd.Key)
		e.hold(&buffer{result})
		ks.changed(e)
		ks.startTTL(e, cmd.Expiry)
	}
	return count(size)
}

// resultOf is room for what replaces an entry: its own, if that is large enough and
// nothing is read of it. It is not cleared.
func resultOf(e *entry, size int, sources []*entry) []byte {
	if e != nil && !slices.Contains(sources, e) {
		if b, ok := e.object().(*buffer); ok && cap(b.bytes) >= size && cap(b.bytes)/2 <= size {
			return b.bytes[:size]
		}
	}
	return make([]byte, size)
}

// copyTo copies a string from a place on, as much as there is and there is room for.
func (e *entry) copyTo(room []byte, from int) int {
	if e == nil {
		return 0
	}
	if b, ok := e.object().(*buffer); ok {
		return copy(room, b.bytes[from:])
	}
	return copy(room, e.text[from:])
}

// combineInto combines a string, part by part, with a result of those before it.
func (e *entry) combineInto(result []byte, operation byte) {
	var part [partSize]byte
	at := 0
	for size := 0; ; at += size {
		if size = e.copyTo(part[:], at); size == 0 {
			break
		}
		combine(result[at:at+size], part[:size], operation)
	}
	if operation == and { // zeros follow the string
		clear(result[at:])
	}
}

// partSize is how much of a string is combined at a time, and allOnes as much of ones.
const partSize = 4096

var allOnes = bytes.Repeat([]byte{0xff}, partSize)

// The operations of OpBitOp by their first letters.
const (
	and byte = 'A'
	xor byte = 'X'
	not byte = 'N' // any other is OR
)

// combine puts a part of a source into the result, of the same length, of those before it.
func combine(result, part []byte, operation byte) {
	switch operation {
	case not:
		subtle.XORBytes(result, part, allOnes)
		return
	case xor:
		subtle.XORBytes(result, result, part)
		return
	}
	for ; len(part) >= 8; result, part = result[8:], part[8:] {
		a, b := binary.NativeEndian.Uint64(result), binary.NativeEndian.Uint64(part)
		if operation == and {
			a &= b
		} else {
			a |= b
		}
		binary.NativeEndian.PutUint64(result, a)
	}
	for i := range part {
		if operation == and {
			result[i] &= part[i]
		} else {
			result[i] |= part[i]
		}
	}
}
