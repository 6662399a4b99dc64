package spec

import (
	"slices"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

func pop(n int64) drivers.Command {
	return drivers.Command{Op: drivers.OpSPop, Key: "k", Amount: n}
}

func random(n int64) drivers.Command {
	return drivers.Command{Op: drivers.OpSRandMember, Key: "k", Amount: n}
}

// setRandomChecks are about the Ops whose reply the set leaves open.
func setRandomChecks(h Harness) []check {
	all := drivers.Reply{Values: []string{"a", "b", "c"}}
	full := given(fillFor(hour, "k", "a", "b", "c"))
	checks := rows(
		row{says: "is empty for an absent key", when: pop(1), want: drivers.Reply{}},
		row{says: "of none takes none", given: full, when: pop(0), want: drivers.Reply{}},
		row{says: "of all takes all, and the key is gone (row 18)", given: full, when: pop(3), want: all, then: then{"k": gone}},
		row{says: "of more than all takes all, and the key is gone", given: full, when: pop(1 << 40), want: all, then: then{"k": gone}},
		row{says: "is ErrInvalid for a negative Amount", given: full, when: pop(-1), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid for a negative Amount and an absent key", when: pop(-1), err: drivers.ErrInvalid},

		row{says: "is empty for an absent key", when: random(1), want: drivers.Reply{}},
		row{says: "is empty for an absent key and a negative Amount", when: random(-3), want: drivers.Reply{}},
		row{says: "of none answers none", given: full, when: random(0), want: drivers.Reply{}},
		row{says: "of all answers all", given: full, when: random(3), want: all},
		row{says: "of more than all answers all", given: full, when: random(1 << 40), want: all},
		row{says: "with a negative Amount repeats (row 28)", given: given(fill("k", "a")), when: random(-3), want: drivers.Reply{Values: []string{"a", "a", "a"}}},
	)
	return append(checks,
		about(drivers.OpSPop, "takes out as many as asked, and keeps the rest and the time to live", (*trial).popsSome),
		about(drivers.OpSPop, "comes to every member", func(t *trial) { t.comesToAll(pop(1), true) }),
		about(drivers.OpSRandMember, "answers as many distinct members as asked, and changes nothing", (*trial).showsSome),
		about(drivers.OpSRandMember, "with a negative Amount answers so many members, more than there are (row 28)", (*trial).repeats),
		about(drivers.OpSRandMember, "comes to every member", func(t *trial) { t.comesToAll(random(1), false) }),
		about(drivers.OpSRandMember, "with a negative Amount comes to every member", func(t *trial) { t.comesToAll(random(-2), false) }),
	)
}

func (t *trial) popsSome() {
	members := manyMembers(100)
	t.given(fillFor(hour, "k", members...))
	before := t.see("k")
	popped := t.must(pop(40)).Values
	t.Expect(popped).To(gomega.HaveLen(40))
	t.Expect(len(slices.Compact(slices.Sorted(slices.Values(popped))))).To(gomega.Equal(40), "distinct members popped")
	t.Expect(members).To(gomega.ContainElements(popped))
	rest := slices.DeleteFunc(members, func(member string) bool { return slices.Contains(popped, member) })
	t.changed("k", before, contains(rest...).kept(), 0, 0)
}

func (t *trial) showsSome() {
	members := manyMembers(100)
	t.given(fillFor(hour, "k", members...))
	before := t.see("k")
	for _, n := range []int{1, 7, 50, 99} {
		shown := t.must(random(int64(n))).Values
		t.Expect(len(slices.Compact(slices.Sorted(slices.Values(shown))))).To(gomega.Equal(n), "distinct members shown")
		t.Expect(members).To(gomega.ContainElements(shown))
	}
	t.unchanged("k", before)
}

func (t *trial) repeats() {
	t.given(fill("k", "a", "b", "c"))
	before := t.see("k")
	shown := t.must(random(-50)).Values
	t.Expect(shown).To(gomega.HaveLen(50))
	t.Expect(shown).To(gomega.HaveEach(gomega.BeElementOf("a", "b", "c")))
	t.unchanged("k", before)
}

// comesToAll draws until every one of three members was drawn first: that a fair
// draw misses one 500 times has a chance of 1 in 10^87.
func (t *trial) comesToAll(draw drivers.Command, putBack bool) {
	t.given(fill("k", "a", "b", "c"))
	drawn := map[string]bool{}
	for range 500 {
		values := t.must(draw).Values
		t.Expect(values).NotTo(gomega.BeEmpty())
		drawn[values[0]] = true
		if putBack {
			t.given(fill("k", values...))
		}
		if len(drawn) == 3 {
			return
		}
	}
	t.Expect(drawn).To(gomega.HaveLen(3), "members drawn in 500 draws")
}
