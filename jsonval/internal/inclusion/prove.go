package inclusion

import (
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// mostSteps bounds a proof, in schemas that are looked at: alternatives within alternatives multiply.
const mostSteps = 100_000

// prover shows that values of which something is known satisfy a schema.
type prover struct {
	underWay map[string]bool // what is being shown, further out; schemas lead back to themselves inside of values alone, which end somewhere
	steps    int
	path     string
	reasons  []Reason
}

// prove reports whether each value that is as f says can be shown to satisfy a schema, or else why not.
func prove(s *jsonschema.Schema, f facts) (shown bool, reasons []Reason) {
	p := prover{underWay: map[string]bool{}}
	shown = p.accepts(s, f)
	return shown, p.reasons
}

// fail says which keyword could not be shown to hold.
func (p *prover) fail(keyword string) bool {
	reason := Reason{p.path, keyword}
	if !slices.Contains(p.reasons, reason) {
		p.reasons = append(p.reasons, reason)
	}
	return false
}

// failAt is fail for a part of the value.
func (p *prover) failAt(step, keyword string) bool {
	path := p.path
	p.path += "/" + step
	defer func() { p.path = path }()
	return p.fail(keyword)
}

// attempt is a proof that may fail without a word.
func (p *prover) attempt(proof func() bool) bool {
	reasons := len(p.reasons)
	shown := proof()
	p.reasons = p.reasons[:reasons]
	return shown
}

// inside is a proof about a part of the value.
func (p *prover) inside(step string, s *jsonschema.Schema, f facts) bool {
	path := p.path
	p.path += "/" + step
	defer func() { p.path = path }()
	return p.accepts(s, f)
}

// accepts reports whether each value that is as f says can be shown to satisfy a schema.
func (p *prover) accepts(s *jsonschema.Schema, f facts) bool {
	if p.steps += 1 + len(f.schemas); p.steps > mostSteps {
		return p.fail("(too many alternatives)")
	}
	for hides(s) {
		if s.Const != nil && !p.accepts(&jsonschema.Schema{Const: s.Const}, f) {
			return false
		}
		s = s.Ref
	}
	switch {
	case f.empty(emptyDepth):
		return true
	case s.Bool != nil:
		return *s.Bool || p.fail("false")
	case f.some(func(other *jsonschema.Schema) bool { return equal(s, other) }):
		return true
	}
	if values, listed := f.values(); listed {
		return !slices.ContainsFunc(values, func(value any) bool { return !accepts(s, value) }) || p.fail("enum")
	}
	key := f.key() + "|" + keyOf([]*jsonschema.Schema{s})
	if p.underWay[key] {
		return true
	}
	p.underWay[key] = true
	defer delete(p.underWay, key)
	if cases, split := f.alternatives(); split && !simple(s) {
		return p.each(cases, s)
	} else if split && p.attempt(func() bool { return p.keywords(s, f) }) {
		return true
	} else if split {
		return p.each(cases, s)
	}
	return p.keywords(s, f)
}

// each is a proof for every one of several cases.
func (p *prover) each(cases []facts, s *jsonschema.Schema) bool {
	shown := true
	for _, one := range cases {
		shown = p.accepts(s, one) && shown
	}
	return shown
}

// simple reports whether a schema has no alternatives, so that those of a value need not be told apart to begin with.
func simple(s *jsonschema.Schema) bool {
	return s.AnyOf == nil && s.OneOf == nil && s.If == nil && s.Not == nil
}

// keywords is a proof for each keyword of a schema.
func (p *prover) keywords(s *jsonschema.Schema, f facts) bool {
	shown := p.opaque(s)
	if f.types&^typesOf(s) != 0 {
		shown = p.fail("type")
		f.types &= typesOf(s)
	}
	if s.Const != nil || s.Enum != nil { // and f lists no values
		shown = p.fail("enum")
	}
	if s.Format != nil && f.types&text != 0 && !f.some(func(o *jsonschema.Schema) bool { return o.Format != nil && o.Format.Name == s.Format.Name }) {
		shown = p.fail("format")
	}
	shown = p.numbers(s, f) && shown
	shown = p.texts(s, f) && shown
	shown = p.items(s, f) && shown
	shown = p.members(s, f) && shown
	return p.inPlace(s, f) && shown
}

// opaque fails for keywords of which nothing can be shown but that they are the same.
func (p *prover) opaque(s *jsonschema.Schema) bool {
	shown := true
	for keyword, there := range map[string]bool{
		"$dynamicRef": dynamic(s), "unevaluatedProperties": s.UnevaluatedProperties != nil, "unevaluatedItems": s.UnevaluatedItems != nil,
		"contentMediaType": s.ContentMediaType != nil, "contentSchema": s.ContentSchema != nil,
	} {
		if there {
			shown = p.fail(keyword)
		}
	}
	return shown
}

// inPlace is a proof for the schemas that a schema applies to the same value.
func (p *prover) inPlace(s *jsonschema.Schema, f facts) bool {
	shown := true
	if s.Ref != nil {
		shown = p.accepts(s.Ref, f)
	}
	for _, part := range s.AllOf {
		shown = p.accepts(part, f) && shown
	}
	if s.AnyOf != nil && !p.alternative(s.AnyOf, f, false) {
		shown = p.fail("anyOf")
	}
	if s.OneOf != nil && !p.alternative(s.OneOf, f, true) {
		shown = p.fail("oneOf")
	}
	if s.Not != nil && !f.apart(s.Not) && !f.some(func(o *jsonschema.Schema) bool { return o.Not != nil && equal(o.Not, s.Not) }) {
		shown = p.fail("not")
	}
	if s.If != nil && !p.conditional(s, f) {
		shown = p.fail("if")
	}
	return shown
}

// alternative shows that one of the alternatives is satisfied, and no other if it is to be one alone; if not for all values
// together, then for those of each type.
func (p *prover) alternative(alternatives []*jsonschema.Schema, f facts, alone bool) bool {
	for i, s := range alternatives {
		others := slices.Delete(slices.Clone(alternatives), i, i+1)
		if alone && slices.ContainsFunc(others, func(other *jsonschema.Schema) bool { return !f.apart(other) }) {
			continue
		}
		if p.attempt(func() bool { return p.accepts(s, f) }) {
			return true
		}
	}
	if f.types&(f.types-1) == 0 {
		return false
	}
	for one := range f.types.each {
		if !p.alternative(alternatives, f.of(one), alone) {
			return false
		}
	}
	return true
}

func (p *prover) conditional(s *jsonschema.Schema, f facts) bool {
	same := func(o *jsonschema.Schema) bool {
		return o.If != nil && equal(o.If, s.If) && equality{}.schemas(o.Then, s.Then) && equality{}.schemas(o.Else, s.Else)
	}
	if f.some(same) {
		return true
	}
	holds := p.attempt(func() bool { return p.accepts(s.If, f) })
	fails := f.apart(s.If)
	return (fails || s.Then == nil || p.attempt(func() bool { return p.accepts(s.Then, f.assuming(s.If)) })) &&
		(holds || s.Else == nil || p.attempt(func() bool { return p.accepts(s.Else, f) }))
}
