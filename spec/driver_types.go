package spec

import (
	"fmt"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// example is a valid command, with the kind of value its Op works on.
type example struct {
	cmd  drivers.Command
	kind kind
}

// kind is a type of value: a command that makes one with the member "old", or of that
// text, under key.
type kind struct {
	name, key string
	made      drivers.Command
}

var (
	anyKind       = kind{"", "k", put("k", "old")}
	stringKind    = kind{"string", "k", put("k", "old")}
	setKind       = kind{"set", "k", fill("k", "old")}
	hashKind      = kind{"hash", "k", register("k", "old")}
	sortedSetKind = kind{"sorted set", "k:z", enter("k", "z", "old")}
)

// examples has one valid command of every Op that Do executes.
func examples() []example {
	cmd := func(op drivers.Op) drivers.Command { return drivers.Command{Op: op, Key: "k"} }
	combine := func(op drivers.Op) drivers.Command {
		return drivers.Command{Op: op, Key: "k", Keys: []string{"other"}}
	}
	return []example{
		{cmd(drivers.OpExists), anyKind},
		{cmd(drivers.OpDelete), anyKind},
		{cmd(drivers.OpTTL), anyKind},
		{drivers.Command{Op: drivers.OpExpire, Key: "k", Expiry: in(hour)}, anyKind},
		{cmd(drivers.OpPersist), anyKind},
		{get("k"), stringKind},
		{put("k", "new"), anyKind},
		{drivers.Command{Op: drivers.OpSwap, Key: "k", Value: "new"}, stringKind},
		{drivers.Command{Op: drivers.OpCompareAndSwap, Key: "k", Expected: "old", Value: "new"}, stringKind},
		{drivers.Command{Op: drivers.OpAppend, Key: "k", Value: "new"}, stringKind},
		{cmd(drivers.OpStrLen), stringKind},
		{bitGet(u8, 1), stringKind},
		{bitSet(u8, 1, 7), stringKind},
		{bitIncrement(u8, 1, 7), stringKind},
		{bitRange(u8, 0, 2), stringKind},
		{fill("k", "new"), setKind},
		{drivers.Command{Op: drivers.OpSRem, Key: "k", Values: []string{"old"}}, setKind},
		{replace(drivers.Always, drivers.Expiry{}, "new"), setKind},
		{drivers.Command{Op: drivers.OpSIsMember, Key: "k", Value: "old"}, setKind},
		{cmd(drivers.OpSCard), setKind},
		{cmd(drivers.OpSMembers), setKind},
		{sscan(0, 10), setKind},
		{pop(1), setKind},
		{random(1), setKind},
		{drivers.Command{Op: drivers.OpSMove, Key: "k", Keys: []string{"other"}, Value: "old"}, setKind},
		{combine(drivers.OpSInter), setKind},
		{combine(drivers.OpSUnion), setKind},
		{combine(drivers.OpSDiff), setKind},
		{combine(drivers.OpReconcile), anyKind},
		{hget("old"), hashKind},
		{cmd(drivers.OpHLen), hashKind},
		{hscan(0, 10), hashKind},
		{zscore("old"), sortedSetKind},
		{lexCount("-", "+"), sortedSetKind},
		{lexRange("[a", "(p"), sortedSetKind},
	}
}

// suits makes the key an example works on.
func (e example) suits() drivers.Command { return e.kind.made }

// wrongTypeChecks try every Op on every kind of value that is not its own.
func wrongTypeChecks(h Harness) []check {
	checks := []check{{about: "the suite", says: "has an example of every Op", run: func(t *trial) {
		exemplified := map[drivers.Op]bool{}
		for _, e := range examples() {
			exemplified[e.cmd.Op] = true
		}
		for _, op := range drivers.Ops() {
			if op.Effect() != drivers.Lists {
				t.Expect(exemplified).To(gomega.HaveKey(op), op.String())
			}
		}
	}}}
	for _, e := range examples() {
		if e.kind.name == "" {
			continue
		}
		for _, other := range []kind{stringKind, setKind, hashKind, sortedSetKind} {
			cmd := e.cmd
			cmd.Key = other.key
			if other.name != e.kind.name {
				mortal := drivers.Command{Op: drivers.OpExpire, Key: other.key, Expiry: in(hour)}
				checks = append(checks, rows(row{says: "is ErrWrongType for a " + other.name, given: given(other.made, mortal), when: cmd, err: drivers.ErrWrongType})...)
			}
		}
		for _, kind := range h.Foreign {
			checks = append(checks, about(e.cmd.Op, "is ErrWrongType for a "+kind, func(t *trial) { t.refusesForeign(kind, e.cmd.Key, e.cmd) }))
			if len(e.cmd.Keys) > 0 {
				checks = append(checks, about(e.cmd.Op, fmt.Sprintf("is ErrWrongType with a %s for its other key", kind), func(t *trial) {
					t.given(e.suits())
					t.refusesForeign(kind, "other", e.cmd)
				}))
			}
		}
	}
	return checks
}

func (t *trial) refusesForeign(kind, name string, cmd drivers.Command) {
	t.Expect(t.Plant(t.ctx, kind, t.key(name))).To(gomega.Succeed())
	before := t.observe([]string{cmd.Key, "other"})
	_, err := t.do(cmd)
	t.fails(err, drivers.ErrWrongType, describe(cmd))
	for name, seen := range before {
		t.unchanged(name, seen)
	}
}
