package kv

import (
	"context"

	"github.com/kvstore-go/kvstore/drivers"
)

// elementsField is what the handles of sets, lists, sorted sets, positions, streams and
// topics have in common: elements of type T.
type elementsField[T any] struct {
	Field
	codec *codec[T]
}

// text is what is stored of an element, unless the handle was given up.
func (f elementsField[T]) text(op string, element T) (string, error) {
	if err := f.at.err(); err != nil {
		return "", err
	}
	text, err := f.codec.encode(element)
	if err != nil {
		return "", f.at.fail(op, err)
	}
	return text, nil
}

// texts is what is stored of elements, unless the handle was given up.
func (f elementsField[T]) texts(op string, elements []T) ([]string, error) {
	if err := f.at.err(); err != nil {
		return nil, err
	}
	texts, err := f.codec.encodeAll(elements)
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
	return f.at.count(ctx, op, cmd)
}

// elements executes a command that is answered with elements.
func (f elementsField[T]) elements(ctx context.Context, op string, cmd *drivers.Command) ([]T, error) {
	reply, err := f.at.do(ctx, op, cmd)
	if err != nil {
		return nil, err
	}
	elements, err := f.codec.decodeAll(reply.Values)
	if err != nil {
		return nil, f.at.fail(op, err)
	}
	return elements, nil
}

// taken is the elements that a reply has taken out: those that do not fit are told of in
// the error, beside the others.
func (f elementsField[T]) taken(op string, reply drivers.Reply) ([]T, error) {
	elements, err := f.codec.decodeTaken(reply.Values)
	if err != nil {
		return elements, f.at.fail(op, err)
	}
	return elements, nil
}
