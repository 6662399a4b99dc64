package jsonval

import (
	"errors"
	"fmt"
	"strings"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/jsonval/internal/gotype"
)

// keyword is one piece of a jsonschema tag: name=value, or a bare name.
type keyword struct {
	name  string
	value string
	bare  bool
}

// parseTag splits a tag at its commas. A comma inside a value is written \, which the library does not know: it cuts a
// pattern such as ^a{1,3}$ in two and drops both halves.
func parseTag(tag string) []keyword {
	const escapedComma = "\x00"
	var keywords []keyword
	for piece := range strings.SplitSeq(strings.ReplaceAll(tag, `\,`, escapedComma), ",") {
		name, value, found := strings.Cut(strings.ReplaceAll(piece, escapedComma, ","), "=")
		name = strings.TrimSpace(name)
		if name == "" && !found {
			continue
		}
		keywords = append(keywords, keyword{name: name, value: value, bare: !found})
	}
	return keywords
}

// tagged is a field whose tag is being applied to its shape.
type tagged struct {
	shape  *shape
	seen   map[string]bool
	groups *requiredGroups
	field  gotype.Field

	given    map[string]string // the inclusive bounds as the tag has them
	itemEnum []any             // the values allowed for the elements of an array
	required bool              // the member must be there
	part     bool              // it is not the field, but what it holds
	nullable bool              // the tag asks for null
}

// applyTags adds the keywords of the field's tags to its shape, and reports whether the tag has the keyword required.
func (r *reflector) applyTags(s *shape, f *gotype.Field, groups *requiredGroups, at position) bool {
	tag := f.Tag.Get("jsonschema")
	if tag == "-" {
		*s = anything() // the library leaves such a field out of the schema
		f.Omittable = true
		return false
	}
	s.schema = s.schema.clone()
	t := &tagged{shape: s, seen: map[string]bool{}, given: map[string]string{}, groups: groups, field: *f}
	if description := f.Tag.Get("jsonschema_description"); description != "" {
		s.schema["description"] = description
	}
	if err := t.extras(f.Tag.Get("jsonschema_extras")); err != nil {
		r.problem(at, "jsonschema_extras tag: %w", err)
	}
	for _, problem := range t.applyAll(parseTag(tag)) {
		r.problem(at, "jsonschema tag: %w", problem)
	}
	return t.required
}

// applyAll adds keywords to the shape, and those with a prefix to that of its parts.
func (t *tagged) applyAll(keywords []keyword) (problems []error) {
	own, below := splitParts(keywords)
	sortKeywords(own)
	for _, k := range own {
		if err := t.apply(k); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", k.name, err))
		}
	}
	for _, prefix := range partPrefixes {
		if len(below[prefix]) > 0 {
			problems = append(problems, t.applyBelow(prefix, below[prefix])...)
		}
	}
	if len(problems) > 0 || len(keywords) == 0 {
		return problems
	}
	if err := errors.Join(contradiction(t.shape.schema), t.checkLiterals()); err != nil {
		return []error{err}
	}
	t.settleItems()
	t.settleNull()
	return nil
}

// settleItems puts the values allowed for elements beside the schema of the array, which may be a reference.
func (t *tagged) settleItems() {
	if len(t.itemEnum) == 0 {
		return
	}
	items := *t.shape.items
	items.schema = items.schema.clone()
	items.schema["enum"] = t.itemEnum
	t.shape.schema["items"] = items.render()
}

// settleNull decides about null once all constraints are known. The null of a nil slice or map has no items, so that it
// breaks a minimum of them; the null of a member that the tag requires does not count as a value.
func (t *tagged) settleNull() {
	if t.nullable {
		t.shape.nullable = true
		return
	}
	for _, minimum := range []string{"minItems", "minProperties"} {
		if bound := t.shape.schema.rational(minimum); bound != nil && bound.Sign() > 0 {
			t.shape.nullable = false
		}
	}
	if t.required && t.field.Omittable {
		t.shape.nullable = false
	}
	if t.seen["oneof_required"] {
		t.shape.nullable = false
	}
}

func (t *tagged) apply(k keyword) error {
	rule, known := tagRules[k.name]
	if !known {
		if k.bare {
			return errors.New(`unknown keyword; a comma inside a value is written \\,`)
		}
		return errors.New("unknown keyword")
	}
	if rule.member && t.part {
		return errors.New("is for members of objects")
	}
	if t.seen[k.name] && !rule.repeats {
		return errors.New("given twice")
	}
	t.seen[k.name] = true
	if k.bare && !rule.bare {
		return errors.New("wants a value")
	}
	if rule.kinds != nil {
		if t.shape.opaque != "" {
			return fmt.Errorf("cannot be enforced: %s", t.shape.opaque)
		}
		if err := rule.concerns(t.shape.kind); err != nil {
			return t.parts(rule, k, err)
		}
	}
	return rule.apply(t, k)
}

// extras adds annotations under names that no validator interprets.
func (t *tagged) extras(tag string) error {
	for _, k := range parseTag(tag) {
		if k.bare || !strings.HasPrefix(k.name, "x-") {
			return fmt.Errorf("%s: only annotations are supported, x-name=value", k.name)
		}
		if _, twice := t.shape.schema[k.name]; twice {
			return fmt.Errorf("%s: given twice", k.name)
		}
		t.shape.schema[k.name] = k.value
	}
	return nil
}

// requiredGroups collects oneof_required: exactly one of the groups of a struct is to be present.
type requiredGroups struct {
	titles  []string
	members map[string][]any
}

func (g *requiredGroups) add(title, member string) {
	if g.members == nil {
		g.members = map[string][]any{}
	}
	if g.members[title] == nil {
		g.titles = append(g.titles, title)
	}
	g.members[title] = append(g.members[title], member)
}

func (g *requiredGroups) alternatives() []any {
	return lo.Map(g.titles, func(title string, _ int) any {
		return object{"title": title, "required": g.members[title]}
	})
}
