package kv

import (
	"context"
	"errors"
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// Sets, lists, sorted sets, positions, streams and topics have elements of type T. What their
// handles share are functions, not methods of a type that they embed: the compiler repeats
// a method for each type that it is promoted to. The codec is the node's.

// codecOf is how the elements of a field are written, which carries no error.
func codecOf[T any](at keyRef) *gotext.Codec[T] { return at.node.shared.(*gotext.Codec[T]) }

// textOf is what is stored of an element, unless the handle carries an error.
func textOf[T any](at keyRef, op string, element T) (string, error) {
	if err := at.err(); err != nil {
		return "", err
	}
	text, err := codecOf[T](at).Encode(element)
	if err != nil {
		return "", at.fail(op, err)
	}
	return text, nil
}

// textsOf is what is stored of elements, unless the handle carries an error.
func textsOf[T any](at keyRef, op string, elements []T) ([]string, error) {
	if err := at.err(); err != nil {
		return nil, err
	}
	texts, err := codecOf[T](at).EncodeAll(elements)
	if err != nil {
		return nil, at.fail(op, err)
	}
	return texts, nil
}

// changesOf executes a command that is given elements, if there are any, and answered with
// a number.
func changesOf[T any](ctx context.Context, at keyRef, op string, cmd *drivers.Command, elements []T) (int, error) {
	texts, err := textsOf(at, op, elements)
	if len(texts) == 0 || err != nil {
		return 0, err
	}
	cmd.Values = texts
	return at.doInt(ctx, op, cmd)
}

// elementsOf executes a command that is answered with elements.
func elementsOf[T any](ctx context.Context, at keyRef, op string, cmd *drivers.Command) ([]T, error) {
	reply, err := at.do(ctx, op, cmd)
	if err != nil {
		return nil, err
	}
	elements, err := codecOf[T](at).DecodeAll(reply.Values)
	if err != nil {
		return nil, at.fail(op, err)
	}
	return elements, nil
}

// poppedOf is the elements that a reply has taken out: those that do not fit are reported in
// the error, beside the others.
func poppedOf[T any](at keyRef, op string, reply drivers.Reply) ([]T, error) {
	elements, err := decodePopped(codecOf[T](at), reply.Values)
	if err != nil {
		return elements, at.fail(op, err)
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
func withCodec[T any](node *dsl.Node, older gotext.Older) (*dsl.Node, *gotext.Codec[T]) {
	codec, err := gotext.Of[T](older)
	if err != nil {
		return withForms(node, nil, err), codec
	}
	return withForms(node, codec.Forms, nil), codec
}

// withForms says in which forms a node has its values, or why it has none.
func withForms(node *dsl.Node, forms []dsl.Form, mistake error) *dsl.Node {
	if mistake != nil {
		return node.WithMistake("%v", mistake)
	}
	return node.WithForms(forms...)
}

// elements declares a collection of elements of type T, whose handle is made by bind.
func elements[T, H any, O interface{ declare(*declaration) }](kind dsl.Kind, options []O, bind func(Field, declaration) H) Schema[H] {
	node := dsl.NewField(kind)
	if element := reflect.TypeFor[T](); element != reflect.TypeFor[string]() {
		node = node.WithDetail(element.String())
	}
	node, declared := declare(node, options)
	node, codec := withCodec[T](node, declared.older)
	return newSchemaOf(node, codec, func(r ref) H { return bind(newField(r), declared) })
}
