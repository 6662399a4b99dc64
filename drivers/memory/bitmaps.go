package memory

import (
	"math/bits"

	"github.com/kvstore-go/kvstore/drivers"
)

// bitmapOperations are those of single bits of strings.
var bitmapOperations = operations{
	drivers.OpGetBit:   {read: getBit},
	drivers.OpSetBit:   {write: setBit},
	drivers.OpBitCount: {read: bitCount},
	drivers.OpBitPos:   {read: bitPos},
	drivers.OpBitOp:    {write: bitOp, several: true},
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
	counted := 0
	for _, byteAt := range e.maskedBytes(from, to, 0) {
		counted += bits.OnesCount8(byteAt)
	}
	return count(counted)
}

// maskedBytes are the bytes of the bits [from, to), those outside replaced by fill.
func (e *entry) maskedBytes(from, to int64, fill byte) func(yield func(at int64, value byte) bool) {
	return func(yield func(int64, byte) bool) {
		data := e.slice(from/8, (to+7)/8)
		for i, value := range data {
			at := from/8 + int64(i)
			keep := byte(0xff)
			if first := from - at*8; first > 0 {
				keep &= 0xff >> first
			}
			if beyond := (at+1)*8 - to; beyond > 0 {
				keep &= 0xff << beyond
			}
			if !yield(at, value&keep|fill&^keep) {
				return
			}
		}
	}
}

// bitPos looks on beyond the end of a string, where there are only zeros, if it is
// not told where to stop.
func bitPos(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	if err := isString(e); err != nil {
		return drivers.Reply{}, err
	}
	none := drivers.Reply{Int: -1}
	if e == nil {
		return drivers.Reply{Int: -cmd.Amount}, nil
	}
	size := int64(e.size()) * 8
	from, to := between(cmd.Start, min(cmd.Stop, size), size)
	if from == to {
		return none, nil
	}
	flip := byte(0) // what makes the bit looked for a 1
	if cmd.Amount == 0 {
		flip = 0xff
	}
	for at, value := range e.maskedBytes(from, to, flip) {
		if value ^= flip; value != 0 {
			return drivers.Reply{Int: at*8 + int64(bits.LeadingZeros8(value))}, nil
		}
	}
	if cmd.Amount == 0 && cmd.Stop == drivers.NoStop {
		return drivers.Reply{Int: size}, nil
	}
	return none, nil
}

func bitOp(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	var result []byte
	sources := make([][]byte, len(cmd.Keys))
	for i, key := range cmd.Keys {
		e := ks.find(key)
		if err := isString(e); err != nil {
			return drivers.Reply{}, err
		}
		if e != nil {
			sources[i] = e.slice(0, int64(e.size()))
		}
		if len(sources[i]) > len(result) {
			result = make([]byte, len(sources[i]))
		}
	}
	for i, source := range sources {
		combine(result, source, cmd.Value, i == 0)
	}
	if e := ks.find(cmd.Key); e != nil {
		ks.remove(e)
	}
	if len(result) > 0 {
		e := ks.create(cmd.Key)
		e.object = &buffer{result}
		ks.changed(e)
		ks.startTTL(e, cmd.Expiry)
	}
	return count(len(result))
}

// combine puts a source, which zeros follow, into the result of those before it.
func combine(result, source []byte, operation string, first bool) {
	for i := range result {
		var value byte
		if i < len(source) {
			value = source[i]
		}
		switch {
		case operation == "NOT":
			result[i] = ^value
		case first:
			result[i] = value
		case operation == "AND":
			result[i] &= value
		case operation == "OR":
			result[i] |= value
		default:
			result[i] ^= value
		}
	}
}
