package redisdriver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// waiting is how an Op waits on the server.
type waiting struct {
	// call is of the command that waits, no longer than limit.
	call func(cmd drivers.Command, limit time.Duration) call
	// reply is the type of its answer.
	reply replyType
	// after is the call that follows, where the Op has more to do than any command that
	// waits does. Nil, like one that does nothing, is enough for Indexes and Expiry.
	after func(cmd drivers.Command) call
}

const (
	// waitSlice is how long the server waits at a time. A server that dies without a word
	// is noticed after that and waitMargin. A client that does may be handed what is pushed
	// meanwhile.
	waitSlice  = 5 * time.Second
	waitMargin = 3 * time.Second

	// A server that has not confirmed within unblockLimit that a wait is over is left alone.
	unblockLimit = time.Second

	// elsewherePause is how soon a key that has moved, or is about to, is looked for again.
	elsewherePause = 50 * time.Millisecond
)

// Block executes cmd as soon as there is something to answer with: by the plain command
// and, if that finds nothing, by the one that waits, on a connection of its own. The package
// documentation says how.
func (d *Driver) Block(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	for {
		reply, err := d.try(ctx, cmd)
		if redis.HasErrorPrefix(err, "TRYAGAIN") { // some of its keys have moved, and nothing was executed
			time.Sleep(elsewherePause)
			continue
		}
		if err != nil || drivers.Answers(cmd, reply) {
			return reply, err
		}
		h := &table[cmd.Op]
		if h.waits == nil {
			return drivers.Reply{}, fmt.Errorf("redisdriver: waiting for %v: %w", cmd.Op, errors.ErrUnsupported)
		}
		reply, found, err := d.wait(ctx, h, cmd)
		switch {
		case found:
			return reply, d.follow(ctx, h, cmd)
		case isElsewhere(err):
			d.reload(ctx)
			time.Sleep(elsewherePause)
		case err != nil:
			return drivers.Reply{}, err
		}
	}
}

// try executes the plain command, which may take something out: so its answer is waited for
// a little longer than the context lasts.
func (d *Driver) try(ctx context.Context, cmd drivers.Command) (reply drivers.Reply, err error) {
	if err := d.admit(ctx); err != nil {
		return drivers.Reply{}, err
	}
	if ctx.Done() == nil || cmd.Op.Effect() == drivers.Reads {
		return d.do(ctx, cmd)
	}
	answered := make(chan struct{})
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-answered:
		case <-time.After(unblockLimit):
			cancel()
		}
	})
	defer stop()
	defer close(answered)
	if reply, err = d.do(lasting, cmd); lasting.Err() != nil && errors.Is(err, drivers.ErrIndeterminate) {
		err = drivers.Join(drivers.ErrIndeterminate, ctx.Err())
	}
	return reply, err
}

// isElsewhere reports an answer that says that the key is gone, or is on another server,
// and that nothing was executed.
func isElsewhere(err error) bool {
	for _, prefix := range []string{"UNBLOCKED", "MOVED", "ASK", "TRYAGAIN", "READONLY"} {
		if redis.HasErrorPrefix(err, prefix) {
			return true
		}
	}
	return false
}

// follow does what the command that waited could not do in the same step. What that has
// answered is given to the caller whatever comes of this.
func (d *Driver) follow(ctx context.Context, h *handler, cmd drivers.Command) error {
	var after call
	if h.waits.after != nil {
		after = h.waits.after(cmd)
	}
	if !after.does() {
		if !h.needsScript(&cmd) {
			return nil
		}
		key := cmd.Key
		if h.expires != nil {
			key = h.expires(cmd)
		}
		after = command("exists", key)
	}
	after = h.completed(after.readAs(&anything), &cmd)
	ctx = context.WithoutCancel(ctx) // what was taken out is not to be taken back
	step := func() error {
		_, err := d.execute(ctx, d.conn, h, cmd, after)
		return err
	}
	return d.retry(ctx, step(), step)
}

// wait waits on the server for a slice of time, or until the context or the driver ends,
// and reports whether the command was executed.
func (d *Driver) wait(ctx context.Context, h *handler, cmd drivers.Command) (reply drivers.Reply, found bool, err error) {
	node, err := d.nodeOf(ctx, cmd.Key)
	if err != nil {
		d.reloadAfter(ctx, err)
		return drivers.Reply{}, false, classify(ctx, err, false)
	}
	run, cancel := context.WithCancel(ctx)
	defer cancel()
	waits, short := h.waits.call(cmd, waitSlice), h.waits.call(cmd, shortSlice)
	b := blocked{
		shorten: func() { copy(waits.words, short.words) },
		node:    node, conn: node.WithTimeout(waitSlice + waitMargin).Conn(), right: d.unblockingOf(node),
		began: make(chan int64, 1), ended: make(chan struct{}),
	}
	b.make(ctx, h, waits.readAs(&h.waits.reply))
	go b.run(run)
	select {
	case <-b.ended:
		_ = b.conn.Close() // gives it back
	case <-ctx.Done():
		err = b.giveUp(ctx.Err())
	case <-d.closing:
		cancel()
		err = b.giveUp(drivers.ErrClosed)
	}
	if err != nil {
		return drivers.Reply{}, false, err
	}
	if err := b.answer.Err(); errors.Is(err, redis.Nil) || errors.Is(err, errNotBegun) {
		return drivers.Reply{}, false, nil
	}
	reply, err = d.outcome(context.WithoutCancel(ctx), &b.request, &cmd)
	return reply, err == nil, err
}

// nodeOf is the client of the server that has key.
func (d *Driver) nodeOf(ctx context.Context, key string) (*redis.Client, error) {
	switch client := d.client.(type) {
	case *redis.Client:
		return client, nil
	case interface {
		MasterForKey(ctx context.Context, key string) (*redis.Client, error)
	}:
		return client.MasterForKey(ctx, key)
	}
	return nil, fmt.Errorf("redisdriver: waiting with a %T: %w", d.client, errors.ErrUnsupported)
}

// blocked is a command that waits on the server.
type blocked struct {
	request
	shorten func() // makes it wait for a shortSlice, before it is sent
	node    *redis.Client
	conn    *redis.Conn
	right   *unblocking
	began   chan int64    // the connection's id, before the command is sent, where that can be unblocked
	ended   chan struct{} // closed once there is an answer
}

var errNotBegun = errors.New("ended before it began")

// run waits. The context does not end it, as what is taken out must be answered.
func (b *blocked) run(ctx context.Context) {
	defer close(b.ended)
	lasting := context.WithoutCancel(ctx)
	id, may, err := b.right.identify(lasting, b.conn)
	if err == nil && ctx.Err() != nil {
		err = errNotBegun
	}
	if err != nil {
		b.answer.SetErr(err)
		return
	}
	if may {
		b.began <- id
	} else {
		b.shorten()
	}
	wire := b.write
	if wire == nil {
		wire = &once{Cmder: b.answer}
	}
	_ = b.conn.Process(lasting, wire) // the command has the error
}

// giveUp ends the wait, and reports err only where the server does not confirm that.
func (b *blocked) giveUp(err error) error {
	go b.unblock()
	select {
	case <-b.ended:
		return nil
	case <-time.After(unblockLimit):
	}
	if b.write != nil && b.write.asked.Load() {
		return drivers.Join(drivers.ErrIndeterminate, err)
	}
	return err
}
