package spec

import (
	"fmt"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
)

// In these checks "users:<id>" are the children of a store whose registry is "reg"
// and whose indexes are "mail" and "tag".

// child is the Index of a whole child.
func child(id string, entries ...drivers.Entry) drivers.Index {
	return drivers.Index{Key: "users:" + id, Registry: "reg", ID: id, Whole: true, Names: []string{"mail", "tag"}, Entries: entries}
}

// part is the Index of a key that is not all there is of a child.
func part(id string) drivers.Index {
	ix := child(id)
	ix.Key, ix.Whole = "users:"+id+":part", false
	return ix
}

func stray(ix drivers.Index, entries ...drivers.Entry) drivers.Index { ix.Stray = entries; return ix }

// The "=" keeps the values from being prefixes of each other.
func mail(value string) drivers.Entry { return drivers.Entry{Name: "mail", Value: value + "="} }
func tag(value string) drivers.Entry  { return drivers.Entry{Name: "tag", Value: value + "="} }

func indexed(cmd drivers.Command, indexes ...drivers.Index) drivers.Command {
	cmd.OwnExtra().Indexes = indexes
	return cmd
}

// user writes a whole child; on is any other command on one.
func user(id string, entries ...drivers.Entry) drivers.Command {
	return indexed(put("users:"+id, "v"), child(id, entries...))
}

func on(ix drivers.Index, cmd drivers.Command) drivers.Command {
	cmd.Key = ix.Key
	return indexed(cmd, ix)
}

func op(op drivers.Op) drivers.Command { return drivers.Command{Op: op} }

func packed(entries ...drivers.Entry) string { return drivers.PackEntries(entries) }

// refusedBy is a SET that cond may refuse.
func refusedBy(cond drivers.Condition) drivers.Command {
	return drivers.Command{Op: drivers.OpSet, Value: "w", If: cond}
}

// indexChecks are about what a write leaves in a registry and its indexes.
func indexChecks(h Harness) []check {
	checks := slicesOf(rows(replacingRows()...), rows(keepingRows()...), rows(leavingRows()...), rows(strayRows()...))
	for _, text := range awkward {
		if text == "" || len(text) > 10_000 {
			continue // an id is not empty
		}
		checks = append(checks, check{about: "indexes", says: fmt.Sprintf("take %q for an id, a name and a value", shorten(text)),
			run: func(t *trial) { t.indexesAny(text) }})
	}
	return checks
}

func (t *trial) indexesAny(text string) {
	entries := []drivers.Entry{{Name: text, Value: text}, {Name: "n", Value: text + "2"}, {Name: "n", Value: ""}}
	ix := drivers.Index{Key: "users:" + text, Registry: "reg", ID: text, Whole: true, Names: []string{text, "n"}, Entries: entries}
	t.given(on(ix, put("", "v")))
	t.changed("reg", sight{}, fields(text, packed(entries...)), 0, 0)
	t.changed("reg::"+text, sight{}, ordered(text+text), 0, 0)
	both := []string{text, text + "2" + text}
	slices.Sort(both)
	t.changed("reg::n", sight{}, ordered(both...), 0, 0)
	t.given(on(ix, op(drivers.OpDelete)))
	for _, name := range []string{"reg", "reg::" + text, "reg::n"} {
		t.changed(name, sight{}, gone, 0, 0)
	}
}

// replacingRows are about OpSet and OpCompareAndSwap, which replace the entries.
func replacingRows() []row {
	one := user("1", mail("a"), tag("x"))
	two := user("2", mail("b"), tag("x"))
	swapped := drivers.Command{Op: drivers.OpCompareAndSwap, Extra: &drivers.Extra{Expected: "v"}, Value: "w"}
	unswapped := drivers.Command{Op: drivers.OpCompareAndSwap, Extra: &drivers.Extra{Expected: "x"}, Value: "w"}
	done, was := drivers.Reply{Int: 1}, fields("1", packed(mail("a"), tag("x")))
	renewed := then{"users:1": holds("w"), "reg": fields("1", packed(mail("c"), tag("x"))), "reg::mail": ordered("c=1")}
	run := drivers.Index{Key: "users:1", Registry: "reg", ID: "1", Whole: true, Names: []string{"n", "n:m"},
		Entries: []drivers.Entry{{Name: "n", Value: "m:v"}}}
	together := withEntries(run, drivers.Entry{Name: "n:m", Value: "v"})
	past := put("", "w")
	past.Expiry = at(longAgo)
	return []row{
		{says: "puts the entries of a child in", when: one,
			then: then{"users:1": holds("v"), "reg": was, "reg::mail": ordered("a=1"), "reg::tag": ordered("x=1")}},
		{says: "puts the entries of a child among those of others", given: given(two), when: one,
			then: then{"users:1": holds("v"), "reg": fields("1", packed(mail("a"), tag("x")), "2", packed(mail("b"), tag("x"))),
				"reg::mail": ordered("a=1", "b=2"), "reg::tag": ordered("x=1", "x=2")}},
		{says: "replaces the entries, and keeps those that stay", given: given(one), when: on(child("1", mail("c"), tag("x")), put("", "w")), then: renewed},
		{says: "takes the entries out that are no more", given: given(one), when: on(child("1", tag("x")), put("", "w")),
			then: then{"users:1": holds("w"), "reg": fields("1", packed(tag("x"))), "reg::mail": gone}},
		{says: "registers a child that has no entries", when: on(child("1"), put("", "w")), then: then{"users:1": holds("w"), "reg": fields("1", "")}},
		{says: "takes all entries out where there are none now", given: given(one), when: on(child("1"), put("", "w")),
			then: then{"users:1": holds("w"), "reg": fields("1", ""), "reg::mail": gone, "reg::tag": gone}},
		{says: "does not take a name and a value for another name and another value", given: given(on(run, put("", "v"))), when: on(together, put("", "w")),
			then: then{"users:1": holds("w"), "reg": fields("1", packed(together.Entries...)), "reg::n": gone, "reg::n:m": ordered("v1")}},
		{says: "may put several entries into one index", when: user("1", tag("x"), tag("y")),
			then: then{"users:1": holds("v"), "reg": fields("1", packed(tag("x"), tag("y"))), "reg::tag": ordered("x=1", "y=1")}},
		{says: "of the same entries changes nothing in the registry", given: given(one), when: one},
		{says: "refused by If replaces no entries", given: given(one), when: on(child("1", mail("c")), refusedBy(drivers.IfAbsent)), want: drivers.Reply{Nil: true}},
		{says: "refused by If registers the child that is there", given: given(put("users:1", "v")), when: on(child("1", mail("c")), refusedBy(drivers.IfAbsent)),
			want: drivers.Reply{Nil: true}, then: then{"reg": fields("1", "")}},
		{says: "refused by If takes out the child that is not there", given: given(one, drivers.Command{Op: drivers.OpDelete, Key: "users:1"}),
			when: on(child("1", mail("c")), refusedBy(drivers.IfExists)), want: drivers.Reply{Nil: true}, then: then{"reg": gone, "reg::mail": gone, "reg::tag": gone}},
		{says: "at a past moment takes the child out", given: given(one), when: on(child("1", mail("c")), past),
			then: then{"users:1": gone, "reg": gone, "reg::mail": gone, "reg::tag": gone}},
		{says: "replaces the entries", given: given(one), when: on(child("1", mail("c"), tag("x")), swapped), want: done, then: renewed},
		{says: "that finds another value replaces no entries", given: given(one), when: on(child("1", mail("c")), unswapped), want: drivers.Reply{}},
		{says: "that finds no value takes the child out", given: given(one, drivers.Command{Op: drivers.OpDelete, Key: "users:1"}),
			when: on(child("1", mail("c")), swapped), want: drivers.Reply{}, then: then{"reg": gone, "reg::mail": gone, "reg::tag": gone}},
		{says: "that is not the whole child replaces its entries, too", given: given(one), when: on(withEntries(part("1"), mail("c")), put("", "w")),
			then: then{"users:1:part": holds("w"), "reg": fields("1", packed(mail("c"))), "reg::mail": ordered("c=1"), "reg::tag": gone}},
	}
}

func withEntries(ix drivers.Index, entries ...drivers.Entry) drivers.Index {
	ix.Entries = entries
	return ix
}

// keepingRows are about writes that leave the entries as they are.
func keepingRows() []row {
	one := user("1", mail("a"))
	other := drivers.Index{Key: "users:1", Registry: "reg2", ID: "x"}
	silent := given(one, drivers.Command{Op: drivers.OpDelete, Key: "users:1"}) // what nobody told the registry
	member := drivers.Command{Op: drivers.OpSAdd, Values: []string{"m"}}
	moved := drivers.Command{Op: drivers.OpSMove, Key: "users:1", Value: "m", Extra: &drivers.Extra{Keys: []string{"users:2"}, Indexes: []drivers.Index{child("1"), child("2")}}}
	failed := on(child("1"), drivers.Command{Op: drivers.OpAppend, Value: "w"})
	return []row{
		{says: "keeps the entries of a child, whatever the command's are", given: given(one),
			when: on(child("1", mail("c")), drivers.Command{Op: drivers.OpAppend, Value: "w"}), want: drivers.Reply{Int: 2}, then: then{"users:1": holds("vw")}},
		{says: "keeps the entries of a child, whatever the command's are", given: given(one),
			when: on(child("1", mail("c")), drivers.Command{Op: drivers.OpSwap, Value: "w"}), want: drivers.Reply{Value: "v"}, then: then{"users:1": holds("w")}},
		{says: "finds the entries that a child had before it went, and keeps them", given: silent,
			when: on(child("1", mail("c")), member), want: drivers.Reply{Int: 1}, then: then{"users:1": contains("m")}},
		{says: "puts no entries in", when: on(child("1", mail("c")), member), want: drivers.Reply{Int: 1},
			then: then{"users:1": contains("m"), "reg": fields("1", "")}},
		{says: "tells several registries", when: indexed(fill("users:1", "m"), child("1"), other),
			want: drivers.Reply{Int: 1}, then: then{"users:1": contains("m"), "reg": fields("1", ""), "reg2": fields("x", "")}},
		{says: "tells the registry of the source and of the destination", given: given(on(child("1"), member)), when: moved, want: drivers.Reply{Int: 1},
			then: then{"users:1": gone, "users:2": contains("m"), "reg": fields("2", "")}},
		{says: "that changes nothing registers what is there, still", given: given(fill("users:1", "m", "n")), when: on(child("1"), member),
			want: drivers.Reply{}, then: then{"reg": fields("1", "")}},
		{says: "that fails tells nobody", given: given(fill("users:1", "m")), when: failed, err: drivers.ErrWrongType},
	}
}

// leavingRows are about keys that are absent afterwards.
func leavingRows() []row {
	both := given(user("1", mail("a"), tag("x")), user("2", mail("b"), tag("x")))
	ofTwo := then{"reg": fields("2", packed(mail("b"), tag("x"))), "reg::mail": ordered("b=2"), "reg::tag": ordered("x=2")}
	mailOnly := child("1", mail("c"))
	mailOnly.Names = []string{"mail"}
	remove := op(drivers.OpDelete)
	return []row{
		{says: "takes a child out of the registry and the indexes", given: both, when: on(child("1"), remove), want: drivers.Reply{Int: 1},
			then: withKey(ofTwo, "users:1", gone)},
		{says: "takes a child out that went before", given: append(slices.Clone(both), drivers.Command{Op: drivers.OpDelete, Key: "users:1"}),
			when: on(child("1"), remove), want: drivers.Reply{}, then: ofTwo},
		{says: "of the last child ends the registry and the indexes", given: both[:1], when: on(child("1"), remove), want: drivers.Reply{Int: 1},
			then: then{"users:1": gone, "reg": gone, "reg::mail": gone, "reg::tag": gone}},
		{says: "of a part leaves the child registered, with its entries", given: append(slices.Clone(both), put("users:1:part", "v")),
			when: on(part("1"), remove), want: drivers.Reply{Int: 1}, then: then{"users:1:part": gone}},
		{says: "of what was never there changes nothing", given: both, when: on(child("3", mail("a")), remove), want: drivers.Reply{}},
		{says: "leaves entries of indexes that it does not name", given: both, when: on(mailOnly, remove), want: drivers.Reply{Int: 1},
			then: then{"users:1": gone, "reg": fields("2", packed(mail("b"), tag("x"))), "reg::mail": ordered("b=2")}},
		{says: "leaves entries of indexes that it does not name", given: both, when: on(mailOnly, put("", "w")),
			then: then{"users:1": holds("w"), "reg": fields("1", packed(mail("c")), "2", packed(mail("b"), tag("x"))), "reg::mail": ordered("b=2", "c=1")}},
		{says: "of the last member takes the child out", given: given(on(child("1"), fill("", "m"))),
			when: on(child("1"), drivers.Command{Op: drivers.OpSRem, Values: []string{"m"}}), want: drivers.Reply{Int: 1}, then: then{"users:1": gone, "reg": gone}},
		{says: "of the last member takes the child out", given: given(on(child("1"), fill("", "m"))),
			when: on(child("1"), drivers.Command{Op: drivers.OpSPop, Amount: 1}), want: drivers.Reply{Values: []string{"m"}}, then: then{"users:1": gone, "reg": gone}},
		{says: "at a past moment takes the child out", given: both, when: on(child("1"), drivers.Command{Op: drivers.OpExpire, Expiry: at(longAgo)}),
			want: drivers.Reply{Int: 1}, then: withKey(ofTwo, "users:1", gone)},
	}
}

func withKey(changes then, name string, c content) then {
	all := then{name: c}
	for name, c := range changes {
		all[name] = c
	}
	return all
}

// strayRows are about entries that somebody left behind without telling the registry.
func strayRows() []row {
	forgetful := drivers.Index{Key: "users:1", Registry: "reg", ID: "1", Whole: true} // it names no index
	left := given(user("2", mail("a")), user("1", mail("s"), mail("t")), on(forgetful, put("", "v")))
	all := ordered("a=2", "s=1", "t=1")
	return []row{
		{says: "takes a stray entry out where it writes", given: left, when: on(stray(child("1"), mail("s")), put("", "w")),
			then: then{"users:1": holds("w"), "reg::mail": ordered("a=2", "t=1")}},
		{says: "leaves a stray entry that is among its own", given: left, when: on(stray(child("1", mail("s")), mail("s"), mail("t")), put("", "w")),
			then: then{"users:1": holds("w"), "reg": fields("1", packed(mail("s")), "2", packed(mail("a"))), "reg::mail": ordered("a=2", "s=1")}},
		{says: "takes a stray entry out where it changes a part", given: left, when: on(stray(child("1"), mail("s")), drivers.Command{Op: drivers.OpAppend, Value: "w"}),
			want: drivers.Reply{Int: 2}, then: then{"users:1": holds("vw"), "reg::mail": ordered("a=2", "t=1")}},
		{says: "leaves a stray entry that the registry has", given: given(user("1", mail("a"))),
			when: on(stray(child("1"), mail("a")), drivers.Command{Op: drivers.OpAppend, Value: "w"}), want: drivers.Reply{Int: 2}, then: then{"users:1": holds("vw")}},
		{says: "takes a stray entry out where it removes", given: left, when: on(stray(child("1"), mail("t")), op(drivers.OpDelete)),
			want: drivers.Reply{Int: 1}, then: then{"users:1": gone, "reg": fields("2", packed(mail("a"))), "reg::mail": ordered("a=2", "s=1")}},
		{says: "takes a stray entry out where a part is removed", given: left, when: on(stray(part("1"), mail("t")), op(drivers.OpDelete)),
			then: then{"reg::mail": ordered("a=2", "s=1")}},
		{says: "takes out no stray entry of another id", given: left, when: on(stray(part("1"), mail("a")), op(drivers.OpDelete)), then: then{"reg::mail": all}},
	}
}
