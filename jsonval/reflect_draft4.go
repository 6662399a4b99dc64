package jsonval

import (
	"encoding/json/jsontext"
	"strings"

	"github.com/kvstore-go/kvstore/jsonval/internal/tree"
)

// parseObject reads a schema that the library printed.
func parseObject(text []byte) (object, error) {
	tree, refusal := tree.Parse(text, highestMaxDepth)
	if err := refused(refusal); err != nil {
		return nil, err
	}
	members, _ := tree.(map[string]any)
	return object(members), nil
}

// modernizer rewrites a draft-04 schema, as the library and JSONSchemaType methods return them, as a 2020-12 one.
type modernizer struct {
	// self is the reference that takes the place of "#", the schema that is rewritten.
	self string
	// definitions receives the nested definitions under names that start with prefix.
	definitions map[string]object
	prefix      string
}

// schema rewrites one schema in place and returns it.
func (m modernizer) schema(s object) object {
	delete(s, "$schema")
	delete(s, "additionalItems") // it has no meaning beside the single items schema that the library has
	m.bound(s, "minimum", "exclusiveMinimum")
	m.bound(s, "maximum", "exclusiveMaximum")
	if reference, ok := s["$ref"].(string); ok {
		s["$ref"] = m.reference(reference)
	}
	if media, ok := s["media"].(map[string]any); ok {
		delete(s, "media")
		s["contentEncoding"] = media["binaryEncoding"]
	}
	if dependencies, ok := s["dependencies"]; ok {
		delete(s, "dependencies")
		s["dependentSchemas"] = dependencies
	}
	for _, keyword := range []string{"items", "not", "additionalProperties", "contains", "propertyNames"} {
		if nested, ok := s[keyword].(map[string]any); ok {
			s[keyword] = m.schema(nested)
		}
	}
	for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
		alternatives, _ := s[keyword].([]any)
		for i, nested := range alternatives {
			if nested, ok := nested.(map[string]any); ok {
				alternatives[i] = m.schema(nested)
			}
		}
	}
	for _, keyword := range []string{"properties", "patternProperties", "dependentSchemas"} {
		members, _ := s[keyword].(map[string]any)
		for name, nested := range members {
			if nested, ok := nested.(map[string]any); ok {
				members[name] = m.schema(nested)
			}
		}
	}
	definitions, _ := s["definitions"].(map[string]any)
	delete(s, "definitions")
	for name, nested := range definitions {
		if nested, ok := nested.(map[string]any); ok {
			m.definitions[m.prefix+name] = m.schema(nested)
		}
	}
	return s
}

// bound turns a draft-04 boolean into the number that it modifies. The library drops a bound of zero, so that a boolean
// without one means zero.
func (m modernizer) bound(s object, inclusive, exclusive string) {
	flag, ok := s[exclusive].(bool)
	if !ok {
		return
	}
	delete(s, exclusive)
	if !flag {
		return
	}
	s[exclusive] = jsontext.Value("0")
	if limit, ok := s[inclusive]; ok {
		s[exclusive] = limit
	}
	delete(s, inclusive)
}

func (m modernizer) reference(reference string) string {
	if name, ok := strings.CutPrefix(reference, "#/definitions/"); ok {
		return definitionPointer + m.prefix + name
	}
	if rest, ok := strings.CutPrefix(reference, "#"); ok {
		return m.self + rest
	}
	return reference
}
