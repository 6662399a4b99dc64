package spec

import (
	"fmt"

	"github.com/kvstore-go/kvstore/drivers"
)

// listed is a whole child of a store that has the index of ids, too.
func listed(id string, entries ...drivers.Entry) drivers.Index {
	ix := child(id, entries...)
	ix.Names = append([]string{""}, ix.Names...)
	return ix
}

// ends ends a value as values end whose ids are to be found: with a zero byte.
func ends(entry drivers.Entry) drivers.Entry {
	entry.Value += "\x00"
	return entry
}

// listedUser writes a whole child.
func listedUser(id string, entries ...drivers.Entry) drivers.Command {
	return indexed(put("users:"+id, "v"), listed(id, entries...))
}

// idRows are about the index of the ids themselves.
func idRows() []row {
	one, two := listedUser("1", mail("a")), listedUser("2", mail("b"))
	listedPart := part("1")
	listedPart.Names = listed("1").Names
	ended := listed("2")
	rebuilt := listedUser("1", mail("a"))
	rebuilt.Indexes()[0].Mark = 7
	return []row{
		{says: "has the ids in an index of their own", given: given(one), when: two,
			then: then{"users:2": holds("v"), "reg": fields("1", packed(mail("a")), "2", packed(mail("b"))), "reg::": ordered("1", "2"), "reg::mail": ordered("a=1", "b=2")}},
		{says: "has the id of a child without entries there, too", when: on(listedPart, put("", "v")),
			then: then{"users:1:part": holds("v"), "reg": fields("1", ""), "reg::": ordered("1")}},
		{says: "leaves no id there that has gone", given: given(one, two), when: on(ended, op(drivers.OpDelete)), want: drivers.Reply{Int: 1},
			then: then{"users:2": gone, "reg": fields("1", packed(mail("a"))), "reg::": ordered("1"), "reg::mail": ordered("a=1")}},
		{says: "leaves no id there whose value another takes", given: given(one, two, drivers.Command{Op: drivers.OpDelete, Key: "users:2"}), when: listedUser("1", unique(mail("b"))),
			then: then{"users:1": holds("v"), "reg": fields("1", packed(mail("b"))), "reg::": ordered("1"), "reg::mail": ordered("b=1")}},
		{says: "does not put an id back into an index that was lost", given: given(one, two, lose("reg::")), when: one, then: then{"users:1": holds("v")}},
		{says: "puts an id back for who rebuilds", given: given(one, two, lose("reg::")), when: rebuilt, then: then{"users:1": holds("v"), "reg::": ordered("1")}},
		{says: "puts an id back where it is reconciled", given: given(one, two, lose("reg::")), when: on(listed("1"), op(drivers.OpReconcile)),
			want: drivers.Reply{Int: 1}, then: then{"reg::": ordered("1")}},
	}
}

// findChecks are about reading the smallest of several parts of the indexes.
func findChecks(Harness) []check {
	a, b, c := ends(mail("a")), ends(mail("b")), ends(mail("c"))
	red := ends(tag("red"))
	users := given(listedUser("1", a, red), listedUser("2", b, red), listedUser("3", a), listedUser("x\xff", a, b, c))
	of := func(entry drivers.Entry) drivers.IndexRange {
		return drivers.IndexRange{Index: "reg::" + entry.Name, Min: "[" + entry.Value, Max: "(" + drivers.AfterValue(entry.Value)}
	}
	all := func(name string) drivers.IndexRange {
		return drivers.IndexRange{Index: "reg::" + name, Min: "(", Max: "+"}
	}
	find := func(amount int64, groups ...[]drivers.IndexRange) drivers.Command {
		return drivers.Find("reg", groups, amount)
	}
	backwards := func(cmd drivers.Command) drivers.Command { cmd.Reverse = true; return cmd }
	group := func(ranges ...drivers.IndexRange) []drivers.IndexRange { return ranges }
	of1, of2, of3, ofX := packed(a, red), packed(b, red), packed(a), packed(a, b, c)
	none := drivers.IndexRange{Index: "reg::none", Min: "-", Max: "+"}
	checks := rows(
		row{says: "reads the members of a range, with what the registry has", given: users, when: find(9, group(of(a))),
			want: drivers.Reply{Ints: []int64{3}, Values: []string{a.Member("1"), of1, a.Member("3"), of3, a.Member("x\xff"), ofX}}},
		row{says: "reads them backwards", given: users, when: backwards(find(9, group(of(a)))),
			want: drivers.Reply{Ints: []int64{3}, Values: []string{a.Member("x\xff"), ofX, a.Member("3"), of3, a.Member("1"), of1}}},
		row{says: "reads as many as it is asked for", given: users, when: find(2, group(of(a))),
			want: drivers.Reply{Ints: []int64{3}, Values: []string{a.Member("1"), of1, a.Member("3"), of3}}},
		row{says: "reads the last of them backwards", given: users, when: backwards(find(1, group(of(a)))),
			want: drivers.Reply{Ints: []int64{3}, Values: []string{a.Member("x\xff"), ofX}}},
		row{says: "chooses the group with the fewest", given: users, when: find(9, group(of(a)), group(all("tag"))),
			want: drivers.Reply{Int: 1, Ints: []int64{3, 2}, Values: []string{red.Member("1"), of1, red.Member("2"), of2}}},
		row{says: "chooses the first group of those with as few", given: users, when: find(9, group(of(a)), group(of(b)), group(all("tag"))),
			want: drivers.Reply{Int: 1, Ints: []int64{3, 2, 2}, Values: []string{b.Member("2"), of2, b.Member("x\xff"), ofX}}},
		row{says: "chooses a group that has none", given: users, when: find(9, group(of(a)), group(none)), want: drivers.Reply{Int: 1, Ints: []int64{3, 0}}},
		row{says: "reads the ranges of a group one after the other", given: users, when: find(9, group(of(a)), group(of(c), of(red))),
			want: drivers.Reply{Ints: []int64{3, 1, 2}, Values: []string{a.Member("1"), of1, a.Member("3"), of3, a.Member("x\xff"), ofX}}},
		row{says: "adds up the ranges of a group", given: users, when: find(2, group(of(c), of(red)), group(of(a), of(b))),
			want: drivers.Reply{Ints: []int64{1, 2, 3, 2}, Values: []string{c.Member("x\xff"), ofX, red.Member("1"), of1}}},
		row{says: "reads ids by their own index", given: users, when: find(2, group(all(""))),
			want: drivers.Reply{Ints: []int64{4}, Values: []string{"1", of1, "2", of2}}},
		row{says: "knows of an id that the registry lacks no entries", given: append(users[:4:4], drivers.Command{Op: drivers.OpHDel, Key: "reg", Values: []string{"3"}}), when: find(9, group(of(a))),
			want: drivers.Reply{Ints: []int64{3}, Values: []string{a.Member("1"), of1, a.Member("3"), "", a.Member("x\xff"), ofX}}},
		row{says: "finds nothing where nothing is", when: find(9, group(of(a)), group(of(b))), want: drivers.Reply{Ints: []int64{0, 0}}},
		row{says: "is ErrWrongType for an index that is none", given: given(fill("reg::mail", "m")), when: find(9, group(of(a))), err: drivers.ErrWrongType},
		row{says: "is ErrInvalid without ranges", when: find(9), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid for no members", when: find(0, group(of(a))), err: drivers.ErrInvalid},
		row{says: "is ErrInvalid for what is no end of a range", when: find(9, group(drivers.IndexRange{Index: "reg::mail", Min: "x", Max: "+"})), err: drivers.ErrInvalid},
	)
	checks = append(checks, about(drivers.OpFind, "reads thousands at once", func(t *trial) {
		var want []string
		for i := range 2500 {
			id := fmt.Sprintf("%04d", i)
			t.given(listedUser(id, a))
			want = append(want, a.Member(id), packed(a))
		}
		reply := t.must(find(2400, group(of(a))))
		t.repliesInOrder(reply, drivers.Reply{Ints: []int64{2500}, Values: want[:4800]})
	}))
	return append(checks, rows(idRows()...)...)
}
