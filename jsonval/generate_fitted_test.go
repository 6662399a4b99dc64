package jsonval_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fitted returns a hand-written schema that many values of a Go type satisfy, and others do not.
func (g generator) fitted(t reflect.Type, depth int) string {
	if depth == 0 || g.one(20) {
		return pick(g, "true", "{}", `{"type":"null"}`, `{"type":["string","integer"]}`, "false")
	}
	if t.Kind() == reflect.Pointer {
		return g.nullable(g.fitted(t.Elem(), depth-1))
	}
	kind, keywords := g.fittedKeywords(t, depth)
	var members []string
	if kind != "" && !g.one(15) {
		members = append(members, `"type":`+quoted(kind))
	}
	for _, name := range slices.Sorted(maps.Keys(keywords)) {
		members = append(members, quoted(name)+":"+keywords[name])
	}
	schema := "{" + strings.Join(members, ",") + "}"
	if t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		schema = g.nullable(schema)
	}
	if g.one(20) {
		schema = pick(g, `{"allOf":[`+schema+`]}`, `{"not":{"not":`+schema+`}}`, `{"enum":[null,true,1,"a","ab",[],{}]}`, `{"const":1}`)
	}
	return schema
}

// nullable allows null, in one of two ways, or does not.
func (g generator) nullable(schema string) string {
	inside, typed := strings.CutPrefix(schema, `{"type":"`)
	switch {
	case g.one(3):
		return schema
	case typed && g.one(2):
		name, rest, _ := strings.Cut(inside, `"`)
		return `{"type":["` + name + `","null"]` + rest
	default:
		return `{"anyOf":[` + schema + `,{"type":"null"}]}`
	}
}

func (g generator) fittedKeywords(t reflect.Type, depth int) (kind string, keywords map[string]string) {
	keywords = map[string]string{}
	add := func(in int, name string, values ...string) {
		if g.one(in) {
			keywords[name] = pick(g, values...)
		}
	}
	addString := func(in int) {
		add(3*in, "minLength", "0", "1", "2")
		add(3*in, "maxLength", "1", "2", "30")
		add(4*in, "pattern", `"^[a-z]*$"`, `"^."`, `"^.?.?$"`)
		add(6*in, "format", `"email"`, `"uuid"`, `"date-time"`, `"date"`)
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		addString(4)
		return "string", keywords
	case reflect.TypeFor[json.Number]():
		add(2, "maxLength", "1")
		return pick(g, "number", "string"), keywords
	}
	switch t.Kind() {
	case reflect.Bool:
		add(8, "enum", "[true]")
		return "boolean", keywords
	case reflect.String:
		addString(1)
		add(6, "enum", `["a","ab"]`, `["a"]`)
		return "string", keywords
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 && t.Kind() == reflect.Slice {
			addString(3)
			add(3, "contentEncoding", `"base64"`)
			return "string", keywords
		}
		add(2, "items", g.fitted(t.Elem(), depth-1))
		add(8, "prefixItems", "["+g.fitted(t.Elem(), depth-1)+"]")
		add(6, "minItems", "0", "1", "2")
		add(6, "maxItems", "1", "2")
		add(8, "uniqueItems", "true")
		add(12, "contains", g.fitted(t.Elem(), depth-1))
		return "array", keywords
	case reflect.Map:
		add(2, "additionalProperties", g.fitted(t.Elem(), depth-1))
		add(6, "properties", `{"a":`+g.fitted(t.Elem(), depth-1)+`,"1":`+g.fitted(t.Elem(), depth-1)+"}")
		add(8, "patternProperties", `{"^[a-z]*$":`+g.fitted(t.Elem(), depth-1)+"}")
		g.fittedCounts(add)
		return "object", keywords
	case reflect.Struct:
		g.fittedStruct(t, depth, keywords)
		g.fittedCounts(add)
		return "object", keywords
	case reflect.Interface:
		return "", keywords
	default:
		add(2, "minimum", "0", "1", "0.1", "-1e400")
		add(3, "maximum", "5", "0.3", "1e300")
		add(8, "exclusiveMinimum", "0", "1", "0.1")
		add(4, "exclusiveMaximum", "5", "5", "256", "3.4028235e38", "1.7976931348623157e308")
		add(8, "multipleOf", "5", "0.1")
		return pick(g, "number", "number", "integer"), keywords
	}
}

func (g generator) fittedCounts(add func(in int, name string, values ...string)) {
	add(12, "minProperties", "0", "1", "2")
	add(12, "maxProperties", "1", "2", "9")
	add(12, "propertyNames", `{"maxLength":3}`, `{"pattern":"^[a-z]*$"}`)
	add(15, "dependentRequired", `{"a":["b"]}`)
}

func (g generator) fittedStruct(t reflect.Type, depth int, keywords map[string]string) {
	var properties, required []string
	leaveOut := 6
	if g.one(2) {
		leaveOut = 1000
	}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name == "" || g.one(leaveOut) {
			continue
		}
		properties = append(properties, strconv.Quote(name)+":"+g.fitted(t.Field(i).Type, depth-1))
		if g.one(4) {
			required = append(required, strconv.Quote(name))
		}
	}
	if g.one(12) {
		required = append(required, pick(g, `"a"`, `"never"`))
	}
	keywords["properties"] = "{" + strings.Join(properties, ",") + "}"
	if len(required) > 0 {
		keywords["required"] = "[" + strings.Join(required[:1], ",") + "]"
	}
	if g.one(4) {
		keywords["additionalProperties"] = pick(g, "false", "false", `{"type":"integer"}`, `{"type":"string","maxLength":1}`)
	}
}
