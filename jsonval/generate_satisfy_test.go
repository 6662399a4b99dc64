package jsonval_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// satisfy writes a text that comes close to satisfying a schema, and often does. The root is where references lead.
func (g generator) satisfy(root, schema any, depth int) string {
	members, ok := schema.(map[string]any)
	if !ok || depth <= 0 || g.one(25) {
		return g.value(2)
	}
	if reference, ok := members["$ref"].(string); ok && !g.one(4) {
		return g.satisfy(root, follow(root, reference), depth-1)
	}
	for _, keyword := range []string{"anyOf", "oneOf", "allOf"} {
		if alternatives, ok := members[keyword].([]any); ok && !g.one(3) {
			return g.satisfy(root, pick(g, alternatives...), depth-1)
		}
	}
	if values, ok := members["enum"].([]any); ok && !g.one(4) {
		return g.render(pick(g, values...))
	}
	if value, ok := members["const"]; ok && !g.one(4) {
		return g.render(value)
	}
	switch g.kind(members) {
	case "object":
		return g.satisfyObject(root, members, depth)
	case "array":
		return g.satisfyArray(root, members, depth)
	case "string":
		return g.quote(pick(g, someTexts...))
	case "integer", "number":
		for _, bound := range []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"} {
			if number, ok := members[bound].(json.Number); ok && g.one(3) {
				return string(number)
			}
		}
		return pick(g, someNumbers...)
	case "boolean":
		return pick(g, "true", "false")
	case "null":
		return "null"
	default:
		return g.value(2)
	}
}

// kind chooses a type that the schema speaks about.
func (g generator) kind(members map[string]any) string {
	switch kind := members["type"].(type) {
	case string:
		return kind
	case []any:
		name, _ := pick(g, kind...).(string)
		return name
	}
	about := map[string]string{
		"properties": "object", "required": "object", "additionalProperties": "object", "patternProperties": "object",
		"minProperties": "object", "maxProperties": "object", "propertyNames": "object", "dependencies": "object", "dependentSchemas": "object",
		"dependentRequired": "object", "items": "array", "prefixItems": "array", "contains": "array", "minItems": "array", "maxItems": "array",
		"uniqueItems": "array", "minLength": "string", "maxLength": "string", "pattern": "string", "format": "string",
		"minimum": "number", "maximum": "number", "multipleOf": "number",
	}
	for _, keyword := range slices.Sorted(maps.Keys(members)) { // so that a seed gives the same again
		if kind := about[keyword]; kind != "" && g.one(2) {
			return kind
		}
	}
	return pick(g, "object", "array", "string", "number")
}

func (g generator) satisfyObject(root any, members map[string]any, depth int) string {
	properties, _ := members["properties"].(map[string]any)
	var names []string
	for _, name := range append(someNames, "c", "items", "age", "tags", "ratio", "Next", "Children", "Name") {
		if _, declared := properties[name]; declared && !g.one(20) || g.one(12) {
			names = append(names, name)
		}
	}
	if required, ok := members["required"].([]any); ok {
		for _, name := range required {
			name, _ := name.(string)
			if _, declared := properties[name]; !declared && !strings.Contains(strings.Join(names, "|"), name) && !g.one(10) {
				names = append(names, name)
			}
		}
	}
	g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return g.members(names, func(name string) string {
		if schema, ok := properties[name]; ok {
			return g.satisfy(root, schema, depth-1)
		}
		if schema, ok := members["additionalProperties"]; ok {
			return g.satisfy(root, schema, depth-1)
		}
		return g.value(1)
	})
}

func (g generator) satisfyArray(root any, members map[string]any, depth int) string {
	prefix, _ := members["prefixItems"].([]any)
	if list, ok := members["items"].([]any); ok {
		prefix = list
	}
	length := g.IntN(4)
	if g.one(30) {
		length = 15 + g.IntN(20)
	}
	return g.array(length, func(i int) string {
		switch {
		case i < len(prefix):
			return g.satisfy(root, prefix[i], depth-1)
		case members["items"] != nil:
			return g.satisfy(root, members["items"], depth-1)
		default:
			return g.value(1)
		}
	})
}

// follow looks a local reference up.
func follow(root any, reference string) any {
	for name := range strings.SplitSeq(strings.TrimPrefix(reference, "#/"), "/") {
		members, _ := root.(map[string]any)
		root = members[strings.NewReplacer("~1", "/", "~0", "~").Replace(name)]
	}
	return root
}

// render writes a value in one of the ways that mean the same.
func (g generator) render(value any) string {
	switch value := value.(type) {
	case map[string]any:
		names := slices.Sorted(maps.Keys(value))
		g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		return g.members(names, func(name string) string { return g.render(value[name]) })
	case []any:
		return g.array(len(value), func(i int) string { return g.render(value[i]) })
	case json.Number:
		if !strings.ContainsAny(string(value), ".eE") {
			return string(value) + pick(g, "", "", ".0", "e0", "000e-3")
		}
		return string(value)
	case string:
		return g.quote(value)
	default:
		return quoted(value)
	}
}
