package kv

import (
	"context"
	"iter"
	"reflect"

	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
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
//
// The keys are strings; see CollectionBy for others.
func Collection[T any](document Schema[JSONField[T]], indexes ...IndexOption[T]) Schema[CollectionStore[T]] {
	return CollectionBy[string](document, indexes...)
}

// CollectionBy is Collection with keys of type K, as DynamicBy is Dynamic.
func CollectionBy[K, T any](document Schema[JSONField[T]], indexes ...IndexOption[T]) Schema[KeyedCollection[K, T]] {
	declared := &documentIndexes{}
	for _, option := range indexes {
		if option != nil {
			declared.declare(option(nil))
		}
	}
	node, keys := collectionNode(typeOf((*K)(nil)), nodeOf(document), declared)
	return storeSchema[KeyedCollection[K, T]](node, keys)
}

func collectionNode(key reflect.Type, document *dsl.Node, indexes *documentIndexes) (*dsl.Node, *gotext.Key) {
	if declared, ok := document.Payload().(binding); ok {
		declared.shared = indexedDocument(document, indexes)
		document = bindTo(document, declared)
	}
	node, keys := keyedNode(key, document)
	node = node.WithIndex(indexes.names...).WithIndexValues(indexes.values...)
	for _, mistake := range indexes.mistakes {
		node = node.WithMistake("%s", mistake)
	}
	return node, keys
}

// CollectionStore is the handle of a collection with string keys.
type CollectionStore[T any] = KeyedCollection[string, T]

// KeyedCollection is the handle of a collection with keys of type K: a dynamic store of
// documents that finds them by its indexes.
//
// In Redis: [ZRANGEBYLEX], [ZLEXCOUNT], [HMGET], [GET].
//
// What takes a KeyedStore takes a collection as KeyedStore[K, JSONField[T]](collection).
//
// [ZRANGEBYLEX]: https://redis.io/docs/latest/commands/zrangebylex/
// [ZLEXCOUNT]: https://redis.io/docs/latest/commands/zlexcount/
// [HMGET]: https://redis.io/docs/latest/commands/hmget/
// [GET]: https://redis.io/docs/latest/commands/get/
type KeyedCollection[K, T any] struct{ Store }

// A collection does not embed a KeyedStore: the compiler would make all of that's methods twice for each type of documents.

// Take is the handle of the document under key. See KeyedStore.Take.
func (c KeyedCollection[K, T]) Take(key K) JSONField[T] {
	return handle[JSONField[T]](placeUnder(c.at, key))
}

// Keys goes through the keys of the documents, in no order. See KeyedStore.Keys.
//
//go:noinline // see eachOf
func (c KeyedCollection[K, T]) Keys(ctx context.Context) iter.Seq2[K, error] {
	return keysBelow[K](ctx, c.at)
}

// Len is how many documents there are. See KeyedStore.Len.
func (c KeyedCollection[K, T]) Len(ctx context.Context) (int, error) { return c.at.length(ctx) }

// Page is up to size keys of documents, after those of the page whose Next is after. See KeyedStore.Page.
func (c KeyedCollection[K, T]) Page(ctx context.Context, size int, after string) (KeyPage[K], error) {
	return keyPageOf[K](ctx, c.at, size, after)
}

// ReadMany goes through the documents of the given keys, in their order; see the
// function ReadMany.
//
//go:noinline // see eachOf
func (c KeyedCollection[K, T]) ReadMany(ctx context.Context, keys ...K) iter.Seq2[Entry[K, T], error] {
	return readMany[K, T](ctx, c.at, keys)
}

// All goes through all documents, in no order; see the function All.
//
//go:noinline // see eachOf
func (c KeyedCollection[K, T]) All(ctx context.Context) iter.Seq2[Entry[K, T], error] {
	return readAll[K, T](ctx, c.at)
}

// documentIndexes are those of a collection, whose handle carries no error.
func (r ref) documentIndexes() *documentIndexes {
	return r.node.element.shared.(*document).indexes
}
