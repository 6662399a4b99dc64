package near

import (
	"context"
	"io"
	"iter"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// Driver is a driver that keeps near what is read. It has all abilities of the driver inside, and no others
// but that of drivers.NearKeeper.
type Driver struct {
	driver drivers.Driver
	cache  *cache
	follow *follower
	near   drivers.NearCache // both
}

var (
	_ drivers.Batcher    = (*Driver)(nil)
	_ drivers.Watcher    = (*Driver)(nil)
	_ drivers.Scanner    = (*Driver)(nil)
	_ drivers.Blocker    = (*Driver)(nil)
	_ drivers.Subscriber = (*Driver)(nil)
	_ drivers.Follower   = (*Driver)(nil)
	_ drivers.Evicter    = (*Driver)(nil)
	_ drivers.Pinger     = (*Driver)(nil)
	_ drivers.NearKeeper = (*Driver)(nil)
	_ io.Closer          = (*Driver)(nil)
)

// An Option changes how New makes a Driver.
type Option func(*options)

type options struct {
	bytes uint64
	clock func() time.Time
	retry time.Duration
}

// MaxBytes bounds what is kept, see the package documentation: 64 MiB if nothing is said. It is at least one MiB.
func MaxBytes(bytes int64) Option {
	return func(o *options) { o.bytes = uint64(max(bytes, 1<<20)) }
}

// WithClock has times to live counted by now instead of time.Now, so that a test can move it. It must be
// safe for any number of goroutines, and should never go back.
func WithClock(now func() time.Time) Option {
	return func(o *options) {
		if now != nil {
			o.clock = now
		}
	}
}

// New makes a driver that keeps near what is read through it. It begins to follow driver when a schema is opened
// on it that declares something near. Close ends that, and closes driver. Of a nil driver it is nil.
func New(driver drivers.Driver, opts ...Option) *Driver {
	if driver = drivers.Use(driver); driver == nil { // or a nil pointer
		return nil
	}
	o := options{bytes: 64 << 20, clock: time.Now, retry: time.Minute}
	for _, option := range opts {
		if option != nil {
			option(&o)
		}
	}
	cache := newCache(o.bytes, o.clock)
	follow := newFollower(driver, cache, o.retry)
	return &Driver{driver: driver, cache: cache, follow: follow, near: covering{cache, follow}}
}

// Near implements drivers.NearKeeper.
func (d *Driver) Near() drivers.NearCache { return d.near }

// Stats says how it did. See oteldriver.ObserveNear.
func (d *Driver) Stats() drivers.NearStats {
	stats := d.cache.stats()
	stats.Missed, stats.Deaf = d.follow.stats()
	return stats
}

// Err is why nothing is kept, if the driver inside does not let itself be followed: it cannot
// (errors.ErrUnsupported), is not allowed to (drivers.ErrDenied), is out of reach, was closed. Reads work as ever
// then. What is not allowed is tried again every minute, and what is out of reach every second. It is nil while it is
// being followed, or about to be.
func (d *Driver) Err() error { return d.follow.failure() }

// Do implements drivers.Driver.
func (d *Driver) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	if cmd.Op.Effect() == drivers.Writes {
		defer d.cache.written(cmd.Written())
	}
	return d.driver.Do(ctx, cmd)
}

// DoBatch implements drivers.Batcher.
func (d *Driver) DoBatch(ctx context.Context, b *drivers.Batch) error {
	defer d.cache.written(writtenBy(b))
	return drivers.DoBatch(ctx, d.driver, b)
}

// writtenBy are the keys that a batch may change. Its commands are not looked at once it was executed: they may
// be changed by then.
func writtenBy(b *drivers.Batch) (keys []string) {
	for i := range b.Items {
		keys = append(keys, b.Items[i].Command.Written()...)
	}
	return keys
}

// Block implements drivers.Blocker.
func (d *Driver) Block(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	defer d.cache.written(cmd.Written())
	return drivers.Block(ctx, d.driver, cmd)
}

// Begin implements drivers.Watcher.
func (d *Driver) Begin(ctx context.Context, key string) (drivers.Transaction, error) {
	tx, err := drivers.Begin(ctx, d.driver, key)
	if err != nil {
		return nil, err
	}
	return transaction{tx, d.cache}, nil
}

// transaction drops what it has written.
type transaction struct {
	drivers.Transaction
	cache *cache
}

func (t transaction) DoBatch(ctx context.Context, b *drivers.Batch) error {
	defer t.cache.written(writtenBy(b))
	return t.Transaction.DoBatch(ctx, b)
}

// Scan implements drivers.Scanner.
func (d *Driver) Scan(ctx context.Context, cmd drivers.Command) iter.Seq2[string, error] {
	return drivers.Scan(ctx, d.driver, cmd)
}

// Subscribe implements drivers.Subscriber.
func (d *Driver) Subscribe(ctx context.Context, cmd drivers.Command, ready func()) iter.Seq2[string, error] {
	return drivers.Subscribe(ctx, d.driver, cmd, ready)
}

// Follow implements drivers.Follower.
func (d *Driver) Follow(ctx context.Context, keys []string, ready func()) iter.Seq2[string, error] {
	return drivers.Follow(ctx, d.driver, keys, ready)
}

// Evicts implements drivers.Evicter.
func (d *Driver) Evicts(ctx context.Context, key string) (bool, error) {
	return drivers.Evicts(ctx, d.driver, key)
}

// Ping implements drivers.Pinger.
func (d *Driver) Ping(ctx context.Context) error { return drivers.Ping(ctx, d.driver) }

// Close ends the following, drops all that is kept, and closes the driver inside.
func (d *Driver) Close() error {
	d.follow.close()
	return drivers.Close(d.driver)
}
