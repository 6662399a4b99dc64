package plan

import (
	"reflect"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/jsonval/internal/gotype"
)

// objectReader reads objects into structs.
type objectReader struct {
	node   *node
	rules  *objectRules // the schema's, with the names of all fields in the table
	fields []fieldReader
}

// fieldReader reads a field, by the position of its name in the table. It reads nothing for a name that is the schema's alone.
type fieldReader struct {
	read  reader
	field gotype.Field
}

func (c *readerCompiler) object(t reflect.Type, n *node) reader {
	given := n.memberwiseObject()
	if given == nil {
		return c.checked(t, n)
	}
	fields, _ := gotype.PlainFields(t)
	names := lo.Map(fields, func(f gotype.Field, _ int) string { return f.Name })
	for _, m := range given.names.members {
		if !lo.Contains(names, m.name) {
			names = append(names, m.name)
		}
	}
	rules := &objectRules{names: newNameTable(names), additional: given.additional}
	if rules.wideWords = (len(names) - 1) / 64; rules.wideWords > 0 && n != anyNode {
		return c.checked(t, n)
	}
	o := &objectReader{node: n, rules: rules, fields: make([]fieldReader, len(names))}
	for i := range rules.names.members {
		m := &rules.names.members[i]
		m.schema = given.additional
		if declared := given.names.find([]byte(m.name)); declared != nil {
			m.schema = declared.schema
			if given.requiredBits&declared.bit != 0 {
				rules.requiredBits |= m.bit
			}
		}
	}
	for _, f := range fields {
		m := rules.names.find([]byte(f.Name))
		if m.schema == nil {
			return c.checked(t, n)
		}
		o.fields[m.position] = fieldReader{c.value(f.Type, m.schema), f}
	}
	return o.read
}

func (o *objectReader) read(w *walker, i int, into reflect.Value) int {
	if byteAt(w.text, i) != '{' {
		return w.null(i, o.node)
	}
	if w.depth++; w.depth > w.maxDepth {
		return -1
	}
	text, names, found, expected := w.text, w.distinct.open(), w.openSeen(o.rules), o.rules.names.first
	i = skipSpace(text, i+1)
	for separator := byteAt(text, i); separator != '}'; { // as in parts, without the call for each member
		var m *declaredMember
		if i, m = w.member(i, o.rules, expected, names, &found); i < 0 {
			return -1
		}
		expected = m.next
		if m == noMember {
			w.unknown = true
			i = w.additionalValue(i, o.rules)
		} else if f := &o.fields[m.position]; f.read == nil {
			w.unknown = true
			i = w.value(i, m.schema)
		} else {
			i = f.read(w, i, f.field.Of(into))
		}
		if i < 0 {
			return -1
		}
		i = skipSpace(text, i)
		if separator = byteAt(text, i); separator == ',' {
			i = skipSpace(text, i+1)
		} else if separator != '}' {
			return -1
		}
	}
	if len(w.distinct.members) > names.members {
		w.distinct.close(names)
	}
	w.depth--
	w.wide = w.wide[:found.wide]
	if o.rules.requiredBits&^found.first != 0 {
		return -1
	}
	return i + 1
}

// member reads the name of a member, which must not have come before. It returns the position of the value, and which of the names in
// the table it is, or noMember.
func (w *walker) member(i int, rules *objectRules, expected *declaredMember, names set, found *seen) (int, *declaredMember) {
	m := expected
	if !m.begins(w.text, i) {
		if m = m.next; !m.begins(w.text, i) {
			if i, _, m = w.lookUpMember(i, rules, names, found); m == nil {
				m = noMember
			}
			return i, m
		}
	}
	if !w.mark(found, m.position) {
		return -1, noMember
	}
	return skipSpace(w.text, i+len(m.quoted)), m
}

// additionalValue reads the value of a member that nobody has declared.
func (w *walker) additionalValue(i int, rules *objectRules) int {
	if rules.additional == nil {
		return -1
	}
	return w.value(i, rules.additional)
}

// dictionary reads objects into maps whose keys are strings.
func (c *readerCompiler) dictionary(t reflect.Type, n *node) reader {
	rules := n.memberwiseObject()
	if rules == nil || len(rules.names.members) > 0 || rules.additional == nil {
		return c.checked(t, n)
	}
	read := c.value(t.Elem(), rules.additional)
	return func(w *walker, i int, into reflect.Value) int {
		if byteAt(w.text, i) != '{' {
			return w.null(i, n)
		}
		into.Set(reflect.MakeMap(t))
		names := w.distinct.open()
		key, element := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		i = w.parts(i, '}', func(i int) int {
			i, name := w.memberName(i)
			if i < 0 {
				return -1
			}
			if _, fresh := w.distinct.insert(names, name); !fresh {
				return -1
			}
			key.SetString(w.copied(name))
			element.SetZero()
			if i = read(w, i, element); i >= 0 {
				into.SetMapIndex(key, element)
			}
			return i
		})
		w.distinct.close(names)
		return i
	}
}
