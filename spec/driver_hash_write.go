package spec

import (
	"fmt"
	"math"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

func hreplace(cond drivers.Condition, pairs ...string) drivers.Command {
	cmd := ofFields(drivers.OpHReplace, pairs...)
	cmd.If = cond
	return cmd
}

// hcompare compares the first of values, and sets the others.
func hcompare(compared int64, values ...string) drivers.Command {
	cmd := ofFields(drivers.OpHCompareAndSet, values...)
	cmd.Amount = compared
	return cmd
}

func hincr(field string, by int64) drivers.Command {
	return drivers.Command{Op: drivers.OpHIncrBy, Key: "k", Value: field, Amount: by}
}

func hincrFloat(field, by string) drivers.Command {
	return drivers.Command{Op: drivers.OpHIncrByFloat, Key: "k", Value: field, Extra: &drivers.Extra{Expected: by}}
}

// beginning lets an absent field count as a number.
func beginning(number string, cmd drivers.Command) drivers.Command {
	cmd.SetInitial(number)
	return cmd
}

// hashWriters are the Ops on hashes that take an Expiry.
func hashWriters() []writer {
	old := hset("old", "value")
	one := drivers.Reply{Int: 1}
	return []writer{
		{cmd: hset("new", "x"), existing: old, want: one, changed: fields("old", "value", "new", "x"), absent: true, made: fields("new", "x"), reply: one},
		{cmd: hset("old", "value"), existing: old, changed: fields("old", "value"), absent: true, made: fields("old", "value"), reply: one},
		{cmd: hreplace(drivers.Always, "new", "x"), replaces: true, existing: old, want: one, changed: fields("new", "x"), absent: true, made: fields("new", "x"), reply: one},
		{cmd: hincr("n", 5), existing: old, want: drivers.Reply{Int: 5}, changed: fields("old", "value", "n", "5"),
			absent: true, made: fields("n", "5"), reply: drivers.Reply{Int: 5}},
		{cmd: within(hincrFloat("n", "2.5"), "1", ""), existing: old, want: drivers.Reply{Value: "2.5"}, changed: fields("old", "value", "n", "2.5"),
			absent: true, made: fields("n", "2.5"), reply: drivers.Reply{Value: "2.5"}},
	}
}

func hashWriteChecks() []check {
	remove := func(fields ...string) drivers.Command { return ofFields(drivers.OpHDel, fields...) }
	two := given(hset("a", "1", "b", "2"))
	mortal := given(expiring(in(hour), hset("a", "1", "b", "2")))
	return append(rows(
		row{says: "makes a hash", when: hset("a", "1", "b", "2"), want: drivers.Reply{Int: 2}, then: then{"k": fields("a", "1", "b", "2")}},
		row{says: "counts a field given twice once, and keeps its last value (row 30)", when: hset("a", "1", "a", "2"), want: drivers.Reply{Int: 1}, then: then{"k": fields("a", "2")}},
		row{says: "counts only fields that are new", given: two, when: hset("b", "3", "c", "4"), want: drivers.Reply{Int: 1}, then: then{"k": fields("a", "1", "b", "3", "c", "4")}},
		row{says: "of what is there changes nothing", given: mortal, when: hset("a", "1"), want: drivers.Reply{}},
		row{says: "takes an empty field and an empty value (row 30)", when: hset("", ""), want: drivers.Reply{Int: 1}, then: then{"k": fields("", "")}},
		row{says: "keeps a time to live", given: mortal, when: hset("a", "3"), want: drivers.Reply{}, then: then{"k": fields("a", "3", "b", "2").kept()}},
		row{says: "keeps fields that look like numbers apart", when: hset("1", "a", "01", "b", "1.0", "c"), want: drivers.Reply{Int: 3}, then: then{"k": fields("1", "a", "01", "b", "1.0", "c")}},
		row{says: "is ErrInvalid without fields", given: two, when: hset(), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with a field that has no value", given: two, when: hset("a", "3", "c"), err: drivers.ErrInvalid},

		row{says: "answers 0 for an absent key", when: remove("a"), want: drivers.Reply{}},
		row{says: "removes fields and counts those that were there", given: mortal, when: remove("a", "c"), want: drivers.Reply{Int: 1}, then: then{"k": fields("b", "2").kept()}},
		row{says: "counts a field given twice once", given: two, when: remove("a", "a"), want: drivers.Reply{Int: 1}, then: then{"k": fields("b", "2")}},
		row{says: "of what is not there changes nothing", given: mortal, when: remove("c"), want: drivers.Reply{}},
		row{says: "of the last field removes the key (row 21)", given: mortal, when: remove("a", "b"), want: drivers.Reply{Int: 2}, then: then{"k": gone}},
		row{says: "is ErrInvalid without fields", given: two, when: remove(), err: drivers.ErrInvalid},
	),
		about(drivers.OpHSet, "takes ten thousand fields at once, with an expiry too", func(t *trial) {
			pairs := manyMembers(20_000)
			t.replies(t.must(expiring(in(hour), hset(pairs...))), drivers.Reply{Int: 10_000})
			now := t.now()
			t.changed("k", sight{}, fields(pairs...).lasting(hour), now-60_000, now)
		}),
		about(drivers.OpHDel, "of the last field takes the time to live with it: a hash made again has none (row 18)", func(t *trial) {
			t.given(expiring(in(hour), hset("a", "1")), remove("a"), hset("a", "1"))
			t.changed("k", sight{}, fields("a", "1"), 0, 0)
		}),
	)
}

func hashReplaceChecks() []check {
	old := given(hset("a", "1", "b", "2"))
	mortal := given(expiring(in(hour), hset("a", "1", "b", "2")))
	two, refused := drivers.Reply{Int: 2}, drivers.Reply{Nil: true}
	later := func(cmd drivers.Command) drivers.Command { return expiring(in(2*hour), cmd) }
	return append(rows(
		row{says: "makes a hash and answers its size", when: hreplace(drivers.Always, "x", "1", "y", "2"), want: two, then: then{"k": fields("x", "1", "y", "2")}},
		row{says: "leaves nothing of the old hash", given: old, when: hreplace(drivers.Always, "b", "3", "c", "4"), want: two, then: then{"k": fields("b", "3", "c", "4")}},
		row{says: "counts a field given twice once, and keeps its last value", when: hreplace(drivers.Always, "x", "1", "x", "2"), want: drivers.Reply{Int: 1}, then: then{"k": fields("x", "2")}},
		row{says: "keeps a time to live unless told otherwise", given: mortal, when: hreplace(drivers.Always, "x", "1"), want: drivers.Reply{Int: 1}, then: then{"k": fields("x", "1").kept()}},
		row{says: "without fields removes the key", given: mortal, when: hreplace(drivers.Always), want: drivers.Reply{}, then: then{"k": gone}},
		row{says: "without fields leaves an absent key absent", when: later(hreplace(drivers.Always)), want: drivers.Reply{}},
		row{says: "IfAbsent makes a hash", when: hreplace(drivers.IfAbsent, "x", "1", "y", "2"), want: two, then: then{"k": fields("x", "1", "y", "2")}},
		row{says: "IfAbsent refuses a hash, and leaves the time to live alone", given: mortal, when: later(hreplace(drivers.IfAbsent, "x", "1")), want: refused},
		row{says: "IfExists replaces a hash", given: old, when: hreplace(drivers.IfExists, "x", "1", "y", "2"), want: two, then: then{"k": fields("x", "1", "y", "2")}},
		row{says: "IfExists refuses an absent key", when: hreplace(drivers.IfExists, "x", "1"), want: refused},
		row{says: "is ErrInvalid with an unknown If", given: old, when: hreplace(drivers.IfGreater, "x", "1"), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with a field that has no value", given: old, when: hreplace(drivers.Always, "x"), err: drivers.ErrInvalid},
	), about(drivers.OpHReplace, "misses no field that stays during a scan", func(t *trial) {
		pairs := manyMembers(2000)
		t.given(hset(pairs...))
		scan := hscan(0, 10)
		reply := t.must(scan)
		t.given(hreplace(drivers.Always, pairs...))
		seen := len(reply.Values)
		for scan.Continue(reply) {
			reply = t.must(scan)
			seen += len(reply.Values)
		}
		t.Expect(seen).To(gomega.BeNumerically(">=", len(pairs)))
	}))
}

func hashCompareChecks() []check {
	old := given(hset("a", "1", "b", "2"))
	mortal := given(expiring(in(hour), hset("a", "1", "b", "2")))
	one, none := drivers.Reply{Int: 1}, drivers.Reply{}
	checks := rows(
		row{says: "replaces what it expects, in any order, and keeps the time to live", given: mortal, when: hcompare(4, "b", "2", "a", "1", "b", "3", "c", "4"),
			want: one, then: then{"k": fields("b", "3", "c", "4").kept()}},
		row{says: "leaves a hash with another value", given: mortal, when: hcompare(4, "a", "1", "b", "x", "c", "3"), want: none},
		row{says: "leaves a hash with another field", given: mortal, when: hcompare(4, "a", "1", "c", "2", "c", "3"), want: none},
		row{says: "leaves a hash with one field more", given: mortal, when: hcompare(2, "a", "1", "c", "3"), want: none},
		row{says: "leaves a hash with one field less", given: mortal, when: hcompare(6, "a", "1", "b", "2", "c", "3", "d", "4"), want: none},
		row{says: "counts an expected field once", given: mortal, when: hcompare(4, "a", "1", "a", "1", "c", "3"), want: none},
		row{says: "leaves an absent hash that it expects to be there", when: hcompare(2, "a", "1", "c", "3"), want: none},
		row{says: "makes a hash that it expects to be absent", when: hcompare(0, "a", "1"), want: one, then: then{"k": fields("a", "1")}},
		row{says: "leaves a hash that it expects to be absent", given: mortal, when: hcompare(0, "a", "1", "b", "2"), want: none},
		row{says: "puts nothing in place of a hash, which is gone then", given: mortal, when: hcompare(4, "a", "1", "b", "2"), want: one, then: then{"k": gone}},
		row{says: "of nothing to nothing changes nothing", when: hcompare(0), want: one},
		row{says: "of a hash to the same changes nothing", given: mortal, when: hcompare(4, "a", "1", "b", "2", "a", "1", "b", "2"), want: one},
		row{says: "keeps the last value of a field given twice", given: old, when: hcompare(4, "a", "1", "b", "2", "c", "3", "c", "4"), want: one, then: then{"k": fields("c", "4")}},
	)
	for _, amount := range []int64{-1, -2, 1, 3, 5, 6, math.MaxInt64, math.MinInt64} {
		checks = append(checks, rows(row{says: fmt.Sprintf("is ErrInvalid where it compares %d of four", amount), given: old,
			when: hcompare(amount, "a", "1", "b", "2"), err: drivers.ErrInvalid})...)
	}
	return append(checks, about(drivers.OpHCompareAndSet, "takes ten thousand fields", func(t *trial) {
		pairs := manyMembers(20_000)
		t.given(hset(pairs...))
		next := append(append([]string{}, pairs...), pairs[:10_000]...)
		t.replies(t.must(hcompare(20_000, next...)), one)
		t.changed("k", sight{}, fields(pairs[:10_000]...), 0, 0)
	}))
}

func hashIncrementChecks() []check {
	number := func(text string) []drivers.Command {
		return given(expiring(in(hour), hset("n", text, "other", "x")))
	}
	holds := func(text string) then { return then{"k": fields("n", text, "other", "x").kept()} }
	refused := drivers.Reply{Nil: true}
	lowest, highest := fmt.Sprint(math.MinInt64), fmt.Sprint(math.MaxInt64)
	table := []row{
		{says: "of an absent key begins with 0", when: hincr("n", -3), want: drivers.Reply{Int: -3}, then: then{"k": fields("n", "-3")}},
		{says: "of an absent field begins with 0", given: given(hset("a", "1")), when: hincr("n", 3), want: drivers.Reply{Int: 3}, then: then{"k": fields("a", "1", "n", "3")}},
		{says: "adds, and keeps the time to live", given: number("40"), when: hincr("n", 2), want: drivers.Reply{Int: 42}, then: holds("42")},
		{says: "answers numbers of more than 53 bits exactly", given: number("9007199254740992"), when: hincr("n", 1), want: drivers.Reply{Int: 9007199254740993}, then: holds("9007199254740993")},
		{says: "answers numbers of more than 53 bits exactly within bounds", given: number("9007199254740992"), when: within(hincr("n", 1), "0", highest), want: drivers.Reply{Int: 9007199254740993}, then: holds("9007199254740993")},
		{says: "reaches the greatest number", given: number("9223372036854775806"), when: within(hincr("n", 1), lowest, highest), want: drivers.Reply{Int: math.MaxInt64}, then: holds(highest)},
		{says: "is refused beyond the greatest number (row 10)", given: number(highest), when: hincr("n", 1), want: refused},
		{says: "is refused below the lowest number (row 10)", given: number(lowest), when: hincr("n", -1), want: refused},
		{says: "is refused beyond the greatest number within bounds", given: number(highest), when: within(hincr("n", 1), "0", ""), want: refused},
		{says: "is refused above Max", given: number("9"), when: within(hincr("n", 2), "", "10"), want: refused},
		{says: "is refused above a Max of more than 53 bits", given: number("9007199254740992"), when: within(hincr("n", 1), "", "9007199254740992"), want: refused},
		{says: "reaches Max", given: number("9"), when: within(hincr("n", 1), "", "10"), want: drivers.Reply{Int: 10}, then: holds("10")},
		{says: "is refused below Min", given: number("2"), when: within(hincr("n", -1), "2", ""), want: refused},
		{says: "is refused below a negative Min", given: number("-9"), when: within(hincr("n", -2), "-10", "5"), want: refused},
		{says: "reaches a negative Min", given: number("-9"), when: within(hincr("n", -1), "-10", "5"), want: drivers.Reply{Int: -10}, then: holds("-10")},
		{says: "refused, makes no field", given: given(hset("a", "1")), when: within(hincr("n", 2), "", "1"), want: refused},
		{says: "refused, makes no key and starts no time to live", when: expiring(in(hour), within(hincr("n", 2), "", "1")), want: refused},
		{says: "of an absent key begins with another number", when: beginning("40", hincr("n", 2)), want: drivers.Reply{Int: 42}, then: then{"k": fields("n", "42")}},
		{says: "of an absent field begins with another number, and starts a time to live", given: given(hset("a", "1")),
			when: expiring(in(hour), beginning("9007199254740992", hincr("n", 1))), want: drivers.Reply{Int: 9007199254740993}, then: then{"k": fields("a", "1", "n", "9007199254740993").lasting(hour)}},
		{says: "adds to what is there, whatever an absent field counts as", given: number("1"), when: beginning("40", hincr("n", 2)), want: drivers.Reply{Int: 3}, then: holds("3")},
		{says: "beginning with another number reaches Max", when: within(beginning("9", hincr("n", 1)), "0", "10"), want: drivers.Reply{Int: 10}, then: then{"k": fields("n", "10")}},
		{says: "beginning with another number is refused above Max, and makes no key", when: within(beginning("9", hincr("n", 2)), "0", "10"), want: refused},
		{says: "beginning with the greatest number is refused, and makes no key", when: beginning(highest, hincr("n", 1)), want: refused},
		{says: "beginning with the greatest number is refused, and makes no field", given: given(hset("a", "1")), when: beginning(highest, hincr("n", 1)), want: refused},
		{says: "is ErrInvalid beginning with what is no integer", when: beginning("0.5", hincr("n", 1)), err: drivers.ErrInvalid},
		{says: "is ErrInvalid with a bound that is no integer", given: number("1"), when: within(hincr("n", 1), "0.5", ""), err: drivers.ErrInvalid},

		{says: "of an absent key begins with 0", when: hincrFloat("n", "-0.5"), want: drivers.Reply{Value: "-0.5"}, then: then{"k": fields("n", "-0.5")}},
		{says: "of an absent field begins with 0", given: given(hset("a", "1")), when: hincrFloat("n", "3"), want: drivers.Reply{Value: "3"}, then: then{"k": fields("a", "1", "n", "3")}},
		{says: "adds as 80 bits do (row 11)", given: number("0.1"), when: hincrFloat("n", "0.2"), want: drivers.Reply{Value: "0.3"}, then: holds("0.3")},
		{says: "reads exponents and writes none", given: number("5.0e3"), when: hincrFloat("n", "2.0e2"), want: drivers.Reply{Value: "5200"}, then: holds("5200")},
		{says: "is refused where the sum is infinite (row 11)", given: number("inf"), when: hincrFloat("n", "1"), want: refused},
		{says: "is refused above Max", given: number("0.75"), when: within(hincrFloat("n", "0.5"), "", "1"), want: refused},
		{says: "reaches Max", given: number("0.75"), when: within(hincrFloat("n", "0.25"), "0", "1"), want: drivers.Reply{Value: "1"}, then: holds("1")},
		{says: "holds a number against Max as everybody reads it back", given: number("9007199254740992"), when: within(hincrFloat("n", "1"), "", "9007199254740992"),
			want: drivers.Reply{Value: "9007199254740993"}, then: holds("9007199254740993")},
		{says: "of an absent key begins with another number", when: beginning("0.1", hincrFloat("n", "0.2")), want: drivers.Reply{Value: "0.3"}, then: then{"k": fields("n", "0.3")}},
		{says: "beginning with another number is refused above Max, and makes no field", given: given(hset("a", "1")), when: within(beginning("0.75", hincrFloat("n", "0.5")), "", "1"), want: refused},
		{says: "is ErrInvalid beginning with what is no number", when: beginning("much", hincrFloat("n", "1")), err: drivers.ErrInvalid},
		{says: "is refused below Min, and makes no key", when: within(hincrFloat("n", "1"), "1.5", ""), want: refused},
		{says: "is ErrInvalid with a bound that is no number", given: number("1"), when: within(hincrFloat("n", "1"), "", "much"), err: drivers.ErrInvalid},
	}
	for _, text := range []string{"", "01", "+1", "-0", " 1", "1.0", "x", "9223372036854775808"} {
		for _, cmd := range []drivers.Command{hincr("n", 1), within(hincr("n", 1), "", "100")} {
			table = append(table, row{says: fmt.Sprintf("is ErrCorrupt where %q is stored (row 9): bound %q", text, cmd.Max()), given: number(text), when: cmd, err: drivers.ErrCorrupt})
		}
	}
	for _, text := range []string{"", "x", " 1", "1 ", "nan"} {
		for _, cmd := range []drivers.Command{hincrFloat("n", "1"), within(hincrFloat("n", "1"), "", "100")} {
			table = append(table, row{says: fmt.Sprintf("is ErrCorrupt where %q is stored: bound %q", text, cmd.Max()), given: number(text), when: cmd, err: drivers.ErrCorrupt})
		}
	}
	for _, increment := range []string{"", "x", "inf", "nan", "1e400", "0x"} {
		table = append(table, row{says: fmt.Sprintf("is ErrInvalid for an increment of %q", increment), given: number("1"), when: hincrFloat("n", increment), err: drivers.ErrInvalid})
	}
	return rows(table...)
}
