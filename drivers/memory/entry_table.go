package memory

import (
	"hash/maphash"
	"iter"
	"math"
)

// hashSeed is the same for all. Who does not know it cannot choose names that collide.
var hashSeed = maphash.MakeSeed()

// keyHash is what a name is found by: a key in its shard and there, a member in its set.
func keyHash(name string) uint64 { return maphash.String(hashSeed, name) }

// entryTable is the entries of a shard, found by key: an open-addressed hash table of pointers, as the
// entries have their keys and the hashes of them. It takes half the memory of a map, and a key that is
// hashed for its shard need not be hashed again. The zero entryTable is empty.
//
// The search for an entry begins at its home. One that is far from its home takes the place of one that
// is nearer, so that all are about as far, and a search ends where what it looks for would have done so.
// (P. Celis: Robin Hood Hashing, 1986.)
type entryTable struct {
	places []*entry // a power of two
	away   []uint8  // how far from its home what is at a place is, counted from 1; 0 where nothing is
	size   int
}

// home is made of other bits of a hash than the number of the shard.
func (t *entryTable) home(hash uint64) int { return int(hash/shardCount) & (len(t.places) - 1) }

func (t *entryTable) next(i int) int { return (i + 1) & (len(t.places) - 1) }

// find is the entry of a key, or nil.
func (t *entryTable) find(hash uint64, key string) *entry {
	last := len(t.away) - 1
	if last < 0 {
		return nil
	}
	i := t.home(hash)
	for away := uint8(1); ; away++ {
		at := t.away[i&last]
		if at < away {
			return nil
		}
		if at == away {
			if e := t.places[i&last]; e.hash == hash && e.key == key {
				return e
			}
		}
		i++
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
	i, away := t.home(e.hash), uint8(1)
	for ; t.away[i] != 0; i, away = t.next(i), away+1 {
		if t.away[i] < away {
			e, t.places[i] = t.places[i], e
			away, t.away[i] = t.away[i], away
		}
		if away == math.MaxUint8 {
			t.resize(2 * len(t.places))
			t.place(e)
			return
		}
	}
	t.places[i], t.away[i] = e, away
}

// remove takes out an entry that is there. Those behind it move nearer to their homes.
func (t *entryTable) remove(e *entry) {
	free := t.home(e.hash)
	for t.places[free] != e {
		free = t.next(free)
	}
	for i := t.next(free); t.away[i] > 1; free, i = i, t.next(i) {
		t.places[free], t.away[free] = t.places[i], t.away[i]-1
	}
	t.places[free], t.away[free] = nil, 0
	if t.size--; t.size < len(t.places)/8 {
		t.resize(len(t.places) / 4)
	}
}

// resize gives the entries so many places, which must be enough.
func (t *entryTable) resize(places int) {
	old := t.places
	t.places, t.away = make([]*entry, places), make([]uint8, places)
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
