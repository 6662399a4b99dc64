package spec

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// bookkeeping reports the name of a registry or an index of these checks. What they are seen
// to hold is without their seals, which have checks of their own.
func bookkeeping(name string) bool {
	return name == "reg" || name == "reg2" || strings.HasPrefix(name, "reg::")
}

// unsealed is the content of a registry or an index without its seal or mark.
func unsealed(reply drivers.Reply) drivers.Reply {
	var rest drivers.Reply
	if len(reply.Floats) > 0 {
		for i, member := range reply.Values {
			if member != drivers.Seal {
				rest.Values, rest.Floats = append(rest.Values, member), append(rest.Floats, reply.Floats[i])
			}
		}
		return rest
	}
	if len(reply.Values)%2 != 0 {
		return reply // it is neither
	}
	for i := 0; i < len(reply.Values); i += 2 {
		if reply.Values[i] != drivers.Seal {
			rest.Values = append(rest.Values, reply.Values[i:i+2]...)
		}
	}
	return rest
}

// seals is which of the registry "reg" and its indexes "mail" and "tag" are there, and which of
// these have their seals.
func (t *trial) seals() string {
	items := t.look(
		drivers.Command{Op: drivers.OpExists, Key: "reg"}, drivers.Command{Op: drivers.OpHGet, Key: "reg", Value: drivers.Seal},
		drivers.Command{Op: drivers.OpExists, Key: "reg::mail"}, drivers.Command{Op: drivers.OpZScore, Key: "reg::mail", Value: drivers.Seal},
		drivers.Command{Op: drivers.OpExists, Key: "reg::tag"}, drivers.Command{Op: drivers.OpZScore, Key: "reg::tag", Value: drivers.Seal},
	)
	said := []string{}
	for i, name := range []string{"registry", "mail", "tag"} {
		there, seal := items[2*i], items[2*i+1]
		t.Expect(there.Err).NotTo(gomega.HaveOccurred())
		t.Expect(seal.Err).NotTo(gomega.HaveOccurred())
		switch {
		case seal.Reply.Sealed():
			said = append(said, name+" sealed")
		case !seal.Reply.Nil:
			said = append(said, name+" marked")
		case there.Reply.Int == 1:
			said = append(said, name)
		}
	}
	return strings.Join(said, ", ")
}

// sealRow is a check of seals: after given, a command that fails with err, if so, leaves them so.
type sealRow struct {
	says  string
	given []drivers.Command
	when  drivers.Command
	err   error
	then  string
}

const allSealed = "registry sealed, mail sealed, tag sealed"

func lose(name string) drivers.Command { return drivers.Command{Op: drivers.OpDelete, Key: name} }

// sealChecks are about knowing whether a registry and its indexes have all that they should.
func sealChecks(Harness) []check {
	one, remove := user("1", mail("a")), on(child("1"), op(drivers.OpDelete))
	marking, sealing := sealWith(7, 0), sealWith(7, 1)
	rebuilding := user("2", unique(mail("b")))
	rebuilding.Indexes()[0].Mark = 7
	var checks []check
	for _, r := range []sealRow{
		{says: "are given by the first child of a store, to the indexes without entries, too", when: one, then: allSealed},
		{says: "are given by a part of the first child", when: on(part("1"), put("", "v")), then: allSealed},
		{says: "are given by a first child with a unique entry", when: user("1", unique(mail("a"))), then: allSealed},
		{says: "are not given by a child that was there before", given: given(put("users:1", "v")), when: one, then: "registry, mail"},
		{says: "are not given by a command that writes nothing", when: on(child("1"), refusedBy(drivers.IfExists)), then: ""},
		{says: "are not given to a registry that was lost", given: given(one, lose("reg")), when: user("2", mail("b")), then: "registry, mail sealed, tag sealed"},
		{says: "are not given to an index that was lost", given: given(one, lose("reg::mail")), when: user("2", mail("b")), then: "registry sealed, mail, tag sealed"},
		{says: "are given where all was lost, as where there was nothing", given: given(one, lose("reg"), lose("reg::mail"), lose("reg::tag")), when: user("2"), then: allSealed},
		{says: "stay while there are children", given: given(one, user("2", mail("b"))), when: remove, then: allSealed},
		{says: "go with the last child", given: given(one), when: remove, then: ""},
		{says: "go with the last child, though an index was lost", given: given(one, lose("reg::mail")), when: remove, then: ""},
		{says: "stay with the last child where the registry was lost", given: given(one, lose("reg")), when: remove, then: "mail sealed, tag sealed"},
		{says: "stay where a child moves to the place of another", given: given(on(child("1"), fill("", "m"))),
			when: indexed(drivers.Command{Op: drivers.OpSMove, Key: "users:1", Extra: &drivers.Extra{Keys: []string{"users:2"}}, Value: "m"}, child("1"), child("2")), then: allSealed},
		{says: "refuse a unique entry where the index was lost", given: given(one, lose("reg::mail")), when: user("2", unique(mail("b"))),
			err: drivers.ErrIncomplete, then: "registry sealed, tag sealed"},
		{says: "refuse a unique entry where the registry was lost", given: given(one, lose("reg")), when: user("2", unique(mail("b"))),
			err: drivers.ErrIncomplete, then: "mail sealed, tag sealed"},
		{says: "refuse a unique entry where another index was lost, no", given: given(one, lose("reg::tag")), when: user("2", unique(mail("b"))),
			then: "registry sealed, mail sealed"},
		{says: "refuse a unique entry where there was a child before the registry", given: given(put("users:1", "v")), when: user("1", unique(mail("b"))),
			err: drivers.ErrIncomplete, then: ""},
		{says: "are marks at first for who rebuilds", given: given(one, lose("reg"), lose("reg::mail")), when: marking, then: "registry marked, mail marked, tag sealed"},
		{says: "are marks for who rebuilds last", given: given(one, lose("reg"), sealWith(8, 0)), when: marking, then: "registry marked, mail sealed, tag sealed"},
		{says: "are made of marks", given: given(one, lose("reg"), lose("reg::mail"), marking), when: sealing, then: allSealed},
		{says: "are not made of the marks of another", given: given(one, lose("reg"), sealWith(8, 0)), when: sealing, then: "registry marked, mail sealed, tag sealed"},
		{says: "are not given to what was lost while it was rebuilt", given: given(one, lose("reg"), marking, lose("reg"), user("2", mail("b"))),
			when: sealing, then: "registry, mail sealed, tag sealed"},
		{says: "are not given to what has no mark", given: given(one, lose("reg"), user("2")), when: sealing, then: "registry, mail sealed, tag sealed"},
		{says: "do not come with a first child while somebody rebuilds", given: given(marking), when: one, then: "registry marked, mail marked, tag marked"},
		{says: "refuse a unique entry while somebody rebuilds", given: given(one, lose("reg::mail"), sealWith(8, 0)), when: user("2", unique(mail("b"))),
			err: drivers.ErrIncomplete, then: "registry sealed, mail marked, tag sealed"},
		{says: "let the one who rebuilds put unique entries in", given: given(one, lose("reg"), lose("reg::mail"), marking), when: rebuilding,
			then: "registry marked, mail marked, tag sealed"},
		{says: "do not let another put unique entries in", given: given(one, lose("reg"), lose("reg::mail"), sealWith(8, 0)), when: rebuilding,
			err: drivers.ErrIncomplete, then: "registry marked, mail marked, tag sealed"},
	} {
		checks = append(checks, check{about: "seals", says: r.says, run: func(t *trial) {
			t.eachWay(func(t *trial, do execute) {
				t.given(r.given...)
				before := t.observe(row{given: r.given, when: r.when}.keys())
				_, err := do(r.when)
				if r.err == nil {
					t.Expect(err).NotTo(gomega.HaveOccurred())
				} else {
					t.fails(err, r.err)
					for name, seen := range before {
						t.unchanged(name, seen)
					}
				}
				t.Expect(t.seals()).To(gomega.Equal(r.then))
			})
		}})
	}
	return append(checks, check{about: "SEAL", op: drivers.OpSeal, says: "answers what is sealed", run: (*trial).answersSeals})
}

// sealWith is a step of rebuilding the registry "reg".
func sealWith(mark, step int64) drivers.Command {
	return drivers.Command{Op: drivers.OpSeal, Key: "reg", Extra: &drivers.Extra{Keys: []string{"reg::mail", "reg::tag"}}, Start: mark, Amount: step}
}

func (t *trial) answersSeals() {
	t.given(user("1", mail("a")), lose("reg::mail"))
	for _, mark := range []int64{1, drivers.MaxMark} {
		t.given(lose("reg::mail"))
		t.replies(t.must(sealWith(mark, 1)), drivers.Reply{Ints: []int64{1, 0, 1}})
		t.replies(t.must(sealWith(mark, 0)), drivers.Reply{Ints: []int64{1, 0, 1}})
		t.replies(t.must(sealWith(mark, 1)), drivers.Reply{Ints: []int64{1, 1, 1}})
	}
	t.given(lose("reg"), fill("reg", "m"))
	_, err := t.do(sealWith(1, 0))
	t.fails(err, drivers.ErrWrongType)
	for _, wrong := range []drivers.Command{sealWith(0, 0), sealWith(-1, 0), sealWith(drivers.MaxMark+1, 0), sealWith(1, 2), sealWith(1, -1)} {
		_, err := t.do(wrong)
		t.fails(err, drivers.ErrInvalid)
	}
}
