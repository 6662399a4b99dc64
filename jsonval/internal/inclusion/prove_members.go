package inclusion

import (
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// memberOf are the schemas of the member of a name.
func memberOf(s *jsonschema.Schema, name string) []*jsonschema.Schema {
	var schemas []*jsonschema.Schema
	declared, named := s.Properties[name]
	if named {
		schemas = append(schemas, declared)
	}
	for pattern, schema := range s.PatternProperties {
		if pattern.MatchString(name) {
			schemas, named = append(schemas, schema), true
		}
	}
	if additional := either(s.AdditionalProperties); !named && additional != nil {
		schemas = append(schemas, additional)
	}
	return schemas
}

// member is what is known of the member of a name, if it is there.
func (f facts) member(name string) facts {
	var schemas []*jsonschema.Schema
	for _, s := range f.schemas {
		schemas = append(schemas, memberOf(s, name)...)
		if s.PropertyNames != nil && !accepts(s.PropertyNames, name) {
			schemas = append(schemas, never)
		}
	}
	if f.declared && !f.speak(name) {
		schemas = append(schemas, never)
	}
	return f.within(schemas...)
}

// speak reports whether a schema that may apply to the value says something of the member of a name, or none that does names any.
func (f facts) speak(name string) bool {
	return !f.some(namesMembers) || slices.ContainsFunc(inPlace(f.schemas...), func(s *jsonschema.Schema) bool {
		return len(memberOf(s, name)) > 0 || slices.Contains(s.Required, name)
	})
}

// namesMembers reports whether a schema has names of members.
func namesMembers(s *jsonschema.Schema) bool { return s.Properties != nil }

// names are those of the members that schemas name, sorted.
func names(schemas ...*jsonschema.Schema) []string {
	all := map[string]bool{}
	for _, s := range schemas {
		for name := range s.Properties {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// closed are the only names that members can have, if a schema lists them.
func (f facts) closed() (listed []string, closed bool) {
	for _, s := range f.schemas {
		if additional, ok := s.AdditionalProperties.(bool); ok && !additional && len(s.PatternProperties) == 0 {
			return slices.DeleteFunc(names(s), func(name string) bool { return f.member(name).empty(emptyDepth) }), true
		}
	}
	return nil, false
}

func (p *prover) members(s *jsonschema.Schema, f facts) bool {
	if f.types&object == 0 {
		return true
	}
	f = f.of(object)
	required := f.required()
	shown := true
	for _, name := range s.Required {
		if !slices.Contains(required, name) {
			shown = p.failAt(escaped(name), "required")
		}
	}
	least := max(len(required), f.least(func(o *jsonschema.Schema) *int { return o.MinProperties }))
	if s.MinProperties != nil && least < *s.MinProperties {
		shown = p.fail("minProperties")
	}
	listed, closed := f.closed()
	if s.MaxProperties != nil && (!closed || len(listed) > *s.MaxProperties) &&
		!f.below(*s.MaxProperties, func(o *jsonschema.Schema) *int { return o.MaxProperties }) {
		shown = p.fail("maxProperties")
	}
	for _, name := range names(append(slices.Clone(f.schemas), s)...) {
		for _, member := range memberOf(s, name) {
			shown = p.inside(escaped(name), member, f.member(name)) && shown
		}
	}
	shown = p.otherMembers(s, f) && shown
	shown = p.memberNames(s, f) && shown
	return p.dependencies(s, f, required) && shown
}

// otherMembers is a proof for the members that none of the schemas names.
func (p *prover) otherMembers(s *jsonschema.Schema, f facts) bool {
	shown := true
	for pattern, schema := range s.PatternProperties {
		for _, one := range f.unnamed(func(name string) bool { return name == pattern.String() }, nil) {
			shown = p.inside("*", schema, one) && shown
		}
	}
	if additional := either(s.AdditionalProperties); additional != nil {
		for _, one := range f.unnamed(nil, s.PatternProperties) {
			shown = p.inside("*", additional, one) && shown
		}
	}
	return shown
}

// mostCases bounds how many combinations of patterns are told apart.
const mostCases = 64

// unnamed are the cases of what is known of a member that no schema names: one whose name matches a pattern, or else one whose name
// matches none of several. A name that a schema has patterns for matches one of them, or none.
func (f facts) unnamed(matches func(pattern string) bool, without map[jsonschema.Regexp]*jsonschema.Schema) []facts {
	if f.declared && f.some(namesMembers) && !slices.ContainsFunc(inPlace(f.schemas...), speaksOfOthers) {
		return nil
	}
	cases := []facts{f.within()}
	for _, s := range f.schemas {
		var next []facts
		for _, one := range cases {
			for _, schema := range unnamedIn(s, matches, without) {
				if schema != nil {
					next = append(next, one.and(schema))
				} else {
					next = append(next, one)
				}
			}
		}
		if len(next) <= mostCases { // to know less proves less, and nothing wrong
			cases = next
		}
	}
	return cases
}

// speaksOfOthers reports whether a schema says something of members that it does not name.
func speaksOfOthers(s *jsonschema.Schema) bool {
	return len(s.PatternProperties) > 0 || either(s.AdditionalProperties) != nil
}

// unnamedIn are the schemas, one of which a schema applies to a member that it does not name; nil accepts everything.
func unnamedIn(s *jsonschema.Schema, matches func(pattern string) bool, without map[jsonschema.Regexp]*jsonschema.Schema) (one []*jsonschema.Schema) {
	for pattern, schema := range s.PatternProperties {
		switch {
		case matches != nil && matches(pattern.String()):
			return []*jsonschema.Schema{schema}
		case patternNamed(without, pattern.String()) == nil:
			one = append(one, schema)
		}
	}
	return append(one, either(s.AdditionalProperties))
}

// memberNames is a proof for propertyNames.
func (p *prover) memberNames(s *jsonschema.Schema, f facts) bool {
	if s.PropertyNames == nil {
		return true
	}
	listed, closed := f.closed()
	if closed && !slices.ContainsFunc(listed, func(name string) bool { return !accepts(s.PropertyNames, name) }) {
		return true
	}
	var schemas []*jsonschema.Schema
	for _, o := range f.schemas {
		if o.PropertyNames != nil {
			schemas = append(schemas, o.PropertyNames)
		}
	}
	return p.attempt(func() bool { return p.accepts(s.PropertyNames, known(schemas...).of(text)) }) || p.fail("propertyNames")
}

// dependencies is a proof for what must be where a member is.
func (p *prover) dependencies(s *jsonschema.Schema, f facts, required []string) bool {
	shown := true
	names := func(keyword, name string, wanted []string) {
		for _, other := range wanted {
			same := func(o *jsonschema.Schema) bool {
				names, _ := o.Dependencies[name].([]string)
				return slices.Contains(o.DependentRequired[name], other) || slices.Contains(names, other)
			}
			if !slices.Contains(required, other) && !f.some(same) && !f.member(name).empty(emptyDepth) {
				shown = p.fail(keyword)
			}
		}
	}
	schemas := func(keyword, name string, wanted *jsonschema.Schema) {
		same := func(o *jsonschema.Schema) bool {
			dependency, _ := o.Dependencies[name].(*jsonschema.Schema)
			return dependency != nil && equal(dependency, wanted) || o.DependentSchemas[name] != nil && equal(o.DependentSchemas[name], wanted)
		}
		if !f.some(same) && !f.member(name).empty(emptyDepth) && !p.attempt(func() bool { return p.accepts(wanted, f) }) {
			shown = p.fail(keyword)
		}
	}
	for name, wanted := range s.DependentRequired {
		names("dependentRequired", name, wanted)
	}
	for name, wanted := range s.DependentSchemas {
		schemas("dependentSchemas", name, wanted)
	}
	for name, wanted := range s.Dependencies {
		if list, ok := wanted.([]string); ok {
			names("dependencies", name, list)
		} else if schema, ok := wanted.(*jsonschema.Schema); ok {
			schemas("dependencies", name, schema)
		}
	}
	return shown
}

// escaped is a name as a JSON pointer has it.
func escaped(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }
