package kv

import (
	"context"
	"fmt"
	"iter"
	"reflect"

	"github.com/kvstore-go/kvstore/dsl"
)

// Dynamic declares a store of any number of keys that all hold the same. The keys
// are strings; see KeyedBy for others.
func Dynamic[H any](element Schema[H]) DynamicSchema[H] {
	return DynamicSchema[H]{keyed[string](element)}
}

// DynamicSchema is the schema of a dynamic store with string keys.
type DynamicSchema[H any] struct{ schema[DynamicStore[H]] }

// KeyedBy gives the store keys of type K: a string, an integer, or a type that
// marshals to and from text (encoding.TextMarshaler and TextUnmarshaler), of which
// every value has one text. Any other K is a mistake of the schema.
func (s DynamicSchema[H]) KeyedBy[K any]() Schema[KeyedStore[K, H]] {
	return keyed[K](Schema[H](schema[H]{s.node.Element()}))
}

func keyed[K, H any](element Schema[H]) schema[KeyedStore[K, H]] {
	if element == nil {
		element = schema[H]{dsl.NewField(dsl.Invalid)}
	}
	node := dsl.NewDynamic(element.definition().node)
	text, err := keyTextOf[K]()
	switch name := reflect.TypeFor[K](); {
	case err != nil:
		node = node.WithMistake("%v", err)
	case name != reflect.TypeFor[string]():
		node = node.WithDetail(name.String())
	}
	return newSchema(node, func(r ref) KeyedStore[K, H] { return KeyedStore[K, H]{Store{r}, text} })
}

// DynamicStore is the handle of a dynamic store with string keys.
type DynamicStore[H any] = KeyedStore[string, H]

// KeyedStore is the handle of a dynamic store with keys of type K, each of which
// leads to a handle of type H.
//
// In Redis: [EXISTS], [SCAN], [HSCAN].
//
// [EXISTS]: https://redis.io/docs/latest/commands/exists/
// [SCAN]: https://redis.io/docs/latest/commands/scan/
// [HSCAN]: https://redis.io/docs/latest/commands/hscan/
type KeyedStore[K, H any] struct {
	Store
	text *keyText[K]
}

// Take is the handle of what lies under key. A key that is empty, not UTF-8 or makes
// the path too long gives a handle every operation of which returns ErrBadKey. No
// round trip.
func (s KeyedStore[K, H]) Take(key K) H {
	if s.at.err() != nil {
		return failedHandle[H](s.at)
	}
	segment, err := s.text.format(key)
	if err == nil {
		segment, err = dsl.EscapeSegment(segment)
		segment = s.at.node.element.node.TagSegment(segment)
	}
	if err == nil && len(s.at.base)+len(s.at.node.suffix)+len(separator)+len(segment) > dsl.MaxKey {
		err = fmt.Errorf("%w: a path of more than %d bytes", ErrBadKey, dsl.MaxKey)
	}
	if err != nil {
		return failedHandle[H](s.at.failed(s.at.path()+separator+"*", err))
	}
	return handle[H](ref{s.at.driver, s.at.node.element, s.at.base + s.at.node.suffix + separator + segment})
}

// Keys goes through the keys that hold something, in no order. A key that is there
// all the while comes exactly once.
//
// What other programs left below the store, and no path of the schema leads to, comes key
// by key as an error that names it, and does not end the loop: ErrBadKey if a segment of
// the key is none of K's or is not written as Take would, else ErrUndeclared. Erase of the
// store removes these keys too. A registry (IndexKeys, a collection) does not know them:
// there Keys is silent about them, and Export tells. Any other error ends the loop:
// ErrInterrupted where a failover came between.
//
// Where the schema declares IndexKeys, it costs by the keys of the store, two round trips a
// page (HSCAN, pipelined EXISTS); else, in memory, by what is stored below it, and on Redis
// it is a SCAN of the database, one round trip a page.
func (s KeyedStore[K, H]) Keys(ctx context.Context) iter.Seq2[K, error] {
	return func(yield func(K, error) bool) { s.each(ctx, "Keys", yield) }
}

// each hands yield the keys one by one until it returns false, or after an error of all.
func (s KeyedStore[K, H]) each(ctx context.Context, op string, yield func(K, error) bool) {
	s.at.eachChild(ctx, op, func(segment string, err error) bool {
		var key K
		if err == nil {
			if key, err = s.parse(segment); err != nil {
				err = fail(op, s.at.path()+separator+segment, err)
			}
		}
		return yield(key, err)
	})
}

// Len is how many keys hold something: those that Keys goes through without an error. It
// costs what Keys costs.
func (s KeyedStore[K, H]) Len(ctx context.Context) (int, error) { return s.at.length(ctx) }

// parse makes a key of a stored segment.
func (s KeyedStore[K, H]) parse(segment string) (key K, err error) {
	text, err := s.at.textOf(segment)
	if err != nil {
		return key, err
	}
	return s.text.parse(text)
}

// keyOf makes a key of an id, which is a segment without the braces of a hash tag.
func (s KeyedStore[K, H]) keyOf(id string) (K, error) {
	text, err := dsl.UnescapeSegment(id)
	if err != nil {
		var none K
		return none, err
	}
	return s.text.parse(text)
}

// isKey reports a text that is none of K's.
func (s KeyedStore[K, H]) isKey(text string) error {
	_, err := s.text.parse(text)
	return err
}
