package jsonval_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// mutate changes a schema in one or a few places.
func (g generator) mutate(schema string) string {
	decoder := json.NewDecoder(strings.NewReader(schema))
	decoder.UseNumber()
	var root any
	if decoder.Decode(&root) != nil {
		return schema
	}
	members, ok := root.(map[string]any)
	if !ok {
		return schema
	}
	draft := len(drafts) - 1
	if name, ok := members["$schema"].(string); ok {
		draft = slices.Index(drafts, name)
	}
	for range 1 + g.IntN(2) {
		g.change(members, draft, true)
	}
	return quoted(members)
}

// change alters one keyword of a schema, or of one that it leads to.
func (g generator) change(schema map[string]any, draft int, root bool) {
	var inside []map[string]any
	for _, keyword := range slices.Sorted(maps.Keys(schema)) {
		switch value := schema[keyword].(type) {
		case map[string]any:
			inside = append(inside, value)
		case []any:
			for _, item := range value {
				if item, ok := item.(map[string]any); ok {
					inside = append(inside, item)
				}
			}
		}
	}
	if len(inside) > 0 && !g.one(3) {
		g.change(pick(g, inside...), draft, false)
		return
	}
	if members, named := schema["properties"].(map[string]any); named && g.one(2) {
		var member any
		if json.Unmarshal([]byte(g.subschema(1, draft)), &member) == nil {
			members[pick(g, someNames...)] = member
		}
		return
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(schema)), func(name string) bool { return name == "$schema" || name == "definitions" || name == "$defs" })
	switch {
	case len(names) > 0 && g.one(3):
		delete(schema, pick(g, names...))
	case len(names) > 0 && g.one(2):
		name := pick(g, names...)
		switch value := schema[name].(type) {
		case json.Number:
			if n, err := value.Int64(); err == nil {
				schema[name] = max(n+pick(g, int64(-1), 1), 0)
			}
		case []any:
			if len(value) > 1 {
				schema[name] = value[1:]
			}
		case string:
			if name == "type" {
				schema[name] = []any{value, pick(g, "null", "string", "object", "integer")}
			}
		}
	default:
		var other map[string]any
		if json.Unmarshal([]byte(g.subschema(1, draft)), &other) == nil {
			maps.Copy(schema, other)
		}
	}
}
