package kv

import (
	"context"
	"iter"
	"strings"

	"github.com/samber/lo"

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

// registry is the key of the registry of the dynamic store r.
func (r ref) registry() string { return dsl.RegistryKey(r.path()) }

// indexKeys are the keys of its indexes, in the order of their names.
func (r ref) indexKeys() []string {
	registry := r.registry()
	return lo.Map(r.node.node.Index().Stored(), func(name string, _ int) string { return drivers.IndexKey(registry, name) })
}

// keepers goes through the dynamic stores that keep a registry: those below r of which anything
// is stored, found by a scan if there may be any, and then r.
func (r ref) keepers(ctx context.Context) iter.Seq2[ref, error] {
	return func(yield func(ref, error) bool) {
		if r.node.element.indexedBelow() {
			for key, err := range r.scanAt(ctx, drivers.OpScanKeys, r.registry()) {
				at, keeps := ref{}, false
				if err == nil {
					at, keeps, err = r.keeper(ctx, key)
				}
				if (keeps || err != nil) && !yield(at, err) || err != nil {
					return
				}
			}
		}
		if r.node.node.Index() != nil {
			yield(r, nil)
		}
	}
}

// keeper is the store below r whose registry a key is, or one of its indexes where that has
// no registry any more.
func (r ref) keeper(ctx context.Context, key string) (at ref, keeps bool, err error) {
	path, _, isIndex := strings.Cut(strings.TrimPrefix(key, dsl.RegistryKey("")), separator+separator)
	at, foreign := r.below(path)
	if foreign != nil || at.node.node.Index() == nil || !isIndex {
		return at, foreign == nil && at.node.node.Index() != nil, nil
	}
	there, err := r.driver.Do(ctx, drivers.Command{Op: drivers.OpExists, Key: at.registry(), Pattern: at.node.pattern})
	return at, there.Int == 0, err
}

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
		all[i] = drivers.Index{Key: key, Registry: dsl.RegistryKey(key[:end-1]), ID: id, Whole: store.whole, Names: store.names}
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
