package gotype

import "reflect"

// Opaque reports a type that is left to encoding/json whole, because of what it is made of: so a single call is enough for
// all elements. known says it of types that are not to be looked into.
func Opaque(t reflect.Type, known func(t reflect.Type) (opaque, ok bool)) bool {
	return opaque(t, known, map[reflect.Type]bool{})
}

// opaque is Opaque of a type within others: what leads back to itself is none for that.
func opaque(t reflect.Type, known func(t reflect.Type) (opaque, ok bool), within map[reflect.Type]bool) bool {
	if within[t] {
		return false
	}
	if is, ok := known(t); ok {
		return is
	}
	if t.Name() != "" { // no other leads back to itself
		within[t] = true
	}
	switch t.Kind() {
	case reflect.Struct:
		_, plain := PlainFields(t)
		return !plain
	case reflect.Map:
		return !PlainKey(t.Key()) || opaque(t.Elem(), known, within)
	case reflect.Slice:
		return t.Elem().Kind() == reflect.Uint8 && t.Elem() != reflect.TypeFor[byte]() || opaque(t.Elem(), known, within)
	case reflect.Array, reflect.Pointer:
		return opaque(t.Elem(), known, within)
	default:
		return t.Kind() > reflect.Float64 && t.Kind() != reflect.String
	}
}
