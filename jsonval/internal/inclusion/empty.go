package inclusion

import (
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// emptyDepth is how far inside of values contradictions are looked for.
const emptyDepth = 3

// apart reports whether no value that is as f says can satisfy a schema.
func (f facts) apart(s *jsonschema.Schema) bool { return f.assuming(s).empty(emptyDepth) }

// empty reports whether it can be shown that there is no such value.
func (f facts) empty(depth int) bool {
	if f.types == 0 {
		return true
	}
	if values, listed := f.values(); listed {
		return len(values) == 0
	}
	if depth == 0 {
		return false
	}
	if f.emptyByType(depth) {
		return true
	}
	cases, split := f.alternatives()
	return split && !slices.ContainsFunc(cases, func(one facts) bool { return !one.empty(depth - 1) })
}

func (f facts) emptyByType(depth int) bool {
	for one := range f.types.each {
		if !f.of(one).contradictory(one, depth) {
			return false
		}
	}
	return true
}

// contradictory reports bounds of values of one type that leave none.
func (f facts) contradictory(one types, depth int) bool {
	crossed := func(lower, upper func(*jsonschema.Schema) *int) bool {
		most, bounded := f.most(upper)
		return bounded && f.least(lower) > most
	}
	switch one {
	case integer, fraction:
		low, high := f.lowest(), f.highest()
		if low == nil || high == nil {
			return false
		}
		order := low.at.Cmp(high.at)
		return order > 0 || order == 0 && (low.exclusive || high.exclusive)
	case text:
		return crossed(func(s *jsonschema.Schema) *int { return s.MinLength }, func(s *jsonschema.Schema) *int { return s.MaxLength })
	case array:
		return crossed(func(s *jsonschema.Schema) *int { return s.MinItems }, func(s *jsonschema.Schema) *int { return s.MaxItems })
	case object:
		return slices.ContainsFunc(f.required(), func(name string) bool { return f.member(name).empty(depth - 1) })
	default:
		return false
	}
}
