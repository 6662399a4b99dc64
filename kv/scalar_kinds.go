package kv

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// The handles of single values that need no operations but those of every scalar.
type (
	// BoolField is the handle of a truth value.
	BoolField = ScalarField[bool]
	// TimeField is the handle of a moment.
	TimeField = ScalarField[time.Time]
	// DurationField is the handle of a length of time.
	DurationField = ScalarField[time.Duration]
	// EnumField is the handle of one of several declared values.
	EnumField[T ~string] = ScalarField[T]
	// TextField is the handle of a value that marshals to and from text.
	TextField[T encoding.TextMarshaler] = ScalarField[T]
)

// Bool declares a truth value, stored as true or false.
func Bool(options ...ScalarOption) Schema[BoolField] {
	return fieldSchema[BoolField](scalarNode(dsl.NewField(dsl.Bool), reflect.TypeFor[bool](), options))
}

// Bool adds a truth value to the store.
func (s StaticSchema) Bool[H interface{ BoolField }](key Key[H], options ...ScalarOption) StaticSchema {
	return s.Field(Key[BoolField](key), Bool(options...))
}

// Time declares a moment, stored in UTC with nanoseconds (RFC 3339). It is read back in UTC.
func Time(options ...ScalarOption) Schema[TimeField] {
	return fieldSchema[TimeField](scalarNode(dsl.NewField(dsl.Time), reflect.TypeFor[time.Time](), options))
}

// Time adds a moment to the store.
func (s StaticSchema) Time[H interface{ TimeField }](key Key[H], options ...ScalarOption) StaticSchema {
	return s.Field(Key[TimeField](key), Time(options...))
}

// Duration declares a length of time, stored as Go prints it: 1h2m3.5s.
func Duration(options ...ScalarOption) Schema[DurationField] {
	return fieldSchema[DurationField](scalarNode(dsl.NewField(dsl.Duration), reflect.TypeFor[time.Duration](), options))
}

// Duration adds a length of time to the store.
func (s StaticSchema) Duration[H interface{ DurationField }](key Key[H], options ...ScalarOption) StaticSchema {
	return s.Field(Key[DurationField](key), Duration(options...))
}

// Enum declares one of the given values. Any other is ErrInvalid when it is to be
// written and ErrCorrupt when it is found stored. An enumeration of nothing, or of one
// value twice, is a mistake of the schema.
func Enum[T ~string](values []T, options ...ScalarOption) Schema[EnumField[T]] {
	values = slices.Clone(values)
	node, how := scalarNode(detailed(dsl.Enum, typeOf((*T)(nil))), typeOf((*T)(nil)), options)
	if len(values) == 0 {
		node = node.WithMistake("an enumeration of no values")
	}
	for i, value := range values {
		if slices.Contains(values[:i], value) {
			node = node.WithMistake("the value %q twice", value)
		}
	}
	if how.codec != nil { // which it is not after a mistake
		how.codec = how.codec.Restricted(gotext.OneOf(values), oneOf(lo.Map(values, func(value T, _ int) string { return string(value) })))
		node = withForms(node, how.codec.Forms(), nil)
	}
	return fieldSchema[EnumField[T]](node, how)
}

// oneOf refuses strings that are none of values.
func oneOf(values []string) func(reflect.Value) error {
	return func(value reflect.Value) error {
		if !slices.Contains(values, value.String()) {
			return fmt.Errorf("%.40q is none of %q", value.String(), values)
		}
		return nil
	}
}

// Enum adds one of several values to the store.
func (s StaticSchema) Enum[T ~string](key Key[EnumField[T]], values []T, options ...ScalarOption) StaticSchema {
	return s.Field(key, Enum(values, options...))
}

// Text declares a value that marshals to and from text, and is stored as that text. A T
// that a pointer to does not unmarshal from text is a mistake of the schema.
func Text[T encoding.TextMarshaler](options ...ScalarOption) Schema[TextField[T]] {
	kind := typeOf((*T)(nil))
	node, how := scalarNode(detailed(dsl.Text, kind), kind, options)
	if !gotext.MarshalsText(kind) {
		node = node.WithMistake("a %v marshals to text, and a *%v does not unmarshal from it: it has no UnmarshalText", kind, kind)
	}
	return fieldSchema[TextField[T]](node, how)
}

// Text adds a value that marshals to and from text to the store.
func (s StaticSchema) Text[T encoding.TextMarshaler](key Key[TextField[T]], options ...ScalarOption) StaticSchema {
	return s.Field(key, Text[T](options...))
}

// detailed is a field of a kind that is told apart by its Go type.
func detailed(kind dsl.Kind, of reflect.Type) *dsl.Node {
	return dsl.NewField(kind).WithDetail(of.String())
}
