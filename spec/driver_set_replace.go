package spec

import "github.com/kvstore-go/kvstore/drivers"

func replace(cond drivers.Condition, e drivers.Expiry, members ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpSReplace, Key: "k", Values: members, If: cond, Expiry: e}
}

func setReplaceChecks(h Harness) []check {
	plain := drivers.Expiry{}
	refused := drivers.Reply{Nil: true}
	old, mortal := given(fill("k", "a", "b")), given(fillFor(hour, "k", "a", "b"))
	two := drivers.Reply{Int: 2}
	return rows(
		row{says: "makes a set and answers its size", when: replace(drivers.Always, plain, "x", "y"), want: two, then: then{"k": contains("x", "y")}},
		row{says: "leaves nothing of the old set", given: old, when: replace(drivers.Always, plain, "b", "c"), want: two, then: then{"k": contains("b", "c")}},
		row{says: "counts a member given twice once", when: replace(drivers.Always, plain, "x", "x", "y"), want: two, then: then{"k": contains("x", "y")}},
		row{says: "takes an empty string for a member", given: old, when: replace(drivers.Always, plain, ""), want: drivers.Reply{Int: 1}, then: then{"k": contains("")}},
		row{says: "keeps a time to live unless told otherwise", given: mortal, when: replace(drivers.Always, plain, "x"),
			want: drivers.Reply{Int: 1}, then: then{"k": contains("x").kept()}},
		row{says: "without members removes the key", given: mortal, when: replace(drivers.Always, plain), want: drivers.Reply{Int: 0}, then: then{"k": gone}},
		row{says: "without members leaves an absent key absent", when: replace(drivers.Always, in(hour)), want: drivers.Reply{Int: 0}},
		row{says: "at a past moment answers the size, and the key is gone", given: old, when: replace(drivers.Always, at(longAgo), "x", "y"), want: two, then: then{"k": gone}},

		row{says: "IfAbsent makes a set", when: replace(drivers.IfAbsent, plain, "x", "y"), want: two, then: then{"k": contains("x", "y")}},
		row{says: "IfAbsent takes an expiry", when: replace(drivers.IfAbsent, in(hour), "x", "y"), want: two, then: then{"k": contains("x", "y").lasting(hour)}},
		row{says: "IfAbsent refuses a set", given: old, when: replace(drivers.IfAbsent, plain, "x"), want: refused},
		row{says: "IfAbsent refuses a set even without members", given: old, when: replace(drivers.IfAbsent, plain), want: refused},
		row{says: "refused, leaves the time to live alone", given: mortal, when: replace(drivers.IfAbsent, in(2*hour), "x"), want: refused},
		row{says: "refused, does not clear the time to live", given: mortal, when: replace(drivers.IfAbsent, endless, "x"), want: refused},
		row{says: "refused at a past moment, removes nothing", given: old, when: replace(drivers.IfAbsent, at(longAgo), "x"), want: refused},

		row{says: "IfExists replaces a set", given: old, when: replace(drivers.IfExists, plain, "x", "y"), want: two, then: then{"k": contains("x", "y")}},
		row{says: "IfExists without members removes the key", given: old, when: replace(drivers.IfExists, plain), want: drivers.Reply{Int: 0}, then: then{"k": gone}},
		row{says: "IfExists refuses an absent key", when: replace(drivers.IfExists, plain, "x"), want: refused},
		row{says: "IfExists refuses an absent key even without members", when: replace(drivers.IfExists, plain), want: refused},

		row{says: "is ErrWrongType for a string, though it has no members", given: given(put("k", "v")), when: replace(drivers.Always, plain), err: drivers.ErrWrongType},
		row{says: "IfAbsent is ErrWrongType for a string", given: given(put("k", "v")), when: replace(drivers.IfAbsent, plain, "x"), err: drivers.ErrWrongType},
		row{says: "IfExists is ErrWrongType for a string", given: given(put("k", "v")), when: replace(drivers.IfExists, plain, "x"), err: drivers.ErrWrongType},
	)
}
