package jsonval

import (
	"reflect"
	"unsafe"
)

// assurance reports whether what encoding/json writes for the Go value at an address is sure to satisfy a schema, so that nobody
// has to read it. Where it is not sure, the text has to tell: it may satisfy the schema all the same. nil is sure of every value.
//
// It reads memory as the Go type lays it out, because reflect.Value takes as long as reading the text does.
type assurance func(value unsafe.Pointer) bool

// assurer makes the assurance of a Go type out of those of its parts. There is none for a type with a part of which only the text
// tells what has been written: methods of its own, an interface, a type that contains itself, a rule that compares values.
type assurer struct {
	made  map[typedNode]assurance
	begun map[typedNode]bool
	// unsure is whether there is none, whatever is made yet.
	unsure bool
	// nilEmpty is whether nil slices and maps are written as empty ones.
	nilEmpty bool
}

type typedNode struct {
	goType reflect.Type
	node   *node
}

// AssureValues has the plan look at the Go values of a type before their texts.
func (p *planEngine) AssureValues(t reflect.Type, nilEmpty bool) {
	a := assurer{made: map[typedNode]assurance{}, begun: map[typedNode]bool{}, nilEmpty: nilEmpty}
	made := a.value(t, p.root)
	// As no type contains itself, no text is nested more deeply than there are types.
	if a.unsure || len(a.begun) > p.depth {
		return
	}
	if made == nil {
		made = func(unsafe.Pointer) bool { return true }
	}
	p.assured = made
}

// Assured reports whether the plan knows, without a look at its text, that the Go value at an address satisfies the schema.
func (p *planEngine) Assured(value unsafe.Pointer) bool { return p.assured != nil && p.assured(value) }

func (a *assurer) giveUp() assurance {
	a.unsure = true
	return nil
}

func (a *assurer) value(t reflect.Type, n *node) assurance {
	key := typedNode{t, n}
	if made, ok := a.made[key]; ok {
		return made
	}
	if a.begun[key] {
		return a.giveUp()
	}
	a.begun[key] = true
	made := a.make(t, n)
	a.made[key] = made
	return made
}

func (a *assurer) make(t reflect.Type, n *node) assurance {
	switch {
	case t.Kind() == reflect.Pointer:
		return a.pointer(t, n)
	case t == timeType:
		return a.time(n)
	case marshals(t):
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

// plainFor returns the node for values of a type if it has no keywords but those for that type, and nil otherwise.
func (n *node) plainFor(found kinds) *node {
	if n = n.of(found); n == nil || !n.plain {
		return nil
	}
	return n
}

func (a *assurer) pointer(t reflect.Type, n *node) assurance {
	target := a.value(t.Elem(), n)
	nullable := n.plainFor(kindNull) != nil
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
func (a *assurer) nilAllowed(n *node) bool {
	return !a.nilEmpty && n.plainFor(kindNull) != nil
}

// notNil is the assurance of pointers, maps and slices that can be sure of all but nil, which is written as null.
func notNil(nullable bool) assurance {
	if nullable {
		return nil
	}
	return func(value unsafe.Pointer) bool { return *(*unsafe.Pointer)(value) != nil }
}
