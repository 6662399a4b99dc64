// Package gotext is how values of Go types are written as text, and read back: elements,
// keys, structs by their fields, and values that are sorted by their text. A text is
// chosen by the type alone, once, when a schema is built; the package knows no schema, no handle
// and no driver.
package gotext

import (
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// Codec turns elements of type T - values, members, fields - into the text that is
// stored, and back. It is chosen when the schema is built.
type Codec[T any] struct {
	format   func(T) (string, error)
	parse    func(string) (T, error)
	document *Document
	// Check reports a text that is no T: what Decode does without a value. It is a field, as the compiler makes
	// methods anew for each type.
	Check func(text string) error
	// Total says that every text is a T.
	Total bool
	// Forms are those of the texts that can be read, the newest first.
	Forms []dsl.Form
}

// Strings is the codec of strings, which are by far the most common elements.
var Strings = &Codec[string]{
	format: func(value string) (string, error) { return value, nil },
	parse:  func(text string) (string, error) { return text, nil },
	Check:  acceptAll, Total: true,
	Forms: formsOf[string](),
}

// Bytes is the codec of bytes.
var Bytes = &Codec[[]byte]{
	format: func(value []byte) (string, error) { return string(value), nil },
	parse:  func(text string) ([]byte, error) { return []byte(text), nil },
	Check:  acceptAll, Total: true,
	Forms: formsOf[[]byte](),
}

// commonCodecs are those of the most common types, which need no reflection.
var commonCodecs = []any{
	Strings, Bytes, integerCodec[int](), integerCodec[int64](),
	&Codec[float64]{format: func(value float64) (string, error) { return formatFloat(value, 64) }, parse: parseFloat, Check: checkBy(parseFloat), Forms: formsOf[float64]()},
	&Codec[bool]{format: func(value bool) (string, error) { return strconv.FormatBool(value), nil }, parse: parseBool, Check: checkBy(parseBool), Forms: formsOf[bool]()},
	&Codec[time.Time]{format: formatTime, parse: parseTime, Check: checkBy(parseTime), Forms: formsOf[time.Time]()},
}

// integerCodec is that of an integer of 64 bits.
func integerCodec[T int | int64]() *Codec[T] {
	parse := func(text string) (T, error) {
		number, err := drivers.ParseInt(text)
		if err == nil && int64(T(number)) != number {
			err = fmt.Errorf("%d does not fit into %T", number, T(0))
		}
		return T(number), err
	}
	return &Codec[T]{
		format: func(value T) (string, error) { return strconv.FormatInt(int64(value), 10), nil },
		parse:  parse, Check: checkBy(parse), Forms: formsOf[T](),
	}
}

// formsOf are the forms of a type that has a simple text.
func formsOf[T any]() []dsl.Form { return []dsl.Form{simpleForm(reflect.TypeFor[T]())} }

// Of chooses the codec of T, whose values may have older forms, or says that there is none.
func Of[T any](older Older) (*Codec[T], error) {
	for _, simple := range commonCodecs {
		if codec, ok := simple.(*Codec[T]); ok && older.None() {
			return codec, nil
		}
	}
	text, err := textOf(reflect.TypeFor[T](), older)
	if err != nil {
		return nil, err
	}
	return &Codec[T]{
		document: text.document, Check: text.checking(reflect.TypeFor[T]()),
		format: func(value T) (string, error) { return text.format(reflect.ValueOf(&value).Elem()) },
		parse: func(stored string) (value T, err error) {
			err = text.parse(stored, reflect.ValueOf(&value).Elem())
			return value, err
		},
		Forms: text.forms,
	}, nil
}

// Encode is what is stored of a value, or ErrInvalid.
func (c *Codec[T]) Encode(value T) (string, error) {
	text, err := c.format(value)
	if err != nil {
		return "", drivers.Join(drivers.ErrInvalid, err)
	}
	return text, nil
}

// Decode is the value of what is stored, or ErrCorrupt.
func (c *Codec[T]) Decode(text string) (T, error) {
	value, err := c.parse(text)
	if err != nil {
		var none T
		return none, drivers.Join(ErrCorrupt, err)
	}
	return value, nil
}

// Document is how elements that are documents are written and read; nil for others.
func (c *Codec[T]) Document() *Document { return c.document }

// EncodeAll is what is stored of values. Strings are copied too, so that the compiler can
// see that values, the arguments of a call, need not be on the heap.
func (c *Codec[T]) EncodeAll(values []T) ([]string, error) {
	texts := make([]string, len(values))
	for i, value := range values {
		var err error
		if texts[i], err = c.Encode(value); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// DecodeAll is the values of texts, which are no longer the caller's. It is never nil:
// empty, it is [] in JSON.
func (c *Codec[T]) DecodeAll(texts []string) ([]T, error) {
	if values, ok := any(texts).([]T); ok && values != nil {
		return values, nil
	}
	values := make([]T, len(texts))
	for i, text := range texts {
		var err error
		if values[i], err = c.Decode(text); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// MustOf is the codec of a type that has one.
func MustOf[T any]() *Codec[T] {
	codec, err := Of[T](Older{})
	if err != nil {
		panic(err)
	}
	return codec
}

// Restricted is a codec that refuses, both ways, what is not allowed, which a JSON Schema of the values says as well.
func Restricted[T any](c *Codec[T], schema string, allow func(T) error) *Codec[T] {
	parse := func(text string) (T, error) {
		value, err := c.parse(text)
		if err == nil {
			err = allow(value)
		}
		return value, err
	}
	return &Codec[T]{
		document: c.document, parse: parse, Check: func(text string) error {
			_, err := parse(text)
			return err
		},
		format: func(value T) (string, error) {
			if err := allow(value); err != nil {
				return "", err
			}
			return c.format(value)
		},
		Forms: narrowed(c.Forms, schema),
	}
}
