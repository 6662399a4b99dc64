package spec

import (
	"fmt"

	"github.com/kvstore-go/kvstore/drivers"
)

func setChecks(h Harness) []check {
	return slicesOf(addChecks(h), removeChecks(h), memberChecks(h), moveChecks(h))
}

func addChecks(h Harness) []check {
	return append(rows(
		row{says: "makes a set", when: fill("k", "a", "b"), want: drivers.Reply{Int: 2}, then: then{"k": contains("a", "b")}},
		row{says: "counts a member given twice once", when: fill("k", "a", "a", "b"), want: drivers.Reply{Int: 2}, then: then{"k": contains("a", "b")}},
		row{says: "counts only members that are new", given: given(fill("k", "a", "b")), when: fill("k", "b", "c"),
			want: drivers.Reply{Int: 1}, then: then{"k": contains("a", "b", "c")}},
		row{says: "of what is there changes nothing", given: given(fillFor(hour, "k", "a")), when: fill("k", "a"), want: drivers.Reply{Int: 0}},
		row{says: "takes an empty string for a member", when: fill("k", ""), want: drivers.Reply{Int: 1}, then: then{"k": contains("")}},
		row{says: "keeps a time to live", given: given(fillFor(hour, "k", "a")), when: fill("k", "b"), want: drivers.Reply{Int: 1}, then: then{"k": contains("a", "b").kept()}},
		row{says: "keeps members that look like numbers apart", when: fill("k", "1", "01", "1.0", "+1"), want: drivers.Reply{Int: 4}, then: then{"k": contains("1", "01", "1.0", "+1")}},
		row{says: "is ErrInvalid without members", given: given(fill("k", "a")), when: fill("k"), err: drivers.ErrInvalid},
	), about(drivers.OpSAdd, "takes a thousand members at once", func(t *trial) {
		many := manyMembers(1000)
		t.replies(t.must(fill("k", many...)), drivers.Reply{Int: 1000})
		t.changed("k", sight{}, contains(many...), 0, 0)
	}))
}

func manyMembers(n int) []string {
	members := make([]string, n)
	for i := range members {
		members[i] = fmt.Sprintf("member-%d", i)
	}
	return members
}

func removeChecks(h Harness) []check {
	remove := func(members ...string) drivers.Command {
		return drivers.Command{Op: drivers.OpSRem, Key: "k", Values: members}
	}
	return append(rows(
		row{says: "answers 0 for an absent key", when: remove("a"), want: drivers.Reply{Int: 0}},
		row{says: "removes members and counts those that were there", given: given(fill("k", "a", "b", "c")), when: remove("a", "c", "x"),
			want: drivers.Reply{Int: 2}, then: then{"k": contains("b")}},
		row{says: "counts a member given twice once", given: given(fill("k", "a", "b")), when: remove("a", "a"), want: drivers.Reply{Int: 1}, then: then{"k": contains("b")}},
		row{says: "of what is not there changes nothing", given: given(fillFor(hour, "k", "a")), when: remove("x"), want: drivers.Reply{Int: 0}},
		row{says: "keeps a time to live", given: given(fillFor(hour, "k", "a", "b")), when: remove("a"), want: drivers.Reply{Int: 1}, then: then{"k": contains("b").kept()}},
		row{says: "of the last member removes the key (row 18)", given: given(fillFor(hour, "k", "a", "b")), when: remove("a", "b"), want: drivers.Reply{Int: 2}, then: then{"k": gone}},
		row{says: "is ErrInvalid without members", given: given(fill("k", "a")), when: remove(), err: drivers.ErrInvalid},
	), about(drivers.OpSRem, "of the last member takes the time to live with it: a set made again has none (row 18)", func(t *trial) {
		t.given(fillFor(hour, "k", "a"), remove("a"), fill("k", "a"))
		t.changed("k", sight{}, contains("a"), 0, 0)
	}))
}

func memberChecks(h Harness) []check {
	has := func(member string) drivers.Command {
		return drivers.Command{Op: drivers.OpSIsMember, Key: "k", Value: member}
	}
	card := drivers.Command{Op: drivers.OpSCard, Key: "k"}
	members := drivers.Command{Op: drivers.OpSMembers, Key: "k"}
	return rows(
		row{says: "is 0 for an absent key", when: has("a"), want: drivers.Reply{Int: 0}},
		row{says: "is 1 for a member", given: given(fill("k", "a", "b")), when: has("b"), want: drivers.Reply{Int: 1}},
		row{says: "is 0 for what is no member", given: given(fill("k", "a", "b")), when: has("c"), want: drivers.Reply{Int: 0}},
		row{says: "is 0 for an empty string that is no member", given: given(fill("k", "a")), when: has(""), want: drivers.Reply{Int: 0}},
		row{says: "is 1 for an empty string that is a member", given: given(fill("k", "")), when: has(""), want: drivers.Reply{Int: 1}},

		row{says: "is 0 for an absent key", when: card, want: drivers.Reply{Int: 0}},
		row{says: "counts the members", given: given(fill("k", "a", "b", "")), when: card, want: drivers.Reply{Int: 3}},

		row{says: "is empty, not Nil, for an absent key", when: members, want: drivers.Reply{}},
		row{says: "answers every member once", given: given(fill("k", "a", "b"), fill("k", "b", "c")), when: members, want: drivers.Reply{Values: []string{"a", "b", "c"}}},
		row{says: "answers an empty string that is a member", given: given(fill("k", "")), when: members, want: drivers.Reply{Values: []string{""}}},
	)
}

func moveChecks(h Harness) []check {
	move := func(member, from, to string, e drivers.Expiry) drivers.Command {
		return drivers.Command{Op: drivers.OpSMove, Key: from, Extra: &drivers.Extra{Keys: []string{to}}, Value: member, Expiry: e}
	}
	plain := drivers.Expiry{}
	done, refused := drivers.Reply{Int: 1}, drivers.Reply{Int: 0}
	return rows(
		row{says: "moves a member", given: given(fill("k", "a", "b"), fill("dest", "c")), when: move("a", "k", "dest", plain),
			want: done, then: then{"k": contains("b"), "dest": contains("a", "c")}},
		row{says: "makes the destination", given: given(fill("k", "a", "b")), when: move("a", "k", "dest", plain),
			want: done, then: then{"k": contains("b"), "dest": contains("a")}},
		row{says: "of the last member removes the source (row 18)", given: given(fillFor(hour, "k", "a")), when: move("a", "k", "dest", plain),
			want: done, then: then{"k": gone, "dest": contains("a")}},
		row{says: "of a member that the destination has only removes it", given: given(fill("k", "a", "b"), fill("dest", "a")), when: move("a", "k", "dest", plain),
			want: done, then: then{"k": contains("b")}},
		row{says: "keeps both times to live", given: given(fillFor(hour, "k", "a", "b"), fillFor(2*hour, "dest", "c")), when: move("a", "k", "dest", plain),
			want: done, then: then{"k": contains("b").kept(), "dest": contains("a", "c").kept()}},
		row{says: "of what is no member changes nothing", given: given(fill("k", "b"), fill("dest", "c")), when: move("a", "k", "dest", plain), want: refused},
		row{says: "of what is no member makes no destination", given: given(fill("k", "b")), when: move("a", "k", "dest", plain), want: refused},
		row{says: "of what is no member starts no time to live", given: given(fill("k", "b"), fill("dest", "c")), when: move("a", "k", "dest", in(hour)), want: refused},
		row{says: "of what is no member removes no destination at a past moment", given: given(fill("k", "b"), fill("dest", "c")),
			when: move("a", "k", "dest", at(longAgo)), want: refused},
		row{says: "from an absent key answers 0", given: given(fill("dest", "c")), when: move("a", "k", "dest", plain), want: refused},
		row{says: "from an absent key answers 0, whatever the destination is", given: given(put("dest", "v")), when: move("a", "k", "dest", plain), want: refused},
		row{says: "to itself answers 1 and changes nothing (row 29)", given: given(fillFor(hour, "k", "a")), when: move("a", "k", "k", plain), want: done},
		row{says: "of what is no member to itself answers 0", given: given(fill("k", "b")), when: move("a", "k", "k", plain), want: refused},
		row{says: "is ErrWrongType where the destination is a string, member or not", given: given(fill("k", "b"), put("dest", "v")),
			when: move("a", "k", "dest", plain), err: drivers.ErrWrongType},
		row{says: "is ErrInvalid without a destination", given: given(fill("k", "a")), when: drivers.Command{Op: drivers.OpSMove, Key: "k", Value: "a"}, err: drivers.ErrInvalid},
	)
}
