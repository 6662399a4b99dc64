package kv

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Handle calls fn for each entry that Consume delivers, Concurrency of them side by side, and
// acknowledges it where fn returns nil. Where fn returns an error or panics, or the entry is
// ErrCorrupt, it comes again, after RetryAfter or ClaimAfter, or goes to the DeadLetters after its last
// try; OnFailure is told. An fn that calls the delivery's Ack or Retry has decided that itself.
//
// Handle ends like Consume: with the error of the context, or another. It fetches nothing more then,
// hands back what no handler has begun with, and waits for those that run, whose context goes on.
//
// Of a group with DeadLetters an entry that is delivered for the last time, and not for the first, is
// handled alone: this consumer waits for what runs before it fetches it, and begins with nothing before its end.
//
// Of a group that is OrderedBy a key, entries of the same key are handled one after the other, in the
// order in which they were delivered to this consumer. One that fails is tried again in its place after RetryAfter,
// or a second, and within half of ClaimAfter, while the others of its key wait. What was taken over from
// others may come after what is newer; that two consumers never work at one key is for the
// sender to see to, with a stream each.
//
// Round trips are those of Consume and one for each entry (XACK).
func (g StreamGroup[T]) Handle(ctx context.Context, consumer string, fn func(ctx context.Context, delivery Delivery[T]) error, options ...HandleOption) (err error) {
	if fn == nil {
		return g.stream.at.lacksFunction("Handle")
	}
	settings := newConsumption()
	for option := range given(options) {
		option.handle(&settings)
	}
	settings.stays = true // until the handlers have ended
	h := handling[T]{consumption: settings, group: g, fn: fn, ending: ctx, places: make(chan struct{}, max(settings.concurrency, 1)), tails: map[string]chan struct{}{}}
	settings.alone = h.running.Wait
	h.places <- struct{}{}
	for delivery, failed := range g.consume(ctx, "Handle", consumer, settings) {
		if failed != nil && !errors.Is(failed, ErrCorrupt) {
			err = failed
			break
		}
		h.start(delivery, failed)
		if delivery.Deliveries > 1 && delivery.last() {
			h.running.Wait() // nothing is begun beside it
		}
		select {
		case h.places <- struct{}{}:
			continue
		case <-ctx.Done():
		}
		err = g.stream.at.fail("Handle", ctx.Err())
		break
	}
	h.running.Wait()
	if !errors.Is(err, ErrInvalid) { // it has begun
		g.leave(ctx, consumer, settings.heir)
	}
	return err
}

// OrderedBy is the group with an order for Handle: entries of the same key are never handled
// side by side. No round trip.
func (g StreamGroup[T]) OrderedBy(key func(value T) string) StreamGroup[T] {
	g.order = key
	return g
}

// handling is a Handle under way.
type handling[T any] struct {
	consumption
	group   StreamGroup[T]
	fn      func(ctx context.Context, delivery Delivery[T]) error
	ending  context.Context // once it ends, nothing is begun
	places  chan struct{}   // has as many as run, and one for what is delivered next
	running sync.WaitGroup
	tails   map[string]chan struct{} // by key: closed when its last entry is done with
}

// start begins with an entry, or with what failed about it already.
func (h *handling[T]) start(d Delivery[T], failed error) {
	var before chan struct{}
	done := make(chan struct{})
	if h.group.order != nil && failed == nil {
		key := h.group.order(d.Value)
		before = h.queue(key, done)
	}
	d.settled = new(atomic.Bool)
	h.running.Go(func() {
		defer func() { <-h.places }()
		defer close(done)
		ctx := context.WithoutCancel(h.ending)
		if before == nil || h.waited(ctx, before, d) {
			h.handle(ctx, d, failed)
		}
	})
}

// queue puts an entry behind those of its key, and returns what it has to wait for.
func (h *handling[T]) queue(key string, done chan struct{}) (before chan struct{}) {
	if len(h.tails) > 2*cap(h.places) {
		for key, tail := range h.tails {
			select {
			case <-tail:
				delete(h.tails, key)
			default:
			}
		}
	}
	before = h.tails[key]
	h.tails[key] = done
	return before
}

// waited waits for the entry of the same key before, and reports whether this one is to be
// handled: it may have been claimed meanwhile.
func (h *handling[T]) waited(ctx context.Context, before chan struct{}, d Delivery[T]) bool {
	<-before
	idle, deliveries := time.Duration(0), int64(0)
	if h.ending.Err() != nil {
		idle, deliveries = h.claimAfter, -1 // it is handed back
	}
	own, err := h.group.own(ctx, "Handle", d.consumer, idle, deliveries, d.ID)
	h.report(d, err)
	return own == 1 && h.ending.Err() == nil
}

// handle calls the handler until it is decided what becomes of the entry.
func (h *handling[T]) handle(ctx context.Context, d Delivery[T], failed error) {
	for {
		if failed == nil {
			if failed = panicAsError(func() error { return h.fn(ctx, d) }); failed != nil && d.last() && !d.settled.Load() {
				failed = lastTry(d.Deliveries, failed)
			}
		}
		settled := d.settled.Load()
		if failed == nil {
			if !settled {
				_, err := d.Ack(ctx)
				h.report(d, err)
			}
			return
		}
		h.report(d, failed)
		switch {
		case settled:
			return
		case h.group.order != nil && !d.last() && !errors.Is(failed, ErrCorrupt) && pause(h.ending, h.inPlace()) == nil:
			own, err := h.group.own(ctx, "Handle", d.consumer, 0, 1, d.ID)
			if h.report(d, err); own == 0 {
				return // somebody else has it
			}
			d.Deliveries, d.Idle, failed = d.Deliveries+1, h.inPlace(), nil
			continue
		case h.retries || d.last():
			_, err := d.Retry(ctx, h.retryAfter)
			h.report(d, err)
		}
		return
	}
}

// inPlace is the pause between two tries of an entry for which others of its key wait.
func (h *handling[T]) inPlace() time.Duration {
	delay := time.Second
	if h.retries {
		delay = h.retryAfter
	}
	if h.claimAfter > 0 {
		delay = min(delay, h.claimAfter/2)
	}
	return delay
}

func (h *handling[T]) report(d Delivery[T], err error) {
	var told *Error
	switch {
	case err == nil:
	case errors.As(err, &told) && told.Op == "Handle": // with the entry
		h.onFailure(err)
	default:
		h.onFailure(h.group.stream.at.fail("Handle", fmt.Errorf("entry %s: %w", d.ID, err)))
	}
}
