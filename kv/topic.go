package kv

import (
	"context"
	"iter"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// Topic declares a channel of messages of type T, which go to whoever listens at that
// moment and are stored nowhere; a Stream keeps them. Redis's database numbers do not tell
// topics apart: those of one path are one topic on all of a server. What T may be is said at
// SetOf; any other T is a mistake of the schema.
func Topic[T any](options ...FormOption) Schema[TopicField[T]] {
	node, declared := declare(dsl.NewField(dsl.Topic).WithDetail(typeOf((*T)(nil)).String()), options)
	node, codec := withCodec(node, typeOf((*T)(nil)), declared.older)
	return fieldSchema[TopicField[T]](node, &elements{codec: codec})
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
	text, err := textOf(&f.at, "Publish", message)
	return f.at.publish(ctx, text, err)
}

func (k *keyRef) publish(ctx context.Context, text string, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	// Nothing is stored, so that no registry has to be told.
	cmd := drivers.Publish(text)
	return k.doInt(ctx, "Publish", &cmd)
}

// Subscribe goes through the messages that are sent from now on: once it listens it calls
// ready, unless that is nil. The loop ends when it is left, with the error of the context,
// or with any other error but two, after which it goes on: ErrMissed, where messages were
// lost because the connection was or the loop is too slow, and ErrCorrupt for a message
// that is no T. One connection of its own (SUBSCRIBE; in a cluster SSUBSCRIBE).
func (f TopicField[T]) Subscribe(ctx context.Context, ready func()) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		f.at.eachMessage(ctx, ready, func(text string, err error) (bool, error) {
			message, err := elementOf[T](&f.at, "Subscribe", text, err)
			return yield(message, err), err
		})
	}
}

// eachMessage hands yield the texts of messages until it returns false, or an error of more than a message.
func (k keyRef) eachMessage(ctx context.Context, ready func(), yield func(text string, err error) (bool, error)) {
	if err := k.carried("Subscribe"); err != nil {
		_, _ = yield("", err)
		return
	}
	if ready == nil {
		ready = func() {}
	}
	cmd := drivers.Command{Op: drivers.OpPublish, Key: k.key, Pattern: k.node.pattern}
	for text, err := range k.driver.Subscribe(ctx, cmd, ready) {
		if err != nil {
			err = k.fail("Subscribe", err)
		}
		more, err := yield(text, err)
		if !more || err != nil && !isAny(err, ErrMissed, ErrCorrupt) {
			return
		}
	}
}
