// Package tree parses a text into a tree, within limits, and says why one is refused.
package tree

import (
	"bytes"
	"encoding/json"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

const (
	// MaxNumberLength and MaxNumberExponent bound a number literal. The validator compares numbers exactly, so that
	// 1e999999999 would cost it gigabytes. Every float64 is inside.
	MaxNumberLength   = 1024
	MaxNumberExponent = 400
)

// parser reads one JSON text into maps, slices, strings, bools, nil and json.Number in a single pass that also checks
// syntax, nesting, member names, UTF-8 and numbers.
type parser struct {
	decoder *jsontext.Decoder
	depth   int
}

// limitError is that a text is well formed up to a value beyond the limits.
type limitError struct{ violation.Refusal }

func (e limitError) Error() string { return e.Violations[0].Message }

// Parse returns the tree of a text, unless it is refused.
func Parse(text []byte, maxDepth int) (any, violation.Refusal) {
	d := parser{decoder: jsontext.NewDecoder(bytes.NewBuffer(text)), depth: maxDepth}
	tree, err := d.value()
	if err == nil {
		_, err = d.decoder.ReadToken()
		if errors.Is(err, io.EOF) {
			return tree, violation.Refusal{}
		}
		if err == nil {
			return nil, violation.Refuse(nil, "", violation.Syntax, "there is more text after the JSON value")
		}
	}
	return nil, d.explain(text, err)
}

func (d *parser) value() (any, error) {
	token, err := d.decoder.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case jsontext.KindNull:
		return nil, nil
	case jsontext.KindFalse, jsontext.KindTrue:
		return token.Bool(), nil
	case jsontext.KindString:
		return token.String(), nil
	case jsontext.KindNumber:
		return d.number(token.String())
	case jsontext.KindBeginArray:
		return d.array()
	default: // the decoder lets nothing else start a value
		return d.object()
	}
}

func (d *parser) array() (any, error) {
	if err := d.checkDepth(); err != nil {
		return nil, err
	}
	items := []any{}
	for d.decoder.PeekKind() != jsontext.KindEndArray {
		item, err := d.value()
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	_, err := d.decoder.ReadToken()
	return items, err
}

func (d *parser) object() (any, error) {
	if err := d.checkDepth(); err != nil {
		return nil, err
	}
	members := map[string]any{}
	for d.decoder.PeekKind() != jsontext.KindEndObject {
		token, err := d.decoder.ReadToken()
		if err != nil {
			return nil, err
		}
		name := token.String()
		if members[name], err = d.value(); err != nil {
			return nil, err
		}
	}
	_, err := d.decoder.ReadToken()
	return members, err
}

func (d *parser) number(literal string) (any, error) {
	if !Comparable(literal) {
		message := fmt.Sprintf("the number is longer than %d characters or its exponent is beyond %d",
			MaxNumberLength, MaxNumberExponent)
		return nil, limitError{violation.Refuse(nil, string(d.decoder.StackPointer()), violation.Number, message)}
	}
	return json.Number(literal), nil
}

// Comparable reports whether a JSON number literal is small enough to be compared exactly.
func Comparable(literal string) bool {
	if len(literal) > MaxNumberLength {
		return false
	}
	at := strings.IndexAny(literal, "eE")
	if at < 0 {
		return true
	}
	exponent, err := strconv.Atoi(literal[at+1:])
	return err == nil && -MaxNumberExponent <= exponent && exponent <= MaxNumberExponent
}

func (d *parser) checkDepth() error {
	if d.decoder.StackDepth() <= d.depth {
		return nil
	}
	message := fmt.Sprintf("arrays and objects are nested deeper than %d levels", d.depth)
	return limitError{violation.Refuse(nil, string(d.decoder.StackPointer()), violation.MaxDepth, message)}
}

// explain turns an error of the decoder into a refusal.
func (d *parser) explain(text []byte, err error) violation.Refusal {
	var beyond limitError
	if errors.As(err, &beyond) {
		return beyond.Refusal
	}
	if errors.Is(err, io.EOF) {
		return violation.Refuse(err, "", violation.Syntax, "the text is empty")
	}
	var syntactic *jsontext.SyntacticError
	if !errors.As(err, &syntactic) {
		return violation.Refuse(err, "", violation.Syntax, "the text is not JSON")
	}
	pointer := string(syntactic.JSONPointer)
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return violation.Refuse(err, pointer, violation.UniqueNames, "the object has two members of this name")
	case !utf8.Valid(text):
		return violation.Refuse(err, pointer, violation.UTF8, "the text is not valid UTF-8")
	case startsWithSurrogate(text[min(int(syntactic.ByteOffset), len(text)):]):
		message := fmt.Sprintf("the escape at byte %d is half a surrogate pair, which is no Unicode text", syntactic.ByteOffset)
		return violation.Refuse(err, pointer, violation.UTF8, message)
	}
	message := fmt.Sprintf("the text is not JSON at byte %d", syntactic.ByteOffset)
	return violation.Refuse(err, pointer, violation.Syntax, message)
}

// startsWithSurrogate reports whether a text starts with the escape of a surrogate. The grammar of JSON allows one that has no
// other half.
func startsWithSurrogate(text []byte) bool {
	if len(text) < len(`\uD800`) || string(text[:2]) != `\u` {
		return false
	}
	unit, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return err == nil && 0xD800 <= unit && unit < 0xE000
}

// Explain says why a text is not well formed, or beyond the limits, without a tree.
func Explain(text []byte, maxDepth int) violation.Refusal {
	d := parser{decoder: jsontext.NewDecoder(bytes.NewBuffer(text)), depth: maxDepth}
	for {
		token, err := d.decoder.ReadToken()
		if err != nil {
			return d.explain(text, err)
		}
		switch token.Kind() {
		case jsontext.KindBeginArray, jsontext.KindBeginObject:
			err = d.checkDepth()
		case jsontext.KindNumber:
			_, err = d.number(token.String())
		default: // the decoder has checked the others
		}
		if err != nil {
			return d.explain(text, err)
		}
		if d.decoder.StackDepth() == 0 {
			break
		}
	}
	if _, err := d.decoder.ReadToken(); err != nil && !errors.Is(err, io.EOF) {
		return d.explain(text, err)
	}
	return violation.Refuse(nil, "", violation.Syntax, "there is more text after the JSON value")
}

// deepestSchema is the nesting that encoding/json itself stops at.
const deepestSchema = 10_000

// Schema returns the tree of a schema's text.
func Schema(text []byte) (any, error) {
	tree, refusal := Parse(text, deepestSchema)
	if refusal.Empty() {
		return tree, nil
	}
	why := refusal.Violations[0]
	if why.Keyword != violation.Syntax { // there are texts that are JSON, and refused all the same
		return nil, fmt.Errorf("the schema is refused: %s: %s", why.Pointer, why.Message)
	}
	return nil, fmt.Errorf("the schema is not JSON: %s", why.Message)
}
