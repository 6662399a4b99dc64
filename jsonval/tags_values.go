package jsonval

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// jsonTypes are the names that the type keyword knows.
var jsonTypes = []string{"array", "boolean", "integer", "null", "number", "object", "string"}

// narrowType applies type=..., which can say what a Go type that may write anything does write, or that a number is an
// integer; it cannot make a Go type write something else.
func narrowType(t *tagged, k keyword) error {
	switch {
	case !slices.Contains(jsonTypes, k.value):
		return fmt.Errorf("%q is not a JSON type", k.value)
	case t.shape.opaque != "":
		return fmt.Errorf("cannot be enforced: %s", t.shape.opaque)
	case k.value == t.shape.kind:
		return nil
	case t.shape.kind == "number" && k.value == "integer", t.unknown():
		t.shape.schema["type"] = k.value
		t.shape.kind = k.value
		return nil
	case t.shape.kind == "":
		return errors.New("the Go type declares its own schema")
	default:
		return fmt.Errorf("the Go type writes %s, not %s", t.shape.kind, k.value)
	}
}

// narrowTypes applies oneof_type=a;b, which is for Go types that may write anything.
func narrowTypes(t *tagged, k keyword) error {
	names := []any{}
	for name := range strings.SplitSeq(k.value, ";") {
		if !slices.Contains(jsonTypes, name) {
			return fmt.Errorf("%q is not a JSON type", name)
		}
		if slices.Contains(names, any(name)) {
			return fmt.Errorf("%q is given twice", name)
		}
		names = append(names, name)
	}
	if !t.unknown() {
		return errors.New("is for Go types that may write any JSON value")
	}
	t.shape.schema["type"] = names
	return nil
}

func (t *tagged) unknown() bool {
	_, typed := t.shape.schema["type"]
	_, declared := t.shape.schema["$ref"]
	return t.shape.kind == "" && !typed && !declared
}

// addEnum applies enum=... and const=...; on an array they concern the elements, as they do in the library.
func addEnum(t *tagged, k keyword) error {
	if k.name == "const" && t.seen["enum"] || k.name == "enum" && t.seen["const"] {
		return errors.New("enum and const exclude each other")
	}
	value, err := t.literal(k.value)
	if err != nil {
		return err
	}
	if t.shape.kind == "array" {
		t.itemEnum, err = appendLiteral(t.itemEnum, value)
		return err
	}
	return t.appendTo("enum", value)
}

// appendTo adds a value to a keyword that lists values.
func (t *tagged) appendTo(name string, value any) error {
	values, _ := t.shape.schema[name].([]any)
	values, err := appendLiteral(values, value)
	t.shape.schema[name] = values
	return err
}

func appendLiteral(values []any, value any) ([]any, error) {
	for _, other := range values {
		if bytes.Equal(violation.Literal(other), violation.Literal(value)) {
			return values, fmt.Errorf("%s is given twice", violation.Literal(value))
		}
	}
	return append(values, value), nil
}

// setDefault annotates; several of them on an array are its elements.
func setDefault(t *tagged, k keyword) error {
	value, err := t.literal(k.value)
	if err != nil {
		return err
	}
	if t.shape.kind == "array" {
		values, _ := t.shape.schema["default"].([]any)
		t.shape.schema["default"] = append(values, value)
		return nil
	}
	if _, twice := t.shape.schema["default"]; twice {
		return errors.New("given twice")
	}
	t.shape.schema["default"] = value
	return nil
}

func addExample(t *tagged, k keyword) error {
	value, err := t.literal(k.value)
	if err != nil {
		return err
	}
	return t.appendTo("examples", value)
}

// literal reads a value of the field's type, or of its elements' type.
func (t *tagged) literal(text string) (any, error) {
	kind := t.shape.kind
	if kind == "array" {
		switch {
		case t.shape.items == nil || t.shape.items.kind == "":
			return nil, errors.New("the elements are not scalars")
		case t.shape.items.opaque != "":
			return nil, fmt.Errorf("cannot be enforced: %s", t.shape.items.opaque)
		}
		kind = t.shape.items.kind
	}
	switch kind {
	case "string":
		return text, nil
	case "boolean":
		if text != "true" && text != "false" {
			return nil, fmt.Errorf("%q is neither true nor false", text)
		}
		return jsontext.Value(text), nil
	case "integer", "number":
		number, err := parseNumber(text)
		if err != nil {
			return nil, err
		}
		if kind == "integer" && !number.IsInt() {
			return nil, fmt.Errorf("%q is not an integer", text)
		}
		return jsontext.Value(text), nil
	default:
		return nil, errors.New("the elements are not scalars")
	}
}
