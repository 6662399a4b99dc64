package inclusion

import (
	"encoding/json"
	"math/big"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// types is a set of types of values. Numbers are of two: those of type integer, and others.
type types uint8

const (
	null types = 1 << iota
	boolean
	integer
	fraction
	text
	array
	object

	number  = integer | fraction
	anyType = null | boolean | number | text | array | object
)

var typeNames = map[string]types{
	"null": null, "boolean": boolean, "integer": integer, "number": number, "string": text, "array": array, "object": object,
}

// typesOf are those that a schema's type keyword allows.
func typesOf(s *jsonschema.Schema) types {
	if s.Types == nil || s.Types.IsEmpty() {
		return anyType
	}
	var allowed types
	for _, name := range s.Types.ToStrings() {
		allowed |= typeNames[name]
	}
	return allowed
}

// typeOf is the type of a value.
func typeOf(value any) types {
	switch value := value.(type) {
	case nil:
		return null
	case bool:
		return boolean
	case string:
		return text
	case []any:
		return array
	case json.Number:
		if exact, ok := new(big.Rat).SetString(string(value)); ok && exact.IsInt() {
			return integer
		}
		return fraction
	default:
		return object
	}
}

// each goes through the types of a set.
func (t types) each(yield func(types) bool) {
	for one := null; one <= object; one <<= 1 {
		if t&one != 0 && !yield(one) {
			return
		}
	}
}
