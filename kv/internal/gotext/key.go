package gotext

import (
	"fmt"
	"reflect"

	"github.com/kvstore-go/kvstore/dsl"
)

// Key turns keys of a type into text and back. The text is canonical: what Parse accepts, Format
// writes the same way. As a Codec does, it knows the type by reflection alone.
type Key struct {
	Form dsl.Form
	kind reflect.Type
	text text
}

// KeyOf chooses the text of keys of a type when the schema is built.
func KeyOf(kind reflect.Type) (*Key, error) {
	text, ok := simpleText(kind)
	switch kind.Kind() {
	case reflect.Float32, reflect.Float64, reflect.Bool, reflect.Slice:
		ok = ok && MarshalsText(kind)
	default:
	}
	if !ok {
		return nil, fmt.Errorf("keys of type %v: a key is a string, an integer, or marshals to and from text", kind)
	}
	return &Key{simpleForm(kind), kind, text}, nil
}

// Format is the text of a key.
func (k *Key) Format[K any](key K) (string, error) {
	if plain, is := any(&key).(*string); is { // by far the most common
		return *plain, nil
	}
	kept := key // on the heap, as reflection asks for
	return k.format(reflect.ValueOf(&kept).Elem())
}

// Parse is the key of a text.
func (k *Key) Parse[K any](text string) (key K, err error) {
	if plain, is := any(&key).(*string); is {
		*plain = text
		return key, nil
	}
	into := new(K)
	err = k.parse(text, reflect.ValueOf(into).Elem())
	return *into, err
}

// Canonical is how the key is written that a text stands for, in whatever spelling its type reads.
func (k *Key) Canonical(text string) (string, error) {
	key := reflect.New(k.kind).Elem()
	if err := k.read(text, key); err != nil {
		return "", err
	}
	return k.format(key)
}

// Check reports a text that is no key.
func (k *Key) Check(text string) error {
	if k.kind == reflect.TypeFor[string]() {
		return nil
	}
	return k.parse(text, reflect.New(k.kind).Elem())
}

func (k *Key) format(key reflect.Value) (string, error) {
	written, err := k.text.format(key)
	if err != nil {
		return "", fmt.Errorf("%w: %w", dsl.ErrBadKey, err)
	}
	return written, nil
}

// read sets a key, which is zero, to that of a text in whatever spelling, or leaves it so.
func (k *Key) read(written string, key reflect.Value) error {
	if err := k.text.parse(written, key); err != nil {
		key.SetZero()
		return fmt.Errorf("%w: %w", dsl.ErrBadKey, err)
	}
	return nil
}

// parse is read of the one spelling that format has.
func (k *Key) parse(written string, key reflect.Value) error {
	if err := k.read(written, key); err != nil {
		return err
	}
	if canonical, err := k.format(key); err != nil || canonical != written {
		key.SetZero()
		return fmt.Errorf("%w: %q is not how a %v is written", dsl.ErrBadKey, written, k.kind)
	}
	return nil
}
