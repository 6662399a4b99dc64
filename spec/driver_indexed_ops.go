package spec

import (
	"fmt"
	"slices"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// indexOf is the Index of a key that is a whole child, by its own name.
func indexOf(key string, entries ...drivers.Entry) drivers.Index {
	return drivers.Index{Key: key, Registry: "reg", ID: key, Whole: true, Names: []string{"mail"}, Entries: entries}
}

// writingExamples have one valid command of every Op that writes, with indexes.
func writingExamples(indexes ...drivers.Index) []example {
	var writing []example
	for _, e := range examples() {
		if e.cmd.Op.Effect() == drivers.Writes {
			writing = append(writing, example{indexed(e.cmd, indexes...), e.kind, e.reads})
		}
	}
	return writing
}

// indexedOpChecks try every Op that writes with an Index on its key.
func indexedOpChecks(Harness) []check {
	var checks []check
	for _, whole := range []bool{true, false} {
		ix := indexOf("k", mail("new"))
		ix.Whole = whole
		for _, e := range writingExamples(ix) {
			for _, was := range []struct{ there, registered bool }{{true, true}, {true, false}, {false, true}, {false, false}} {
				says := fmt.Sprintf("leaves in a registry what is true afterwards (the key was there: %t, and registered: %t, and is the whole child: %t)", was.there, was.registered, whole)
				checks = append(checks, about(e.cmd.Op, says, func(t *trial) {
					t.eachWay(func(t *trial, do execute) { t.tellsRegistry(e, was.there, was.registered, do) })
				}))
			}
		}
	}
	for _, e := range writingExamples(indexOf("k", unique(mail("taken")))) {
		checks = append(checks, about(e.cmd.Op, "is refused a unique entry that another child has", func(t *trial) {
			t.eachWay(func(t *trial, do execute) {
				t.given(on(indexOf("holder", mail("taken")), put("", "v")), e.suits())
				t.refusesIndexed(e.cmd, drivers.ErrDuplicate, do)
			})
		}))
		for _, key := range []string{"reg", "reg::mail"} {
			checks = append(checks, about(e.cmd.Op, fmt.Sprintf("is ErrWrongType, and changes nothing, where %q is a set", key), func(t *trial) {
				t.eachWay(func(t *trial, do execute) {
					t.given(fill(key, "m"), e.suits())
					t.refusesIndexed(e.cmd, drivers.ErrWrongType, do)
				})
			}))
		}
	}
	return append(checks,
		check{about: "indexes", says: "agree with the keys, whatever many goroutines do", run: (*trial).indexesTogether},
		check{about: "indexes", says: "count an expired registry and an expired index for absent", run: (*trial).expiredRegistry})
}

// execute is one way to execute a command.
type execute func(cmd drivers.Command) (drivers.Reply, error)

// eachWay runs a check for commands alone and in batches, each on a store of its own.
func (t *trial) eachWay(run func(t *trial, do execute)) {
	run(t, t.do)
	t = t.again()
	run(t, t.alone(false))
	if t.harness.Batch {
		t = t.again()
		run(t, t.alone(true))
	}
}

func (t *trial) tellsRegistry(e example, there, registered bool, do execute) {
	registry, index := fields("k", ""), gone
	if registered {
		t.given(on(indexOf("k", mail("old")), put("", "v")), drivers.Command{Op: drivers.OpDelete, Key: "k"})
		registry, index = fields("k", packed(mail("old"))), ordered("old=k")
	}
	if there {
		t.given(e.suits())
	}
	reply, err := do(e.cmd)
	t.Expect(err).NotTo(gomega.HaveOccurred(), describe(e.cmd))

	there = t.must(drivers.Command{Op: drivers.OpExists, Key: "k"}).Int == 1
	switch {
	case there && e.cmd.GivesEntries(reply):
		registry, index = fields("k", packed(mail("new"))), ordered("new=k")
	case !there && (!registered || e.cmd.Indexes()[0].Whole || e.cmd.Op == drivers.OpReconcile):
		registry, index = gone, gone
	}
	t.changed("reg", sight{}, registry, 0, 0)
	t.changed("reg::mail", sight{}, index, 0, 0)
}

func (t *trial) refusesIndexed(cmd drivers.Command, want error, do execute) {
	before := t.observe([]string{"k", "other", "holder", "reg", "reg::mail"})
	_, err := do(cmd)
	t.fails(err, want, describe(cmd))
	for name, seen := range before {
		t.unchanged(name, seen)
	}
}

func (t *trial) indexesTogether() {
	id := func(n int) string { return fmt.Sprint(n % 5) }
	t.together(func(worker int) error {
		for round := range rounds {
			commands := []drivers.Command{
				user(id(worker+round), mail(fmt.Sprint(worker)), tag(fmt.Sprint(round%3))),
				on(child(id(worker*round)), op(drivers.OpDelete)),
				on(child(id(worker)), drivers.Command{Op: drivers.OpAppend, Value: "x"}),
			}
			if _, err := t.do(commands[round%3]); err != nil {
				return err
			}
			if b, err := t.batch(t.harness.Batch, commands[0], commands[1]); firstError(b, err) != nil {
				return firstError(b, err)
			}
		}
		return nil
	})
	entries := map[string][]string{"mail": nil, "tag": nil}
	for n := range 5 {
		there := t.must(drivers.Command{Op: drivers.OpExists, Key: "users:" + id(n)})
		record := t.must(drivers.Command{Op: drivers.OpHGet, Key: "reg", Value: id(n)})
		t.Expect(record.Nil).To(gomega.Equal(there.Int == 0), "whether child %d is registered", n)
		unpacked, err := drivers.UnpackEntries(record.Value)
		t.Expect(err).NotTo(gomega.HaveOccurred())
		for _, entry := range unpacked {
			entries[entry.Name] = append(entries[entry.Name], entry.Member(id(n)))
		}
	}
	for name, members := range entries {
		slices.Sort(members)
		want := gone
		if len(members) > 0 {
			want = ordered(members...)
		}
		t.changed("reg::"+name, sight{}, want, 0, 0)
	}
}

func (t *trial) expiredRegistry() {
	t.eachWay(func(t *trial, do execute) {
		t.given(user("1", mail("a")), user("2", tag("x")))
		t.expire("reg", "reg::tag")
		_, err := do(user("2", tag("y")))
		t.Expect(err).NotTo(gomega.HaveOccurred())
		t.changed("reg", sight{}, fields("2", packed(tag("y"))), 0, 0)
		t.changed("reg::tag", sight{}, ordered("y=2"), 0, 0)
		t.changed("reg::mail", sight{}, ordered("a=1"), 0, 0)
	})
}

// indexRefusals are Indexes that no driver accepts.
func indexRefusals() []check {
	existing := given(putFor(hour, "k", "v"), on(indexOf("other"), put("", "v")))
	whole := indexOf("k")
	changed := func(change func(ix *drivers.Index)) drivers.Index {
		ix := whole
		change(&ix)
		return ix
	}
	var checks []check
	for _, wrong := range []struct {
		says string
		ix   drivers.Index
	}{
		{"without a registry", changed(func(ix *drivers.Index) { ix.Registry = "" })},
		{"without an id", changed(func(ix *drivers.Index) { ix.ID = "" })},
		{"of another key", changed(func(ix *drivers.Index) { ix.Key = "other" })},
		{"with an entry whose name it does not name", indexOf("k", tag("x"))},
		{"with a stray entry whose name it does not name", stray(whole, tag("x"))},
		{"with a unique entry where the key is not the whole child", changed(func(ix *drivers.Index) { ix.Whole, ix.Entries = false, []drivers.Entry{unique(mail("a"))} })},
		{"with a unique entry where the key does not end with the id", changed(func(ix *drivers.Index) { ix.ID, ix.Entries = "x", []drivers.Entry{unique(mail("a"))} })},
	} {
		for _, cmd := range []drivers.Command{indexed(put("k", "w"), wrong.ix), indexed(put("k", "w"), whole, wrong.ix)} {
			checks = append(checks, rows(row{says: "is ErrInvalid with an Index " + wrong.says + fmt.Sprintf(", number %d", len(cmd.Indexes())),
				given: existing, when: cmd, err: drivers.ErrInvalid})...)
		}
	}
	for _, e := range examples() {
		if e.cmd.Op.Effect() == drivers.Reads {
			checks = append(checks, rows(row{says: "is ErrInvalid with an Index, as it writes nothing", given: given(e.suits()), when: indexed(e.cmd, indexOf(e.cmd.Key)), err: drivers.ErrInvalid})...)
		}
	}
	return checks
}
