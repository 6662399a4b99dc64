package inclusion

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// facts are what is known of a value: that it is of one of the types, and satisfies all schemas.
type facts struct {
	types   types
	schemas []*jsonschema.Schema // with those that they refer to, and the parts of an allOf, listed themselves
	chosen  []*jsonschema.Schema // those of whose anyOf or oneOf one alternative is in schemas
	// declared is whether no object in the value has a member of which no schema speaks, where schemas name members at all.
	declared bool
}

// known are the facts of a value that satisfies some schemas.
func known(schemas ...*jsonschema.Schema) facts {
	return facts{types: anyType}.and(schemas...)
}

// within are the facts of a part of the value, which satisfies some schemas.
func (f facts) within(schemas ...*jsonschema.Schema) facts {
	return facts{types: anyType, declared: f.declared}.and(schemas...)
}

// assuming are the facts with a schema more, one that may speak of members of which those that are known do not.
func (f facts) assuming(s *jsonschema.Schema) facts {
	f.declared = false
	return f.and(s)
}

// and are the facts with more schemas that are satisfied.
func (f facts) and(schemas ...*jsonschema.Schema) facts {
	f.schemas = slices.Clone(f.schemas)
	for len(schemas) > 0 {
		s := effective(schemas[0])
		schemas = schemas[1:]
		if slices.Contains(f.schemas, s) {
			continue
		}
		f.schemas = append(f.schemas, s)
		f.types &= typesOf(s)
		if s.Bool != nil && !*s.Bool {
			f.types = 0
		}
		schemas = append(schemas, s.AllOf...)
		if s.Ref != nil {
			schemas = append(schemas, s.Ref)
		}
	}
	return f
}

// of are the facts of a value that is of one of the types besides.
func (f facts) of(some types) facts {
	f.types &= some
	return f
}

// values are the only ones there can be, if a schema lists them.
func (f facts) values() (values []any, listed bool) {
	for _, s := range f.schemas {
		switch {
		case s.Const != nil:
			values = []any{*s.Const}
		case s.Enum != nil:
			values = s.Enum.Values
		default:
			continue
		}
		return slices.DeleteFunc(slices.Clone(values), func(value any) bool {
			return f.types&typeOf(value) == 0 || !allAccept(f.schemas, value)
		}), true
	}
	return nil, false
}

// alternatives are the facts for each alternative of the first anyOf or oneOf of which none is chosen.
func (f facts) alternatives() (cases []facts, split bool) {
	for _, s := range f.schemas {
		alternatives := s.AnyOf
		if alternatives == nil {
			alternatives = s.OneOf
		}
		if alternatives == nil || slices.Contains(f.chosen, s) {
			continue
		}
		for _, alternative := range alternatives {
			one := f.and(alternative)
			one.chosen = append(slices.Clip(f.chosen), s)
			cases = append(cases, one)
		}
		return cases, true
	}
	return nil, false
}

// key tells facts apart.
func (f facts) key() string { return fmt.Sprint(f.types, f.declared, len(f.chosen), keyOf(f.schemas)) }

// keyOf tells sets of schemas apart.
func keyOf(schemas []*jsonschema.Schema) string {
	keys := make([]string, 0, len(schemas))
	for _, s := range schemas {
		keys = append(keys, fmt.Sprintf("%p", s))
	}
	slices.Sort(keys)
	return strings.Join(keys, " ")
}

// effective is the schema whose keywords count.
func effective(s *jsonschema.Schema) *jsonschema.Schema {
	for hides(s) {
		s = s.Ref
	}
	return s
}

// hides reports whether a schema is but a $ref: before draft 2019-09, that hides the keywords beside it. (Not from the validator of
// record, though, if they are const: what is known of a value is a little less then, and a prover has to look at them.)
func hides(s *jsonschema.Schema) bool { return s.Ref != nil && s.DraftVersion < 2019 }

// least is the largest of the bounds from below that schemas have, or -1.
func (f facts) least(bound func(*jsonschema.Schema) *int) int {
	least := -1
	for _, s := range f.schemas {
		if b := bound(s); b != nil {
			least = max(least, *b)
		}
	}
	return least
}

// most is the smallest of the bounds from above that schemas have, if there is any.
func (f facts) most(bound func(*jsonschema.Schema) *int) (most int, bounded bool) {
	for _, s := range f.schemas {
		if b := bound(s); b != nil && (!bounded || *b < most) {
			most, bounded = *b, true
		}
	}
	return most, bounded
}

// required are the names of members that are there.
func (f facts) required() []string {
	names := map[string]bool{}
	for _, s := range f.schemas {
		for _, name := range s.Required {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// some reports whether a schema of the facts is as wanted.
func (f facts) some(is func(*jsonschema.Schema) bool) bool { return slices.ContainsFunc(f.schemas, is) }
