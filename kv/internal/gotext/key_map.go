package gotext

import (
	"encoding/json"
	jsonv2 "encoding/json/v2"
	"fmt"
	"reflect"
)

// CheckMapKey refuses a type whose values, once read back, are not the keys of a Go map
// that they were: those behind a pointer are others, and those in an interface may be of
// another type, even of one that panics as a key.
func CheckMapKey(kind reflect.Type) error {
	if strange := notFoundAgain(kind, false); strange != nil {
		return fmt.Errorf("a map key of type %v does not read back: part of it is of type %v", kind, strange)
	}
	return nil
}

// notFoundAgain is the first type in kind that no key may have in it, or nil. A type that
// reads itself answers for its pointers.
func notFoundAgain(kind reflect.Type, trusted bool) reflect.Type {
	trusted = trusted || readsItself(kind)
	switch kind.Kind() {
	case reflect.Interface:
		return kind
	case reflect.Pointer:
		if !trusted {
			return kind
		}
	case reflect.Array:
		return notFoundAgain(kind.Elem(), trusted)
	case reflect.Struct:
		for i := range kind.NumField() {
			if strange := notFoundAgain(kind.Field(i).Type, trusted); strange != nil {
				return strange
			}
		}
	default:
	}
	return nil
}

// readsItself reports whether a value of a type, itself no pointer, has methods to be read.
func readsItself(kind reflect.Type) bool {
	if kind.Kind() == reflect.Pointer {
		return false
	}
	pointer := reflect.PointerTo(kind)
	return pointer.Implements(textUnmarshaler) || pointer.Implements(reflect.TypeFor[json.Unmarshaler]()) ||
		pointer.Implements(reflect.TypeFor[jsonv2.UnmarshalerFrom]())
}
