package spec

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

func unique(entry drivers.Entry) drivers.Entry { entry.Unique = true; return entry }

// uniqueChecks are about entries that only one id may have.
func uniqueChecks(h Harness) []check {
	topic := func(says string, run func(t *trial)) check {
		return check{about: "a unique entry", says: says, run: run}
	}
	remove := func(id string) drivers.Command { return drivers.Command{Op: drivers.OpDelete, Key: "users:" + id} }
	one := user("1", unique(mail("a")), tag("x"))
	long := given(user("1", unique(mail("a")), unique(mail("b")), tag("x")))
	taken := func(cmd drivers.Command) drivers.Command { return on(child("2", unique(mail("a"))), cmd) }
	checks := rows(
		row{says: "is refused a value that another child has", given: given(one), when: taken(put("", "w")), err: drivers.ErrDuplicate},
		row{says: "is refused a value that another child has among several", given: given(one), when: user("2", tag("y"), unique(mail("b")), unique(mail("a"))), err: drivers.ErrDuplicate},
		row{says: "is refused a value that a child has which did not ask for it alone", given: given(user("1", mail("a"))), when: taken(put("", "w")), err: drivers.ErrDuplicate},
		row{says: "is refused for a value before If is looked at", given: given(one), when: taken(refusedBy(drivers.IfExists)), err: drivers.ErrDuplicate},
		row{says: "is refused for a value before the types are looked at", given: given(one, fill("users:2", "m")),
			when: taken(drivers.Command{Op: drivers.OpAppend, Value: "w"}), err: drivers.ErrDuplicate},
		row{says: "is given a value of its own", given: given(one), when: user("2", unique(mail("b"))),
			then: then{"users:2": holds("v"), "reg": fields("1", packed(mail("a"), tag("x")), "2", packed(mail("b"))), "reg::mail": ordered("a=1", "b=2")}},
		row{says: "is given a value between those of others", given: given(one, user("3", unique(mail("c")))), when: user("2", unique(mail("b"))),
			then: then{"users:2": holds("v"), "reg": fields("1", packed(mail("a"), tag("x")), "2", packed(mail("b")), "3", packed(mail("c"))),
				"reg::mail": ordered("a=1", "b=2", "c=3")}},
		row{says: "is given the value that it has", given: given(one), when: one},
		row{says: "is given a value of another index", given: given(one), when: user("2", unique(mail("x"))),
			then: then{"users:2": holds("v"), "reg": fields("1", packed(mail("a"), tag("x")), "2", packed(mail("x"))), "reg::mail": ordered("a=1", "x=2")}},
		row{says: "is given a value that others have who may share it", given: given(one), when: user("2", tag("x")),
			then: then{"users:2": holds("v"), "reg": fields("1", packed(mail("a"), tag("x")), "2", packed(tag("x"))), "reg::tag": ordered("x=1", "x=2")}},
		row{says: "is given a value that its child had", given: given(one, user("1", tag("x"))), when: user("2", unique(mail("a"))),
			then: then{"users:2": holds("v"), "reg": fields("1", packed(tag("x")), "2", packed(mail("a"))), "reg::mail": ordered("a=2")}},
		row{says: "takes the value of a child that is gone, with all that child had", given: append(long, remove("1")), when: user("2", unique(mail("a"))),
			then: then{"users:2": holds("v"), "reg": fields("2", packed(mail("a"))), "reg::mail": ordered("a=2"), "reg::tag": gone}},
		row{says: "that is refused takes over nothing for its other values", given: given(one, user("3", mail("c")), remove("1")),
			when: user("2", unique(mail("a")), unique(mail("c"))), err: drivers.ErrDuplicate},
		row{says: "is ErrWrongType for a second registry before it takes over anything in the first", given: given(one, remove("1"), put("reg2", "v")),
			when: indexed(put("users:2", "v"), child("2", unique(mail("a"))), drivers.Index{Key: "users:2", Registry: "reg2", ID: "2"}), err: drivers.ErrWrongType},
		row{says: "takes a value that is stray of a child that is gone", when: user("2", unique(mail("s"))),
			given: given(user("1", mail("s"), mail("t")), indexed(put("users:1", "v"), drivers.Index{Key: "users:1", Registry: "reg", ID: "1", Whole: true}), remove("1")),
			then:  then{"users:2": holds("v"), "reg": fields("2", packed(mail("s"))), "reg::mail": ordered("s=2", "t=1")}},
	)
	checks = append(checks,
		topic("is refused with the index and the holder", (*trial).namesHolder),
		topic("takes the value of a child that expired", (*trial).takesOver),
		topic("is never had by two of many goroutines", (*trial).uniqueTogether))
	if h.Batch {
		checks = append(checks, topic("is refused what came in with the same atomic batch", (*trial).uniqueInBatch))
	}
	return checks
}

func (t *trial) namesHolder() {
	t.eachWay(func(t *trial, do execute) {
		t.given(user("holder 1", unique(mail("a"))))
		_, err := do(user("2", unique(mail("a"))))
		t.fails(err, drivers.ErrDuplicate)
		var duplicate *drivers.DuplicateError
		t.Expect(errors.As(err, &duplicate)).To(gomega.BeTrue(), "a *DuplicateError is in %v", err)
		t.Expect(*duplicate).To(gomega.Equal(drivers.DuplicateError{Index: t.key("reg::mail"), Holder: "holder 1"}))
	})
}

func (t *trial) takesOver() {
	t.eachWay(func(t *trial, do execute) {
		t.given(user("1", unique(mail("a")), tag("x")))
		t.expire("users:1")
		_, err := do(user("2", unique(mail("a"))))
		t.Expect(err).NotTo(gomega.HaveOccurred())
		t.changed("reg", sight{}, fields("2", packed(mail("a"))), 0, 0)
		t.changed("reg::mail", sight{}, ordered("a=2"), 0, 0)
		t.changed("reg::tag", sight{}, gone, 0, 0)
	})
}

// uniqueTogether lets all want the same value, round by round.
func (t *trial) uniqueTogether() {
	var given atomic.Int64
	t.together(func(worker int) error {
		for round := range rounds {
			id := fmt.Sprint(worker, "-", round)
			_, err := t.do(user(id, unique(mail(fmt.Sprint(round)))))
			switch {
			case err == nil:
				given.Add(1)
			case !errors.Is(err, drivers.ErrDuplicate):
				return err
			}
		}
		return nil
	})
	t.Expect(given.Load()).To(gomega.BeEquivalentTo(rounds))
	all := lexCount("(", "+")
	all.Key = "reg::mail"
	t.replies(t.must(all), drivers.Reply{Int: rounds})
	t.replies(t.must(drivers.Command{Op: drivers.OpHLen, Key: "reg"}), drivers.Reply{Int: rounds + 1})
}

func (t *trial) uniqueInBatch() {
	b, err := t.batch(true, user("1", unique(mail("a"))), user("2", unique(mail("a"))),
		on(child("1"), op(drivers.OpDelete)), user("2", unique(mail("a"))))
	t.Expect(err).NotTo(gomega.HaveOccurred(), "the batch as a whole")
	for i, want := range []error{nil, drivers.ErrDuplicate, nil, nil} {
		if want != nil {
			t.fails(b.Items[i].Err, want)
		} else {
			t.Expect(b.Items[i].Err).NotTo(gomega.HaveOccurred())
		}
	}
	t.changed("reg", sight{}, fields("2", packed(mail("a"))), 0, 0)
	t.changed("reg::mail", sight{}, ordered("a=2"), 0, 0)
}
