package spec

import (
	"fmt"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// atomicChecks: nobody else's command runs within an atomic batch, and all of it
// is sent or none.
func atomicChecks(h Harness) []check {
	topic := func(says string, run func(t *trial)) check {
		return check{about: "an atomic batch", says: says, run: run}
	}
	if !h.Batch {
		return []check{topic("is errors.ErrUnsupported, and nothing of it is executed", func(t *trial) {
			b, err := t.batch(true, put("k", "v"), get("k"))
			t.fails(err, unsupported)
			t.Expect(b.Atomic).To(gomega.BeTrue())
			t.changed("k", sight{}, gone, 0, 0)
		})}
	}
	return []check{
		topic("of nothing does nothing", func(t *trial) {
			_, err := t.batch(true)
			t.Expect(err).NotTo(gomega.HaveOccurred())
		}),
		topic("puts every outcome in its item, in order", func(t *trial) {
			items := t.mustBatch(true, put("k", "a"), get("k"), drivers.Command{Op: drivers.OpAppend, Key: "k", Value: "b"}, get("k"), get("absent"))
			for i, want := range []drivers.Reply{{}, {Value: "a"}, {Int: 2}, {Value: "ab"}, {Nil: true}} {
				t.replies(items[i].Reply, want)
			}
		}),
		topic("is not undone by a command that finds another type", (*trial).notUndone),
		topic("with an invalid argument is not executed at all", (*trial).invalidRefusesAll),
		topic("may name one key many times, and many keys", (*trial).manyKeysAtomically),
		topic("is seen as a whole: two keys it writes are always equal", (*trial).isolated),
		topic("is not interrupted: what it reads twice is the same", (*trial).repeatable),
		topic("loses nothing among goroutines", func(t *trial) { t.batchesTogether(true) }),
		topic("names its keys in any order without blocking another", (*trial).noDeadlock),
	}
}

func (t *trial) notUndone() {
	t.given(fill("set", "a"))
	b, err := t.batch(true, put("k", "v"), get("set"), drivers.Command{Op: drivers.OpAppend, Key: "k", Value: "w"})
	t.Expect(err).NotTo(gomega.HaveOccurred(), "the batch as a whole")
	t.Expect(b.Items[0].Err).NotTo(gomega.HaveOccurred())
	t.fails(b.Items[1].Err, drivers.ErrWrongType)
	t.replies(b.Items[2].Reply, drivers.Reply{Int: 2})
	t.changed("k", sight{}, holds("vw"), 0, 0)
}

func (t *trial) invalidRefusesAll() {
	t.given(put("k", "old"))
	b, err := t.batch(true, put("k", "new"), pop(-1), put("other", "new"))
	t.Expect(firstError(b, err)).To(gomega.HaveOccurred())
	t.fails(b.Items[1].Err, drivers.ErrInvalid)
	t.changed("k", sight{}, holds("old"), 0, 0)
	t.changed("other", sight{}, gone, 0, 0)
}

func (t *trial) manyKeysAtomically() {
	var commands []drivers.Command
	for i := range 500 {
		commands = append(commands, drivers.Command{Op: drivers.OpAppend, Key: fmt.Sprint("k", i%100), Value: "x"})
	}
	for i, item := range t.mustBatch(true, commands...) {
		t.replies(item.Reply, drivers.Reply{Int: int64(i/100) + 1})
	}
}

func (t *trial) isolated() {
	t.given(put("k", "-"), put("other", "-"))
	t.together(func(worker int) error {
		for round := range rounds {
			if worker%2 == 0 {
				value := fmt.Sprint(worker, round)
				b, err := t.batch(true, put("k", value), put("other", value))
				if err = firstError(b, err); err != nil {
					return err
				}
				continue
			}
			b, err := t.batch(true, get("k"), get("other"))
			if err = firstError(b, err); err != nil {
				return err
			}
			if one, two := b.Items[0].Reply.Value, b.Items[1].Reply.Value; one != two {
				return fmt.Errorf("a reader saw %q and %q", one, two)
			}
		}
		return nil
	})
}

func (t *trial) repeatable() {
	t.together(func(worker int) error {
		for range rounds {
			if worker%2 == 0 {
				if _, err := t.do(bitIncrement(i64, 0, 1)); err != nil {
					return err
				}
				continue
			}
			b, err := t.batch(true, bitGet(i64, 0), get("other"), bitIncrement(i64, 0, 1), get("other"), bitGet(i64, 0))
			if err = firstError(b, err); err != nil {
				return err
			}
			if before, after := b.Items[0].Reply.Int, b.Items[4].Reply.Int; after != before+1 {
				return fmt.Errorf("read %d, added 1, read %d", before, after)
			}
		}
		return nil
	})
}

func (t *trial) noDeadlock() {
	t.together(func(worker int) error {
		for range rounds {
			commands := []drivers.Command{put("a", "x"), put("b", "x"), put("c", "x")}
			if worker%2 == 0 {
				commands[0], commands[2] = commands[2], commands[0]
			}
			b, err := t.batch(true, commands...)
			if err = firstError(b, err); err != nil {
				return err
			}
		}
		return nil
	})
}
