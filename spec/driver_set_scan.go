package spec

import (
	"fmt"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

func sscan(cursor, hint int64) drivers.Command {
	return drivers.Command{Op: drivers.OpSScan, Key: "k", Start: cursor, Amount: hint}
}

// setScanChecks are about reading a set in pieces: a member that is there all the
// while comes at least once.
func setScanChecks(h Harness) []check {
	checks := rows(
		row{says: "is empty and at its end for an absent key", when: sscan(0, 10), want: drivers.Reply{}},
		row{says: "comes to a small set's members", given: given(fill("k", "a", "b")), when: sscan(0, 100), want: drivers.Reply{Values: []string{"a", "b"}}},
		row{says: "needs no hint", given: given(fill("k", "a")), when: sscan(0, 0), want: drivers.Reply{Values: []string{"a"}}},
	)
	for _, hint := range []int64{0, 1, 7, 100, 1 << 40} {
		checks = append(checks, about(drivers.OpSScan, fmt.Sprintf("comes to all of a thousand members, hint %d", hint), func(t *trial) {
			members := manyMembers(1000)
			t.given(fill("k", members...))
			t.Expect(t.scanSet(hint, func([]string) {})).To(gomega.HaveLen(1000))
		}))
	}
	return append(checks,
		about(drivers.OpSScan, "reads a big set in pieces", func(t *trial) {
			t.given(fill("k", manyMembers(1000)...))
			t.Expect(t.must(sscan(0, 10)).Int).NotTo(gomega.BeZero(), "the cursor after ten of a thousand members")
		}),
		about(drivers.OpSScan, "misses no member that stays while others come and go", func(t *trial) {
			t.given(fill("k", manyMembers(500)...))
			round := 0
			seen := t.scanSet(10, func(piece []string) {
				round++
				t.given(fill("k", fmt.Sprintf("visitor-%d", round)),
					drivers.Command{Op: drivers.OpSRem, Key: "k", Values: []string{fmt.Sprintf("visitor-%d", round-1)}})
			})
			for _, member := range manyMembers(500) {
				t.Expect(seen).To(gomega.HaveKey(member))
			}
		}),
		about(drivers.OpSScan, "misses no member when those already seen are removed", func(t *trial) {
			t.given(fill("k", manyMembers(500)...))
			seen := t.scanSet(10, func(piece []string) {
				if len(piece) > 0 {
					t.given(drivers.Command{Op: drivers.OpSRem, Key: "k", Values: piece})
				}
			})
			t.Expect(seen).To(gomega.HaveLen(500))
			t.changed("k", sight{}, gone, 0, 0)
		}),
	)
}

// scanSet reads all of a set and calls between after every piece.
func (t *trial) scanSet(hint int64, between func(piece []string)) map[string]bool {
	seen := map[string]bool{}
	scan := sscan(0, hint)
	for range 20_000 {
		reply := t.must(scan)
		for _, member := range reply.Values {
			seen[member] = true
		}
		between(reply.Values)
		if !scan.Continue(reply) {
			return seen
		}
	}
	t.Expect(scan.Start).To(gomega.BeZero(), "the scan does not end")
	return seen
}
