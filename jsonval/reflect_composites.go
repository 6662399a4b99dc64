package jsonval

import (
	"reflect"

	"github.com/kvstore-go/kvstore/jsonval/internal/gotype"
)

// declared returns the shape of a type that declares its own schema.
func (r *reflector) declared(t reflect.Type, at position) shape {
	r.checkAddress(t, at, gotype.JSONMethods...)
	r.checkReadable(t, at)
	s := shape{}
	if !gotype.Marshals(t) {
		s.nullable = t.Kind() == reflect.Slice || t.Kind() == reflect.Map
	}
	schema, err := reflectLeaf(t)
	if err != nil {
		r.problem(at, "%w", err)
		return anything()
	}
	s.kind, _ = schema["type"].(string)
	name := r.name(t)
	self := definitionPointer + name
	m := modernizer{self: self, definitions: r.definitions, prefix: name + "."}
	r.definitions[name] = m.schema(schema)
	s.schema = object{"$ref": self}
	return s
}

// maxInline is how deeply types without a name are nested in a schema, so that it looks like the type. What is nested more deeply has
// definitions, as named types do: the validator of record, which compares schemas, takes time in the third power of how deep one is.
const maxInline = 16

// composite defines a named type once, and refers to it: it may contain itself.
func (r *reflector) composite(t reflect.Type, at position, s shape, build func(reflect.Type, position) object) shape {
	if t.Name() == "" && at.inline < maxInline {
		at.inline++
		s.schema = build(t, at)
		return s
	}
	name := r.name(t)
	s.schema = object{"$ref": definitionPointer + name}
	v := visit{goType: t, addressable: at.addressable}
	at.inline = 0
	if !r.visited[v] {
		r.visited[v] = true
		r.definitions[name] = build(t, at)
	}
	return s
}

// sequence returns the shape of an array or a slice; a slice of bytes is base64 text.
func (r *reflector) sequence(t reflect.Type, at position) shape {
	slice := t.Kind() == reflect.Slice
	if slice && t.Elem().Kind() == reflect.Uint8 && !gotype.Marshals(t.Elem()) {
		s := r.leaf(reflect.TypeFor[[]byte](), "string", at)
		s.nullable = true
		s.opaque = "the value is bytes, its text is base64"
		return s
	}
	elementAt := at.in("[]")
	if slice {
		elementAt.addressable = true
	}
	items := shape{}
	s := r.composite(t, at, shape{kind: "array", nullable: slice}, func(t reflect.Type, at position) object {
		elementAt.inline = at.inline
		items = r.walk(t.Elem(), elementAt)
		return object{"type": "array", "items": items.render()}
	})
	if !slice {
		s.schema["minItems"], s.schema["maxItems"] = t.Len(), t.Len()
	}
	if items.schema == nil { // a named type that was defined before
		items = r.scalarParts(t.Elem(), elementAt)
	}
	s.items = &items
	return s
}

// dictionary returns the shape of a map.
func (r *reflector) dictionary(t reflect.Type, at position) shape {
	valueAt := at.in("[]")
	valueAt.addressable = false
	values := shape{}
	s := r.composite(t, at, shape{kind: "object", nullable: true}, func(t reflect.Type, at position) object {
		valueAt.inline = at.inline
		values = r.walk(t.Elem(), valueAt)
		return r.mapSchema(t, at, values)
	})
	if values.schema == nil { // a named type that was defined before
		values = r.scalarParts(t.Elem(), valueAt)
	}
	s.values = &values
	return s
}

// scalarParts returns the shape of elements without walking into composites, which may lead back here.
func (r *reflector) scalarParts(t reflect.Type, at position) shape {
	target := pointed(t)
	switch {
	case target == nil:
		return anything()
	case gotype.Marshals(target):
		return r.walk(t, at)
	}
	switch target.Kind() {
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array:
		return anything()
	default:
		return r.walk(t, at)
	}
}

func (r *reflector) mapSchema(t reflect.Type, at position, values shape) object {
	schema := object{"type": "object", "additionalProperties": values.render()}
	key := t.Key()
	r.exposed = r.exposed || gotype.Exposes(key)
	switch kind := key.Kind(); {
	case kind == reflect.String:
	case key.Implements(gotype.TextMethods[0]) || key.Implements(gotype.TextMethods[1]):
		r.checkReadable(key, at)
	case kind == reflect.Interface || kind == reflect.Pointer:
		r.problem(at, "a map key of type %v does not read back", key)
	default:
		pattern := quotedPattern(kind)
		if pattern == "" || kind == reflect.Bool {
			r.problem(at, "encoding/json has no representation for map keys of type %v", key)
			return schema
		}
		schema["patternProperties"] = object{pattern: schema["additionalProperties"]}
		schema["additionalProperties"] = false
	}
	return schema
}
