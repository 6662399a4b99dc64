package spec

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// keyChecks are the Ops that do not care what a key holds.
func keyChecks(h Harness) []check {
	checks := slicesOf(
		existsChecks(h), deleteChecks(h), ttlChecks(h), expireChecks(h), persistChecks(h), memoryUsageChecks(),
	)
	for _, kind := range kinds() {
		checks = append(checks, anyKindChecks(kind)...)
	}
	return checks
}

func existsChecks(h Harness) []check {
	exists := drivers.Command{Op: drivers.OpExists, Key: "k"}
	return rows(
		row{says: "answers 0 for an absent key", when: exists, want: drivers.Reply{Int: 0}},
		row{says: "answers 1 for a string", given: given(put("k", "v")), when: exists, want: drivers.Reply{Int: 1}},
		row{says: "answers 1 for an empty string", given: given(put("k", "")), when: exists, want: drivers.Reply{Int: 1}},
		row{says: "answers 1 for a set", given: given(fill("k", "a")), when: exists, want: drivers.Reply{Int: 1}},
		row{says: "answers 1 for a key with a time to live", given: given(putFor(hour, "k", "v")), when: exists, want: drivers.Reply{Int: 1}},
	)
}

func deleteChecks(h Harness) []check {
	del := drivers.Command{Op: drivers.OpDelete, Key: "k"}
	return append(rows(
		row{says: "answers 0 for an absent key", when: del, want: drivers.Reply{Int: 0}},
		row{says: "removes a string", given: given(put("k", "v")), when: del, want: drivers.Reply{Int: 1}, then: then{"k": gone}},
		row{says: "removes an empty string", given: given(put("k", "")), when: del, want: drivers.Reply{Int: 1}, then: then{"k": gone}},
		row{says: "removes a set", given: given(fill("k", "a", "b")), when: del, want: drivers.Reply{Int: 1}, then: then{"k": gone}},
		row{says: "leaves other keys alone", given: given(put("k", "v"), put("kk", "v"), fill("other", "a")), when: del,
			want: drivers.Reply{Int: 1}, then: then{"k": gone}},
	), about(drivers.OpDelete, "takes the time to live with it: a key made again has none", func(t *trial) {
		t.given(putFor(hour, "k", "v"), del, put("k", "w"))
		t.changed("k", sight{}, holds("w"), 0, 0)
	}))
}

func ttlChecks(h Harness) []check {
	return append(rows(
		row{says: "is Nil for an absent key", when: ttl("k"), want: drivers.Reply{Nil: true}},
		row{says: "is -1 for a string that stays for ever", given: given(put("k", "v")), when: ttl("k"), want: drivers.Reply{Int: -1}},
		row{says: "is -1 for a set that stays for ever", given: given(fill("k", "a")), when: ttl("k"), want: drivers.Reply{Int: -1}},
	), about(drivers.OpTTL, "counts milliseconds, not seconds (row 15 rounds for people only)", func(t *trial) {
		t.given(drivers.Command{Op: drivers.OpSet, Key: "k", Value: "v", Expiry: drivers.Expiry{Mode: drivers.ExpireAt, Millis: farAhead + 7}})
		t.changed("k", sight{}, holds("v").until(farAhead+7), 0, 0)
	}))
}

func expireChecks(h Harness) []check {
	expire := func(e drivers.Expiry) drivers.Command {
		return drivers.Command{Op: drivers.OpExpire, Key: "k", Expiry: e}
	}
	return rows(
		row{says: "answers 0 for an absent key", when: expire(in(hour)), want: drivers.Reply{Int: 0}},
		row{says: "answers 0 for an absent key and a moment", when: expire(at(farAhead)), want: drivers.Reply{Int: 0}},
		row{says: "answers 0 for an absent key and a past moment", when: expire(at(longAgo)), want: drivers.Reply{Int: 0}},
		row{says: "gives a string a time to live", given: given(put("k", "v")), when: expire(in(hour)),
			want: drivers.Reply{Int: 1}, then: then{"k": holds("v").lasting(hour)}},
		row{says: "gives a set a time to live", given: given(fill("k", "a")), when: expire(in(hour)),
			want: drivers.Reply{Int: 1}, then: then{"k": contains("a").lasting(hour)}},
		row{says: "prolongs a time to live", given: given(putFor(hour, "k", "v")), when: expire(in(2 * hour)),
			want: drivers.Reply{Int: 1}, then: then{"k": holds("v").lasting(2 * hour)}},
		row{says: "shortens a time to live", given: given(putFor(2*hour, "k", "v")), when: expire(in(hour)),
			want: drivers.Reply{Int: 1}, then: then{"k": holds("v").lasting(hour)}},
		row{says: "sets a moment", given: given(putFor(hour, "k", "v")), when: expire(at(farAhead)),
			want: drivers.Reply{Int: 1}, then: then{"k": holds("v").until(farAhead)}},
		row{says: "removes a string at a past moment and answers 1 (row 13)", given: given(put("k", "v")), when: expire(at(longAgo)),
			want: drivers.Reply{Int: 1}, then: then{"k": gone}},
		row{says: "removes a set at a past moment and answers 1 (row 13)", given: given(fillFor(hour, "k", "a")), when: expire(at(longAgo)),
			want: drivers.Reply{Int: 1}, then: then{"k": gone}},
		row{says: "removes a string at the epoch", given: given(put("k", "v")), when: expire(at(0)), want: drivers.Reply{Int: 1}, then: then{"k": gone}},
		row{says: "reaches as far as MaxExpiryMillis", given: given(put("k", "v")),
			when: expire(drivers.Expiry{Mode: drivers.ExpireIn, Millis: drivers.MaxExpiryMillis}),
			want: drivers.Reply{Int: 1}, then: then{"k": holds("v").lastingMillis(drivers.MaxExpiryMillis)}},
		row{says: "reaches the moment MaxExpiryMillis", given: given(put("k", "v")), when: expire(at(drivers.MaxExpiryMillis)),
			want: drivers.Reply{Int: 1}, then: then{"k": holds("v").until(drivers.MaxExpiryMillis)}},
		row{says: "is ErrInvalid with the mode KeepTTL, which is no expiry", given: given(putFor(hour, "k", "v")),
			when: expire(drivers.Expiry{}), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with the mode ClearTTL, which is OpPersist", given: given(putFor(hour, "k", "v")),
			when: expire(endless), err: drivers.ErrInvalid},
	)
}

func persistChecks(h Harness) []check {
	persist := drivers.Command{Op: drivers.OpPersist, Key: "k"}
	return rows(
		row{says: "answers 0 for an absent key", when: persist, want: drivers.Reply{Int: 0}},
		row{says: "answers 0 for a key that stays for ever", given: given(put("k", "v")), when: persist, want: drivers.Reply{Int: 0}},
		row{says: "takes a string's time to live", given: given(putFor(hour, "k", "v")), when: persist,
			want: drivers.Reply{Int: 1}, then: then{"k": holds("v")}},
		row{says: "takes a set's time to live", given: given(fillFor(hour, "k", "a")), when: persist,
			want: drivers.Reply{Int: 1}, then: then{"k": contains("a")}},
	)
}

// anyKindChecks are about a value of a type, whose content does not matter to an Op.
func anyKindChecks(kind kind) []check {
	whole := func(says string, cmd drivers.Command, want drivers.Reply, live func(content) content) check {
		return about(cmd.Op, says+" a "+kind.name, func(t *trial) {
			t.given(kind.made)
			before := t.see("k")
			start := t.now()
			t.replies(t.must(cmd), want)
			t.changed("k", before, live(content{value: before.value}), start, t.now())
		})
	}
	same := func(c content) content { return c }
	return []check{
		whole("answers 1 for", drivers.Command{Op: drivers.OpExists, Key: "k"}, drivers.Reply{Int: 1}, same),
		whole("removes", drivers.Command{Op: drivers.OpDelete, Key: "k"}, drivers.Reply{Int: 1}, func(content) content { return gone }),
		whole("is -1 for", ttl("k"), drivers.Reply{Int: -1}, same),
		whole("gives a time to live to", drivers.Command{Op: drivers.OpExpire, Key: "k", Expiry: in(hour)}, drivers.Reply{Int: 1},
			func(c content) content { return c.lasting(hour) }),
		whole("answers 0 for", drivers.Command{Op: drivers.OpPersist, Key: "k"}, drivers.Reply{Int: 0}, same),
		whole("overwrites (row 3)", put("k", "v"), drivers.Reply{}, func(content) content { return holds("v") }),
	}
}

// memoryUsageChecks are all that can be said of a figure that is each driver's own.
func memoryUsageChecks() []check {
	usage := command(drivers.OpMemoryUsage)
	checks := rows(row{says: "is Nil for an absent key", when: usage, want: drivers.Reply{Nil: true}})
	for _, kind := range kinds() {
		checks = append(checks, about(drivers.OpMemoryUsage, "counts the bytes of a "+kind.name+", and changes nothing", func(t *trial) {
			t.given(kind.made)
			before := t.see("k")
			t.Expect(t.must(usage).Int).To(gomega.BeNumerically(">", len("k")))
			t.unchanged("k", before)
		}))
	}
	long := strings.Repeat("long", 10_000)
	return append(checks,
		about(drivers.OpMemoryUsage, "grows with a value, about by its texts", func(t *trial) {
			for _, grown := range [][2]drivers.Command{
				{put("k", ""), {Op: drivers.OpAppend, Key: "k", Value: long}},
				{fill("k", "a"), fill("k", long)},
				{{Op: drivers.OpRPush, Key: "k", Values: []string{"a"}}, {Op: drivers.OpRPush, Key: "k", Values: []string{long}}},
				{{Op: drivers.OpHSet, Key: "k", Values: []string{"a", "1"}}, {Op: drivers.OpHSet, Key: "k", Values: []string{"b", long}}},
				{{Op: drivers.OpZAdd, Key: "k", Values: []string{"a"}, Extra: &drivers.Extra{Scores: []float64{1}}}, {Op: drivers.OpZAdd, Key: "k", Values: []string{long}, Extra: &drivers.Extra{Scores: []float64{1}}}},
				{drivers.XAdd("1-0", []string{"a", "1"}, 0), drivers.XAdd("2-0", []string{"a", long}, 0)},
			} {
				for i := range grown {
					grown[i].Key = "k"
				}
				t.given(drivers.Command{Op: drivers.OpDelete, Key: "k"}, grown[0])
				before := t.must(usage).Int
				t.given(grown[1])
				t.Expect(t.must(usage).Int-before).To(gomega.BeNumerically(">", len(long)/2), describe(grown[1]))
			}
		}),
		about(drivers.OpMemoryUsage, "says whether it is exact, or estimated", func(t *trial) {
			t.given(put("k", "v"))
			t.Expect(t.must(usage).Float).To(gomega.Or(gomega.BeZero(), gomega.BeEquivalentTo(1)))
		}))
}
