package spec

import (
	"errors"
	"fmt"
	"time"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// register is a write that makes a hash, with an empty field for each id.
func register(hash string, ids ...string) drivers.Command {
	cmd := drivers.Command{Op: drivers.OpHSet, Key: hash}
	for _, id := range ids {
		cmd.Values = append(cmd.Values, id, "")
	}
	return cmd
}

// unregister is a write that takes ids out of a hash.
func unregister(hash string, ids ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpHDel, Key: hash, Values: ids}
}

func hget(field string) drivers.Command {
	return drivers.Command{Op: drivers.OpHGet, Key: "k", Value: field}
}

func hscan(cursor, hint int64) drivers.Command {
	return drivers.Command{Op: drivers.OpHScan, Key: "k", Start: cursor, Amount: hint}
}

// ofFields is an Op on fields, or pairs, of the hash k.
func ofFields(op drivers.Op, fields ...string) drivers.Command {
	return drivers.Command{Op: op, Key: "k", Values: fields}
}

func hset(pairs ...string) drivers.Command { return ofFields(drivers.OpHSet, pairs...) }

func hashFamily() family {
	exists := drivers.Command{Op: drivers.OpHExists, Key: "k", Value: "old"}
	return family{
		kind: hashKind, all: command(drivers.OpHGetAll), size: command(drivers.OpHLen),
		content: func(reply drivers.Reply) (string, int) { return fields(reply.Values...).value, len(reply.Values) / 2 },
		checks: func(h Harness) []check {
			return slicesOf(hashReadChecks(), hashScanChecks(), hashWriteChecks(), hashReplaceChecks(), hashCompareChecks(), hashIncrementChecks(), fieldTTLChecks(h))
		},
		examples: []example{
			{hset("new", "value"), hashKind, "Values Expiry"},
			{hreplace(drivers.Always, "new", "value"), hashKind, "Values If Expiry"},
			{hcompare(2, "old", "value", "new", "value"), hashKind, "Values Amount"},
			{ofFields(drivers.OpHDel, "old"), hashKind, "Values"},
			{hget("old"), hashKind, "Value"},
			{ofFields(drivers.OpHMGet, "old", "new"), hashKind, "Values"},
			{exists, hashKind, "Value"},
			{command(drivers.OpHLen), hashKind, ""},
			{command(drivers.OpHKeys), hashKind, ""},
			{command(drivers.OpHGetAll), hashKind, ""},
			{hscan(0, 10), hashKind, "Start Amount"},
			{hincr("n", 5), hashKind, "Value Values Amount Min Max Expiry"},
			{hincrFloat("n", "2.5"), hashKind, "Value Values Expected Min Max Expiry"},
		},
		writers: hashWriters(),
	}
}

// fieldTTLExamples are of the Ops that only some stores have.
func fieldTTLExamples() []example {
	return []example{
		{expiring(in(hour), ofFields(drivers.OpHExpire, "old")), hashKind, "Values Expiry"},
		{ofFields(drivers.OpHTTL, "old"), hashKind, "Values"},
		{ofFields(drivers.OpHPersist, "old"), hashKind, "Values"},
	}
}

func hashReadChecks() []check {
	exists := func(field string) drivers.Command {
		return drivers.Command{Op: drivers.OpHExists, Key: "k", Value: field}
	}
	many := func(fields ...string) drivers.Command { return ofFields(drivers.OpHMGet, fields...) }
	length, keys, all := command(drivers.OpHLen), command(drivers.OpHKeys), command(drivers.OpHGetAll)
	two := given(hset("a", "1", "b", ""))
	return rows(
		row{says: "is Nil for an absent key", when: hget("a"), want: drivers.Reply{Nil: true}},
		row{says: "is Nil for an absent field", given: two, when: hget("c"), want: drivers.Reply{Nil: true}},
		row{says: "tells an empty value from an absent field", given: two, when: hget("b"), want: drivers.Reply{}},
		row{says: "is the value of a field", given: two, when: hget("a"), want: drivers.Reply{Value: "1"}},
		row{says: "is the value of the empty field (row 30)", given: given(hset("", "x")), when: hget(""), want: drivers.Reply{Value: "x"}},
		row{says: "reads what indexes have written", given: given(user("1", mail("a"))), when: drivers.Command{Op: drivers.OpHGet, Key: "reg", Value: "1"},
			want: drivers.Reply{Value: packed(mail("a"))}},

		row{says: "is without any for an absent key", when: many("a", "b"), want: drivers.Reply{Values: []string{"", ""}, Ints: []int64{0, 0}}},
		row{says: "is the values in the order of the fields", given: two, when: many("b", "c", "a"),
			want: drivers.Reply{Values: []string{"", "", "1"}, Ints: []int64{1, 0, 1}}},
		row{says: "answers a field as often as it is asked for", given: two, when: many("a", "a"),
			want: drivers.Reply{Values: []string{"1", "1"}, Ints: []int64{1, 1}}},
		row{says: "is ErrInvalid without fields", given: two, when: many(), err: drivers.ErrInvalid},

		row{says: "is 0 for an absent key", when: exists("a"), want: drivers.Reply{}},
		row{says: "is 0 for an absent field", given: two, when: exists(""), want: drivers.Reply{}},
		row{says: "is 1 for a field, though its value is empty", given: two, when: exists("b"), want: drivers.Reply{Int: 1}},

		row{says: "is 0 for an absent key", when: length, want: drivers.Reply{}},
		row{says: "counts the fields", given: given(register("k", "a", "b"), register("k", "b", "c")), when: length, want: drivers.Reply{Int: 3}},

		row{says: "is empty, not Nil, for an absent key", when: keys, want: drivers.Reply{}},
		row{says: "is the fields", given: two, when: keys, want: drivers.Reply{Values: []string{"a", "b"}}},

		row{says: "is empty, not Nil, for an absent key", when: all, want: drivers.Reply{}},
		row{says: "is fields and values", given: two, when: all, want: drivers.Reply{Values: []string{"a", "1", "b", ""}}},
	)
}

func hashScanChecks() []check {
	checks := rows(
		row{says: "is empty and at its end for an absent key", when: hscan(0, 10), want: drivers.Reply{}},
		row{says: "comes to fields and their values", given: given(hset("a", "1", "b", "")), when: hscan(0, 100),
			want: drivers.Reply{Values: []string{"a", "1", "b", ""}}},
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
	scan := hscan(0, hint)
	for range 20_000 {
		reply := t.must(scan)
		var piece []string
		for i := 0; i < len(reply.Values); i += 2 {
			piece = append(piece, reply.Values[i])
			seen[reply.Values[i]] = true
			t.Expect(reply.Values[i+1]).To(gomega.BeEmpty(), "the value of %q", reply.Values[i])
		}
		between(piece)
		if !scan.Continue(reply) {
			return seen
		}
	}
	t.Expect(scan.Start).To(gomega.BeZero(), "the scan does not end")
	return seen
}

// fieldTTLChecks are about the times to live of single fields, which Redis has from 7.4 on.
func fieldTTLChecks(h Harness) []check {
	expire := func(e drivers.Expiry, fields ...string) drivers.Command {
		return expiring(e, ofFields(drivers.OpHExpire, fields...))
	}
	left := func(fields ...string) drivers.Command { return ofFields(drivers.OpHTTL, fields...) }
	persist := func(fields ...string) drivers.Command { return ofFields(drivers.OpHPersist, fields...) }
	two := given(hset("a", "1", "b", "2"))
	checks := rows(
		row{says: "is ErrInvalid without fields", given: two, when: expire(in(hour)), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid without a time", given: two, when: expire(drivers.Expiry{}, "a"), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid without fields", given: two, when: left(), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid without fields", given: two, when: persist(), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid beyond the year 4199", given: two, when: expire(at(drivers.MaxFieldDeadline+1), "a"), err: drivers.ErrInvalid},
	)
	if !h.FieldTTL {
		for _, e := range fieldTTLExamples() {
			checks = append(checks, rows(row{says: "is ErrUnsupported, as it is not claimed", given: two, when: e.cmd, err: errors.ErrUnsupported})...)
		}
		return checks
	}
	ints := func(numbers ...int64) drivers.Reply { return drivers.Reply{Ints: numbers} }
	mortal := append(two, expire(at(farAhead), "a"))
	for what, write := range map[string]drivers.Command{
		"HSET": hset("a", "1"), "a replacement": hreplace(drivers.Always, "a", "1", "b", "2"), "a comparison that changes it": hcompare(4, "a", "1", "b", "2", "a", "3"),
	} {
		checks = append(checks, about(drivers.OpHExpire, "is over for a field that is written by "+what, func(t *trial) {
			t.given(hset("a", "1", "b", "2"), expire(in(hour), "a", "b"), write)
			t.Expect(t.must(left("a")).Ints).To(gomega.Equal([]int64{-1}))
		}))
	}
	refused := hincrFloat("a", "2.5")
	refused.OwnExtra().Max = "2"
	for what, write := range map[string]drivers.Command{
		"HINCRBY": hincr("a", 5), "HINCRBYFLOAT": hincrFloat("a", "2.5"), "a write of another field": hset("b", "3"),
		"a comparison that changes another": hcompare(4, "a", "1", "b", "2", "a", "1", "b", "3"), "PERSIST of the key": command(drivers.OpPersist),
		"HINCRBYFLOAT that is refused": refused,
	} {
		checks = append(checks, about(drivers.OpHExpire, "is kept by "+what, func(t *trial) {
			t.given(hset("a", "1", "b", "2"), expire(in(hour), "a"), write)
			t.Expect(t.must(left("a")).Ints).To(gomega.HaveExactElements(gomega.BeNumerically("~", hour.Milliseconds(), 10_000)))
		}))
	}
	checks = append(checks, about(drivers.OpHExpire, "takes a field out in time, and the key with the last one", func(t *trial) {
		const span = 40 * time.Millisecond
		t.given(hset("a", "1", "b", "2", "c", "3"), expire(in(span), "a", "c"))
		t.pass(span + 2*time.Millisecond)
		t.Eventually(func() []string { return t.must(command(drivers.OpHGetAll)).Values }).Should(gomega.Equal([]string{"b", "2"}))
		t.Expect(t.must(ofFields(drivers.OpHMGet, "a", "b")).Ints).To(gomega.Equal([]int64{0, 1}))
		t.Expect(t.must(left("a", "b", "c")).Ints).To(gomega.Equal([]int64{-2, -1, -2}))
		t.Expect(t.must(hincr("c", 5)).Int).To(gomega.BeEquivalentTo(5), "the field begins anew")
		t.given(expire(in(span), "b", "c"))
		t.pass(span + 2*time.Millisecond)
		t.Eventually(func() int64 { return t.must(command(drivers.OpExists)).Int }).Should(gomega.BeZero())
	}))
	return append(checks, rows(
		row{says: "is ErrInvalid for a time that ends after the year 4199", given: two, when: expire(drivers.Expiry{Mode: drivers.ExpireIn, Millis: drivers.MaxFieldDeadline}, "a"), err: drivers.ErrInvalid},
		row{says: "answers -2 for each field of an absent key", when: expire(in(hour), "a", "a"), want: ints(-2, -2)},
		row{says: "answers 1 for a field that is there and -2 for one that is not", given: two, when: expire(in(hour), "a", "c"), want: ints(1, -2)},
		row{says: "answers 2 at a past moment, and the field is gone", given: two, when: expire(at(longAgo), "a"), want: ints(2), then: then{"k": fields("b", "2")}},
		row{says: "at a past moment, of all fields, removes the key", given: two, when: expire(at(longAgo), "a", "b"), want: ints(2, 2), then: then{"k": gone}},
		row{says: "answers -1 for a field that stays and -2 for one that is not there", given: two, when: left("a", "c"), want: ints(-1, -2)},
		row{says: "answers 1 for a field that had a time to live and -1 for one that had none", given: mortal, when: persist("a", "b", "c"), want: ints(1, -1, -2)},
	)...)
}
