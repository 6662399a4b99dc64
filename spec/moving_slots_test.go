package spec

import (
	"fmt"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// An Op does in a slot that moves what it does elsewhere, or it fails, has changed nothing,
// and does so once the slot has moved. That is tried from every state of its keys, with
// those keys not moved yet, in part, and all.

// impatient is how long an operation may take before its slot has moved, where Redis wants
// it to be tried again until then. Nothing depends on it but the time that the specs take.
const impatient = 5 * time.Millisecond

var _ = Describe("A slot that moves", Label(suite.Cluster, suite.Slow), Ordered, ContinueOnFailure, func() {
	var slot *movingSlot
	BeforeAll(func() { slot = newMovingSlot() })

	for _, e := range scriptedExamples() {
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
		It(fmt.Sprintf("lets %s in an atomic batch do what it does elsewhere, or fail and change nothing", describe(e.cmd)), func() {
			counted := drivers.Command{Op: drivers.OpIncrBy, Key: "count", Amount: 1}
			for _, given := range e.states(e.cmd)[1:] {
				slot.try(append(given, put("count", "1")), counted, e.cmd)
			}
		})
		It(fmt.Sprintf("lets %s with indexes do what it does elsewhere, or fail and change nothing", describe(e.cmd)), func() {
			registered := []drivers.Command{on(indexOf("k", mail("old")), put("", "v")), command(drivers.OpDelete)}
			for i, cmd := range e.forms() {
				cmd = indexed(cmd, indexOf("k", mail("new")))
				for _, given := range e.states(cmd) {
					slot.try(append(slices.Clone(registered), given...), cmd)
					if i == 0 {
						slot.try(given, cmd)
					}
				}
			}
		})
	}
})

// What may leave nothing of a key, and then makes it anew, in one atomic batch.
var _ = Describe("A slot that moves", Label(suite.Cluster, suite.Slow), Ordered, ContinueOnFailure, func() {
	var slot *movingSlot
	BeforeAll(func() { slot = newMovingSlot() })

	gone, whole := command(drivers.OpDelete), indexOf("k", mail("new"))
	counted := expiring(in(3*hour), incrBy(5))
	for _, row := range []struct {
		given    []drivers.Command
		commands []drivers.Command
	}{
		{given(put("k", "7")), given(gone, counted)},
		{given(put("k", "7"), put("other", "1")), given(drivers.Command{Op: drivers.OpIncrBy, Key: "other", Amount: 1}, gone, counted)},
		{given(fill("k", "a")), given(drivers.Command{Op: drivers.OpSRem, Key: "k", Values: []string{"a"}}, replace(drivers.Always, drivers.Expiry{}, "b"))},
		{given(on(whole, put("", "v"))), given(on(whole, gone), on(whole, put("", "w")))},
		{given(on(whole, put("", "v")), on(indexOf("other", mail("a")), put("", "v"))), given(on(whole, gone), on(whole, put("", "w")))},
	} {
		It(fmt.Sprintf("lets %s come after %s in one step, or neither", describe(row.commands[len(row.commands)-1]), describe(row.commands[len(row.commands)-2])), func() {
			slot.try(row.given, row.commands...)
		})
	}
})

// movingSlot is a slot of a cluster, another one for each trial.
type movingSlot struct {
	cluster *redisserver.Cluster
	client  *redis.ClusterClient
	target  drivers.Driver // of the second master alone, to look at what has moved there
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
	return &movingSlot{cluster: cluster, client: client, target: redisdriver.New(target)}
}

// next is a trial in a slot of the first master that has not been moved yet.
func (s *movingSlot) next() (*trial, *redisserver.Move) {
	tag, move, err := s.cluster.MoveNext()
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	prefix := fmt.Sprintf("{%s}:", tag)
	return newTrial(gomega.Default, Harness{Prefix: prefix, Open: func() Store { return Store{Driver: redisdriver.New(s.client)} }}), move
}

// try executes commands, several as an atomic batch, while the slot moves that their keys
// are in: before any of those that are there has moved, after one has, and after all have.
func (s *movingSlot) try(given []drivers.Command, commands ...drivers.Command) {
	GinkgoHelper()
	truth := truthOf(given, commands...)
	there := truth.there()
	for _, moved := range slices.Compact([]int{0, min(1, len(there)), len(there)}) {
		what := fmt.Sprintf("%s, where %v are there, of which %d moved", describe(truth.cmd), there, moved)
		t, move := s.next()
		t.given(given...)
		gomega.Expect(move.Begin()).To(gomega.Succeed())
		keys := make([]string, moved)
		for i, name := range there[:moved] {
			keys[i] = t.key(name)
		}
		gomega.Expect(move.Carry(keys...)).To(gomega.Succeed())

		var reply drivers.Reply
		var err error
		done := make(chan struct{})
		go func() {
			defer close(done)
			reply, err = t.inOneStep(commands)
		}()
		select {
		case <-done:
		case <-time.After(impatient):
		}
		gomega.Expect(move.End()).To(gomega.Succeed())
		<-done

		target := *t
		target.Driver = s.target
		if truth.failed(&target, err, what) {
			reply, err = t.inOneStep(commands)
		}
		truth.holds(&target, reply, err, what)
	}
}

// inOneStep executes commands, several as an atomic batch, and answers what the last does.
func (t *trial) inOneStep(commands []drivers.Command) (drivers.Reply, error) {
	if len(commands) == 1 {
		return t.do(commands[0])
	}
	b, err := t.batch(true, commands...)
	for _, item := range b.Items {
		if err == nil {
			err = item.Err
		}
	}
	return b.Items[len(commands)-1].Reply, err
}
