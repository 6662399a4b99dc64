package plan

import (
	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// inPlace holds the in-place applicators of a schema: subschemas that apply to the same instance. Each reads the value once more.
type inPlace struct {
	all, any, one              []*node // all has the $ref, too
	not                        *node
	condition, then, otherwise *node
}

// applyInPlace applies the in-place applicators. It reports whether to go on: a violation that is reported does not keep the walk from it.
func (w *walker) applyInPlace(i int, p *inPlace) bool {
	for _, schema := range p.all {
		if !w.applyAgain(i, schema) {
			return false
		}
	}
	if p.any != nil && !w.anyOf(i, p.any) || p.one != nil && !w.oneOf(i, p.one) {
		return false
	}
	if p.not != nil && w.satisfies(i, p.not) {
		if w.report == nil {
			return false
		}
		w.report.addKind(i, violation.Not{})
	}
	if p.condition == nil {
		return true
	}
	branch := p.otherwise
	if w.satisfies(i, p.condition) {
		branch = p.then
	}
	return branch == nil || w.applyAgain(i, branch)
}

func (w *walker) anyOf(i int, alternatives []*node) bool {
	var failed []*report
	for _, schema := range alternatives {
		v := w.evaluate(i, schema, w.report != nil)
		if v.satisfied() {
			return true
		}
		failed = append(failed, v.found)
	}
	return w.noneOf(i, failed, violation.AnyOf{})
}

func (w *walker) oneOf(i int, alternatives []*node) bool {
	var failed []*report
	matched := -1
	for at, schema := range alternatives {
		if matched >= 0 {
			if !w.satisfies(i, schema) {
				continue
			}
			if w.report == nil {
				return false
			}
			w.report.addKind(i, violation.OneOf{Several: true})
			return true
		}
		v := w.evaluate(i, schema, w.report != nil)
		if v.satisfied() {
			matched = at
		}
		failed = append(failed, v.found)
	}
	return matched >= 0 || w.noneOf(i, failed, violation.OneOf{})
}

// noneOf reports that the value satisfies no alternative. When exactly one alternative is of the type that was found, its
// violations say what is wrong: "want null" is noise where an object is missing a member. When none is, that is what is
// wrong. Otherwise the keyword itself is reported.
func (w *walker) noneOf(i int, failed []*report, why violation.Rule) bool {
	if w.report == nil {
		return false
	}
	var plausible *report
	count := 0
	var wanted []string
	for _, alternative := range failed {
		if alternative.wantedTypes != nil {
			wanted = append(wanted, alternative.wantedTypes...)
		} else {
			plausible = alternative
			count++
		}
	}
	switch count {
	case 0:
		w.report.addMismatch(i, typeOf[w.text[i]], wanted, violationPrefix(violation.Type{Want: wanted}))
	case 1:
		w.report.merge(plausible)
	default:
		w.report.addKind(i, why)
	}
	return true
}
