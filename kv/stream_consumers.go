package kv

import (
	"context"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// StreamConsumer is who got entries of a stream's group.
type StreamConsumer struct {
	Name    string
	Pending int           // entries that it has not acknowledged
	Idle    time.Duration // since it got something; on servers since 7.2, since it asked
}

// deadLetters are where a group's entries go that were tried too often.
type deadLetters[T any] struct {
	stream StreamField[T]
	tries  int
}

// DeadLetters is the group with a limit: what was delivered tries times and not acknowledged goes to
// another stream, under a new id, instead of being delivered once more. It is moved and acknowledged in one
// step, so that it is in one of both whatever crashes. Consume and Handle keep to the limit, and so
// does Delivery.Retry.
//
// What kills its consumer goes there after tries deliveries, and nothing goes along with it: what was delivered
// before is handed over one at a time, and Handle has a last try alone. An entry that FetchAhead has fetched for a
// consumer which was killed counts as delivered once, though it may not have been handed over; so it may have
// one try less. But nothing goes to the dead letters that was never handed over: where tries is 1, and
// several are fetched ahead or handled side by side, what a killed consumer has left is delivered once more. All
// consumers of a group should have the same limit and the same options. An entry of more than 6,000
// words, which no value of this library is, cannot be moved: after its last try it comes as ErrCorrupt, to be acknowledged.
//
// In a cluster the stream must lie in the slot of the group's, or Consume and Handle are
// ErrCrossSlot at once. A limit below 1, or the group's own stream, is ErrInvalid. No round trip.
func (g StreamGroup[T]) DeadLetters(stream StreamField[T], tries int) StreamGroup[T] {
	g.dead = &deadLetters[T]{stream, tries}
	return g
}

func (d *deadLetters[T]) check(op string, from keyRef) error {
	if d.tries < 1 {
		return from.fail(op, drivers.Errorf(ErrInvalid, "dead letters after %d tries", d.tries))
	}
	if err := from.checkSameDriver(op, d.stream.at); err != nil {
		return err
	}
	if from.key == d.stream.at.key {
		return from.fail(op, drivers.Errorf(ErrInvalid, "dead letters in the group's own stream"))
	}
	return nil
}

// bury moves those entries to the dead letters that are pending for the consumer still.
func (g StreamGroup[T]) bury(ctx context.Context, op, consumer string, ids ...string) (int, error) {
	to := g.dead.stream
	if err := g.dead.check(op, g.stream.at); err != nil {
		return 0, err
	}
	cmd := drivers.XMove(g.name, consumer, to.at.key, to.at.elements().cap, ids...)
	cmd.OwnExtra().Indexes = append([]drivers.Index{}, to.at.node.indexes(to.at.key)...) // those of the group's stream stay
	return g.stream.at.doInt(ctx, op, to.at.changing(&cmd))
}

// own changes how long entries count as idle and how often as delivered, those that are pending
// for the consumer still, and returns how many they are.
func (g StreamGroup[T]) own(ctx context.Context, op, consumer string, idle time.Duration, deliveries int64, ids ...string) (int, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	cmd := drivers.XClaimOwn(g.name, consumer, idle, deliveries, ids...)
	return g.stream.at.doInt(ctx, op, &cmd)
}

// Retry lets the entry come again after so long, to whoever is free, and reports whether it was
// pending for the consumer still. After the last try that the group's DeadLetters allow it goes there at
// once. A delay beyond ClaimAfter is ErrInvalid, as the entry comes by then anyway; beside Consume and Handle
// that is a minute. Consumers find it when they look, after half of ClaimAfter, five
// seconds, or RetryAfter. One round trip (a script: XPENDING, XCLAIM).
func (d Delivery[T]) Retry(ctx context.Context, after time.Duration) (bool, error) {
	if err := d.group.stream.at.carried("Retry"); err != nil {
		return false, err
	}
	if err := checkRetry(after, d.group.limit); err != nil {
		return false, d.group.stream.at.fail("Retry", err)
	}
	d.settle()
	var own int
	var err error
	if d.last() {
		own, err = d.group.bury(ctx, "Retry", d.consumer, d.ID)
	} else {
		own, err = d.group.own(ctx, "Retry", d.consumer, d.group.limit-after, 0, d.ID)
	}
	return own == 1, err
}

// last reports whether there are no more tries.
func (d Delivery[T]) last() bool { return d.group.dead != nil && d.Deliveries >= d.group.dead.tries }

// settle notes that it is decided what becomes of the entry.
func (d Delivery[T]) settle() {
	if d.settled != nil {
		d.settled.Store(true)
	}
}

// Consumers are all that got entries and were not removed, by name. One round trip (XINFO
// CONSUMERS).
func (g StreamGroup[T]) Consumers(ctx context.Context) ([]StreamConsumer, error) {
	cmd := drivers.XConsumers(g.name)
	reply, err := g.do(ctx, "Consumers", &cmd)
	if err != nil {
		return nil, err
	}
	consumers := make([]StreamConsumer, len(reply.Values))
	for i, name := range reply.Values {
		consumers[i] = StreamConsumer{name, int(reply.Ints[2*i]), milliseconds(reply.Ints[2*i+1])}
	}
	return consumers, nil
}

// RemoveConsumer forgets a consumer. What is pending for it is handed on to heir, as idle and
// as often delivered as it is, and comes to whoever claims it: heir need not run. It
// returns how many entries that are. One round trip (a script: XPENDING, XCLAIM, XGROUP DELCONSUMER).
func (g StreamGroup[T]) RemoveConsumer(ctx context.Context, consumer, heir string) (int, error) {
	cmd := drivers.XDelConsumer(g.name, consumer, heir)
	reply, err := g.do(ctx, "RemoveConsumer", &cmd)
	return int(reply.Int), err
}

// Lag is how many entries the group has still to be delivered. Redis does not always know: known is
// false where entries were removed from the middle, or the group began in the middle, until all were
// delivered. One round trip (XINFO GROUPS).
func (g StreamGroup[T]) Lag(ctx context.Context) (lag int, known bool, err error) {
	cmd := drivers.XLag(g.name)
	reply, err := g.do(ctx, "Lag", &cmd)
	if err != nil || reply.Int < 0 {
		return 0, false, err
	}
	return int(reply.Int), true, nil
}
