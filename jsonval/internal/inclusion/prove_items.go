package inclusion

import (
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// prefixOf are the schemas of the first items, one by one.
func prefixOf(s *jsonschema.Schema) []*jsonschema.Schema {
	if list, ok := s.Items.([]*jsonschema.Schema); ok {
		return list
	}
	return s.PrefixItems
}

var never = func() *jsonschema.Schema { no := false; return &jsonschema.Schema{Bool: &no} }()

// itemOf is the schema of the item at a place, or nil where there is none.
func itemOf(s *jsonschema.Schema, at int) *jsonschema.Schema {
	prefix := prefixOf(s)
	switch {
	case at < len(prefix):
		return prefix[at]
	case s.Items2020 != nil:
		return s.Items2020
	}
	if items, ok := s.Items.(*jsonschema.Schema); ok {
		return items
	}
	if _, list := s.Items.([]*jsonschema.Schema); list {
		return either(s.AdditionalItems)
	}
	return nil
}

// either is the schema of a keyword that is one or a boolean; nil for what accepts everything.
func either(keyword any) *jsonschema.Schema {
	switch keyword := keyword.(type) {
	case *jsonschema.Schema:
		return keyword
	case bool:
		if !keyword {
			return never
		}
	}
	return nil
}

// item is what is known of the item at a place.
func (f facts) item(at int) facts {
	var schemas []*jsonschema.Schema
	for _, s := range f.schemas {
		if item := itemOf(s, at); item != nil {
			schemas = append(schemas, item)
		}
	}
	return f.within(schemas...)
}

// mostItems is how many items there can be, if that is bounded.
func (f facts) mostItems() (int, bool) {
	return f.most(func(s *jsonschema.Schema) *int { return s.MaxItems })
}

func (p *prover) items(s *jsonschema.Schema, f facts) bool {
	if f.types&array == 0 {
		return true
	}
	shown := true
	most, bounded := f.mostItems()
	if s.MinItems != nil && *s.MinItems > 0 && f.least(func(o *jsonschema.Schema) *int { return o.MinItems }) < *s.MinItems {
		shown = p.fail("minItems")
	}
	if s.MaxItems != nil && (!bounded || most > *s.MaxItems) {
		shown = p.fail("maxItems")
	}
	if s.UniqueItems && (!bounded || most > 1) && !f.some(func(o *jsonschema.Schema) bool { return o.UniqueItems }) {
		shown = p.fail("uniqueItems")
	}
	if s.Contains != nil && !f.some(func(o *jsonschema.Schema) bool { return sameContains(o, s) }) {
		shown = p.fail("contains")
	}
	named := len(prefixOf(s))
	for _, o := range f.schemas {
		named = max(named, len(prefixOf(o)))
	}
	for at := range named + 1 { // the last stands for all that follow
		item := itemOf(s, at)
		if item == nil || bounded && at >= most {
			continue
		}
		step := "*"
		if at < named {
			step = strconv.Itoa(at)
		}
		shown = p.inside(step, item, f.item(at)) && shown
	}
	return shown
}

// sameContains reports whether an array that contains what one schema wants contains what another does.
func sameContains(one, other *jsonschema.Schema) bool {
	return one.Contains != nil && equal(one.Contains, other.Contains) &&
		sameBound(one.MinContains, other.MinContains) && sameBound(one.MaxContains, other.MaxContains)
}

func sameBound(one, other *int) bool {
	return one == other || one != nil && other != nil && *one == *other
}
