package spec

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// truth is what the memory driver does with commands in a situation. Another driver may be
// kept from it, but it must do all of that or nothing.
type truth struct {
	cmd           drivers.Command  // the last
	before, after map[string]sight // by key
	reply         drivers.Reply    // to the last
	err           error
}

func truthOf(given []drivers.Command, commands ...drivers.Command) truth {
	t := newTrial(gomega.Default, Harness{Open: func() Store { return Store{Driver: memory.New()} }})
	t.given(given...)
	last := commands[len(commands)-1]
	names := row{given: given, when: last}.keys()
	is := truth{cmd: last, before: t.observe(names)}
	for _, cmd := range commands {
		is.reply, is.err = t.do(cmd)
	}
	is.after = t.observe(names)
	return is
}

// there are the keys that were there before.
func (is truth) there() (names []string) {
	for name, seen := range is.before {
		if seen.value != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// failed reports whether the command failed that does not fail in truth. Then it must have
// changed nothing.
func (is truth) failed(t *trial, err error, what string) bool {
	t.Expect(errors.Is(err, drivers.ErrIndeterminate)).To(gomega.BeFalse(), what)
	if err == nil || is.err != nil {
		return false
	}
	t.sees(is.before, what+": it failed with "+err.Error()+", and nothing must have changed")
	return true
}

// holds expects the command to have done the same.
func (is truth) holds(t *trial, reply drivers.Reply, err error, what string) {
	if is.err != nil {
		t.Expect(err).To(gomega.HaveOccurred(), "%s: elsewhere it is %v", what, is.err)
	} else {
		t.Expect(err).NotTo(gomega.HaveOccurred(), what)
		t.replies(timeless(is.cmd, reply), timeless(is.cmd, is.reply), what)
	}
	after := maps.Clone(is.after)
	if of := momentsOf[is.cmd.Op]; of != "" && !reply.Nil {
		delete(after, "k")
		t.Expect(t.see("k").value).To(gomega.ContainSubstring(of), what)
	}
	t.sees(after, what)
}

// momentsOf are writes that store a moment, with what else is seen of the value then.
var momentsOf = map[drivers.Op]string{drivers.OpLockAcquire: "owner", drivers.OpJobTake: "text of old"}

// sees expects keys to hold what was seen elsewhere, and to end about then.
func (t *trial) sees(want map[string]sight, what string) {
	for name, want := range want {
		now := t.see(name)
		t.Expect(now.value).To(gomega.Equal(want.value), "%s: what %q holds", what, name)
		t.Expect(now.mortal).To(gomega.Equal(want.mortal), "%s: whether %q has a time to live", what, name)
		if want.mortal {
			t.Expect(now.from).To(gomega.BeNumerically("~", want.from, time.Minute.Milliseconds()), "%s: when %q ends", what, name)
		}
	}
}

// timeless is a reply without the time that went by.
func timeless(cmd drivers.Command, reply drivers.Reply) drivers.Reply {
	switch cmd.Op {
	case drivers.OpTTL:
		reply.Int = (reply.Int + 30_000) / 60_000
	case drivers.OpMemoryUsage: // a figure of each driver's own
		reply.Int, reply.Float = min(reply.Int, 1), 0
	case drivers.OpTime:
		reply.Int = 0
	case drivers.OpLockAcquire: // the token follows the clock
		reply.Int = min(reply.Int, 1)
	case drivers.OpThrottle:
		reply.Ints = reply.Ints[:2] // of the first limit
	case drivers.OpXPending:
		reply.Ints = slices.Clone(reply.Ints)
		for i := 0; i < len(reply.Ints); i += 2 {
			reply.Ints[i] = 0 // idle
		}
	case drivers.OpXConsumers:
		reply.Ints = slices.Clone(reply.Ints)
		for i := 1; i < len(reply.Ints); i += 2 {
			reply.Ints[i] = 0 // idle
		}
	default: // it tells no time
	}
	return reply
}

// scriptedExamples are the examples of every Op, and those forms that take another way
// through a script.
func scriptedExamples() []example {
	two := kind{"", fill("k", "old", "older")}
	twoFields := kind{"", hset("old", "1", "older", "2")}
	return append(examples(),
		example{replace(drivers.Always, drivers.Expiry{}), setKind, "If Expiry"},
		example{replace(drivers.Always, endless, "old", "new", "newer"), two, "If"},
		example{replace(drivers.Always, at(longAgo), "new"), setKind, "If"},
		example{replace(drivers.IfExists, drivers.Expiry{}, "new"), setKind, "Expiry"},
		example{drivers.Command{Op: drivers.OpHReplace, Key: "k", Values: []string{"new", "1", "older", "3"}}, twoFields, "Expiry"},
		example{drivers.Command{Op: drivers.OpHReplace, Key: "k"}, hashKind, ""},
		example{drivers.Command{Op: drivers.OpZReplace, Key: "k", Values: []string{"new", "newer"}, Extra: &drivers.Extra{Scores: []float64{1, 2}}}, sortedSetKind, "Expiry"},
		example{drivers.Command{Op: drivers.OpLReplace, Key: "k", Values: []string{"new", "old", "new"}}, kind{"", rpush("k", "old", "old")}, "Expiry"},
		example{drivers.Command{Op: drivers.OpLReplace, Key: "k"}, kind{"", rpush("k", "old")}, ""},
		example{drivers.Command{Op: drivers.OpHCompareAndSet, Key: "k", Values: []string{"old", "1", "older", "2", "new", "3"}, Amount: 4}, twoFields, ""},
		example{drivers.Command{Op: drivers.OpHCompareAndSet, Key: "k", Values: []string{"old", "value"}, Amount: 2}, hashKind, ""},
		example{within(incrBy(5), "0", "10"), kind{"", put("k", "7")}, "Expiry"},
		example{within(incrByFloat("0.5"), "0", "7"), kind{"", put("k", "7")}, "Expiry"},
		example{drivers.Command{Op: drivers.OpRPush, Key: "k", Values: []string{"new", "newer"}, Amount: 2}, kind{"", rpush("k", "old")}, "Expiry"},
		example{drivers.Command{Op: drivers.OpSRem, Key: "k", Values: many(13_000)}, kind{"", fill("k", many(3)...)}, ""},
		example{drivers.Command{Op: drivers.OpZDiffStore, Key: "k", Extra: &drivers.Extra{Keys: []string{"other", "third"}}}, sortedSetKind, "Expiry"},
		example{drivers.Command{Op: drivers.OpCompareAndSwap, Key: "k", Extra: &drivers.Extra{Expected: "old"}, Value: "new", Expiry: at(longAgo)}, stringKind, ""},
	)
}

func many(n int) []string {
	values := make([]string, n)
	for i := range values {
		values[i] = fmt.Sprint("member", i)
	}
	return values
}

// forms are the command of an example, and the same with a time to live.
func (e example) forms() []drivers.Command {
	if strings.Contains(e.reads, "Expiry") && e.cmd.Expiry == (drivers.Expiry{}) {
		return []drivers.Command{e.cmd, expiring(in(3*hour), e.cmd)}
	}
	return []drivers.Command{e.cmd}
}

// states make what the keys of a command may hold: nothing, or each what suits it.
func (e example) states(cmd drivers.Command) [][]drivers.Command {
	mortal := drivers.Command{Op: drivers.OpExpire, Key: "k", Expiry: in(hour)}
	there := []drivers.Command{e.suits(), mortal}
	states := [][]drivers.Command{nil, there}
	if len(cmd.Keys()) == 0 {
		return states
	}
	var others []drivers.Command
	for _, key := range cmd.Keys() {
		other := e.suits()
		other.Key = key
		others = append(others, other)
	}
	return append(states, others, append(there, others...))
}
