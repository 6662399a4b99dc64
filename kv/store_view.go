package kv

import (
	"fmt"
	"reflect"

	"github.com/kvstore-go/kvstore/dsl"
)

// As makes a view of the store: a struct V whose fields are the handles of the
// store's fields, named by their tag `kv:"name"`. V must have exactly the fields of
// the schema, each of its handle's type; whatever does not fit is a mistake of the
// schema, reported by Open. Storage does not change: a view is another way in.
//
// A view may embed Store, to have Path, Erase, Count, Expire, Export and Import as well, or
// StaticStore, which adds Keys and Take. A field tagged `kv:"-"` is left alone.
func (s StaticSchema) As[V any]() Schema[V] {
	node, fields := viewNode(s.declared(), typeOf((*V)(nil)))
	return newSchema(node, func(r ref) V {
		view := new(V)
		fields.place(reflect.ValueOf(view).Elem(), r)
		return *view
	})
}

func viewNode(node *dsl.Node, view reflect.Type) (*dsl.Node, viewOf) {
	fields, mistakes := viewFields(view, node)
	for _, mistake := range mistakes {
		node = node.WithMistake("the view %v: %s", view, mistake)
	}
	return node, fields
}

// viewOf are the fields of a view.
type viewOf []viewField

// place sets the handles of a view to what lies below r.
func (fields viewOf) place(view reflect.Value, r ref) {
	for _, field := range fields {
		if field.name == "" {
			handlesOf(view.Field(field.index))[0].place(r)
			continue
		}
		below := r.node.fields[field.name]
		below.assign(view.Field(field.index).Addr().Interface(), r.in(below))
	}
}

type viewField struct {
	name  string // empty for the store itself
	index int
}

func viewFields(view reflect.Type, node *dsl.Node) (fields []viewField, mistakes []string) {
	if view.Kind() != reflect.Struct {
		return nil, []string{"it must be a struct of handles"}
	}
	declared := map[string]reflect.Type{} // nil where there is no schema
	for _, field := range node.Fields() {
		how, _ := field.Node.Payload().(binding)
		declared[field.Name] = how.handle
	}
	for i := range view.NumField() {
		field := view.Field(i)
		name, tagged := field.Tag.Lookup("kv")
		handle, known := declared[name]
		switch {
		case name == "-":
			continue
		case field.Anonymous && (field.Type == reflect.TypeFor[Store]() || field.Type == reflect.TypeFor[StaticStore]()):
			fields = append(fields, viewField{"", i})
		case !tagged:
			mistakes = append(mistakes, fmt.Sprintf("the field %s has no tag `kv:\"name\"`", field.Name))
		case !field.IsExported():
			mistakes = append(mistakes, fmt.Sprintf("the field %s is not exported", field.Name))
		case !known:
			mistakes = append(mistakes, fmt.Sprintf("the field %s is %q, which the schema does not have (or the view has twice)", field.Name, name))
		case handle != nil && field.Type != handle:
			mistakes = append(mistakes, fmt.Sprintf("the field %s is a %s, but %q is a %s", field.Name, handleName(field.Type), name, handleName(handle)))
		default:
			fields = append(fields, viewField{name, i})
		}
		delete(declared, name)
	}
	for _, field := range node.Fields() {
		if _, missing := declared[field.Name]; missing {
			mistakes = append(mistakes, fmt.Sprintf("it has no field for %q", field.Name))
		}
	}
	return fields, mistakes
}
