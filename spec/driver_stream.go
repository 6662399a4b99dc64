package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

var streamKind = kind{"stream", xadd("1-1", "field", "old")}

func xadd(id string, fields ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpXAdd, Key: "k", Value: id, Values: fields}
}

func xaddCapped(size int64, id string) drivers.Command {
	cmd := numbered(id)
	cmd.Amount = size
	return cmd
}

// numbered adds an entry whose field n is its id.
func numbered(id string) drivers.Command { return xadd(id, "n", id) }

// stream makes one of numbered entries.
func stream(ids ...string) []drivers.Command {
	var commands []drivers.Command
	for _, id := range ids {
		commands = append(commands, numbered(id))
	}
	return commands
}

// followed are commands, and then others.
func followed(commands []drivers.Command, others ...drivers.Command) []drivers.Command {
	return slices.Concat(commands, others)
}

// streamed is a stream of numbered entries.
func streamed(ids ...string) content { return content{value: entryList(found(ids...))} }

func entryList(reply drivers.Reply) string {
	lines := []string{}
	for id, fields := range drivers.Entries(reply) {
		lines = append(lines, fmt.Sprintf("%s %q", id, fields))
	}
	return fmt.Sprintf("stream %s", lines)
}

// found is a reply of numbered entries.
func found(ids ...string) (reply drivers.Reply) {
	for _, id := range ids {
		reply.Values, reply.Ints = append(reply.Values, id, "n", id), append(reply.Ints, 3)
	}
	return reply
}

// missing is a reply that goes on with entries that were deleted.
func missing(reply drivers.Reply, ids ...string) drivers.Reply {
	for _, id := range ids {
		reply.Values, reply.Ints = append(reply.Values, id), append(reply.Ints, 1)
	}
	return reply
}

func xrange(from, to string, amount int64) drivers.Command {
	return drivers.Command{Op: drivers.OpXRange, Key: "k", Extra: &drivers.Extra{Min: from, Max: to}, Amount: amount}
}

func xread(after string, amount int64) drivers.Command {
	return drivers.Command{Op: drivers.OpXRead, Key: "k", Value: after, Amount: amount}
}

func xtrim(size int64) drivers.Command {
	return drivers.Command{Op: drivers.OpXTrim, Key: "k", Amount: size}
}

func xtrimBefore(id string) drivers.Command {
	return drivers.Command{Op: drivers.OpXTrim, Key: "k", Extra: &drivers.Extra{Min: id}}
}

func xdel(ids ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpXDel, Key: "k", Values: ids}
}

func streamFamily() family {
	return family{
		kind: streamKind, all: xrange("-", "+", 0), size: command(drivers.OpXLen),
		content: func(reply drivers.Reply) (string, int) { return entryList(reply), len(reply.Ints) },
		examples: []example{
			{xadd("5-0", "field", "new"), streamKind, "Value Values Amount Expiry"},
			{command(drivers.OpXLen), streamKind, ""},
			{xrange("-", "+", 10), streamKind, "Min Max Amount Reverse"},
			{xread("0-0", 10), streamKind, "Value Amount"},
			{xtrim(10), streamKind, "Amount Min"},
			{xdel("1-1", "1-2"), streamKind, "Values"},
			{command(drivers.OpXLastID), streamKind, ""},
			{groupCreate("0-0"), streamKind, "Value Expected"},
			{groupDestroy, streamKind, "Value"},
			{readGroup("ann", drivers.NewEntries, 10), streamKind, "Value Expected Min Amount"},
			{xack("1-1", "1-2"), streamKind, "Value Values"},
			{xpending("", 10), streamKind, "Value Expected Min Max Start Amount"},
			{xclaim("bob", 0, "1-1", "1-2"), streamKind, "Value Expected Start Values"},
			{autoClaim("bob", 0, "0-0", 10), streamKind, "Value Expected Start Min Amount"},
			{claimOwn("ann", 0, 1, "1-1", "1-2"), streamKind, "Value Expected Start Amount Values"},
			{moveEntries("ann", "other", "1-1", "1-2"), streamKind, "Value Expected Values Keys Amount Expiry"},
			{consumersOf("group"), streamKind, "Value"},
			{delConsumer("ann", "bob"), streamKind, "Value Expected Min"},
			{lagOf("group"), streamKind, "Value"},
			{drivers.Command{Op: drivers.OpXGroups, Key: "k"}, streamKind, ""},
		},
		writers: []writer{
			{cmd: numbered("5-0"), existing: numbered("1-1"), want: drivers.Reply{Value: "5-0"}, changed: streamed("1-1", "5-0"),
				absent: true, made: streamed("5-0"), reply: drivers.Reply{Value: "5-0"}},
			{cmd: xaddCapped(1, "5-0"), existing: numbered("1-1"), want: drivers.Reply{Value: "5-0"}, changed: streamed("5-0"),
				absent: true, made: streamed("5-0"), reply: drivers.Reply{Value: "5-0"}},
		},
		checks: func(h Harness) []check {
			return slicesOf(xaddChecks(), xaddClockChecks(), streamReadChecks(), streamTrimChecks(), bigStreamChecks(), groupChecks(), deliveryChecks(), claimChecks(), idleChecks(), ownChecks(), consumerChecks(), lagChecks(), groupsChecks())
		},
	}
}

func xaddChecks() []check {
	added := func(id string) drivers.Reply { return drivers.Reply{Value: id} }
	const top = "18446744073709551615"
	table := []row{
		{says: "makes a stream", when: numbered("1-1"), want: added("1-1"), then: then{"k": streamed("1-1")}},
		{says: "adds an entry at the end", given: stream("1-1", "1-2"), when: numbered("2-0"), want: added("2-0"), then: then{"k": streamed("1-1", "1-2", "2-0")}},
		{says: "takes milliseconds alone for sequence 0", when: xadd("5", "n", "5-0"), want: added("5-0"), then: then{"k": streamed("5-0")}},
		{says: "writes ids without leading zeros", when: xadd("007-01", "n", "7-1"), want: added("7-1"), then: then{"k": streamed("7-1")}},
		{says: "keeps the order of fields, and those that come twice (row 46)", when: xadd("1-1", "b", "1", "a", "2", "b", "3", "", ""),
			want: added("1-1"), then: then{"k": content{value: `stream [1-1 ["b" "1" "a" "2" "b" "3" "" ""]]`}}},
		{says: "keeps entries of other fields apart", given: given(xadd("1-1", "a", "1", "b", "2")), when: xadd("2-1", "a", "3"),
			want: added("2-1"), then: then{"k": content{value: `stream [1-1 ["a" "1" "b" "2"] 2-1 ["a" "3"]]`}}},
		{says: "keeps a time to live", given: given(lastingStream("1-1")), when: numbered("2-0"), want: added("2-0"), then: then{"k": streamed("1-1", "2-0").kept()}},
		{says: "counts up within 5-* (row 45)", given: stream("5-0", "5-7"), when: xadd("5-*", "n", "5-8"), want: added("5-8"), then: then{"k": streamed("5-0", "5-7", "5-8")}},
		{says: "begins 5-* with 0 (row 45)", given: stream("4-7"), when: xadd("5-*", "n", "5-0"), want: added("5-0"), then: then{"k": streamed("4-7", "5-0")}},
		{says: "begins 0-* with 1, as 0-0 is forbidden (row 44)", when: xadd("0-*", "n", "0-1"), want: added("0-1"), then: then{"k": streamed("0-1")}},
		{says: "is ErrInvalid for 4-* after 5 (row 45)", given: stream("5-0"), when: xadd("4-*", "n", "x"), err: drivers.ErrInvalid},
		{says: "is ErrInvalid for 5-* where no sequence is left", given: stream("5-" + top), when: xadd("5-*", "n", "x"), err: drivers.ErrInvalid},
		{says: "is ErrInvalid for the last id", given: stream("5-0"), when: numbered("5-0"), err: drivers.ErrInvalid},
		{says: "is ErrInvalid below the last id", given: stream("5-3"), when: numbered("5-2"), err: drivers.ErrInvalid},
		{says: "is ErrInvalid below the last id, though its entry was deleted (row 44)", given: followed(stream("5-3"), xdel("5-3")), when: numbered("5-3"), err: drivers.ErrInvalid},
		{says: "is ErrInvalid for any id where none is left", given: stream(top + "-" + top), when: xadd("*", "n", "x"), err: drivers.ErrInvalid},
		{says: "drops the oldest entries beyond a cap", given: stream("1-1", "1-2", "1-3"), when: xaddCapped(2, "2-0"), want: added("2-0"), then: then{"k": streamed("1-3", "2-0")}},
		{says: "drops nothing up to a cap", given: stream("1-1"), when: xaddCapped(2, "2-0"), want: added("2-0"), then: then{"k": streamed("1-1", "2-0")}},
		{says: "that is refused drops nothing beyond a cap", given: stream("1-1", "1-2", "1-3"), when: xaddCapped(1, "1-1"), err: drivers.ErrInvalid},
		{says: "is ErrInvalid with a negative cap", when: xaddCapped(-1, "1-1"), err: drivers.ErrInvalid},
		{says: "is ErrInvalid without fields", when: xadd("1-1"), err: drivers.ErrInvalid},
		{says: "is ErrInvalid with a field without value", when: xadd("1-1", "a", "b", "c"), err: drivers.ErrInvalid},
	}
	for _, id := range []string{"0-0", "0", "", "-", "+", "-1", "1-", "1--1", "x", "1-x", "1-1-1", "*-*", "*-1", "+1-1", " 1-1", "1-1 ", "18446744073709551616-0", "$", "(1-1"} {
		table = append(table, row{says: fmt.Sprintf("is ErrInvalid for the id %q (row 44)", id), given: stream("1-1"), when: xadd(id, "n", "x"), err: drivers.ErrInvalid},
			row{says: fmt.Sprintf("makes no stream for the id %q (row 44)", id), when: xadd(id, "n", "x"), err: drivers.ErrInvalid})
	}
	return rows(table...)
}

func lastingStream(id string) drivers.Command {
	cmd := numbered(id)
	cmd.Expiry = in(hour)
	return cmd
}

// lastStreamID is the greatest that a stream can have.
const lastStreamID = "18446744073709551615-18446744073709551615"

// streamID reads an id as the clock makes them.
func (t *trial) streamID(text string) (millis, sequence int64) {
	before, after, both := strings.Cut(text, "-")
	t.Expect(both).To(gomega.BeTrue(), "%q is no id", text)
	millis, err := strconv.ParseInt(before, 10, 64)
	t.Expect(err).NotTo(gomega.HaveOccurred())
	sequence, err = strconv.ParseInt(after, 10, 64)
	t.Expect(err).NotTo(gomega.HaveOccurred())
	return millis, sequence
}

// xaddClockChecks are about ids that the store chooses.
func xaddClockChecks() []check {
	next := xadd("*", "n", "v")
	return []check{
		about(drivers.OpXAdd, "makes an id of the moment for *", func(t *trial) {
			before := t.now()
			millis, _ := t.streamID(t.must(next).Value)
			t.Expect(millis).To(gomega.And(gomega.BeNumerically(">=", before-1), gomega.BeNumerically("<=", t.now()+1)))
		}),
		about(drivers.OpXAdd, "makes ids for * that ascend, whatever the moment", func(t *trial) {
			lastMillis, lastSequence := int64(0), int64(0)
			for range 100 {
				millis, sequence := t.streamID(t.must(next).Value)
				t.Expect(millis > lastMillis || millis == lastMillis && sequence > lastSequence).To(gomega.BeTrue(),
					"%d-%d after %d-%d", millis, sequence, lastMillis, lastSequence)
				lastMillis, lastSequence = millis, sequence
			}
		}),
		about(drivers.OpXAdd, "makes an id for * that follows the last one where the clock is behind it", func(t *trial) {
			t.given(numbered("99999999999999-7"))
			t.replies(t.must(next), drivers.Reply{Value: "99999999999999-8"})
			t.given(numbered("99999999999999-18446744073709551615"))
			t.replies(t.must(next), drivers.Reply{Value: "100000000000000-0"})
		}),
	}
}

func streamReadChecks() []check {
	five := stream("1-1", "1-2", "2-0", "3-5", "9-0")
	back := func(cmd drivers.Command) drivers.Command { cmd.Reverse = true; return cmd }
	length, last := command(drivers.OpXLen), command(drivers.OpXLastID)
	id := func(id string) drivers.Reply { return drivers.Reply{Value: id} }
	table := []row{
		{says: "is 0 for an absent key", when: length, want: drivers.Reply{}},
		{says: "counts the entries", given: five, when: length, want: drivers.Reply{Int: 5}},

		{says: "is 0-0 for an absent key", when: last, want: id("0-0")},
		{says: "is that of the last entry", given: five, when: last, want: id("9-0")},
		{says: "survives the entry (row 44)", given: followed(stream("1-1", "1-2"), xdel("1-2")), when: last, want: id("1-2")},
		{says: "survives all entries (row 44)", given: followed(stream("1-1", "1-2"), xtrim(0)), when: last, want: id("1-2")},
		{says: "does not survive the key (row 44)", given: followed(stream("1-1"), command(drivers.OpDelete)), when: last, want: id("0-0")},

		{says: "is empty for an absent key", when: xrange("-", "+", 0), want: drivers.Reply{}},
		{says: "is all entries from - to +", given: five, when: xrange("-", "+", 0), want: found("1-1", "1-2", "2-0", "3-5", "9-0")},
		{says: "is all entries without ends", given: five, when: command(drivers.OpXRange), want: found("1-1", "1-2", "2-0", "3-5", "9-0")},
		{says: "has both its ends", given: five, when: xrange("1-2", "3-5", 0), want: found("1-2", "2-0", "3-5")},
		{says: "has no more than Amount", given: five, when: xrange("1-2", "+", 2), want: found("1-2", "2-0")},
		{says: "excludes ends with a bracket", given: five, when: xrange("(1-1", "(3-5", 0), want: found("1-2", "2-0")},
		{says: "takes milliseconds alone for all of their ids", given: five, when: xrange("1", "1", 0), want: found("1-1", "1-2")},
		{says: "excludes the first id of milliseconds alone at the lower end", given: five, when: xrange("(2", "3", 0), want: found("3-5")},
		{says: "is empty where the ends are crossed", given: five, when: xrange("3", "1", 0), want: drivers.Reply{}},
		{says: "goes backwards", given: five, when: back(xrange("1-2", "+", 0)), want: found("9-0", "3-5", "2-0", "1-2")},
		{says: "has no more than Amount from its upper end", given: five, when: back(xrange("-", "(9-0", 2)), want: found("3-5", "2-0")},
		{says: "passes over what was deleted", given: followed(stream("1-1", "1-2", "1-3"), xdel("1-2")), when: xrange("-", "+", 2), want: found("1-1", "1-3")},
		{says: "is ErrInvalid for a negative Amount", given: five, when: xrange("-", "+", -1), err: drivers.ErrInvalid},

		{says: "is empty, not Nil, for an absent key", when: xread("0-0", 0), want: drivers.Reply{}},
		{says: "is the entries after an id", given: five, when: xread("1-2", 0), want: found("2-0", "3-5", "9-0")},
		{says: "is the entries after an id there is none of", given: five, when: xread("2", 1), want: found("3-5")},
		{says: "has no more than Amount", given: five, when: xread("0-0", 2), want: found("1-1", "1-2")},
		{says: "is empty, not Nil, after the last id", given: five, when: xread("9-0", 0), want: drivers.Reply{}},
		{says: "is ErrInvalid for a negative Amount", given: five, when: xread("0-0", -1), err: drivers.ErrInvalid},
		{says: "is ErrInvalid after nothing", given: five, when: xread("", 0), err: drivers.ErrInvalid},
	}
	for _, end := range []string{"x", "1-", "(", "(-", "(+", "((1", "$", "*", "1-*"} {
		table = append(table,
			row{says: fmt.Sprintf("is ErrInvalid from %q", end), given: five, when: xrange(end, "+", 0), err: drivers.ErrInvalid},
			row{says: fmt.Sprintf("is ErrInvalid to %q", end), given: five, when: xrange("-", end, 0), err: drivers.ErrInvalid},
			row{says: fmt.Sprintf("is ErrInvalid after %q", end), given: five, when: xread(end, 0), err: drivers.ErrInvalid})
	}
	table = append(table,
		row{says: "is ErrInvalid behind the greatest id", given: five, when: xrange("("+lastStreamID, "+", 0), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid before the least id", given: five, when: xrange("-", "(0-0", 0), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid after the greatest id", given: five, when: xread(lastStreamID, 0), err: drivers.ErrInvalid})
	return rows(table...)
}

func streamTrimChecks() []check {
	four := stream("1-1", "1-2", "2-0", "3-0")
	removed := func(n int64) drivers.Reply { return drivers.Reply{Int: n} }
	return rows(
		row{says: "is 0 for an absent key", when: xtrim(1), want: removed(0)},
		row{says: "leaves the newest entries", given: four, when: xtrim(1), want: removed(3), then: then{"k": streamed("3-0")}},
		row{says: "leaves what is within the size", given: four, when: xtrim(4), want: removed(0)},
		row{says: "to nothing leaves an empty stream (row 21)", given: given(lastingStream("1-1")), when: xtrim(0), want: removed(1), then: then{"k": streamed().kept()}},
		row{says: "takes out the entries before an id", given: four, when: xtrimBefore("1-2"), want: removed(1), then: then{"k": streamed("1-2", "2-0", "3-0")}},
		row{says: "takes out the entries before milliseconds", given: four, when: xtrimBefore("2"), want: removed(2), then: then{"k": streamed("2-0", "3-0")}},
		row{says: "before 0-0 takes out nothing", given: four, when: xtrimBefore("0-0"), want: removed(0)},
		row{says: "before an id behind all leaves an empty stream (row 21)", given: four, when: xtrimBefore("9"), want: removed(4), then: then{"k": streamed()}},
		row{says: "is ErrInvalid for a negative size", given: four, when: xtrim(-1), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid before what is no id", given: four, when: xtrimBefore("-"), err: drivers.ErrInvalid},

		row{says: "is 0 for an absent key", when: xdel("1-1"), want: removed(0)},
		row{says: "takes out entries and counts those that were there", given: four, when: xdel("1-2", "3-0", "7-7"), want: removed(2), then: then{"k": streamed("1-1", "2-0")}},
		row{says: "counts an id given twice once", given: four, when: xdel("2-0", "2"), want: removed(1), then: then{"k": streamed("1-1", "1-2", "3-0")}},
		row{says: "of what is not there changes nothing", given: given(lastingStream("1-1")), when: xdel("1-2"), want: removed(0)},
		row{says: "of the last entry leaves an empty stream with its time to live (row 21)", given: given(lastingStream("1-1")), when: xdel("1-1"), want: removed(1), then: then{"k": streamed().kept()}},
		row{says: "is ErrInvalid without ids", given: four, when: xdel(), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with what is no id, and takes nothing out", given: four, when: xdel("1-1", "x"), err: drivers.ErrInvalid},
	)
}

// bigStreamChecks are about streams that take more than one block of memory.
func bigStreamChecks() []check {
	const size = 1000
	id := func(i int) string { return fmt.Sprintf("%d-%d", 1000+i/7, i%7) }
	fill := func(t *trial) (ids []string) {
		commands := make([]drivers.Command, size)
		for i := range commands {
			ids = append(ids, id(i))
			commands[i] = numbered(ids[i])
		}
		t.mustBatch(false, commands...)
		return ids
	}
	return []check{
		about(drivers.OpXRange, "finds each of a thousand entries", func(t *trial) {
			for i, id := range fill(t) {
				if i%13 == 0 {
					t.replies(t.must(xrange(id, id, 0)), found(id))
				}
			}
		}),
		about(drivers.OpXDel, "takes every third of a thousand entries out", func(t *trial) {
			var stay []string
			for i, id := range fill(t) {
				if i%3 == 0 {
					t.replies(t.must(xdel(id)), drivers.Reply{Int: 1})
				} else {
					stay = append(stay, id)
				}
			}
			t.changed("k", sight{}, streamed(stay...), 0, 0)
			t.replies(t.must(xtrim(100)), drivers.Reply{Int: int64(len(stay) - 100)})
			t.changed("k", sight{}, streamed(stay[len(stay)-100:]...), 0, 0)
		}),
		about(drivers.OpXTrim, "takes the entries of two thirds of the time out", func(t *trial) {
			ids := fill(t)
			t.replies(t.must(xtrimBefore(ids[700])), drivers.Reply{Int: 700})
			t.changed("k", sight{}, streamed(ids[700:]...), 0, 0)
		}),
	}
}
