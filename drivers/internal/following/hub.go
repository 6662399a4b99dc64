// Package following is what drivers share that tell their followers of changes.
package following

import (
	"iter"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/kvstore-go/kvstore/drivers"
)

// holds is how many keys wait for a loop that is busy. One that has more to hear of misses some.
const holds = 1 << 14

// Hub is those who follow the keys of a driver. Its zero value has none.
type Hub struct {
	number atomic.Int64 // of followers: where there is none nobody has to look
	mu     sync.Mutex
	of     map[string][]*Follower // by the keys that they follow
	all    map[*Follower]struct{}
}

// Follower is a loop that is told of changes.
type Follower struct {
	hub  *Hub
	keys []string
	some chan struct{} // has an element while there is something to hear of
	// Changed under hub.mu:
	changed map[string]struct{} // what it has yet to hear of
	missed  atomic.Bool         // and whether there was more
	hears   bool
	heard   bool  // it hears, or has at any time
	err     error // that ends it
}

// Join adds a follower of keys, and all below them. Whether it hears at once is the driver's to say.
func (h *Hub) Join(keys []string, hears bool) *Follower {
	f := &Follower{
		hub: h, keys: Collapse(keys), some: make(chan struct{}, 1),
		changed: map[string]struct{}{}, hears: hears, heard: hears,
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.of == nil {
		h.of, h.all = map[string][]*Follower{}, map[*Follower]struct{}{}
	}
	h.all[f] = struct{}{}
	for _, key := range f.keys {
		h.of[key] = append(h.of[key], f)
	}
	h.number.Add(1)
	return f
}

// Leave takes the follower out. It may be called once.
func (f *Follower) Leave() {
	h := f.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.all, f)
	for _, key := range f.keys {
		others := make([]*Follower, 0, len(h.of[key])-1)
		for _, other := range h.of[key] {
			if other != f {
				others = append(others, other)
			}
		}
		if h.of[key] = others; len(others) == 0 {
			delete(h.of, key)
		}
	}
	h.number.Add(-1)
}

// Changed tells those who follow key. O(segments of key), and nothing where nobody follows.
func (h *Hub) Changed(key string) {
	if h.number.Load() > 0 {
		h.tell(key)
	}
}

func (h *Hub) tell(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for above := range Lineage(key) {
		for _, f := range h.of[above] {
			f.tell(key)
		}
	}
}

func (f *Follower) tell(key string) {
	if !f.hears || f.missed.Load() {
		return
	}
	if len(f.changed) == holds {
		f.lose()
		return
	}
	f.changed[key] = struct{}{}
	f.wake()
}

// lose makes the follower miss whatever it has not heard of yet.
func (f *Follower) lose() {
	clear(f.changed)
	f.missed.Store(true)
	f.wake()
}

func (f *Follower) wake() {
	select {
	case f.some <- struct{}{}:
	default: // it knows already
	}
}

// take is what the follower has to hear of.
func (f *Follower) take() (changed map[string]struct{}, missed, hears bool, err error) {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	changed, missed = f.changed, f.missed.Swap(false)
	f.changed = map[string]struct{}{}
	return changed, missed, f.hears, f.err
}

// Each is the loop of a follower. wait returns when there is something to hear of, or at any other time,
// or with the error that ends it.
func (f *Follower) Each(ready func(), wait func(some <-chan struct{}) error) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		told := false // that it hears
		for {
			changed, missed, hears, err := f.take()
			for key := range changed {
				if f.missed.Load() { // which it is to learn first, and the rest with it
					break
				}
				if !yield(key, nil) {
					return
				}
			}
			if missed && told {
				if !yield("", drivers.ErrMissed) {
					return
				}
				told = false
			}
			if err != nil {
				yield("", err)
				return
			}
			if hears && !told {
				ready()
				told = true
			}
			if err := wait(f.some); err != nil {
				yield("", err)
				return
			}
		}
	}
}

// Lineage is a key and the keys that it lies below, the shortest first.
func Lineage(key string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range len(key) {
			if key[i] == separator && !yield(key[:i]) {
				return
			}
		}
		yield(key)
	}
}

const separator = ':'

// Collapse is keys, each once, without those that lie below others of them.
func Collapse(keys []string) []string {
	all := make(map[string]struct{}, len(keys))
	for _, key := range keys {
		all[key] = struct{}{}
	}
	var apart []string
	for key := range all {
		if last := strings.LastIndexByte(key, separator); last < 0 || !Covers(all, key[:last]) {
			apart = append(apart, strings.Clone(key))
		}
	}
	return apart
}

// Covers reports whether key is one of keys, or lies below one.
func Covers(keys map[string]struct{}, key string) bool {
	for above := range Lineage(key) {
		if _, there := keys[above]; there {
			return true
		}
	}
	return false
}
