package kv

import (
	"context"
	"errors"
	"fmt"
	"iter"
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
// Entries are fetched one at a time, or, of those that are new, as FetchAhead says. Their work must be done, and that of
// those fetched with them, before ClaimAfter is over, or others begin with it, too. One round trip for
// what is fetched together (XREADGROUP), two more each time it waits, and one, when it begins and after half of
// ClaimAfter or five seconds, to look for what was left (XPENDING), which takes another
// for each entry (XREADGROUP or XCLAIM, XPENDING).
func (g StreamGroup[T]) Consume(ctx context.Context, consumer string, options ...ConsumeOption) iter.Seq2[Delivery[T], error] {
	settings := newConsumption()
	for option := range given(options) {
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
	for seen, err := range c.pending(ctx, c.op, c.consumer, 0) {
		if err != nil {
			return err
		}
		now := drivers.XPending(c.name, c.consumer, 0, 1)
		now.OwnExtra().Min = exclusive(after)
		reply, err := c.redeliver(ctx, seen, drivers.XReadGroupPending(c.name, c.consumer, after, 1), now)
		if err != nil {
			return err
		}
		for id, fields := range drivers.Entries(reply) {
			if after = id; fields == nil { // it was removed
				if _, err := c.Ack(ctx, id); err != nil {
					return err
				}
			}
		}
	}
	return nil
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

// redeliver hands over one entry that was delivered before, so that no other counts as delivered once
// more if it kills the consumer, or takes it to the dead letters. now asks how often it was delivered after cmd
// has done so: others may have had it, or handed it back, since it was seen.
func (c *consuming[T]) redeliver(ctx context.Context, seen PendingEntry, cmd, now drivers.Command) (drivers.Reply, error) {
	if c.dead != nil && seen.Deliveries >= c.tries()-1 {
		c.alone()
	}
	if err := ctx.Err(); err != nil {
		return drivers.Reply{}, err
	}
	reply, pending, err := c.together(ctx, c.op, cmd, now)
	if err != nil {
		return drivers.Reply{}, err
	}
	before := earlier{}
	for id, fields := range drivers.Entries(reply) {
		before[id] = PendingEntry{Deliveries: pending[id].Deliveries - 1, Idle: seen.Idle}
		if c.dead != nil && before[id].Deliveries >= c.tries() && 0 < len(fields) && len(fields) <= drivers.MaxMoved {
			_, err := c.bury(ctx, c.op, c.consumer, id)
			return reply, err
		}
	}
	return reply, c.hand(ctx, reply, before)
}

// tries is after how many deliveries an entry goes to the dead letters. Where several are fetched
// or handled together, the first may not have come to the loop.
func (c *consuming[T]) tries() int {
	if c.fetchAhead > 1 || c.concurrency > 1 {
		return max(c.dead.tries, 2)
	}
	return c.dead.tries
}

// hand hands entries over to the loop.
func (c *consuming[T]) hand(ctx context.Context, reply drivers.Reply, before earlier) error {
	c.ahead = c.ahead[:0]
	for id, fields := range drivers.Entries(reply) {
		if fields != nil {
			c.ahead = append(c.ahead, id)
		}
	}
	for id, fields := range drivers.Entries(reply) {
		if fields == nil {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		c.ahead = c.ahead[1:]
		delivery, err := c.delivery(c.op, c.consumer, id, fields, before)
		if c.dead != nil && before[id].Deliveries >= c.tries() { // which is not among the dead letters
			err = c.stream.at.fail(c.op, fmt.Errorf("%w: entry %s of %d words is too long for the dead letters", ErrCorrupt, id, len(fields)))
		}
		if !c.yield(delivery, err) {
			return errEnough
		}
	}
	return nil
}

// claimAbandoned hands over what anybody has left, if it is time to look for that.
func (c *consuming[T]) claimAbandoned(ctx context.Context) error {
	if c.claimAfter == 0 || time.Since(c.claimedAt) < c.pause() {
		return nil
	}
	for seen, err := range c.pending(ctx, c.op, "", c.claimAfter) {
		if err != nil {
			return err
		}
		now := drivers.XPending(c.name, c.consumer, 0, 1)
		extra := now.OwnExtra()
		extra.Min, extra.Max = seen.ID, seen.ID
		if _, err := c.redeliver(ctx, seen, drivers.XClaim(c.name, c.consumer, c.claimAfter, seen.ID), now); err != nil {
			return err
		}
	}
	c.claimedAt = time.Now()
	return nil
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
	case err != nil && errors.Is(waiting.Err(), context.DeadlineExceeded) && !errors.Is(err, ErrClosed):
		return nil // it is time, or the end of ctx, which is asked next; what may have been delivered and lost is found by then
	case err != nil:
		return err
	case reply.Nil:
		return c.unknown()
	}
	return c.hand(ctx, reply, nil)
}

// unknown is the error of a group that was not created.
func (g StreamGroup[T]) unknown() error { return fmt.Errorf("%w: the group %q", ErrNotFound, g.name) }
