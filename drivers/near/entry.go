package near

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// overhead is what an entry, and what is kept of each element, takes beside texts.
const overhead = 256

// entry is what is kept of a key: one thing for all of it, so that it is dropped at once.
type entry struct {
	whole  atomic.Pointer[wholePlace]
	ends   atomic.Int64 // when the key's time is over
	weight int          // guarded by the stripe of the key

	mu       sync.RWMutex
	elements map[drivers.NearRead]place
}

// place has a reply, and when the read was sent.
type place struct {
	reply *drivers.NearReply
	sent  time.Duration
}

// wholePlace is that of a read without arguments.
type wholePlace struct {
	place
	op drivers.Op
}

func newEntry(key string) *entry {
	e := &entry{weight: overhead + len(key)}
	e.ends.Store(math.MaxInt64)
	return e
}

// over reports whether the key's time is over.
func (e *entry) over(c *cache) bool {
	ends := e.ends.Load()
	return ends != math.MaxInt64 && int64(c.now()) >= ends
}

// kept is the reply to a read, or nil.
func (e *entry) kept(read drivers.NearRead, c *cache) *drivers.NearReply {
	if e.over(c) {
		return nil
	}
	return e.at(read).reply
}

func (e *entry) at(read drivers.NearRead) place {
	if read.Element == "" {
		if whole := e.whole.Load(); whole != nil && whole.op == read.Op {
			return whole.place
		}
		return place{}
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.elements[read]
}

// put keeps a reply, unless it has one that was read later.
func (e *entry) put(read drivers.NearRead, at place, weight int, left time.Duration) bool {
	before := e.at(read)
	if before.reply != nil {
		if before.sent > at.sent {
			return false
		}
		weight -= weightOf(read, before.reply)
	}
	if left > 0 {
		e.ends.Store(min(e.ends.Load(), int64(at.sent+min(left, math.MaxInt64-at.sent))))
	}
	e.weight += weight
	if read.Element == "" {
		e.whole.Store(&wholePlace{at, read.Op})
		return true
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.elements == nil {
		e.elements = map[drivers.NearRead]place{}
	}
	e.elements[read] = at
	return true
}

// weightOf is what is counted of a reply.
func weightOf(read drivers.NearRead, reply *drivers.NearReply) int {
	weight := len(reply.Value)
	if read.Element != "" {
		weight += overhead + len(read.Element)
	}
	for _, value := range reply.Values {
		weight += len(value) + 16
	}
	return weight
}
