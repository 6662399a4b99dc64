package kv

import (
	"context"
	"iter"
	"sync/atomic"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// StreamGroup is consumers that share the entries of a stream: each entry is delivered to
// one of them, and is pending for that one until it is acknowledged. A consumer is a name
// of its caller's choice, and comes into being by its use; no two that run at a time may
// have the same. Consume is the loop that does all of it, Handle has handlers for it.
//
// An operation on a group that was not created is ErrNotFound, if it needs one. In a
// transaction groups are created, erased and acknowledged, and nothing is delivered.
//
// In Redis: [XREADGROUP], [XACK], [XPENDING], [XCLAIM], [XAUTOCLAIM], [XGROUP CREATE],
// [XGROUP DESTROY], [XGROUP DELCONSUMER], [XINFO CONSUMERS], [XINFO GROUPS].
//
// [XREADGROUP]: https://redis.io/docs/latest/commands/xreadgroup/
// [XACK]: https://redis.io/docs/latest/commands/xack/
// [XPENDING]: https://redis.io/docs/latest/commands/xpending/
// [XCLAIM]: https://redis.io/docs/latest/commands/xclaim/
// [XAUTOCLAIM]: https://redis.io/docs/latest/commands/xautoclaim/
// [XGROUP CREATE]: https://redis.io/docs/latest/commands/xgroup-create/
// [XGROUP DESTROY]: https://redis.io/docs/latest/commands/xgroup-destroy/
// [XGROUP DELCONSUMER]: https://redis.io/docs/latest/commands/xgroup-delconsumer/
// [XINFO CONSUMERS]: https://redis.io/docs/latest/commands/xinfo-consumers/
// [XINFO GROUPS]: https://redis.io/docs/latest/commands/xinfo-groups/
type StreamGroup[T any] struct {
	stream StreamField[T]
	name   string
	dead   *deadLetters[T]
	order  func(T) string // the key by which Handle orders; nil if it does not
	limit  time.Duration  // of the delay of a Delivery.Retry
}

// Delivery is an entry that is pending until it is acknowledged.
type Delivery[T any] struct {
	StreamEntry[T]
	Deliveries int           // how often it was delivered, this time included
	Idle       time.Duration // how long it had not been delivered; 0 where this is the first time
	group      StreamGroup[T]
	consumer   string
	settled    *atomic.Bool // for Handle: it is decided what becomes of it; nil if nobody asks
}

// PendingEntry is an entry that a consumer has got and not acknowledged.
type PendingEntry struct {
	ID         string
	Consumer   string
	Idle       time.Duration // since it was delivered last
	Deliveries int
}

// Group is the group of consumers of a name; every operation of one without a name is ErrInvalid. No round trip.
func (f StreamField[T]) Group(name string) StreamGroup[T] {
	if name == "" {
		f.at = f.at.broken(errNoGroup)
	}
	return StreamGroup[T]{stream: f, name: name, limit: defaultClaimAfter}
}

var errNoGroup = drivers.Errorf(ErrInvalid, "the name of the group is empty")

// Ack says that the entry is done with, and reports whether it was pending still. One
// round trip (XACK).
func (d Delivery[T]) Ack(ctx context.Context) (bool, error) {
	d.settle()
	acknowledged, err := d.group.Ack(ctx, d.ID)
	return acknowledged == 1, err
}

// Create makes the group, with a stream where there is none, and reports whether it is
// new. It gets the entries after the given id: all with "", those to come with Newest.
// One round trip (XGROUP CREATE).
func (g StreamGroup[T]) Create(ctx context.Context, after string) (bool, error) {
	if after == "" {
		after = firstID
	}
	cmd := drivers.XGroupCreate(g.name, after)
	return g.stream.at.doBool(ctx, "Create", &cmd)
}

// Erase removes the group, with what it knows to be pending, and reports whether there was
// one. The entries stay. One round trip (XGROUP DESTROY).
func (g StreamGroup[T]) Erase(ctx context.Context) (bool, error) {
	cmd := drivers.XGroupDestroy(g.name)
	return g.stream.at.doBool(ctx, "Erase", &cmd)
}

// Ack says that entries are done with, and returns how many of them were pending. In a
// transaction that is how many are pending when it is asked: Redis does not notice that
// somebody else acknowledges them before the commit. One round trip (XACK).
func (g StreamGroup[T]) Ack(ctx context.Context, ids ...string) (int, error) {
	if len(ids) == 0 {
		return 0, g.stream.at.carried("Ack")
	}
	cmd := drivers.XAck(g.name, ids...)
	return g.stream.at.doInt(ctx, "Ack", &cmd)
}

// Deliver delivers at most count entries that nobody in the group got yet, without waiting
// for any. One that does not fit the schema comes as ErrCorrupt, with its id, to be
// acknowledged like any other. One round trip (XREADGROUP).
func (g StreamGroup[T]) Deliver(ctx context.Context, consumer string, count int) iter.Seq2[Delivery[T], error] {
	return g.some(ctx, "Deliver", consumer, count, drivers.XReadGroup(g.name, consumer, int64(count)))
}

// Redeliver delivers again up to count entries that are pending for the consumer, beginning after the given id, or at
// the first with "". Entries that were removed from the stream are passed over. See Deliver. One round trip
// (XPENDING, XREADGROUP).
func (g StreamGroup[T]) Redeliver(ctx context.Context, consumer, after string, count int) iter.Seq2[Delivery[T], error] {
	if after == "" {
		after = firstID
	}
	pending := drivers.XPending(g.name, consumer, 0, int64(count))
	pending.OwnExtra().Min = exclusive(after)
	return g.some(ctx, "Redeliver", consumer, count, drivers.XReadGroupPending(g.name, consumer, after, int64(count)), pending)
}

// Claim makes entries pending for the consumer, whoever got them, that were not delivered
// again for idle, and delivers them. Ids that are not pending are passed over; what was
// removed from the stream is pending no longer. See Deliver. One round trip (XPENDING for each, XCLAIM).
func (g StreamGroup[T]) Claim(ctx context.Context, consumer string, idle time.Duration, ids ...string) iter.Seq2[Delivery[T], error] {
	pending := make([]drivers.Command, len(ids))
	for i, id := range ids {
		pending[i] = drivers.XPending(g.name, "", 0, 1)
		extra := pending[i].OwnExtra()
		extra.Min, extra.Max = id, id
	}
	return g.some(ctx, "Claim", consumer, len(ids), drivers.XClaim(g.name, consumer, idle, ids...), pending...)
}

// earlier is what is known of entries before they were delivered once more, by id.
type earlier map[string]PendingEntry

// pendingOf are the entries of a reply to OpXPending.
func pendingOf(reply drivers.Reply) iter.Seq[PendingEntry] {
	return func(yield func(PendingEntry) bool) {
		for i := 0; i < len(reply.Ints); i += 2 {
			idle := milliseconds(reply.Ints[i])
			if !yield(PendingEntry{reply.Values[i], reply.Values[i+1], idle, int(reply.Ints[i+1])}) {
				return
			}
		}
	}
}

// some delivers what one command answers. It asks for nothing where count is 0.
func (g StreamGroup[T]) some(ctx context.Context, op, consumer string, count int, cmd drivers.Command, pending ...drivers.Command) iter.Seq2[Delivery[T], error] {
	return func(yield func(Delivery[T], error) bool) {
		if count == 0 && g.stream.at.err() == nil {
			return
		}
		reply, before, err := g.together(ctx, op, append(pending, cmd)...)
		if err != nil {
			yield(Delivery[T]{}, err)
			return
		}
		g.deliver(op, consumer, reply, before, yield)
	}
}

// together executes a command that delivers entries, and in the same round trip, before it or
// after it, those that ask what is pending.
func (g StreamGroup[T]) together(ctx context.Context, op string, commands ...drivers.Command) (reply drivers.Reply, pending earlier, err error) {
	items, err := g.stream.at.together(ctx, op, commands...)
	pending = earlier{}
	for _, item := range items {
		if item.Reply.Nil {
			return drivers.Reply{}, nil, g.stream.at.fail(op, g.unknown())
		}
		if item.Command.Op != drivers.OpXPending {
			reply = item.Reply
			continue
		}
		for entry := range pendingOf(item.Reply) {
			pending[entry.ID] = entry
		}
	}
	return reply, pending, err
}

// do executes a command that is answered with Nil if there is no group.
func (g StreamGroup[T]) do(ctx context.Context, op string, cmd *drivers.Command) (drivers.Reply, error) {
	reply, err := g.stream.at.do(ctx, op, cmd)
	if err == nil && reply.Nil {
		err = g.stream.at.fail(op, g.unknown())
	}
	return reply, err
}

// deliver yields the entries of a reply and reports whether to go on.
func (g StreamGroup[T]) deliver(op, consumer string, reply drivers.Reply, before earlier, yield func(Delivery[T], error) bool) bool {
	for id, fields := range drivers.Entries(reply) {
		if fields == nil {
			continue // it was removed
		}
		delivery, err := g.delivery(op, consumer, id, fields, before)
		if !yield(delivery, err) {
			return false
		}
	}
	return true
}

// delivery is that of an entry, which is delivered once more if something is known of it.
func (g StreamGroup[T]) delivery(op, consumer, id string, fields []string, before earlier) (Delivery[T], error) {
	entry, err := streamEntryOf[T](g.stream.at.elements().codec, id, fields)
	if err != nil {
		err = g.stream.at.fail(op, err)
	}
	known := before[id]
	return Delivery[T]{StreamEntry: entry, Deliveries: known.Deliveries + 1, Idle: known.Idle, group: g, consumer: consumer}, err
}

// AutoClaim goes through the entries that are pending for any consumer and have not been delivered for the time idle,
// makes each pending for this consumer and delivers it, a page at a time. See Claim. One round trip for up to a
// hundred entries (XPENDING, XAUTOCLAIM).
func (g StreamGroup[T]) AutoClaim(ctx context.Context, consumer string, idle time.Duration) iter.Seq2[Delivery[T], error] {
	return func(yield func(Delivery[T], error) bool) {
		for from := firstID; ; {
			pending := drivers.XPending(g.name, "", idle, claimPage)
			pending.OwnExtra().Min = from
			reply, before, err := g.together(ctx, "AutoClaim", pending, drivers.XAutoClaim(g.name, consumer, idle, from, claimPage))
			if err != nil {
				yield(Delivery[T]{}, err)
				return
			}
			if from = reply.Value; !g.deliver("AutoClaim", consumer, reply, before, yield) || from == firstID {
				return
			}
		}
	}
}

// claimPage is how many entries AutoClaim makes pending at a time.
const claimPage = 100

// Pending goes through what is pending, in the order of the ids: for one consumer, or for
// all with "", and only what was not delivered again for idle. One round trip for every
// 256 entries (XPENDING).
func (g StreamGroup[T]) Pending(ctx context.Context, consumer string, idle time.Duration) iter.Seq2[PendingEntry, error] {
	return g.pending(ctx, "Pending", consumer, idle)
}

func (g StreamGroup[T]) pending(ctx context.Context, op, consumer string, idle time.Duration) iter.Seq2[PendingEntry, error] {
	return func(yield func(PendingEntry, error) bool) {
		cmd := drivers.XPending(g.name, consumer, idle, readPage)
		for {
			reply, err := g.do(ctx, op, &cmd)
			if err != nil {
				yield(PendingEntry{}, err)
				return
			}
			for entry := range pendingOf(reply) {
				if !yield(entry, nil) {
					return
				}
				cmd.OwnExtra().Min = exclusive(entry.ID)
			}
			if len(reply.Ints) < 2*readPage {
				return
			}
		}
	}
}
