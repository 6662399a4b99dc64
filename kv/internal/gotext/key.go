package gotext

import (
	"fmt"
	"reflect"

	"github.com/kvstore-go/kvstore/dsl"
)

// Key turns keys of type K into text and back. The text is canonical: what
// Parse accepts, Format writes the same way.
type Key[K any] struct {
	Format func(K) (string, error)
	Parse  func(string) (K, error)
	Form   dsl.Form
	read   func(string) (K, error) // in whatever spelling
}

// Canonical is how the key is written that a text stands for, in whatever spelling its type reads.
func (k *Key[K]) Canonical(text string) (string, error) {
	key, err := k.read(text)
	if err != nil {
		return "", err
	}
	return k.Format(key)
}

// Check reports a text that is no key.
func (k *Key[K]) Check(text string) error {
	_, err := k.Parse(text)
	return err
}

// stringKey is the text of string keys, which are by far the most common.
var stringKey = &Key[string]{Strings.format, Strings.parse, Strings.Forms[0], Strings.parse}

// KeyOf chooses the text of K when the schema is built.
func KeyOf[K any]() (*Key[K], error) {
	if plain, ok := any(stringKey).(*Key[K]); ok {
		return plain, nil
	}
	kind := reflect.TypeFor[K]()
	text, ok := simpleText(kind)
	switch kind.Kind() {
	case reflect.Float32, reflect.Float64, reflect.Bool, reflect.Slice:
		ok = ok && MarshalsText(kind)
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
	read := func(written string) (K, error) {
		var key, none K
		if err := text.parse(written, reflect.ValueOf(&key).Elem()); err != nil {
			return none, fmt.Errorf("%w: %w", dsl.ErrBadKey, err)
		}
		return key, nil
	}
	parse := func(written string) (K, error) {
		key, err := read(written)
		var none K
		if err != nil {
			return none, err
		}
		if canonical, err := format(key); err != nil || canonical != written {
			return none, fmt.Errorf("%w: %q is not how a %v is written", dsl.ErrBadKey, written, kind)
		}
		return key, nil
	}
	return &Key[K]{format, parse, simpleForm(kind), read}, nil
}
