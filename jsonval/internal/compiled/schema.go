// Package compiled has JSON Schemas as their keywords, ready to be made a plan of: those that are reflected are compiled here, others by
// the validator of record. The format keyword is judged here for both.
package compiled

import (
	"maps"
	"math/big"
	"slices"

	"github.com/kvstore-go/kvstore/jsonval/internal/ecma"
)

// Schema is a schema whose keywords have been read, and whose references lead to schemas. It has the keywords of all drafts.
type Schema struct {
	// Bool is the schema true or false, which has no keywords.
	Bool *bool
	// Beyond is a keyword of the schema that is not among these fields; it is empty if there is none.
	Beyond string

	Ref *Schema
	// Types are the names of the type keyword; nil without one.
	Types  []string
	Enum   *[]any
	Const  *any
	Format *Format

	AllOf, AnyOf, OneOf []*Schema
	Not, If, Then, Else *Schema

	Properties           map[string]*Schema
	PatternProperties    map[*ecma.Expression]*Schema
	AdditionalProperties *Schema
	PropertyNames        *Schema
	Required             []string
	MinProperties        *int
	MaxProperties        *int
	DependentRequired    map[string][]string
	DependentSchemas     map[string]*Schema
	// Dependencies is the keyword of drafts before 2019-09 where it names members; its schemas are DependentSchemas.
	Dependencies map[string][]string

	PrefixItems []*Schema
	// Items is of those behind PrefixItems. Closed is that there may be none: additionalItems is false, in drafts before 2020-12.
	Items                    *Schema
	Closed                   bool
	Contains                 *Schema
	MinContains, MaxContains *int
	UniqueItems              bool
	MinItems, MaxItems       *int

	MinLength, MaxLength *int
	Pattern              *ecma.Expression
	// Base64 is the only contentEncoding that is asserted.
	Base64 bool

	Minimum, Maximum, ExclusiveMinimum, ExclusiveMaximum, MultipleOf *big.Rat
}

// AddDependent adds a schema for objects with a member of that name.
func (s *Schema) AddDependent(name string, schema *Schema) {
	if s.DependentSchemas == nil {
		s.DependentSchemas = map[string]*Schema{}
	}
	if other := s.DependentSchemas[name]; other != nil {
		schema = &Schema{AllOf: []*Schema{other, schema}}
	}
	s.DependentSchemas[name] = schema
}

// AppliedInPlace returns the schemas that a schema applies to the value it is itself about.
func (s *Schema) AppliedInPlace() []*Schema {
	return present(slices.Concat(s.AllOf, s.AnyOf, s.OneOf, slices.Collect(maps.Values(s.DependentSchemas)),
		[]*Schema{s.Ref, s.Not, s.If, s.Then, s.Else}))
}

// appliedInside returns the schemas that a schema applies to the members, names and items of a value.
func (s *Schema) appliedInside() []*Schema {
	return present(slices.Concat(slices.Collect(maps.Values(s.Properties)), slices.Collect(maps.Values(s.PatternProperties)), s.PrefixItems,
		[]*Schema{s.AdditionalProperties, s.PropertyNames, s.Items, s.Contains}))
}

func present(schemas []*Schema) []*Schema {
	return slices.DeleteFunc(schemas, func(s *Schema) bool { return s == nil })
}

// reachable returns a schema and all that it leads to.
func (s *Schema) reachable() []*Schema {
	found := []*Schema{s}
	known := map[*Schema]bool{s: true}
	for i := 0; i < len(found); i++ {
		for _, s := range slices.Concat(found[i].AppliedInPlace(), found[i].appliedInside()) {
			if !known[s] {
				known[s] = true
				found = append(found, s)
			}
		}
	}
	return found
}

// CyclicInPlace reports whether a schema leads back to itself without going into a value, which the validator of record notices
// when it comes to it.
func (s *Schema) CyclicInPlace() bool {
	const entered, left = 1, 2
	state := map[*Schema]int{}
	var cyclic func(s *Schema) bool
	cyclic = func(s *Schema) bool {
		if state[s] != 0 {
			return state[s] == entered
		}
		state[s] = entered
		defer func() { state[s] = left }()
		return slices.ContainsFunc(s.AppliedInPlace(), cyclic)
	}
	return slices.ContainsFunc(s.reachable(), cyclic)
}
