package kv

import (
	"context"
	"reflect"

	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// JSON declares a document of type T. It is stored as JSON text and validated
// against T's JSON Schema whenever it is written or read; see package jsonval. A T
// that has no schema is a mistake of the schema, reported by Open.
func JSON[T any](options ...JSONOption) Schema[JSONField[T]] {
	node, how := documentNode(typeOf((*T)(nil)), options)
	return fieldSchema[JSONField[T]](node, how)
}

func documentNode(kind reflect.Type, options []JSONOption) (*dsl.Node, *document) {
	node, declared := declare(dsl.NewField(dsl.JSON).WithDetail(kind.String()), options)
	codec, err := gotext.DocumentOf(kind, declared.json, declared.older)
	if err != nil {
		node = node.WithMistake("%v", err)
	} else {
		node = node.WithForms(codec.Declared()...)
	}
	return node, &document{kind: kind, codec: codec}
}

// JSON adds a document of type T to the store.
func (s StaticSchema) JSON[T any](key Key[JSONField[T]], options ...JSONOption) StaticSchema {
	return s.Field(key, JSON[T](options...))
}

// JSONField is the handle of a document of type T. A value that breaks the schema
// of T is ErrInvalid when it is to be written and ErrCorrupt when it is found
// stored, with a *jsonval.ValidationError that lists every violation.
//
// In Redis: [GET], [GETEX], [SET].
//
// [GET]: https://redis.io/docs/latest/commands/get/
// [GETEX]: https://redis.io/docs/latest/commands/getex/
// [SET]: https://redis.io/docs/latest/commands/set/
type JSONField[T any] struct{ Field }

// Read is the document, or ErrNotFound. One round trip (GET, or GETEX; see Sliding).
//
//go:noinline // see eachOf
func (f JSONField[T]) Read(ctx context.Context) (document T, err error) {
	exists, err := readDocument(ctx, &f.at, "Read", &document)
	if err == nil && !exists {
		err = f.at.fail("Read", ErrNotFound)
	}
	return document, err
}

func (f JSONField[T]) whole(*T) {}

// ReadOr is the document, or fallback where there is none. One round trip (GET, or GETEX; see Sliding).
//
//go:noinline // see eachOf
func (f JSONField[T]) ReadOr(ctx context.Context, fallback T) (document T, err error) {
	exists, err := readDocument(ctx, &f.at, "ReadOr", &document)
	if err == nil && !exists {
		return fallback, nil
	}
	return document, err
}

// Write stores the document. A TTL that is there is kept unless the schema or an
// option says otherwise; a condition that does not hold is ErrConditionFailed. As
// Redis's SET does, it replaces a value of any type. One round trip (SET).
// As for encoding/json, nothing that document refers to may be changed meanwhile.
//
//go:noinline // see eachOf
func (f JSONField[T]) Write(ctx context.Context, document T, options ...WriteOption) error {
	return writeDocument(ctx, &f.at, &document, options)
}

// Swap stores the document, with the schema's TTL if it declares one, and returns
// what it replaced, in one step. Where what it would replace does not fit the
// schema nothing is stored, so that nothing is lost. Two round trips (GET,
// compare-and-swap script, or SET NX where there was none).
func (f JSONField[T]) Swap(ctx context.Context, document T) (previous Previous[T], err error) {
	previous.Exists, err = swapDocument(ctx, &f.at, &document, &previous.Value)
	return previous, err
}

// Update lets change edit the document in place and stores and returns the result.
// It is atomic: where somebody else writes meanwhile, change is called again with
// what is there now, so it must have no other effects; when the tries are used up
// the error is ErrConflict. The TTL is kept. An absent document is ErrNotFound; an
// error of change is returned, within a *Error, and nothing is stored. Two round
// trips (GET, compare-and-swap script), one where nothing changes.
//
//go:noinline // see eachOf
func (f JSONField[T]) Update(ctx context.Context, change func(*T) error) (edited T, err error) {
	if change == nil {
		return edited, f.at.lacksFunction("Update")
	}
	err = editDocument(ctx, &f.at, "Update", &edited, func(exists bool) error {
		if !exists {
			return ErrNotFound
		}
		return change(&edited)
	})
	return edited, err
}

// Upsert is Update that gives change a zero T where there is no document, and
// stores the result with the schema's TTL.
//
//go:noinline // see eachOf
func (f JSONField[T]) Upsert(ctx context.Context, change func(*T) error) (edited T, err error) {
	if change == nil {
		return edited, f.at.lacksFunction("Upsert")
	}
	err = editDocument(ctx, &f.at, "Upsert", &edited, func(bool) error { return change(&edited) })
	return edited, err
}
