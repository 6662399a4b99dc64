package kv

import (
	"fmt"
	"reflect"

	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// Dynamic declares a store of any number of keys that all hold the same. The keys
// are strings; see DynamicBy for others.
func Dynamic[H any](element Schema[H]) Schema[DynamicStore[H]] {
	return DynamicBy[string](element)
}

// DynamicBy is Dynamic with keys of type K: a string, an integer, or a type that
// marshals to and from text (encoding.TextMarshaler and TextUnmarshaler), of which
// every value has one text, as in kv.DynamicBy[uuid.UUID](kv.JSON[Account]()). Any
// other K is a mistake of the schema.
func DynamicBy[K, H any](element Schema[H]) Schema[KeyedStore[K, H]] {
	node, keys := keyedNode(typeOf((*K)(nil)), nodeOf(element))
	return storeSchema[KeyedStore[K, H]](node, keys)
}

// storeSchema is the schema of handles that are a Store and nothing else, all of which are one to the compiler.
func storeSchema[H ~struct{ Store }](node *dsl.Node, shared any) *schema[H] {
	return newSchemaOf(node, shared, func(r ref) H { return H(plainStore{Store{r}}) })
}

// plainStore is what such handles are; see plainField.
type plainStore struct{ Store }

func keyedNode(key reflect.Type, element *dsl.Node) (*dsl.Node, *gotext.Key) {
	node := dsl.NewDynamic(element)
	keys, err := gotext.KeyOf(key)
	switch {
	case err != nil:
		return node.WithMistake("%v", err), nil
	case key != reflect.TypeFor[string]():
		node = node.WithDetail(key.String())
	}
	return node.WithKeys(keys.Form), keys
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
func (s KeyedStore[K, H]) Take(key K) H { return handle[H](placeUnder(s.at, key)) }

// placeUnder is the place of what lies under a key.
func placeUnder[K any](at ref, key K) ref {
	if at.err() != nil {
		return at
	}
	text, err := at.keys().Format(key)
	return at.under(text, err)
}

// under is the place of what lies under the key of a text.
func (r ref) under(text string, err error) ref {
	segment := text
	if err == nil {
		segment, err = dsl.EscapeSegment(text)
		segment = r.node.element.node.TagSegment(segment)
	}
	if err == nil && len(r.base)+len(r.node.suffix)+len(separator)+len(segment) > dsl.MaxKey {
		err = fmt.Errorf("%w: a path of more than %d bytes", ErrBadKey, dsl.MaxKey)
	}
	if err != nil {
		return r.failed(r.path()+separator+"*", err)
	}
	return ref{r.driver, r.node.element, r.base + r.node.suffix + separator + segment}
}

// keys is how the keys of a dynamic store are written, whose handle carries no error.
func (r ref) keys() *gotext.Key { return r.node.shared.(*gotext.Key) }

// keyOfSegment makes a key of a stored segment.
func keyOfSegment[K any](at ref, op, segment string) (key K, err error) {
	text, err := at.textOf(segment)
	if err == nil {
		key, err = at.keys().Parse[K](text)
	}
	if err != nil {
		err = fail(op, at.path()+separator+segment, err)
	}
	return key, err
}

// keyOf makes a key of an id, which is a segment without the braces of a hash tag.
func keyOf[K any](at ref, id string) (key K, err error) {
	text, err := dsl.UnescapeSegment(id)
	if err != nil {
		return key, err
	}
	return at.keys().Parse[K](text)
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
	return &schema[H]{nodeOf(store).WithTag()}
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
	return &schema[KeyedStore[K, H]]{nodeOf(store).WithIndex()}
}
