// Package gotype tells how encoding/json sees a Go type: its members, and the methods by which it writes and reads itself.
package gotype

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/samber/lo"
)

// Field is a member that encoding/json writes for a struct.
type Field struct {
	Name     string
	GoName   string
	Type     reflect.Type
	Tag      reflect.StructTag
	Index    []int
	explicit bool // the json tag gives the name
	Quoted   bool // the json tag has the string option
	// Omittable is whether the member can be left out: omitempty, omitzero, or an embedded pointer on the way to it.
	Omittable           bool
	OmitEmpty, OmitZero bool
}

// Of is the field of a struct of its type, unless there is a pointer on the way to it.
func (f *Field) Of(value reflect.Value) reflect.Value {
	for _, at := range f.Index {
		value = value.Field(at)
	}
	return value
}

// PlainFields returns the fields of a struct, and whether each of them is read and written as any value of its type is: none is quoted, lies
// behind an embedded pointer, is of no exported name, or is a pointer or an interface that tells by a method whether it is zero.
func PlainFields(t reflect.Type) (fields []Field, plain bool) {
	fields, problems := Fields(t)
	if problems != nil { // which NewCodec does not report for a type that declares its own schema
		return nil, false
	}
	for _, f := range fields {
		reference := f.Type.Kind() == reflect.Pointer || f.Type.Kind() == reflect.Interface
		if f.Quoted || f.OmitZero && reference && Has(f.Type, ZeroMethod) {
			return nil, false
		}
		within := t
		for depth, at := range f.Index {
			if within.Kind() == reflect.Pointer {
				return nil, false
			}
			field := within.Field(at)
			if depth == len(f.Index)-1 && !field.IsExported() {
				return nil, false
			}
			within = field.Type
		}
	}
	return fields, true
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
	found       []Field
	problems    []string
	selfWritten []string
}

// Fields returns the fields of a struct in the order in which they are declared, and what is wrong with their json tags.
func Fields(t reflect.Type) ([]Field, []string) {
	listed := List(t, "json")
	return listed.Fields, listed.Problems
}

// Listing is what the fields of a struct are by the rules of encoding/json.
type Listing struct {
	Fields    []Field  // in the order in which they are declared
	Contested []string // the names that several fields have, of which encoding/json would write none
	Problems  []string // what is wrong with the tags
	// SelfWritten are the embedded structs without a name that have methods to be written, or read, by.
	SelfWritten []string
}

// List lists the fields that have names in the tags of the keys, of which the first come first.
func List(t reflect.Type, keys ...string) Listing {
	list := fieldList{keys: keys, queue: []embedding{{goType: t, descend: true}}, seen: map[reflect.Type]bool{t: true}}
	for len(list.queue) > 0 {
		next := list.queue[0]
		list.queue = list.queue[1:]
		for i := range next.goType.NumField() {
			list.add(next, next.goType.Field(i))
		}
	}
	fields, contested := dominant(list.found)
	return Listing{fields, contested, list.problems, list.selfWritten}
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
	f := Field{
		Name: sf.Name, GoName: goName, Type: sf.Type, Tag: sf.Tag, Omittable: from.optional,
		Index: append(slices.Clip(slices.Clone(from.index)), sf.Index...),
	}
	if strings.ContainsAny(name, "\\'\"`") || !utf8.ValidString(name) {
		l.problem(goName, "the json tag has a malformed name")
		return
	}
	if name != "" {
		f.Name, f.explicit = name, true
	}
	embed := sf.Anonymous && !f.explicit && StructBehind(sf.Type) != nil
	for _, option := range options {
		switch {
		case option == "omitempty":
			f.Omittable, f.OmitEmpty = true, true
		case option == "omitzero":
			f.Omittable, f.OmitZero = true, true
		case option == "string":
			f.Quoted = true
		case option == "embed":
			if StructBehind(sf.Type) == nil {
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
		if StructBehind(sf.Type) == nil || Marshals(StructBehind(sf.Type)) {
			return
		}
		if sf.Type.Kind() == reflect.Pointer {
			l.problem(goName, "encoding/json cannot set an embedded pointer to an unexported struct")
		}
	}
	l.found = append(l.found, f)
}

func (l *fieldList) embed(from embedding, sf reflect.StructField, f Field) {
	if sf.Tag.Get("jsonschema") != "" {
		l.problem(f.GoName, "a jsonschema tag on an embedded struct applies to no member")
	}
	pointer := sf.Type.Kind() == reflect.Pointer
	if pointer && !sf.IsExported() {
		l.problem(f.GoName, "encoding/json cannot set an embedded pointer to an unexported struct")
	}
	if !from.descend {
		return
	}
	target := StructBehind(sf.Type)
	if Marshals(target) || Has(target, ReadMethods...) {
		l.selfWritten = append(l.selfWritten, f.GoName)
	}
	l.queue = append(l.queue, embedding{
		goType: target, goName: f.GoName, index: f.Index, optional: from.optional || pointer, descend: !l.seen[target],
	})
	l.seen[target] = true
}

// StructBehind returns the struct type that t is or, unnamed, points to; nil when there is none.
func StructBehind(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	return t
}

// dominant resolves the fields that share a name, and returns the names of which no field wins.
func dominant(fields []Field) (kept []Field, contested []string) {
	for name, rivals := range lo.GroupBy(fields, func(f Field) string { return f.Name }) {
		sort.SliceStable(rivals, func(i, j int) bool {
			a, b := &rivals[i], &rivals[j]
			return len(a.Index) < len(b.Index) || len(a.Index) == len(b.Index) && a.explicit && !b.explicit
		})
		if len(rivals) == 1 || len(rivals[0].Index) != len(rivals[1].Index) || rivals[0].explicit != rivals[1].explicit {
			kept = append(kept, rivals[0])
		} else {
			contested = append(contested, name)
		}
	}
	slices.Sort(contested)
	sort.Slice(kept, func(i, j int) bool { return slices.Compare(kept[i].Index, kept[j].Index) < 0 })
	return kept, contested
}
