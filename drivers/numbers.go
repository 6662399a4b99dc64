package drivers

import (
	"math"
	"strconv"
	"strings"

	"github.com/kvstore-go/kvstore/drivers/internal/redisvalue"
)

// ParseInt reads an integer as strictly as Redis does: digits, after a minus perhaps,
// and none of them superfluous. Anything else is ErrInvalid.
func ParseInt(text string) (int64, error) {
	number, err := redisvalue.ParseInt(text)
	return number, invalid(err)
}

// ParseFloat reads a float as Redis reads scores and stored floats, into 64 bits. NaN is ErrInvalid.
func ParseFloat(text string) (float64, error) {
	number, err := redisvalue.ParseFloat(text)
	return number, invalid(err)
}

// FormatFloat is the shortest text that reads as number.
func FormatFloat(number float64) string { return strconv.FormatFloat(number, 'g', -1, 64) }

// checkIntBounds refuses bounds that are no integers.
func checkIntBounds(cmd Command) error {
	for _, bound := range [...]string{cmd.Min(), cmd.Max()} {
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
	if text := cmd.FloatIncrement(); !isDecimal(text) {
		if number, err := ParseFloat(text); err != nil || math.IsInf(number, 0) {
			return Errorf(ErrInvalid, "%.40q is no finite number", text)
		}
	}
	for _, text := range [...]string{cmd.Min(), cmd.Max()} {
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
