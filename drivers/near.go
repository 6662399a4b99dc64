package drivers

import (
	"sync/atomic"
	"time"
)

// NearKeeper is the optional ability to keep what was read near: in the process, as long as nothing
// has changed.
type NearKeeper interface {
	// Near is what keeps it, or nil where nothing does.
	Near() NearCache
}

// NearCache keeps replies to reads of single keys near. It hears of what changes in the store, by
// whomever, and drops what it has of a key that did. A reply is kept from the moment on that it was
// read in, and is at most as old as the way of the news of a change; while nothing is heard, nothing is kept.
//
// It is for any number of goroutines. None of its methods takes a round trip.
type NearCache interface {
	// Cover lets what lies at keys, or below them, be kept from when it is heard of. What was kept of
	// others may be dropped for that.
	Cover(keys []string)
	// Kept is the reply to a read of key that is kept, or nil.
	Kept(key string, read NearRead) *NearReply
	// Reserve is called before a read of key is sent, and makes what keeps its reply; nil where
	// that cannot be. It keeps nothing where the key may have changed since. What is left of the
	// key's time to live is counted from Reserve on; a negative one is for ever.
	Reserve(key string, read NearRead) (keep func(reply *NearReply, left time.Duration))
}

// NearRead is a read of a key: one without arguments, or of one element, which is the command's Value.
type NearRead struct {
	Op      Op
	Element string
}

// NearReply is a reply that is kept near. It is shared by all who are given it, and so are its slices:
// nobody changes them.
type NearReply struct {
	Reply
	// Decoded is what was made of the reply, for whoever decodes it to keep beside it.
	Decoded atomic.Value
}

// NearStats says how a NearCache did. What is counted in all is so since it was made.
type NearStats struct {
	Hits, Misses int64         // reads that were answered from near, and those that were not, in all
	Evictions    int64         // keys that had to give way to others, in all
	Dropped      int64         // keys that were dropped because they had changed, in all
	Missed       int64         // how often changes may have gone by unheard, after which all was dropped, in all
	Deaf         time.Duration // for how long changes were not heard of, and so nothing was kept, in all
	Keys         int64         // that something is kept of now
	Bytes        int64         // what that takes now, as it is counted against the limit
}

// Near is what keeps near what is read through d, or nil if d is no NearKeeper.
func Near(d Driver) NearCache {
	if keeper, ok := d.(NearKeeper); ok && !isNil(d) {
		return keeper.Near()
	}
	return nil
}
