package jsonval

import (
	"reflect"

	"github.com/kvstore-go/kvstore/jsonval/internal/gotype"
)

// structSchema returns the schema of the object that encoding/json writes for a struct.
func (r *reflector) structSchema(t reflect.Type, at position) object {
	fields, problems := gotype.Fields(t)
	for _, problem := range problems {
		r.problem(at, "%s", problem)
	}
	properties := object{}
	required := []any{}
	groups := &requiredGroups{}
	order := []string{}
	for _, f := range fields {
		fieldAt := at.in("." + f.GoName)
		s := r.walk(f.Type, fieldAt)
		if f.Quoted {
			s = r.quote(s, f, fieldAt)
		}
		demanded := false
		if !r.ignoreTags {
			demanded = r.applyTags(&s, &f, groups, fieldAt)
			describeField(t, &s, f)
		}
		if demanded || !f.Omittable {
			required = append(required, f.Name)
		}
		properties[f.Name] = s.render()
		order = append(order, f.Name)
	}
	r.orders.Note(order)
	schema := object{"type": "object", "properties": properties}
	if len(required) > 0 {
		schema["required"] = required
	}
	if r.strict {
		schema["additionalProperties"] = false
	}
	if alternatives := groups.alternatives(); len(alternatives) > 0 {
		schema["oneOf"] = alternatives
	}
	return schema
}

// describeField adds what the GetFieldDocString method of the struct says of a field.
func describeField(t reflect.Type, s *shape, f gotype.Field) {
	if len(f.Index) != 1 || !gotype.Has(t, gotype.DescriptionMethod) {
		return
	}
	documented := reflect.New(t).Interface().(interface {
		GetFieldDocString(fieldName string) string
	})
	if text := documented.GetFieldDocString(f.GoName); text != "" {
		s.schema = s.schema.clone()
		s.schema["description"] = text
	}
}
