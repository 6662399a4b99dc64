package jsonval

import (
	"fmt"
	"slices"
	"strings"
)

// The prefixes of keywords that are for the parts of what a field holds: items.minLength=1 for the elements of a slice,
// values.minimum=0 for the values of a map, items.values.maxItems=3 for what lies deeper.
const (
	ofItems  = "items."
	ofValues = "values."
)

var partPrefixes = []string{ofItems, ofValues}

// splitParts tells the keywords of a shape from those of its parts, which lose their prefix.
func splitParts(keywords []keyword) (own []keyword, below map[string][]keyword) {
	below = map[string][]keyword{}
	for _, k := range keywords {
		prefix := prefixOf(k.name)
		if prefix == "" {
			own = append(own, k)
			continue
		}
		k.name = strings.TrimPrefix(k.name, prefix)
		below[prefix] = append(below[prefix], k)
	}
	return own, below
}

func prefixOf(name string) string {
	at := slices.IndexFunc(partPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
	if at < 0 {
		return ""
	}
	return partPrefixes[at]
}

// applyBelow adds keywords to the shape of the parts, and puts their schema beside that of the whole, which may be a reference.
func (t *tagged) applyBelow(prefix string, keywords []keyword) (problems []error) {
	part, kind := t.shape.items, "array"
	if prefix == ofValues {
		part, kind = t.shape.values, "object"
	}
	name := strings.TrimSuffix(prefix, ".")
	switch {
	case t.shape.opaque != "":
		return []error{fmt.Errorf("%s: cannot be enforced: %s", name, t.shape.opaque)}
	case t.shape.kind != kind && t.shape.kind != "":
		return []error{fmt.Errorf("%s: is for %s, the Go type writes %s", name, kind, t.shape.kind)}
	case part == nil:
		return []error{fmt.Errorf("%s: cannot be enforced: the Go type has none that are known", name)}
	}
	changed := *part
	changed.schema = changed.schema.clone()
	inner := &tagged{shape: &changed, seen: map[string]bool{}, given: map[string]string{}, part: true}
	for _, problem := range inner.applyAll(keywords) {
		problems = append(problems, fmt.Errorf("%s%w", prefix, problem))
	}
	if len(problems) > 0 {
		return problems
	}
	if prefix == ofItems {
		t.shape.items = &changed
		t.shape.schema["items"] = changed.render()
		return nil
	}
	t.shape.values = &changed
	t.shape.putValues(changed.render())
	return nil
}

// putValues gives the values of a map another schema. Those of a map whose keys are numbers are told by a pattern.
func (s *shape) putValues(values object) {
	patterns, ok := s.schema["patternProperties"].(object)
	if !ok {
		s.schema["additionalProperties"] = values
		return
	}
	patterns = patterns.clone()
	for pattern := range patterns {
		patterns[pattern] = values
	}
	s.schema["patternProperties"] = patterns
}

// parts adds to the refusal of a keyword how it is written for the parts, if it is for these.
func (t *tagged) parts(rule tagRule, k keyword, refusal error) error {
	for prefix, part := range map[string]*shape{ofItems: t.shape.items, ofValues: t.shape.values} {
		if part != nil && slices.Contains(rule.kinds, part.kind) {
			return fmt.Errorf("%w: for each of its %s write %s%s", refusal, strings.TrimSuffix(prefix, "."), prefix, k.name)
		}
	}
	return refusal
}
