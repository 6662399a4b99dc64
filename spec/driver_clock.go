package spec

import (
	"time"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// clockChecks are about time that passes. The first ones need no clock to be
// moved: a driver on the wall clock waits a few milliseconds for them.
func clockChecks(h Harness) []check {
	move := drivers.Command{Op: drivers.OpSMove, Key: "k", Extra: &drivers.Extra{Keys: []string{"dest"}}, Value: "a"}
	combine := func(op drivers.Op) drivers.Command {
		return drivers.Command{Op: op, Key: "k", Extra: &drivers.Extra{Keys: []string{"other"}}}
	}
	topic := func(says string, run func(t *trial)) check { return check{about: "time", says: says, run: run} }
	return []check{
		topic("is over at a key's moment and not before", (*trial).endsInTime),
		topic("is counted from each command", (*trial).countsFromEachCommand),
		topic("runs on while a value is changed", (*trial).changingDoesNotProlong),
		topic("does not touch a key that was made to stay", (*trial).persistedStays),
		topic("removes a set with all its members", (*trial).expiredSetIsEmpty),
		topic("removes each key at its own moment", (*trial).eachAtItsOwn),
		about(drivers.OpTime, "is the store's own, in milliseconds", func(t *trial) {
			before := t.now()
			told := t.must(command(drivers.OpTime)).Int
			t.Expect(told).To(gomega.And(gomega.BeNumerically(">=", before), gomega.BeNumerically("<=", t.now())))
		}),
		about(drivers.OpSMove, "takes an expired source for absent (row 20)", func(t *trial) {
			t.given(fill("k", "a"), fill("dest", "b"))
			t.expire("k")
			t.replies(t.must(move), drivers.Reply{Int: 0})
			t.changed("dest", sight{}, contains("b"), 0, 0)
		}),
		about(drivers.OpSMove, "takes an expired destination for absent (row 20)", func(t *trial) {
			t.given(fill("k", "a"), put("dest", "v"))
			t.expire("dest")
			t.replies(t.must(move), drivers.Reply{Int: 1})
			t.changed("dest", sight{}, contains("a"), 0, 0)
		}),
		about(drivers.OpSInter, "takes an expired set for absent (row 20)", func(t *trial) { t.expiredOther(combine(drivers.OpSInter)) }),
		about(drivers.OpSUnion, "takes an expired set for absent (row 20)", func(t *trial) { t.expiredOther(combine(drivers.OpSUnion), "a") }),
		about(drivers.OpSDiff, "takes an expired set for absent (row 20)", func(t *trial) { t.expiredOther(combine(drivers.OpSDiff), "a") }),
		about(drivers.OpSUnion, "takes an expired string for absent (row 20)", func(t *trial) {
			t.given(fill("k", "a"), put("other", "v"))
			t.expire("other")
			t.replies(t.must(combine(drivers.OpSUnion)), drivers.Reply{Values: []string{"a"}})
		}),
	}
}

func (t *trial) expiredOther(cmd drivers.Command, want ...string) {
	t.given(fill("k", "a"), fill("other", "a"))
	t.expire("other")
	t.replies(t.must(cmd), drivers.Reply{Values: want})
}

// endsInTime moves the clock to both sides of the moment. On the wall clock it
// watches the key: whenever it is seen to be gone, its moment must have come.
func (t *trial) endsInTime() {
	const span = 40 * time.Millisecond
	start := t.now()
	t.given(drivers.Command{Op: drivers.OpSet, Key: "k", Value: "v", Expiry: in(span)})
	gone := func() bool { return t.must(get("k")).Nil }
	if t.Advance != nil {
		t.Advance(span - 2*time.Millisecond)
		t.Expect(gone()).To(gomega.BeFalse(), "two milliseconds before the moment")
		t.Advance(4 * time.Millisecond)
		t.Expect(gone()).To(gomega.BeTrue(), "two milliseconds after the moment")
	} else {
		t.Eventually(gone).WithPolling(time.Millisecond).Should(gomega.BeTrue())
		t.Expect(t.now()).To(gomega.BeNumerically(">=", start+span.Milliseconds()), "the key was gone before its moment")
	}
	t.changed("k", sight{}, content{}, 0, 0)
}

// pass lets d go by on a clock that can be moved; the wall clock stays where it is.
func (t *trial) pass(d time.Duration) time.Duration {
	if t.Advance == nil {
		return 0
	}
	t.Advance(d)
	return d
}

func (t *trial) countsFromEachCommand() {
	t.given(putFor(hour, "k", "v"), fillFor(hour, "other", "a"))
	passed := t.pass(40 * time.Minute)
	left := t.must(ttl("k")).Int
	t.Expect(left).To(gomega.BeNumerically("~", (hour-passed).Milliseconds(), 10_000), "milliseconds left of an hour after %v", passed)
	start := t.now()
	t.given(drivers.Command{Op: drivers.OpExpire, Key: "k", Expiry: in(hour)})
	t.changed("k", sight{}, holds("v").lasting(hour), start, t.now())
}

func (t *trial) changingDoesNotProlong() {
	t.given(putFor(hour, "k", "v"), fillFor(hour, "other", "a"))
	text, set := t.see("k"), t.see("other")
	t.pass(59 * time.Minute)
	t.given(drivers.Command{Op: drivers.OpAppend, Key: "k", Value: "w"}, fill("other", "b"))
	t.changed("k", text, holds("vw").kept(), 0, 0)
	t.changed("other", set, contains("a", "b").kept(), 0, 0)
	if t.pass(2*time.Minute) > 0 {
		t.changed("k", sight{}, gone, 0, 0)
		t.changed("other", sight{}, gone, 0, 0)
	}
}

func (t *trial) persistedStays() {
	t.given(putFor(hour, "k", "v"), drivers.Command{Op: drivers.OpPersist, Key: "k"})
	t.pass(1000 * hour)
	t.changed("k", sight{}, holds("v"), 0, 0)
}

func (t *trial) expiredSetIsEmpty() {
	t.given(fill("k", manyMembers(300)...))
	t.expire("k")
	t.changed("k", sight{}, gone, 0, 0)
	t.given(fill("k", "new"))
	t.changed("k", sight{}, contains("new"), 0, 0)
}

func (t *trial) eachAtItsOwn() {
	t.given(put("k", "stays"), putFor(hour, "longer", "v"), put("over", "v"), fill("done", "a"))
	longer := t.see("longer")
	t.expire("over", "done")
	t.changed("k", sight{}, holds("stays"), 0, 0)
	t.changed("longer", longer, holds("v").kept(), 0, 0)
	t.changed("over", sight{}, gone, 0, 0)
	t.changed("done", sight{}, gone, 0, 0)
}
