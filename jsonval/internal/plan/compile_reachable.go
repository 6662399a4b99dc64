package plan

import (
	"maps"
	"slices"

	"github.com/samber/lo"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// effective returns the keywords of a schema that count: before draft 2019-09, a $ref hides those beside it. Not from the validator of
// record, though, if they are const.
func effective(s *jsonschema.Schema) *jsonschema.Schema {
	if s.Ref == nil || s.DraftVersion >= 2019 {
		return s
	}
	return &jsonschema.Schema{DraftVersion: s.DraftVersion, Ref: s.Ref, Const: s.Const}
}

// appliedInPlace returns the schemas that a schema applies to the value it is itself about.
func appliedInPlace(s *jsonschema.Schema) []*jsonschema.Schema {
	s = effective(s)
	applied := slices.Concat(s.AllOf, s.AnyOf, s.OneOf, slices.Collect(maps.Values(s.DependentSchemas)))
	for _, dependency := range s.Dependencies {
		applied = append(applied, asSchemas(dependency)...)
	}
	return append(applied, lo.Compact([]*jsonschema.Schema{s.Ref, s.Not, s.If, s.Then, s.Else})...)
}

// appliedInside returns the schemas that a schema applies to the members, names and items of a value.
func appliedInside(s *jsonschema.Schema) []*jsonschema.Schema {
	s = effective(s)
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

// reachable returns a schema and all that it leads to.
func reachable(root *jsonschema.Schema) []*jsonschema.Schema {
	found := []*jsonschema.Schema{root}
	known := map[*jsonschema.Schema]bool{root: true}
	for i := 0; i < len(found); i++ {
		for _, s := range slices.Concat(appliedInPlace(found[i]), appliedInside(found[i])) {
			if !known[s] {
				known[s] = true
				found = append(found, s)
			}
		}
	}
	return found
}
