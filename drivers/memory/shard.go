package memory

import (
	"math"
	"math/bits"
	"sync/atomic"

	"github.com/kvstore-go/kvstore/drivers"
)

// shardCount is a power of two, large enough that commands on different keys seldom meet.
const shardCount = 256

// shard is the part of the keys that share a lock. The zero shard has none: there are many in a driver, most
// of which a test never uses.
type shard struct {
	latch
	entries  entryTable
	due      deadlines
	watchers map[string][]*watchTransaction
	waiting  map[string]*queue // nil until somebody waits
	ready    []string          // keys that somebody waits for, changed since the shard was locked
	// untilNever is from the first deadline of due to never. It is read without the
	// lock, to pass by shards in which nothing is due.
	untilNever atomic.Int64
	_          [40]byte // to the end of a cache line
}

// soonest is the first deadline there is, or never.
func (s *shard) soonest() int64 { return never - s.untilNever.Load() }

// expires reports whether anything has a deadline, so that the time matters.
func (s *shard) expires() bool { return len(s.due) > 0 }

// locate is the shard of a key, and the hash by which its entry is found there.
func (d *Driver) locate(key string) (*shard, uint64) {
	hash := keyHash(key)
	return &d.shards[hash%shardCount], hash
}

func (d *Driver) shardOf(key string) *shard { return &d.shards[shardNumber(key)] }

// shardWith is the shard that an entry is in.
func (d *Driver) shardWith(e *entry) *shard { return &d.shards[e.hash%shardCount] }

func shardNumber(key string) uint64 { return keyHash(key) % shardCount }

// shardSet is the shards a command or batch locks.
type shardSet [shardCount / 64]uint64

func (set *shardSet) add(n uint64) { set[n/64] |= 1 << (n % 64) }

// allShards is every shard there is.
func allShards() (set shardSet) {
	for i := range set {
		set[i] = math.MaxUint64
	}
	return set
}

// each calls f in ascending order. As every lock of several shards is taken in
// this order, no two commands can wait for each other.
func (set *shardSet) each(f func(n int)) {
	for word, bitset := range set {
		for ; bitset != 0; bitset &= bitset - 1 {
			f(word*64 + bits.TrailingZeros64(bitset))
		}
	}
}

func (d *Driver) addKeys(set *shardSet, h *handler, cmd drivers.Command) {
	set.add(shardNumber(cmd.Key))
	if h.multiKey {
		for _, key := range cmd.Keys() {
			set.add(shardNumber(key))
		}
	}
	for i := range cmd.Indexes() {
		for key := range cmd.Indexes()[i].StoreKeys() {
			set.add(shardNumber(key))
		}
	}
}

// lockAll locks the shards of set and returns what unlocks them. Readers of
// several shards do not visit: each visit is to one latch.
func (d *Driver) lockAll(set shardSet, write bool) (unlock func()) {
	if write {
		d.lockSet(set)
		return func() { d.unlockAll(set) }
	}
	set.each(func(n int) { d.shards[n].mu.RLock() })
	return func() { set.each(func(n int) { d.shards[n].runlock(nil) }) }
}

func (d *Driver) lockSet(set shardSet) { set.each(func(n int) { d.shards[n].lock() }) }

// unlockAll ends a write of several shards, and serves those who wait for what it changed.
func (d *Driver) unlockAll(set shardSet) {
	var ready []string
	set.each(func(n int) {
		ready = append(ready, d.shards[n].takeReady()...)
		d.shards[n].unlock()
	})
	d.serve(ready)
}

// anyDue reports whether one of the shards has something whose time is over. They need not be locked.
func (d *Driver) anyDue(set shardSet) bool {
	found, now := false, int64(0)
	set.each(func(n int) {
		soonest := d.shards[n].soonest()
		if soonest != never && now == 0 {
			now = d.now()
		}
		found = found || soonest < now
	})
	return found
}

// anyExpires reports whether one of the locked shards has entries with a deadline.
func (d *Driver) anyExpires(set shardSet) bool {
	found := false
	set.each(func(n int) { found = found || d.shards[n].expires() })
	return found
}
