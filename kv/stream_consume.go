package kv

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

const (
	// consumePage is how many entries a consumer takes at a time.
	consumePage = 16
	// claimPause is how often a consumer looks for what others have left, at least.
	claimPause = 5 * time.Second
)

// Consume delivers to one consumer, each entry at least once: first what is pending for it
// already, as it may have crashed; then what was delivered to anybody, itself included, and
// not acknowledged for idle; then what is new; and so on, waiting, without end. The loop
// acknowledges what is done:
//
//	for delivery, err := range jobs.Group("workers").Consume(ctx, "worker-7", time.Minute) {
//		switch {
//		case errors.Is(err, kv.ErrCorrupt):
//			log.Print(err) // and never again
//		case err != nil:
//			return err
//		case work(delivery.Value) != nil:
//			continue // it comes again, to whoever is free
//		}
//		if _, err := delivery.Ack(ctx); err != nil {
//			return err
//		}
//	}
//
// The loop ends when it is left, with the error of the context, or with any other error
// but ErrCorrupt, which tells of one entry; to begin anew loses nothing. What is pending
// and was removed from the stream is acknowledged, as there is nothing to deliver.
//
// Entries are taken 16 at a time: idle must be longer than their work takes, or others
// begin with them, too. With an idle of 0 nothing is taken from others. One round trip for
// 16 entries (XREADGROUP), one more each time it waits, and one, after half of idle or
// five seconds, to look for what others have left (XAUTOCLAIM).
func (g StreamGroup[T]) Consume(ctx context.Context, consumer string, idle time.Duration) iter.Seq2[Delivery[T], error] {
	return func(yield func(Delivery[T], error) bool) {
		c := consuming[T]{StreamGroup: g, consumer: consumer, idle: idle, yield: yield}
		err := c.redeliverOwn(ctx)
		for err == nil {
			if err = c.claimAbandoned(ctx); err == nil {
				err = c.deliverNew(ctx)
			}
		}
		if !errors.Is(err, errEnough) {
			yield(Delivery[T]{}, g.stream.at.fail("Consume", err))
		}
	}
}

// consuming is a Consume under way.
type consuming[T any] struct {
	StreamGroup[T]
	consumer  string
	idle      time.Duration
	yield     func(Delivery[T], error) bool
	claimedAt time.Time // for what others have left
}

func (c *consuming[T]) hand(reply drivers.Reply) error {
	if !c.deliver("Consume", reply, c.yield) {
		return errEnough
	}
	return nil
}

// redeliverOwn hands over what is pending for the consumer.
func (c *consuming[T]) redeliverOwn(ctx context.Context) error {
	for after := firstID; ; {
		cmd := drivers.XReadGroupPending(c.name, c.consumer, after, consumePage)
		reply, err := c.do(ctx, "Consume", &cmd)
		if err != nil || len(reply.Ints) == 0 {
			return err
		}
		var removed []string
		for id, fields := range drivers.Entries(reply) {
			if after = id; fields == nil {
				removed = append(removed, id)
			}
		}
		if _, err := c.Ack(ctx, removed...); err != nil {
			return err
		}
		if err := c.hand(reply); err != nil {
			return err
		}
	}
}

// claimAbandoned hands over what anybody has left, if it is time to look for that.
func (c *consuming[T]) claimAbandoned(ctx context.Context) error {
	if c.idle <= 0 || time.Since(c.claimedAt) < c.pause() {
		return nil
	}
	for from := firstID; ; {
		reply, err := c.claimed(ctx, "Consume", c.consumer, c.idle, from, consumePage)
		if err == nil {
			err = c.hand(reply)
		}
		if from = reply.Value; err != nil || from == firstID {
			c.claimedAt = time.Now()
			return err
		}
	}
}

func (c *consuming[T]) pause() time.Duration {
	return max(min(c.idle/2, claimPause), 10*time.Millisecond)
}

// deliverNew waits for what nobody got yet, and hands it over. It waits no longer than until
// it is time to look for what others have left.
func (c *consuming[T]) deliverNew(ctx context.Context) error {
	waiting := ctx
	if c.idle > 0 {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, c.pause())
		defer cancel()
	}
	cmd := drivers.XReadGroup(c.name, c.consumer, consumePage)
	reply, err := c.stream.at.wait(waiting, "Consume", &cmd)
	switch {
	case err != nil && ctx.Err() == nil && errors.Is(waiting.Err(), context.DeadlineExceeded) && !errors.Is(err, ErrClosed):
		return nil // it is time; what may have been delivered and lost is found by then
	case err != nil:
		return err
	case reply.Nil:
		return c.unknown()
	}
	return c.hand(reply)
}

// unknown is the error of a group that was not created.
func (g StreamGroup[T]) unknown() error { return fmt.Errorf("%w: the group %q", ErrNotFound, g.name) }
