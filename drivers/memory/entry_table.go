package memory

import (
	"hash/maphash"
	"iter"
)

// hashSeed is the same for all. Who does not know it cannot choose names that collide.
var hashSeed = maphash.MakeSeed()

// keyHash is what a name is found by: a key in its shard and there, a member in its set.
func keyHash(key string) uint64 { return maphash.String(hashSeed, key) }

// entryTable is the entries of a shard, found by key: an open-addressed hash table of pointers, as the
// entries have their keys and the hashes of them. It takes half the memory of a map, and a key that is
// hashed for its shard need not be hashed again. The zero entryTable is empty.
type entryTable struct {
	// places is where entries are, a power of two. The search for one begins at its home and ends at
	// a place that is free.
	places []*entry
	// tags tells of each place whether it is worth a look: 0 if it is free, or else a part of the hash.
	tags []uint8
	size int
}

// homeOf and tagOf are made of bits of a hash that its shard does not tell.
func (t *entryTable) homeOf(hash uint64) int { return int(hash/shardCount) & (len(t.places) - 1) }

func tagOf(hash uint64) uint8 { return uint8(hash>>57) | 1<<7 }

func (t *entryTable) next(i int) int { return (i + 1) & (len(t.places) - 1) }

// away is how far behind a search from home to i comes by.
func (t *entryTable) away(home, i int) int { return (i - home) & (len(t.places) - 1) }

// find is the entry of a key, or nil.
func (t *entryTable) find(hash uint64, key string) *entry {
	if t.size == 0 {
		return nil
	}
	tag := tagOf(hash)
	for i := t.homeOf(hash); ; i = t.next(i) {
		switch t.tags[i] {
		case tag:
			if e := t.places[i]; e.key == key {
				return e
			}
		case 0:
			return nil
		}
	}
}

// add puts in an entry whose key is not there.
func (t *entryTable) add(e *entry) {
	if t.size >= len(t.places)/8*7 {
		t.resize(max(8, 2*len(t.places)))
	}
	t.size++
	t.place(e)
}

func (t *entryTable) place(e *entry) {
	i := t.homeOf(e.hash)
	for t.tags[i] != 0 {
		i = t.next(i)
	}
	t.places[i], t.tags[i] = e, tagOf(e.hash)
}

// remove takes out an entry that is there. Those that it kept from their home move up.
func (t *entryTable) remove(e *entry) {
	free := t.homeOf(e.hash)
	for t.places[free] != e {
		free = t.next(free)
	}
	for i := t.next(free); t.tags[i] != 0; i = t.next(i) {
		home := t.homeOf(t.places[i].hash)
		if t.away(home, i) >= t.away(free, i) {
			t.places[free], t.tags[free] = t.places[i], t.tags[i]
			free = i
		}
	}
	t.places[free], t.tags[free] = nil, 0
	if t.size--; t.size < len(t.places)/8 {
		t.resize(len(t.places) / 4)
	}
}

// resize gives the entries so many places, which must be enough.
func (t *entryTable) resize(places int) {
	old := t.places
	t.places, t.tags = make([]*entry, places), make([]uint8, places)
	for _, e := range old {
		if e != nil {
			t.place(e)
		}
	}
}

// all goes through the entries, none of which may come or go meanwhile.
func (t *entryTable) all() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for _, e := range t.places {
			if e != nil && !yield(e) {
				return
			}
		}
	}
}
