package gotype

import (
	"encoding"
	"encoding/json"
	jsonv2 "encoding/json/v2"
	"reflect"
	"slices"
	"time"

	"github.com/alecthomas/jsonschema"
)

// Types that encoding/json has rules of their own for.
var (
	Time       = reflect.TypeFor[time.Time]()
	Number     = reflect.TypeFor[json.Number]()
	RawMessage = reflect.TypeFor[json.RawMessage]()
)

// The methods through which a type takes part in its own encoding.
var (
	JSONMethods = []reflect.Type{reflect.TypeFor[jsonv2.MarshalerTo](), reflect.TypeFor[json.Marshaler]()}
	TextMethods = []reflect.Type{reflect.TypeFor[encoding.TextAppender](), reflect.TypeFor[encoding.TextMarshaler]()}

	ReadMethods = []reflect.Type{
		reflect.TypeFor[jsonv2.UnmarshalerFrom](), reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[encoding.TextUnmarshaler](),
	}

	ZeroMethod        = reflect.TypeFor[interface{ IsZero() bool }]()
	SchemaMethod      = reflect.TypeFor[interface{ JSONSchemaType() *jsonschema.Type }]()
	DescriptionMethod = reflect.TypeFor[interface {
		GetFieldDocString(fieldName string) string
	}]()
)

// Has reports whether a t, or a *t, has one of the methods.
func Has(t reflect.Type, methods ...reflect.Type) bool {
	return slices.ContainsFunc(methods, func(method reflect.Type) bool {
		return t.Implements(method) || reflect.PointerTo(t).Implements(method)
	})
}

// Marshals reports whether a t, or a *t, writes itself.
func Marshals(t reflect.Type) bool {
	return Has(t, JSONMethods...) || Has(t, TextMethods...)
}

// Exposes reports whether encoding/json shows the bytes of a text to a method outside of it when it reads a t, or may do so in a part of
// t that the reflector does not look into. RawMessage and Number copy what they are shown, and time.Time does nothing but parse it.
func Exposes(t reflect.Type) bool {
	if t == Time || t == RawMessage || t == Number {
		return false
	}
	return Marshals(t) || Has(t, ReadMethods...) || Has(t, SchemaMethod)
}

// PlainKey reports whether the keys of a map are strings that are the names of members as they are.
func PlainKey(t reflect.Type) bool {
	return t.Kind() == reflect.String && !Marshals(t) && !Has(t, ReadMethods...)
}

// NeedsAddress reports whether t has such a method on its pointer alone. encoding/json does not call it then for a value
// that it cannot take the address of.
func NeedsAddress(t reflect.Type, methods ...reflect.Type) bool {
	return slices.ContainsFunc(methods, reflect.PointerTo(t).Implements) && !slices.ContainsFunc(methods, t.Implements)
}
