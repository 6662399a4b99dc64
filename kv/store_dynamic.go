package kv

import (
	"fmt"
	"reflect"

	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
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
	text, err := gotext.KeyOf[K]()
	switch name := reflect.TypeFor[K](); {
	case err != nil:
		node = node.WithMistake("%v", err)
	case name != reflect.TypeFor[string]():
		node = node.WithDetail(name.String()).WithKeys(text.Form)
	default:
		node = node.WithKeys(text.Form)
	}
	return newSchemaOf(node, text, func(r ref) KeyedStore[K, H] { return KeyedStore[K, H]{Store{r}} })
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
type KeyedStore[K, H any] struct{ Store }

// Take is the handle of what lies under key. A key that is empty, not UTF-8 or makes
// the path too long gives a handle every operation of which returns ErrBadKey. No
// round trip.
func (s KeyedStore[K, H]) Take(key K) H {
	if s.at.err() != nil {
		return failedHandle[H](s.at)
	}
	segment, err := keysOf[K](s.at).Format(key)
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

// keysOf is how the keys of a dynamic store are written, whose handle carries no error.
func keysOf[K any](at ref) *gotext.Key[K] { return at.node.shared.(*gotext.Key[K]) }

// parseKey makes a key of a stored segment.
func parseKey[K any](at ref, segment string) (key K, err error) {
	text, err := at.textOf(segment)
	if err != nil {
		return key, err
	}
	return keysOf[K](at).Parse(text)
}

// keyOf makes a key of an id, which is a segment without the braces of a hash tag.
func keyOf[K any](at ref, id string) (key K, err error) {
	text, err := dsl.UnescapeSegment(id)
	if err != nil {
		return key, err
	}
	return keysOf[K](at).Parse(text)
}

// Colocated declares that everything below a store lies in one slot of a Redis Cluster:
// the segment that leads to the store is stored as a hash tag, in braces, as in
// bank:{accounts}:7. What needs one slot works there: Atomic, the indexes of a
// Collection, IndexKeys, and the operations on several sets. It is part of the layout of
// the keys, on every driver, so decide before there is data.
//
// Of a dynamic store's element, each child is in a slot of its own: kv.Dynamic(
// kv.Colocated(Room)) stores rooms:{7}:config. Nothing below a colocated store can be
// colocated again.
func Colocated[H any](store Schema[H]) Schema[H] {
	if store == nil {
		return nil
	}
	return schema[H]{store.definition().node.WithTag()}
}

// IndexKeys declares that a dynamic store keeps a registry of its keys, a hash, which
// every write below the store keeps up to date in the same atomic step. Keys and Len
// then cost by the children of the store instead of a SCAN of the whole database. In a
// cluster the store has to be Colocated, or below one that is.
//
// The dynamic stores below it have to be IndexKeys as well. A store that has data
// already needs a Reindex. Where a server may evict the registry (maxmemory-policy allkeys-…), a
// loss is noticed: Keys and Len are ErrIncomplete until Reindex has been through; see Collection.
func IndexKeys[K, H any](store Schema[KeyedStore[K, H]]) Schema[KeyedStore[K, H]] {
	if store == nil {
		return nil
	}
	return schema[KeyedStore[K, H]]{store.definition().node.WithIndex()}
}
