package kv

import (
	"context"
	"errors"
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// elementsField is what the handles of sets, lists, sorted sets, positions, streams and
// topics have in common: elements of type T.
type elementsField[T any] struct {
	Field
	codec *gotext.Codec[T]
}

// text is what is stored of an element, unless the handle carries an error.
func (f elementsField[T]) text(op string, element T) (string, error) {
	if err := f.at.err(); err != nil {
		return "", err
	}
	text, err := f.codec.Encode(element)
	if err != nil {
		return "", f.at.fail(op, err)
	}
	return text, nil
}

// texts is what is stored of elements, unless the handle carries an error.
func (f elementsField[T]) texts(op string, elements []T) ([]string, error) {
	if err := f.at.err(); err != nil {
		return nil, err
	}
	texts, err := f.codec.EncodeAll(elements)
	if err != nil {
		return nil, f.at.fail(op, err)
	}
	return texts, nil
}

// changes executes a command that is given elements, if there are any, and answered with
// a number.
func (f elementsField[T]) changes(ctx context.Context, op string, cmd *drivers.Command, elements []T) (int, error) {
	texts, err := f.texts(op, elements)
	if len(texts) == 0 || err != nil {
		return 0, err
	}
	cmd.Values = texts
	return f.at.doInt(ctx, op, cmd)
}

// elements executes a command that is answered with elements.
func (f elementsField[T]) elements(ctx context.Context, op string, cmd *drivers.Command) ([]T, error) {
	reply, err := f.at.do(ctx, op, cmd)
	if err != nil {
		return nil, err
	}
	elements, err := f.codec.DecodeAll(reply.Values)
	if err != nil {
		return nil, f.at.fail(op, err)
	}
	return elements, nil
}

// popped is the elements that a reply has taken out: those that do not fit are reported in
// the error, beside the others.
func (f elementsField[T]) popped(op string, reply drivers.Reply) ([]T, error) {
	elements, err := decodePopped(f.codec, reply.Values)
	if err != nil {
		return elements, f.at.fail(op, err)
	}
	return elements, nil
}

// decodePopped is decodeAll for elements that were taken out: those that do not fit are
// left out of the values and reported in the error, a CorruptElementError each.
func decodePopped[T any](c *gotext.Codec[T], texts []string) ([]T, error) {
	values, err := c.DecodeAll(texts)
	if err == nil {
		return values, nil
	}
	values = []T{}
	var corrupt []error
	for _, text := range texts {
		value, err := c.Decode(text)
		if err != nil {
			corrupt = append(corrupt, &CorruptElementError{Text: text, Err: err})
			continue
		}
		values = append(values, value)
	}
	return values, errors.Join(corrupt...)
}

// withCodec chooses the codec of T for a field; a T that has none is a mistake of the schema.
func withCodec[T any](node *dsl.Node) (*dsl.Node, *gotext.Codec[T]) {
	codec, err := gotext.Of[T]()
	if err != nil {
		node = node.WithMistake("%v", err)
	}
	return node, codec
}

// elements declares a collection of elements of type T, whose handle is made by bind.
func elements[T, H any, O interface{ declare(*declaration) }](kind dsl.Kind, options []O, bind func(elementsField[T], declaration) H) Schema[H] {
	node := dsl.NewField(kind)
	if element := reflect.TypeFor[T](); element != reflect.TypeFor[string]() {
		node = node.WithDetail(element.String())
	}
	node, declared := declare(node, options)
	node, codec := withCodec[T](node)
	return newSchema(node, func(r ref) H { return bind(elementsField[T]{newField(r), codec}, declared) })
}
