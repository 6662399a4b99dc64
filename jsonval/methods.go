package jsonval

import (
	"encoding"
	"encoding/json"
	jsonv2 "encoding/json/v2"
	"reflect"
	"slices"

	"github.com/alecthomas/jsonschema"
)

// The methods through which a type takes part in its own encoding.
var (
	jsonMethods = []reflect.Type{reflect.TypeFor[jsonv2.MarshalerTo](), reflect.TypeFor[json.Marshaler]()}
	textMethods = []reflect.Type{reflect.TypeFor[encoding.TextAppender](), reflect.TypeFor[encoding.TextMarshaler]()}

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

// needsAddress reports whether t has such a method on its pointer alone. encoding/json does not call it then for a value
// that it cannot take the address of.
func needsAddress(t reflect.Type, methods ...reflect.Type) bool {
	return slices.ContainsFunc(methods, reflect.PointerTo(t).Implements) && !slices.ContainsFunc(methods, t.Implements)
}
