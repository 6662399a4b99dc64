package jsonval

import (
	"slices"
	"sync"
)

// planEngine decides with a compiled schema, in one pass over the bytes that builds nothing. Only a text that it refuses is
// looked at again, to say why.
type planEngine struct {
	root  *node
	depth int
}

var walkers = sync.Pool{New: func() any { return new(walker) }}

func (e planEngine) check(text []byte) error {
	w := walkers.Get().(*walker)
	defer w.release()
	w.start(text, e.depth)
	if w.document(e.root) {
		return nil
	}
	found := &report{}
	w.start(text, e.depth)
	w.report = found
	if w.document(e.root) {
		return found.refusal(text)
	}
	return explainDocument(text, e.depth)
}

// node is a compiled schema. It is immutable, and refers to itself where the schema is recursive.
type node struct {
	types    kinds // those that the type keyword allows: none for the schema false
	integral bool  // numbers have to be integers
	never    bool  // the schema false
	// plain is whether there is no keyword for all types: no const, no enum, and no schema about the same value.
	plain  bool
	wanted []string // what the type keyword says

	constant, enum *values
	format         *format

	object *objectRules // nil, like those below, when the schema has no keyword for the type
	array  *arrayRules
	text   *stringRules
	number *numberRules
	// matched is the pattern when it is the only keyword for strings and has a table.
	matched *pattern

	inPlace *inPlace
	// byKind, when it is not nil, holds the one schema that decides for each type of value, and stands for the whole node.
	byKind *[kindCount]*node
}

// anyNode is the schema true.
var anyNode = &node{types: 1<<kindCount - 1, plain: true}

// kinds is a set of JSON types.
type kinds uint8

const (
	kindNull kinds = 1 << iota
	kindBoolean
	kindNumber
	kindString
	kindArray
	kindObject

	kindCount = 6
)

// kindOf tells the type of a value by its first byte.
var kindOf = [256]kinds{
	'n': kindNull, 't': kindBoolean, 'f': kindBoolean, '"': kindString, '[': kindArray, '{': kindObject, '-': kindNumber,
	'0': kindNumber, '1': kindNumber, '2': kindNumber, '3': kindNumber, '4': kindNumber,
	'5': kindNumber, '6': kindNumber, '7': kindNumber, '8': kindNumber, '9': kindNumber,
}

var kindNames = map[string]kinds{
	"null": kindNull, "boolean": kindBoolean, "number": kindNumber, "string": kindString, "array": kindArray, "object": kindObject,
}

// String returns the name of a single type.
func (k kinds) String() string {
	for name, named := range kindNames {
		if k == named {
			return name
		}
	}
	return ""
}

// kindsNamed returns the types that a type keyword names. An integer is a number that has to be integral.
func kindsNamed(names []string) (found kinds, integral bool) {
	for _, name := range names {
		found |= kindNames[name]
	}
	if slices.Contains(names, "integer") && found&kindNumber == 0 {
		return found | kindNumber, true
	}
	return found, false
}
