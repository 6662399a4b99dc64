package spec

import (
	"fmt"
	"time"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

func groupCreate(from string) drivers.Command {
	return drivers.Command{Op: drivers.OpXGroupCreate, Key: "k", Value: "group", Extra: &drivers.Extra{Expected: from}}
}

var groupDestroy = drivers.Command{Op: drivers.OpXGroupDestroy, Key: "k", Value: "group"}

func readGroup(consumer, after string, amount int64) drivers.Command {
	return drivers.Command{Op: drivers.OpXReadGroup, Key: "k", Value: "group", Extra: &drivers.Extra{Expected: consumer, Min: after}, Amount: amount}
}

// fetch reads what nobody in the group got yet.
func fetch(consumer string, amount int64) drivers.Command {
	return readGroup(consumer, drivers.NewEntries, amount)
}

func xack(ids ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpXAck, Key: "k", Value: "group", Values: ids}
}

func xpending(consumer string, amount int64) drivers.Command {
	return drivers.Command{Op: drivers.OpXPending, Key: "k", Value: "group", Extra: &drivers.Extra{Expected: consumer, Min: "-", Max: "+"}, Amount: amount}
}

func xclaim(consumer string, idle time.Duration, ids ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpXClaim, Key: "k", Value: "group", Extra: &drivers.Extra{Expected: consumer}, Start: idle.Milliseconds(), Values: ids}
}

func autoClaim(consumer string, idle time.Duration, from string, amount int64) drivers.Command {
	return drivers.Command{Op: drivers.OpXAutoClaim, Key: "k", Value: "group", Start: idle.Milliseconds(), Amount: amount, Extra: &drivers.Extra{Expected: consumer, Min: from}}
}

// delivery is an entry that is pending for a consumer.
type delivery struct {
	id, consumer string
	count        int64
}

// isPending expects what is pending, whatever the idle times.
func (t *trial) isPending(cmd drivers.Command, want ...delivery) { t.arePending(t.must(cmd), want...) }

// arePending expects a reply that tells what is pending.
func (t *trial) arePending(reply drivers.Reply, want ...delivery) {
	t.Expect(reply.Nil).To(gomega.BeFalse())
	var got []delivery
	for i, count := range reply.Ints {
		if i%2 == 1 {
			got = append(got, delivery{reply.Values[i-1], reply.Values[i], count})
		} else {
			t.Expect(count).To(gomega.BeNumerically(">=", 0), "the idle time")
		}
	}
	t.Expect(got).To(gomega.Equal(want))
}

func groupChecks() []check {
	one, none, absent := drivers.Reply{Int: 1}, drivers.Reply{}, drivers.Reply{Nil: true}
	three := stream("1-1", "1-2", "2-0")
	grouped := followed(three, groupCreate("0"))
	table := []row{
		{says: "makes a stream where there is none", when: groupCreate("0-0"), want: one, then: then{"k": streamed()}},
		{says: "makes a group of a stream", given: three, when: groupCreate("$"), want: one},
		{says: "is 0 for a group that is there", given: grouped, when: groupCreate("$"), want: none},
		{says: "is ErrInvalid from what is no id", given: three, when: groupCreate(">"), err: drivers.ErrInvalid},
		{says: "is ErrInvalid from nowhere", given: three, when: groupCreate(""), err: drivers.ErrInvalid},

		{says: "is 0 for an absent key", when: groupDestroy, want: none},
		{says: "is 0 for an unknown group", given: three, when: groupDestroy, want: none},
		{says: "is 1 for a group that is there, and leaves the entries", given: grouped, when: groupDestroy, want: one},

		{says: "is Nil for an absent key", when: fetch("ann", 10), want: absent},
		{says: "is Nil for an unknown group", given: three, when: fetch("ann", 10), want: absent},
		{says: "delivers all entries of a group that begins with the first", given: grouped, when: fetch("ann", 0), want: found("1-1", "1-2", "2-0")},
		{says: "delivers no more than Amount", given: grouped, when: fetch("ann", 2), want: found("1-1", "1-2")},
		{says: "delivers what follows the id that a group begins with", given: followed(three, groupCreate("1-1")), when: fetch("ann", 10), want: found("1-2", "2-0")},
		{says: "delivers nothing that was there before a group of $", given: followed(three, groupCreate("$")), when: fetch("ann", 10), want: none},
		{says: "delivers what came after a group of $", given: followed(three, groupCreate("$"), numbered("3-0")), when: fetch("ann", 10), want: found("3-0")},
		{says: "delivers an entry once", given: followed(grouped, fetch("ann", 2)), when: fetch("bob", 10), want: found("2-0")},
		{says: "is empty, not Nil, where nothing is new", given: followed(grouped, fetch("ann", 0)), when: fetch("ann", 10), want: none},
		{says: "begins anew with a group that is made again", given: followed(grouped, fetch("ann", 0), groupDestroy, groupCreate("0")), when: fetch("ann", 1), want: found("1-1")},
		{says: "is ErrInvalid without a consumer", given: grouped, when: fetch("", 10), err: drivers.ErrInvalid},
		{says: "is ErrInvalid for a negative Amount", given: grouped, when: fetch("ann", -1), err: drivers.ErrInvalid},
		{says: "is ErrInvalid for what is no id", given: grouped, when: readGroup("ann", "$", 10), err: drivers.ErrInvalid},
		{says: "is ErrInvalid after the greatest id", given: grouped, when: readGroup("ann", lastStreamID, 10), err: drivers.ErrInvalid},

		{says: "delivers what is pending for the consumer again", given: followed(grouped, fetch("ann", 2), fetch("bob", 10)), when: readGroup("ann", "0", 0), want: found("1-1", "1-2")},
		{says: "delivers no more than Amount of what is pending", given: followed(grouped, fetch("ann", 0)), when: readGroup("ann", "0", 1), want: found("1-1")},
		{says: "delivers what is pending after an id again", given: followed(grouped, fetch("ann", 0)), when: readGroup("ann", "1-1", 10), want: found("1-2", "2-0")},
		{says: "delivers nothing again to whom nothing is pending", given: followed(grouped, fetch("ann", 0)), when: readGroup("bob", "0", 10), want: none},
		{says: "delivers the id of a pending entry that was deleted (row 47)", given: followed(grouped, fetch("ann", 0), xdel("1-2")), when: readGroup("ann", "0", 2),
			want: missing(found("1-1"), "1-2")},
		{says: "passes over entries that were deleted before they were delivered", given: followed(grouped, xdel("1-1")), when: fetch("ann", 1), want: found("1-2")},

		{says: "is 0 for an absent key (row 48)", when: xack("1-1"), want: none},
		{says: "is 0 for an unknown group (row 48)", given: three, when: xack("1-1"), want: none},
		{says: "is 0 for what is not pending", given: grouped, when: xack("1-1"), want: none},
		{says: "counts what was pending, an id given twice once", given: followed(grouped, fetch("ann", 2)), when: xack("1-1", "1-1", "2-0", "7-7"), want: one},
		{says: "counts what is pending for anybody, though it was deleted", given: followed(grouped, fetch("ann", 1), fetch("bob", 1), xdel("1-1")), when: xack("1-1", "1-2"), want: drivers.Reply{Int: 2}},
		{says: "is ErrInvalid without ids", given: grouped, when: xack(), err: drivers.ErrInvalid},
		{says: "is ErrInvalid with what is no id", given: followed(grouped, fetch("ann", 2)), when: xack("1-1", ">"), err: drivers.ErrInvalid},

		{says: "is Nil for an absent key (row 48)", when: xpending("", 10), want: absent},
		{says: "is Nil for an unknown group (row 48)", given: three, when: xpending("", 10), want: absent},
		{says: "is empty where nothing is pending", given: grouped, when: xpending("", 10), want: none},
		{says: "is empty for a consumer there is none of", given: followed(grouped, fetch("ann", 0)), when: xpending("bob", 10), want: none},
		{says: "is ErrInvalid for a negative idle time", given: grouped, err: drivers.ErrInvalid,
			when: drivers.Command{Op: drivers.OpXPending, Key: "k", Value: "group", Extra: &drivers.Extra{Min: "-", Max: "+"}, Start: -1}},
		{says: "is ErrInvalid for what is no range", given: grouped, err: drivers.ErrInvalid,
			when: drivers.Command{Op: drivers.OpXPending, Key: "k", Value: "group", Extra: &drivers.Extra{Min: "("}}},
		{says: "is ErrInvalid for a negative Amount", given: grouped, when: xpending("", -1), err: drivers.ErrInvalid},
	}
	for _, cmd := range []drivers.Command{
		groupCreate("0"), groupDestroy, fetch("ann", 1), readGroup("ann", "0", 1), xack("1-1"), xpending("", 1), xclaim("ann", 0, "1-1"),
		autoClaim("ann", 0, "0-0", 1), claimOwn("ann", 0, 0, "1-1"), moveEntries("ann", "dead", "1-1"), consumersOf("group"), delConsumer("ann", "bob"), lagOf("group"),
	} {
		cmd.Value = ""
		table = append(table, row{says: "is ErrInvalid of a group without a name: " + describe(cmd), given: three, when: cmd, err: drivers.ErrInvalid})
	}
	return rows(table...)
}

// deliveryChecks are about what is pending after several commands.
func deliveryChecks() []check {
	shared := followed(stream("1-1", "1-2", "2-0", "3-0"), groupCreate("0"), fetch("ann", 2), fetch("bob", 2))
	return []check{
		about(drivers.OpXPending, "lists what is pending, and for whom", func(t *trial) {
			t.given(shared...)
			t.isPending(xpending("", 0), delivery{"1-1", "ann", 1}, delivery{"1-2", "ann", 1}, delivery{"2-0", "bob", 1}, delivery{"3-0", "bob", 1})
			t.isPending(xpending("", 3), delivery{"1-1", "ann", 1}, delivery{"1-2", "ann", 1}, delivery{"2-0", "bob", 1})
			t.isPending(xpending("bob", 10), delivery{"2-0", "bob", 1}, delivery{"3-0", "bob", 1})
			cmd := xpending("", 10)
			extra := cmd.OwnExtra()
			extra.Min, extra.Max = "(1-1", "2"
			t.isPending(cmd, delivery{"1-2", "ann", 1}, delivery{"2-0", "bob", 1})
		}),
		about(drivers.OpXAck, "ends what is pending, for one group only", func(t *trial) {
			other, reads := groupCreate("0"), fetch("cid", 0)
			other.Value, reads.Value = "other", "other"
			t.given(shared...)
			t.given(other, reads, xack("1-1", "3-0"))
			t.isPending(xpending("", 0), delivery{"1-2", "ann", 1}, delivery{"2-0", "bob", 1})
			pending := xpending("", 1)
			pending.Value = "other"
			t.isPending(pending, delivery{"1-1", "cid", 1})
		}),
		about(drivers.OpXReadGroup, "counts how often it delivers an entry, not where that was deleted", func(t *trial) {
			t.given(shared...)
			t.given(xdel("1-2"), readGroup("ann", "0", 0), readGroup("ann", "0", 1))
			t.isPending(xpending("ann", 0), delivery{"1-1", "ann", 3}, delivery{"1-2", "ann", 1})
		}),
		about(drivers.OpXDel, "leaves entries pending, as does trimming (row 47)", func(t *trial) {
			t.given(shared...)
			t.given(xdel("1-1"), xtrim(0))
			t.isPending(xpending("", 2), delivery{"1-1", "ann", 1}, delivery{"1-2", "ann", 1})
		}),
		about(drivers.OpXGroupCreate, "of a group that is there leaves what is pending", func(t *trial) {
			t.given(shared...)
			t.given(groupCreate("$"))
			t.isPending(xpending("", 1), delivery{"1-1", "ann", 1})
		}),
		about(drivers.OpXGroupDestroy, "ends what is pending", func(t *trial) {
			t.given(shared...)
			t.given(groupDestroy, groupCreate("$"))
			t.isPending(xpending("", 10))
		}),
	}
}

func claimChecks() []check {
	none, absent := drivers.Reply{}, drivers.Reply{Nil: true}
	shared := followed(stream("1-1", "1-2", "2-0", "3-0"), groupCreate("0"), fetch("ann", 3))
	next := func(id string, reply drivers.Reply) drivers.Reply { reply.Value = id; return reply }
	checks := rows(
		row{says: "is Nil for an absent key", when: xclaim("bob", 0, "1-1"), want: absent},
		row{says: "is Nil for an unknown group", given: stream("1-1"), when: xclaim("bob", 0, "1-1"), want: absent},
		row{says: "answers the entries that were pending", given: shared, when: xclaim("bob", 0, "2-0", "1-1", "3-0", "7-7"), want: found("2-0", "1-1")},
		row{says: "answers nothing that is not idle for long enough", given: shared, when: xclaim("bob", hour, "1-1"), want: none},
		row{says: "answers nothing that was deleted", given: followed(shared, xdel("1-1")), when: xclaim("bob", 0, "1-1", "1-2"), want: found("1-2")},
		row{says: "is ErrInvalid without ids", given: shared, when: xclaim("bob", 0), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid without a consumer", given: shared, when: xclaim("", 0, "1-1"), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid for a negative idle time", given: shared, when: xclaim("bob", -hour, "1-1"), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with what is no id", given: shared, when: xclaim("bob", 0, "1-1", "force"), err: drivers.ErrInvalid},

		row{says: "is Nil for an absent key", when: autoClaim("bob", 0, "0", 10), want: absent},
		row{says: "is Nil for an unknown group", given: stream("1-1"), when: autoClaim("bob", 0, "0", 10), want: absent},
		row{says: "claims all that is pending", given: shared, when: autoClaim("bob", 0, "0", 10), want: next("0-0", found("1-1", "1-2", "2-0"))},
		row{says: "claims no more than Amount, and says where to go on", given: shared, when: autoClaim("bob", 0, "0", 2), want: next("2-0", found("1-1", "1-2"))},
		row{says: "is at its end with the last that is pending", given: shared, when: autoClaim("bob", 0, "0", 3), want: next("0-0", found("1-1", "1-2", "2-0"))},
		row{says: "goes on from an id", given: shared, when: autoClaim("bob", 0, "1-2", 10), want: next("0-0", found("1-2", "2-0"))},
		row{says: "claims nothing that is not idle for long enough", given: shared, when: autoClaim("bob", hour, "0", 10), want: next("0-0", none)},
		row{says: "lists the ids of entries that were deleted (row 47)", given: followed(shared, xdel("1-1", "2-0")), when: autoClaim("bob", 0, "0", 10),
			want: next("0-0", missing(found("1-2"), "1-1", "2-0"))},
		row{says: "lists entries that were deleted however idle, and counts them (row 47)", given: followed(shared, xdel("1-1", "1-2")), when: autoClaim("bob", hour, "0", 1),
			want: next("1-2", missing(none, "1-1"))},
		row{says: "is ErrInvalid for no entries", given: shared, when: autoClaim("bob", 0, "0", 0), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid beyond MaxAutoClaim", given: shared, when: autoClaim("bob", 0, "0", drivers.MaxAutoClaim+1), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid without a consumer", given: shared, when: autoClaim("", 0, "0", 10), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid for a negative idle time", given: shared, when: autoClaim("bob", -hour, "0", 10), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid from what is no id", given: shared, when: autoClaim("bob", 0, "-", 10), err: drivers.ErrInvalid},
	)
	return append(checks,
		about(drivers.OpXClaim, "makes entries pending for the consumer, once more delivered", func(t *trial) {
			t.given(shared...)
			t.given(xclaim("bob", 0, "1-2"), xclaim("bob", 0, "1-2"))
			t.isPending(xpending("", 0), delivery{"1-1", "ann", 1}, delivery{"1-2", "bob", 3}, delivery{"2-0", "ann", 1})
			t.isPending(xpending("bob", 0), delivery{"1-2", "bob", 3})
			t.replies(t.must(readGroup("bob", "0", 0)), found("1-2"))
		}),
		about(drivers.OpXClaim, "ends what is pending of entries that were deleted, however idle", func(t *trial) {
			t.given(shared...)
			t.given(xdel("1-1"), xclaim("bob", hour, "1-1"))
			t.isPending(xpending("", 0), delivery{"1-2", "ann", 1}, delivery{"2-0", "ann", 1})
		}),
		about(drivers.OpXAutoClaim, "looks at ten pending entries for each that it may claim, and says where to go on", func(t *trial) {
			t.given(groupCreate("0"))
			for i := range 25 {
				t.given(numbered(fmt.Sprintf("%d-0", i+1)))
			}
			t.given(fetch("ann", 0))
			t.replies(t.must(autoClaim("bob", hour, "0", 1)), drivers.Reply{Value: "11-0"})
			t.replies(t.must(autoClaim("bob", hour, "11-0", 2)), drivers.Reply{Value: "0-0"})
		}),
		about(drivers.OpXAutoClaim, "makes entries pending for the consumer, and ends what is pending of those that were deleted (row 47)", func(t *trial) {
			t.given(shared...)
			t.given(xdel("1-1"), autoClaim("bob", 0, "0", 2))
			t.isPending(xpending("", 0), delivery{"1-2", "bob", 2}, delivery{"2-0", "ann", 1})
		}),
	)
}

// idleChecks are about the time that has passed since an entry was delivered.
func idleChecks() []check {
	shared := followed(stream("1-1", "1-2", "2-0"), groupCreate("0"), fetch("ann", 2))
	idle := func(cmd drivers.Command, d time.Duration) drivers.Command { cmd.Start = d.Milliseconds(); return cmd }
	// idling looks at the replies to commands that come when two entries are idle, before anything else is.
	idling := func(op drivers.Op, says string, commands func(pause time.Duration) []drivers.Command, expect func(t *trial, pause time.Duration, replies []drivers.Reply)) check {
		return about(op, says, func(t *trial) {
			t.inTime(20*time.Millisecond, func(pause time.Duration) (time.Time, func()) {
				t.given(command(drivers.OpDelete))
				t.given(shared...)
				if t.Advance != nil {
					t.Advance(pause)
				} else {
					time.Sleep(pause)
				}
				began := time.Now()
				var replies []drivers.Reply
				for _, cmd := range commands(pause) {
					replies = append(replies, t.must(cmd))
				}
				return began, func() { expect(t, pause, replies) }
			})
		})
	}
	return []check{
		idling(drivers.OpXPending, "tells for how long an entry is idle, and lists only those idle for long enough", func(pause time.Duration) []drivers.Command {
			return given(fetch("bob", 1), xpending("ann", 1), idle(xpending("", 0), pause), idle(xpending("", 1), pause), idle(xpending("", 0), hour))
		}, func(t *trial, pause time.Duration, replies []drivers.Reply) {
			t.Expect(replies[1].Ints[0]).To(gomega.BeNumerically(">=", pause.Milliseconds()))
			t.arePending(replies[2], delivery{"1-1", "ann", 1}, delivery{"1-2", "ann", 1})
			t.arePending(replies[3], delivery{"1-1", "ann", 1})
			t.arePending(replies[4])
		}),
		idling(drivers.OpXClaim, "claims what is idle for long enough, which begins to be idle anew", func(pause time.Duration) []drivers.Command {
			return given(xclaim("bob", pause, "1-1"), idle(xpending("", 0), pause))
		}, func(t *trial, _ time.Duration, replies []drivers.Reply) {
			t.replies(replies[0], found("1-1"))
			t.arePending(replies[1], delivery{"1-2", "ann", 1})
		}),
		idling(drivers.OpXAutoClaim, "claims what is idle for long enough, which begins to be idle anew", func(pause time.Duration) []drivers.Command {
			return given(fetch("cid", 1), autoClaim("bob", pause, "0", 1), idle(xpending("", 0), pause))
		}, func(t *trial, _ time.Duration, replies []drivers.Reply) {
			t.replies(replies[1], drivers.Reply{Value: "1-2", Values: found("1-1").Values, Ints: found("1-1").Ints})
			t.arePending(replies[2], delivery{"1-2", "ann", 1})
		}),
		idling(drivers.OpXReadGroup, "lets what it delivers again begin to be idle anew", func(pause time.Duration) []drivers.Command {
			return given(readGroup("ann", "0", 1), idle(xpending("", 0), pause))
		}, func(t *trial, _ time.Duration, replies []drivers.Reply) {
			t.arePending(replies[1], delivery{"1-2", "ann", 1})
		}),
	}
}
