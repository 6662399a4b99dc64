package spec

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// batchChecks are about plain batches, which every driver executes: one that is
// no Batcher, by a loop over Do.
func batchChecks(Harness) []check {
	topic := func(says string, run func(t *trial)) check { return check{about: "a batch", says: says, run: run} }
	return []check{
		topic("of nothing does nothing", func(t *trial) {
			_, err := t.batch(false)
			t.Expect(err).NotTo(gomega.HaveOccurred())
		}),
		topic("puts every outcome in its item, in order", (*trial).outcomesInOrder),
		topic("lets each command see what those before it did", (*trial).seesWhatWasDone),
		topic("goes on after a command that finds another type", func(t *trial) {
			t.goesOn(drivers.Command{Op: drivers.OpAppend, Key: "set", Value: "x"}, drivers.ErrWrongType)
		}),
		topic("goes on after a command with an invalid argument", func(t *trial) {
			t.goesOn(drivers.Command{Op: drivers.OpSPop, Key: "set", Amount: -1}, drivers.ErrInvalid)
		}),
		topic("goes on after an unknown Op", func(t *trial) { t.goesOn(drivers.Command{Key: "k"}, drivers.ErrInvalid) }),
		topic("can fail in all its commands", (*trial).failsEverywhere),
		topic("leaves its commands as they were", (*trial).leavesCommands),
		topic("may be executed again, and then has the outcomes of the last time", (*trial).runsAgain),
		topic("may have thousands of commands", (*trial).longBatch),
		topic("may carry megabytes", func(t *trial) {
			big := strings.Repeat("x", 1<<20)
			items := t.mustBatch(false, put("k", big), get("k"), put("other", big), get("other"))
			t.replies(items[1].Reply, drivers.Reply{Value: big})
			t.replies(items[3].Reply, drivers.Reply{Value: big})
		}),
		topic("loses nothing among goroutines", func(t *trial) { t.batchesTogether(false) }),
	}
}

func (t *trial) outcomesInOrder() {
	members := drivers.Command{Op: drivers.OpSMembers, Key: "set"}
	items := t.mustBatch(false,
		get("k"), put("k", "v"), get("k"), drivers.Command{Op: drivers.OpAppend, Key: "k", Value: "w"}, get("k"),
		members, fill("set", "a", "b"), members, drivers.Command{Op: drivers.OpDelete, Key: "set"}, members,
		bitRange(u8, 0, 2), ttl("k"), drivers.Command{Op: drivers.OpSwap, Key: "k", Value: ""}, get("k"))
	for i, want := range []drivers.Reply{
		{Nil: true}, {}, {Value: "v"}, {Int: 2}, {Value: "vw"},
		{}, {Int: 2}, {Values: []string{"a", "b"}}, {Int: 1}, {},
		{Ints: []int64{'v', 'w'}}, {Int: -1}, {Value: "vw"}, {Value: ""},
	} {
		t.replies(items[i].Reply, want, "item %d: %s", i, describe(items[i].Command))
	}
}

func (t *trial) seesWhatWasDone() {
	var commands []drivers.Command
	for range 50 {
		commands = append(commands, bitIncrement(u8, 0, 1))
	}
	for i, item := range t.mustBatch(false, commands...) {
		t.replies(item.Reply, drivers.Reply{Int: int64(i) + 1})
	}
}

// goesOn executes a failing command between others.
func (t *trial) goesOn(failing drivers.Command, want error) {
	t.given(fill("set", "a"))
	b, err := t.batch(false, put("k", "v"), failing, drivers.Command{Op: drivers.OpAppend, Key: "k", Value: "w"}, get("k"))
	t.Expect(err).NotTo(gomega.HaveOccurred(), "the batch as a whole")
	t.fails(b.Items[1].Err, want)
	for _, i := range []int{0, 2, 3} {
		t.Expect(b.Items[i].Err).NotTo(gomega.HaveOccurred())
	}
	t.replies(b.Items[3].Reply, drivers.Reply{Value: "vw"})
	t.changed("set", sight{}, contains("a"), 0, 0)
}

func (t *trial) failsEverywhere() {
	t.given(fill("set", "a"))
	b, err := t.batch(false, get("set"), pop(-1), drivers.Command{Op: drivers.OpStrLen, Key: "set"})
	t.Expect(err).NotTo(gomega.HaveOccurred(), "the batch as a whole")
	t.fails(b.Items[0].Err, drivers.ErrWrongType)
	t.fails(b.Items[1].Err, drivers.ErrInvalid)
	t.fails(b.Items[2].Err, drivers.ErrWrongType)
}

func (t *trial) leavesCommands() {
	commands := []drivers.Command{put("k", "v"), fill("set", "b", "a"), {Op: drivers.OpSUnion, Key: "set", Extra: &drivers.Extra{Keys: []string{"other"}}}, pop(-1)}
	b, err := t.batch(false, commands...)
	t.Expect(err).NotTo(gomega.HaveOccurred())
	t.Expect(b.Items).To(gomega.HaveLen(len(commands)))
	for i, cmd := range commands {
		t.Expect(b.Items[i].Command).To(gomega.Equal(t.place(cmd)))
	}
}

func (t *trial) runsAgain() {
	t.given(fill("k", "a"))
	b, err := t.batch(false, get("k"), drivers.Command{Op: drivers.OpSMembers, Key: "k"})
	t.Expect(err).NotTo(gomega.HaveOccurred())
	t.fails(b.Items[0].Err, drivers.ErrWrongType)
	t.given(put("k", "v"))
	t.Expect(drivers.DoBatch(t.ctx, t.Driver, b)).To(gomega.Succeed())
	t.Expect(b.Items[0].Err).NotTo(gomega.HaveOccurred(), "the error of the first time is gone")
	t.replies(b.Items[0].Reply, drivers.Reply{Value: "v"})
	t.fails(b.Items[1].Err, drivers.ErrWrongType)
}

func (t *trial) longBatch() {
	var commands []drivers.Command
	for i := range 5000 {
		commands = append(commands, drivers.Command{Op: drivers.OpAppend, Key: fmt.Sprint("k", i%7), Value: "x"})
	}
	for i, item := range t.mustBatch(false, commands...) {
		t.replies(item.Reply, drivers.Reply{Int: int64(i/7) + 1})
	}
}

func (t *trial) batchesTogether(atomic bool) {
	t.together(func(int) error {
		for range rounds / 2 {
			b, err := t.batch(atomic, bitIncrement(i64, 0, 1), drivers.Command{Op: drivers.OpAppend, Key: "other", Value: "x"})
			if err = firstError(b, err); err != nil {
				return err
			}
		}
		return nil
	})
	t.replies(t.must(bitGet(i64, 0)), drivers.Reply{Int: goroutines * rounds / 2})
	t.replies(t.must(drivers.Command{Op: drivers.OpStrLen, Key: "other"}), drivers.Reply{Int: goroutines * rounds / 2})
}

func firstError(b *drivers.Batch, err error) error {
	for _, item := range b.Items {
		if err == nil {
			err = item.Err
		}
	}
	return err
}
