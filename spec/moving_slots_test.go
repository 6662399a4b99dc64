package spec

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

// What an Op does in a slot that moves is held against what it does on the memory driver:
// it does the same, or it fails, has changed nothing, and does the same once the slot has
// moved. That is tried for every Op, from every state of its keys, with those keys not
// moved yet, in part, and all.

// impatient is how long an operation may take before its slot has moved, where Redis wants
// it to be tried again until then. Nothing depends on it but the time that the specs take.
const impatient = 5 * time.Millisecond

var _ = Describe("A slot that moves", Ordered, ContinueOnFailure, func() {
	var slot *movingSlot
	BeforeAll(func() { slot = newMovingSlot() })

	for _, e := range movingExamples() {
		It(fmt.Sprintf("lets %s do what it does elsewhere, or fail and change nothing", describe(e.cmd)), func() {
			for _, cmd := range e.forms() {
				for _, given := range e.states(cmd) {
					slot.try(given, cmd)
				}
			}
		})
		if e.cmd.Op.Effect() != drivers.Writes {
			continue
		}
		It(fmt.Sprintf("lets %s with indexes do what it does elsewhere, or fail and change nothing", describe(e.cmd)), Pending, func() {
			for _, cmd := range e.forms() {
				cmd = indexed(cmd, indexOf("k", mail("new")))
				for _, given := range e.states(cmd) {
					registered := []drivers.Command{on(indexOf("k", mail("old")), put("", "v")), command(drivers.OpDelete)}
					slot.try(given, cmd)
					slot.try(append(registered, given...), cmd)
				}
			}
		})
	}
})

// movingExamples are the examples of every Op, and those forms that a script takes
// another way.
func movingExamples() []example {
	two := kind{"", fill("k", "old", "older")}
	twoFields := kind{"", hset("old", "1", "older", "2")}
	return append(examples(),
		example{replace(drivers.Always, drivers.Expiry{}), setKind, "If Expiry"},
		example{replace(drivers.Always, endless, "old", "new", "newer"), two, "If"},
		example{replace(drivers.Always, at(longAgo), "new"), setKind, "If"},
		example{replace(drivers.IfExists, drivers.Expiry{}, "new"), setKind, "Expiry"},
		example{drivers.Command{Op: drivers.OpHReplace, Key: "k", Values: []string{"new", "1", "older", "3"}}, twoFields, "Expiry"},
		example{drivers.Command{Op: drivers.OpHReplace, Key: "k"}, hashKind, ""},
		example{drivers.Command{Op: drivers.OpZReplace, Key: "k", Values: []string{"new", "newer"}, Scores: []float64{1, 2}}, sortedSetKind, "Expiry"},
		example{drivers.Command{Op: drivers.OpLReplace, Key: "k", Values: []string{"new", "old", "new"}}, kind{"", rpush("k", "old", "old")}, "Expiry"},
		example{drivers.Command{Op: drivers.OpLReplace, Key: "k"}, kind{"", rpush("k", "old")}, ""},
		example{drivers.Command{Op: drivers.OpHCompareAndSet, Key: "k", Values: []string{"old", "1", "older", "2", "new", "3"}, Amount: 4}, twoFields, ""},
		example{drivers.Command{Op: drivers.OpHCompareAndSet, Key: "k", Values: []string{"old", "value"}, Amount: 2}, hashKind, ""},
		example{within(incrBy(5), "0", "10"), kind{"", put("k", "7")}, "Expiry"},
		example{within(incrByFloat("0.5"), "0", "7"), kind{"", put("k", "7")}, "Expiry"},
		example{drivers.Command{Op: drivers.OpRPush, Key: "k", Values: []string{"new", "newer"}, Amount: 2}, kind{"", rpush("k", "old")}, "Expiry"},
		example{drivers.Command{Op: drivers.OpSRem, Key: "k", Values: many(13_000)}, kind{"", fill("k", many(3)...)}, ""},
		example{drivers.Command{Op: drivers.OpZDiffStore, Key: "k", Keys: []string{"other", "third"}}, sortedSetKind, "Expiry"},
		example{drivers.Command{Op: drivers.OpCompareAndSwap, Key: "k", Expected: "old", Value: "new", Expiry: at(longAgo)}, stringKind, ""},
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
	if len(cmd.Keys) == 0 {
		return states
	}
	var others []drivers.Command
	for _, key := range cmd.Keys {
		other := e.suits()
		other.Key = key
		others = append(others, other)
	}
	return append(states, others, append(there, others...))
}

// movingSlot is a slot of a cluster, another one for each trial.
type movingSlot struct {
	cluster *redisserver.Cluster
	client  *redis.ClusterClient
	target  drivers.Driver // of the second master alone, to look at what has moved there
	tag     int            // of the keys that the last trial had
	used    map[int]bool   // slots
}

func newMovingSlot() *movingSlot {
	cluster, err := redisserver.StartCluster(3, 0)
	if redisserver.MayBeLeftOut(err) {
		Skip("left out: " + err.Error())
	}
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	client := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: cluster.Addrs(), MinRetryBackoff: time.Millisecond, MaxRetryBackoff: time.Millisecond,
	})
	target := redis.NewClient(&redis.Options{Addr: cluster.Node(1).Addr()})
	DeferCleanup(func() {
		_, _ = client.Close(), target.Close()
		cluster.Stop()
	})
	return &movingSlot{cluster: cluster, client: client, target: redisdriver.New(target), used: map[int]bool{}}
}

// next is a trial in a slot of the first master that has not been moved yet.
func (s *movingSlot) next() (*trial, *redisserver.Move) {
	for {
		s.tag++
		prefix := fmt.Sprintf("{%d}:", s.tag)
		move, err := s.cluster.Move(prefix)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		if move.From == s.cluster.Node(0) && !s.used[move.Slot] {
			s.used[move.Slot] = true
			return newTrial(gomega.Default, Harness{Prefix: prefix, Open: func() Store { return Store{Driver: redisdriver.New(s.client)} }}), move
		}
	}
}

// try executes a command while the slot moves that its keys are in: before any of those
// that are there has moved, after one has, and after all have.
func (s *movingSlot) try(given []drivers.Command, cmd drivers.Command) {
	GinkgoHelper()
	names := row{given: given, when: cmd}.keys()
	truth := newTrial(gomega.Default, Harness{Open: func() Store { return Store{Driver: memory.New()} }})
	truth.given(given...)
	before := truth.observe(names)
	want, fails := truth.do(cmd)
	after := truth.observe(names)

	var there []string
	for _, name := range names {
		if before[name].value != "" {
			there = append(there, name)
		}
	}
	for _, moved := range slices.Compact([]int{0, min(1, len(there)), len(there)}) {
		what := fmt.Sprintf("%s, where %v are there, of which %d moved", describe(cmd), there, moved)
		s.during(there[:moved], given, func(t *trial, do execute) {
			reply, err := do(cmd)
			target := *t
			target.Driver = s.target
			t.Expect(errors.Is(err, drivers.ErrIndeterminate)).To(gomega.BeFalse(), what)
			if err != nil && fails == nil {
				target.sees(before, what+": it failed with "+err.Error()+", and nothing must have changed")
				reply, err = t.do(cmd)
			}
			if fails != nil {
				t.Expect(err).To(gomega.HaveOccurred(), "%s: elsewhere it is %v", what, fails)
			} else {
				t.Expect(err).NotTo(gomega.HaveOccurred(), what)
				t.replies(timeless(cmd, reply), timeless(cmd, want), what)
			}
			target.sees(after, what)
		})
	}
}

// during has check execute something while the slot moves, which has moved afterwards.
func (s *movingSlot) during(moved []string, given []drivers.Command, check func(t *trial, do execute)) {
	t, move := s.next()
	t.given(given...)
	t.Expect(move.Begin()).To(gomega.Succeed())
	keys := make([]string, len(moved))
	for i, name := range moved {
		keys[i] = t.key(name)
	}
	t.Expect(move.Carry(keys...)).To(gomega.Succeed())
	check(t, func(cmd drivers.Command) (drivers.Reply, error) {
		var reply drivers.Reply
		var err error
		done := make(chan struct{})
		go func() {
			defer close(done)
			ctx, cancel := context.WithTimeout(t.ctx, 10*time.Second)
			defer cancel()
			reply, err = t.Driver.Do(ctx, t.place(cmd))
		}()
		select {
		case <-done:
		case <-time.After(impatient):
		}
		t.Expect(move.End()).To(gomega.Succeed())
		<-done
		return reply, err
	})
}

// sees expects keys to hold what was seen elsewhere, and to end about then.
func (t *trial) sees(want map[string]sight, what string) {
	GinkgoHelper()
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
	case drivers.OpThrottle:
		reply.Ints = reply.Ints[:2]
	case drivers.OpXPending:
		reply.Ints = slices.Clone(reply.Ints)
		for i := 0; i < len(reply.Ints); i += 2 {
			reply.Ints[i] = 0 // idle
		}
	}
	return reply
}
