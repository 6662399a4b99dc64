package inclusion

import (
	"fmt"
	"math/big"
	"reflect"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// annotations are the fields of a schema that say nothing of the values that it accepts, and those that say where it stands.
var annotations = map[string]bool{
	"DraftVersion": true, "Location": true, "ID": true, "Anchor": true, "DynamicAnchor": true, "Title": true, "Description": true, "Default": true,
	"Comment": true, "ReadOnly": true, "WriteOnly": true, "Examples": true, "Deprecated": true,
}

type pair struct{ one, other *jsonschema.Schema }

// equal reports whether two schemas say the same by the same words, wherever they stand. Those that depend on what is around them are not.
func equal(one, other *jsonschema.Schema) bool { return equality{}.schemas(one, other) }

// equality holds the pairs that are under way: schemas that lead back to themselves are equal if nothing else tells them apart.
type equality map[pair]bool

func (e equality) schemas(one, other *jsonschema.Schema) bool {
	if one == other || e[pair{one, other}] {
		return true
	}
	if one == nil || other == nil || one.DraftVersion != other.DraftVersion || dynamic(one) || dynamic(other) {
		return false
	}
	e[pair{one, other}] = true
	left, right := reflect.ValueOf(one).Elem(), reflect.ValueOf(other).Elem()
	for i := range left.NumField() {
		field := left.Type().Field(i)
		if field.IsExported() && !annotations[field.Name] && !e.values(left.Field(i), right.Field(i)) {
			return false
		}
	}
	return true
}

func dynamic(s *jsonschema.Schema) bool {
	return s.DynamicRef != nil || s.RecursiveRef != nil || s.RecursiveAnchor || len(s.Extensions) > 0
}

func (e equality) values(one, other reflect.Value) bool {
	if one.Kind() == reflect.Interface {
		if one.IsNil() || other.IsNil() {
			return one.IsNil() == other.IsNil()
		}
		one, other = reflect.ValueOf(one.Interface()), reflect.ValueOf(other.Interface())
	}
	if one.Type() != other.Type() {
		return false
	}
	switch left := one.Interface().(type) {
	case *jsonschema.Schema:
		return e.schemas(left, other.Interface().(*jsonschema.Schema)) //nolint:forcetypeassert // they are of one type
	case map[jsonschema.Regexp]*jsonschema.Schema:
		return e.patterns(left, other.Interface().(map[jsonschema.Regexp]*jsonschema.Schema)) //nolint:forcetypeassert // as above
	case jsonschema.Regexp:
		return left.String() == fmt.Sprint(other.Interface())
	case *big.Rat:
		right := other.Interface().(*big.Rat) //nolint:forcetypeassert // as above
		return left == right || left != nil && right != nil && left.Cmp(right) == 0
	case *jsonschema.Format:
		return one.IsNil() == other.IsNil() && (one.IsNil() || left.Name == other.Interface().(*jsonschema.Format).Name) //nolint:forcetypeassert // as above
	case *jsonschema.Decoder:
		return one.IsNil() == other.IsNil() && (one.IsNil() || left.Name == other.Interface().(*jsonschema.Decoder).Name) //nolint:forcetypeassert // as above
	case *jsonschema.MediaType:
		return one.IsNil() == other.IsNil() && (one.IsNil() || left.Name == other.Interface().(*jsonschema.MediaType).Name) //nolint:forcetypeassert // as above
	}
	switch one.Kind() {
	case reflect.Slice:
		return e.lists(one, other)
	case reflect.Map:
		return e.maps(one, other)
	default: // Types, Enum, Const, bounds
		return reflect.DeepEqual(one.Interface(), other.Interface())
	}
}

func (e equality) lists(one, other reflect.Value) bool {
	if one.Len() != other.Len() {
		return false
	}
	for i := range one.Len() {
		if !e.values(one.Index(i), other.Index(i)) {
			return false
		}
	}
	return true
}

func (e equality) maps(one, other reflect.Value) bool {
	if one.Len() != other.Len() {
		return false
	}
	for _, key := range one.MapKeys() {
		if right := other.MapIndex(key); !right.IsValid() || !e.values(one.MapIndex(key), right) {
			return false
		}
	}
	return true
}

func (e equality) patterns(one, other map[jsonschema.Regexp]*jsonschema.Schema) bool {
	if len(one) != len(other) {
		return false
	}
	for pattern, left := range one {
		right := patternNamed(other, pattern.String())
		if right == nil || !e.schemas(left, right) {
			return false
		}
	}
	return true
}

// patternNamed is the schema for a pattern, or nil.
func patternNamed(patterns map[jsonschema.Regexp]*jsonschema.Schema, name string) *jsonschema.Schema {
	for pattern, s := range patterns {
		if pattern.String() == name {
			return s
		}
	}
	return nil
}
