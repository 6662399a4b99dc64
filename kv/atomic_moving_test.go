package kv_test

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// migration is the move of a slot between the first two masters of a cluster.
type migration struct {
	cluster  *redisserver.Cluster
	from, to *redisserver.Server
	slot     string
}

func ask(server *redisserver.Server, args ...string) string {
	GinkgoHelper()
	reply, err := server.Ask(args...)
	Expect(err).NotTo(HaveOccurred())
	return reply
}

func (m migration) begin() {
	GinkgoHelper()
	ask(m.to, "CLUSTER", "SETSLOT", m.slot, "IMPORTING", ask(m.from, "CLUSTER", "MYID"))
	ask(m.from, "CLUSTER", "SETSLOT", m.slot, "MIGRATING", ask(m.to, "CLUSTER", "MYID"))
}

func (m migration) migrate(key string) {
	GinkgoHelper()
	host, port, err := net.SplitHostPort(m.to.Addr())
	Expect(err).NotTo(HaveOccurred())
	Expect(ask(m.from, "MIGRATE", host, port, key, "0", "1000")).To(Or(Equal("OK"), Equal("NOKEY")))
}

// finish moves what is left, and makes the new server the master of the slot, which it is told first.
func (m migration) finish() {
	GinkgoHelper()
	for {
		keys := strings.Fields(ask(m.from, "CLUSTER", "GETKEYSINSLOT", m.slot, "100"))
		if len(keys) == 0 {
			break
		}
		for _, key := range keys {
			m.migrate(key)
		}
	}
	id := ask(m.to, "CLUSTER", "MYID")
	servers := []*redisserver.Server{m.to}
	for i := range m.cluster.Addrs() {
		servers = append(servers, m.cluster.Node(i))
	}
	for _, server := range servers {
		ask(server, "CLUSTER", "SETSLOT", m.slot, "NODE", id)
	}
}

func (m migration) back() migration { return migration{m.cluster, m.to, m.from, m.slot} }

var _ = Describe("A transaction while its slot moves to another master", Label(suite.Cluster, suite.Slow), Ordered, func() {
	var (
		cluster *redisserver.Cluster
		client  *redis.ClusterClient
		bank    kv.StaticStore
		m       migration
	)
	BeforeAll(func() {
		var err error
		cluster, err = redisserver.StartCluster(3, 0)
		kvtest.MustRun(err)
		DeferCleanup(cluster.Stop)
	})
	BeforeEach(func(ctx context.Context) {
		client = redis.NewClusterClient(&redis.ClusterOptions{Addrs: cluster.Addrs(), ClusterStateReloadInterval: time.Second})
		DeferCleanup(client.Close)
		Expect(client.ForEachMaster(ctx, func(ctx context.Context, c *redis.Client) error { return c.FlushAll(ctx).Err() })).To(Succeed())
		bank = kv.MustOpen(Bank, redisdriver.New(client))
		master, err := client.MasterForKey(ctx, "{bank}")
		Expect(err).NotTo(HaveOccurred())
		m = migration{cluster: cluster, slot: ask(cluster.Node(0), "CLUSTER", "KEYSLOT", "{bank}")}
		for i := range cluster.Addrs() {
			if node := cluster.Node(i); node.Addr() == master.Options().Addr {
				m.from, m.to = node, cluster.Node((i+1)%3)
			}
		}
		DeferCleanup(func() {
			for _, server := range []*redisserver.Server{m.from, m.to} {
				ask(server, "CLUSTER", "SETSLOT", m.slot, "STABLE")
			}
		})
	})
	key := func(name string) string { return bank.Take(Accounts).Take(name).Path() }
	read := func(ctx context.Context, account kv.StringField) error {
		_, err := account.ReadOr(ctx, "0")
		return err
	}

	It("reads what is not there, as the only thing it does", func(ctx context.Context) {
		m.begin()
		Expect(kv.Atomic(ctx, bank.Take(Accounts).Take("ann"), func(tx kv.StringField) error { return read(ctx, tx) })).To(Succeed())
	})

	It("reads and writes what has moved already, or is made", func(ctx context.Context) {
		ann, bob := bank.Take(Accounts).Take("ann"), bank.Take(Accounts).Take("bob")
		Expect(ann.Write(ctx, "10")).To(Succeed())
		m.begin()
		m.migrate(key("ann"))
		for _, account := range []kv.StringField{ann, bob} {
			Expect(kv.Atomic(ctx, account, func(tx kv.StringField) error { return deposit(ctx, tx, 5) })).To(Succeed())
		}
		Expect(ann.Read(ctx)).To(Equal("15"))
		Expect(bob.Read(ctx)).To(Equal("5"))
	})

	It("begins again where the second thing it reads has moved, until the first has, too", func(ctx context.Context) {
		Expect(bank.Take(Accounts).Take("ann").Write(ctx, "10")).To(Succeed())
		Expect(bank.Take(Accounts).Take("bob").Write(ctx, "10")).To(Succeed())
		m.begin()
		m.migrate(key("bob"))
		calls := 0
		Expect(kv.Atomic(ctx, bank, func(tx kv.StaticStore) error {
			if calls++; calls == 3 {
				m.migrate(key("ann"))
			}
			if err := deposit(ctx, tx.Take(Accounts).Take("ann"), -4); err != nil {
				return err
			}
			return deposit(ctx, tx.Take(Accounts).Take("bob"), 4)
		})).To(Succeed())
		Expect(calls).To(BeNumerically(">=", 3))
		Expect(bank.Take(Accounts).Take("bob").Read(ctx)).To(Equal("14"))
	})

	It("loses nothing and doubles nothing under load, there and back", func(ctx context.Context) {
		const accounts, each = 8, 100
		store := bank.Take(Accounts)
		for i := range accounts {
			Expect(store.Take(strconv.Itoa(i)).Write(ctx, strconv.Itoa(each))).To(Succeed())
		}
		var (
			over    atomic.Bool
			done    atomic.Int64
			running sync.WaitGroup
		)
		for worker := range 4 {
			running.Go(func() {
				defer GinkgoRecover()
				for i := worker; !over.Load(); i++ {
					from, to := strconv.Itoa(i%accounts), strconv.Itoa((i*3+1)%accounts)
					if from == to {
						continue
					}
					Expect(kv.Atomic(ctx, store, func(tx kv.DynamicStore[kv.StringField]) error {
						if err := deposit(ctx, tx.Take(from), -1); err != nil {
							return err
						}
						return deposit(ctx, tx.Take(to), 1)
					})).To(Succeed())
					done.Add(1)
				}
			})
		}
		for range 6 {
			m.begin()
			for i := range accounts {
				m.migrate(store.Take(strconv.Itoa(i)).Path())
			}
			m.finish()
			before := done.Load()
			Eventually(done.Load).Should(BeNumerically(">", before))
			m = m.back()
		}
		over.Store(true)
		running.Wait()
		sum := 0
		for i := range accounts {
			text, err := store.Take(strconv.Itoa(i)).Read(ctx)
			Expect(err).NotTo(HaveOccurred())
			held, err := strconv.Atoi(text)
			Expect(err).NotTo(HaveOccurred())
			sum += held
		}
		Expect(sum).To(Equal(accounts * each))
		AddReportEntry("transfers", fmt.Sprint(done.Load()))
	})
})
