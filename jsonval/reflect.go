package jsonval

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"

	"github.com/kvstore-go/kvstore/jsonval/internal/gotype"
	"github.com/kvstore-go/kvstore/jsonval/internal/plan"
)

const (
	modernDraft       = "https://json-schema.org/draft/2020-12/schema"
	definitionPointer = "#/$defs/"
)

// reflected is what is known about a Go type once it has been walked.
type reflected struct {
	text    []byte // its schema
	cyclic  bool   // whether a value can reach itself through pointers and interfaces alone
	exposed bool   // whether the bytes of a text that is read are shown to methods outside encoding/json
	orders  plan.MemberOrders
}

// reflector walks a Go type as encoding/json sees it and writes a schema beside it.
type reflector struct {
	strict      bool
	ignoreTags  bool // a hand-written schema takes the place of jsonschema tags
	definitions map[string]object
	names       map[reflect.Type]string
	usedNames   map[string]bool // of names
	repeated    map[string]int  // how often a name was taken already
	visited     map[visit]bool
	cyclic      bool
	exposed     bool
	orders      plan.MemberOrders
	problems    []error
}

// visit is a named type in a place where its address can, or cannot, be taken: the schema is the same, but not every
// type is allowed in both.
type visit struct {
	goType      reflect.Type
	addressable bool
}

// position is where the walk stands.
type position struct {
	path        string // Go names, for people
	addressable bool   // whether encoding/json can take the address of the value
	inline      int    // how many types without a name are nested around the value, in one definition
}

func (p position) in(step string) position {
	p.path += step
	return p
}

// reflectSchema returns the schema of a Go type, or everything that keeps it from being enforced.
func reflectSchema(t reflect.Type, o options) (reflected, error) {
	r := reflector{
		strict: o.strict, ignoreTags: o.handWritten,
		definitions: map[string]object{}, names: map[reflect.Type]string{}, usedNames: map[string]bool{}, repeated: map[string]int{},
		visited: map[visit]bool{}, orders: plan.MemberOrders{},
	}
	path := cmp.Or(o.path, t.Name(), t.String())
	root := r.walk(t, position{path: path, addressable: true}).render().clone()
	if len(r.problems) > 0 {
		return reflected{}, errors.Join(r.problems...)
	}
	root["$schema"] = modernDraft
	if len(r.definitions) > 0 {
		root["$defs"] = r.definitions
	}
	text, err := root.print()
	return reflected{text: text, cyclic: r.cyclic, exposed: r.exposed, orders: r.orders}, err
}

func (r *reflector) problem(at position, format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf("%s: "+format, append([]any{at.path}, args...)...))
}

// walk returns the shape of a type.
func (r *reflector) walk(t reflect.Type, at position) shape {
	if t.Kind() == reflect.Pointer {
		return r.pointer(t, at)
	}
	r.exposed = r.exposed || gotype.Exposes(t)
	switch {
	case t.Kind() == reflect.Interface:
		r.cyclic = true
		if t.NumMethod() > 0 {
			r.problem(at, "what is written for a %v cannot be read back: nothing says of which type it is", t)
		}
		return anything()
	case declaresSchema(t):
		return r.declared(t, at)
	case t == gotype.Time:
		return r.leaf(t, "string", at)
	case t == gotype.Number:
		return shape{schema: object{"type": "number"}, kind: "number"}
	case gotype.Has(t, gotype.JSONMethods...):
		r.checkAddress(t, at, gotype.JSONMethods...)
		r.checkReadable(t, at)
		return anything()
	case gotype.Has(t, gotype.TextMethods...):
		r.checkAddress(t, at, gotype.TextMethods...)
		r.checkReadable(t, at)
		return shape{schema: object{"type": "string"}, kind: "string"}
	case gotype.Has(t, gotype.ReadMethods...):
		r.checkReadable(t, at)
	}
	return r.plain(t, at)
}

// plain returns the shape of a type that has no methods for encoding/json to call.
func (r *reflector) plain(t reflect.Type, at position) shape {
	switch t.Kind() {
	case reflect.Bool:
		return r.leaf(basicTypes[t.Kind()], "boolean", at)
	case reflect.String:
		return r.leaf(basicTypes[t.Kind()], "string", at)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		s := r.leaf(basicTypes[t.Kind()], "integer", at)
		s.schema["minimum"], s.schema["maximum"] = integerRange(t)
		return s
	case reflect.Float32, reflect.Float64:
		s := r.leaf(basicTypes[t.Kind()], "number", at)
		s.schema["minimum"], s.schema["maximum"] = floatRange(t)
		return s
	case reflect.Struct:
		return r.composite(t, at, shape{kind: "object"}, r.structSchema)
	case reflect.Map:
		return r.dictionary(t, at)
	case reflect.Array, reflect.Slice:
		return r.sequence(t, at)
	default:
		r.problem(at, "encoding/json has no representation for %v", t)
		return anything()
	}
}

func (r *reflector) pointer(t reflect.Type, at position) shape {
	at.addressable = true
	target := pointed(t)
	if target == nil {
		r.problem(at, "%v points to nothing but itself", t)
		return anything()
	}
	s := r.walk(target, at)
	s.nullable = true
	return s
}

// pointed follows pointers to the first type that is none; it returns nil when they lead in a circle.
func pointed(t reflect.Type) reflect.Type {
	seen := map[reflect.Type]bool{}
	for t.Kind() == reflect.Pointer {
		if seen[t] {
			return nil
		}
		seen[t] = true
		t = t.Elem()
	}
	return t
}

func (r *reflector) leaf(t reflect.Type, kind string, at position) shape {
	schema, err := reflectLeaf(t)
	if err != nil {
		r.problem(at, "%w", err)
		return anything()
	}
	return shape{schema: modernizer{}.schema(schema), kind: kind}
}

// checkAddress refuses a type whose methods encoding/json would silently not call.
func (r *reflector) checkAddress(t reflect.Type, at position, methods ...reflect.Type) {
	if !at.addressable && gotype.NeedsAddress(t, methods...) {
		r.problem(at, "encoding/json does not call the pointer methods of a %v in a map: store a *%v", t, t)
	}
}
