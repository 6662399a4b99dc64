package redisvalue

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
)

// HyperLogLog is what Redis stores under a key of PFADD, byte for byte: 16 bytes of
// header with a cached count, and 16,384 registers, run-length encoded ("sparse") while
// that is short, else 6 bits each ("dense"). The algorithms are Redis 7.0's, whose
// estimator is O. Ertl's (New cardinality estimation algorithms for HyperLogLog
// sketches, 2017).
type HyperLogLog []byte

const (
	registers     = 1 << registerBits
	registerBits  = 14
	patternBits   = 64 - registerBits
	headerSize    = 16
	denseSize     = headerSize + registers*6/8
	sparseMost    = 3000 // bytes, by hll-sparse-max-bytes of an unchanged configuration
	sparseHighest = 32   // the highest value of a register that has a sparse encoding

	denseEncoding, sparseEncoding = 0, 1
)

// NewHyperLogLog is one without members.
func NewHyperLogLog() HyperLogLog {
	h := make(HyperLogLog, headerSize, headerSize+2)
	copy(h, "HYLL")
	h[4] = sparseEncoding
	return appendZeros(h, registers)
}

// AsHyperLogLog is the HyperLogLog that a string is, without a copy, or not valid.
func AsHyperLogLog(stored []byte) (h HyperLogLog, valid bool) {
	valid = len(stored) >= headerSize && string(stored[:4]) == "HYLL" && stored[4] <= sparseEncoding &&
		(stored[4] == sparseEncoding || len(stored) == denseSize)
	return stored, valid
}

var errCorruptHyperLogLog = errors.New("a HyperLogLog whose registers are damaged")

// Add counts an element. It returns what is to be stored, and whether a register changed.
func (h HyperLogLog) Add(element string) (HyperLogLog, bool, error) {
	index, value := pattern(element)
	return h.raise(index, value)
}

// pattern is which register an element concerns, and what it says: the place of the
// first bit that is set in the rest of the hash.
func pattern(element string) (index int, value uint8) {
	hash := murmur64(element)
	index = int(hash & (registers - 1))
	return index, uint8(bits.TrailingZeros64(hash>>registerBits|1<<patternBits)) + 1
}

// raise lifts a register to at least value.
func (h HyperLogLog) raise(index int, value uint8) (HyperLogLog, bool, error) {
	if h[4] == denseEncoding {
		if h.dense(index) >= value {
			return h, false, nil
		}
		h.setDense(index, value)
		return h, true, nil
	}
	return h.raiseSparse(index, value)
}

// Merge raises the registers to those of others, and drops the cached count.
func (h HyperLogLog) Merge(others ...HyperLogLog) (HyperLogLog, error) {
	var own registerValues
	if err := h.collect(&own); err != nil {
		return nil, err
	}
	highest, dense := own, h[4] == denseEncoding
	for _, other := range others {
		dense = dense || other[4] == denseEncoding
		if err := other.collect(&highest); err != nil {
			return nil, err
		}
	}
	if dense {
		h = h.denseOf(&highest)
	} else {
		for index, value := range highest {
			if value > own[index] { // each is a walk along the runs
				var err error
				if h, _, err = h.raise(index, value); err != nil {
					return nil, err
				}
			}
		}
	}
	h.Forget()
	return h, nil
}

// registerValues are the values of all registers.
type registerValues [registers]uint8

// collect raises registers to those of h.
func (h HyperLogLog) collect(highest *registerValues) error {
	if h[4] == sparseEncoding {
		return h.runs(func(index int, op opcode) {
			for i := range op.length {
				highest[index+i] = max(highest[index+i], op.value)
			}
		})
	}
	packed := h[headerSize:denseSize]
	for four := highest[:]; len(four) >= 4; four, packed = four[4:], packed[3:] { // 6 bits each
		first, second, third := packed[0], packed[1], packed[2]
		four[0] = max(four[0], first&63)
		four[1] = max(four[1], first>>6|second<<2&63)
		four[2] = max(four[2], second>>4|third<<4&63)
		four[3] = max(four[3], third>>2)
	}
	return nil
}

// denseOf is h in the dense encoding with other values.
func (h HyperLogLog) denseOf(values *registerValues) HyperLogLog {
	dense := make(HyperLogLog, denseSize)
	copy(dense, h[:headerSize])
	dense[4] = denseEncoding
	packed := dense[headerSize:]
	for four := values[:]; len(four) >= 4; four, packed = four[4:], packed[3:] {
		packed[0] = four[0] | four[1]<<6
		packed[1] = four[1]>>2 | four[2]<<4
		packed[2] = four[2]>>4 | four[3]<<2
	}
	return dense
}

// Check reports registers that are damaged.
func (h HyperLogLog) Check() error {
	if h[4] == denseEncoding {
		return nil
	}
	return h.runs(func(int, opcode) {})
}

// CountHyperLogLogs estimates how many members several have together.
func CountHyperLogLogs(all ...HyperLogLog) (int64, error) {
	var highest registerValues
	for _, h := range all {
		if err := h.collect(&highest); err != nil {
			return 0, err
		}
	}
	return estimate(&highest), nil
}

// Cached is the count that was cached last, if no register has changed since.
func (h HyperLogLog) Cached() (count int64, valid bool) {
	return int64(binary.LittleEndian.Uint64(h[8:])), h[15]&0x80 == 0
}

// Remember caches a count.
func (h HyperLogLog) Remember(count int64) { binary.LittleEndian.PutUint64(h[8:], uint64(count)) }

// Forget says that the cached count is not that of the registers any more.
func (h HyperLogLog) Forget() { h[15] |= 0x80 }

func (h HyperLogLog) dense(index int) uint8 {
	first, shift := headerSize+index*6/8, uint(index*6%8)
	value := uint(h[first]) >> shift
	if first+1 < len(h) {
		value |= uint(h[first+1]) << (8 - shift)
	}
	return uint8(value & 63)
}

func (h HyperLogLog) setDense(index int, value uint8) {
	first, shift := headerSize+index*6/8, uint(index*6%8)
	h[first] = h[first]&^byte(63<<shift) | value<<shift
	if first+1 < len(h) {
		h[first+1] = h[first+1]&^byte(63>>(8-shift)) | value>>(8-shift)
	}
}

func (h HyperLogLog) toDense() (HyperLogLog, error) {
	var values registerValues
	if err := h.collect(&values); err != nil {
		return nil, err
	}
	return h.denseOf(&values), nil
}

// estimate is the number of members that make such registers.
func estimate(values *registerValues) int64 {
	const m = float64(registers)
	var counts [64]int
	for _, value := range values {
		counts[value&63]++
	}
	var histogram [64]float64
	for value, count := range counts {
		histogram[value] = float64(count)
	}
	z := m * tau((m-histogram[patternBits+1])/m)
	for value := patternBits; value >= 1; value-- {
		z += histogram[value]
		z *= 0.5
	}
	z += m * sigma(histogram[0]/m)
	return int64(math.Round(0.721347520444481703680 * m * m / z))
}

func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	for y, z := 1.0, x; ; y += y {
		x *= x
		before := z
		z += x * y
		if z == before {
			return z
		}
	}
}

func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	for y, z := 1.0, 1-x; ; {
		x = math.Sqrt(x)
		before := z
		y *= 0.5
		z -= (1 - x) * (1 - x) * y
		if z == before {
			return z / 3
		}
	}
}

// murmur64 is MurmurHash64A with the seed that Redis has for HyperLogLogs.
func murmur64(text string) uint64 {
	const m, r = 0xc6a4a7935bd1e995, 47
	hash := 0xadc83b19 ^ uint64(len(text))*m
	for ; len(text) >= 8; text = text[8:] {
		k := binary.LittleEndian.Uint64([]byte(text[:8])) * m
		k ^= k >> r
		hash = (hash ^ k*m) * m
	}
	if len(text) > 0 {
		for i := len(text) - 1; i >= 0; i-- {
			hash ^= uint64(text[i]) << (8 * i)
		}
		hash *= m
	}
	hash = (hash ^ hash>>r) * m
	return hash ^ hash>>r
}
