package inclusion

import (
	"slices"

	"github.com/samber/lo"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// dropped are pointers to the members that an older schema names, and a newer one, which names members at the same place, knows
// nothing of: a program that reads into what the newer one describes, and writes that, loses them.
func dropped(older, newer *jsonschema.Schema) []string {
	d := droppings{known: map[string]bool{}}
	d.compare("", inPlace(older), inPlace(newer))
	slices.Sort(d.pointers)
	return slices.Compact(d.pointers)
}

type droppings struct {
	known    map[string]bool
	pointers []string
}

// compare looks at the schemas that apply to one place.
func (d *droppings) compare(path string, older, newer []*jsonschema.Schema) {
	key := keyOf(older) + "|" + keyOf(newer)
	if d.known[key] {
		return
	}
	d.known[key] = true
	knows := slices.ContainsFunc(newer, namesMembers)
	for _, name := range names(older...) {
		before, after := membersOf(older, name), membersOf(newer, name)
		at := path + "/" + escaped(name)
		switch {
		case len(after) > 0:
			d.compare(at, before, after)
		case knows:
			d.pointers = append(d.pointers, at)
		}
	}
	inside := func(part func(*jsonschema.Schema) []*jsonschema.Schema) {
		before, after := lo.FlatMap(older, func(s *jsonschema.Schema, _ int) []*jsonschema.Schema { return part(s) }),
			lo.FlatMap(newer, func(s *jsonschema.Schema, _ int) []*jsonschema.Schema { return part(s) })
		if len(before) > 0 && len(after) > 0 {
			d.compare(path+"/*", inPlace(before...), inPlace(after...))
		}
	}
	inside(func(s *jsonschema.Schema) []*jsonschema.Schema {
		return lo.Compact([]*jsonschema.Schema{itemOf(s, len(prefixOf(s)))})
	})
	inside(func(s *jsonschema.Schema) []*jsonschema.Schema {
		return lo.Compact(append(lo.Values(s.PatternProperties), either(s.AdditionalProperties)))
	})
}

func membersOf(schemas []*jsonschema.Schema, name string) []*jsonschema.Schema {
	return inPlace(lo.FlatMap(schemas, func(s *jsonschema.Schema, _ int) []*jsonschema.Schema { return memberOf(s, name) })...)
}

// inPlace are schemas, and those that they may apply to the same value, but for what it must not be; each once.
func inPlace(schemas ...*jsonschema.Schema) (all []*jsonschema.Schema) {
	for rest := slices.Clone(schemas); len(rest) > 0; rest = rest[1:] {
		s := effective(rest[0])
		if slices.Contains(all, s) {
			continue
		}
		all = append(all, s)
		rest = slices.Concat(rest, s.AllOf, s.AnyOf, s.OneOf, lo.Values(s.DependentSchemas),
			lo.Compact([]*jsonschema.Schema{s.Ref, s.Then, s.Else}))
	}
	return all
}
