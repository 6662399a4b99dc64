package near

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/following"
)

// follower hears of what changes in a driver, for a cache.
type follower struct {
	driver drivers.Driver
	cache  *cache
	retry  time.Duration

	mu        sync.Mutex
	following *loop // the newest
	closed    bool
	err       error // why it does not follow
	missed    int64
	deafFrom  time.Time // zero while it hears, and before there is something to hear of
	deaf      time.Duration
}

// loop is one that follows the keys it was begun with.
type loop struct {
	keys map[string]struct{}
	end  context.CancelFunc
	done chan struct{}
}

func newFollower(driver drivers.Driver, cache *cache, retry time.Duration) *follower {
	return &follower{driver: driver, cache: cache, retry: retry}
}

// covering is a cache with what it has to hear of.
type covering struct {
	*cache
	follow *follower
}

// Cover implements drivers.NearCache.
func (c covering) Cover(keys []string) { c.follow.cover(keys) }

// cover follows keys beside those that it does. Where that are new ones it begins anew, as a loop cannot be told.
func (f *follower) cover(keys []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var before []string
	var after chan struct{}
	if f.following != nil {
		before, after = slices.Collect(maps.Keys(f.following.keys)), f.following.done
	}
	all := map[string]struct{}{}
	for _, key := range following.Collapse(slices.Concat(before, keys)) {
		all[key] = struct{}{}
	}
	if f.closed || f.following != nil && maps.Equal(all, f.following.keys) {
		return
	}
	if f.following != nil {
		f.following.end()
	}
	f.deafen()
	ctx, cancel := context.WithCancel(context.Background())
	f.following = &loop{keys: all, end: cancel, done: make(chan struct{})}
	go f.run(ctx, f.following, after)
}

// run follows, once the loop before it has ended, until the driver does not let it.
func (f *follower) run(ctx context.Context, l *loop, after <-chan struct{}) {
	defer close(l.done)
	if after != nil {
		<-after
	}
	for {
		for key, err := range drivers.Follow(ctx, f.driver, slices.Collect(maps.Keys(l.keys)), func() { f.hears(l) }) {
			switch {
			case err == nil:
				f.cache.drop(key)
			case errors.Is(err, drivers.ErrMissed):
				f.misses(l)
			case ctx.Err() == nil:
				f.fails(l, err)
			}
		}
		f.fails(l, nil) // whatever it ended with
		if !f.again(ctx) {
			return
		}
	}
}

// outOfReach is how long to wait for a store that cannot be reached, in the beginning: one that is lost later on
// is for its driver to find again.
const outOfReach = time.Second

// again waits until it is time to try again, and reports whether it is any use.
func (f *follower) again(ctx context.Context) bool {
	err := f.failure()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, drivers.ErrClosed) {
		return false
	}
	wait := f.retry
	if errors.Is(err, drivers.ErrUnavailable) {
		wait = min(wait, outOfReach)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// hears is for when a loop begins to hear of all that changes.
func (f *follower) hears(l *loop) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.following != l || f.closed {
		return
	}
	f.err = nil
	if !f.deafFrom.IsZero() {
		f.deaf += time.Since(f.deafFrom)
		f.deafFrom = time.Time{}
	}
	f.cache.hear(l.keys)
}

// misses is for when a loop has not heard of all that changed.
func (f *follower) misses(l *loop) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.following == l {
		f.missed++
		f.deafen()
	}
}

// fails is for when a loop ends, with an error or with that of before.
func (f *follower) fails(l *loop, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.following == l {
		f.err = cmp.Or(err, f.err)
		f.deafen()
	}
}

// deafen drops all, as changes are not heard of from now on.
func (f *follower) deafen() {
	f.cache.empty()
	if f.deafFrom.IsZero() {
		f.deafFrom = time.Now()
	}
}

func (f *follower) failure() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// stats is how often it missed something, and for how long it did not hear.
func (f *follower) stats() (missed int64, deaf time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	deaf = f.deaf
	if !f.deafFrom.IsZero() {
		deaf += time.Since(f.deafFrom)
	}
	return f.missed, deaf
}

// close ends the loop, and waits for it.
func (f *follower) close() {
	f.mu.Lock()
	f.closed, f.err = true, drivers.ErrClosed
	l := f.following
	f.deafen()
	f.mu.Unlock()
	if l != nil {
		l.end()
		<-l.done
	}
}
