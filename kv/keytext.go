package kv

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
)

// keyText turns keys of type K into text and back. The text is canonical: what
// parse accepts, format writes the same way.
type keyText[K any] struct {
	format func(K) (string, error)
	parse  func(string) (K, error)
}

// keyTextOf chooses the text of K when the schema is built.
func keyTextOf[K any]() (*keyText[K], error) {
	if plain, ok := any(plainText).(*keyText[K]); ok {
		return plain, nil
	}
	kind := reflect.TypeFor[K]()
	var scan func(text string, into *K) error
	format := func(key K) (string, error) { return fmt.Sprint(reflect.ValueOf(key)), nil }
	_, marshals := any(*new(K)).(encoding.TextMarshaler)
	_, unmarshals := any(new(K)).(encoding.TextUnmarshaler)
	switch {
	case marshals && unmarshals:
		format = marshal[K]
		scan = func(text string, into *K) error {
			return any(into).(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
		}
	case kind.Kind() == reflect.String:
		format = func(key K) (string, error) { return reflect.ValueOf(key).String(), nil }
		scan = func(text string, into *K) error {
			reflect.ValueOf(into).Elem().SetString(text)
			return nil
		}
	case kind.Kind() >= reflect.Int && kind.Kind() <= reflect.Int64:
		format = func(key K) (string, error) { return strconv.FormatInt(reflect.ValueOf(key).Int(), 10), nil }
		scan = func(text string, into *K) error {
			number, err := strconv.ParseInt(text, 10, kind.Bits())
			reflect.ValueOf(into).Elem().SetInt(number)
			return err
		}
	case kind.Kind() >= reflect.Uint && kind.Kind() <= reflect.Uint64:
		format = func(key K) (string, error) { return strconv.FormatUint(reflect.ValueOf(key).Uint(), 10), nil }
		scan = func(text string, into *K) error {
			number, err := strconv.ParseUint(text, 10, kind.Bits())
			reflect.ValueOf(into).Elem().SetUint(number)
			return err
		}
	default:
		return nil, fmt.Errorf("keys of type %v: a key is a string, an integer, or marshals to and from text", kind)
	}
	parse := func(text string) (K, error) {
		var key, none K
		if err := scan(text, &key); err != nil {
			return none, fmt.Errorf("%w: %w", ErrBadKey, err)
		}
		if canonical, err := format(key); err != nil || canonical != text {
			return none, fmt.Errorf("%w: %q is not how a %v is written", ErrBadKey, text, kind)
		}
		return key, nil
	}
	return &keyText[K]{format, parse}, nil
}

// plainText is the text of string keys, which are by far the most common.
var plainText = &keyText[string]{
	format: func(key string) (string, error) { return key, nil },
	parse:  func(text string) (string, error) { return text, nil },
}

func marshal[K any](key K) (string, error) {
	if pointer := reflect.ValueOf(key); pointer.Kind() == reflect.Pointer && pointer.IsNil() {
		return "", fmt.Errorf("%w: a nil %v", ErrBadKey, pointer.Type())
	}
	text, err := any(key).(encoding.TextMarshaler).MarshalText()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrBadKey, err)
	}
	return string(text), nil
}
