package kv

import (
	"context"
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/jsonval"
)

// JSON declares a document of type T. It is stored as JSON text and validated
// against T's JSON Schema whenever it is written or read; see package jsonval. A T
// that has no schema is a mistake of the schema, reported by Open.
func JSON[T any](options ...JSONOption) Schema[JSONField[T]] {
	node, declared := declare(dsl.NewField(dsl.JSON).WithDetail(reflect.TypeFor[T]().String()), options)
	codec, err := jsonval.NewCodec[T](declared.json...)
	if err != nil {
		node = node.WithMistake("%v", err)
	}
	return newSchema(node, func(r ref) JSONField[T] { return JSONField[T]{Field: newField(r), codec: codec} })
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
type JSONField[T any] struct {
	Field
	codec   *jsonval.Codec[T]
	indexes *documentIndexes[T] // of the collection it is in, or nil
}

// Read is the document, or ErrNotFound. One round trip (GET, or GETEX; see Sliding).
func (f JSONField[T]) Read(ctx context.Context) (T, error) {
	document, exists, err := f.read(ctx, "Read")
	if err == nil && !exists {
		err = f.at.fail("Read", ErrNotFound)
	}
	return document, err
}

func (f JSONField[T]) readBy() drivers.Command {
	return drivers.Command{Op: drivers.OpGet}
}

func (f JSONField[T]) readFrom(reply drivers.Reply) (document T, err error) {
	if reply.Nil {
		return document, ErrNotFound
	}
	return f.decode(reply.Value)
}

// ReadOr is the document, or fallback where there is none. One round trip (GET, or GETEX; see Sliding).
func (f JSONField[T]) ReadOr(ctx context.Context, fallback T) (T, error) {
	document, exists, err := f.read(ctx, "ReadOr")
	if err == nil && !exists {
		return fallback, nil
	}
	return document, err
}

func (f JSONField[T]) read(ctx context.Context, op string) (document T, exists bool, err error) {
	reply, err := f.at.get(ctx, op)
	if err != nil || reply.Nil {
		return document, false, err
	}
	if document, err = f.decode(reply.Value); err != nil {
		return document, true, f.at.fail(op, err)
	}
	return document, true, nil
}

// Write stores the document. A TTL that is there is kept unless the schema or an
// option says otherwise; a condition that does not hold is ErrConditionFailed. As
// Redis's SET does, it replaces a value of any type. One round trip (SET).
// As for encoding/json, nothing that document refers to may be changed meanwhile.
func (f JSONField[T]) Write(ctx context.Context, document T, options ...WriteOption) error {
	if err := f.at.err(); err != nil {
		return err
	}
	next, err := f.encode(document)
	if err != nil {
		return f.at.fail("Write", err)
	}
	return f.at.write(ctx, "Write", f.at.indexing(&drivers.Command{Op: drivers.OpSet, Value: next.text}, next.entries), options)
}

// Swap stores the document, with the schema's TTL if it declares one, and returns
// what it replaced, in one step. Where what it would replace does not fit the
// schema nothing is stored, so that nothing is lost. Two round trips (GET,
// compare-and-swap script, or SET NX where there was none).
func (f JSONField[T]) Swap(ctx context.Context, document T) (Previous[T], error) {
	var previous Previous[T]
	if err := f.at.err(); err != nil {
		return previous, err
	}
	next, err := f.encode(document)
	if err != nil {
		return previous, f.at.fail("Swap", err)
	}
	err = f.at.update(ctx, "Swap", f.at.node.expiry, func(current drivers.Reply) (_ content, err error) {
		previous = Previous[T]{Exists: !current.Nil}
		if previous.Exists {
			previous.Value, err = f.decode(current.Value)
		}
		return next, err
	})
	if err != nil {
		return Previous[T]{}, err
	}
	return previous, nil
}

// Update lets change edit the document in place and stores and returns the result.
// It is atomic: where somebody else writes meanwhile, change is called again with
// what is there now, so it must have no other effects; when the tries are used up
// the error is ErrConflict. The TTL is kept. An absent document is ErrNotFound; an
// error of change is returned, within a *Error, and nothing is stored. Two round
// trips (GET, compare-and-swap script), one where nothing changes.
func (f JSONField[T]) Update(ctx context.Context, change func(*T) error) (T, error) {
	return f.edit(ctx, "Update", func(document *T, exists bool) error {
		if !exists {
			return ErrNotFound
		}
		return change(document)
	})
}

// Upsert is Update that gives change a zero T where there is no document, and
// stores the result with the schema's TTL.
func (f JSONField[T]) Upsert(ctx context.Context, change func(*T) error) (T, error) {
	return f.edit(ctx, "Upsert", func(document *T, _ bool) error { return change(document) })
}

func (f JSONField[T]) edit(ctx context.Context, op string, change func(document *T, exists bool) error) (T, error) {
	var edited, zero T
	err := f.at.update(ctx, op, drivers.Expiry{}, func(current drivers.Reply) (content, error) {
		edited = zero
		if !current.Nil {
			var err error
			if edited, err = f.decode(current.Value); err != nil {
				return content{}, err
			}
		}
		if err := change(&edited, !current.Nil); err != nil {
			return content{}, err
		}
		return f.encode(edited)
	})
	if err != nil {
		return zero, err
	}
	return edited, nil
}

// encode is what is stored of a document and of its entries in the indexes.
func (f JSONField[T]) encode(document T) (content, error) {
	text, err := f.codec.Encode(document)
	if err != nil {
		return content{}, drivers.Join(ErrInvalid, err)
	}
	entries, err := f.indexes.entries(document)
	return content{text, entries}, err
}

func (f JSONField[T]) decode(text string) (T, error) {
	document, err := f.codec.Decode(text)
	if err != nil {
		return document, drivers.Join(ErrCorrupt, err)
	}
	return document, nil
}

func (f JSONField[T]) validate(text string) (content, error) {
	document, err := f.decode(text)
	if err != nil {
		return content{}, err
	}
	entries, err := f.indexes.entries(document)
	return content{text, entries}, err
}
