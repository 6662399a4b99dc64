// Package clone copies values of Go types so that nothing of the copy is shared with the original. How is
// worked out once for each type.
package clone

import (
	"encoding"
	"encoding/json"
	"reflect"
	"sync"
)

// Copier copies values of one type.
type Copier struct {
	// copy makes of the first, which can be set, a copy of the second; nil where assigning it is one.
	copy func(into, from reflect.Value) bool
}

// Copy makes of into, which can be set, a copy of from, and reports whether it could: it cannot where
// an interface holds something that is not what encoding/json puts there.
func (c *Copier) Copy(into, from reflect.Value) bool {
	if c.copy == nil {
		into.Set(from)
		return true
	}
	return c.copy(into, from)
}

// Of is how values of a type are copied, or nil if they cannot be: where something that is shared lies
// in fields that are not exported, belongs to a type that decodes itself, or is a channel, a function, or an interface other than any.
func Of(kind reflect.Type) *Copier {
	if known, ok := copiers.Load(kind); ok {
		return known.(*Copier)
	}
	b := builder{}
	var copier *Copier
	if b.of(kind) {
		copier = b[kind]
	}
	known, _ := copiers.LoadOrStore(kind, copier)
	return known.(*Copier)
}

var copiers sync.Map // of *Copier, by reflect.Type

// builder has the copiers of the types that one consists of, which may be recursive.
type builder map[reflect.Type]*Copier

// of reports whether values of a type can be copied, and has their copier then.
func (b builder) of(kind reflect.Type) bool {
	if _, there := b[kind]; there {
		return true // or being made: who needs it fails as well if it cannot be
	}
	copier := &Copier{}
	b[kind] = copier
	if plain(kind) {
		return true
	}
	if decodesItself(kind) {
		return false
	}
	switch kind.Kind() {
	case reflect.Struct:
		return b.ofStruct(kind, copier)
	case reflect.Pointer:
		copier.copy = b.pointer(kind)
		return b.of(kind.Elem())
	case reflect.Slice:
		copier.copy = b.slice(kind)
		return b.of(kind.Elem())
	case reflect.Array:
		copier.copy = b.array(kind)
		return b.of(kind.Elem())
	case reflect.Map:
		copier.copy = b.mapping(kind)
		return plain(kind.Key()) && b.of(kind.Elem())
	case reflect.Interface:
		copier.copy = anything
		return kind.NumMethod() == 0
	default:
		return false
	}
}

func (b builder) ofStruct(kind reflect.Type, copier *Copier) bool {
	type field struct {
		at   int
		copy *Copier
	}
	var fields []field
	for i := range kind.NumField() {
		declared := kind.Field(i)
		if plain(declared.Type) {
			continue
		}
		if !declared.IsExported() || !b.of(declared.Type) {
			return false
		}
		fields = append(fields, field{i, b[declared.Type]})
	}
	copier.copy = func(into, from reflect.Value) bool {
		into.Set(from)
		for _, field := range fields {
			if !field.copy.Copy(into.Field(field.at), from.Field(field.at)) {
				return false
			}
		}
		return true
	}
	return true
}

func (b builder) pointer(kind reflect.Type) func(into, from reflect.Value) bool {
	return func(into, from reflect.Value) bool {
		if from.IsNil() {
			into.SetZero()
			return true
		}
		pointer := reflect.New(kind.Elem())
		into.Set(pointer)
		return b[kind.Elem()].Copy(pointer.Elem(), from.Elem())
	}
}

func (b builder) slice(kind reflect.Type) func(into, from reflect.Value) bool {
	flat := plain(kind.Elem())
	return func(into, from reflect.Value) bool {
		switch n := from.Len(); {
		case from.IsNil():
			into.SetZero()
			return true
		case n == 0:
			into.Set(reflect.MakeSlice(kind, 0, 0))
			return true
		default: // as MakeSlice does, but for a header that it would have on the heap
			into.SetZero()
			into.Grow(n)
			into.SetLen(n)
		}
		if flat {
			reflect.Copy(into, from)
			return true
		}
		return b.elements(kind, into, from)
	}
}

func (b builder) array(kind reflect.Type) func(into, from reflect.Value) bool {
	return func(into, from reflect.Value) bool { return b.elements(kind, into, from) }
}

func (b builder) elements(kind reflect.Type, into, from reflect.Value) bool {
	element := b[kind.Elem()]
	for i := range from.Len() {
		if !element.Copy(into.Index(i), from.Index(i)) {
			return false
		}
	}
	return true
}

func (b builder) mapping(kind reflect.Type) func(into, from reflect.Value) bool {
	flat := plain(kind.Elem())
	return func(into, from reflect.Value) bool {
		if from.IsNil() {
			into.SetZero()
			return true
		}
		made := reflect.MakeMapWithSize(kind, from.Len())
		into.Set(made)
		for each := from.MapRange(); each.Next(); {
			value := each.Value()
			if !flat {
				value = reflect.New(kind.Elem()).Elem()
				if !b[kind.Elem()].Copy(value, each.Value()) {
					return false
				}
			}
			made.SetMapIndex(each.Key(), value)
		}
		return true
	}
}

// anything copies what encoding/json puts into an interface.
func anything(into, from reflect.Value) bool {
	if from.IsNil() {
		into.SetZero()
		return true
	}
	value, ok := copyAny(from.Interface())
	if ok && value != nil {
		into.Set(reflect.ValueOf(value))
	}
	return ok
}

func copyAny(value any) (copied any, ok bool) {
	switch value := value.(type) {
	case nil, bool, float64, string, json.Number:
		return value, true
	case []any:
		if value == nil {
			return value, true
		}
		all := make([]any, len(value))
		for i, element := range value {
			if all[i], ok = copyAny(element); !ok {
				return nil, false
			}
		}
		return all, true
	case map[string]any:
		if value == nil {
			return value, true
		}
		all := make(map[string]any, len(value))
		for key, element := range value {
			if all[key], ok = copyAny(element); !ok {
				return nil, false
			}
		}
		return all, true
	default:
		return nil, false
	}
}

// plain reports a type of whose values nothing is shared once they are assigned, or nothing that
// anybody can change.
func plain(kind reflect.Type) bool {
	if kind.PkgPath() == "time" && kind.Name() == "Time" {
		return true // has a location, which nobody changes
	}
	switch kind.Kind() {
	case reflect.Bool, reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return true
	case reflect.Array:
		return plain(kind.Elem())
	case reflect.Struct:
		for i := range kind.NumField() {
			if !plain(kind.Field(i).Type) {
				return false
			}
		}
		return true
	default:
		return false
	}
}

// decodesItself reports a type whose values may have more to them than what can be seen.
func decodesItself(kind reflect.Type) bool {
	for _, each := range [...]reflect.Type{kind, reflect.PointerTo(kind)} {
		if each.Implements(reflect.TypeFor[json.Unmarshaler]()) || each.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
			return true
		}
	}
	return false
}
