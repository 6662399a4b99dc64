package kv

import (
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// indexedStore is a dynamic store that keeps a registry of its keys, seen from below.
type indexedStore struct {
	segments int  // of its path
	whole    bool // a child of the store is one key
	names    []string
	element  *dsl.Node
}

// registryBelow is the key of the registry of the store at path.
func registryBelow(path string) string { return path + separator + dsl.IndexSegment }

// indexes are what every write of key has to keep up to date.
func (b *bound) indexes(key string) []drivers.Index {
	if len(b.indexed) == 0 {
		return nil
	}
	all := make([]drivers.Index, len(b.indexed))
	for i, store := range b.indexed {
		end := 0
		for range store.segments {
			end += strings.Index(key[end:], separator) + 1
		}
		segment, _, _ := strings.Cut(key[end:], separator)
		id, _ := store.element.UntagSegment(segment) // put together by Take, so it is right
		all[i] = drivers.Index{Key: key, Registry: registryBelow(key[:end-1]), ID: id, Whole: store.whole, Names: store.names}
	}
	return all
}

// indexing completes a command that writes a document, with its entries in the indexes
// of the collection it is in.
func (k keyRef) indexing(cmd *drivers.Command, entries []drivers.Entry) *drivers.Command {
	if cmd.Indexes = k.node.indexes(k.key); len(cmd.Indexes) > 0 {
		cmd.Indexes[0].Entries = entries
	}
	return cmd
}
