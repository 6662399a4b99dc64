package redisdriver_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

var _ = Describe("A transaction in a slot that moves within a cluster", Label(suite.Cluster, suite.Slow), func() {
	var (
		d        *redisdriver.Driver
		m        move
		outdated *redisdriver.Driver // has looked at the cluster before the move, and will not again soon
	)
	set := func(key, value string) drivers.Command {
		return drivers.Command{Op: drivers.OpSet, Key: key, Value: value}
	}
	get := func(key string) drivers.Command { return drivers.Command{Op: drivers.OpGet, Key: key} }
	BeforeEach(func() {
		cluster := emptyCluster()
		d = redisdriver.New(clusterClient(cluster))
		client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: cluster.Addrs()})
		DeferCleanup(client.Close)
		outdated = redisdriver.New(client)
		m = moveOf(cluster, "{n}")
		DeferCleanup(func() {
			ask(m.from, "CLUSTER", "SETSLOT", m.slot, "STABLE")
			ask(m.to, "CLUSTER", "SETSLOT", m.slot, "STABLE")
		})
		for _, d := range []drivers.Driver{d, outdated} {
			do(d, set("{n}a", "1"))
			do(d, set("{n}b", "2"))
		}
	})
	// transfer reads keys one after the other and commits a write of each.
	transfer := func(d drivers.Driver, keys ...string) (read []string, err error) {
		tx, err := drivers.Begin(ctx, d, keys[0])
		if err != nil {
			return nil, err
		}
		defer tx.End()
		b := &drivers.Batch{Atomic: true}
		for _, key := range keys {
			reply, err := tx.Do(ctx, get(key))
			if err != nil {
				return read, err
			}
			read = append(read, reply.Value)
			b.Items = append(b.Items, drivers.Item{Command: set(key, "new")})
		}
		return read, tx.DoBatch(ctx, b)
	}
	interrupted := And(MatchError(drivers.ErrInterrupted), MatchError(drivers.ErrUnavailable))

	It("goes where its first key has moved", func() {
		m.begin()
		m.migrate("{n}a")
		Expect(transfer(d, "{n}a")).To(Equal([]string{"1"}))
		Expect(do(d, get("{n}a")).Value).To(Equal("new"))
		m.migrate("{n}b")
		Expect(transfer(d, "{n}a", "{n}b")).To(Equal([]string{"new", "2"}))
	})

	It("makes keys that are nowhere where they will be", func() {
		m.begin()
		m.migrate("{n}a")
		m.migrate("{n}b")
		Expect(transfer(d, "{n}c")).To(Equal([]string{""}))
		Expect(do(d, get("{n}c")).Value).To(Equal("new"))
		Expect(ask(m.from, "CLUSTER", "COUNTKEYSINSLOT", m.slot)).To(Equal("0"))
		Expect(transfer(d, "{n}a", "{n}b", "{n}c")).To(Equal([]string{"1", "2", "new"}))
	})

	It("is interrupted where the server does not have all keys of a commit yet", func() {
		m.begin()
		m.migrate("{n}a")
		m.migrate("{n}b")
		_, err := transfer(d, "{n}c", "{n}d") // as with any command on several keys
		Expect(err).To(interrupted)
		m.settle(m.to)
		Expect(transfer(d, "{n}c", "{n}d")).To(Equal([]string{"", ""}))
	})

	It("reads many keys at once there, and is in conflict there", func() {
		m.begin()
		m.migrate("{n}a")
		m.migrate("{n}b")
		err := drivers.Watch(ctx, d, []string{"{n}c"}, func(tx drivers.Transaction) error {
			b := drivers.NewBatch(get("{n}a"), get("{n}c"), get("{n}d"))
			Expect(tx.DoBatch(ctx, b)).To(Succeed())
			Expect([]string{b.Items[0].Reply.Value, b.Items[1].Reply.Value}).To(Equal([]string{"1", ""}))
			do(d, set("{n}d", "other's"))
			commit := drivers.NewBatch(set("{n}c", "mine"))
			commit.Atomic = true
			return tx.DoBatch(ctx, commit)
		})
		Expect(err).To(MatchError(drivers.ErrConflict))
		Expect(do(d, get("{n}c")).Nil).To(BeTrue())
	})

	It("is interrupted where another key has moved already", func() {
		m.begin()
		m.migrate("{n}b")
		read, err := transfer(d, "{n}a", "{n}b")
		Expect(err).To(interrupted)
		Expect(read).To(Equal([]string{"1"}))
		Expect(err).To(WithTransform(func(err error) bool { return redis.HasErrorPrefix(err, "ASK ") }, BeTrue()))
		Expect(do(d, get("{n}a")).Value).To(Equal("1"))
	})

	It("does not take for absent, where its first key has moved, what is still to come", func() {
		m.begin()
		m.migrate("{n}b")
		read, err := transfer(d, "{n}b", "{n}a")
		Expect(err).To(interrupted)
		Expect(read).To(Equal([]string{"2"}))
		err = drivers.Watch(ctx, d, []string{"{n}b"}, func(tx drivers.Transaction) error {
			b := drivers.NewBatch(set("{n}a", "double"))
			b.Atomic = true
			return tx.DoBatch(ctx, b)
		})
		Expect(err).To(interrupted)
		Expect(ask(m.to, "CLUSTER", "COUNTKEYSINSLOT", m.slot)).To(Equal("1"), "it would be in both places")
	})

	It("applies nothing when a key moves between the reading and the commit", func() {
		m.begin()
		err := drivers.Watch(ctx, d, []string{"{n}a"}, func(tx drivers.Transaction) error {
			m.migrate("{n}a")
			b := drivers.NewBatch(set("{n}a", "new"), set("{n}b", "new"))
			b.Atomic = true
			return tx.DoBatch(ctx, b)
		})
		Expect(err).To(Or(interrupted, MatchError(drivers.ErrConflict)))
		m.migrate("{n}b")
		Expect(do(d, get("{n}a")).Value).To(Equal("1"))
		Expect(do(d, get("{n}b")).Value).To(Equal("2"))
	})

	It("follows the slot once it has moved", func() {
		m.begin()
		m.migrate("{n}a")
		m.migrate("{n}b")
		m.settle(m.to)
		Expect(transfer(outdated, "{n}a", "{n}b", "{n}c")).To(Equal([]string{"1", "2", ""}))
	})

	It("is interrupted where servers send it to and fro", func() {
		m.begin()
		ask(m.to, "CLUSTER", "SETSLOT", m.slot, "STABLE")
		read, err := transfer(d, "{n}c")
		Expect(err).To(interrupted)
		Expect(read).To(BeEmpty())
	})
})

var _ = Describe("A command on several keys of a slot that moves", Label(suite.Cluster, suite.Slow), func() {
	for name, cmd := range map[string]drivers.Command{
		"a command": {Op: drivers.OpSMove, Key: "{n}a", Extra: &drivers.Extra{Keys: []string{"{n}b"}}, Value: "x"},
		"a script": {
			Op: drivers.OpSMove, Key: "{n}a", Extra: &drivers.Extra{Keys: []string{"{n}b"}}, Value: "x", Expiry: drivers.Expiry{Mode: drivers.ExpireIn, Millis: 60_000},
		},
		"a read": {Op: drivers.OpSUnion, Key: "{n}a", Extra: &drivers.Extra{Keys: []string{"{n}b"}}},
	} {
		for how, send := range map[string]sender{"alone": single, "in a batch": batched(false), "in an atomic batch": batched(true)} {
			It("is refused until all have moved, and executed then: "+name+", "+how, func() {
				cluster := emptyCluster() // and so are its counts of errors
				d := redisdriver.New(clusterClient(cluster))
				m := moveOf(cluster, "{n}")
				for _, key := range []string{"{n}a", "{n}b"} {
					do(d, drivers.Command{Op: drivers.OpSAdd, Key: key, Values: []string{"x", key}})
				}
				DeferCleanup(func() {
					ask(m.from, "CLUSTER", "SETSLOT", m.slot, "STABLE")
					ask(m.to, "CLUSTER", "SETSLOT", m.slot, "STABLE")
				})
				m.begin()
				m.migrate("{n}b")
				result := make(chan error, 1)
				go func() {
					defer GinkgoRecover()
					result <- send(d, cmd, nothing)
				}()
				Eventually(func() string { return ask(m.from, "INFO", "errorstats") }).Should(ContainSubstring("TRYAGAIN"))
				m.migrate("{n}a")
				Eventually(result).Should(Receive(BeNil()))
				if cmd.Op == drivers.OpSMove {
					Expect(do(d, drivers.Command{Op: drivers.OpSMembers, Key: "{n}b"}).Values).To(ConsistOf("x", "{n}b"))
					Expect(do(d, drivers.Command{Op: drivers.OpSMembers, Key: "{n}a"}).Values).To(ConsistOf("{n}a"))
				}
			})
		}
	}
})
