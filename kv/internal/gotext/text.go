package gotext

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// text is how values of a Go type are written as text and read back.
type text struct {
	format func(value reflect.Value) (string, error)
	// parse sets into, which is the zero value.
	parse func(text string, into reflect.Value) error
	// document is how documents are written and read; nil for what is none.
	document *Document
	// forms are those of the texts that can be read, the newest first.
	forms []dsl.Form
}

// textOf chooses the text of a type: simple types have one of their own, those that
// marshal to and from text have that, and the others are JSON documents.
func textOf(kind reflect.Type, older Older) (text, error) {
	if simple, ok := simpleText(kind); ok {
		if !older.None() {
			return text{}, fmt.Errorf("a %v has no older forms: only documents do", kind)
		}
		simple.forms = []dsl.Form{simpleForm(kind)}
		return simple, nil
	}
	document, err := DocumentOf(kind, nil, older)
	if err != nil {
		return text{}, err
	}
	document.canonical = true
	return text{
		document: document,
		format: func(value reflect.Value) (string, error) {
			pointer := reflect.New(kind)
			pointer.Elem().Set(value)
			return document.Encode(pointer.Interface(), false)
		},
		parse: func(text string, into reflect.Value) error {
			pointer := reflect.New(kind)
			if _, err := document.Decode(text, pointer.Interface()); err != nil {
				return err
			}
			into.Set(pointer.Elem())
			return nil
		},
		forms: document.Declared(),
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

// MarshalsText reports whether values of a type marshal to text and back.
func MarshalsText(kind reflect.Type) bool {
	return kind.Implements(textMarshaler) && reflect.PointerTo(kind).Implements(textUnmarshaler)
}

// SortsAsText reports whether values of a type are their own text, so that texts are in the
// order of the values.
func SortsAsText(kind reflect.Type) bool {
	return kind.Kind() == reflect.String && !kind.Implements(textMarshaler)
}

// simpleText is the text of strings, numbers, booleans, bytes, times, durations, and of
// what marshals to and from text.
func simpleText(kind reflect.Type) (text, bool) {
	switch kind {
	case reflect.TypeFor[time.Time]():
		return timeText, true
	case reflect.TypeFor[time.Duration]():
		return durationText, true
	}
	if MarshalsText(kind) {
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
	return text{}, false
}

var stringText = text{
	format: func(value reflect.Value) (string, error) { return value.String(), nil },
	parse:  func(text string, into reflect.Value) error { into.SetString(text); return nil },
}

var bytesText = text{
	format: func(value reflect.Value) (string, error) { return string(value.Bytes()), nil },
	parse:  func(text string, into reflect.Value) error { into.SetBytes([]byte(text)); return nil },
}

var boolText = text{
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
var intText = text{
	format: func(value reflect.Value) (string, error) { return strconv.FormatInt(value.Int(), 10), nil },
	parse: func(text string, into reflect.Value) error {
		number, err := parseInt64(text)
		if err == nil && into.OverflowInt(number) {
			err = fmt.Errorf("%d does not fit into %v", number, into.Type())
		}
		into.SetInt(number)
		return err
	},
}

var uintText = text{
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
var floatText = text{
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

// What a text is that is no number is for those to say who know where it comes from: these errors are of no class.

func parseInt64(text string) (int64, error) {
	number, err := drivers.ParseInt(text)
	if err != nil {
		err = fmt.Errorf("%.40q is not an integer of 64 bits", text)
	}
	return number, err
}

func parseFloat(text string) (float64, error) {
	number, err := drivers.ParseFloat(text)
	if err != nil || math.IsInf(number, 0) {
		err = fmt.Errorf("%.40q is no finite number", text)
	}
	return number, err
}

// Times are written in UTC with nanoseconds (RFC 3339), so that one moment has one text.
var timeText = text{
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
var durationText = text{
	format: func(value reflect.Value) (string, error) { return time.Duration(value.Int()).String(), nil },
	parse: func(text string, into reflect.Value) error {
		duration, err := time.ParseDuration(text)
		into.SetInt(int64(duration))
		return err
	},
}

var marshaledText = text{
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
