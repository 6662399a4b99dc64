package redisdriver

import (
	"context"
	"iter"
	"sync"
)

// Follow tells of changes of keys as drivers.Follower says: of those that any client makes, in any
// database of the server, and of keys that expire or are evicted, once the server removes them
// ([CLIENT TRACKING] in its broadcasting mode). The server needs no configuration.
//
// All who follow by one Driver share one connection to each master. It is not of the client's
// pool, but made as the client makes its own, and speaks RESP3 whatever those speak: a server that cannot is
// errors.ErrUnsupported. A user who may not use CLIENT TRACKING gets drivers.ErrDenied; one who may
// learns the names of all keys below those followed, and of those that begin likewise.
//
// Where a connection is lost, or a server is no master any more, all miss something, at once; so
// they do where a server is silent for three seconds, where databases are emptied, and where
// another server answers the client, or a cluster has other masters, which is looked for every five
// seconds. It is tried again until there is a connection to every master: what has been ready once
// ends for no server that cannot be reached. See the package's doc for clusters.
//
// A loop that falls more than 16,384 keys behind misses some, and learns so; it keeps nobody
// else waiting.
//
// [CLIENT TRACKING]: https://redis.io/docs/latest/commands/client-tracking/
func (d *Driver) Follow(ctx context.Context, keys []string, ready func()) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := d.admit(ctx); err != nil {
			yield("", err)
			return
		}
		t := d.follows.join(d)
		defer d.follows.leave(t)
		f := t.hub.Join(keys, false)
		defer f.Leave()
		t.admit()
		f.Each(ready, func(some <-chan struct{}) error {
			select {
			case <-some:
			case <-ctx.Done():
			case <-d.closing:
			}
			return d.admit(ctx)
		})(yield)
	}
}

// follows is the tracker of a driver, which there is while somebody follows.
type follows struct {
	mu        sync.Mutex
	tracker   *tracker
	followers int
	learns    sync.Once // of new nodes of a cluster
}

// join is the tracker for one more follower.
func (f *follows) join(d *Driver) *tracker {
	f.learns.Do(func() { learnOfNodes(d) })
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.tracker == nil {
		f.tracker = newTracker(d)
	}
	f.followers++
	return f.tracker
}

// leave ends the tracker with its last follower.
func (f *follows) leave(t *tracker) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.followers--; f.followers == 0 {
		t.end()
		f.tracker = nil
	}
}

// end ends the tracker, whose followers are about to leave.
func (f *follows) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.tracker != nil {
		f.tracker.end()
	}
}

// present is the tracker, if there is one.
func (f *follows) present() *tracker {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tracker
}
