package spec

import (
	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// intrusion is what somebody else does while a transaction watches "k".
type intrusion struct {
	says   string
	given  []drivers.Command
	intr   []drivers.Command
	expire bool
}

// conflictChecks are about transactions that somebody disturbs, or does not.
func conflictChecks(h Harness) []check {
	if !h.Watch {
		return nil
	}
	var checks []check
	for _, i := range intrusions() {
		checks = append(checks, check{about: "watching", says: "is ErrConflict, and applies nothing, where somebody " + i.says,
			run: func(t *trial) { t.disturbed(i, "k", true) }})
	}
	for _, i := range harmless() {
		checks = append(checks, check{about: "watching", says: "is not disturbed by somebody who " + i.says,
			run: func(t *trial) { t.disturbed(i, "k", false) }})
	}
	return append(checks,
		check{about: "watching", says: "is ErrConflict for a change of any of its keys", run: func(t *trial) {
			t.disturbed(intrusion{given: given(put("k", "v")), intr: given(fill("watched2", "a"))}, "k", true, "watched2")
		}},
		check{about: "watching", says: "is ErrConflict for a change of a key watched later", run: (*trial).disturbedLater},
		check{about: "watching", says: "does not notice what happened to a key before it was watched", run: (*trial).disturbedBefore},
		check{about: "watching", says: "is ErrConflict, though the function swallows it, and Watch returns what the function returns", run: (*trial).swallowed},
	)
}

func intrusions() []intrusion {
	text, set := given(put("k", "v")), given(fill("k", "a", "b"))
	cmd := func(op drivers.Op, value string) []drivers.Command {
		return given(drivers.Command{Op: op, Key: "k", Value: value, Values: []string{"a"}, Bits: u8, Extra: &drivers.Extra{Expected: "v", Keys: []string{"dest"}}})
	}
	return []intrusion{
		{says: "wrote the key", given: text, intr: given(put("k", "w"))},
		{says: "wrote the same value", given: text, intr: given(put("k", "v"))},
		{says: "made the absent key", intr: given(put("k", "w"))},
		{says: "made a set of the absent key", intr: given(fill("k", "a"))},
		{says: "removed the key", given: text, intr: given(drivers.Command{Op: drivers.OpDelete, Key: "k"})},
		{says: "removed the key and made it again", given: text, intr: given(drivers.Command{Op: drivers.OpDelete, Key: "k"}, put("k", "v"))},
		{says: "made the absent key and removed it again", intr: given(put("k", "v"), drivers.Command{Op: drivers.OpDelete, Key: "k"})},
		{says: "appended to the string", given: text, intr: cmd(drivers.OpAppend, "w")},
		{says: "swapped the string", given: text, intr: cmd(drivers.OpSwap, "w")},
		{says: "compared and swapped the string", given: text, intr: cmd(drivers.OpCompareAndSwap, "w")},
		{says: "set a slot", given: text, intr: given(bitSet(u8, 0, 'x'))},
		{says: "incremented a slot", given: text, intr: given(bitIncrement(u8, 0, 1))},
		{says: "gave the key a time to live", given: text, intr: given(drivers.Command{Op: drivers.OpExpire, Key: "k", Expiry: in(hour)})},
		{says: "took the key's time to live", given: given(putFor(hour, "k", "v")), intr: cmd(drivers.OpPersist, "")},
		{says: "added a member", given: set, intr: given(fill("k", "c"))},
		{says: "removed a member", given: set, intr: cmd(drivers.OpSRem, "")},
		{says: "popped a member", given: set, intr: given(pop(1))},
		{says: "replaced the set", given: set, intr: given(replace(drivers.Always, drivers.Expiry{}, "c"))},
		{says: "moved a member out of the set", given: set, intr: cmd(drivers.OpSMove, "a")},
		{says: "moved a member into the set", given: append(given(fill("source", "x")), set...),
			intr: given(drivers.Command{Op: drivers.OpSMove, Key: "source", Extra: &drivers.Extra{Keys: []string{"k"}}, Value: "x"})},
		{says: "let the key expire", given: text, expire: true},
	}
}

func harmless() []intrusion {
	text, set := given(putFor(hour, "k", "v")), given(fillFor(hour, "k", "a", "b"))
	refused := put("k", "w")
	refused.If = drivers.IfAbsent
	return []intrusion{
		{says: "read the string", given: text, intr: given(get("k"), ttl("k"), bitGet(u8, 0))},
		{says: "read the set", given: set, intr: given(drivers.Command{Op: drivers.OpSMembers, Key: "k"}, random(1), sscan(0, 10))},
		{says: "was refused by IfAbsent", given: text, intr: given(refused)},
		{says: "was refused by OpCompareAndSwap", given: text, intr: given(replaceableKey("k", "x", "y"))},
		{says: "added a member that is there", given: set, intr: given(fill("k", "a"))},
		{says: "removed a member that is not there", given: set, intr: given(drivers.Command{Op: drivers.OpSRem, Key: "k", Values: []string{"x"}})},
		{says: "deleted the absent key", intr: given(drivers.Command{Op: drivers.OpDelete, Key: "k"})},
		{says: "wrote another key", given: text, intr: given(put("kk", "w"), fill("other", "a"))},
	}
}

func replaceableKey(key, expected, value string) drivers.Command {
	cmd := replaceable(expected, value)
	cmd.Key = key
	return cmd
}

// disturbed watches a key, lets somebody intrude, and tries to commit.
func (t *trial) disturbed(i intrusion, key string, conflict bool, more ...string) {
	t.given(i.given...)
	calls := 0
	err := t.watch(func(tx drivers.Transaction) error {
		calls++
		_, _ = tx.Do(t.ctx, t.place(get(key)))
		t.given(i.intr...)
		if i.expire {
			t.expire(key)
		}
		return t.commit(tx, put("applied", "v"), fill("applied2", "v"))
	}, append([]string{key}, more...)...)
	t.Expect(calls).To(gomega.Equal(1), "calls of the function")
	if conflict {
		t.fails(err, drivers.ErrConflict)
		t.changed("applied", sight{}, gone, 0, 0)
		t.changed("applied2", sight{}, gone, 0, 0)
		return
	}
	t.Expect(err).NotTo(gomega.HaveOccurred())
	t.changed("applied", sight{}, holds("v"), 0, 0)
}

func (t *trial) disturbedLater() {
	t.given(put("k", "v"))
	err := t.watch(func(tx drivers.Transaction) error {
		if err := tx.Watch(t.ctx, t.key("other")); err != nil {
			return err
		}
		t.given(put("other", "intruder"))
		return t.commit(tx, put("k", "new"))
	}, "k")
	t.fails(err, drivers.ErrConflict)
	t.changed("k", sight{}, holds("v"), 0, 0)
}

func (t *trial) disturbedBefore() {
	t.given(put("k", "v"), fill("other", "a"))
	t.expire("k")
	err := t.watch(func(tx drivers.Transaction) error {
		t.given(put("other", "before"))
		if err := tx.Watch(t.ctx, t.key("other")); err != nil {
			return err
		}
		return t.commit(tx, put("k", "new"))
	}, "k")
	t.Expect(err).NotTo(gomega.HaveOccurred())
	t.changed("k", sight{}, holds("new"), 0, 0)
}

func (t *trial) swallowed() {
	t.given(put("k", "v"))
	var inner error
	outer := t.watch(func(tx drivers.Transaction) error {
		t.given(put("k", "intruder"))
		inner = t.commit(tx, put("k", "new"))
		return nil
	}, "k")
	t.fails(inner, drivers.ErrConflict)
	t.Expect(outer).NotTo(gomega.HaveOccurred())
	t.changed("k", sight{}, holds("intruder"), 0, 0)
}
