package spec

import (
	"errors"
	"fmt"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// watchChecks are about optimistic transactions that nobody disturbs.
func watchChecks(h Harness) []check {
	topic := func(says string, run func(t *trial)) check { return check{about: "watching", says: says, run: run} }
	none := topic("nothing is ErrInvalid, without a call of the function", func(t *trial) {
		called := false
		err := drivers.Watch(t.ctx, t.Driver, nil, func(drivers.Transaction) error { called = true; return nil })
		t.fails(err, drivers.ErrInvalid)
		t.Expect(called).To(gomega.BeFalse())
	})
	if !h.Watch {
		return []check{none, topic("is errors.ErrUnsupported, without a call of the function", func(t *trial) {
			called := false
			err := t.watch(func(drivers.Transaction) error { called = true; return nil }, "k")
			t.fails(err, unsupported)
			t.Expect(called).To(gomega.BeFalse())
		})}
	}
	return []check{
		none,
		topic("applies the atomic batch where nobody changed the key, with every outcome in its item", (*trial).commits),
		topic("reads at once", (*trial).readsAtOnce),
		topic("returns what the function returns, and applies nothing by itself", (*trial).returnsError),
		topic("does nothing where the function does nothing", func(t *trial) {
			t.given(put("k", "v"))
			t.Expect(t.watch(func(drivers.Transaction) error { return nil }, "k")).To(gomega.Succeed())
			t.changed("k", sight{}, holds("v"), 0, 0)
		}),
		topic("makes a watched key that is absent", func(t *trial) {
			t.Expect(t.watch(func(tx drivers.Transaction) error { return t.commit(tx, put("k", "v")) }, "k")).To(gomega.Succeed())
			t.changed("k", sight{}, holds("v"), 0, 0)
		}),
		topic("is not disturbed by a command that finds another type: it is an outcome, and no conflict", (*trial).wrongTypeInCommit),
		topic("ends with the function: nothing can be done through it afterwards", (*trial).overAfterwards),
		topic("ends with its commit: whatever is asked of it later is ErrInvalid", (*trial).overAfterCommit),
		topic("loses no increment of many goroutines that try again on ErrConflict", (*trial).watchTogether),
		topic("refuses a write outside the atomic batch, which would be applied whatever becomes of it", (*trial).refusesWrites),
		topic("may be done on two keys, one after the other", (*trial).watchesMore),
	}
}

func (t *trial) watch(fn func(tx drivers.Transaction) error, names ...string) error {
	keys := make([]string, len(names))
	for i, name := range names {
		keys[i] = t.key(name)
	}
	return drivers.Watch(t.ctx, t.Driver, keys, fn)
}

// commit executes an atomic batch through tx.
func (t *trial) commit(tx drivers.Transaction, commands ...drivers.Command) error {
	b := t.atomic(commands...)
	return firstError(b, tx.DoBatch(t.ctx, b))
}

func (t *trial) atomic(commands ...drivers.Command) *drivers.Batch {
	b := drivers.NewBatch(commands...)
	for i := range b.Items {
		b.Items[i].Command = t.place(b.Items[i].Command)
	}
	b.Atomic = true
	return b
}

func (t *trial) commits() {
	t.given(put("k", "old"))
	calls := 0
	b := t.atomic(put("k", "new"), get("k"), fill("other", "a"))
	t.Expect(t.watch(func(tx drivers.Transaction) error { calls++; return tx.DoBatch(t.ctx, b) }, "k")).To(gomega.Succeed())
	t.Expect(calls).To(gomega.Equal(1))
	for i, want := range []drivers.Reply{{}, {Value: "new"}, {Int: 1}} {
		t.Expect(b.Items[i].Err).NotTo(gomega.HaveOccurred())
		t.replies(b.Items[i].Reply, want)
	}
	t.changed("k", sight{}, holds("new"), 0, 0)
	t.changed("other", sight{}, contains("a"), 0, 0)
}

func (t *trial) readsAtOnce() {
	t.given(put("k", "v"), fill("other", "a", "b"))
	err := t.watch(func(tx drivers.Transaction) error {
		text, err := tx.Do(t.ctx, t.place(get("k")))
		if err != nil {
			return err
		}
		t.replies(text, drivers.Reply{Value: "v"})
		members, err := tx.Do(t.ctx, t.place(drivers.Command{Op: drivers.OpSMembers, Key: "other"}))
		if err != nil {
			return err
		}
		t.replies(members, drivers.Reply{Values: []string{"a", "b"}})
		_, err = tx.Do(t.ctx, t.place(get("other")))
		t.fails(err, drivers.ErrWrongType)
		_, err = tx.Do(t.ctx, t.place(pop(-1)))
		t.fails(err, drivers.ErrInvalid)
		return t.commit(tx, put("k", text.Value+members.Values[0][:1]))
	}, "k")
	t.Expect(err).NotTo(gomega.HaveOccurred())
}

func (t *trial) returnsError() {
	t.given(put("k", "v"))
	own := errors.New("the function's own")
	err := t.watch(func(tx drivers.Transaction) error {
		_, _ = tx.Do(t.ctx, t.place(get("k")))
		return own
	}, "k")
	t.Expect(err).To(gomega.MatchError(own))
	t.changed("k", sight{}, holds("v"), 0, 0)
	t.Expect(t.watch(func(tx drivers.Transaction) error { return t.commit(tx, put("k", "new")) }, "k")).To(gomega.Succeed())
}

func (t *trial) wrongTypeInCommit() {
	t.given(fill("set", "a"))
	b := t.atomic(put("k", "v"), get("set"), drivers.Command{Op: drivers.OpAppend, Key: "k", Value: "w"})
	t.Expect(t.watch(func(tx drivers.Transaction) error { return tx.DoBatch(t.ctx, b) }, "k")).To(gomega.Succeed())
	t.fails(b.Items[1].Err, drivers.ErrWrongType)
	t.changed("k", sight{}, holds("vw"), 0, 0)
}

func (t *trial) overAfterwards() {
	t.given(put("k", "v"))
	var kept drivers.Transaction
	t.Expect(t.watch(func(tx drivers.Transaction) error { kept = tx; return nil }, "k")).To(gomega.Succeed())
	_, err := kept.Do(t.ctx, t.place(get("k")))
	t.Expect(err).To(gomega.HaveOccurred(), "Do after the end")
	t.Expect(t.commit(kept, put("k", "new"))).NotTo(gomega.Succeed(), "DoBatch after the end")
	plain := drivers.NewBatch(t.place(put("k", "new")))
	t.Expect(firstError(plain, kept.DoBatch(t.ctx, plain))).To(gomega.HaveOccurred(), "a plain DoBatch after the end")
	t.Expect(kept.Watch(t.ctx, t.key("other"))).NotTo(gomega.Succeed(), "Watch after the end")
	t.changed("k", sight{}, holds("v"), 0, 0)
}

func (t *trial) overAfterCommit() {
	t.given(put("k", "v"))
	err := t.watch(func(tx drivers.Transaction) error {
		if err := t.commit(tx, put("k", "first")); err != nil {
			return err
		}
		t.given(put("k", "intruder"))
		t.fails(t.commit(tx, put("k", "second")), drivers.ErrInvalid)
		_, err := tx.Do(t.ctx, t.place(get("k")))
		t.fails(err, drivers.ErrInvalid)
		t.fails(tx.Watch(t.ctx, t.key("k")), drivers.ErrInvalid)
		return nil
	}, "k")
	t.Expect(err).NotTo(gomega.HaveOccurred())
	t.changed("k", sight{}, holds("intruder"), 0, 0)
}

func (t *trial) watchTogether() {
	t.given(put("k", "0"))
	t.together(func(int) error {
		for done := 0; done < 5; {
			err := t.watch(func(tx drivers.Transaction) error {
				now, err := tx.Do(t.ctx, t.place(get("k")))
				if err != nil {
					return err
				}
				var number int
				_, _ = fmt.Sscan(now.Value, &number)
				return t.commit(tx, put("k", fmt.Sprint(number+1)), drivers.Command{Op: drivers.OpAppend, Key: "other", Value: "x"})
			}, "k")
			switch {
			case err == nil:
				done++
			case !errors.Is(err, drivers.ErrConflict):
				return err
			}
		}
		return nil
	})
	t.changed("k", sight{}, holds(fmt.Sprint(5*goroutines)), 0, 0)
	t.replies(t.must(drivers.Command{Op: drivers.OpStrLen, Key: "other"}), drivers.Reply{Int: 5 * goroutines})
}

func (t *trial) watchesMore() {
	t.given(put("k", "v"), put("other", "w"))
	err := t.watch(func(tx drivers.Transaction) error {
		if err := tx.Watch(t.ctx, t.key("other")); err != nil {
			return err
		}
		return t.commit(tx, put("k", "new"), put("other", "new"))
	}, "k")
	t.Expect(err).NotTo(gomega.HaveOccurred())
	t.changed("k", sight{}, holds("new"), 0, 0)
	t.changed("other", sight{}, holds("new"), 0, 0)
}

func (t *trial) refusesWrites() {
	t.given(put("k", "v"))
	err := t.watch(func(tx drivers.Transaction) error {
		_, err := tx.Do(t.ctx, t.place(put("other", "new")))
		t.fails(err, drivers.ErrInvalid)
		plain := drivers.NewBatch(t.place(get("k")), t.place(put("other", "new")))
		t.fails(firstError(plain, tx.DoBatch(t.ctx, plain)), drivers.ErrInvalid)
		return t.commit(tx, put("k", "new"))
	}, "k")
	t.Expect(err).NotTo(gomega.HaveOccurred())
	t.changed("k", sight{}, holds("new"), 0, 0)
	t.changed("other", sight{}, gone, 0, 0)
}
