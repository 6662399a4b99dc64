package jsonval

import (
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/kvstore-go/kvstore/jsonval/internal/compiled"
	"github.com/kvstore-go/kvstore/jsonval/internal/ecma"
	"github.com/kvstore-go/kvstore/jsonval/internal/tree"
)

// tagRule says what a keyword of a jsonschema tag does.
type tagRule struct {
	kinds   []string // the JSON types it constrains; nil for keywords that go with every type
	repeats bool     // it may occur more than once
	bare    bool     // it may stand without a value
	first   bool     // it changes the type, and is applied before those that look at it
	member  bool     // it is about the member, not about the value
	apply   func(*tagged, keyword) error
}

func (r tagRule) concerns(kind string) error {
	if slices.Contains(r.kinds, kind) {
		return nil
	}
	if kind == "" {
		return errors.New("cannot be enforced: the Go type may write any JSON value")
	}
	return fmt.Errorf("is for %s, the Go type writes %s", strings.Join(r.kinds, " or "), kind)
}

var (
	numeric = []string{"integer", "number"}
	scalars = []string{"string", "integer", "number", "boolean", "array"}
)

// tagRules is the tag language of alecthomas/jsonschema, whole, and const, minProperties and maxProperties. What concerns parts
// of a value is in tags_parts.go.
var tagRules = map[string]tagRule{
	"title":       {apply: setText},
	"description": {apply: setText},
	"readOnly":    {bare: true, apply: setFlag},
	"writeOnly":   {bare: true, apply: setFlag},
	"required":    {bare: true, member: true, apply: require},
	"nullable":    {bare: true, apply: allowNull},

	"type":           {first: true, apply: narrowType},
	"oneof_type":     {first: true, apply: narrowTypes},
	"oneof_required": {repeats: true, member: true, apply: joinGroup},

	"enum":    {kinds: scalars, repeats: true, apply: addEnum},
	"const":   {kinds: scalars[:4], apply: addEnum},
	"default": {kinds: scalars, repeats: true, apply: setDefault},
	"example": {kinds: scalars[:4], repeats: true, apply: addExample},

	"minLength": {kinds: []string{"string"}, apply: setCount},
	"maxLength": {kinds: []string{"string"}, apply: setCount},
	"pattern":   {kinds: []string{"string"}, apply: setPattern},
	"format":    {kinds: []string{"string"}, apply: setFormat},

	"multipleOf":       {kinds: numeric, apply: setMultiple},
	"minimum":          {kinds: numeric, apply: setBound},
	"maximum":          {kinds: numeric, apply: setBound},
	"exclusiveMinimum": {kinds: numeric, apply: setExclusive},
	"exclusiveMaximum": {kinds: numeric, apply: setExclusive},

	"minItems":      {kinds: []string{"array"}, apply: setCount},
	"maxItems":      {kinds: []string{"array"}, apply: setCount},
	"uniqueItems":   {kinds: []string{"array"}, bare: true, apply: setFlag},
	"minProperties": {kinds: []string{"object"}, apply: setCount},
	"maxProperties": {kinds: []string{"object"}, apply: setCount},
}

// sortKeywords puts the keywords that others depend on first: types, and the bounds that exclusiveMinimum=true modifies.
func sortKeywords(keywords []keyword) {
	rank := func(k keyword) int {
		switch {
		case tagRules[k.name].first:
			return 0
		case strings.HasPrefix(k.name, "exclusive"):
			return 2
		default:
			return 1
		}
	}
	sort.SliceStable(keywords, func(i, j int) bool { return rank(keywords[i]) < rank(keywords[j]) })
}

func setText(t *tagged, k keyword) error {
	t.shape.schema[k.name] = k.value
	return nil
}

func setFlag(t *tagged, k keyword) error {
	flag, err := parseFlag(k)
	if flag {
		t.shape.schema[k.name] = true
	}
	return err
}

func parseFlag(k keyword) (bool, error) {
	if k.bare {
		return true, nil
	}
	flag, err := strconv.ParseBool(k.value)
	if err != nil {
		return false, fmt.Errorf("%q is neither true nor false", k.value)
	}
	return flag, nil
}

func require(t *tagged, k keyword) error {
	t.required = true
	return onlyTrue(k)
}

func allowNull(t *tagged, k keyword) error {
	t.nullable = true
	return onlyTrue(k)
}

// onlyTrue refuses the negation of a keyword that has none: required=false does not make a member optional.
func onlyTrue(k keyword) error {
	if flag, err := parseFlag(k); err != nil || !flag {
		return errors.New("is written without a value")
	}
	return nil
}

func joinGroup(t *tagged, k keyword) error {
	if !t.field.Omittable {
		return errors.New("the member is always written: give it omitempty or omitzero")
	}
	t.groups.add(k.value, t.field.Name)
	return nil
}

func setCount(t *tagged, k keyword) error {
	count, err := strconv.ParseUint(k.value, 10, 31)
	if err != nil {
		return fmt.Errorf("%q is not a count", k.value)
	}
	tighten(t.shape.schema, k.name, jsontext.Value(strconv.FormatUint(count, 10)))
	return nil
}

func setPattern(t *tagged, k keyword) error {
	if _, err := ecma.Compile(k.value); err != nil {
		return err
	}
	t.shape.schema["pattern"] = k.value
	return nil
}

func setFormat(t *tagged, k keyword) error {
	if compiled.FormatNamed(k.value) == nil {
		return fmt.Errorf("%q is not a format that is validated; known are %s", k.value, strings.Join(compiled.FormatNames, ", "))
	}
	if own, ok := t.shape.schema["format"]; ok && own != k.value {
		return fmt.Errorf("the Go type writes %v", own)
	}
	t.shape.schema["format"] = k.value
	return nil
}

func setMultiple(t *tagged, k keyword) error {
	number, err := parseNumber(k.value)
	if err != nil {
		return err
	}
	if number.Sign() <= 0 {
		return errors.New("must be more than zero")
	}
	t.shape.schema[k.name] = jsontext.Value(k.value)
	return nil
}

func setBound(t *tagged, k keyword) error {
	if _, err := parseNumber(k.value); err != nil {
		return err
	}
	t.given[k.name] = k.value
	tighten(t.shape.schema, k.name, jsontext.Value(k.value))
	return nil
}

// setExclusive takes a number, as JSON Schema does since draft 6, or true, with which the library marks the inclusive
// bound of the same tag as exclusive.
func setExclusive(t *tagged, k keyword) error {
	inclusive := "m" + strings.TrimPrefix(k.name, "exclusiveM")
	switch k.value {
	case "false":
		return nil
	case "true":
		if t.given[inclusive] == "" {
			return fmt.Errorf("true needs %s in the same tag", inclusive)
		}
		t.shape.schema[k.name] = jsontext.Value(t.given[inclusive])
		return nil
	}
	if _, err := parseNumber(k.value); err != nil {
		return err
	}
	t.shape.schema[k.name] = jsontext.Value(k.value)
	return nil
}

// tighten sets a bound unless the Go type has a stricter one.
func tighten(schema object, name string, bound jsontext.Value) {
	own := schema.rational(name)
	wanted := object{name: bound}.rational(name)
	if own == nil || strings.HasPrefix(name, "min") == (wanted.Cmp(own) > 0) {
		schema[name] = bound
	}
}

var numberLiteral = regexp.MustCompile(numberPattern)

func parseNumber(text string) (*big.Rat, error) {
	if !numberLiteral.MatchString(text) || !tree.Comparable(text) {
		return nil, fmt.Errorf("%q is not a number", text)
	}
	number, _ := new(big.Rat).SetString(text)
	return number, nil
}
