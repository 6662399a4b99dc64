package spec

import (
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
)

func slicesOf(lists ...[]check) []check { return slices.Concat(lists...) }

func stringChecks(h Harness) []check {
	return slicesOf(getChecks(h), getExChecks(h), setCommandChecks(h), swapChecks(h), appendChecks(h), strLenChecks(h))
}

func getChecks(h Harness) []check {
	return rows(
		row{says: "is Nil for an absent key", when: get("k"), want: drivers.Reply{Nil: true}},
		row{says: "answers the value", given: given(put("k", "value")), when: get("k"), want: drivers.Reply{Value: "value"}},
		row{says: "tells an empty string from an absent key", given: given(put("k", "")), when: get("k"), want: drivers.Reply{Value: ""}},
		row{says: "reads what bit operations wrote",
			given: given(drivers.Command{Op: drivers.OpBitSet, Key: "k", Bits: drivers.BitType{Width: 8}, Start: 1, Amount: 'x'}),
			when:  get("k"), want: drivers.Reply{Value: "\x00x"}},
	)
}

func getEx(e drivers.Expiry) drivers.Command {
	return drivers.Command{Op: drivers.OpGetEx, Key: "k", Expiry: e}
}

func getExChecks(h Harness) []check {
	value := drivers.Reply{Value: "v"}
	return rows(
		row{says: "is Nil for an absent key, and makes none", when: getEx(in(hour)), want: drivers.Reply{Nil: true}},
		row{says: "answers the value, and starts a time to live", given: given(put("k", "v")), when: getEx(in(hour)), want: value, then: then{"k": holds("v").lasting(hour)}},
		row{says: "starts anew a time to live that runs", given: given(putFor(hour, "k", "v")), when: getEx(in(3 * hour)), want: value, then: then{"k": holds("v").lasting(3 * hour)}},
		row{says: "shortens a time to live", given: given(putFor(3*hour, "k", "v")), when: getEx(in(hour)), want: value, then: then{"k": holds("v").lasting(hour)}},
		row{says: "at a past moment answers the value, and the key is gone", given: given(put("k", "v")), when: getEx(at(longAgo)), want: value, then: then{"k": gone}},
		row{says: "is ErrInvalid without an expiry", given: given(putFor(hour, "k", "v")), when: getEx(drivers.Expiry{}), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid with ClearTTL", given: given(putFor(hour, "k", "v")), when: getEx(endless), err: drivers.ErrInvalid},
		row{says: "is ErrWrongType for a set", given: given(fillFor(hour, "k", "a")), when: getEx(in(hour)), err: drivers.ErrWrongType},
	)
}

func setCommandChecks(h Harness) []check {
	set := func(cond drivers.Condition, e drivers.Expiry) drivers.Command {
		return drivers.Command{Op: drivers.OpSet, Key: "k", Value: "new", If: cond, Expiry: e}
	}
	always := set(drivers.Always, drivers.Expiry{})
	absent := set(drivers.IfAbsent, drivers.Expiry{})
	exists := set(drivers.IfExists, drivers.Expiry{})
	done, refused := drivers.Reply{}, drivers.Reply{Nil: true}
	return rows(
		row{says: "makes a key", when: always, want: done, then: then{"k": holds("new")}},
		row{says: "replaces a string", given: given(put("k", "a longer one")), when: always, want: done, then: then{"k": holds("new")}},
		row{says: "writes an empty string", given: given(put("k", "v")), when: put("k", ""), want: done, then: then{"k": holds("")}},
		row{says: "overwrites a set (row 3)", given: given(fill("k", "a")), when: always, want: done, then: then{"k": holds("new")}},
		row{says: "keeps a set's time to live unless told otherwise", given: given(fillFor(hour, "k", "a")), when: always,
			want: done, then: then{"k": holds("new").kept()}},
		row{says: "clears a time to live with ClearTTL (row 1)", given: given(putFor(hour, "k", "v")), when: set(drivers.Always, endless),
			want: done, then: then{"k": holds("new")}},
		row{says: "succeeds at a past moment, and the key is gone (row 4)", given: given(put("k", "v")), when: set(drivers.Always, at(longAgo)),
			want: done, then: then{"k": gone}},

		row{says: "IfAbsent makes a key", when: absent, want: done, then: then{"k": holds("new")}},
		row{says: "IfAbsent refuses a string", given: given(put("k", "v")), when: absent, want: refused},
		row{says: "IfAbsent refuses an empty string", given: given(put("k", "")), when: absent, want: refused},
		row{says: "IfAbsent refuses a set", given: given(fill("k", "a")), when: absent, want: refused},
		row{says: "refused, leaves the time to live alone", given: given(putFor(hour, "k", "v")), when: set(drivers.IfAbsent, in(2*hour)), want: refused},
		row{says: "refused, does not clear the time to live", given: given(putFor(hour, "k", "v")), when: set(drivers.IfAbsent, endless), want: refused},
		row{says: "refused at a past moment, removes nothing", given: given(put("k", "v")), when: set(drivers.IfAbsent, at(longAgo)), want: refused},
		row{says: "IfAbsent takes an expiry", when: set(drivers.IfAbsent, in(hour)), want: done, then: then{"k": holds("new").lasting(hour)}},

		row{says: "IfExists refuses an absent key", when: exists, want: refused},
		row{says: "IfExists with an expiry refuses an absent key", when: set(drivers.IfExists, in(hour)), want: refused},
		row{says: "IfExists replaces a string", given: given(put("k", "v")), when: exists, want: done, then: then{"k": holds("new")}},
		row{says: "IfExists overwrites a set", given: given(fill("k", "a")), when: exists, want: done, then: then{"k": holds("new")}},
		row{says: "IfExists keeps the time to live", given: given(putFor(hour, "k", "v")), when: exists, want: done, then: then{"k": holds("new").kept()}},
	)
}

func swapChecks(h Harness) []check {
	swap := func(cond drivers.Condition, e drivers.Expiry) drivers.Command {
		return drivers.Command{Op: drivers.OpSwap, Key: "k", Value: "new", If: cond, Expiry: e}
	}
	always := swap(drivers.Always, drivers.Expiry{})
	absent := swap(drivers.IfAbsent, drivers.Expiry{})
	exists := swap(drivers.IfExists, drivers.Expiry{})
	none, old := drivers.Reply{Nil: true}, drivers.Reply{Value: "old"}
	return rows(
		row{says: "is Nil for a key it makes", when: always, want: none, then: then{"k": holds("new")}},
		row{says: "answers the string it replaces", given: given(put("k", "old")), when: always, want: old, then: then{"k": holds("new")}},
		row{says: "answers an empty string it replaces", given: given(put("k", "")), when: always, want: drivers.Reply{}, then: then{"k": holds("new")}},
		row{says: "keeps a time to live unless told otherwise", given: given(putFor(hour, "k", "old")), when: always,
			want: old, then: then{"k": holds("new").kept()}},
		row{says: "at a past moment answers the old string, and the key is gone", given: given(put("k", "old")), when: swap(drivers.Always, at(longAgo)),
			want: old, then: then{"k": gone}},
		row{says: "IfAbsent is Nil for a key it makes (row 2)", when: absent, want: none, then: then{"k": holds("new")}},
		row{says: "IfAbsent refused answers what is there (row 2)", given: given(put("k", "old")), when: absent, want: old},
		row{says: "IfAbsent refused leaves the time to live alone", given: given(putFor(hour, "k", "old")), when: swap(drivers.IfAbsent, in(2*hour)), want: old},
		row{says: "IfAbsent refused at a past moment removes nothing", given: given(put("k", "old")), when: swap(drivers.IfAbsent, at(longAgo)), want: old},
		row{says: "IfExists is Nil for an absent key and makes none", when: exists, want: none},
		row{says: "IfExists answers the string it replaces", given: given(put("k", "old")), when: exists, want: old, then: then{"k": holds("new")}},
		row{says: "IfAbsent is ErrWrongType for a set (row 3)", given: given(fill("k", "a")), when: absent, err: drivers.ErrWrongType},
		row{says: "IfExists is ErrWrongType for a set (row 3)", given: given(fill("k", "a")), when: exists, err: drivers.ErrWrongType},
	)
}

func appendChecks(h Harness) []check {
	add := func(value string, e drivers.Expiry) drivers.Command {
		return drivers.Command{Op: drivers.OpAppend, Key: "k", Value: value, Expiry: e}
	}
	plain := drivers.Expiry{}
	return rows(
		row{says: "makes a key", when: add("ab", plain), want: drivers.Reply{Int: 2}, then: then{"k": holds("ab")}},
		row{says: "makes an empty key of an empty string (row 6)", when: add("", plain), want: drivers.Reply{Int: 0}, then: then{"k": holds("")}},
		row{says: "lengthens a string and answers its length", given: given(put("k", "ab")), when: add("cde", plain),
			want: drivers.Reply{Int: 5}, then: then{"k": holds("abcde")}},
		row{says: "of an empty string changes nothing", given: given(put("k", "ab")), when: add("", plain), want: drivers.Reply{Int: 2}},
		row{says: "keeps a time to live (row 5)", given: given(putFor(hour, "k", "ab")), when: add("c", plain),
			want: drivers.Reply{Int: 3}, then: then{"k": holds("abc").kept()}},
	)
}

func strLenChecks(h Harness) []check {
	strLen := drivers.Command{Op: drivers.OpStrLen, Key: "k"}
	return rows(
		row{says: "is 0 for an absent key", when: strLen, want: drivers.Reply{Int: 0}},
		row{says: "is 0 for an empty string", given: given(put("k", "")), when: strLen, want: drivers.Reply{Int: 0}},
		row{says: "counts bytes, not characters", given: given(put("k", "äöü€")), when: strLen, want: drivers.Reply{Int: 9}},
		row{says: "counts NULs", given: given(put("k", "a\x00b\x00")), when: strLen, want: drivers.Reply{Int: 4}},
	)
}

func casChecks(h Harness) []check {
	cas := func(expected, value string, e drivers.Expiry) drivers.Command {
		return drivers.Command{Op: drivers.OpCompareAndSwap, Key: "k", Extra: &drivers.Extra{Expected: expected}, Value: value, Expiry: e}
	}
	plain := drivers.Expiry{}
	done, refused := drivers.Reply{Int: 1}, drivers.Reply{Int: 0}
	return rows(
		row{says: "replaces what was expected", given: given(put("k", "old")), when: cas("old", "new", plain), want: done, then: then{"k": holds("new")}},
		row{says: "replaces a string with itself", given: given(put("k", "old")), when: cas("old", "old", plain), want: done},
		row{says: "replaces an empty string", given: given(put("k", "")), when: cas("", "new", plain), want: done, then: then{"k": holds("new")}},
		row{says: "writes an empty string", given: given(put("k", "old")), when: cas("old", "", plain), want: done, then: then{"k": holds("")}},
		row{says: "compares bytes, NULs included", given: given(put("k", "a\x00b\xff")), when: cas("a\x00b\xff", "new", plain),
			want: done, then: then{"k": holds("new")}},
		row{says: "keeps a time to live", given: given(putFor(hour, "k", "old")), when: cas("old", "new", plain),
			want: done, then: then{"k": holds("new").kept()}},
		row{says: "refuses another string", given: given(put("k", "other")), when: cas("old", "new", plain), want: refused},
		row{says: "refuses a string that only begins as expected", given: given(put("k", "old\x00")), when: cas("old", "new", plain), want: refused},
		row{says: "refuses a shorter string", given: given(put("k", "ol")), when: cas("old", "new", plain), want: refused},
		row{says: "refuses an absent key", when: cas("old", "new", plain), want: refused},
		row{says: "does not take an absent key for an empty string", when: cas("", "new", plain), want: refused},
		row{says: "refused, starts no time to live", given: given(put("k", "other")), when: cas("old", "new", in(hour)), want: refused},
		row{says: "refused at a past moment, removes nothing", given: given(put("k", "other")), when: cas("old", "new", at(longAgo)), want: refused},
		row{says: "refused, leaves a time to live alone", given: given(putFor(hour, "k", "other")), when: cas("old", "new", in(2*hour)), want: refused},
	)
}
