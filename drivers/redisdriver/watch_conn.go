package redisdriver

import (
	"context"
	"net"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// pinnedConn is a connection that a transaction has for itself.
type pinnedConn struct {
	executor
	at       server
	owner    *redis.Client // that of the server that has the slot; nil outside a cluster
	watched  map[string]bool
	released bool // EXEC has ended the watching, or the connection has
	leave    chan struct{}
	closed   chan error
}

// server is one of a cluster: the zero server is the one that has the slot, others are
// those it has sent us to.
type server struct {
	addr      string
	importing bool // the slot, which it does not have yet: it has to be told ASKING each time
}

// redirection is where an answer sends us.
func redirection(answer error) server {
	if addr, ask := redis.IsAskError(answer); ask {
		return server{addr, true}
	}
	addr, _ := redis.IsMovedError(answer)
	return server{addr: addr}
}

// pin takes a connection for a transaction.
func (d *Driver) pin(ctx context.Context, key string, at server) (*pinnedConn, error) {
	h := &pinnedConn{
		executor: executor{driver: d, honorsDeadlines: d.honorsDeadlines, importing: at.importing},
		at:       at, watched: map[string]bool{},
		leave: make(chan struct{}), closed: make(chan error, 1),
	}
	opened := make(chan *redis.Tx)
	go h.keep(ctx, key, opened)
	select {
	case tx := <-opened:
		h.conn = tx
		return h, nil
	case err := <-h.closed:
		return nil, err
	case <-ctx.Done():
		close(h.leave)
		return nil, ctx.Err()
	}
}

// keep keeps the connection until the caller leaves and what it has abandoned is
// over: go-redis's transactions are for one goroutine. Its context cannot end, lest
// the connection go back to the pool with its keys still watched.
func (h *pinnedConn) keep(ctx context.Context, key string, opened chan<- *redis.Tx) {
	ctx = context.WithoutCancel(ctx)
	watch := h.driver.client.Watch
	if h.driver.cluster != nil {
		node, done, err := h.node(ctx, key)
		if err != nil {
			h.closed <- err
			return
		}
		defer done()
		watch = node.Watch
	}
	h.closed <- watch(ctx, func(tx *redis.Tx) error {
		select {
		case opened <- tx:
			<-h.leave
			h.pending.Wait()
			if len(h.watched) > 0 && !h.released { // go-redis does not know of what leads a pipeline
				return tx.Unwatch(ctx).Err()
			}
		case <-h.leave:
		}
		return nil
	})
}

// node is the client of the server. One that the cluster client need not know yet - it may
// have no slots - is made for the transaction.
func (h *pinnedConn) node(ctx context.Context, key string) (node *redis.Client, done func(), err error) {
	h.owner, err = h.driver.cluster.MasterForKey(ctx, key)
	if err != nil || h.at.addr == "" {
		return h.owner, func() {}, err
	}
	options := *h.owner.Options()
	host, port, err := net.SplitHostPort(h.at.addr)
	if err != nil {
		return nil, nil, err
	}
	if host == "" { // that of who has sent us
		host, _, _ = net.SplitHostPort(options.Addr)
	}
	options.Addr = net.JoinHostPort(host, port)
	options.PoolSize, options.MinIdleConns, options.PipelinePoolSize = 1, 0, -1
	node = redis.NewClient(&options)
	return node, func() { _ = node.Close() }, nil
}

// read watches keys, but those it does already, and executes a batch of reads.
func (h *pinnedConn) read(ctx context.Context, b *drivers.Batch, keys []string) error {
	if err := h.ensureImported(ctx, keys); err != nil {
		h.abandoned.Store(true)
		err = classify(ctx, err, false)
		failAll(b, err)
		return err
	}
	watch := h.watch(ctx, keys)
	if len(watch) == 0 && len(b.Items) == 0 {
		return nil
	}
	err, _ := h.doBatch(ctx, b, watch)
	if h.abandoned.Load() {
		return contextErrorOr(ctx, err)
	}
	for _, cmd := range watch {
		if refusal := cmd.Err(); refusal != nil {
			h.abandoned.Store(true) // what was to be watched is not: it must not commit
			h.driver.reloadAfter(ctx, refusal)
			err = classify(ctx, refusal, false)
			failAll(b, err)
			return err
		}
	}
	return err
}

// watch makes the commands that watch those keys that are not watched yet.
func (h *pinnedConn) watch(ctx context.Context, keys []string) []redis.Cmder {
	var commands []redis.Cmder
	args := []any{"watch"}
	for _, key := range keys {
		if h.watched[key] {
			continue
		}
		h.watched[key] = true
		args = append(args, key)
		if h.importing { // of several keys, such a server must have all
			commands = append(commands, asking(ctx), &once{Cmder: redis.NewStatusCmd(ctx, args...)})
			args = []any{"watch"}
		}
	}
	if len(args) > 1 {
		commands = append(commands, &once{Cmder: redis.NewStatusCmd(ctx, args...)})
	}
	return commands
}

// ensureImported makes sure that keys are not where the slot still is, before a server that is about
// to get it is asked for them: it would take those it does not have yet for absent.
func (h *pinnedConn) ensureImported(ctx context.Context, keys []string) error {
	if !h.importing {
		return nil
	}
	pipe := h.owner.Pipeline()
	var looks []redis.Cmder
	for _, key := range keys {
		if !h.watched[key] {
			looks = append(looks, pipe.Exists(ctx, key))
		}
	}
	if len(looks) == 0 {
		return nil
	}
	if h.interruptible(ctx, nil, func() { _, _ = pipe.Exec(ctx) }) {
		return ctx.Err()
	}
	for _, look := range looks {
		err := look.Err()
		switch {
		case err == nil:
			return errSplit
		case !hasCode(err, "MOVED", "ASK"):
			return err
		}
	}
	return nil
}

// errSplit is what a server would answer that was asked for all keys at once.
var errSplit = answerLike(redis.TxFailedErr, "TRYAGAIN some of the keys have moved, others have not yet")
