package spec

import (
	"fmt"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// slotChecks: keys of one command, of an atomic batch and of a transaction must
// lie in one slot, in a store that has slots. Nothing is sent where they do not.
func slotChecks(h Harness) []check {
	topic := func(says string, run func(t *trial)) check { return check{about: "slots", says: says, run: run} }
	spread := topic("do not matter to a plain batch, whose commands have a key each", func(t *trial) {
		var commands []drivers.Command
		for i := range 200 {
			commands = append(commands, put(fmt.Sprint("k", i), fmt.Sprint(i)), get(fmt.Sprint("k", i)), get("k0"))
		}
		b := drivers.NewBatch(commands...)
		t.Expect(firstError(b, drivers.DoBatch(t.ctx, t.Driver, b))).To(gomega.Succeed())
		for i := range 200 {
			t.replies(b.Items[3*i+1].Reply, drivers.Reply{Value: fmt.Sprint(i)})
			t.replies(b.Items[3*i+2].Reply, drivers.Reply{Value: "0"})
		}
	})
	if len(h.Apart) < 2 {
		return []check{spread, topic("there are none: any keys go together", func(t *trial) { t.anyKeysTogether() })}
	}
	here, there := h.Apart[0], h.Apart[1]
	across := []drivers.Command{
		{Op: drivers.OpSMove, Key: here, Extra: &drivers.Extra{Keys: []string{there}}, Value: "a"},
		{Op: drivers.OpSInter, Key: here, Extra: &drivers.Extra{Keys: []string{there}}},
		{Op: drivers.OpSUnion, Key: here, Extra: &drivers.Extra{Keys: []string{here, there}}},
		{Op: drivers.OpSDiff, Key: here, Extra: &drivers.Extra{Keys: []string{there, here}}},
		{Op: drivers.OpZInter, Key: here, Extra: &drivers.Extra{Keys: []string{there}}},
		{Op: drivers.OpZUnionStore, Key: here, Extra: &drivers.Extra{Keys: []string{here, there}}},
	}
	across = append(across, drivers.Command{Op: drivers.OpXMove, Key: here, Value: "group", Values: []string{"0-0"}, Extra: &drivers.Extra{Keys: []string{there}, Expected: "ann"}})
	indexedThere := indexed(fill(here, "a"), drivers.Index{Key: here, Registry: there, ID: "1", Names: []string{"n"}})
	across = append(across, indexedThere)
	checks := []check{spread, topic("apart in a plain batch: only a command across them is ErrCrossSlot", func(t *trial) {
		t.fillApart(here, there)
		b := drivers.NewBatch(put(here+"2", "v"), across[0], put(there+"2", "v"), get(here+"2"))
		t.Expect(drivers.DoBatch(t.ctx, t.Driver, b)).To(gomega.Succeed())
		t.fails(b.Items[1].Err, drivers.ErrCrossSlot)
		t.Expect(b.Items[2].Err).NotTo(gomega.HaveOccurred())
		t.replies(b.Items[3].Reply, drivers.Reply{Value: "v"})
		t.stillApart(here, there)
	})}
	for _, cmd := range across {
		checks = append(checks, about(cmd.Op, "across slots is ErrCrossSlot", func(t *trial) {
			t.fillApart(here, there)
			_, err := t.Driver.Do(t.ctx, cmd)
			t.fails(err, drivers.ErrCrossSlot)
			t.stillApart(here, there)
		}))
	}
	if h.Batch {
		checks = append(checks, topic("apart in an atomic batch are ErrCrossSlot, and nothing is sent", func(t *trial) {
			t.fillApart(here, there)
			b := drivers.NewBatch(fill(here, "b"), fill(there, "b"))
			b.Atomic = true
			t.fails(firstError(b, drivers.DoBatch(t.ctx, t.Driver, b)), drivers.ErrCrossSlot)
			t.stillApart(here, there)
		}))
	}
	if h.Watch {
		checks = append(checks,
			topic("apart cannot be watched together: ErrCrossSlot", func(t *trial) {
				called := false
				err := drivers.Watch(t.ctx, t.Driver, []string{here, there}, func(drivers.Transaction) error { called = true; return nil })
				t.fails(err, drivers.ErrCrossSlot)
				t.Expect(called).To(gomega.BeFalse())
			}),
			topic("apart cannot be watched one after the other: ErrCrossSlot", func(t *trial) {
				err := drivers.Watch(t.ctx, t.Driver, []string{here}, func(tx drivers.Transaction) error { return tx.Watch(t.ctx, there) })
				t.fails(err, drivers.ErrCrossSlot)
			}),
			topic("apart cannot be read in one transaction: ErrCrossSlot", func(t *trial) {
				t.fillApart(here, there)
				tx, err := drivers.Begin(t.ctx, t.Driver, here)
				t.Expect(err).NotTo(gomega.HaveOccurred())
				defer tx.End()
				_, err = tx.Do(t.ctx, drivers.Command{Op: drivers.OpSMembers, Key: there})
				t.fails(err, drivers.ErrCrossSlot)
			}),
			topic("apart: what is watched here cannot be the condition of a change there", func(t *trial) {
				t.fillApart(here, there)
				err := drivers.Watch(t.ctx, t.Driver, []string{here}, func(tx drivers.Transaction) error {
					b := drivers.NewBatch(fill(there, "b"))
					b.Atomic = true
					return firstError(b, tx.DoBatch(t.ctx, b))
				})
				t.fails(err, drivers.ErrCrossSlot)
				t.stillApart(here, there)
			}))
	}
	return checks
}

func (t *trial) fillApart(keys ...string) {
	for _, key := range keys {
		_, err := t.Driver.Do(t.ctx, fill(key, "a"))
		t.Expect(err).NotTo(gomega.HaveOccurred())
	}
}

func (t *trial) stillApart(keys ...string) {
	for _, key := range keys {
		reply, err := t.Driver.Do(t.ctx, drivers.Command{Op: drivers.OpSMembers, Key: key})
		t.Expect(err).NotTo(gomega.HaveOccurred())
		t.replies(reply, drivers.Reply{Values: []string{"a"}}, "members of %q", key)
	}
}

func (t *trial) anyKeysTogether() {
	t.fillApart("{a}k", "{b}k", "c")
	reply, err := t.Driver.Do(t.ctx, drivers.Command{Op: drivers.OpSInter, Key: "{a}k", Extra: &drivers.Extra{Keys: []string{"{b}k", "c"}}})
	t.Expect(err).NotTo(gomega.HaveOccurred())
	t.replies(reply, drivers.Reply{Values: []string{"a"}})
}
