package kv

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
