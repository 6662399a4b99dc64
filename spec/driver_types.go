package spec

import (
	"fmt"
	"slices"
	"sync"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
)

// example is a valid command, with the kind of value its Op works on.
type example struct {
	cmd  drivers.Command
	kind kind
	// reads names the fields of a Command, apart from Op, Key and Indexes, that the Op reads.
	reads string
}

// kind is a type of value: a command that makes one with the member "old", or of that
// text, under key.
type kind struct {
	name string
	made drivers.Command
}

// family is what the suite knows of values of one type.
type family struct {
	kind kind // the zero kind for Ops whose values are another family's
	// all reads a whole value and size counts it; content is what all replies with. A
	// family whose values are another's has none.
	all, size drivers.Command
	content   func(reply drivers.Reply) (value string, size int)
	examples  []example
	writers   []writer // Ops that take an Expiry
	checks    func(h Harness) []check
}

var (
	allFamilies  []family
	makeFamilies sync.Once
)

// families has a line for each type.
func families() []family {
	makeFamilies.Do(func() {
		allFamilies = []family{
			keyFamily(), stringFamily(), bitSetFamily(), bitmapFamily(), hyperLogLogFamily(), setFamily(), listFamily(),
			hashFamily(), sortedSetFamily(), geoFamily(), streamFamily(), topicFamily(), lockFamily(), limiterFamily(), queueFamily(),
		}
	})
	return allFamilies
}

// kinds are those of all families.
func kinds() []kind {
	var all []kind
	for _, family := range families() {
		if family.kind.name != "" {
			all = append(all, family.kind)
		}
	}
	return all
}

var (
	anyKind       = kind{"", put("k", "old")}
	stringKind    = kind{"string", put("k", "old")}
	setKind       = kind{"set", fill("k", "old")}
	hashKind      = kind{"hash", drivers.Command{Op: drivers.OpHSet, Key: "k", Values: []string{"old", "value"}}}
	sortedSetKind = kind{"sorted set", drivers.Command{Op: drivers.OpZAdd, Key: "k", Values: []string{"old"}, Extra: &drivers.Extra{Scores: []float64{1}}}}
)

// examples has one valid command of every Op that Do executes on every store.
func examples() []example {
	var all []example
	for _, family := range families() {
		all = append(all, family.examples...)
	}
	return all
}

// examples are those of the Ops that the store has.
func (h Harness) examples() []example {
	if h.FieldTTL {
		return append(examples(), fieldTTLExamples()...)
	}
	return examples()
}

// command is an Op on the key k.
func command(op drivers.Op) drivers.Command { return drivers.Command{Op: op, Key: "k"} }

// combining is an Op on the key k and another.
func combining(op drivers.Op) drivers.Command {
	return drivers.Command{Op: op, Key: "k", Extra: &drivers.Extra{Keys: []string{"other"}}}
}

func keyFamily() family {
	return family{checks: keyChecks, examples: []example{
		{command(drivers.OpExists), anyKind, ""},
		{command(drivers.OpDelete), anyKind, ""},
		{command(drivers.OpTTL), anyKind, ""},
		{command(drivers.OpTime), anyKind, ""},
		{drivers.Command{Op: drivers.OpExpire, Key: "k", Expiry: in(hour)}, anyKind, "Expiry"},
		{command(drivers.OpPersist), anyKind, ""},
		{combining(drivers.OpReconcile), anyKind, "Keys"},
		{drivers.Command{Op: drivers.OpSeal, Key: "k", Start: 1}, hashKind, "Keys Start Amount"},
		{drivers.Find("k", [][]drivers.IndexRange{{{Index: "other", Min: "-", Max: "+"}}}, 10), hashKind, "Keys Values Amount Reverse"},
		{command(drivers.OpMemoryUsage), anyKind, ""},
	}}
}

func stringFamily() family {
	return family{kind: stringKind, examples: slices.Concat([]example{
		{get("k"), stringKind, ""},
		{put("k", "new"), anyKind, "Value If Expiry"},
		{getEx(in(hour)), stringKind, "Expiry"},
		{drivers.Command{Op: drivers.OpSwap, Key: "k", Value: "new"}, stringKind, "Value If Expiry"},
		{drivers.Command{Op: drivers.OpCompareAndSwap, Key: "k", Extra: &drivers.Extra{Expected: "old"}, Value: "new"}, stringKind, "Expected Value Expiry"},
		{drivers.Command{Op: drivers.OpAppend, Key: "k", Value: "new"}, stringKind, "Value Expiry"},
		{command(drivers.OpStrLen), stringKind, ""},
	}, rangeExamples(), numberExamples()), checks: func(h Harness) []check {
		return slicesOf(stringChecks(h), casChecks(h), rangeChecks(h), numberChecks(h))
	}}
}

func bitSetFamily() family {
	return family{checks: func(h Harness) []check { return slicesOf(bitChecks(h), bitArithmeticChecks(h)) }, examples: []example{
		{bitGet(u8, 1), stringKind, "Bits Start"},
		{bitSet(u8, 1, 7), stringKind, "Bits Start Amount Expiry"},
		{bitIncrement(u8, 1, 7), stringKind, "Bits Start Amount Expiry"},
		{bitRange(u8, 0, 2), stringKind, "Bits Start Stop"},
		{bitSum(u8, 0, 2), stringKind, "Bits Start Stop"},
	}}
}

func setFamily() family {
	return family{
		checks: func(h Harness) []check {
			return slicesOf(setChecks(h), setReplaceChecks(h), setAlgebraChecks(h), setRandomChecks(h), setScanChecks(h))
		},
		kind: setKind, all: command(drivers.OpSMembers), size: command(drivers.OpSCard),
		content: func(reply drivers.Reply) (string, int) { return contains(reply.Values...).value, len(reply.Values) },
		examples: []example{
			{fill("k", "new"), setKind, "Values Expiry"},
			{drivers.Command{Op: drivers.OpSRem, Key: "k", Values: []string{"old"}}, setKind, "Values"},
			{replace(drivers.Always, drivers.Expiry{}, "new"), setKind, "Values If Expiry"},
			{drivers.Command{Op: drivers.OpSIsMember, Key: "k", Value: "old"}, setKind, "Value"},
			{command(drivers.OpSCard), setKind, ""},
			{command(drivers.OpSMembers), setKind, ""},
			{sscan(0, 10), setKind, "Start Amount"},
			{pop(1), setKind, "Amount"},
			{random(1), setKind, "Amount"},
			{drivers.Command{Op: drivers.OpSMove, Key: "k", Extra: &drivers.Extra{Keys: []string{"other"}}, Value: "old"}, setKind, "Value Keys Expiry"},
			{combining(drivers.OpSInter), setKind, "Keys"},
			{combining(drivers.OpSUnion), setKind, "Keys"},
			{combining(drivers.OpSDiff), setKind, "Keys"},
		},
	}
}

// suits makes the key an example works on.
func (e example) suits() drivers.Command { return e.kind.made }

// wrongTypeChecks try every Op on every kind of value that is not its own.
func wrongTypeChecks(h Harness) []check {
	checks := []check{{about: "the suite", says: "has an example of every Op", run: func(t *trial) {
		exemplified := map[drivers.Op]bool{}
		for _, e := range append(examples(), fieldTTLExamples()...) {
			exemplified[e.cmd.Op] = true
		}
		for _, op := range drivers.Ops() {
			if op.Effect() != drivers.Lists {
				t.Expect(exemplified).To(gomega.HaveKey(op), op.String())
			}
		}
	}}}
	for _, e := range h.examples() {
		if e.kind.name == "" {
			continue
		}
		for _, other := range kinds() {
			if other.name != e.kind.name {
				mortal := drivers.Command{Op: drivers.OpExpire, Key: "k", Expiry: in(hour)}
				checks = append(checks, rows(row{says: "is ErrWrongType for a " + other.name, given: given(other.made, mortal), when: e.cmd, err: drivers.ErrWrongType})...)
			}
		}
		checks = append(checks, rows(e.otherKeys()...)...)
	}
	return checks
}

// otherKeys try an Op with values that are not its own under its other key. Sorted sets
// are combined with plain sets, too.
func (e example) otherKeys() (table []row) {
	if len(e.cmd.Keys()) == 0 || e.cmd.Op == drivers.OpLMPop || e.cmd.Op == drivers.OpZMPop { // which look no further than Key
		return nil
	}
	for _, kind := range kinds() {
		if e.cmd.Op == drivers.OpFind && kind.name == sortedSetKind.name || kind.name == e.kind.name || kind.name == setKind.name && e.kind.name == sortedSetKind.name {
			continue
		}
		other := kind.made
		other.Key = "other"
		table = append(table, row{says: fmt.Sprintf("is ErrWrongType with a %s for its other key", kind.name),
			given: given(e.kind.made, other), when: e.cmd, err: drivers.ErrWrongType})
	}
	return table
}
