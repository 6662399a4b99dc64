package plan

import (
	"maps"
	"math"
	"slices"

	"github.com/kvstore-go/kvstore/jsonval/internal/compiled"
	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// objectRules are the keywords for objects.
type objectRules struct {
	names        nameTable
	required     []namedMember
	requiredBits uint64 // required once more, of the first 64 names
	wideWords    int    // words of 64 bits that the set of seen members takes besides the first

	patterns   []patternMember
	additional *node // of the members that neither properties nor patterns cover
	closed     bool  // additionalProperties is false
	nameSchema *node // propertyNames; nil when there is none
	// simple is whether every member has one subschema at most, its name none, and the names in the table are 64 at most and do
	// have one.
	simple bool
	// counted is whether there are rules about the members taken together besides requiredBits.
	counted bool

	dependents      []dependent
	least, most     int
	tooFew, tooMany *violation.Violation
}

// namedMember is a member name of the table.
type namedMember struct {
	name     string
	position int
	missing  *violation.Violation // when it is required
}

// patternMember is one of patternProperties.
type patternMember struct {
	pattern *pattern
	schema  *node
}

// dependent is what the presence of a member asks of the object: dependentRequired, dependentSchemas, dependencies.
type dependent struct {
	namedMember
	needed []namedMember
	schema *node
	legacy bool // the keyword is dependencies, of drafts before 2019-09
}

// anyObject is what holds for objects that no keyword is about.
var anyObject = &objectRules{names: newNameTable(nil), additional: anyNode, simple: true, most: math.MaxInt}

func newObjectRules(s *compiled.Schema, orders MemberOrders, compile func(*compiled.Schema) *node) *objectRules {
	r := &objectRules{names: newNameTable(orders.of(memberNames(s))), additional: anyNode}
	r.wideWords = max(0, (len(r.names.members)-1)/64)
	r.least, r.most = limitsOf(s.MinProperties, s.MaxProperties)
	r.tooFew, r.tooMany = violationPrefix(violation.MinProperties{Want: r.least}), violationPrefix(violation.MaxProperties{Want: r.most})
	r.required = r.names.lookUp(s.Required)
	for _, required := range r.required {
		if required.position < 64 {
			r.requiredBits |= 1 << required.position
		}
	}
	for i := range r.names.members {
		if schema := s.Properties[r.names.members[i].name]; schema != nil {
			r.names.members[i].schema = compile(schema)
		}
	}
	for regexp, schema := range s.PatternProperties {
		r.patterns = append(r.patterns, patternMember{newPattern(regexp), compile(schema)})
	}
	switch additional := s.AdditionalProperties; {
	case additional == nil:
	case additional.Bool == nil:
		r.additional = compile(additional)
	case !*additional.Bool:
		r.closed, r.additional = true, nil
	}
	if len(r.patterns) == 0 && !r.closed {
		for i := range r.names.members {
			if m := &r.names.members[i]; m.schema == nil {
				m.schema = r.additional
			}
		}
	}
	if s.PropertyNames != nil {
		r.nameSchema = compile(s.PropertyNames)
	}
	r.simple = len(r.patterns) == 0 && r.nameSchema == nil && r.wideWords == 0 && !slices.ContainsFunc(r.names.members, func(m declaredMember) bool {
		return m.schema == nil
	})
	r.addDependents(s, compile)
	r.counted = s.MinProperties != nil || s.MaxProperties != nil || r.dependents != nil || r.wideWords > 0
	return r
}

func (r *objectRules) addDependents(s *compiled.Schema, compile func(*compiled.Schema) *node) {
	add := func(name string, needed []string, schema *compiled.Schema, legacy bool) {
		d := dependent{namedMember: r.names.lookUp([]string{name})[0], needed: r.names.lookUp(needed), legacy: legacy}
		if schema != nil {
			d.schema = compile(schema)
		}
		r.dependents = append(r.dependents, d)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Dependencies)) {
		add(name, s.Dependencies[name], nil, true)
	}
	for _, name := range slices.Sorted(maps.Keys(s.DependentSchemas)) {
		add(name, nil, s.DependentSchemas[name], false)
	}
	for _, name := range slices.Sorted(maps.Keys(s.DependentRequired)) {
		add(name, s.DependentRequired[name], nil, false)
	}
}
