package memory

import (
	"context"
	"io"
	"sync/atomic"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/internal/following"
)

// Driver is a store in memory. It implements drivers.Driver, drivers.Batcher,
// drivers.Watcher, drivers.Scanner, drivers.Blocker, drivers.Subscriber, drivers.Follower,
// drivers.TextReader and io.Closer, for any number of goroutines.
type Driver struct {
	shards  [shardCount]shard // first, so that they begin with a cache line
	clock   func() time.Time
	closed  atomic.Bool
	closing chan struct{} // closed by Close
	keyTree keyTree
	topics  topics
	follows following.Hub
}

var (
	_ drivers.Driver     = (*Driver)(nil)
	_ drivers.Batcher    = (*Driver)(nil)
	_ drivers.Watcher    = (*Driver)(nil)
	_ drivers.Scanner    = (*Driver)(nil)
	_ drivers.Blocker    = (*Driver)(nil)
	_ drivers.Subscriber = (*Driver)(nil)
	_ drivers.Follower   = (*Driver)(nil)
	_ drivers.TextReader = (*Driver)(nil)
	_ io.Closer          = (*Driver)(nil)
)

// An Option changes how New makes a Driver.
type Option func(*Driver)

// WithClock makes the driver read the time from now instead of time.Now, so that
// a test can move it. Commands call now while they hold locks: it must not call
// the driver.
//
// As in Redis, a value lives through the millisecond it ends in: move the clock past
// its time, not to it, to see it gone.
func WithClock(now func() time.Time) Option {
	return func(d *Driver) {
		if now != nil {
			d.clock = now
		}
	}
}

// New makes an empty store.
func New(opts ...Option) *Driver {
	tableOnce.Do(fillTable)
	d := &Driver{clock: time.Now, closing: make(chan struct{})}
	for _, opt := range opts {
		if opt != nil {
			opt(d)
		}
	}
	return d
}

// Do executes one command in O(1), or in the time the Redis command of the name takes.
func (d *Driver) Do(ctx context.Context, cmd drivers.Command) (reply drivers.Reply, err error) {
	if err := d.ready(ctx); err != nil {
		return reply, err
	}
	h, err := handlerOf(&cmd)
	switch {
	case err != nil:
	case h.reads():
		err = d.read(h, &cmd, &reply)
	case h.multiKey || len(cmd.Indexes()) > 0:
		reply, err = d.doSeveral(h, cmd)
	default:
		err = d.write(h, &cmd, &reply)
	}
	return reply, err
}

// ReadText implements drivers.TextReader.
func (d *Driver) ReadText(ctx context.Context, key string) (text string, exists bool, err error) {
	if err := d.ready(ctx); err != nil {
		return "", false, err
	}
	s, hash := d.locate(key)
	visit := s.rlock()
	e := s.entries.find(hash, key)
	switch {
	case e == nil:
	case e.more == nil:
		text, exists = e.text, true
	case e.mayEnd() && e.expired(d.now()):
	default:
		if err = isString(e); err == nil {
			text, exists = e.read(), true
		}
	}
	s.runlock(visit)
	return text, exists, err
}

// TextsOf implements drivers.TextReader.
func (d *Driver) TextsOf() drivers.Driver { return d }

// read is the short way for what looks at one entry. It asks for the time only
// if that entry has a deadline.
func (d *Driver) read(h *handler, cmd *drivers.Command, reply *drivers.Reply) error {
	s, hash := d.locate(cmd.Key)
	visit := s.rlock()
	e := s.entries.find(hash, cmd.Key)
	var now int64
	if e != nil && e.mayEnd() {
		switch now = d.now(); {
		case e.expired(now):
			e = nil
		case e.overdue(now): // fields are to be taken out
			s.runlock(visit)
			return d.write(h, cmd, reply)
		}
	}
	err := h.answer(e, now, cmd, reply)
	s.runlock(visit)
	return err
}

// write is the way of what looks at one entry and may change it. A text that stays and is replaced by another
// is spared the handler: whatever else the key holds, and a shard with something to sweep, is for that.
func (d *Driver) write(h *handler, cmd *drivers.Command, reply *drivers.Reply) (err error) {
	s, hash := d.locate(cmd.Key)
	s.lock()
	if e := s.replaceable(hash, cmd); e != nil {
		e.text = cmd.Value
		d.touch(s, cmd.Key)
	} else {
		*reply, err = d.keyspace(s.expires() || h.looksAtTime(cmd), true).run(h, cmd)
	}
	d.unlock(s)
	return err
}

// replaceable is the entry of a key that cmd does nothing to but give a text another.
func (s *shard) replaceable(hash uint64, cmd *drivers.Command) *entry {
	if cmd.Op != drivers.OpSet || !isPlain(cmd) || s.expires() {
		return nil
	}
	if e := s.entries.find(hash, cmd.Key); e != nil && e.more == nil {
		return e
	}
	return nil
}

func (d *Driver) doSeveral(h *handler, cmd drivers.Command) (drivers.Reply, error) {
	var locks shardSet
	d.addKeys(&locks, h, cmd)
	exclusive := len(cmd.Indexes()) > 0 || h.changes(&cmd)
	if len(cmd.Indexes()) > 0 {
		defer d.lockHolders(&locks, &cmd)()
	} else {
		defer d.lockAll(locks, exclusive)()
	}
	return d.keyspace(d.anyExpires(locks) || h.looksAtTime(&cmd), exclusive).run(h, &cmd)
}

// ready refuses what comes after Close or after the end of its context.
func (d *Driver) ready(ctx context.Context) error {
	if d.closed.Load() {
		return drivers.ErrClosed
	}
	return ctx.Err()
}

func (d *Driver) now() int64 { return d.clock().UnixMilli() }

// Close ends the store; every operation after it is drivers.ErrClosed. It may be called again.
func (d *Driver) Close() error {
	if !d.closed.Swap(true) {
		close(d.closing)
	}
	return nil
}

// Len is the number of keys there are, in O(shards) and whatever Sweep has to remove.
func (d *Driver) Len() int {
	d.Sweep()
	keys := 0
	for i := range d.shards {
		s := &d.shards[i]
		visit := s.rlock()
		keys += s.entries.size
		s.runlock(visit)
	}
	return keys
}
