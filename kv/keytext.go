package kv

import (
	"fmt"
	"reflect"

	"github.com/kvstore-go/kvstore/dsl"
)

// keyText turns keys of type K into text and back. The text is canonical: what
// parse accepts, format writes the same way.
type keyText[K any] struct {
	format func(K) (string, error)
	parse  func(string) (K, error)
}

// plainText is the text of string keys, which are by far the most common.
var plainText = &keyText[string]{plainCodec.format, plainCodec.parse}

// keyTextOf chooses the text of K when the schema is built.
func keyTextOf[K any]() (*keyText[K], error) {
	if plain, ok := any(plainText).(*keyText[K]); ok {
		return plain, nil
	}
	kind := reflect.TypeFor[K]()
	text, ok := simpleText(kind)
	switch kind.Kind() {
	case reflect.Float32, reflect.Float64, reflect.Bool, reflect.Slice:
		ok = ok && marshalsText(kind)
	default:
	}
	if !ok {
		return nil, fmt.Errorf("keys of type %v: a key is a string, an integer, or marshals to and from text", kind)
	}
	format := func(key K) (string, error) {
		written, err := text.format(reflect.ValueOf(&key).Elem())
		if err != nil {
			return "", fmt.Errorf("%w: %w", dsl.ErrBadKey, err)
		}
		return written, nil
	}
	parse := func(written string) (K, error) {
		var key, none K
		if err := text.parse(written, reflect.ValueOf(&key).Elem()); err != nil {
			return none, fmt.Errorf("%w: %w", dsl.ErrBadKey, err)
		}
		if canonical, err := format(key); err != nil || canonical != written {
			return none, fmt.Errorf("%w: %q is not how a %v is written", dsl.ErrBadKey, written, kind)
		}
		return key, nil
	}
	return &keyText[K]{format, parse}, nil
}
