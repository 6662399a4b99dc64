package plan

import (
	"math"

	"github.com/kvstore-go/kvstore/jsonval/internal/compiled"
	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// arrayRules are the keywords for arrays.
type arrayRules struct {
	prefix []*node
	items  *node // of the items behind the prefix
	closed bool  // additionalItems is false

	least, most     int
	tooFew, tooMany *violation.Violation
	unique          bool
	// compared is whether items are looked at besides: for uniqueItems or contains.
	compared bool

	contains                  *node
	leastMatches, mostMatches int
	// leastGiven is whether minContains was written out.
	leastGiven bool
}

func newArrayRules(s *compiled.Schema, compile func(*compiled.Schema) *node) *arrayRules {
	r := &arrayRules{items: anyNode, unique: s.UniqueItems}
	r.least, r.most = limitsOf(s.MinItems, s.MaxItems)
	r.tooFew, r.tooMany = violationPrefix(violation.MinItems{Want: r.least}), violationPrefix(violation.MaxItems{Want: r.most})
	r.leastMatches, r.mostMatches = limitsOf(s.MinContains, s.MaxContains)
	r.prefix, r.closed = compileAll(s.PrefixItems, compile), s.Closed
	if s.Items != nil {
		r.items = compile(s.Items)
	}
	if s.Contains != nil {
		r.contains = compile(s.Contains)
		if r.leastGiven = s.MinContains != nil; !r.leastGiven {
			r.leastMatches = 1
		}
	}
	r.compared = r.unique || r.contains != nil
	return r
}

// anyArray is what holds for arrays that no keyword is about.
var anyArray = &arrayRules{items: anyNode, most: math.MaxInt, mostMatches: math.MaxInt}

func (w *walker) arrayValue(i int, n *node) int {
	if !n.plain && (n.constant != nil || n.enum != nil) {
		if end := w.enumeratedComposite(i, n); end != 0 {
			return end
		}
	}
	if w.depth++; w.depth > w.maxDepth {
		return -1
	}
	rules := n.array
	if rules == nil {
		rules = anyArray
	}
	text, start, count := w.text, i, 0
	found := itemMatches{}
	if rules.compared {
		found.differing = w.distinct.open()
	}
	if i = skipSpace(text, i+1); byteAt(text, i) == ']' {
		i++
	} else {
		for {
			item := rules.items
			if count < len(rules.prefix) {
				item = rules.prefix[count]
			}
			end := w.value(i, item)
			if end < 0 {
				return -1
			}
			if rules.compared {
				w.compareItem(i, count, rules, &found)
			}
			count++
			i = skipSpace(text, end)
			c := byteAt(text, i)
			i++
			if c == ']' {
				break
			}
			if c != ',' {
				return -1
			}
			i = skipSpace(text, i)
		}
	}
	w.depth--
	if rules.compared {
		w.distinct.close(found.differing)
	}
	if !rules.accept(count, &found) {
		if w.report == nil {
			return -1
		}
		rules.report(start, count, &found, w.report)
	}
	if n.inPlace == nil {
		return i
	}
	return w.finish(start, i, n)
}

// itemMatches is what contains and uniqueItems know of the items.
type itemMatches struct {
	count         int // those that satisfy contains
	differing     set
	first, second int // two equal ones; second is 0 if there are none
}

func (w *walker) compareItem(i, position int, rules *arrayRules, found *itemMatches) {
	if rules.contains != nil && w.satisfies(i, rules.contains) {
		found.count++
	}
	if rules.unique && found.second == 0 {
		begin := len(w.distinct.bytes)
		w.distinct.bytes, _ = appendCanonical(w.distinct.bytes, w.text, i)
		if equal, fresh := w.distinct.insertAppended(found.differing, begin); !fresh {
			found.first, found.second = equal, position
		}
	}
}

func (r *arrayRules) accept(count int, found *itemMatches) bool {
	return r.least <= count && count <= r.most && (!r.closed || count <= len(r.prefix)) &&
		(!r.compared || r.leastMatches <= found.count && found.count <= r.mostMatches && found.second == 0)
}

func (r *arrayRules) report(i, count int, found *itemMatches, to *report) {
	if count < r.least {
		to.addCount(i, r.tooFew, count)
	}
	if count > r.most {
		to.addCount(i, r.tooMany, count)
	}
	if r.closed && count > len(r.prefix) {
		to.addKind(i, violation.Other{Keyword: "additionalItems"})
	}
	if found.second > 0 {
		to.addKind(i, violation.UniqueItems{First: found.first, Second: found.second})
	}
	switch {
	case found.count >= r.leastMatches:
	case r.leastGiven:
		to.addKind(i, violation.Other{Keyword: "minContains"})
	default:
		to.addKind(i, violation.Other{Keyword: "contains"})
	}
	if found.count > r.mostMatches {
		to.addKind(i, violation.Other{Keyword: "maxContains"})
	}
}
