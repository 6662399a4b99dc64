package gotext

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// valueEnd ends a value; what follows it in an index is an id. Values contain it only
// escaped, so that no value continues another.
const (
	valueEnd        = "\x00"
	valueEndEscaped = "\x00\xff"
)

// Sortable is a value as text that sorts as the values do, followed by an end that no value
// contains: a string, a number, a boolean or a time.
func Sortable(value any) (string, error) {
	if moment, ok := value.(time.Time); ok {
		return sortableInt(moment.Unix()) + fmt.Sprintf("%08x", moment.Nanosecond()) + valueEnd, nil
	}
	switch v := reflect.ValueOf(value); {
	case v.Kind() == reflect.String:
		return strings.ReplaceAll(v.String(), valueEnd, valueEndEscaped) + valueEnd, nil
	case v.Kind() == reflect.Bool:
		return fmt.Sprintf("%t", v.Bool()) + valueEnd, nil
	case v.CanInt():
		return sortableInt(v.Int()) + valueEnd, nil
	case v.CanUint():
		return fmt.Sprintf("%016x", v.Uint()) + valueEnd, nil
	case v.CanFloat() && !math.IsNaN(v.Float()):
		return sortableFloat(v.Float()) + valueEnd, nil
	case v.CanFloat():
		return "", fmt.Errorf("%w: NaN cannot be indexed: it is neither less nor more than anything", drivers.ErrInvalid)
	default:
		return "", fmt.Errorf("%w: a %T cannot be indexed", drivers.ErrInvalid, value)
	}
}

// sortableInt flips the sign, so that negative numbers come first.
func sortableInt(n int64) string { return fmt.Sprintf("%016x", uint64(n)^1<<63) }

// sortableFloat makes the bits of a number, which IEEE 754 lets sort like an integer's
// but for the sign, sort throughout. Both zeros are one.
func sortableFloat(f float64) string {
	bits := math.Float64bits(f + 0)
	if bits>>63 == 1 {
		bits = ^bits
	} else {
		bits ^= 1 << 63
	}
	return fmt.Sprintf("%016x", bits)
}

// CutSortable takes a sortable text apart from the id that follows it.
func CutSortable(member string) (value, id string, ok bool) {
	for at := 0; ; {
		end := strings.Index(member[at:], valueEnd)
		if end < 0 {
			return "", "", false
		}
		at += end + len(valueEnd)
		if !strings.HasPrefix(member[at-len(valueEnd):], valueEndEscaped) {
			return member[:at], member[at:], at < len(member)
		}
	}
}
