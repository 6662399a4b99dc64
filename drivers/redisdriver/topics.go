package redisdriver

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// topicHandlers are those of channels of messages.
var topicHandlers = handlers{
	{drivers.OpPublish, handler{call: withValue("publish"), reply: integer}},
}

// publishSharded is OpPublish in a cluster, where a plain message would go to every node.
var publishSharded = handler{call: withValue("spublish"), reply: integer, writes: true, joins: true}

const (
	// A server that has said nothing for silenceLimit, though it was asked to every
	// pingPause, is taken for dead.
	pingPause    = 5 * time.Second
	silenceLimit = 3 * pingPause
	// resubscribePause is how long to wait after a connection that could not be made.
	resubscribePause = 100 * time.Millisecond
)

// Subscribe listens to a channel, on a connection of its own ([SUBSCRIBE]; in a cluster
// [SSUBSCRIBE]).
//
// [SUBSCRIBE]: https://redis.io/docs/latest/commands/subscribe/
// [SSUBSCRIBE]: https://redis.io/docs/latest/commands/ssubscribe/
func (d *Driver) Subscribe(ctx context.Context, cmd drivers.Command, ready func()) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := d.admit(ctx); err != nil {
			yield("", err)
			return
		}
		listening, cancel := context.WithCancel(ctx)
		defer cancel()
		l := listener{driver: d, channel: cmd.Key, ready: ready, yield: yield}
		for {
			err := l.listen(listening)
			switch {
			case l.stopped:
				return
			case ctx.Err() != nil:
				yield("", ctx.Err())
				return
			case d.closed.Load():
				yield("", drivers.ErrClosed)
				return
			case !l.goesOn(err):
				yield("", classify(ctx, err, false))
				return
			}
			d.reload(ctx)
			select {
			case <-ctx.Done():
			case <-d.closing:
			case <-time.After(resubscribePause):
			}
		}
	}
}

// listener is a subscription, which outlives its connections.
type listener struct {
	driver  *Driver
	channel string
	ready   func()
	yield   func(string, error) bool
	begun   bool // it has listened
	stopped bool // the loop was ended
}

// listen yields what comes on one connection until that ends, and returns why it did. A
// connection that is being made, or is to be given up, keeps nobody from ending the loop.
func (l *listener) listen(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	arrived := make(chan arrival)
	go l.receive(ctx, arrived)
	for !l.stopped {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.driver.closing:
			return drivers.ErrClosed
		case next := <-arrived:
			if err := l.hand(next); err != nil {
				return err
			}
		}
	}
	return nil
}

// arrival is what a connection brought, or why it ended.
type arrival struct {
	received any
	err      error
}

// hand yields what has arrived.
func (l *listener) hand(next arrival) error {
	switch received := next.received.(type) {
	case *redis.Subscription:
		switch {
		case received.Kind != "subscribe" && received.Kind != "ssubscribe":
			return errMoved
		case l.begun:
			l.stopped = !l.yield("", drivers.ErrMissed)
		default:
			l.begun = true
			l.ready()
		}
	case *redis.Message:
		l.stopped = !l.yield(received.Payload, nil)
	}
	return next.err
}

// receive makes a connection, and passes on what comes until the context ends. It outlasts
// that by a handshake at most, as go-redis does not end one with its context.
func (l *listener) receive(ctx context.Context, arrived chan<- arrival) {
	client := l.driver.client
	messages := client.Subscribe(ctx) // to nothing, which takes no connection
	subscribe := messages.Subscribe
	if l.driver.cluster != nil {
		subscribe = messages.SSubscribe
	}
	passOn := func(received any, err error) (goesOn bool) {
		select {
		case arrived <- arrival{received, err}:
			return err == nil
		case <-ctx.Done():
			return false
		}
	}
	goesOn := passOn(nil, subscribe(ctx, l.channel))
	var waiting atomic.Int64 // since when for a word of the server; 0 while the loop is busy
	go watch(ctx, messages, &waiting)
	for goesOn {
		waiting.Store(time.Now().UnixNano())
		received, err := messages.Receive(ctx)
		waiting.Store(0)
		goesOn = passOn(received, err)
	}
}

var errMoved = errors.New("redisdriver: the channel has moved to another server")

// watch ends a connection when it is no longer wanted, or is dead without having said so.
func watch(ctx context.Context, messages *redis.PubSub, waiting *atomic.Int64) {
	defer func() { _ = messages.Close() }()
	ticker := time.NewTicker(pingPause)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if since := waiting.Load(); since != 0 && time.Since(time.Unix(0, since)) > silenceLimit {
				return
			}
			_ = messages.Ping(ctx) // Receive notices what is wrong
		}
	}
}

// goesOn reports whether to listen again after a connection has ended: what the server
// refuses, or what never began, is for the caller to know.
func (l *listener) goesOn(err error) bool {
	var answer redis.Error
	if errors.As(err, &answer) {
		return errors.Is(classifyAnswer(err, answer.Error()), drivers.ErrUnavailable)
	}
	return l.begun
}
