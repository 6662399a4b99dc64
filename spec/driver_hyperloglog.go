package spec

import (
	"strconv"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

func pfAdd(key string, elements ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpPFAdd, Key: key, Values: elements}
}

func pfCount(key string, others ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpPFCount, Key: key, Extra: &drivers.Extra{Keys: others}}
}

func pfMerge(key string, sources ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpPFMerge, Key: key, Extra: &drivers.Extra{Keys: sources}}
}

func hyperLogLogFamily() family {
	sketch := kind{stringKind.name, pfAdd("k", "old")}
	return family{
		examples: []example{
			{pfAdd("k", "new"), sketch, "Values Expiry"},
			{pfCount("k", "other"), sketch, "Keys"},
			{pfMerge("k", "other"), sketch, "Keys Expiry"},
		},
		checks: hyperLogLogChecks,
	}
}

func hyperLogLogChecks(Harness) []check {
	none, one := drivers.Reply{}, drivers.Reply{Int: 1}
	abc := given(pfAdd("k", "a", "b", "c"))
	empty := holds("HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x7f\xff")
	checks := rows(
		row{says: "of nothing makes an empty one (row 43)", when: pfAdd("k"), want: one, then: then{"k": empty}},
		row{says: "of nothing changes nothing", given: abc, when: pfAdd("k"), want: none},
		row{says: "of what it has seen changes nothing", given: abc, when: pfAdd("k", "a", "c"), want: none},
		row{says: "starts a time to live", when: expiring(in(hour), pfAdd("k")), want: one, then: then{"k": empty.lasting(hour)}},
		row{says: "is ErrWrongType for a string that is none", given: given(putFor(hour, "k", "x")), when: pfAdd("k", "a"), err: drivers.ErrWrongType},

		row{says: "is 0 for an absent key", when: pfCount("k"), want: none},
		row{says: "is 0 for absent keys", when: pfCount("k", "a", "b"), want: none},
		row{says: "counts several together", given: given(pfAdd("k", "a", "b", "c"), pfAdd("l", "c", "d")), when: pfCount("k", "l", "absent"), want: drivers.Reply{Int: 4}},
		row{says: "is ErrWrongType for a string that is none", given: given(put("k", "x")), when: pfCount("k"), err: drivers.ErrWrongType},
		row{says: "is ErrWrongType for another string that is none", given: given(pfAdd("k", "a"), put("l", "x")), when: pfCount("k", "l"), err: drivers.ErrWrongType},

		row{says: "of nothing makes an empty one (row 43)", when: pfMerge("k"), want: none, then: then{"k": empty}},
		row{says: "starts a time to live", when: expiring(in(hour), pfMerge("k")), want: none, then: then{"k": empty.lasting(hour)}},
		row{says: "is ErrWrongType for a source that is none", given: given(pfAdd("k", "a"), put("l", "x")), when: pfMerge("k", "l"), err: drivers.ErrWrongType},
	)
	return append(checks,
		about(drivers.OpPFCount, "counts, and caches what it counted", func(t *trial) {
			t.given(abc...)
			t.replies(t.must(pfCount("k")), drivers.Reply{Int: 3})
			t.Expect(t.must(get("k")).Value[8:16]).To(gomega.Equal("\x03\x00\x00\x00\x00\x00\x00\x00"))
			t.replies(t.must(pfCount("k")), drivers.Reply{Int: 3})
		}),
		about(drivers.OpPFMerge, "unites, and keeps the time to live (row 19)", func(t *trial) {
			t.given(pfAdd("k", "a", "b"), pfAdd("l", "b", "c"), drivers.Command{Op: drivers.OpExpire, Key: "k", Expiry: in(hour)})
			t.must(pfMerge("k", "l"))
			t.replies(t.must(pfCount("k")), drivers.Reply{Int: 3})
			t.Expect(t.must(ttl("k")).Int).To(gomega.BeNumerically(">", 0))
		}),
		about(drivers.OpPFAdd, "becomes dense as it grows, and counts about right", func(t *trial) {
			const total = 20_000
			batch := make([]string, 0, 500)
			for i := range total {
				if batch = append(batch, strconv.Itoa(i)); len(batch) == cap(batch) {
					t.must(pfAdd("k", batch...))
					batch = batch[:0]
				}
			}
			t.Expect(t.must(drivers.Command{Op: drivers.OpStrLen, Key: "k"}).Int).To(gomega.BeEquivalentTo(12304))
			// Redis 7.0 counts exactly this many of these.
			t.replies(t.must(pfCount("k")), drivers.Reply{Int: countedOf20000})
		}))
}

// countedOf20000 is what Redis counts of the numbers from 0 to 19999.
const countedOf20000 = 19891
