package jsonval

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// field is a member that encoding/json writes for a struct.
type field struct {
	name     string
	goName   string
	goType   reflect.Type
	tag      reflect.StructTag
	index    []int
	explicit bool // the json tag gives the name
	quoted   bool // the json tag has the string option
	// omittable is whether the member can be left out: omitempty, omitzero, or an embedded pointer on the way to it.
	omittable           bool
	omitEmpty, omitZero bool
}

// embedding is a struct whose fields are still to be listed.
type embedding struct {
	goType   reflect.Type
	goName   string
	index    []int
	optional bool // reached through a pointer
	descend  bool // whether the structs embedded in it are listed too; false for the second time a type is met
}

// fieldList lists the fields of a struct by the rules of encoding/json: breadth first, where of several fields with one
// name the least deeply embedded wins, then the one with an explicit name, and otherwise none.
type fieldList struct {
	keys        []string // of the tags that name fields
	queue       []embedding
	seen        map[reflect.Type]bool
	found       []field
	problems    []string
	selfWritten []string
}

// structFields returns the fields of a struct in the order in which they are declared, and what is wrong with their json tags.
func structFields(t reflect.Type) ([]field, []string) {
	listed := listFields(t, "json")
	return listed.Fields, listed.Problems
}

// listing is what the fields of a struct are by the rules of encoding/json.
type listing struct {
	Fields    []field  // in the order in which they are declared
	Contested []string // the names that several fields have, of which encoding/json would write none
	Problems  []string // what is wrong with the tags
	// SelfWritten are the embedded structs without a name that have methods to be written, or read, by.
	SelfWritten []string
}

// listFields lists the fields that have names in the tags of the keys, of which the first come first.
func listFields(t reflect.Type, keys ...string) listing {
	list := fieldList{keys: keys, queue: []embedding{{goType: t, descend: true}}, seen: map[reflect.Type]bool{t: true}}
	for len(list.queue) > 0 {
		next := list.queue[0]
		list.queue = list.queue[1:]
		for i := range next.goType.NumField() {
			list.add(next, next.goType.Field(i))
		}
	}
	fields, contested := dominant(list.found)
	return listing{fields, contested, list.problems, list.selfWritten}
}

// tag returns the name that a field is given, the options of all its tags, and whether it is left out.
func (l *fieldList) tag(sf reflect.StructField) (name string, options []string, out bool) {
	for _, key := range l.keys {
		tag := sf.Tag.Get(key)
		if tag == "-" && name == "" {
			return "", nil, true
		}
		given, rest, _ := strings.Cut(tag, ",")
		name = cmp.Or(name, given)
		options = append(options, strings.Split(rest, ",")...)
	}
	return name, options, false
}

func (l *fieldList) problem(name, format string, args ...any) {
	l.problems = append(l.problems, fmt.Sprintf("field %s: ", name)+fmt.Sprintf(format, args...))
}

func (l *fieldList) add(from embedding, sf reflect.StructField) {
	goName := sf.Name
	if from.goName != "" {
		goName = from.goName + "." + sf.Name
	}
	name, options, out := l.tag(sf)
	if out || !sf.IsExported() && !sf.Anonymous {
		if constraint := sf.Tag.Get("jsonschema"); constraint != "" && constraint != "-" {
			l.problem(goName, "encoding/json does not write it, so its jsonschema tag cannot be enforced")
		}
		return
	}
	f := field{
		name: sf.Name, goName: goName, goType: sf.Type, tag: sf.Tag, omittable: from.optional,
		index: append(slices.Clip(slices.Clone(from.index)), sf.Index...),
	}
	if strings.ContainsAny(name, "\\'\"`") || !utf8.ValidString(name) {
		l.problem(goName, "the json tag has a malformed name")
		return
	}
	if name != "" {
		f.name, f.explicit = name, true
	}
	embed := sf.Anonymous && !f.explicit && structBehind(sf.Type) != nil
	for _, option := range options {
		switch {
		case option == "omitempty":
			f.omittable, f.omitEmpty = true, true
		case option == "omitzero":
			f.omittable, f.omitZero = true, true
		case option == "string":
			f.quoted = true
		case option == "embed":
			if structBehind(sf.Type) == nil {
				l.problem(goName, "the embed option is supported for structs alone")
				return
			}
			embed = !f.explicit
		case option == "case:ignore":
			l.problem(goName, "case:ignore would let members in under names that the schema does not validate")
		case strings.HasPrefix(option, "format:"):
			l.problem(goName, "encoding/json does not support the format option")
		}
	}
	if embed {
		l.embed(from, sf, f)
		return
	}
	if !sf.IsExported() {
		// encoding/json writes an unexported embedded struct that has a name of its own, and no other.
		if structBehind(sf.Type) == nil || marshals(structBehind(sf.Type)) {
			return
		}
		if sf.Type.Kind() == reflect.Pointer {
			l.problem(goName, "encoding/json cannot set an embedded pointer to an unexported struct")
		}
	}
	l.found = append(l.found, f)
}

func (l *fieldList) embed(from embedding, sf reflect.StructField, f field) {
	if sf.Tag.Get("jsonschema") != "" {
		l.problem(f.goName, "a jsonschema tag on an embedded struct applies to no member")
	}
	pointer := sf.Type.Kind() == reflect.Pointer
	if pointer && !sf.IsExported() {
		l.problem(f.goName, "encoding/json cannot set an embedded pointer to an unexported struct")
	}
	if !from.descend {
		return
	}
	target := structBehind(sf.Type)
	if marshals(target) || has(target, readMethods...) {
		l.selfWritten = append(l.selfWritten, f.goName)
	}
	l.queue = append(l.queue, embedding{
		goType: target, goName: f.goName, index: f.index, optional: from.optional || pointer, descend: !l.seen[target],
	})
	l.seen[target] = true
}

// structBehind returns the struct type that t is or, unnamed, points to; nil when there is none.
func structBehind(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	return t
}

// dominant resolves the fields that share a name, and returns the names of which no field wins.
func dominant(fields []field) (kept []field, contested []string) {
	byName := map[string][]field{}
	for _, f := range fields {
		byName[f.name] = append(byName[f.name], f)
	}
	for name, rivals := range byName {
		slices.SortStableFunc(rivals, func(a, b field) int {
			return cmp.Or(cmp.Compare(len(a.index), len(b.index)), explicitFirst(a, b))
		})
		if len(rivals) == 1 || len(rivals[0].index) != len(rivals[1].index) || rivals[0].explicit != rivals[1].explicit {
			kept = append(kept, rivals[0])
		} else {
			contested = append(contested, name)
		}
	}
	slices.Sort(contested)
	slices.SortFunc(kept, func(a, b field) int { return slices.Compare(a.index, b.index) })
	return kept, contested
}

func explicitFirst(a, b field) int {
	switch {
	case a.explicit == b.explicit:
		return 0
	case a.explicit:
		return -1
	default:
		return 1
	}
}
