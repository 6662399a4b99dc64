package jsonval

import (
	"encoding"
	"encoding/json"
	jsonv2 "encoding/json/v2"
	"reflect"
	"slices"
	"time"

	"github.com/alecthomas/jsonschema"
)

// Types of which encoding/json has rules of their own.
var (
	timeType   = reflect.TypeFor[time.Time]()
	numberType = reflect.TypeFor[json.Number]()
	rawType    = reflect.TypeFor[json.RawMessage]()
)

// The methods through which a type takes part in its own encoding.
var (
	jsonMethods = []reflect.Type{reflect.TypeFor[jsonv2.MarshalerTo](), reflect.TypeFor[json.Marshaler]()}
	textMethods = []reflect.Type{reflect.TypeFor[encoding.TextAppender](), reflect.TypeFor[encoding.TextMarshaler]()}

	readMethods = []reflect.Type{
		reflect.TypeFor[jsonv2.UnmarshalerFrom](), reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[encoding.TextUnmarshaler](),
	}

	schemaMethod      = reflect.TypeFor[interface{ JSONSchemaType() *jsonschema.Type }]()
	descriptionMethod = reflect.TypeFor[interface {
		GetFieldDocString(fieldName string) string
	}]()
)

// has reports whether a t, or a *t, has one of the methods.
func has(t reflect.Type, methods ...reflect.Type) bool {
	return slices.ContainsFunc(methods, func(method reflect.Type) bool {
		return t.Implements(method) || reflect.PointerTo(t).Implements(method)
	})
}

// marshals reports whether a t, or a *t, writes itself.
func marshals(t reflect.Type) bool {
	return has(t, jsonMethods...) || has(t, textMethods...)
}

// shows reports whether encoding/json shows the bytes of a text to somebody else's method when it reads a t, or may do so in a part of
// t that the reflector does not look into. RawMessage and Number copy what they are shown, and time.Time does nothing but parse it.
func shows(t reflect.Type) bool {
	if t == timeType || t == rawType || t == numberType {
		return false
	}
	return marshals(t) || has(t, readMethods...) || has(t, schemaMethod)
}

// needsAddress reports whether t has such a method on its pointer alone. encoding/json does not call it then for a value
// that it cannot take the address of.
func needsAddress(t reflect.Type, methods ...reflect.Type) bool {
	return slices.ContainsFunc(methods, reflect.PointerTo(t).Implements) && !slices.ContainsFunc(methods, t.Implements)
}
