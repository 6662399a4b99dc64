package spec

import (
	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// readWatchChecks are about transactions that watch what they read, and about their end.
func readWatchChecks(h Harness) []check {
	topic := func(says string, run func(t *trial)) check {
		return check{about: "a transaction", says: says, run: run}
	}
	if !h.Watch {
		return []check{topic("is errors.ErrUnsupported", func(t *trial) {
			_, err := drivers.Begin(t.ctx, t.Driver, t.key("k"))
			t.fails(err, unsupported)
		})}
	}
	checks := []check{
		topic("that has read nothing is disturbed by nothing", func(t *trial) {
			t.given(put("k", "v"))
			t.transact(func(tx drivers.Transaction) {
				t.given(put("k", "intruder"))
				t.Expect(t.commit(tx, put("k", "new"))).To(gomega.Succeed())
			})
			t.changed("k", sight{}, holds("new"), 0, 0)
		}),
		topic("makes nothing of an empty batch, and goes on", func(t *trial) {
			t.transact(func(tx drivers.Transaction) {
				t.Expect(tx.DoBatch(t.ctx, t.atomic())).To(gomega.Succeed())
				t.Expect(t.commit(tx, put("k", "v"))).To(gomega.Succeed())
			})
		}),
		topic("that does not commit does nothing", func(t *trial) {
			t.given(put("k", "v"))
			t.transact(func(tx drivers.Transaction) { t.Expect(t.inTransaction(tx, get("k"))).To(gomega.Succeed()) })
			t.changed("k", sight{}, holds("v"), 0, 0)
		}),
		topic("does not notice what happened before it read", func(t *trial) {
			t.transact(func(tx drivers.Transaction) {
				t.given(put("k", "before"))
				reply, err := tx.Do(t.ctx, t.place(get("k")))
				t.Expect(err).NotTo(gomega.HaveOccurred())
				t.replies(reply, drivers.Reply{Value: "before"})
				t.Expect(t.commit(tx, put("k", "new"))).To(gomega.Succeed())
			})
		}),
		topic("that is ended can do nothing more, and can be ended again", (*trial).overAfterEnd),
		topic("can be ended after its commit", func(t *trial) {
			t.transact(func(tx drivers.Transaction) {
				t.Expect(t.commit(tx, put("k", "v"))).To(gomega.Succeed())
				tx.End()
			})
			t.changed("k", sight{}, holds("v"), 0, 0)
		}),
		topic("of many leaves nothing behind", func(t *trial) {
			for range 200 {
				t.transact(func(tx drivers.Transaction) { t.Expect(t.inTransaction(tx, get("k"))).To(gomega.Succeed()) })
			}
			t.given(put("k", "v"))
		}),
	}
	for _, read := range transactionReads() {
		checks = append(checks,
			topic("watches what it reads: "+describe(read.cmd), func(t *trial) { t.readsWatched(read, t.inTransaction) }),
			topic("watches what it reads in a batch: "+describe(read.cmd), func(t *trial) { t.readsWatched(read, t.inTransactionBatch) }))
	}
	return checks
}

// watchedRead is a read, and writes each of which changes what it reads.
type watchedRead struct {
	given   []drivers.Command
	cmd     drivers.Command
	changes []drivers.Command
}

func transactionReads() []watchedRead {
	sets := given(fill("k", "a"), fill("other", "a"), fill("third", "a"))
	combine := func(op drivers.Op) watchedRead {
		return watchedRead{sets, drivers.Command{Op: op, Key: "k", Extra: &drivers.Extra{Keys: []string{"other", "third"}}}, given(fill("k", "b"), fill("other", "b"), fill("third", "b"))}
	}
	entered := given(enter("a"))
	return []watchedRead{
		{given(put("k", "v")), get("k"), given(put("k", "w"), drivers.Command{Op: drivers.OpDelete, Key: "k"})},
		{nil, get("k"), given(put("k", "w"))},
		{nil, drivers.Command{Op: drivers.OpExists, Key: "k"}, given(fill("k", "a"))},
		{given(put("k", "v")), ttl("k"), given(drivers.Command{Op: drivers.OpExpire, Key: "k", Expiry: in(hour)})},
		{sets, sscan(0, 10), given(fill("k", "b"))},
		combine(drivers.OpSInter), combine(drivers.OpSUnion), combine(drivers.OpSDiff),
		{entered, hget("b"), given(register("k", "b"))},
		{entered, lexRange("[b", "+"), given(enter("b"))},
		{nil, lexCount("-", "+"), given(enter("b"))},
	}
}

// transact begins on a key that no check touches: a cluster may have to watch it in
// order to find its slot.
func (t *trial) transact(fn func(tx drivers.Transaction)) {
	tx, err := drivers.Begin(t.ctx, t.Driver, t.key("begun"))
	t.Expect(err).NotTo(gomega.HaveOccurred())
	defer tx.End()
	fn(tx)
}

func (t *trial) inTransaction(tx drivers.Transaction, cmd drivers.Command) error {
	_, err := tx.Do(t.ctx, t.place(cmd))
	return err
}

func (t *trial) inTransactionBatch(tx drivers.Transaction, cmd drivers.Command) error {
	b := drivers.NewBatch(t.place(get("elsewhere")), t.place(cmd))
	return firstError(b, tx.DoBatch(t.ctx, b))
}

// readsWatched commits undisturbed, and disturbed by each change.
func (t *trial) readsWatched(r watchedRead, read func(drivers.Transaction, drivers.Command) error) {
	commit := func(t *trial, meanwhile ...drivers.Command) (err error) {
		t.given(r.given...)
		t.transact(func(tx drivers.Transaction) {
			t.Expect(read(tx, r.cmd)).To(gomega.Succeed())
			t.Expect(read(tx, r.cmd)).To(gomega.Succeed(), "reading again")
			t.given(meanwhile...)
			err = t.commit(tx, put("applied", "v"))
		})
		return err
	}
	t.Expect(commit(t)).To(gomega.Succeed())
	t.changed("applied", sight{}, holds("v"), 0, 0)
	for _, change := range r.changes {
		t = t.again()
		t.fails(commit(t, change), drivers.ErrConflict, describe(change))
		t.changed("applied", sight{}, gone, 0, 0)
	}
}

func (t *trial) overAfterEnd() {
	t.given(put("k", "v"))
	t.transact(func(tx drivers.Transaction) {
		tx.End()
		tx.End()
		t.fails(t.inTransaction(tx, get("k")), drivers.ErrInvalid, "Do after the end")
		t.fails(t.inTransactionBatch(tx, get("k")), drivers.ErrInvalid, "a plain DoBatch after the end")
		t.fails(t.commit(tx, put("k", "new")), drivers.ErrInvalid, "DoBatch after the end")
		t.fails(tx.Watch(t.ctx, t.key("k")), drivers.ErrInvalid, "Watch after the end")
	})
	t.changed("k", sight{}, holds("v"), 0, 0)
}
