package kv

import (
	"context"
	"errors"
	"iter"
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// Topic declares a channel of messages of type T, which go to whoever listens at that
// moment and are stored nowhere; a Stream keeps them. Redis's database numbers do not tell
// topics apart: those of one path are one topic on all of a server. What T may be is said at
// SetOf; any other T is a mistake of the schema.
func Topic[T any](options ...FormOption) Schema[TopicField[T]] {
	node, declared := declare(dsl.NewField(dsl.Topic).WithDetail(reflect.TypeFor[T]().String()), options)
	node, codec := withCodec[T](node, declared.older)
	return newSchemaOf(node, codec, func(r ref) TopicField[T] { return TopicField[T]{newField(r)} })
}

// Topic adds a channel of messages of type T to the store.
func (s StaticSchema) Topic[T any](key Key[TopicField[T]], options ...FormOption) StaticSchema {
	return s.Field(key, Topic[T](options...))
}

// TopicField is the handle of a channel of messages. As nothing is stored, it never
// exists, and Keys, Export and Copy pass it by.
//
// In Redis: [PUBLISH], [SUBSCRIBE], [SPUBLISH], [SSUBSCRIBE].
//
// [PUBLISH]: https://redis.io/docs/latest/commands/publish/
// [SUBSCRIBE]: https://redis.io/docs/latest/commands/subscribe/
// [SPUBLISH]: https://redis.io/docs/latest/commands/spublish/
// [SSUBSCRIBE]: https://redis.io/docs/latest/commands/ssubscribe/
type TopicField[T any] struct{ Field }

// Publish sends message to all who listen and returns how many those are; in a cluster,
// how many are on the server that has the topic. In a transaction that is not known, and
// 0. One round trip (PUBLISH; in a cluster SPUBLISH).
func (f TopicField[T]) Publish(ctx context.Context, message T) (receivers int, err error) {
	if err := f.at.err(); err != nil {
		return 0, err
	}
	text, err := codecOf[T](f.at).Encode(message)
	if err != nil {
		return 0, f.at.fail("Publish", err)
	}
	// Nothing is stored, so that no registry has to be told.
	cmd := drivers.Publish(text)
	return f.at.doInt(ctx, "Publish", &cmd)
}

// Subscribe goes through the messages that are sent from now on: once it listens it calls
// ready, unless that is nil. The loop ends when it is left, with the error of the context,
// or with any other error but two, after which it goes on: ErrMissed, where messages were
// lost because the connection was or the loop is too slow, and ErrCorrupt for a message
// that is no T. One connection of its own (SUBSCRIBE; in a cluster SSUBSCRIBE).
func (f TopicField[T]) Subscribe(ctx context.Context, ready func()) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) { eachMessage(ctx, f, ready, yield) }
}

func eachMessage[T any](ctx context.Context, f TopicField[T], ready func(), yield func(T, error) bool) {
	var none T
	if err := f.at.err(); err != nil {
		yield(none, err)
		return
	}
	if ready == nil {
		ready = func() {}
	}
	cmd := drivers.Command{Op: drivers.OpPublish, Key: f.at.key, Pattern: f.at.node.pattern}
	for text, err := range f.at.driver.Subscribe(ctx, cmd, ready) {
		message := none
		if err == nil {
			message, err = codecOf[T](f.at).Decode(text)
		}
		if err != nil {
			goesOn := errors.Is(err, ErrMissed) || errors.Is(err, ErrCorrupt)
			if !yield(message, f.at.fail("Subscribe", err)) || !goesOn {
				return
			}
			continue
		}
		if !yield(message, nil) {
			return
		}
	}
}
