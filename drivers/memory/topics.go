package memory

import (
	"context"
	"iter"
	"slices"
	"sync"

	"github.com/kvstore-go/kvstore/drivers"
)

// topicHandlers are those of channels of messages.
func topicHandlers() handlers {
	return handlers{
		{drivers.OpPublish, handler{write: publish}},
	}
}

// topics is who listens to which channel.
type topics struct {
	mu        sync.Mutex
	listeners map[string][]*listener
}

// listener gets the messages of a channel. Who sends them does not wait for it.
type listener struct {
	waiting []string // at most listenerHolds
	missed  bool     // there were more
	some    chan struct{}
}

// listenerHolds is how many messages wait for a listener that is busy.
const listenerHolds = 1024

// publish stores nothing: no key is changed.
func publish(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	t := &ks.d.topics
	t.mu.Lock()
	defer t.mu.Unlock()
	got := 0
	for _, l := range t.listeners[cmd.Key] {
		if l.missed || len(l.waiting) == listenerHolds {
			l.missed = true
			continue
		}
		l.waiting = append(l.waiting, cmd.Value)
		got++
		select {
		case l.some <- struct{}{}:
		default: // it knows already
		}
	}
	return count(got)
}

func (t *topics) join(channel string) *listener {
	l := &listener{some: make(chan struct{}, 1)}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.listeners == nil {
		t.listeners = map[string][]*listener{}
	}
	t.listeners[channel] = append(t.listeners[channel], l)
	return l
}

func (t *topics) leave(channel string, l *listener) {
	t.mu.Lock()
	defer t.mu.Unlock()
	others := slices.DeleteFunc(t.listeners[channel], func(other *listener) bool { return other == l })
	if t.listeners[channel] = others; len(others) == 0 {
		delete(t.listeners, channel)
	}
}

// take is what waits for a listener, and whether it has missed what followed.
func (t *topics) take(l *listener) (messages []string, missed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	messages, missed = l.waiting, l.missed
	l.waiting, l.missed = nil, false
	return messages, missed
}

// Subscribe listens to a channel. A loop that falls more than a thousand messages behind
// misses some, and learns so.
func (d *Driver) Subscribe(ctx context.Context, cmd drivers.Command, ready func()) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := d.ready(ctx); err != nil {
			yield("", err)
			return
		}
		l := d.topics.join(cmd.Key)
		defer d.topics.leave(cmd.Key, l)
		ready()
		for {
			select {
			case <-l.some:
			case <-ctx.Done():
			case <-d.closing:
			}
			if err := d.ready(ctx); err != nil {
				yield("", err)
				return
			}
			messages, missed := d.topics.take(l)
			for _, message := range messages {
				if !yield(message, nil) {
					return
				}
			}
			if missed && !yield("", drivers.ErrMissed) {
				return
			}
		}
	}
}
