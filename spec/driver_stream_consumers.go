package spec

import (
	"slices"
	"time"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

func claimOwn(consumer string, idle time.Duration, deliveries int64, ids ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpXClaimOwn, Key: "k", Value: "group", Extra: &drivers.Extra{Expected: consumer}, Start: idle.Milliseconds(), Amount: deliveries, Values: ids}
}

func moveEntries(consumer, to string, ids ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpXMove, Key: "k", Value: "group", Values: ids, Extra: &drivers.Extra{Keys: []string{to}, Expected: consumer}}
}

func consumersOf(group string) drivers.Command {
	return drivers.Command{Op: drivers.OpXConsumers, Key: "k", Value: group}
}

func delConsumer(consumer, heir string) drivers.Command {
	return drivers.Command{Op: drivers.OpXDelConsumer, Key: "k", Value: "group", Extra: &drivers.Extra{Expected: consumer, Min: heir}}
}

func lagOf(group string) drivers.Command {
	return drivers.Command{Op: drivers.OpXLag, Key: "k", Value: group}
}

// sharedGroup has 1-1 and 1-2 pending for ann, and 2-0 for bob. 3-0 is to be delivered.
func sharedGroup() []drivers.Command {
	return followed(stream("1-1", "1-2", "2-0", "3-0"), groupCreate("0"), fetch("ann", 2), fetch("bob", 1))
}

// ownChecks are about what a consumer does with what is pending for it.
func ownChecks() []check {
	shared := sharedGroup()
	one, two, none := drivers.Reply{Int: 1}, drivers.Reply{Int: 2}, drivers.Reply{}
	capped := moveEntries("ann", "dead", "1-1", "1-2")
	capped.Amount = 1
	dead := func(t *trial) (values []string) {
		for _, fields := range drivers.Entries(t.must(drivers.Command{Op: drivers.OpXRange, Key: "dead"})) {
			values = append(values, fields...)
		}
		return values
	}
	checks := rows(
		row{says: "is 0 for an absent key", when: claimOwn("ann", 0, 0, "1-1"), want: none},
		row{says: "is 0 for an unknown group", given: stream("1-1"), when: claimOwn("ann", 0, 0, "1-1"), want: none},
		row{says: "counts what is pending for the consumer", given: shared, when: claimOwn("ann", 0, 0, "1-1", "1-2", "2-0", "3-0", "7-7"), want: two},
		row{says: "does not count what was deleted", given: followed(shared, xdel("1-1")), when: claimOwn("ann", 0, 0, "1-1", "1-2"), want: one},
		row{says: "is ErrInvalid without ids", given: shared, when: claimOwn("ann", 0, 0), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with what is no id", given: shared, when: claimOwn("ann", 0, 0, "1-1", "justid"), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid without a consumer", given: shared, when: claimOwn("", 0, 0, "1-1"), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid for a negative idle time", given: shared, when: claimOwn("ann", -hour, 0, "1-1"), err: drivers.ErrInvalid},

		row{says: "is 0 for an absent key", when: moveEntries("ann", "dead", "1-1"), want: none},
		row{says: "is 0 for an unknown group", given: stream("1-1"), when: moveEntries("ann", "dead", "1-1"), want: none},
		row{says: "leaves what is not pending for the consumer", given: shared, when: moveEntries("ann", "dead", "2-0", "3-0", "7-7"), want: none},
		row{says: "is ErrWrongType for another value where it moves to, and moves nothing", given: followed(shared, fill("dead", "a")),
			when: moveEntries("ann", "dead", "1-1"), err: drivers.ErrWrongType},
		row{says: "is ErrInvalid without ids", given: shared, when: moveEntries("ann", "dead"), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid without a consumer", given: shared, when: moveEntries("", "dead", "1-1"), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid without another stream", given: shared, err: drivers.ErrInvalid,
			when: drivers.Command{Op: drivers.OpXMove, Key: "k", Value: "group", Extra: &drivers.Extra{Expected: "ann"}, Values: []string{"1-1"}}},
	)
	return append(checks,
		about(drivers.OpXClaimOwn, "changes how often entries count as delivered, and for how long as idle", func(t *trial) {
			t.given(shared...)
			t.given(claimOwn("ann", hour, -1, "1-1"), claimOwn("ann", 0, 2, "1-2"))
			t.isPending(xpending("", 0), delivery{"1-1", "ann", 0}, delivery{"1-2", "ann", 3}, delivery{"2-0", "bob", 1})
			t.replies(t.must(xclaim("bob", hour, "1-1", "1-2")), found("1-1"))
			t.isPending(xpending("bob", 1), delivery{"1-1", "bob", 1})
			t.given(claimOwn("bob", 0, -5, "2-0"), claimOwn("ann", 0, 1, "2-0"))
			t.isPending(xpending("bob", 0), delivery{"1-1", "bob", 1}, delivery{"2-0", "bob", 0})
		}),
		about(drivers.OpXClaimOwn, "ends what is pending of entries that were deleted", func(t *trial) {
			t.given(shared...)
			t.given(xdel("1-1"), claimOwn("ann", 0, 0, "1-1"))
			t.isPending(xpending("ann", 0), delivery{"1-2", "ann", 1})
		}),
		about(drivers.OpXMove, "moves what is pending for the consumer, once, and acknowledges it", func(t *trial) {
			t.given(shared...)
			cmd := moveEntries("ann", "dead", "1-2", "1-1", "1-2", "2-0")
			t.replies(t.must(cmd), two)
			t.replies(t.must(cmd), none)
			t.Expect(dead(t)).To(gomega.Equal([]string{"n", "1-2", "n", "1-1"}))
			t.isPending(xpending("", 0), delivery{"2-0", "bob", 1})
			t.replies(t.must(xrange("", "", 0)), found("1-1", "1-2", "2-0", "3-0"))
		}),
		about(drivers.OpXMove, "acknowledges what was deleted, of which there is nothing to move", func(t *trial) {
			t.given(shared...)
			t.given(xdel("1-1"))
			t.replies(t.must(moveEntries("ann", "dead", "1-1", "1-2")), one)
			t.Expect(dead(t)).To(gomega.Equal([]string{"n", "1-2"}))
			t.isPending(xpending("", 0), delivery{"2-0", "bob", 1})
		}),
		about(drivers.OpXMove, "moves nothing with an entry of more than MaxMoved words, and is ErrInvalid", func(t *trial) {
			entry := func(id string, pairs int) drivers.Command {
				return drivers.Command{Op: drivers.OpXAdd, Key: "k", Value: id, Values: slices.Repeat([]string{"n", id}, pairs)}
			}
			t.given(entry("1-1", drivers.MaxMoved/2), entry("1-2", drivers.MaxMoved/2+1), groupCreate("0"), fetch("ann", 2))
			_, err := t.do(moveEntries("ann", "dead", "1-1", "1-2"))
			t.fails(err, drivers.ErrInvalid)
			t.isPending(xpending("", 0), delivery{"1-1", "ann", 1}, delivery{"1-2", "ann", 1})
			t.replies(t.must(moveEntries("ann", "dead", "1-1")), one)
			t.Expect(dead(t)).To(gomega.HaveLen(drivers.MaxMoved))
		}),
		about(drivers.OpXMove, "keeps to a cap of the other stream, and starts its time to live", func(t *trial) {
			t.given(shared...)
			t.replies(t.must(expiring(in(hour), capped)), two)
			t.Expect(dead(t)).To(gomega.Equal([]string{"n", "1-2"}))
			t.Expect(t.see("dead").mortal).To(gomega.BeTrue())
			t.Expect(t.see("k").mortal).To(gomega.BeFalse())
		}),
	)
}

// consumerChecks are about the consumers of a group.
func consumerChecks() []check {
	absent, none := drivers.Reply{Nil: true}, drivers.Reply{}
	shared := sharedGroup()
	checks := rows(
		row{says: "is Nil for an absent key", when: consumersOf("group"), want: absent},
		row{says: "is Nil for an unknown group", given: shared, when: consumersOf("other"), want: absent},
		row{says: "is empty where nobody got anything", given: followed(stream("1-1"), groupCreate("0")), when: consumersOf("group"), want: none},

		row{says: "is Nil for an absent key", when: delConsumer("ann", "bob"), want: absent},
		row{says: "is Nil for an unknown group", given: stream("1-1"), when: delConsumer("ann", "bob"), want: absent},
		row{says: "is 0 for a consumer there is none of", given: shared, when: delConsumer("cid", "bob"), want: none},
		row{says: "counts the entries that are handed on", given: shared, when: delConsumer("ann", "bob"), want: drivers.Reply{Int: 2}},
		row{says: "is ErrInvalid without somebody to hand on to", given: shared, when: delConsumer("ann", ""), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid where that is the consumer itself", given: shared, when: delConsumer("ann", "ann"), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid without a consumer", given: shared, when: delConsumer("", "bob"), err: drivers.ErrInvalid},
	)
	names := func(t *trial) []string { return t.must(consumersOf("group")).Values }
	pending := func(t *trial) (counts []int64) {
		for i, count := range t.must(consumersOf("group")).Ints {
			if i%2 == 0 {
				counts = append(counts, count)
			}
		}
		return counts
	}
	return append(checks,
		about(drivers.OpXConsumers, "lists who got something, with what is pending, in the order of their names", func(t *trial) {
			t.given(shared...)
			t.given(fetch("Zed", 1), xack("2-0"))
			t.Expect(names(t)).To(gomega.Equal([]string{"Zed", "ann", "bob"}))
			t.Expect(pending(t)).To(gomega.Equal([]int64{1, 2, 0}))
		}),
		about(drivers.OpXDelConsumer, "hands on what is pending, as often delivered and as idle as it is", func(t *trial) {
			t.given(shared...)
			t.given(xdel("1-1"), readGroup("ann", "1-1", 0), claimOwn("ann", 2*hour, 0, "1-2"))
			t.replies(t.must(delConsumer("ann", "cid")), drivers.Reply{Int: 1})
			t.isPending(xpending("", 0), delivery{"1-2", "cid", 2}, delivery{"2-0", "bob", 1})
			t.replies(t.must(xclaim("bob", hour, "1-2")), found("1-2"))
			t.Expect(names(t)).To(gomega.Equal([]string{"bob", "cid"}))
		}),
	)
}

// groupsChecks are about which groups there are.
func groupsChecks() []check {
	groups := drivers.Command{Op: drivers.OpXGroups, Key: "k"}
	names := func(names ...string) drivers.Reply { return drivers.Reply{Values: names} }
	other := func(name string) drivers.Command {
		return drivers.Command{Op: drivers.OpXGroupCreate, Key: "k", Value: name, Extra: &drivers.Extra{Expected: "0"}}
	}
	return rows(
		row{says: "is empty for an absent key", when: groups, want: names()},
		row{says: "is empty for a stream without groups", given: stream("1-1"), when: groups, want: names()},
		row{says: "lists the groups of a stream in the order of their names", given: followed(stream("1-1"), groupCreate("0"), other("Zed"), other("a\x00b")),
			when: groups, want: names("Zed", "a\x00b", "group")},
		row{says: "lists that of a stream without entries", given: given(groupCreate("0")), when: groups, want: names("group")},
		row{says: "does not list what was destroyed", given: followed(stream("1-1"), groupCreate("0"), drivers.Command{Op: drivers.OpXGroupDestroy, Key: "k", Value: "group"}),
			when: groups, want: names()},
	)
}

// lagChecks are about how much a group has still to get.
func lagChecks() []check {
	behind := func(n int64) drivers.Reply { return drivers.Reply{Int: n} }
	absent, unknown := drivers.Reply{Nil: true}, behind(-1)
	four := stream("1-1", "1-2", "2-0", "3-0")
	return rows(
		row{says: "is Nil for an absent key", when: lagOf("group"), want: absent},
		row{says: "is Nil for an unknown group", given: four, when: lagOf("group"), want: absent},
		row{says: "is 0 for a stream that never had an entry", given: given(groupCreate("0")), when: lagOf("group"), want: behind(0)},
		row{says: "is all for a group that begins with the first", given: followed(four, groupCreate("0")), when: lagOf("group"), want: behind(4)},
		row{says: "is 0 for a group that begins with the last", given: followed(four, groupCreate("$")), when: lagOf("group"), want: behind(0)},
		row{says: "is unknown for a group that begins in between", given: followed(four, groupCreate("1-2")), when: lagOf("group"), want: unknown},
		row{says: "is what was not delivered yet, acknowledged or not", given: followed(four, groupCreate("0"), fetch("ann", 3)), when: lagOf("group"), want: behind(1)},
		row{says: "is unknown where an entry was deleted ahead", given: followed(four, groupCreate("0"), fetch("ann", 1), xdel("2-0")), when: lagOf("group"), want: unknown},
		row{says: "is known again once all is delivered", given: followed(four, groupCreate("0"), xdel("2-0"), fetch("ann", 10)), when: lagOf("group"), want: behind(0)},
	)
}
