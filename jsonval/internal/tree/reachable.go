package tree

import (
	"maps"
	"slices"

	"github.com/samber/lo"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Effective returns the keywords of a schema that count: before draft 2019-09, a $ref hides those beside it. Not from the validator of
// record, though, if they are const.
func Effective(s *jsonschema.Schema) *jsonschema.Schema {
	if s.Ref == nil || s.DraftVersion >= 2019 {
		return s
	}
	return &jsonschema.Schema{DraftVersion: s.DraftVersion, Ref: s.Ref, Const: s.Const}
}

// AppliedInPlace returns the schemas that a schema applies to the value it is itself about.
func AppliedInPlace(s *jsonschema.Schema) []*jsonschema.Schema {
	s = Effective(s)
	applied := slices.Concat(s.AllOf, s.AnyOf, s.OneOf, slices.Collect(maps.Values(s.DependentSchemas)))
	for _, dependency := range s.Dependencies {
		applied = append(applied, asSchemas(dependency)...)
	}
	return append(applied, lo.Compact([]*jsonschema.Schema{s.Ref, s.Not, s.If, s.Then, s.Else})...)
}

// appliedInside returns the schemas that a schema applies to the members, names and items of a value.
func appliedInside(s *jsonschema.Schema) []*jsonschema.Schema {
	s = Effective(s)
	return slices.Concat(slices.Collect(maps.Values(s.Properties)), slices.Collect(maps.Values(s.PatternProperties)),
		s.PrefixItems, asSchemas(s.AdditionalProperties), asSchemas(s.Items), asSchemas(s.AdditionalItems),
		lo.Compact([]*jsonschema.Schema{s.PropertyNames, s.Contains, s.Items2020}))
}

// asSchemas returns the schemas in a keyword that has several forms.
func asSchemas(keyword any) []*jsonschema.Schema {
	switch schemas := keyword.(type) {
	case *jsonschema.Schema:
		return []*jsonschema.Schema{schemas}
	case []*jsonschema.Schema:
		return schemas
	default:
		return nil
	}
}

// Reachable returns a schema and all that it leads to.
func Reachable(root *jsonschema.Schema) []*jsonschema.Schema {
	found := []*jsonschema.Schema{root}
	known := map[*jsonschema.Schema]bool{root: true}
	for i := 0; i < len(found); i++ {
		for _, s := range slices.Concat(AppliedInPlace(found[i]), appliedInside(found[i])) {
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
func CyclicInPlace(root *jsonschema.Schema) bool {
	const entered, left = 1, 2
	state := map[*jsonschema.Schema]int{}
	var cyclic func(s *jsonschema.Schema) bool
	cyclic = func(s *jsonschema.Schema) bool {
		if s == nil || state[s] == left {
			return false
		}
		if state[s] == entered {
			return true
		}
		state[s] = entered
		defer func() { state[s] = left }()
		return slices.ContainsFunc(AppliedInPlace(s), cyclic)
	}
	return slices.ContainsFunc(Reachable(root), cyclic)
}
