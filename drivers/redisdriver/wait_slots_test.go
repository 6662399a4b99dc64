package redisdriver_test

import (
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// move is the move of a slot from one master to another, step by step.
type move struct {
	*redisserver.Move
	from, to *redisserver.Server
	slot     string
}

// moveOf prepares to move the slot of key, which is moved back when the spec ends.
func moveOf(cluster *redisserver.Cluster, key string) move {
	GinkgoHelper()
	m, err := cluster.Move(key)
	Expect(err).NotTo(HaveOccurred())
	Expect(m.Back().End()).To(Succeed(), "all nodes agree whose the slot is")
	DeferCleanup(func() {
		ask(m.To, "FLUSHALL")
		Expect(m.Back().End()).To(Succeed())
	})
	return move{m, m.From, m.To, strconv.Itoa(m.Slot)}
}

// begin lets the old master send those elsewhere who ask for what it does not have.
func (m move) begin() {
	GinkgoHelper()
	Expect(m.Begin()).To(Succeed())
}

func (m move) migrate(key string) {
	GinkgoHelper()
	Expect(m.Carry(key)).To(Succeed())
}

// settle makes owner, the old or the new one, the master of the slot for all.
func (m move) settle(owner *redisserver.Server) {
	GinkgoHelper()
	if owner == m.from {
		m.Move = m.Back()
	}
	Expect(m.End()).To(Succeed())
}

var _ = Describe("What waits in a slot that moves within a cluster", Label(suite.Cluster, suite.Slow), func() {
	for name, w := range waits {
		if w.given == nil {
			It(name+": goes on at the new master", func() {
				cluster := emptyCluster()
				d := redisdriver.New(clusterClient(cluster))
				m := moveOf(cluster, w.cmd.Key)
				wait := blockAt(ctx, d, m.from, w.cmd)
				m.begin()
				m.settle(m.to)
				awaitBlocked(m.to, 1)
				awaitBlocked(m.from, 0)
				do(d, w.feed)
				Expect(ended(wait).err).NotTo(HaveOccurred())
			})

			It(name+": gets what came while the slot moved", func() {
				cluster := emptyCluster()
				d := redisdriver.New(clusterClient(cluster))
				m := moveOf(cluster, w.cmd.Key)
				wait := blockAt(ctx, d, m.from, w.cmd)
				m.begin()
				do(d, w.feed) // goes to the new master
				m.settle(m.to)
				Expect(ended(wait).err).NotTo(HaveOccurred())
			})
		}

		if w.cmd.Keys() != nil {
			continue
		}
		It(name+": that begins while the slot moves gets what comes", func() {
			cluster := emptyCluster()
			d := redisdriver.New(clusterClient(cluster))
			m := moveOf(cluster, w.cmd.Key)
			m.begin()
			for _, cmd := range w.given {
				do(d, cmd)
			}
			wait := make(chan outcome, 1)
			go func() {
				reply, err := d.Block(ctx, w.cmd)
				wait <- outcome{reply, err}
			}()
			Consistently(wait).WithTimeout(200 * time.Millisecond).ShouldNot(Receive())
			do(d, w.feed)
			Expect(ended(wait).err).NotTo(HaveOccurred())
		})
	}

	It("goes on once a slot has moved of which it found but some of its keys", func() {
		cluster := emptyCluster()
		d := redisdriver.New(clusterClient(cluster))
		w := waits["a move"]
		m := moveOf(cluster, w.cmd.Key)
		m.begin()
		do(d, w.feed)
		wait := make(chan outcome, 1)
		go func() {
			reply, err := d.Block(ctx, w.cmd)
			wait <- outcome{reply, err}
		}()
		Consistently(wait).WithTimeout(200 * time.Millisecond).ShouldNot(Receive())
		m.settle(m.to)
		got := ended(wait)
		Expect(got.err).NotTo(HaveOccurred())
		Expect(got.reply.Value).To(Equal("a"))
	})

	It("goes on with the group of a stream that was there", func() {
		cluster := emptyCluster()
		d := redisdriver.New(clusterClient(cluster))
		w := waits["a read of a group"]
		m := moveOf(cluster, w.cmd.Key)
		do(d, w.given[0])
		wait := blockAt(ctx, d, m.from, w.cmd)
		m.begin()
		m.migrate(w.cmd.Key)
		m.settle(m.to)
		awaitBlocked(m.to, 1)
		do(d, w.feed)
		got := ended(wait)
		Expect(got.err).NotTo(HaveOccurred())
		Expect(got.reply.Values).To(Equal([]string{"1-1", "f", "v"}))
		pending := do(d, drivers.Command{Op: drivers.OpXPending, Key: w.cmd.Key, Value: "group"})
		Expect(pending.Values).To(Equal([]string{"1-1", "ann"}), "delivered once")
	})
})
