// Package plan compiles schemas, and judges JSON texts, and the Go values that they are written for, without building a tree.
//
// Files: compile*.go turn a schema into nodes; rules_*.go are the assertions of a node; walk*.go evaluate a text against nodes, by
// tokens from scan.go; report*.go collect what is wrong; read*.go set a Go value while a text is evaluated; govalue*.go check a Go value
// instead of its text.
package plan

import (
	"math/bits"
	"slices"
	"sync"
	"unsafe"

	"github.com/kvstore-go/kvstore/jsonval/internal/tree"
	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// Plan is a compiled schema that decides in one pass over the bytes of a text, and builds nothing. Only a text that it refuses is
// read again, to say why.
type Plan struct {
	root      *node
	depth     int
	recursive bool
	// checkValue spares the pass over the text of most Go values. It is nil where only the text can tell.
	checkValue valueCheck
}

var walkers = sync.Pool{New: func() any { return new(walker) }}

// Check judges a text.
func (p *Plan) Check(text []byte) violation.Refusal {
	w := walkers.Get().(*walker)
	defer w.release()
	if w.start(text, p); w.document(p.root) {
		return violation.Refusal{}
	}
	return p.explain(w, text)
}

// Fits reports whether a text is well formed and satisfies the schema.
func (p *Plan) Fits(text []byte) bool {
	w := walkers.Get().(*walker)
	defer w.release()
	w.start(text, p)
	return w.document(p.root)
}

// CheckWritten judges a text that encoding/json has written for the Go value at an address, of the type that CheckValues was given.
func (p *Plan) CheckWritten(text []byte, value unsafe.Pointer) violation.Refusal {
	if p.checkValue == nil {
		return p.Check(text)
	}
	if p.checkValue(value) {
		return violation.Refusal{}
	}
	w := walkers.Get().(*walker)
	defer w.release()
	return p.explain(w, text)
}

// explain returns what is wrong with a text, if anything is.
func (p *Plan) explain(w *walker, text []byte) violation.Refusal {
	w.start(text, p)
	w.report = &w.found
	switch {
	case !w.document(p.root):
		return tree.Explain(text, p.depth)
	case w.found.empty():
		return violation.Refusal{}
	default:
		return w.found.refusal(text)
	}
}

// node is a compiled schema or subschema. It is immutable, and refers to itself where the schema is recursive.
type node struct {
	types    instanceTypes // those that the type keyword allows: none for the schema false
	integral bool          // numbers have to be integers
	never    bool          // the schema false
	// plain is whether there is, beside type, no keyword for instances of any type: no const, no enum, no in-place applicator.
	plain     bool
	wanted    []string // what the type keyword says
	otherType *violation.Violation

	constant, enum *enumeration
	format         *format

	object *objectRules // nil, like those below, when the schema has no keyword for the type
	array  *arrayRules
	text   *stringRules
	number *numberRules
	// matched is the pattern if it is the only keyword for strings and has a table.
	matched *pattern

	inPlace *inPlace
	// byType, if it is not nil, holds the one subschema that decides for each type of instance, and stands for the whole node.
	byType *[typeCount]*node
}

// forType returns the node for instances of a type, or nil if they are not allowed.
func (n *node) forType(found instanceTypes) *node {
	if n.types&found == 0 {
		return nil
	}
	if n.byType != nil {
		return n.byType[bits.TrailingZeros8(uint8(found))]
	}
	return n
}

// anyNode is the schema true.
var anyNode = &node{types: 1<<typeCount - 1, plain: true}

// instanceTypes is a set of the types that JSON Schema has.
type instanceTypes uint8

const (
	typeNull instanceTypes = 1 << iota
	typeBoolean
	typeNumber
	typeString
	typeArray
	typeObject

	typeCount = 6
)

// typeOf tells the type of a value by its first byte.
var typeOf = [256]instanceTypes{
	'n': typeNull, 't': typeBoolean, 'f': typeBoolean, '"': typeString, '[': typeArray, '{': typeObject, '-': typeNumber,
	'0': typeNumber, '1': typeNumber, '2': typeNumber, '3': typeNumber, '4': typeNumber,
	'5': typeNumber, '6': typeNumber, '7': typeNumber, '8': typeNumber, '9': typeNumber,
}

var typeNames = []string{"null", "boolean", "number", "string", "array", "object"}

// String returns the name of a single type.
func (k instanceTypes) String() string {
	return typeNames[bits.TrailingZeros8(uint8(k))]
}

// typesNamed returns the types that a type keyword names. An integer is a number that has to be integral.
func typesNamed(names []string) (found instanceTypes, integral bool) {
	for _, name := range names {
		if at := slices.Index(typeNames, name); at >= 0 {
			found |= 1 << at
		}
	}
	if slices.Contains(names, "integer") && found&typeNumber == 0 {
		return found | typeNumber, true
	}
	return found, false
}
