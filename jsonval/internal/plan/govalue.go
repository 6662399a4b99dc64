package plan

import (
	"reflect"
	"unsafe"

	"github.com/kvstore-go/kvstore/jsonval/internal/gotype"
)

// valueCheck reports whether what encoding/json writes for the Go value at an address is sure to satisfy a schema, so that nobody
// has to read it. Where it is not sure, the text has to tell: it may satisfy the schema all the same. nil is sure of every value.
//
// It reads memory as the Go type lays it out, because reflect.Value takes as long as reading the text does.
type valueCheck func(value unsafe.Pointer) bool

// valueCompiler makes the assurance of a Go type out of those of its parts. There is none for a type with a part of which only the text
// tells what has been written: methods of its own, an interface, a type that contains itself, a rule that compares values.
type valueCompiler struct {
	checks  map[typedNode]valueCheck
	started map[typedNode]bool
	// undecided is whether there is none, whatever is made yet.
	undecided bool
	// nilEmpty is whether nil slices and maps are written as empty ones.
	nilEmpty bool
}

type typedNode struct {
	goType reflect.Type
	node   *node
}

// CheckValues has the plan look at the Go values of a type before their texts.
func (p *Plan) CheckValues(t reflect.Type, nilEmpty bool) {
	a := valueCompiler{checks: map[typedNode]valueCheck{}, started: map[typedNode]bool{}, nilEmpty: nilEmpty}
	made := a.value(t, p.root)
	// As no type contains itself, no text is nested more deeply than there are types.
	if a.undecided || len(a.started) > p.depth {
		return
	}
	if made == nil {
		made = func(unsafe.Pointer) bool { return true }
	}
	p.checkValue = made
}

// Accepts reports whether the plan knows, without a look at its text, that the Go value at an address satisfies the schema.
func (p *Plan) Accepts(value unsafe.Pointer) bool { return p.checkValue != nil && p.checkValue(value) }

func (a *valueCompiler) giveUp() valueCheck {
	a.undecided = true
	return nil
}

func (a *valueCompiler) value(t reflect.Type, n *node) valueCheck {
	key := typedNode{t, n}
	if made, ok := a.checks[key]; ok {
		return made
	}
	if a.started[key] {
		return a.giveUp()
	}
	a.started[key] = true
	made := a.make(t, n)
	a.checks[key] = made
	return made
}

func (a *valueCompiler) make(t reflect.Type, n *node) valueCheck {
	switch {
	case t.Kind() == reflect.Pointer:
		return a.pointer(t, n)
	case t == gotype.Time:
		return a.time(n)
	case gotype.Marshals(t):
		return a.giveUp()
	}
	switch t.Kind() {
	case reflect.Struct:
		return a.object(t, n)
	case reflect.Map:
		return a.dictionary(t, n)
	case reflect.Array:
		return a.array(t, n)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return a.bytes(t, n)
		}
		return a.slice(t, n)
	default:
		return a.scalar(t, n)
	}
}

// plainForType returns the node for values of a type if it has no keywords but those for that type, and nil otherwise.
func (n *node) plainForType(found instanceTypes) *node {
	if n = n.forType(found); n == nil || !n.plain {
		return nil
	}
	return n
}

func (a *valueCompiler) pointer(t reflect.Type, n *node) valueCheck {
	target := a.value(t.Elem(), n)
	nullable := n.plainForType(typeNull) != nil
	if target == nil {
		return notNil(nullable)
	}
	return func(value unsafe.Pointer) bool {
		at := *(*unsafe.Pointer)(value)
		if at == nil {
			return nullable
		}
		return target(at)
	}
}

// nilAllowed reports whether a nil slice or map is sure to satisfy a schema, for being written as null.
func (a *valueCompiler) nilAllowed(n *node) bool {
	return !a.nilEmpty && n.plainForType(typeNull) != nil
}

// notNil is the assurance of pointers, maps and slices that can be sure of all but nil, which is written as null.
func notNil(nullable bool) valueCheck {
	if nullable {
		return nil
	}
	return func(value unsafe.Pointer) bool { return *(*unsafe.Pointer)(value) != nil }
}
