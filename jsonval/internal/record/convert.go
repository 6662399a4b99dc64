package record

import (
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kvstore-go/kvstore/jsonval/internal/compiled"
	"github.com/kvstore-go/kvstore/jsonval/internal/ecma"
)

// Keywords returns the keywords of a schema that the validator of record has compiled, whatever its draft.
func Keywords(s *jsonschema.Schema) *compiled.Schema {
	return conversion{}.schema(s)
}

// conversion has what was converted: schemas lead back to themselves.
type conversion map[*jsonschema.Schema]*compiled.Schema

func (c conversion) schema(s *jsonschema.Schema) *compiled.Schema {
	if s == nil {
		return nil
	}
	if made, ok := c[s]; ok {
		return made
	}
	made := &compiled.Schema{}
	c[s] = made
	made.Ref, made.Const = c.schema(s.Ref), s.Const
	if s.Ref != nil && s.DraftVersion < 2019 {
		return made // where a $ref hides what is beside it; not from the validator of record, though, if that is const
	}
	made.Bool, made.Beyond = s.Bool, beyond(s)
	if s.Types != nil && !s.Types.IsEmpty() {
		made.Types = s.Types.ToStrings()
	}
	if s.Enum != nil {
		made.Enum = &s.Enum.Values
	}
	if s.Format != nil {
		made.Format = compiled.FormatNamed(s.Format.Name)
	}
	made.AllOf, made.AnyOf, made.OneOf = c.list(s.AllOf), c.list(s.AnyOf), c.list(s.OneOf)
	made.Not, made.If, made.Then, made.Else = c.schema(s.Not), c.schema(s.If), c.schema(s.Then), c.schema(s.Else)
	c.object(s, made)
	c.array(s, made)
	made.MinLength, made.MaxLength, made.Base64 = s.MinLength, s.MaxLength, s.ContentEncoding != nil
	if s.Pattern != nil {
		made.Pattern = expression(s.Pattern)
	}
	made.Minimum, made.Maximum, made.MultipleOf = s.Minimum, s.Maximum, s.MultipleOf
	made.ExclusiveMinimum, made.ExclusiveMaximum = s.ExclusiveMinimum, s.ExclusiveMaximum
	return made
}

// beyond names a keyword that either depends on what other schemas have evaluated, or is rare.
func beyond(s *jsonschema.Schema) string {
	switch {
	case s.UnevaluatedProperties != nil:
		return "unevaluatedProperties"
	case s.UnevaluatedItems != nil:
		return "unevaluatedItems"
	case s.DynamicRef != nil:
		return "$dynamicRef"
	case s.RecursiveRef != nil:
		return "$recursiveRef"
	case s.ContentMediaType != nil:
		return "contentMediaType"
	default:
		return ""
	}
}

func (c conversion) object(s *jsonschema.Schema, made *compiled.Schema) {
	made.Required, made.MinProperties, made.MaxProperties = s.Required, s.MinProperties, s.MaxProperties
	made.Properties, made.PropertyNames = c.named(s.Properties), c.schema(s.PropertyNames)
	if s.PatternProperties != nil {
		made.PatternProperties = map[*ecma.Expression]*compiled.Schema{}
	}
	for pattern, schema := range s.PatternProperties {
		made.PatternProperties[expression(pattern)] = c.schema(schema)
	}
	switch additional := s.AdditionalProperties.(type) {
	case bool:
		made.AdditionalProperties = &compiled.Schema{Bool: &additional}
	case *jsonschema.Schema:
		made.AdditionalProperties = c.schema(additional)
	}
	made.DependentRequired, made.DependentSchemas = s.DependentRequired, c.named(s.DependentSchemas)
	for name, dependency := range s.Dependencies {
		switch dependency := dependency.(type) {
		case []string:
			if made.Dependencies == nil {
				made.Dependencies = map[string][]string{}
			}
			made.Dependencies[name] = dependency
		case *jsonschema.Schema:
			made.AddDependent(name, c.schema(dependency))
		}
	}
}

func (c conversion) array(s *jsonschema.Schema, made *compiled.Schema) {
	made.MinItems, made.MaxItems, made.UniqueItems = s.MinItems, s.MaxItems, s.UniqueItems
	made.Contains, made.MinContains, made.MaxContains = c.schema(s.Contains), s.MinContains, s.MaxContains
	made.PrefixItems, made.Items = c.list(s.PrefixItems), c.schema(s.Items2020)
	switch items := s.Items.(type) { // before draft 2020-12
	case []*jsonschema.Schema:
		made.PrefixItems = c.list(items)
	case *jsonschema.Schema:
		made.Items = c.schema(items)
	}
	switch additional := s.AdditionalItems.(type) {
	case bool:
		made.Closed = !additional
	case *jsonschema.Schema:
		made.Items = c.schema(additional)
	}
}

func (c conversion) list(schemas []*jsonschema.Schema) []*compiled.Schema {
	if schemas == nil {
		return nil
	}
	made := make([]*compiled.Schema, len(schemas))
	for i, s := range schemas {
		made[i] = c.schema(s)
	}
	return made
}

func (c conversion) named(schemas map[string]*jsonschema.Schema) map[string]*compiled.Schema {
	if schemas == nil {
		return nil
	}
	made := make(map[string]*compiled.Schema, len(schemas))
	for name, s := range schemas {
		made[name] = c.schema(s)
	}
	return made
}

// expression is one that the validator of record was given.
func expression(pattern jsonschema.Regexp) *ecma.Expression {
	return pattern.(*ecma.Expression) //nolint:forcetypeassert // it is given no others
}
