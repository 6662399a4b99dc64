package jsonval

import (
	"reflect"
)

// structSchema returns the schema of the object that encoding/json writes for a struct.
func (r *reflector) structSchema(t reflect.Type, at position) object {
	fields, problems := structFields(t)
	for _, problem := range problems {
		r.problem(at, "%s", problem)
	}
	properties := object{}
	required := []any{}
	groups := &requiredGroups{}
	order := []string{}
	for _, f := range fields {
		fieldAt := at.in("." + f.goName)
		s := r.walk(f.goType, fieldAt)
		if f.quoted {
			s = r.quote(s, f, fieldAt)
		}
		demanded := false
		if !r.ignoreTags {
			demanded = r.applyTags(&s, &f, groups, fieldAt)
			describeField(t, &s, f)
		}
		if demanded || !f.omittable {
			required = append(required, f.name)
		}
		properties[f.name] = s.render()
		order = append(order, f.name)
	}
	r.orders.note(order)
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
func describeField(t reflect.Type, s *shape, f field) {
	if len(f.index) != 1 || !has(t, descriptionMethod) {
		return
	}
	documented := reflect.New(t).Interface().(interface {
		GetFieldDocString(fieldName string) string
	})
	if text := documented.GetFieldDocString(f.goName); text != "" {
		s.schema = s.schema.clone()
		s.schema["description"] = text
	}
}
