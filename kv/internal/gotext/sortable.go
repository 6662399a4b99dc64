package gotext

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
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

// ValueFollows comes between the two values of a pair. No id begins with it, and it sorts
// before the byte after which another value goes on.
const ValueFollows = "\x01"

// SortablePair is two values as text that sorts as the first does, and then as the second.
func SortablePair(first, second any) (string, error) {
	one, err := Sortable(first)
	if err != nil {
		return "", err
	}
	other, err := Sortable(second)
	return one + ValueFollows + other, err
}

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

// FromSortable sets a value to what its sortable text says.
func FromSortable(text string, into reflect.Value) error {
	text, found := strings.CutSuffix(text, valueEnd)
	if !found {
		return errNotSortable(text)
	}
	if into.Kind() == reflect.String {
		into.SetString(strings.ReplaceAll(text, valueEndEscaped, valueEnd))
		return nil
	}
	if into.Kind() == reflect.Bool {
		into.SetBool(text == "true")
		return nil
	}
	const digits = 16
	bits, err := strconv.ParseUint(text[:min(digits, len(text))], 16, 64)
	rest := text[min(digits, len(text)):]
	switch {
	case err != nil:
	case into.Type() == reflect.TypeFor[time.Time]():
		var nanos uint64
		if nanos, err = strconv.ParseUint(rest, 16, 32); err == nil {
			into.Set(reflect.ValueOf(time.Unix(int64(bits^1<<63), int64(nanos)).UTC()))
			return nil
		}
	case rest != "":
	case into.CanInt():
		into.SetInt(int64(bits ^ 1<<63))
		return nil
	case into.CanUint():
		into.SetUint(bits)
		return nil
	case into.CanFloat():
		if bits>>63 == 1 {
			bits ^= 1 << 63
		} else {
			bits = ^bits
		}
		into.SetFloat(math.Float64frombits(bits))
		return nil
	}
	return errNotSortable(text)
}

func errNotSortable(text string) error {
	return fmt.Errorf("%w: %.40q is no value of an index", drivers.ErrInvalid, text)
}

// CutSortable takes a sortable text, of a value or a pair, apart from the id that follows it.
func CutSortable(member string) (value, id string, ok bool) {
	for at := 0; ; {
		end := strings.Index(member[at:], valueEnd)
		if end < 0 {
			return "", "", false
		}
		at += end + len(valueEnd)
		rest := member[at-len(valueEnd):]
		if !strings.HasPrefix(rest, valueEndEscaped) && !strings.HasPrefix(rest, valueEnd+ValueFollows) {
			return member[:at], member[at:], at < len(member)
		}
	}
}
