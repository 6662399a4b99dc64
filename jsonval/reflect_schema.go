package jsonval

import (
	jsonv2 "encoding/json/v2"
	"maps"
	"math/big"

	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// object is one JSON Schema. Values are strings, bools, ints, jsontext.Value, object, and []any of these.
type object map[string]any

func (o object) clone() object {
	return maps.Clone(o)
}

// print returns the schema as JSON text with sorted members, so that it is the same every time.
func (o object) print() ([]byte, error) {
	return jsonv2.Marshal(o, jsonv2.Deterministic(true))
}

// rational returns the exact value of a number keyword, or nil when the schema does not have it.
func (o object) rational(keyword string) *big.Rat {
	value, ok := o[keyword]
	if !ok {
		return nil
	}
	number, ok := new(big.Rat).SetString(string(violation.Literal(value)))
	if !ok {
		return nil
	}
	return number
}

// shape is what encoding/json writes for a Go type: a schema, and the facts that tags need to know about it.
type shape struct {
	// schema describes every value but null.
	schema object
	// kind is the JSON type of every value but null; it is empty when the type may write anything.
	kind string
	// nullable is whether encoding/json writes null for some value of the type.
	nullable bool
	// items is the shape of the elements of an array.
	items *shape
	// values is the shape of the values of a map.
	values *shape
	// opaque says, when it is not empty, why constraints cannot be applied to the text that stands for the value.
	opaque string
}

// anything is the shape of a type whose JSON is not known before it is written.
func anything() shape {
	return shape{schema: object{}}
}

// render returns the schema of every value, null included.
func (s shape) render() object {
	if !s.nullable {
		return s.schema
	}
	name, simple := s.schema["type"].(string)
	if !simple {
		if len(s.schema) == 0 {
			return s.schema
		}
		return object{"anyOf": []any{s.schema, object{"type": "null"}}}
	}
	nullable := s.schema.clone()
	nullable["type"] = []any{name, "null"}
	if values, ok := nullable["enum"].([]any); ok {
		nullable["enum"] = append(values[:len(values):len(values)], nil)
	}
	return nullable
}
