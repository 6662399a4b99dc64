package redisdriver

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// connection is what a client and a transaction of go-redis have in common.
type connection interface {
	processor
	Pipeline() redis.Pipeliner
	TxPipeline() redis.Pipeliner
}

type processor interface {
	Process(ctx context.Context, cmd redis.Cmder) error
}

// executor executes commands and batches on a connection.
type executor struct {
	driver          *Driver
	conn            connection
	importing       bool           // conn leads to a server that is importing the slot
	honorsDeadlines bool           // conn ends its I/O at a context's deadline by itself
	pending         sync.WaitGroup // calls that are under way on goroutines of their own
	abandoned       atomic.Bool    // a call was left behind: a transaction cannot be used beside it
}

// request is a call under way, for a command. Its command stays where it is: a batch has many.
type request struct {
	handler *handler
	call    call
	answer  redis.Cmder // decodes the reply; not to be read once the request is abandoned
	write   *once       // what is sent instead of answer; nil for reads
}

func (r *request) make(ctx context.Context, h *handler, c call) {
	r.handler, r.call, r.answer = h, c, c.reply.command(ctx, c.words)
	if h.writes {
		r.write = &once{Cmder: r.answer}
	}
}

// wire is what go-redis sends.
func (r *request) wire() redis.Cmder {
	if r.write != nil {
		return r.write
	}
	return r.answer
}

func (e *executor) do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	h, err := e.driver.handlerOf(&cmd)
	if err != nil {
		return drivers.Reply{}, err
	}
	return e.execute(ctx, e.conn, h, cmd, h.callOf(&cmd))
}

// execute sends a call for a command by way of node.
func (e *executor) execute(ctx context.Context, node processor, h *handler, cmd drivers.Command, c call) (drivers.Reply, error) {
	reply, err := e.send(ctx, node, h, cmd, c)
	if err != nil && c.script != nil && redis.HasErrorPrefix(err, "NOSCRIPT") { // nothing was executed
		c.spellOut()
		return e.send(ctx, node, h, cmd, c)
	}
	return reply, err
}

func (e *executor) send(ctx context.Context, node processor, h *handler, cmd drivers.Command, c call) (drivers.Reply, error) {
	var r request
	r.make(ctx, h, c)
	if e.inline(ctx) {
		_ = node.Process(ctx, r.wire()) // the command has the error
	} else if err := e.sendInterruptibly(ctx, node, r); err != nil {
		return drivers.Reply{}, err
	}
	return e.driver.outcome(ctx, &r, &cmd)
}

func (e *executor) sendInterruptibly(ctx context.Context, node processor, r request) error {
	wire := r.wire()
	if e.interruptible(ctx, r.write, func() { _ = node.Process(ctx, wire) }) {
		return r.abandoned(ctx)
	}
	return nil
}

// noticeTime is how long a call whose context has ended may take to notice, as long
// as it has sent nothing: its own account of that is the better one.
const noticeTime = 20 * time.Millisecond

// signals are channels of interruptible that nobody is going to send on any more.
var signals = sync.Pool{New: func() any { return make(chan struct{}, 1) }}

// inline reports whether a call may run on its caller's goroutine, which spares the
// handing over: ctx cannot end, or go-redis sees to it that the call ends in time.
func (e *executor) inline(ctx context.Context) bool {
	if ctx.Done() == nil {
		return true
	}
	_, limited := ctx.Deadline()
	return limited && e.honorsDeadlines
}

// interruptible runs call on a goroutine of its own and waits for it, but no
// longer than ctx lasts, unless it may run inline. It reports whether it left the call behind. write is the
// call's first write, if there is one.
func (e *executor) interruptible(ctx context.Context, write *once, call func()) (abandoned bool) {
	if e.inline(ctx) {
		call()
		return false
	}
	ended := signals.Get().(chan struct{})
	e.pending.Add(1)
	go func() {
		defer e.pending.Done()
		call()
		ended <- struct{}{}
	}()
	select {
	case <-ended:
		signals.Put(ended)
		return false
	case <-ctx.Done():
	}
	if write != nil && !write.asked.Load() {
		select {
		case <-ended:
			signals.Put(ended)
			return false
		case <-time.After(noticeTime):
		}
	}
	e.abandoned.Store(true)
	return true
}

// outcome reads the reply of a request that has ended.
func (d *Driver) outcome(ctx context.Context, r *request, cmd *drivers.Command) (drivers.Reply, error) {
	err := r.answer.Err()
	if err != nil && r.handler.replyTo != nil {
		if reply, ok := r.handler.replyTo(err); ok {
			return reply, nil
		}
	}
	switch {
	case err == nil:
		return r.call.reply.reply(cmd, r.answer), nil
	case errors.Is(err, redis.Nil) || isOutOfRange(err):
		return drivers.Reply{Nil: true}, nil
	default:
		if unsupported := d.learn(r.handler, cmd, err); unsupported != nil {
			return drivers.Reply{}, unsupported
		}
		d.reloadAfter(ctx, err)
		return drivers.Reply{}, classify(ctx, err, r.write != nil && r.write.asked.Load())
	}
}

// once is a command that go-redis must not send a second time, alone or in a
// pipeline. It remembers whether go-redis has asked for its arguments: before
// that, it cannot have been sent. (Asking is not yet sending: a cluster client
// asks so as to find the node.)
type once struct {
	redis.Cmder
	asked atomic.Bool
}

func (o *once) NoRetry() bool { return true }

func (o *once) Args() []any {
	o.asked.Store(true)
	return o.Cmder.Args()
}
