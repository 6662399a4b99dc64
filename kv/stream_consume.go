package kv

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// claimPause is how often a consumer looks for what others have left, at least.
const claimPause = 5 * time.Second

// Consume delivers to one consumer, each entry at least once: first what is pending for it
// already, as it may have crashed; then what was delivered to anybody, itself included, and
// not acknowledged for so long as ClaimAfter says; then what is new; and so on, waiting, without end. The
// loop acknowledges what is done:
//
//	for delivery, err := range jobs.Group("workers").Consume(ctx, "worker-7") {
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
// but ErrCorrupt, which tells of one entry; to begin anew loses nothing. What was fetched and
// not handed to the loop is handed back then: others may claim it at once, and it was not delivered.
// What is pending and was removed from the stream is acknowledged, as there is nothing to deliver.
//
// Entries are fetched one at a time, or as FetchAhead says. Their work must be done, and that of
// those fetched with them, before ClaimAfter is over, or others begin with it, too. One round trip for
// what is fetched together (XREADGROUP), two more each time it waits, and one, after half of
// ClaimAfter or five seconds, to look for what others have left (XPENDING), which takes another
// for what is claimed together (XCLAIM).
func (g StreamGroup[T]) Consume(ctx context.Context, consumer string, options ...ConsumeOption) iter.Seq2[Delivery[T], error] {
	settings := newConsumption()
	for _, option := range options {
		option.handle(&settings)
	}
	return g.consume(ctx, "Consume", consumer, settings)
}

func (g StreamGroup[T]) consume(ctx context.Context, op, consumer string, settings consumption) iter.Seq2[Delivery[T], error] {
	g.limit = settings.claimAfter
	return func(yield func(Delivery[T], error) bool) {
		c := consuming[T]{StreamGroup: g, consumption: settings, op: op, consumer: consumer, yield: yield}
		err := c.begin(ctx)
		defer c.end(ctx)
		for err == nil {
			if err = c.claimAbandoned(ctx); err == nil {
				err = c.deliverNew(ctx)
			}
		}
		if !errors.Is(err, errEnough) {
			yield(Delivery[T]{}, g.stream.at.fail(op, err))
		}
	}
}

// consuming is a Consume under way.
type consuming[T any] struct {
	StreamGroup[T]
	consumption
	op, consumer string
	yield        func(Delivery[T], error) bool
	claimedAt    time.Time // for what others have left
	ahead        []string  // ids that were fetched, and not handed over yet
}

// begin refuses what could not work later, and hands over what is pending for the consumer.
func (c *consuming[T]) begin(ctx context.Context) error {
	if err := c.check(c.consumer); err != nil {
		return err
	}
	if c.dead != nil {
		if _, err := c.bury(ctx, c.op, c.consumer, firstID); err != nil { // which moves nothing, and finds out whether it can
			return err
		}
	}
	after := firstID
	return c.eachPending(ctx, c.consumer, 0, func(ids []string, before earlier) error {
		cmd := drivers.XReadGroupPending(c.name, c.consumer, after, int64(len(ids)))
		reply, err := c.do(ctx, c.op, &cmd)
		if err != nil {
			return err
		}
		var removed []string
		for id, fields := range drivers.Entries(reply) {
			if after = id; fields == nil { // others may have claimed some, so that it is not the last of ids
				removed = append(removed, id)
			}
		}
		if _, err := c.Ack(ctx, removed...); err != nil {
			return err
		}
		return c.hand(ctx, reply, before)
	})
}

// end hands back what was fetched for nothing, and lets the consumer leave. What does not
// succeed is made up for by whoever claims what is left.
func (c *consuming[T]) end(ctx context.Context) {
	if len(c.ahead) > 0 {
		ending, done := ending(ctx)
		defer done()
		_, _ = c.own(ending, c.op, c.consumer, c.claimAfter, -1, c.ahead...)
	}
	if !c.stays {
		c.leave(ctx, c.consumer, c.heir)
	}
}

// leave removes a consumer that has an heir.
func (g StreamGroup[T]) leave(ctx context.Context, consumer, heir string) {
	if heir == "" {
		return
	}
	ctx, done := ending(ctx)
	defer done()
	_, _ = g.RemoveConsumer(ctx, consumer, heir)
}

// ending is a context for what is to be done after another has ended.
func ending(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), claimPause)
}

// hand hands entries over to the loop, and those that were tried too often to the dead letters.
func (c *consuming[T]) hand(ctx context.Context, reply drivers.Reply, before earlier) error {
	var dead []string
	c.ahead = c.ahead[:0]
	for id, fields := range drivers.Entries(reply) {
		switch {
		case fields == nil:
		case c.dead != nil && before[id].Deliveries >= c.dead.tries:
			dead = append(dead, id)
		default:
			c.ahead = append(c.ahead, id)
		}
	}
	if len(dead) > 0 {
		if _, err := c.bury(ctx, c.op, c.consumer, dead...); err != nil {
			return err
		}
	}
	for id, fields := range drivers.Entries(reply) {
		if fields == nil || slices.Contains(dead, id) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		c.ahead = c.ahead[1:]
		delivery, err := c.delivery(c.op, c.consumer, id, fields, before)
		if !c.yield(delivery, err) {
			return errEnough
		}
	}
	return nil
}

// eachPending goes through what is pending for a consumer, or for anybody, in parts as large
// as are fetched together.
func (c *consuming[T]) eachPending(ctx context.Context, consumer string, idle time.Duration, each func(ids []string, before earlier) error) error {
	cmd := drivers.XPending(c.name, consumer, idle, readPage)
	for {
		reply, err := c.do(ctx, c.op, &cmd)
		if err != nil || len(reply.Values) == 0 {
			return err
		}
		before, ids := earlierOf(reply)
		for part := range slices.Chunk(ids, c.fetchAhead) {
			if err := each(part, before); err != nil {
				return err
			}
		}
		if len(ids) < readPage {
			return nil
		}
		cmd.Min = "(" + ids[len(ids)-1]
	}
}

// claimAbandoned hands over what anybody has left, if it is time to look for that.
func (c *consuming[T]) claimAbandoned(ctx context.Context) error {
	if c.claimAfter == 0 || time.Since(c.claimedAt) < c.pause() {
		return nil
	}
	err := c.eachPending(ctx, "", c.claimAfter, func(ids []string, before earlier) error {
		cmd := drivers.XClaim(c.name, c.consumer, c.claimAfter, ids...)
		reply, err := c.do(ctx, c.op, &cmd)
		if err != nil {
			return err
		}
		return c.hand(ctx, reply, before)
	})
	c.claimedAt = time.Now()
	return err
}

// deliverNew hands over what nobody got yet, if need be when there is something. It waits no longer
// than until it is time to look for what others have left.
func (c *consuming[T]) deliverNew(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	cmd := drivers.XReadGroup(c.name, c.consumer, int64(c.fetchAhead))
	reply, err := c.do(context.WithoutCancel(ctx), c.op, &cmd) // which is not worth being interrupted, and nothing is lost
	if err != nil {
		return err
	}
	if len(reply.Values) > 0 {
		return c.hand(ctx, reply, nil)
	}
	waiting := ctx
	if c.claimAfter > 0 {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, c.pause())
		defer cancel()
	}
	reply, err = c.stream.at.wait(waiting, c.op, &cmd)
	switch {
	case err != nil && ctx.Err() == nil && errors.Is(waiting.Err(), context.DeadlineExceeded) && !errors.Is(err, ErrClosed):
		return nil // it is time; what may have been delivered and lost is found by then
	case err != nil:
		return err
	case reply.Nil:
		return c.unknown()
	}
	return c.hand(ctx, reply, nil)
}

// unknown is the error of a group that was not created.
func (g StreamGroup[T]) unknown() error { return fmt.Errorf("%w: the group %q", ErrNotFound, g.name) }
