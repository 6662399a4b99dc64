package jsonval

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/alecthomas/jsonschema"

	"github.com/kvstore-go/kvstore/jsonval/internal/gotype"
)

// library is alecthomas/jsonschema, which is asked about leaves alone: scalars, times, bytes, and the types that declare
// their own schema in its JSONSchemaType method.
var library = jsonschema.Reflector{
	DoNotReference: true,
	// The library finds JSONSchemaType on values only.
	TypeMapper: func(t reflect.Type) *jsonschema.Type {
		if !t.Implements(gotype.SchemaMethod) && reflect.PointerTo(t).Implements(gotype.SchemaMethod) {
			return declaredBy(t)
		}
		return nil
	},
}

// basicTypes are the types that stand for all types of their kind, so that no method of a named type is in the way.
var basicTypes = map[reflect.Kind]reflect.Type{
	reflect.Bool: reflect.TypeFor[bool](), reflect.String: reflect.TypeFor[string](),
	reflect.Int: reflect.TypeFor[int](), reflect.Int8: reflect.TypeFor[int8](), reflect.Int16: reflect.TypeFor[int16](),
	reflect.Int32: reflect.TypeFor[int32](), reflect.Int64: reflect.TypeFor[int64](),
	reflect.Uint: reflect.TypeFor[uint](), reflect.Uint8: reflect.TypeFor[uint8](), reflect.Uint16: reflect.TypeFor[uint16](),
	reflect.Uint32: reflect.TypeFor[uint32](), reflect.Uint64: reflect.TypeFor[uint64](),
	reflect.Uintptr: reflect.TypeFor[uint64](), // the library does not know uintptr
	reflect.Float32: reflect.TypeFor[float32](), reflect.Float64: reflect.TypeFor[float64](),
}

// reflectLeaf returns the library's schema for a type, in its own draft.
func reflectLeaf(t reflect.Type) (schema object, err error) {
	defer func() {
		// The library, and the JSONSchemaType methods that it calls, have no other way to fail.
		if reason := recover(); reason != nil {
			schema, err = nil, fmt.Errorf("reflecting %v: %v", t, reason)
		}
	}()
	reflected := library.ReflectFromType(t).Type
	if reflected == nil {
		return nil, errors.New("JSONSchemaType returned nil")
	}
	text, err := json.Marshal(reflected)
	if err != nil {
		return nil, err
	}
	return parseObject(text)
}

// declaredBy calls JSONSchemaType on a zero value; t is known to have the method.
func declaredBy(t reflect.Type) *jsonschema.Type {
	return reflect.New(t).Interface().(interface{ JSONSchemaType() *jsonschema.Type }).JSONSchemaType()
}

// declaresSchema reports whether t has a JSONSchemaType method that describes t. The method of an embedded struct is
// promoted to a struct which it does not describe, unless the marshal methods are promoted with it.
func declaresSchema(t reflect.Type) bool {
	if !gotype.Has(t, gotype.SchemaMethod) {
		return false
	}
	if t.Kind() != reflect.Struct || gotype.Marshals(t) {
		return true
	}
	for i := range t.NumField() {
		embedded := gotype.StructBehind(t.Field(i).Type)
		if !t.Field(i).Anonymous || embedded == nil || !gotype.Has(embedded, gotype.SchemaMethod) {
			continue
		}
		own, _ := reflectLeaf(t)
		promoted, _ := reflectLeaf(embedded)
		if reflect.DeepEqual(own, promoted) {
			return false
		}
	}
	return true
}
