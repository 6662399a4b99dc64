package peers

import (
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"strings"
	"sync"
	"testing"

	"github.com/maypok86/otter/v2"

	"github.com/kvstore-go/kvstore/spec/bench/fixture"
)

var errAbsent = errors.New("nothing is found")

// shardedMap is what a program writes for itself when all it needs is strings.
type shardedMap struct {
	seed   maphash.Seed
	shards [256]struct {
		sync.RWMutex
		values map[string]string
		_      [96]byte // a cache line and its neighbour of its own
	}
}

func newShardedMap() *shardedMap {
	m := &shardedMap{seed: maphash.MakeSeed()}
	for i := range m.shards {
		m.shards[i].values = map[string]string{}
	}
	return m
}

func (m *shardedMap) get(key string) (string, error) {
	shard := &m.shards[maphash.String(m.seed, key)%uint64(len(m.shards))]
	shard.RLock()
	value, found := shard.values[key]
	shard.RUnlock()
	if !found {
		return "", errAbsent
	}
	return value, nil
}

func (m *shardedMap) set(key, value string) error {
	shard := &m.shards[maphash.String(m.seed, key)%uint64(len(m.shards))]
	shard.Lock()
	shard.values[key] = value
	shard.Unlock()
	return nil
}

func (m *shardedMap) keys() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range m.shards {
			shard := &m.shards[i]
			shard.RLock()
			for key := range shard.values {
				if !yield(key) {
					shard.RUnlock()
					return
				}
			}
			shard.RUnlock()
		}
	}
}

// otterCache is otter without limits of size or time, which costs it least.
type otterCache struct{ *otter.Cache[string, string] }

func newOtter() otterCache { return otterCache{otter.Must(&otter.Options[string, string]{})} }

func (c otterCache) get(key string) (string, error) {
	value, found := c.GetIfPresent(key)
	if !found {
		return "", errAbsent
	}
	return value, nil
}

func (c otterCache) set(key, value string) error {
	c.Set(key, value)
	return nil
}

func (c otterCache) keys() iter.Seq[string] { return c.Keys() }

// listedTexts is a store of strings that can go through all its keys.
type listedTexts interface {
	texts
	keys() iter.Seq[string]
}

// textsInMemory is a side of strings alone.
func textsInMemory(name string, make func() listedTexts) side {
	return side{
		name: name,
		open: func(b *testing.B) operations {
			s := make()
			fillTexts(b, s, otherCount)
			games, children := seedTexts(b, s, name), name+":children:"
			return textTasks(b, s, name).with(documentTasks(b, s, name)).with(operations{
				readMany: reads(ratings(), func() (int, error) { return textsMany(s, games) }),
				listChildren: reads(childCount, func() (count int, _ error) {
					for key := range s.keys() {
						if strings.HasPrefix(key, children) {
							count++
						}
					}
					return count, nil
				}),
			})
		},
		fill: func(b *testing.B, count int) any {
			s := make()
			fillTexts(b, s, count)
			return s
		},
		lacks: map[task]string{
			addMember: "no sets", hasMember: "no sets", addScored: "no sorted sets", rangeScored: "no sorted sets",
			sumSlots: "no bitsets", batch: "no batches",
		},
	}
}

// seedTexts stores many documents and children, and returns the keys of the documents.
func seedTexts(b *testing.B, s texts, name string) []string {
	b.Helper()
	for i := range childCount {
		must(b, s.set(fmt.Sprintf("%s:children:%d", name, i), text))
	}
	keys := documentKeys(name)
	for i, key := range keys {
		encoded, err := marshal(fixture.GameOf(i))
		must(b, err)
		must(b, s.set(key, encoded))
	}
	return keys
}

func textsMany(s texts, keys []string) (sum int, err error) {
	for _, key := range keys {
		encoded, err := s.get(key)
		if err != nil {
			return 0, err
		}
		game, err := unmarshal(encoded)
		if err != nil {
			return 0, err
		}
		sum += game.Rating
	}
	return sum, nil
}
