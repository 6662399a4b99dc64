package jsonval

import (
	"math/bits"
	"slices"
	"sync"
	"unsafe"
)

// planEngine decides with a compiled schema, in one pass over the bytes that builds nothing. Only a text that it refuses is
// looked at again, to say why.
type planEngine struct {
	root      *node
	depth     int
	recursive bool
	// assured spares the pass over what most Go values are written as. It is nil where only the text can tell.
	assured assurance
}

var walkers = sync.Pool{New: func() any { return new(walker) }}

// Check judges a text.
func (p *planEngine) Check(text []byte) foundRefusal {
	w := walkers.Get().(*walker)
	defer w.release()
	if w.start(text, p); w.document(p.root) {
		return foundRefusal{}
	}
	return p.explain(w, text)
}

// CheckWritten judges a text that encoding/json has written for the Go value at an address, of the type that AssureValues was told.
func (p *planEngine) CheckWritten(text []byte, value unsafe.Pointer) foundRefusal {
	if p.assured == nil {
		return p.Check(text)
	}
	if p.assured(value) {
		return foundRefusal{}
	}
	w := walkers.Get().(*walker)
	defer w.release()
	return p.explain(w, text)
}

// explain returns what is wrong with a text, if anything is.
func (p *planEngine) explain(w *walker, text []byte) foundRefusal {
	w.start(text, p)
	w.report = &w.found
	switch {
	case !w.document(p.root):
		return explainDocument(text, p.depth)
	case w.found.empty():
		return foundRefusal{}
	default:
		return w.found.refusal(text)
	}
}

// node is a compiled schema. It is immutable, and refers to itself where the schema is recursive.
type node struct {
	types    kinds // those that the type keyword allows: none for the schema false
	integral bool  // numbers have to be integers
	never    bool  // the schema false
	// plain is whether there is no keyword for all types: no const, no enum, and no schema about the same value.
	plain     bool
	wanted    []string // what the type keyword says
	otherType *foundViolation

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

// of returns the node for values of a type, or nil when they are not allowed.
func (n *node) of(found kinds) *node {
	if n.types&found == 0 {
		return nil
	}
	if n.byKind != nil {
		return n.byKind[bits.TrailingZeros8(uint8(found))]
	}
	return n
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

var kindNames = []string{"null", "boolean", "number", "string", "array", "object"}

// String returns the name of a single type.
func (k kinds) String() string {
	return kindNames[bits.TrailingZeros8(uint8(k))]
}

// kindsNamed returns the types that a type keyword names. An integer is a number that has to be integral.
func kindsNamed(names []string) (found kinds, integral bool) {
	for _, name := range names {
		if at := slices.Index(kindNames, name); at >= 0 {
			found |= 1 << at
		}
	}
	if slices.Contains(names, "integer") && found&kindNumber == 0 {
		return found | kindNumber, true
	}
	return found, false
}
