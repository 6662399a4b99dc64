package compiled

import (
	"encoding/json"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/kvstore-go/kvstore/jsonval/internal/ecma"
)

// compiler reads the keywords of schemas of draft 2020-12, those that are reached, and collects what is wrong with them.
type compiler struct {
	root     any
	schemas  map[uintptr]*Schema // by the address of the map that is the tree: one that is referred to is compiled once
	problems []error
}

// place is where in the root something stands.
type place struct {
	around *place // nil of what stands in the root itself
	token  string
}

func (p *place) in(token string) *place { return &place{p, token} }

func (p *place) pointer() jsontext.Pointer {
	if p == nil {
		return ""
	}
	return p.around.pointer().AppendToken(p.token)
}

// Compile compiles the tree of a schema that was made of a Go type, whatever the parts of it that types have declared themselves. Of
// draft 2020-12 it does not know what such a schema has no need of: schemas with names of their own, and what depends on what
// others have evaluated. What it does not know is an error, as is a keyword that is not of its form.
func Compile(root any) (*Schema, error) {
	c := compiler{root: root, schemas: map[uintptr]*Schema{}}
	s := c.schema(root, nil)
	if c.problems != nil {
		return nil, fmt.Errorf("the schema does not compile: %w", errors.Join(c.problems...))
	}
	return s, nil
}

func (c *compiler) schema(tree any, at *place) *Schema {
	s := &Schema{}
	switch tree := tree.(type) {
	case bool:
		s.Bool = &tree
	case map[string]any:
		address := reflect.ValueOf(tree).Pointer()
		if known := c.schemas[address]; known != nil {
			return known
		}
		c.schemas[address] = s
		for _, name := range slices.Sorted(maps.Keys(tree)) {
			k := keyword{c, at.in(name), tree[name]}
			k.read(name, s)
		}
		if s.Contains == nil {
			s.MinContains, s.MaxContains = nil, nil
		}
		if s.If == nil {
			s.Then, s.Else = nil, nil
		}
	default:
		c.problem(at, "is no schema")
	}
	return s
}

func (c *compiler) problem(at *place, format string, args ...any) {
	c.problems = append(c.problems, fmt.Errorf("%s: "+format, append([]any{at.pointer()}, args...)...))
}

// keyword is one of a schema.
type keyword struct {
	*compiler
	at   *place
	tree any
}

// read reads it into a schema. Names that are no keywords are annotations.
func (k keyword) read(name string, s *Schema) {
	switch name {
	case "$ref":
		s.Ref = k.reference()
	case "type":
		s.Types = k.types()
	case "enum":
		values := k.list()
		s.Enum = &values
	case "const":
		s.Const = &k.tree
	case "format":
		s.Format = FormatNamed(k.text())
	case "allOf":
		s.AllOf = k.schemasOf()
	case "anyOf":
		s.AnyOf = k.schemasOf()
	case "oneOf":
		s.OneOf = k.schemasOf()
	case "not":
		s.Not = k.nested()
	case "if":
		s.If = k.nested()
	case "then":
		s.Then = k.nested()
	case "else":
		s.Else = k.nested()
	case "unevaluatedProperties", "unevaluatedItems", "contentMediaType", "$dynamicRef", "$recursiveRef", "$id", "$anchor", "$dynamicAnchor", "$vocabulary":
		k.problem(k.at, "is known in schemas that are written by hand alone")
	default:
		k.readOfType(name, s)
	}
}

// readOfType reads a keyword for values of one type.
func (k keyword) readOfType(name string, s *Schema) {
	switch name {
	case "properties":
		s.Properties = k.named()
	case "patternProperties":
		s.PatternProperties = k.patterns()
	case "additionalProperties":
		s.AdditionalProperties = k.nested()
	case "propertyNames":
		s.PropertyNames = k.nested()
	case "required":
		s.Required = k.texts()
	case "minProperties":
		s.MinProperties = k.count()
	case "maxProperties":
		s.MaxProperties = k.count()
	case "dependentRequired":
		s.DependentRequired = map[string][]string{}
		for name, needed := range k.members() {
			s.DependentRequired[name] = needed.texts()
		}
	case "dependentSchemas":
		for name, schema := range k.named() {
			s.AddDependent(name, schema)
		}
	case "dependencies":
		k.dependencies(s)
	case "prefixItems":
		s.PrefixItems = k.schemasOf()
	case "items":
		s.Items = k.nested()
	case "contains":
		s.Contains = k.nested()
	case "minContains":
		s.MinContains = k.count()
	case "maxContains":
		s.MaxContains = k.count()
	case "uniqueItems":
		s.UniqueItems = k.flag()
	case "minItems":
		s.MinItems = k.count()
	case "maxItems":
		s.MaxItems = k.count()
	case "minLength":
		s.MinLength = k.count()
	case "maxLength":
		s.MaxLength = k.count()
	case "pattern":
		s.Pattern = k.pattern(k.text())
	case "contentEncoding":
		s.Base64 = k.text() == "base64"
	case "minimum":
		s.Minimum = k.number()
	case "maximum":
		s.Maximum = k.number()
	case "exclusiveMinimum":
		s.ExclusiveMinimum = k.number()
	case "exclusiveMaximum":
		s.ExclusiveMaximum = k.number()
	case "multipleOf":
		if s.MultipleOf = k.number(); s.MultipleOf != nil && s.MultipleOf.Sign() <= 0 {
			k.problem(k.at, "is not more than zero")
		}
	}
}

func (k keyword) nested() *Schema { return k.schema(k.tree, k.at) }

// reference follows one within the schema: #, or a JSON pointer behind it.
func (k keyword) reference() *Schema {
	text := k.text()
	fragment, within := strings.CutPrefix(text, "#")
	pointer, err := url.PathUnescape(fragment)
	if !within || err != nil || pointer != "" && pointer[0] != '/' {
		k.problem(k.at, "%q is outside the schema, or a name: references are # and JSON pointers behind it", text)
		return nil
	}
	at, tree := (*place)(nil), k.root
	for token := range jsontext.Pointer(pointer).Tokens() {
		found := false
		switch inside := tree.(type) {
		case map[string]any:
			tree, found = inside[token]
		case []any:
			if i, err := strconv.Atoi(token); err == nil && 0 <= i && i < len(inside) && strconv.Itoa(i) == token {
				tree, found = inside[i], true
			}
		}
		if !found {
			k.problem(k.at, "%q leads nowhere", text)
			return nil
		}
		at = at.in(token)
	}
	return k.schema(tree, at)
}

// typeNames are in the order in which the words of a violation name them.
var typeNames = []string{"null", "boolean", "number", "integer", "string", "array", "object"}

func (k keyword) types() []string {
	var given []string
	if name, single := k.tree.(string); single {
		given = []string{name}
	} else if given = k.texts(); len(given) == 0 {
		k.problem(k.at, "names no type")
	}
	for _, name := range given {
		if !slices.Contains(typeNames, name) {
			k.problem(k.at, "%q is no type", name)
		}
	}
	return slices.DeleteFunc(slices.Clone(typeNames), func(name string) bool { return !slices.Contains(given, name) })
}

func (k keyword) text() string {
	text, ok := k.tree.(string)
	if !ok {
		k.problem(k.at, "is no string")
	}
	return text
}

func (k keyword) flag() bool {
	flag, ok := k.tree.(bool)
	if !ok {
		k.problem(k.at, "is neither true nor false")
	}
	return flag
}

func (k keyword) number() *big.Rat {
	literal, _ := k.tree.(json.Number)
	number, ok := new(big.Rat).SetString(literal.String())
	if !ok {
		k.problem(k.at, "is no number")
		return nil
	}
	return number
}

func (k keyword) count() *int {
	number := k.number()
	if number == nil {
		return nil
	}
	if !number.IsInt() || number.Sign() < 0 || !number.Num().IsInt64() {
		k.problem(k.at, "is no count")
		return nil
	}
	count := int(number.Num().Int64())
	return &count
}

func (k keyword) list() []any {
	list, ok := k.tree.([]any)
	if !ok {
		k.problem(k.at, "is no array")
	}
	return list
}

// items are the elements of a list.
func (k keyword) items() []keyword {
	var items []keyword
	for i, item := range k.list() {
		items = append(items, keyword{k.compiler, k.at.in(strconv.Itoa(i)), item})
	}
	return items
}

// members are those of an object, by name.
func (k keyword) members() map[string]keyword {
	object, ok := k.tree.(map[string]any)
	if !ok {
		k.problem(k.at, "is no object")
	}
	members := make(map[string]keyword, len(object))
	for name, member := range object {
		members[name] = keyword{k.compiler, k.at.in(name), member}
	}
	return members
}

func (k keyword) texts() []string {
	texts := []string{}
	for _, item := range k.items() {
		texts = append(texts, item.text())
	}
	return texts
}

func (k keyword) schemasOf() []*Schema {
	schemas := []*Schema{}
	for _, item := range k.items() {
		schemas = append(schemas, item.nested())
	}
	if len(schemas) == 0 {
		k.problem(k.at, "has no schemas")
	}
	return schemas
}

func (k keyword) named() map[string]*Schema {
	schemas := map[string]*Schema{}
	members := k.members()
	for _, name := range slices.Sorted(maps.Keys(members)) {
		schemas[name] = members[name].nested()
	}
	return schemas
}

func (k keyword) patterns() map[*ecma.Expression]*Schema {
	schemas := map[*ecma.Expression]*Schema{}
	members := k.members()
	for _, source := range slices.Sorted(maps.Keys(members)) {
		member := members[source]
		schemas[member.pattern(source)] = member.nested()
	}
	return schemas
}

func (k keyword) pattern(source string) *ecma.Expression {
	expression, err := ecma.Compile(source)
	if err != nil {
		k.problem(k.at, "%w", err)
	}
	return expression
}

func (k keyword) dependencies(s *Schema) {
	members := k.members()
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if _, names := members[name].tree.([]any); !names {
			s.AddDependent(name, members[name].nested())
			continue
		}
		if s.Dependencies == nil {
			s.Dependencies = map[string][]string{}
		}
		s.Dependencies[name] = members[name].texts()
	}
}
