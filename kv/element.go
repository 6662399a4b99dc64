package kv

import (
	"encoding"
	"errors"
	"fmt"
	"iter"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/jsonval"
)

// codec turns elements of type T - values, members, fields - into the text that is
// stored, and back. It is chosen when the schema is built.
type codec[T any] struct {
	format func(T) (string, error)
	parse  func(string) (T, error)
	// total says that every text is a T.
	total bool
}

// plainCodec is that of strings, which are by far the most common elements.
var plainCodec = &codec[string]{
	format: func(value string) (string, error) { return value, nil },
	parse:  func(text string) (string, error) { return text, nil },
	total:  true,
}

var bytesCodec = &codec[[]byte]{
	format: func(value []byte) (string, error) { return string(value), nil },
	parse:  func(text string) ([]byte, error) { return []byte(text), nil },
	total:  true,
}

// commonCodecs are those of the most common types, which need no reflection.
var commonCodecs = []any{
	plainCodec, bytesCodec, integerCodec[int](), integerCodec[int64](),
	&codec[float64]{format: func(value float64) (string, error) { return formatFloat(value, 64) }, parse: parseFloat},
	&codec[bool]{format: func(value bool) (string, error) { return strconv.FormatBool(value), nil }, parse: parseBool},
	&codec[time.Time]{format: formatTime, parse: parseTime},
}

// integerCodec is that of an integer of 64 bits.
func integerCodec[T int | int64]() *codec[T] {
	return &codec[T]{
		format: func(value T) (string, error) { return strconv.FormatInt(int64(value), 10), nil },
		parse: func(text string) (T, error) {
			number, err := drivers.ParseInt(text)
			if err == nil && int64(T(number)) != number {
				err = fmt.Errorf("%d does not fit into %T", number, T(0))
			}
			return T(number), err
		},
	}
}

// codecOf chooses the codec of T, or says that there is none.
func codecOf[T any]() (*codec[T], error) {
	for _, simple := range commonCodecs {
		if codec, ok := simple.(*codec[T]); ok {
			return codec, nil
		}
	}
	text, err := textOf(reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	return &codec[T]{
		format: func(value T) (string, error) { return text.format(reflect.ValueOf(&value).Elem()) },
		parse: func(stored string) (value T, err error) {
			err = text.parse(stored, reflect.ValueOf(&value).Elem())
			return value, err
		},
	}, nil
}

// encode is what is stored of a value, or ErrInvalid.
func (c *codec[T]) encode(value T) (string, error) {
	text, err := c.format(value)
	if err != nil {
		return "", drivers.Join(drivers.ErrInvalid, err)
	}
	return text, nil
}

// decode is the value of what is stored, or ErrCorrupt.
func (c *codec[T]) decode(text string) (T, error) {
	value, err := c.parse(text)
	if err != nil {
		var none T
		return none, drivers.Join(errCorrupt, err)
	}
	return value, nil
}

// encodeAll is what is stored of values. Strings are copied too, so that the compiler can
// see that values, the arguments of a call, need not be on the heap.
func (c *codec[T]) encodeAll(values []T) ([]string, error) {
	texts := make([]string, len(values))
	for i, value := range values {
		var err error
		if texts[i], err = c.encode(value); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// decodeAll is the values of texts, which are no longer the caller's. It is never nil:
// empty, it is [] in JSON.
func (c *codec[T]) decodeAll(texts []string) ([]T, error) {
	if values, ok := any(texts).([]T); ok && values != nil {
		return values, nil
	}
	values := make([]T, len(texts))
	for i, text := range texts {
		var err error
		if values[i], err = c.decode(text); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// goText is how values of a Go type are written as text and read back.
type goText struct {
	format func(value reflect.Value) (string, error)
	// parse sets into, which is the zero value.
	parse func(text string, into reflect.Value) error
}

// textOf chooses the text of a type: simple types have one of their own, those that
// marshal to and from text have that, and the others are JSON documents.
func textOf(kind reflect.Type) (goText, error) {
	if text, ok := simpleText(kind); ok {
		return text, nil
	}
	document, err := jsonval.NewTypeCodec(kind)
	if err != nil {
		return goText{}, err
	}
	return goText{
		format: func(value reflect.Value) (string, error) {
			text, err := document.Encode(value)
			return withoutNegativeZeros(text), err
		},
		parse: document.Decode,
	}, nil
}

// withoutNegativeZeros is a JSON text with 0 for every number −0, which == says is the same.
func withoutNegativeZeros(text string) string {
	if !strings.Contains(text, "-0") {
		return text
	}
	written := make([]byte, 0, len(text))
	quoted := false
	for i := 0; i < len(text); i++ {
		switch rest := text[i:]; {
		case quoted && rest[0] == '\\':
			written = append(written, rest[0])
			i++
		case rest[0] == '"':
			quoted = !quoted
		case !quoted && strings.HasPrefix(rest, "-0") && (len(rest) == 2 || strings.IndexByte(".eE", rest[2]) < 0):
			continue
		}
		written = append(written, text[i])
	}
	return string(written)
}

var (
	textMarshaler   = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// marshalsText reports whether values of a type marshal to text and back.
func marshalsText(kind reflect.Type) bool {
	return kind.Implements(textMarshaler) && reflect.PointerTo(kind).Implements(textUnmarshaler)
}

// isItsText reports whether values of a type are their own text, so that texts are in the
// order of the values.
func isItsText(kind reflect.Type) bool {
	return kind.Kind() == reflect.String && !kind.Implements(textMarshaler)
}

// simpleText is the text of strings, numbers, booleans, bytes, times, durations, and of
// what marshals to and from text.
func simpleText(kind reflect.Type) (goText, bool) {
	switch kind {
	case reflect.TypeFor[time.Time]():
		return timeText, true
	case reflect.TypeFor[time.Duration]():
		return durationText, true
	}
	if marshalsText(kind) {
		return marshaledText, true
	}
	switch kind.Kind() {
	case reflect.String:
		return stringText, true
	case reflect.Bool:
		return boolText, true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return intText, true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return uintText, true
	case reflect.Float32, reflect.Float64:
		return floatText, true
	case reflect.Slice:
		if kind.Elem().Kind() == reflect.Uint8 {
			return bytesText, true
		}
	default:
	}
	return goText{}, false
}

var stringText = goText{
	format: func(value reflect.Value) (string, error) { return value.String(), nil },
	parse:  func(text string, into reflect.Value) error { into.SetString(text); return nil },
}

var bytesText = goText{
	format: func(value reflect.Value) (string, error) { return string(value.Bytes()), nil },
	parse:  func(text string, into reflect.Value) error { into.SetBytes([]byte(text)); return nil },
}

var boolText = goText{
	format: func(value reflect.Value) (string, error) { return strconv.FormatBool(value.Bool()), nil },
	parse: func(text string, into reflect.Value) error {
		truth, err := parseBool(text)
		into.SetBool(truth)
		return err
	},
}

func parseBool(text string) (bool, error) {
	if text != "true" && text != "false" {
		return false, fmt.Errorf("%.40q is neither true nor false", text)
	}
	return text == "true", nil
}

// Integers are written as Redis writes them, so that it can count with them.
var intText = goText{
	format: func(value reflect.Value) (string, error) { return strconv.FormatInt(value.Int(), 10), nil },
	parse: func(text string, into reflect.Value) error {
		number, err := drivers.ParseInt(text)
		if err == nil && into.OverflowInt(number) {
			err = fmt.Errorf("%d does not fit into %v", number, into.Type())
		}
		into.SetInt(number)
		return err
	},
}

var uintText = goText{
	format: func(value reflect.Value) (string, error) { return strconv.FormatUint(value.Uint(), 10), nil },
	parse: func(text string, into reflect.Value) error {
		number, err := strconv.ParseUint(text, 10, into.Type().Bits())
		if err == nil && strconv.FormatUint(number, 10) != text {
			err = fmt.Errorf("%.40q is not how an integer is written", text)
		}
		into.SetUint(number)
		return err
	},
}

// Floats are finite. They are read in any notation, as Redis writes its own.
var floatText = goText{
	format: func(value reflect.Value) (string, error) { return formatFloat(value.Float(), value.Type().Bits()) },
	parse: func(text string, into reflect.Value) error {
		number, err := parseFloat(text)
		if err == nil && into.Type().Bits() == 32 {
			if rounded, wrong := strconv.ParseFloat(text, 32); wrong == nil || errors.Is(wrong, strconv.ErrRange) {
				number = rounded // once, and not to 64 bits before
			}
			if math.IsInf(float64(float32(number)), 0) {
				err = fmt.Errorf("%.40q is no finite %v", text, into.Type())
			}
		}
		into.SetFloat(number)
		return err
	},
}

// formatFloat is the shortest text that reads as a number of so many bits. −0 is 0, as it
// is to ==.
func formatFloat(number float64, bits int) (string, error) {
	switch {
	case math.IsNaN(number) || math.IsInf(number, 0):
		return "", fmt.Errorf("%v is no finite number", number)
	case number == 0:
		return "0", nil
	}
	return strconv.FormatFloat(number, 'g', -1, bits), nil
}

func parseFloat(text string) (float64, error) {
	number, err := drivers.ParseFloat(text)
	if err == nil && math.IsInf(number, 0) {
		err = fmt.Errorf("%.40q is no finite number", text)
	}
	return number, err
}

// Times are written in UTC with nanoseconds (RFC 3339), so that one moment has one text.
var timeText = goText{
	format: func(value reflect.Value) (string, error) { return formatTime(value.Interface().(time.Time)) },
	parse: func(text string, into reflect.Value) error {
		moment, err := parseTime(text)
		into.Set(reflect.ValueOf(moment))
		return err
	},
}

func formatTime(moment time.Time) (string, error) {
	var buffer [len(time.RFC3339Nano)]byte
	text, err := moment.UTC().AppendText(buffer[:0])
	return string(text), err
}

func parseTime(text string) (time.Time, error) {
	moment, err := time.Parse(time.RFC3339Nano, text)
	return moment.UTC(), err
}

// Durations are written as Go prints them: 1h2m3.5s.
var durationText = goText{
	format: func(value reflect.Value) (string, error) { return time.Duration(value.Int()).String(), nil },
	parse: func(text string, into reflect.Value) error {
		duration, err := time.ParseDuration(text)
		into.SetInt(int64(duration))
		return err
	},
}

var marshaledText = goText{
	format: func(value reflect.Value) (string, error) {
		if value.Kind() == reflect.Pointer && value.IsNil() {
			return "", fmt.Errorf("a nil %v", value.Type())
		}
		text, err := value.Interface().(encoding.TextMarshaler).MarshalText()
		return string(text), err
	},
	parse: func(text string, into reflect.Value) error {
		return into.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
	},
}

// errCorrupt is the class of what is stored and does not fit.
var errCorrupt error = corrupt{}

type corrupt struct{}

func (corrupt) Error() string { return "the stored value does not fit the schema" }

func (corrupt) Unwrap() error { return drivers.ErrInvalid }

// pairsOf goes through fields and values that come by turns.
func pairsOf(flat []string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for i := 0; i+1 < len(flat); i += 2 {
			if !yield(flat[i], flat[i+1]) {
				return
			}
		}
	}
}

// mustCodec is the codec of a type that has one.
func mustCodec[T any]() *codec[T] {
	codec, err := codecOf[T]()
	if err != nil {
		panic(err)
	}
	return codec
}

// restricted is a codec that refuses, both ways, what is not allowed.
func restricted[T any](c *codec[T], allow func(T) error) *codec[T] {
	return &codec[T]{
		format: func(value T) (string, error) {
			if err := allow(value); err != nil {
				return "", err
			}
			return c.format(value)
		},
		parse: func(text string) (T, error) {
			value, err := c.parse(text)
			if err == nil {
				err = allow(value)
			}
			return value, err
		},
	}
}
