package kv

import (
	"context"
	"iter"

	"github.com/kvstore-go/kvstore/dsl"
)

// Collection declares a dynamic store of documents with indexes. Whichever way a
// document changes — written, updated, erased, alone, in a batch, in a transaction or
// with the subtree it is in — its index entries change in the same atomic step. A
// document that expires leaves entries behind that no query returns and that are taken
// out when they are met.
//
//	const (
//		ByPlayer kv.IndexKey[string]    = "player"
//		ByStart  kv.IndexKey[time.Time] = "start"
//	)
//
//	var Games = kv.Collection(kv.JSON[Game](),
//		kv.Index(ByPlayer, func(g Game) []string { return []string{g.White, g.Black} }),
//		kv.Index(ByStart, func(g Game) []time.Time { return []time.Time{g.Start} }))
//
// Plain Redis is enough: beside the documents lie a hash, the registry of ids with their
// entries, and a sorted set for each index and for the ids themselves. A write stays one round trip (a script). In
// a cluster the collection has to be Colocated, or below a store that is. One that has
// documents already when it, or an index of it, is declared needs a Reindex.
//
// The registry and the indexes are keys like others: %index: and the path of the collection,
// followed by :: and the name of the index, which is empty for that of the ids. They have no time to live, so that a server
// evicts none of them whose maxmemory-policy is noeviction or one of volatile-…. Where it is one
// of allkeys-…, what is lost is noticed: who needs it, Keys and Len the registry, Find an index,
// a write with a Unique value both, is told ErrIncomplete until Reindex has built it anew. On
// such a server a new collection needs a Reindex before its first use, too, as nobody could
// tell that it is new. A program that knows no index, such as redis-cli, writes past them: Check
// says what is amiss then.
func Collection[T any](document Schema[JSONField[T]], indexes ...IndexOption[T]) CollectionSchema[T] {
	declared := &documentIndexes[T]{}
	for _, option := range indexes {
		if option == nil {
			declared.mistakes = append(declared.mistakes, "a nil index")
			continue
		}
		option.declare(declared)
	}
	return CollectionSchema[T]{collection[string](document, declared), declared}
}

// CollectionSchema is the schema of a collection with string keys.
type CollectionSchema[T any] struct {
	schema[CollectionStore[T]]
	indexes *documentIndexes[T]
}

// KeyedBy gives the collection keys of type K, as DynamicSchema.KeyedBy does.
func (s CollectionSchema[T]) KeyedBy[K any]() Schema[KeyedCollection[K, T]] {
	document := schema[JSONField[T]]{s.node.Element()}
	return collection[K](Schema[JSONField[T]](document), s.indexes)
}

func collection[K, T any](document Schema[JSONField[T]], indexes *documentIndexes[T]) schema[KeyedCollection[K, T]] {
	if document == nil {
		document = schema[JSONField[T]]{dsl.NewField(dsl.Invalid)}
	}
	element := document.definition().node
	if bind, ok := payloadOf[JSONField[T]](element); ok {
		element = newSchemaOf(element, indexedDocument(element, indexes), bind).node
	}
	store := keyed[K](Schema[JSONField[T]](schema[JSONField[T]]{element}))
	node := store.node.WithIndex(indexes.names...).WithIndexValues(indexes.values...)
	for _, mistake := range indexes.mistakes {
		node = node.WithMistake("%s", mistake)
	}
	keys := node.Payload().(binding).shared
	return newSchemaOf(node, keys, func(r ref) KeyedCollection[K, T] { return KeyedCollection[K, T]{KeyedStore[K, JSONField[T]]{Store{r}}} })
}

// payloadOf is how handles of type H are made of a node.
func payloadOf[H any](node *dsl.Node) (func(ref) H, bool) {
	declared, ok := node.Payload().(binding)
	if !ok {
		return nil, false
	}
	bind, ok := declared.bind.(func(ref) H)
	return bind, ok
}

// CollectionStore is the handle of a collection with string keys.
type CollectionStore[T any] = KeyedCollection[string, T]

// KeyedCollection is the handle of a collection with keys of type K: a dynamic store of
// documents that finds them by its indexes.
//
// In Redis: [ZRANGEBYLEX], [ZLEXCOUNT], [HMGET], [GET].
//
// [ZRANGEBYLEX]: https://redis.io/docs/latest/commands/zrangebylex/
// [ZLEXCOUNT]: https://redis.io/docs/latest/commands/zlexcount/
// [HMGET]: https://redis.io/docs/latest/commands/hmget/
// [GET]: https://redis.io/docs/latest/commands/get/
type KeyedCollection[K, T any] struct{ KeyedStore[K, JSONField[T]] }

// ReadMany goes through the documents of the given keys, in their order; see the
// function ReadMany.
func (c KeyedCollection[K, T]) ReadMany(ctx context.Context, keys ...K) iter.Seq2[Entry[K, T], error] {
	return ReadMany(ctx, c.KeyedStore, keys...)
}

// All goes through all documents, in no order; see the function All.
func (c KeyedCollection[K, T]) All(ctx context.Context) iter.Seq2[Entry[K, T], error] {
	return All(ctx, c.KeyedStore)
}

// indexes are those of the collection.
func (c KeyedCollection[K, T]) indexes() *documentIndexes[T] {
	return c.at.node.element.shared.(*document).indexes.(*documentIndexes[T])
}
