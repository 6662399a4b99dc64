package plan

import (
	"bytes"
	"math"
	"math/big"
	"strconv"

	"github.com/kvstore-go/kvstore/jsonval/internal/compiled"
	"github.com/kvstore-go/kvstore/jsonval/internal/tree"
	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// maxIntegerDigits is how many digits any int64 can hold.
const maxIntegerDigits = 18

// scanInteger reads a number without fraction or exponent that is sure to be an int64. For other numbers ok is false.
func scanInteger(text []byte, i int) (end int, value int64, ok bool) {
	negative := text[i] == '-'
	if negative {
		i++
	}
	first := i
	for {
		c := byteAt(text, i)
		if digit := c - '0'; digit <= 9 {
			value = value*10 + int64(digit)
			i++
			continue
		}
		if negative {
			value = -value
		}
		length := i - first
		return i, value, length <= maxIntegerDigits && c != '.' && c|' ' != 'e' && (length == 1 || length > 1 && text[first] != '0')
	}
}

// literalNumber is a number as a text writes it.
type literalNumber []byte

// scanNumber reads any number that [tree.Comparable] holds small enough.
func scanNumber(text []byte, i int) (end int, literal literalNumber) {
	start := i
	if text[i] == '-' {
		i++
	}
	digits := i
	i = skipDigits(text, i)
	if length := i - digits; length == 0 || length > 1 && text[digits] == '0' {
		return -1, nil
	}
	if byteAt(text, i) == '.' {
		fraction := i + 1
		if i = skipDigits(text, fraction); i == fraction {
			return -1, nil
		}
	}
	if byteAt(text, i)|' ' == 'e' {
		i++
		if c := byteAt(text, i); c == '+' || c == '-' {
			i++
		}
		exponent := i
		if i = skipDigits(text, exponent); i == exponent || !smallExponent(text[exponent:i]) {
			return -1, nil
		}
	}
	if i-start > tree.MaxNumberLength {
		return -1, nil
	}
	return i, literalNumber(text[start:i])
}

func skipDigits(text []byte, i int) int {
	for byteAt(text, i)-'0' <= 9 {
		i++
	}
	return i
}

func smallExponent(digits []byte) bool {
	value := 0
	for _, c := range digits {
		if value = value*10 + int(c-'0'); value > tree.MaxNumberExponent {
			return false
		}
	}
	return true
}

// decimal returns the digits of the number without leading zeros, and the power of ten that they are to be multiplied with.
// The digits of zero are empty. They are appended to a buffer.
func (l literalNumber) decimal(to []byte) (digits []byte, exponent int, negative bool) {
	base := len(to)
	fraction := false
	for i, c := range l {
		switch {
		case c == '-':
			negative = true
		case c == '.':
			fraction = true
		case c|' ' == 'e':
			// It was scanned, so that it is a small number.
			given, _ := strconv.Atoi(string(l[i+1:]))
			return to[base:], exponent + given, negative
		default:
			if fraction {
				exponent--
			}
			if c != '0' || len(to) > base {
				to = append(to, c)
			}
		}
	}
	return to[base:], exponent, negative
}

// normal is decimal without trailing zeros, so that equal numbers have equal parts.
func (l literalNumber) normal(to []byte) (digits []byte, exponent int, negative bool) {
	digits, exponent, negative = l.decimal(to)
	for len(digits) > 0 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
		exponent++
	}
	if len(digits) == 0 {
		return digits, 0, false
	}
	return digits, exponent, negative
}

func (l literalNumber) integral() bool {
	var buffer [64]byte
	_, exponent, _ := l.normal(buffer[:0])
	return exponent >= 0
}

func (l literalNumber) rational() *big.Rat {
	value, _ := new(big.Rat).SetString(string(l))
	return value
}

// numberRules are the keywords for numbers. The bounds are kept three times over: as the range of int64 and the open range of
// float64 within which every number satisfies them all, and exactly.
type numberRules struct {
	integers          int64Range
	lowFloat, hiFloat float64
	unbounded         bool // every number that is not astronomical is in range
	bounds            []numberBound

	multiple    *big.Rat // nil when there is no such rule
	unit        int64    // multiple, when it is an int64
	notMultiple *violation.Violation
}

// numberBound is one of minimum, maximum, exclusiveMinimum and exclusiveMaximum.
type numberBound struct {
	limit     *big.Rat
	side      int // how a number that is out of bounds compares to the limit
	exclusive bool
	integers  int64Range
	why       *violation.Violation
}

// int64Range is a range of int64. It is empty when its lowest number is above its highest.
type int64Range struct {
	lowest, highest int64
}

func (r int64Range) holds(value int64) bool {
	return r.lowest <= value && value <= r.highest
}

func (r int64Range) intersect(other int64Range) int64Range {
	return int64Range{max(r.lowest, other.lowest), min(r.highest, other.highest)}
}

func newNumberRules(s *compiled.Schema) *numberRules {
	r := &numberRules{integers: int64Range{math.MinInt64, math.MaxInt64}, lowFloat: math.Inf(-1), hiFloat: math.Inf(1)}
	r.bind(s.Minimum, -1, false, violation.Minimum{Want: s.Minimum})
	r.bind(s.Maximum, 1, false, violation.Maximum{Want: s.Maximum})
	r.bind(s.ExclusiveMinimum, -1, true, violation.ExclusiveMinimum{Want: s.ExclusiveMinimum})
	r.bind(s.ExclusiveMaximum, 1, true, violation.ExclusiveMaximum{Want: s.ExclusiveMaximum})
	if s.MultipleOf != nil {
		r.multiple, r.notMultiple = s.MultipleOf, violationOf(violation.MultipleOf{Want: s.MultipleOf})
		if r.multiple.IsInt() && r.multiple.Num().IsInt64() {
			r.unit = r.multiple.Num().Int64()
		}
	}
	r.unbounded = r.multiple == nil && r.lowFloat < -astronomical && r.hiFloat > astronomical
	return r
}

func (r *numberRules) bind(limit *big.Rat, side int, exclusive bool, why violation.Rule) {
	if limit == nil {
		return
	}
	b := numberBound{limit: limit, side: side, exclusive: exclusive, why: violationOf(why)}
	nearest, _ := limit.Float64()
	if side < 0 {
		r.lowFloat = max(r.lowFloat, nearest)
		b.integers = atLeast(ceiling(limit, exclusive))
	} else {
		r.hiFloat = min(r.hiFloat, nearest)
		lowest := ceiling(new(big.Rat).Neg(limit), exclusive)
		b.integers = atMost(lowest.Neg(lowest))
	}
	r.integers = r.integers.intersect(b.integers)
	r.bounds = append(r.bounds, b)
}

// astronomical is a number that takes more digits than maxShortLength to write out.
const (
	astronomical   = 1e301
	maxShortLength = 300
)

// ceiling returns the least integer that is not below the bound, or that is above it.
func ceiling(bound *big.Rat, exclusive bool) *big.Int {
	quotient, rest := new(big.Int).DivMod(bound.Num(), bound.Denom(), new(big.Int))
	if rest.Sign() != 0 || exclusive {
		quotient.Add(quotient, big.NewInt(1))
	}
	return quotient
}

var noInteger = int64Range{math.MaxInt64, math.MinInt64}

func atLeast(lowest *big.Int) int64Range {
	switch {
	case lowest.IsInt64():
		return int64Range{lowest.Int64(), math.MaxInt64}
	case lowest.Sign() > 0:
		return noInteger
	default:
		return int64Range{math.MinInt64, math.MaxInt64}
	}
}

func atMost(highest *big.Int) int64Range {
	switch {
	case highest.IsInt64():
		return int64Range{math.MinInt64, highest.Int64()}
	case highest.Sign() < 0:
		return noInteger
	default:
		return int64Range{math.MinInt64, math.MaxInt64}
	}
}

// acceptInteger reports whether an integer satisfies the rules.
func (r *numberRules) acceptInteger(value int64) bool {
	if !r.integers.holds(value) {
		return false
	}
	return r.multiple == nil || r.dividesInteger(value)
}

func (r *numberRules) dividesInteger(value int64) bool {
	if r.unit != 0 {
		return value%r.unit == 0
	}
	return divides(r.multiple, new(big.Rat).SetInt64(value))
}

// accept reports whether any number satisfies the rules; only one next to a bound is compared exactly.
func (r *numberRules) accept(l literalNumber) bool {
	if r.unbounded && len(l) <= maxShortLength && !bytes.ContainsAny(l, "eE") {
		return true
	}
	if f, err := strconv.ParseFloat(string(l), 64); err == nil && r.lowFloat < f && f < r.hiFloat {
		return r.multiple == nil || divides(r.multiple, l.rational())
	}
	return len(r.broken(l)) == 0
}

func divides(divisor, number *big.Rat) bool {
	return new(big.Rat).Quo(number, divisor).IsInt()
}

// brokenByInteger returns the rules that an integer breaks.
func (r *numberRules) brokenByInteger(value int64) []*violation.Violation {
	var found []*violation.Violation
	for i := range r.bounds {
		if !r.bounds[i].integers.holds(value) {
			found = append(found, r.bounds[i].why)
		}
	}
	if r.multiple != nil && !r.dividesInteger(value) {
		found = append(found, r.notMultiple)
	}
	return found
}

// broken returns the rules that the number breaks.
func (r *numberRules) broken(l literalNumber) []*violation.Violation {
	var found []*violation.Violation
	value := l.rational()
	for _, bound := range r.bounds {
		if side := value.Cmp(bound.limit); side == bound.side || side == 0 && bound.exclusive {
			found = append(found, bound.why)
		}
	}
	if r.multiple != nil && !divides(r.multiple, value) {
		found = append(found, r.notMultiple)
	}
	return found
}
