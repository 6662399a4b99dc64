package redisvalue

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// AddInt adds to the integer that is stored as text, or to 0 where nothing is stored. The sum
// does not fit if it leaves 64 bits or the bounds, of which those that are no integers are
// none. Text that is not how Redis writes an integer is an error.
func AddInt(text string, stored bool, amount int64, low, high string) (sum int64, fits bool, err error) {
	if stored {
		if sum, err = ParseInt(text); err != nil {
			return 0, false, err
		}
	}
	current := sum
	sum += amount
	if overflows := (sum > current) != (amount > 0) && amount != 0; overflows {
		return 0, false, nil
	}
	if least, err := strconv.ParseInt(low, 10, 64); err == nil && sum < least {
		return 0, false, nil
	}
	if most, err := strconv.ParseInt(high, 10, 64); err == nil && sum > most {
		return 0, false, nil
	}
	return sum, true, nil
}

// ParseInt reads an integer as strictly as Redis does: digits, after a minus perhaps,
// and none of them superfluous.
func ParseInt(text string) (int64, error) {
	number, err := strconv.ParseInt(text, 10, 64)
	var written [20]byte
	if err != nil || string(strconv.AppendInt(written[:0], number, 10)) != text {
		return 0, fmt.Errorf("%.40q is not an integer of 64 bits", text)
	}
	return number, nil
}

// Redis adds floats in the 80 bits that C calls a long double.
const (
	longDoubleBits     = 64
	longDoubleExponent = 16384
)

// AddFloat adds to the number that is stored as text, or to 0 where nothing is stored. The sum
// does not fit if it is no finite number or leaves the bounds, of which those that are no
// numbers are none. Text that is no number is an error.
func AddFloat(text string, stored bool, amount, low, high string) (sum string, fits bool, err error) {
	current := new(big.Float).SetPrec(longDoubleBits)
	if stored {
		if current, err = parseLongDouble(text); err != nil {
			return "", false, err
		}
	}
	added, err := parseLongDouble(amount)
	if err != nil {
		return "", false, err
	}
	if current.IsInf() || added.IsInf() {
		return "", false, nil
	}
	total := new(big.Float).SetPrec(longDoubleBits).Add(current, added)
	if total.MantExp(nil) > longDoubleExponent {
		return "", false, nil
	}
	sum = formatLongDouble(total)
	// The bounds are held against the number as everybody reads it back.
	number, _ := strconv.ParseFloat(sum, 64)
	if least, err := strconv.ParseFloat(low, 64); err == nil && number < least {
		return "", false, nil
	}
	if most, err := strconv.ParseFloat(high, 64); err == nil && number > most {
		return "", false, nil
	}
	return sum, true, nil
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
	bad := fmt.Errorf("%.40q is not a valid float", text)
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

// ParseFloat reads a float as Redis reads scores and stored floats, into 64 bits. NaN is none.
func ParseFloat(text string) (float64, error) {
	number, err := parseLongDouble(text)
	if err != nil {
		return 0, err
	}
	float, _ := number.Float64()
	return float, nil
}
