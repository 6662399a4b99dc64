package drivers

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// AddInt is what OpIncrBy, and OpHIncrBy, answer where text is stored, or nothing is:
// Nil if the sum does not fit into 64 bits or leaves the bounds, ErrInvalid if text is
// not how Redis writes an integer.
func (cmd Command) AddInt(text string, exists bool) (Reply, error) {
	var current int64
	if exists {
		var err error
		if current, err = ParseInt(text); err != nil {
			return Reply{}, err
		}
	}
	sum := current + cmd.Amount
	if overflows := (sum > current) != (cmd.Amount > 0) && cmd.Amount != 0; overflows {
		return Reply{Nil: true}, nil
	}
	if low, err := strconv.ParseInt(cmd.Min, 10, 64); err == nil && sum < low {
		return Reply{Nil: true}, nil
	}
	if high, err := strconv.ParseInt(cmd.Max, 10, 64); err == nil && sum > high {
		return Reply{Nil: true}, nil
	}
	return Reply{Int: sum}, nil
}

// ParseInt reads an integer as strictly as Redis does: digits, after a minus perhaps,
// and none of them superfluous. Anything else is ErrInvalid.
func ParseInt(text string) (int64, error) {
	number, err := strconv.ParseInt(text, 10, 64)
	var written [20]byte
	if err != nil || string(strconv.AppendInt(written[:0], number, 10)) != text {
		return 0, Errorf(ErrInvalid, "%.40q is not an integer of 64 bits", text)
	}
	return number, nil
}

// Redis adds floats in the 80 bits that C calls a long double.
const (
	longDoubleBits     = 64
	longDoubleExponent = 16384
)

// AddFloat is what OpIncrByFloat, and OpHIncrByFloat, answer where text is stored, or
// nothing is: Nil if the sum is no finite number or leaves the bounds, ErrInvalid if text
// is no number.
func (cmd Command) AddFloat(text string, exists bool) (Reply, error) {
	current := new(big.Float).SetPrec(longDoubleBits)
	if exists {
		var err error
		if current, err = parseLongDouble(text); err != nil {
			return Reply{}, err
		}
	}
	amount, err := parseLongDouble(cmd.increment())
	if err != nil {
		return Reply{}, err
	}
	if current.IsInf() || amount.IsInf() {
		return Reply{Nil: true}, nil
	}
	sum := new(big.Float).SetPrec(longDoubleBits).Add(current, amount)
	if sum.MantExp(nil) > longDoubleExponent {
		return Reply{Nil: true}, nil
	}
	value := formatLongDouble(sum)
	// The bounds are held against the number as everybody reads it back.
	number, _ := strconv.ParseFloat(value, 64)
	if low, err := strconv.ParseFloat(cmd.Min, 64); err == nil && number < low {
		return Reply{Nil: true}, nil
	}
	if high, err := strconv.ParseFloat(cmd.Max, 64); err == nil && number > high {
		return Reply{Nil: true}, nil
	}
	return Reply{Value: value}, nil
}

// increment is the number to add, as text.
func (cmd Command) increment() string {
	if cmd.Op == OpHIncrByFloat {
		return cmd.Expected
	}
	return cmd.Value
}

// formatLongDouble writes a number as Redis does: 17 places, without zeros at the end.
func formatLongDouble(number *big.Float) string {
	text := strings.TrimRight(number.Text('f', 17), "0")
	text = strings.TrimSuffix(text, ".")
	if text == "-0" {
		return "0"
	}
	return text
}

// parseLongDouble reads what C's strtold does, of less than 5 KB, but for NaN.
func parseLongDouble(text string) (*big.Float, error) {
	bad := Errorf(ErrInvalid, "%.40q is not a valid float", text)
	digits := strings.ToLower(strings.TrimPrefix(strings.TrimPrefix(text, "+"), "-"))
	switch {
	case text == "" || len(text) >= 5*1024 || len(digits) < len(text)-1:
		return nil, bad
	case digits == "inf" || digits == "infinity":
		return new(big.Float).SetInf(text[0] == '-'), nil
	}
	base := 10
	allowed := "0123456789.e+-"
	if strings.HasPrefix(digits, "0x") {
		base, allowed = 0, "0123456789abcdef.xp+-"
	}
	if strings.Trim(digits, allowed) != "" {
		return nil, bad
	}
	number, _, err := big.ParseFloat(text, base, longDoubleBits, big.ToNearestEven)
	if err != nil || number.MantExp(nil) > longDoubleExponent || number.Sign() == 0 && strings.ContainsAny(mantissa(digits), "123456789abcdf") {
		return nil, bad
	}
	return number, nil
}

// mantissa is the number without its exponent.
func mantissa(digits string) string {
	marks := "e"
	if strings.HasPrefix(digits, "0x") {
		digits, marks = digits[2:], "p"
	}
	before, _, _ := strings.Cut(digits, marks)
	return before
}

// ParseFloat reads a float as Redis reads scores and stored floats, into 64 bits. NaN is ErrInvalid.
func ParseFloat(text string) (float64, error) {
	number, err := parseLongDouble(text)
	if err != nil {
		return 0, err
	}
	float, _ := number.Float64()
	return float, nil
}

// FormatFloat is the shortest text that reads as number.
func FormatFloat(number float64) string { return strconv.FormatFloat(number, 'g', -1, 64) }

// checkIntBounds refuses bounds that are no integers.
func checkIntBounds(cmd Command) error {
	for _, bound := range [...]string{cmd.Min, cmd.Max} {
		if bound != "" {
			if _, err := ParseInt(bound); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkFloatBounds refuses an increment or bounds that are no finite numbers of 64 bits. An
// increment may be hexadecimal, as in Redis.
func checkFloatBounds(cmd Command) error {
	if text := cmd.increment(); !isDecimal(text) {
		if number, err := ParseFloat(text); err != nil || math.IsInf(number, 0) {
			return Errorf(ErrInvalid, "%.40q is no finite number", text)
		}
	}
	for _, text := range [...]string{cmd.Min, cmd.Max} {
		if text != "" && !isDecimal(text) {
			return Errorf(ErrInvalid, "%.40q is no finite number", text)
		}
	}
	return nil
}

// isDecimal reports a finite number of 64 bits in decimal digits.
func isDecimal(text string) bool {
	number, err := strconv.ParseFloat(text, 64)
	return err == nil && !math.IsInf(number, 0) && !math.IsNaN(number) && !strings.ContainsAny(text, "_xX")
}
