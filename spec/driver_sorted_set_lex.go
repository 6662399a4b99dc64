package spec

import (
	"fmt"
	"slices"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

func lexCount(low, high string) drivers.Command {
	return drivers.Command{Op: drivers.OpZLexCount, Key: "k:z", Extra: &drivers.Extra{Min: low, Max: high}}
}

func lexRange(low, high string) drivers.Command {
	return drivers.Command{Op: drivers.OpZRangeByLex, Key: "k:z", Extra: &drivers.Extra{Min: low, Max: high}}
}

func backwards(cmd drivers.Command) drivers.Command { cmd.Reverse = true; return cmd }

func limited(cmd drivers.Command, start, amount int64) drivers.Command {
	cmd.Start, cmd.Amount = start, amount
	return cmd
}

// lexChecks are about ranges of members, among which the score is the same.
func lexChecks() []check {
	abcd := given(enter("c", "a", "d", "b"))
	checks := rows(
		row{says: "is empty for an absent key", when: lexRange("-", "+"), want: drivers.Reply{}},
		row{says: "is 0 for an absent key", when: lexCount("-", "+"), want: drivers.Reply{}},
	)
	for _, r := range []struct {
		cmd  drivers.Command
		want []string
	}{
		{lexRange("-", "+"), []string{"a", "b", "c", "d"}},
		{backwards(lexRange("-", "+")), []string{"d", "c", "b", "a"}},
		{lexRange("[b", "(d"), []string{"b", "c"}},
		{limited(lexRange("(a", "+"), 1, 1), []string{"c"}},
		{limited(backwards(lexRange("-", "[c")), 1, 0), []string{"b", "a"}},
		{lexRange("+", "-"), nil},
		{lexRange("(b", "[b"), nil},
	} {
		checks = append(checks, rows(row{says: fmt.Sprintf("is %q of a to d: %s", r.want, describe(r.cmd)), given: abcd, when: r.cmd, want: drivers.Reply{Values: r.want}})...)
	}
	for _, members := range [][]string{
		{"a", "aa", "ab", "b", "ba"},
		{"\x00", "\x00\x00", "A", "a", "\x7f", "\x80", "ü", "\xff", "\xff\xff"},
		{"only"},
	} {
		checks = append(checks,
			about(drivers.OpZLexCount, fmt.Sprintf("counts between all ends among %q", members), func(t *trial) {
				t.eachRange(members, func(low, high string, want []string) {
					t.replies(t.must(lexCount(low, high)), drivers.Reply{Int: int64(len(want))}, "from %q to %q", low, high)
				})
			}),
			about(drivers.OpZRangeByLex, fmt.Sprintf("reads between all ends among %q, both ways", members), func(t *trial) {
				t.eachRange(members, func(low, high string, want []string) {
					t.readsParts(lexRange(low, high), want)
					slices.Reverse(want)
					t.readsParts(backwards(lexRange(low, high)), want)
				})
			}))
	}
	return append(checks,
		about(drivers.OpZRangeByLex, "pages through thousands of members both ways", func(t *trial) {
			members := make([]string, 3000)
			for i := range members {
				members[i] = fmt.Sprintf("%06d", i*7919%1_000_000)
			}
			t.given(enter(members...))
			slices.Sort(members)
			for _, start := range []int64{0, 1, 999, 2500, 2999, 3000, 5000} {
				want := members[min(start, 3000):min(start+700, 3000)]
				t.Expect(t.must(limited(lexRange("-", "+"), start, 700)).Values).To(gomega.HaveExactElements(want))
				from := 3000 - start
				want = slices.Clone(members[max(from-700, 0):max(from, 0)])
				slices.Reverse(want)
				t.Expect(t.must(limited(backwards(lexRange("-", "+")), start, 700)).Values).To(gomega.HaveExactElements(want))
			}
			t.replies(t.must(lexCount("["+members[17], "("+members[2900])), drivers.Reply{Int: 2883})
		}))
}

// eachRange calls fn with ends of all kinds, at each member and next to it, and with
// the members between them, which are found here one by one.
func (t *trial) eachRange(members []string, fn func(low, high string, want []string)) {
	t.given(enter(members...))
	ends := []string{"-", "+", "[", "(", "[aaa", "(zzz"}
	for _, member := range members {
		ends = append(ends, "["+member, "("+member)
	}
	for _, low := range ends {
		for _, high := range ends {
			fn(low, high, slices.DeleteFunc(slices.Clone(members), func(member string) bool { return !beyond(member, low) || !before(member, high) }))
		}
	}
}

// readsParts reads parts of a range whose members are want, all in one batch.
func (t *trial) readsParts(cmd drivers.Command, want []string) {
	var commands []drivers.Command
	for _, limit := range [][2]int64{{0, 0}, {0, 1}, {1, 0}, {1, 2}, {2, 100}, {100, 1}, {0, 1 << 40}, {1 << 40, 0}} {
		commands = append(commands, limited(cmd, limit[0], limit[1]))
	}
	for i, item := range t.mustBatch(false, commands...) {
		part := want[min(int(commands[i].Start), len(want)):]
		if amount := int(commands[i].Amount); amount > 0 {
			part = part[:min(amount, len(part))]
		}
		t.Expect(item.Reply.Values).To(gomega.HaveExactElements(part), describe(commands[i]))
	}
}

// beyond reports whether a range that begins at end has member.
func beyond(member, end string) bool {
	return end == "-" || end[0] == '[' && member >= end[1:] || end[0] == '(' && member > end[1:]
}

// before reports whether a range that ends at end has member.
func before(member, end string) bool {
	return end == "+" || end[0] == '[' && member <= end[1:] || end[0] == '(' && member < end[1:]
}

// lexRefusals are ends that Redis does not read, and numbers that are none.
func lexRefusals() []check {
	refuse := func(cmd drivers.Command) check {
		return about(cmd.Op, "is ErrInvalid, be the key there or not: "+describe(cmd), func(t *trial) {
			for range 2 {
				_, err := t.do(cmd)
				t.fails(err, drivers.ErrInvalid)
				t.given(enter("a", "b"))
			}
			t.changed("k:z", sight{}, ordered("a", "b"), 0, 0)
		})
	}
	checks := []check{refuse(limited(lexRange("-", "+"), -1, 1)), refuse(limited(lexRange("-", "+"), 0, -1))}
	for _, end := range []string{"", "a", "-a", "+a", " [a", "]a"} {
		checks = append(checks, refuse(lexCount(end, "+")), refuse(lexCount("-", end)),
			refuse(lexRange(end, "+")), refuse(backwards(lexRange("-", end))))
	}
	return checks
}
