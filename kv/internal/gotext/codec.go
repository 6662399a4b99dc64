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

// Codec turns elements - values, members, fields - into the text that is stored, and back. It is
// chosen when the schema is built. It knows their type by reflection alone: its methods are generic, and
// itself it is not, as what is generic is compiled anew for each type.
type Codec struct {
	kind  reflect.Type
	text  text
	allow func(value reflect.Value) error // refuses values, both ways; nil if all are allowed
	// Total says that every text is a value.
	Total bool
}

// Of chooses the codec of a type, whose values may have older forms, or says that there is none.
func Of(kind reflect.Type, older Older) (*Codec, error) {
	text, err := textOf(kind, older)
	if err != nil {
		return nil, err
	}
	return &Codec{kind: kind, text: text, Total: kind == reflect.TypeFor[string]() || kind == reflect.TypeFor[[]byte]()}, nil
}

// Restricted is the codec of those values alone that are allowed, which a JSON Schema of them says as well.
func (c *Codec) Restricted(schema string, allow func(value reflect.Value) error) *Codec {
	restricted := *c
	restricted.allow, restricted.text.forms = allow, narrowed(c.text.forms, schema)
	return &restricted
}

// Forms are those of the texts that can be read, the newest first.
func (c *Codec) Forms() []dsl.Form { return c.text.forms }

// Document is how values that are documents are written and read; nil for others.
func (c *Codec) Document() *Document { return c.text.document }

// Encode is what is stored of a value, or ErrInvalid.
func (c *Codec) Encode[T any](value T) (string, error) {
	if text, common, err := c.EncodeCommon(&value); common {
		return text, err
	}
	kept := value // on the heap, as reflection asks for
	return c.EncodeFrom(reflect.ValueOf(&kept).Elem())
}

// EncodeCommon is Encode of what a pointer points to, if that is of one of the most common types, which need not be on the
// heap, and whether it is one.
func (c *Codec) EncodeCommon(pointer any) (text string, common bool, err error) {
	if c.allow != nil {
		return "", false, nil
	}
	return formatCommon(pointer)
}

// EncodeFrom is Encode of a value that can be addressed.
func (c *Codec) EncodeFrom(value reflect.Value) (string, error) {
	if c.allow != nil {
		if err := c.allow(value); err != nil {
			return "", drivers.Join(drivers.ErrInvalid, err)
		}
	}
	text, err := c.text.format(value)
	if err != nil {
		return "", drivers.Join(drivers.ErrInvalid, err)
	}
	return text, nil
}

// Decode is the value of what is stored, or ErrCorrupt.
func (c *Codec) Decode[T any](text string) (value T, err error) {
	if common, err := c.DecodeCommon(text, &value); common {
		return value, err
	}
	into := new(T) // on the heap, as reflection asks for
	err = c.DecodeInto(text, reflect.ValueOf(into).Elem())
	return *into, err
}

// DecodeCommon is DecodeTo for values of the most common types, which need not be on the heap, and whether it is one.
func (c *Codec) DecodeCommon(text string, pointer any) (common bool, err error) {
	if c.allow != nil {
		return false, nil
	}
	return parseCommon(text, pointer)
}

// DecodeTo is DecodeInto of what a pointer points to.
func (c *Codec) DecodeTo(text string, pointer any) error {
	if common, err := c.DecodeCommon(text, pointer); common {
		return err
	}
	return c.DecodeInto(text, reflect.ValueOf(pointer).Elem())
}

// DecodeInto sets a value, which is zero, to what is stored, or leaves it so and is ErrCorrupt.
func (c *Codec) DecodeInto(text string, into reflect.Value) error {
	err := c.text.parse(text, into)
	if err == nil && c.allow != nil {
		err = c.allow(into)
	}
	if err != nil {
		into.SetZero()
		return drivers.Join(ErrCorrupt, err)
	}
	return nil
}

// Check reports a text that is no value.
func (c *Codec) Check(text string) error {
	return c.DecodeInto(text, reflect.New(c.kind).Elem())
}

// EncodeAll is what is stored of values. Strings are copied too, so that the compiler can
// see that values, the arguments of a call, need not be on the heap.
func (c *Codec) EncodeAll[T any](values []T) ([]string, error) {
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
func (c *Codec) DecodeAll[T any](texts []string) ([]T, error) {
	if values, ok := any(texts).([]T); ok && values != nil {
		return values, nil
	}
	values := make([]T, len(texts))
	for i, text := range texts {
		var err error
		if values[i], err = c.Decode[T](text); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// DecodeAllTo is DecodeAll into the slice that a pointer points to, which is nil.
func (c *Codec) DecodeAllTo(texts []string, pointer any) error {
	if values, ok := pointer.(*[]string); ok && texts != nil && c.allow == nil {
		*values = texts
		return nil
	}
	into := reflect.ValueOf(pointer).Elem()
	values := reflect.MakeSlice(into.Type(), len(texts), len(texts))
	for i, text := range texts {
		if err := c.DecodeTo(text, values.Index(i).Addr().Interface()); err != nil {
			return err
		}
	}
	into.Set(values)
	return nil
}

// formatCommon is the text of what a pointer points to if it is of one of the most common types, which need no
// reflection, and none of them a place on the heap.
func formatCommon(pointer any) (text string, common bool, err error) {
	switch value := pointer.(type) {
	case *string:
		return *value, true, nil
	case *[]byte:
		return string(*value), true, nil
	case *int:
		return strconv.FormatInt(int64(*value), 10), true, nil
	case *int64:
		return strconv.FormatInt(*value, 10), true, nil
	case *bool:
		return strconv.FormatBool(*value), true, nil
	case *float64:
		text, err = formatFloat(*value, 64)
	case *time.Time:
		text, err = formatTime(*value)
	default:
		return "", false, nil
	}
	if err != nil {
		return "", true, drivers.Join(drivers.ErrInvalid, err)
	}
	return text, true, nil
}

// parseCommon sets what a pointer points to, a zero value, to that of a text, as formatCommon has it.
func parseCommon(text string, pointer any) (common bool, err error) {
	switch value := pointer.(type) {
	case *string:
		*value = text
	case *[]byte:
		*value = []byte(text)
	case *int:
		*value, err = parsed(text, parseInt)
	case *int64:
		*value, err = parsed(text, parseInt64)
	case *bool:
		*value, err = parsed(text, parseBool)
	case *float64:
		*value, err = parsed(text, parseFloat)
	case *time.Time:
		*value, err = parsed(text, parseTime)
	default:
		return false, nil
	}
	return true, err
}

func parseInt(text string) (int, error) {
	number, err := parseInt64(text)
	if err == nil && int64(int(number)) != number {
		err = fmt.Errorf("%d does not fit into int", number)
	}
	return int(number), err
}

// parsed is what parse makes of a text, or ErrCorrupt.
func parsed[T any](text string, parse func(string) (T, error)) (value T, err error) {
	if value, err = parse(text); err != nil {
		var none T
		return none, drivers.Join(ErrCorrupt, err)
	}
	return value, nil
}
