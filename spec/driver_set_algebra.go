package spec

import "github.com/kvstore-go/kvstore/drivers"

func setAlgebraChecks(h Harness) []check {
	inter := func(keys ...string) drivers.Command {
		return drivers.Command{Op: drivers.OpSInter, Key: "k", Extra: &drivers.Extra{Keys: keys}}
	}
	union := func(keys ...string) drivers.Command {
		return drivers.Command{Op: drivers.OpSUnion, Key: "k", Extra: &drivers.Extra{Keys: keys}}
	}
	diff := func(keys ...string) drivers.Command {
		return drivers.Command{Op: drivers.OpSDiff, Key: "k", Extra: &drivers.Extra{Keys: keys}}
	}
	members := func(names ...string) drivers.Reply { return drivers.Reply{Values: names} }
	two := given(fill("k", "a", "b", "c"), fill("other", "b", "c", "d"))
	three := given(fill("k", "a", "b", "c"), fill("other", "b", "c", "d"), fill("third", "c", "d", "e"))
	one := given(fillFor(hour, "k", "a", "b"))
	right := given(fill("other", "a", "b"))
	strange := given(fill("k", "a"), put("other", "v"))
	return rows(
		row{says: "answers what all sets have", given: three, when: inter("other", "third"), want: members("c")},
		row{says: "of one set answers it", given: one, when: inter(), want: members("a", "b")},
		row{says: "of a set with itself answers it", given: one, when: inter("k", "k"), want: members("a", "b")},
		row{says: "is empty where sets have nothing in common", given: given(fill("k", "a"), fill("other", "b")), when: inter("other"), want: members()},
		row{says: "is empty where the first set is absent", given: right, when: inter("other"), want: members()},
		row{says: "is empty where another set is absent", given: one, when: inter("other"), want: members()},
		row{says: "of absent keys is empty", when: inter("other"), want: members()},
		row{says: "is ErrWrongType with a string among the sets", given: strange, when: inter("other"), err: drivers.ErrWrongType},
		row{says: "is ErrWrongType with an absent key and a string (row 29)", given: given(put("other", "v")), when: inter("other"), err: drivers.ErrWrongType},
		row{says: "is ErrWrongType with a string behind an absent key (row 29)", given: given(fill("k", "a"), put("third", "v")),
			when: inter("other", "third"), err: drivers.ErrWrongType},

		row{says: "answers what any set has, once", given: three, when: union("other", "third"), want: members("a", "b", "c", "d", "e")},
		row{says: "of one set answers it", given: one, when: union(), want: members("a", "b")},
		row{says: "of a set with itself answers it", given: one, when: union("k"), want: members("a", "b")},
		row{says: "takes absent keys for empty sets", given: right, when: union("other", "third"), want: members("a", "b")},
		row{says: "of absent keys is empty", when: union("other"), want: members()},
		row{says: "is ErrWrongType with a string among the sets", given: strange, when: union("other"), err: drivers.ErrWrongType},
		row{says: "is ErrWrongType with an absent key and a string", given: given(put("other", "v")), when: union("other"), err: drivers.ErrWrongType},

		row{says: "answers what only the first set has", given: two, when: diff("other"), want: members("a")},
		row{says: "takes away every other set", given: three, when: diff("third", "other"), want: members("a")},
		row{says: "of one set answers it", given: one, when: diff(), want: members("a", "b")},
		row{says: "of a set with itself is empty", given: one, when: diff("k"), want: members()},
		row{says: "takes absent keys for empty sets", given: one, when: diff("other", "third"), want: members("a", "b")},
		row{says: "is empty where the first set is absent", given: right, when: diff("other"), want: members()},
		row{says: "is ErrWrongType with a string among the sets", given: strange, when: diff("other"), err: drivers.ErrWrongType},
		row{says: "is ErrWrongType with an absent key and a string", given: given(put("other", "v")), when: diff("other"), err: drivers.ErrWrongType},
	)
}
