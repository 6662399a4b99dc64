package redisdriver

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// As CLIENT UNBLOCK may come before the wait, it is repeated after unblockPause.
	unblockPause = 5 * time.Millisecond

	// shortSlice is how long a server waits at a time that cannot be told to stop. To close
	// the connection instead would lose what is pushed in that moment: Redis hands elements
	// to a client of which it knows already that it has gone.
	shortSlice = 100 * time.Millisecond
)

// unblocking is what a driver knows of its right to CLIENT UNBLOCK on a server.
type unblocking struct{ state atomic.Int32 }

const (
	unknown int32 = iota
	asked         // somebody is about to know
	granted
	refused
)

// unblockingOf is what is known of the server of node.
func (d *Driver) unblockingOf(node *redis.Client) *unblocking {
	right, _ := d.unblocks.LoadOrStore(node.Options().Addr, new(unblocking))
	return right.(*unblocking)
}

// identify is the id by which a wait on conn may be given up, if it may. The first to come
// finds that out, by unblocking nobody.
func (u *unblocking) identify(ctx context.Context, conn *redis.Conn) (id int64, may bool, err error) {
	if u.state.Load() == granted {
		if id, err = conn.ClientID(ctx).Result(); !isForbidden(err) {
			return id, true, err
		}
		u.state.Store(refused) // from now on
	}
	if !u.state.CompareAndSwap(unknown, asked) {
		return 0, false, nil
	}
	var own, nobody *redis.IntCmd
	_, err = conn.Pipelined(ctx, func(p redis.Pipeliner) error {
		own, nobody = p.ClientID(ctx), p.ClientUnblock(ctx, 0)
		return nil
	})
	switch {
	case err == nil:
		u.state.Store(granted)
		return own.Val(), true, nil
	case isForbidden(own.Err()) || isForbidden(nobody.Err()):
		u.state.Store(refused)
		return 0, false, nil
	}
	u.state.Store(unknown)
	return 0, false, err
}

// isForbidden reports that a user, or anybody, may not use a command on a server.
func isForbidden(err error) bool {
	return redis.IsPermissionError(err) || redis.HasErrorPrefix(err, "unknown command") || redis.HasErrorPrefix(err, "unknown subcommand")
}

// unblock asks the server to give the wait up until it has, and only then gives the
// connection back, lest somebody else's wait on it be given up. Where it may not ask, the
// slice is short.
func (b *blocked) unblock() {
	defer func() { _ = b.conn.Close() }()
	select {
	case id := <-b.began:
		for b.right.state.Load() == granted {
			// It goes through go-redis's pool for pipelines, as waits may hold every connection
			// of the other.
			_, err := b.node.Pipelined(context.Background(), func(p redis.Pipeliner) error {
				return p.ClientUnblock(context.Background(), id).Err()
			})
			if isForbidden(err) { // no longer allowed
				b.right.state.Store(refused)
			}
			select {
			case <-b.ended:
				return
			case <-time.After(unblockPause):
			}
		}
		<-b.ended
	case <-b.ended:
	}
}
