package jsonval_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

var drafts = []string{
	"http://json-schema.org/draft-04/schema#", "http://json-schema.org/draft-06/schema#", "http://json-schema.org/draft-07/schema#",
	"https://json-schema.org/draft/2019-09/schema", "https://json-schema.org/draft/2020-12/schema",
}

// schema returns a hand-written schema. Not every one makes sense, and not every one compiles.
func (g generator) schema() string {
	draft := g.IntN(len(drafts))
	definitions := []string{}
	for _, name := range []string{"a", "b", "c"} {
		definitions = append(definitions, strconv.Quote(name)+":"+g.subschema(2, draft))
	}
	root := g.subschema(3, draft)
	if !strings.HasPrefix(root, "{") || root == "{}" {
		root = `{"not":{"not":` + strings.NewReplacer("true", "{}", "false", `{"not":{}}`).Replace(root) + `}}`
	}
	return `{"$schema":"` + drafts[draft] + `","definitions":{` + strings.Join(definitions, ",") + "}," + root[1:]
}

// keywords that hold for a draft and later ones, written by the functions.
func (g generator) subschema(depth, draft int) string {
	if g.one(12) && draft > 0 {
		return pick(g, "true", "false", "{}")
	}
	if depth > 0 && g.one(10) { // alternatives that their types may tell apart
		typed := func() string {
			return `{"type":` + pick(g, `"object"`, `"array"`, `"null"`, `["string","object"]`, `"number"`, `"integer"`) + `,` + pick(g, `"minProperties":1`, `"minItems":1`, `"required":["a"]`, `"properties":{"a":`+g.subschema(depth-1, draft)+`}`) + `}`
		}
		return `{` + pick(g, `"anyOf"`, `"oneOf"`) + `:[` + typed() + "," + typed() + `]}`
	}
	if depth <= 0 || g.one(10) {
		return pick(g, `{"$ref":"#/definitions/a"}`, `{"$ref":"#/definitions/b"}`, `{"type":"string"}`, `{"type":"null"}`, `{"type":"object"}`,
			`{"type":["integer","array"]}`, `{"$ref":"#/definitions/c"}`, `{"type":"number"}`)
	}
	nested := func() string { return g.subschema(depth-1, draft) }
	list := func() string { return "[" + nested() + "," + nested() + "]" }
	count := func() string { return strconv.Itoa(g.IntN(4)) }
	name := func() string { return quoted(pick(g, someNames...)) }
	number := func() string { return pick(g, schemaNumbers...) }
	named := func(value func() string) string {
		members := map[string]string{}
		for range 1 + g.IntN(3) {
			members[name()] = value()
		}
		var b []string
		for _, member := range slices.Sorted(maps.Keys(members)) {
			b = append(b, member+":"+members[member])
		}
		return "{" + strings.Join(b, ",") + "}"
	}
	writers := map[string]func() string{
		"type": func() string {
			return pick(g, `"object"`, `"object"`, `"array"`, `"string"`, `"number"`, `"integer"`, `["object","null"]`, `["string","integer"]`, `["number","null"]`)
		},
		"enum":              func() string { return `[` + g.plainValue() + `,` + quoted(pick(g, someTexts...)) + `]` },
		"minimum":           number,
		"maximum":           number,
		"multipleOf":        func() string { return pick(g, "2", "0.1", "1", "0.01", "5", "1e-5", "3") },
		"minLength":         count,
		"maxLength":         count,
		"pattern":           func() string { return quoted(pick(g, somePatterns...)) },
		"format":            func() string { return quoted(pick(g, someFormats...)) },
		"minItems":          count,
		"maxItems":          count,
		"uniqueItems":       func() string { return "true" },
		"minProperties":     count,
		"maxProperties":     count,
		"required":          func() string { return `["a",` + pick(g, `"b"`, `"name"`) + `]` },
		"properties":        func() string { return named(nested) },
		"patternProperties": func() string { return `{` + quoted(pick(g, somePatterns...)) + `:` + nested() + `}` },
		"additionalProperties": func() string {
			return pick(g, "false", nested(), nested())
		},
		"items": nested,
		"allOf": list,
		"anyOf": list,
		"oneOf": list,
		"not":   nested,
		"$ref":  func() string { return pick(g, `"#/definitions/a"`, `"#/definitions/b"`, `"#/definitions/c"`) },
	}
	if draft == 0 {
		writers["exclusiveMinimum"] = func() string { return "true" }
	} else {
		writers["exclusiveMinimum"], writers["exclusiveMaximum"] = number, number
		writers["const"], writers["contains"], writers["propertyNames"] = g.plainValue, nested, nested
	}
	if draft >= 2 {
		writers["if"], writers["then"], writers["else"] = nested, nested, nested
	}
	if draft < 4 {
		writers["additionalItems"] = func() string { return pick(g, "false", nested()) }
		writers["items"] = func() string { return pick(g, nested(), list()) }
	} else {
		writers["prefixItems"] = list
	}
	if draft >= 3 {
		writers["dependentRequired"] = func() string { return named(func() string { return `["b"]` }) }
		writers["dependentSchemas"] = func() string { return named(nested) }
		writers["minContains"], writers["maxContains"] = count, count
	} else {
		writers["dependencies"] = func() string { return named(func() string { return pick(g, `["a"]`, nested()) }) }
	}
	names := slices.Sorted(maps.Keys(writers))
	g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	var members []string
	for _, name := range names[:1+g.IntN(4)] {
		if name == "exclusiveMinimum" && draft == 0 {
			members = append(members, `"minimum":`+number()+`,"exclusiveMinimum":true`)
		} else if !strings.Contains(strings.Join(members, ","), strconv.Quote(name)+":") {
			members = append(members, strconv.Quote(name)+":"+writers[name]())
		}
	}
	return "{" + strings.Join(dedupe(members), ",") + "}"
}

// dedupe leaves out minimum where exclusiveMinimum of draft 4 has brought one.
func dedupe(members []string) []string {
	both := slices.ContainsFunc(members, func(m string) bool { return strings.HasSuffix(m, `"exclusiveMinimum":true`) })
	return slices.DeleteFunc(members, func(m string) bool {
		return both && strings.HasPrefix(m, `"minimum":`) && !strings.HasSuffix(m, "true")
	})
}

// plainValue is a value without spaces and needless escapes.
func (g generator) plainValue() string {
	return pick(g, "null", "true", "1", "1.0", "-0", "100", "9007199254740993", `"a"`, `"\u00e4\u00f6"`, `[]`, `[1,"a"]`, `{}`, `{"a":1,"b":[2]}`, `[[],{}]`)
}

// quoted writes a value as encoding/json does.
func quoted(value any) string {
	b, _ := json.Marshal(value)
	return string(b)
}
