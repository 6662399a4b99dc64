package near

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/following"
)

// largest is the part of all that may be kept that one key may take: a sixteenth.
const largest = 16

// cache is what is kept of keys, an entry each, while it is heard of what changes.
type cache struct {
	entries *otter.Cache[string, *entry]
	largest int
	seed    maphash.Seed
	stripes [1024]stripe
	clock   func() time.Time
	began   time.Time
	// heard are the keys below which it is heard of what changes; nil while it is not.
	heard   atomic.Pointer[map[string]struct{}]
	counter *stats.Counter
	dropped atomic.Int64
}

// stripe guards the entries of those keys that fall to it. A drop of any of them takes away all the places
// that were reserved for them before: some too many, which does no harm.
type stripe struct {
	sync.Mutex
	drops uint64
}

func newCache(bytes uint64, clock func() time.Time) *cache {
	c := &cache{largest: int(bytes / largest), seed: maphash.MakeSeed(), clock: clock, began: clock(), counter: stats.NewCounter()}
	c.entries = otter.Must(&otter.Options[string, *entry]{
		MaximumWeight: bytes,
		Weigher:       func(_ string, e *entry) uint32 { return uint32(e.weight) },
		StatsRecorder: &evictions{counter: c.counter},
	})
	return c
}

// evictions records no more than those: what is a hit is not for the store of entries to say.
type evictions struct {
	stats.NoopRecorder
	counter *stats.Counter
}

// RecordEviction implements stats.Recorder.
func (e *evictions) RecordEviction(weight uint32) { e.counter.RecordEviction(weight) }

// now is the time since the cache was made.
func (c *cache) now() time.Duration { return c.clock().Sub(c.began) }

func (c *cache) stripe(key string) *stripe {
	return &c.stripes[maphash.String(c.seed, key)%uint64(len(c.stripes))]
}

// Kept implements drivers.NearCache.
func (c *cache) Kept(key string, read drivers.NearRead) *drivers.NearReply {
	if c.heard.Load() != nil {
		if entry, there := c.entries.GetIfPresent(key); there {
			if reply := entry.kept(read, c); reply != nil {
				c.counter.RecordHits(1)
				return reply
			}
		}
	}
	c.counter.RecordMisses(1)
	return nil
}

// Reserve implements drivers.NearCache.
func (c *cache) Reserve(key string, read drivers.NearRead) (keep func(reply *drivers.NearReply, left time.Duration)) {
	stripe := c.stripe(key)
	stripe.Lock()
	drops := stripe.drops // before it looks whether it is heard: what is missed after that counts as a drop
	stripe.Unlock()
	if !c.hears(key) {
		return nil
	}
	sent := c.now()
	return func(reply *drivers.NearReply, left time.Duration) {
		if left == 0 {
			return
		}
		stripe.Lock()
		defer stripe.Unlock()
		if stripe.drops == drops {
			c.keep(key, read, place{reply, sent}, left)
		}
	}
}

// hears reports whether it is heard of changes of key.
func (c *cache) hears(key string) bool {
	heard := c.heard.Load()
	return heard != nil && following.Covers(*heard, key)
}

// keep puts a reply into the entry of its key, whose stripe is locked.
func (c *cache) keep(key string, read drivers.NearRead, at place, left time.Duration) {
	weight := weightOf(read, at.reply)
	if overhead+len(key)+weight > c.largest {
		return
	}
	kept, there := c.entries.GetEntryQuietly(key)
	entry := kept.Value
	if !there || entry.over(c) || entry.weight+weight > c.largest {
		entry = newEntry(key)
	}
	if entry.put(read, at, weight, left) {
		c.entries.Set(key, entry)
	}
}

// drop is for the news that key has changed.
func (c *cache) drop(key string) {
	if c.forget(key) {
		c.dropped.Add(1)
	}
}

// written is for the end of what may have changed keys.
func (c *cache) written(keys []string) {
	for _, key := range keys {
		c.forget(key)
	}
}

// forget drops what is kept of key, and what is about to be.
func (c *cache) forget(key string) (there bool) {
	stripe := c.stripe(key)
	stripe.Lock()
	defer stripe.Unlock()
	stripe.drops++
	_, there = c.entries.Invalidate(key)
	return there
}

// hear lets what lies below keys be kept from now on.
func (c *cache) hear(keys map[string]struct{}) { c.heard.Store(&keys) }

// empty drops all that is kept, and what is about to be, and lets nothing be kept.
func (c *cache) empty() {
	c.heard.Store(nil)
	for i := range c.stripes {
		stripe := &c.stripes[i]
		stripe.Lock()
		stripe.drops++
		stripe.Unlock()
	}
	c.entries.InvalidateAll()
}

func (c *cache) stats() drivers.NearStats {
	c.entries.CleanUp() // what is too much goes by and by
	counted := c.counter.Snapshot()
	return drivers.NearStats{
		Hits: int64(counted.Hits), Misses: int64(counted.Misses), Evictions: int64(counted.Evictions),
		Dropped: c.dropped.Load(), Keys: int64(c.entries.EstimatedSize()), Bytes: int64(c.entries.WeightedSize()),
	}
}
