package redisvalue

// opcode is a run of registers in the sparse encoding: 00xxxxxx of up to 64 that are 0,
// 01xxxxxx yyyyyyyy of up to 16,384, 1vvvvvxx of up to 4 of a value.
type opcode struct {
	length int
	value  uint8 // 0 for registers that are 0
	size   int   // in bytes
}

const (
	longestZeros  = 64
	longestValues = 4
)

func (h HyperLogLog) opcode(at int) opcode {
	switch first := h[at]; {
	case first&0x80 != 0:
		return opcode{int(first&3) + 1, first>>2&31 + 1, 1}
	case first&0x40 == 0:
		return opcode{int(first) + 1, 0, 1}
	case at+1 < len(h):
		return opcode{(int(first&63)<<8 | int(h[at+1])) + 1, 0, 2}
	default: // cut short
		return opcode{registers + 1, 0, 2}
	}
}

// runs calls see with each run that is not of zeros, and the register it begins with, as
// far as the registers are not damaged.
func (h HyperLogLog) runs(see func(index int, op opcode)) error {
	index := 0
	for at := headerSize; at < len(h); {
		op := h.opcode(at)
		if index+op.length > registers {
			return errCorruptHyperLogLog
		}
		if op.value > 0 {
			see(index, op)
		}
		index, at = index+op.length, at+op.size
	}
	if index != registers {
		return errCorruptHyperLogLog
	}
	return nil
}

func appendZeros(to []byte, length int) []byte {
	switch {
	case length == 0:
		return to
	case length > longestZeros:
		return append(to, byte((length-1)>>8)|0x40, byte(length-1))
	default:
		return append(to, byte(length-1))
	}
}

func appendRun(to []byte, value uint8, length int) []byte {
	switch {
	case length == 0:
		return to
	case value == 0:
		return appendZeros(to, length)
	default:
		return append(to, 0x80|(value-1)<<2|byte(length-1))
	}
}

// raiseSparse is hllSparseSet of Redis: the same runs come out of it. O(size).
func (h HyperLogLog) raiseSparse(index int, value uint8) (HyperLogLog, bool, error) {
	if value > sparseHighest {
		return h.promote(index, value)
	}
	first, at, before := 0, headerSize, headerSize
	var op opcode
	for at < len(h) {
		if op = h.opcode(at); index < first+op.length {
			break
		}
		before = at
		at, first = at+op.size, first+op.length
	}
	switch {
	case at >= len(h) || first+op.length > registers:
		return nil, false, errCorruptHyperLogLog
	case op.value >= value:
		return h, false, nil
	}
	run := appendRun(make([]byte, 0, 5), op.value, index-first)
	run = appendRun(run, value, 1)
	run = appendRun(run, op.value, first+op.length-1-index)
	if grown := len(run) - op.size; grown > 0 && len(h)+grown > sparseMost {
		return h.promote(index, value)
	}
	changed := make(HyperLogLog, 0, len(h)+3)
	changed = append(append(append(changed, h[:at]...), run...), h[at+op.size:]...)
	changed = changed.join(before)
	changed.Forget()
	return changed, true, nil
}

// join makes one run of neighbours that have the same value, in the five runs from at.
func (h HyperLogLog) join(at int) HyperLogLog {
	for scanned := 0; at < len(h) && scanned < 5; scanned++ {
		op := h.opcode(at)
		if op.value > 0 && at+1 < len(h) {
			next := h.opcode(at + 1)
			if next.value == op.value && op.length+next.length <= longestValues {
				h = append(appendRun(h[:at], op.value, op.length+next.length), h[at+2:]...)
				continue
			}
		}
		at += op.size
	}
	return h
}

// promote changes to the dense encoding for a register that the sparse one has no room for.
func (h HyperLogLog) promote(index int, value uint8) (HyperLogLog, bool, error) {
	dense, err := h.toDense()
	if err != nil {
		return nil, false, err
	}
	return dense.raise(index, value)
}
