package kv

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
)

// hashPlan is how a struct is written to the fields of a hash and read back, worked out
// when the schema is built.
type hashPlan struct {
	fields []planned
	byName map[string]*planned
}

// planned is a field of a struct.
type planned struct {
	name     string
	index    []int
	kind     reflect.Type // what is stored: that of the field, or what it points to
	pointer  bool
	optional bool // need not be stored
	text     goText
}

// planHash makes the plan of a struct type, or says everything that is wrong with it.
func planHash(kind reflect.Type) (*hashPlan, error) {
	if kind.Kind() != reflect.Struct {
		return nil, fmt.Errorf("a hash of %v, which is no struct", kind)
	}
	var plan hashPlan
	mistakes := plan.add(kind, nil)
	plan.byName = make(map[string]*planned, len(plan.fields))
	for i := range plan.fields {
		field := &plan.fields[i]
		if plan.byName[field.name] != nil {
			mistakes = append(mistakes, fmt.Errorf("two fields of %v are stored as %q", kind, field.name))
		}
		plan.byName[field.name] = field
	}
	if len(plan.fields) == 0 && mistakes == nil {
		mistakes = append(mistakes, fmt.Errorf("%v has no field to store", kind))
	}
	return &plan, errors.Join(mistakes...)
}

// add plans the fields of a struct that lies at index in the one that is stored.
func (p *hashPlan) add(kind reflect.Type, index []int) (mistakes []error) {
	for i := range kind.NumField() {
		field := kind.Field(i)
		name, optional := hashName(field)
		if name == "-" || !field.IsExported() && !field.Anonymous {
			continue
		}
		at := append(slices.Clip(index), i)
		if _, simple := simpleText(field.Type); field.Anonymous && name == "" && field.Type.Kind() == reflect.Struct && !simple {
			mistakes = append(mistakes, p.add(field.Type, at)...)
			continue
		}
		if !field.IsExported() {
			continue
		}
		if name == "" {
			name = field.Name
		}
		next := planned{name: name, index: at, kind: field.Type, optional: optional}
		if field.Type.Kind() == reflect.Pointer {
			next.kind, next.pointer, next.optional = field.Type.Elem(), true, true
		}
		text, err := textOf(next.kind)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("the field %s of %v: %w", field.Name, kind, err))
			continue
		}
		next.text = text
		p.fields = append(p.fields, next)
	}
	return mistakes
}

// hashName is what a field is stored as, "" if its tags do not say, and whether it need
// not be stored.
func hashName(field reflect.StructField) (name string, optional bool) {
	for _, key := range [...]string{"kv", "json"} {
		tagged, options, _ := strings.Cut(field.Tag.Get(key), ",")
		if name == "" {
			name = tagged
		}
		optional = optional || slices.Contains(strings.Split(options, ","), "omitempty")
	}
	return name, optional
}

// encode is what is stored of a struct, fields and values by turns.
func (p *hashPlan) encode(value reflect.Value) ([]string, error) {
	pairs := make([]string, 0, 2*len(p.fields))
	for i := range p.fields {
		field := &p.fields[i]
		part := value.FieldByIndex(field.index)
		if field.optional && part.IsZero() {
			continue
		}
		if field.pointer {
			part = part.Elem()
		}
		text, err := field.text.format(part)
		if err != nil {
			return nil, drivers.Join(ErrInvalid, fmt.Errorf("%s: %w", field.name, err))
		}
		pairs = append(pairs, field.name, text)
	}
	return pairs, nil
}

// decode sets a struct, which is zero, to what is stored. Fields that it does not have
// are left out.
func (p *hashPlan) decode(pairs []string, into reflect.Value) error {
	missing := 0
	for i := range p.fields {
		if !p.fields[i].optional {
			missing++
		}
	}
	for name, text := range pairsOf(pairs) {
		field := p.byName[name]
		if field == nil {
			continue
		}
		if !field.optional {
			missing--
		}
		part := into.FieldByIndex(field.index)
		if field.pointer {
			part.Set(reflect.New(field.kind))
			part = part.Elem()
		}
		if err := field.text.parse(text, part); err != nil {
			return drivers.Join(ErrCorrupt, fmt.Errorf("%s: %w", name, err))
		}
	}
	if missing > 0 {
		return p.missing(pairs)
	}
	return nil
}

// missing names the fields that should be stored and are not.
func (p *hashPlan) missing(pairs []string) error {
	names := map[string]bool{}
	for name := range pairsOf(pairs) {
		names[name] = true
	}
	var missing []string
	for i := range p.fields {
		if field := &p.fields[i]; !field.optional && !names[field.name] {
			missing = append(missing, field.name)
		}
	}
	return drivers.Errorf(ErrCorrupt, "without %s", strings.Join(missing, ", "))
}

// foreign are the pairs that are no fields of the struct.
func (p *hashPlan) foreign(pairs []string) []string {
	var foreign []string
	for name, text := range pairsOf(pairs) {
		if p.byName[name] == nil {
			foreign = append(foreign, name, text)
		}
	}
	return foreign
}

// field is the field of a name, whose values are of a type.
func (p *hashPlan) field(name string, kind reflect.Type) (*planned, error) {
	field := p.byName[name]
	switch {
	case field == nil:
		return nil, fmt.Errorf("the field %q: %w", name, ErrUndeclared)
	case field.kind != kind:
		return nil, fmt.Errorf("%w: the field %q is a %v, not a %v", ErrTypeMismatch, name, field.kind, kind)
	}
	return field, nil
}
