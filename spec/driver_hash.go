package spec

import (
	"fmt"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// register is a write that makes a hash, with a field for each id.
func register(registry string, ids ...string) drivers.Command {
	cmd := put("child", "v")
	for _, id := range ids {
		cmd.Indexes = append(cmd.Indexes, drivers.Index{Key: cmd.Key, Registry: registry, ID: id})
	}
	return cmd
}

// unregister is a write that takes ids out of a hash.
func unregister(registry string, ids ...string) drivers.Command {
	cmd := register(registry, ids...)
	cmd.Op, cmd.Key = drivers.OpReconcile, "absent"
	for i := range cmd.Indexes {
		cmd.Indexes[i].Key = cmd.Key
	}
	return cmd
}

func hget(field string) drivers.Command {
	return drivers.Command{Op: drivers.OpHGet, Key: "k", Value: field}
}

func hscan(cursor, hint int64) drivers.Command {
	return drivers.Command{Op: drivers.OpHScan, Key: "k", Start: cursor, Amount: hint}
}

// hashChecks are about reading hashes, which come into being by Indexes alone.
func hashChecks(Harness) []check {
	length := drivers.Command{Op: drivers.OpHLen, Key: "k"}
	long := enter("k", "z", "a")
	packed := drivers.PackEntries(long.Indexes[0].Entries)
	checks := rows(
		row{says: "is Nil for an absent key", when: hget("a"), want: drivers.Reply{Nil: true}},
		row{says: "is Nil for an absent field", given: given(register("k", "a")), when: hget("b"), want: drivers.Reply{Nil: true}},
		row{says: "tells an empty value from an absent field", given: given(register("k", "a")), when: hget("a"), want: drivers.Reply{}},
		row{says: "is the value of a field", given: given(register("k", "b"), long), when: hget("a"), want: drivers.Reply{Value: packed}},

		row{says: "is 0 for an absent key", when: length, want: drivers.Reply{}},
		row{says: "counts the fields", given: given(register("k", "a", "b"), register("k", "b", "c")), when: length, want: drivers.Reply{Int: 3}},

		row{says: "is empty and at its end for an absent key", when: hscan(0, 10), want: drivers.Reply{}},
		row{says: "comes to fields and their values", given: given(register("k", "b"), long), when: hscan(0, 100),
			want: drivers.Reply{Values: []string{"a", packed, "b", ""}}},
		row{says: "needs no hint", given: given(register("k", "a")), when: hscan(0, 0), want: drivers.Reply{Values: []string{"a", ""}}},
		row{says: "is ErrInvalid with a negative cursor", given: given(register("k", "a")), when: hscan(-1, 10), err: drivers.ErrInvalid},
	)
	for _, hint := range []int64{0, 1, 7, 100, 1 << 40} {
		checks = append(checks, about(drivers.OpHScan, fmt.Sprintf("comes to all of a thousand fields, hint %d", hint), func(t *trial) {
			t.given(register("k", manyMembers(1000)...))
			t.Expect(t.scanHash(hint, func([]string) {})).To(gomega.HaveLen(1000))
		}))
	}
	return append(checks,
		about(drivers.OpHScan, "reads a big hash in pieces", func(t *trial) {
			t.given(register("k", manyMembers(1000)...))
			t.Expect(t.must(hscan(0, 10)).Int).NotTo(gomega.BeZero(), "the cursor after ten of a thousand fields")
		}),
		about(drivers.OpHScan, "misses no field that stays while others come and go", func(t *trial) {
			t.given(register("k", manyMembers(700)...))
			round := 0
			seen := t.scanHash(10, func([]string) {
				round++
				t.given(register("k", fmt.Sprintf("visitor-%d", round)), unregister("k", fmt.Sprintf("visitor-%d", round-1)))
			})
			for _, field := range manyMembers(700) {
				t.Expect(seen).To(gomega.HaveKey(field))
			}
		}),
		about(drivers.OpHScan, "misses no field when those already seen are removed", func(t *trial) {
			t.given(register("k", manyMembers(700)...))
			seen := t.scanHash(10, func(piece []string) { t.given(unregister("k", piece...)) })
			t.Expect(seen).To(gomega.HaveLen(700))
			t.changed("k", sight{}, gone, 0, 0)
		}),
	)
}

// scanHash reads all of a hash and calls between with the fields of every piece.
func (t *trial) scanHash(hint int64, between func(fields []string)) map[string]bool {
	seen := map[string]bool{}
	cursor := int64(0)
	for range 20_000 {
		reply := t.must(hscan(cursor, hint))
		var piece []string
		for i := 0; i < len(reply.Values); i += 2 {
			piece = append(piece, reply.Values[i])
			seen[reply.Values[i]] = true
			t.Expect(reply.Values[i+1]).To(gomega.BeEmpty(), "the value of %q", reply.Values[i])
		}
		between(piece)
		if cursor = reply.Int; cursor == 0 {
			return seen
		}
	}
	t.Expect(cursor).To(gomega.BeZero(), "the scan does not end")
	return seen
}
