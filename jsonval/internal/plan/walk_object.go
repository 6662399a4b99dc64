package plan

import (
	"slices"

	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// objectValue reads an object. Names that the schema mentions are known by their position, the others are remembered, so that no
// name comes twice.
func (w *walker) objectValue(i int, n *node) int {
	if !n.plain && (n.constant != nil || n.enum != nil) {
		if end := w.enumeratedComposite(i, n); end != 0 {
			return end
		}
	}
	if w.depth++; w.depth > w.maxDepth {
		return -1
	}
	rules := n.object
	if rules == nil {
		rules = anyObject
	}
	text, start, count := w.text, i, 0
	names := w.distinct.open()
	found := w.openSeen(rules)
	expected := rules.names.first
	if i = skipSpace(text, i+1); byteAt(text, i) == '}' {
		i++
	} else {
		for {
			m := expected
			if !m.begins(text, i) {
				m = m.next
				if !m.begins(text, i) {
					m = noMember
				}
			}
			if m != noMember && rules.simple {
				if found.first&m.bit != 0 {
					return -1
				}
				found.first |= m.bit
				i = skipSpace(text, i+len(m.quoted))
				switch c := byteAt(text, i); { // the most frequent values take a shortcut past w.value
				case m.schema.types&typeOf[c] == 0 || m.schema.byType != nil:
					i = w.value(i, m.schema)
				case c == '"':
					i = w.stringValue(i, m.schema)
				case c <= '9':
					i = w.numberValue(i, m.schema)
				default:
					i = w.value(i, m.schema)
				}
				expected = m.next
			} else {
				i, expected = w.memberValue(i, rules, names, &found)
			}
			if i < 0 {
				return -1
			}
			count++
			i = skipSpace(text, i)
			c := byteAt(text, i)
			i++
			if c == '}' {
				break
			}
			if c != ',' {
				return -1
			}
			i = skipSpace(text, i)
		}
	}
	if len(w.distinct.members) > names.members {
		w.distinct.close(names)
	}
	w.depth--
	if rules.requiredBits&^found.first != 0 || rules.counted {
		ok := w.assertObject(start, count, rules, &found)
		w.wide = w.wide[:found.wide]
		if !ok {
			return -1
		}
	}
	if n.inPlace == nil {
		return i
	}
	return w.finish(start, i, n)
}

// memberName reads the name of a member, and returns the position of the value. The name is good until the next string is read.
func (w *walker) memberName(i int) (value int, name []byte) {
	if byteAt(w.text, i) != '"' {
		return -1, nil
	}
	end, how := scanString(w.text, i+1)
	if end < 0 {
		return -1, nil
	}
	name = w.text[i+1 : end]
	if how&escaped != 0 {
		w.unescaped = appendUnescaped(w.unescaped[:0], name)
		name = w.unescaped
	}
	if i = skipSpace(w.text, end+1); byteAt(w.text, i) != ':' {
		return -1, nil
	}
	return skipSpace(w.text, i+1), name
}

// lookUpMember reads the name of a member, which must not have come before. It returns the position of the value, the name until the next string
// is read, and which of the names in the table it is, or nil.
func (w *walker) lookUpMember(i int, rules *objectRules, names set, found *seen) (value int, name []byte, declared *declaredMember) {
	value, name = w.memberName(i)
	if value < 0 {
		return -1, nil, nil
	}
	fresh := false
	if declared = rules.names.find(name); declared != nil {
		fresh = w.mark(found, declared.position)
	} else {
		_, fresh = w.distinct.insert(names, name)
	}
	if !fresh {
		return -1, nil, nil
	}
	return value, name, declared
}

// memberValue reads one member, and returns the position behind it, and the member that most often follows.
func (w *walker) memberValue(i int, rules *objectRules, names set, found *seen) (int, *declaredMember) {
	begin := i
	i, name, declared := w.lookUpMember(i, rules, names, found)
	schema := rules.additional
	if declared != nil {
		schema = declared.schema
	}
	switch {
	case i < 0:
		return -1, noMember
	case rules.simple && schema != nil:
		i = w.value(i, schema)
	default:
		i = w.applyToMember(i, begin, name, declared, rules)
	}
	if declared == nil {
		return i, noMember
	}
	return i, declared.next
}

var undeclared = violationOf(violation.AdditionalProperties{})

// applyToMember applies all the subschemas that a member may have: those of properties, patternProperties and additionalProperties.
func (w *walker) applyToMember(i, begin int, name []byte, declared *declaredMember, rules *objectRules) int {
	var schemas [4]*node
	applied := schemas[:0]
	if declared != nil && declared.schema != nil {
		applied = append(applied, declared.schema)
	}
	for _, p := range rules.patterns {
		if p.pattern.matches(name) {
			applied = append(applied, p.schema)
		}
	}
	switch {
	case len(applied) > 0:
	case rules.closed:
		if w.report == nil {
			return -1
		}
		w.report.add(i, undeclared)
	case rules.additional != nil:
		applied = append(applied, rules.additional)
	}
	if rules.nameSchema != nil {
		if !w.satisfies(begin, rules.nameSchema) {
			if w.report == nil {
				return -1
			}
			inside := w.text[begin+1 : i]
			end, _ := scanString(inside, 0)
			w.report.addKind(w.root, violation.PropertyNames{Name: string(appendUnescaped(nil, inside[:end]))})
		}
	}
	if len(applied) == 0 {
		return w.skip(i)
	}
	end := w.value(i, applied[0])
	for _, schema := range applied[1:] {
		if end >= 0 && !w.applyAgain(i, schema) {
			return -1
		}
	}
	return end
}

// assertObject applies the assertions about the members taken together.
func (w *walker) assertObject(start, count int, rules *objectRules, found *seen) bool {
	if count < rules.least || rules.most < count {
		if w.report == nil {
			return false
		}
		if count < rules.least {
			w.report.addCount(start, rules.tooFew, count)
		}
		if count > rules.most {
			w.report.addCount(start, rules.tooMany, count)
		}
	}
	if rules.requiredBits&^found.first != 0 || rules.wideWords > 0 {
		for _, required := range rules.required {
			if w.has(found, required.position) {
				continue
			}
			if w.report == nil {
				return false
			}
			w.report.add(start, required.missing)
		}
	}
	for i := range rules.dependents {
		if d := &rules.dependents[i]; w.has(found, d.position) && !w.applyDependent(start, d, found) {
			return false
		}
	}
	return true
}

// applyDependent applies what the presence of a member asks for.
func (w *walker) applyDependent(start int, d *dependent, found *seen) bool {
	if slices.ContainsFunc(d.needed, func(needed namedMember) bool { return !w.has(found, needed.position) }) {
		switch {
		case w.report == nil:
			return false
		case d.legacy:
			w.report.addKind(start, violation.Other{Keyword: "dependency"})
		default:
			w.report.addKind(start, violation.Other{Keyword: "dependentRequired"})
		}
	}
	return d.schema == nil || w.applyAgain(start, d.schema)
}

// seen is the set of mentioned members that an object has. Those beyond the first 64 are on the walker's stack.
type seen struct {
	first uint64
	wide  int
}

func (w *walker) openSeen(rules *objectRules) seen {
	found := seen{wide: len(w.wide)}
	for range rules.wideWords {
		w.wide = append(w.wide, 0)
	}
	return found
}

// mark adds a member, and reports whether it is new.
func (w *walker) mark(found *seen, position int) bool {
	word := &found.first
	if position >= 64 {
		word = &w.wide[found.wide+position/64-1]
	}
	bit := uint64(1) << (position % 64)
	fresh := *word&bit == 0
	*word |= bit
	return fresh
}

func (w *walker) has(found *seen, position int) bool {
	word := found.first
	if position >= 64 {
		word = w.wide[found.wide+position/64-1]
	}
	return word>>(position%64)&1 != 0
}
