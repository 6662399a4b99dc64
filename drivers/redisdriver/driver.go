package redisdriver

import (
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// Driver executes commands on Redis. It is a drivers.Batcher, a drivers.Watcher,
// a drivers.Scanner, a drivers.Blocker, a drivers.Subscriber, a drivers.Follower, a drivers.Evicter,
// a drivers.Pinger and an io.Closer, for any number of goroutines.
type Driver struct {
	executor
	client   redis.UniversalClient
	cluster  cluster     // nil outside a cluster
	lines    lines       // to a single server
	linesOf  sync.Map    // *lines by the address of a server, in a cluster
	located  atomic.Bool // the servers of the cluster are known
	large    largeKeys   // which are not read in pipelines
	unblocks sync.Map    // *unblocking by the address of a server
	follows  follows
	initErr  error       // what makes every operation fail, found by New
	older    atomic.Bool // the server does not know what is newer
	retries  atomic.Int64
	closed   atomic.Bool
	closing  chan struct{} // closed by Close
}

var (
	_ drivers.Driver     = (*Driver)(nil)
	_ drivers.Batcher    = (*Driver)(nil)
	_ drivers.Watcher    = (*Driver)(nil)
	_ drivers.Scanner    = (*Driver)(nil)
	_ drivers.Blocker    = (*Driver)(nil)
	_ drivers.Subscriber = (*Driver)(nil)
	_ drivers.Follower   = (*Driver)(nil)
	_ drivers.Evicter    = (*Driver)(nil)
	_ drivers.Pinger     = (*Driver)(nil)
	_ io.Closer          = (*Driver)(nil)
)

// cluster is what a redis.ClusterClient offers beyond other clients.
type cluster interface {
	MasterForKey(ctx context.Context, key string) (*redis.Client, error)
	ForEachMaster(ctx context.Context, fn func(ctx context.Context, client *redis.Client) error) error
	ReloadState(ctx context.Context)
}

// New makes a driver of a client: a redis.Client, with or without Sentinel, or a
// redis.ClusterClient. The client stays the caller's: Close does not close it.
//
// A client that cannot be used, such as nil, makes every operation fail with
// drivers.ErrInvalid.
func New(client redis.UniversalClient) *Driver {
	d := &Driver{client: client, closing: make(chan struct{})}
	d.driver = d
	if d.initErr = checkClient(client); d.initErr != nil {
		return d
	}
	d.conn = client
	d.cluster, _ = client.(cluster)
	d.honorsDeadlines = honorsDeadlines(client)
	return d
}

func honorsDeadlines(client redis.UniversalClient) bool {
	switch client := client.(type) {
	case *redis.Client:
		return client.Options().ContextTimeoutEnabled
	case *redis.ClusterClient:
		return client.Options().ContextTimeoutEnabled
	}
	return false
}

func checkClient(client redis.UniversalClient) error {
	if value := reflect.ValueOf(client); !value.IsValid() || value.Kind() == reflect.Pointer && value.IsNil() {
		return drivers.Errorf(drivers.ErrInvalid, "redisdriver: the client is nil")
	}
	// They are known by what they alone can do: a type that is named here is linked, with its methods, into every program.
	switch client.(type) {
	case interface{ SetAddrs(addrs map[string]string) }, interface{ WaitClosed() error }: // a Ring, an AutoPipeliner
		return drivers.Errorf(drivers.ErrInvalid, "redisdriver: a %T cannot be used: pass a Client or a ClusterClient", client)
	}
	return nil
}

// Do executes one command.
func (d *Driver) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	if err := d.admit(ctx); err != nil {
		return drivers.Reply{}, err
	}
	reply, err := d.doTogether(ctx, cmd)
	if err != nil && d.isTransient(err) {
		err = d.retry(ctx, err, func() (err error) {
			reply, err = d.do(ctx, cmd)
			return err
		})
	}
	if err == nil && d.cluster != nil && !d.located.Load() {
		d.located.Store(true)
	}
	return reply, err
}

// DoBatch executes a batch in one round trip to each node that it concerns; an
// atomic one in [MULTI] and [EXEC].
//
// [MULTI]: https://redis.io/docs/latest/commands/multi/
// [EXEC]: https://redis.io/docs/latest/commands/exec/
func (d *Driver) DoBatch(ctx context.Context, b *drivers.Batch) error {
	if len(b.Items) == 0 {
		return nil
	}
	if err := d.admit(ctx); err != nil {
		b.Fail(err)
		return err
	}
	err, moving := d.doBatch(ctx, b, nil)
	switch {
	case !moving:
		return err
	case b.Atomic:
		err = d.retry(ctx, err, func() error { err, _ := d.doBatch(ctx, b, nil); return err })
		if over := ctx.Err(); over != nil && d.isTransient(b.Items[0].Err) { // it ended in a pause
			failAll(b, over)
		}
		return err
	}
	return d.retryRefused(ctx, b)
}

// Close ends the driver: every operation after it is drivers.ErrClosed. It does not
// close the client. It may be called twice.
func (d *Driver) Close() error {
	if d.closed.Swap(true) {
		return nil
	}
	close(d.closing)
	d.follows.end()
	return nil
}

// admit refuses what need not be tried.
func (d *Driver) admit(ctx context.Context) error {
	switch {
	case d.closed.Load():
		return drivers.ErrClosed
	case d.initErr != nil:
		return d.initErr
	}
	return ctx.Err()
}

// reloadAfter makes a cluster client look for new masters as soon as one cannot
// be reached: by itself it waits for its next periodic reload.
func (d *Driver) reloadAfter(ctx context.Context, err error) {
	if isDialError(err) && !errors.Is(err, context.Canceled) {
		d.reload(ctx)
	}
}

func (d *Driver) reload(ctx context.Context) {
	if d.cluster != nil {
		d.cluster.ReloadState(context.WithoutCancel(ctx))
	}
}

// Evicts implements drivers.Evicter: Redis drops keys of any kind where maxmemory is limited
// and maxmemory-policy is one of allkeys-…. Where the server does not answer INFO it is assumed not to.
// One round trip ([INFO] memory).
//
// [INFO]: https://redis.io/docs/latest/commands/info/
func (d *Driver) Evicts(ctx context.Context, key string) (bool, error) {
	if err := d.admit(ctx); err != nil {
		return false, err
	}
	node, err := d.nodeOf(ctx, key)
	if err != nil {
		return false, classify(ctx, err, false)
	}
	info := node.Info(ctx, "memory")
	if err := info.Err(); err != nil {
		if isAnswer(err) {
			return false, nil
		}
		return false, classify(ctx, err, false)
	}
	return evicts(info.Val()), nil
}

// evicts reads what INFO memory says. lua/index_before.lua reads it, too.
func evicts(info string) bool {
	return strings.Contains(info, "maxmemory_policy:allkeys") && !strings.Contains(info, "maxmemory:0\r")
}
