package transactions_test

import (
	"context"
	"fmt"
	"strconv"
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

var _ = Describe("A transaction while its slot moves to another master", Label(suite.Cluster, suite.Slow), Ordered, func() {
	var (
		cluster *redisserver.Cluster
		client  *redis.ClusterClient
		bank    kv.StaticStore
		move    *redisserver.Move
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
		bank = kv.MustOpen(kvtest.Bank, redisdriver.New(client))
		var err error
		move, err = cluster.Move("{bank}")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() {
			for _, server := range []*redisserver.Server{move.From, move.To} {
				Expect(server.Ask("CLUSTER", "SETSLOT", strconv.Itoa(move.Slot), "STABLE")).Error().NotTo(HaveOccurred())
			}
		})
	})
	key := func(name string) string { return bank.Take(kvtest.Accounts).Take(name).Path() }
	read := func(ctx context.Context, account kv.StringField) error {
		_, err := account.ReadOr(ctx, "0")
		return err
	}

	It("reads what is not there, as the only thing it does", func(ctx context.Context) {
		Expect(move.Begin()).To(Succeed())
		Expect(kv.Atomic(ctx, bank.Take(kvtest.Accounts).Take("ann"), func(ctx context.Context, tx kv.StringField) error { return read(ctx, tx) })).To(Succeed())
	})

	It("reads and writes what has moved already, or is made", func(ctx context.Context) {
		ann, bob := bank.Take(kvtest.Accounts).Take("ann"), bank.Take(kvtest.Accounts).Take("bob")
		Expect(ann.Write(ctx, "10")).To(Succeed())
		Expect(move.Begin()).To(Succeed())
		Expect(move.Carry(key("ann"))).To(Succeed())
		for _, account := range []kv.StringField{ann, bob} {
			Expect(kv.Atomic(ctx, account, func(ctx context.Context, tx kv.StringField) error { return deposit(ctx, tx, 5) })).To(Succeed())
		}
		Expect(ann.Read(ctx)).To(Equal("15"))
		Expect(bob.Read(ctx)).To(Equal("5"))
	})

	It("begins again where the second thing it reads has moved, until the first has, too", func(ctx context.Context) {
		Expect(bank.Take(kvtest.Accounts).Take("ann").Write(ctx, "10")).To(Succeed())
		Expect(bank.Take(kvtest.Accounts).Take("bob").Write(ctx, "10")).To(Succeed())
		Expect(move.Begin()).To(Succeed())
		Expect(move.Carry(key("bob"))).To(Succeed())
		calls := 0
		Expect(kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
			if calls++; calls == 3 {
				Expect(move.Carry(key("ann"))).To(Succeed())
			}
			if err := deposit(ctx, tx.Take(kvtest.Accounts).Take("ann"), -4); err != nil {
				return err
			}
			return deposit(ctx, tx.Take(kvtest.Accounts).Take("bob"), 4)
		})).To(Succeed())
		Expect(calls).To(BeNumerically(">=", 3))
		Expect(bank.Take(kvtest.Accounts).Take("bob").Read(ctx)).To(Equal("14"))
	})

	It("loses nothing and doubles nothing under load, there and back", func(ctx context.Context) {
		const accounts, each = 8, 100
		store := bank.Take(kvtest.Accounts)
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
					Expect(kv.Atomic(ctx, store, func(ctx context.Context, tx kv.DynamicStore[kv.StringField]) error {
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
			Expect(move.Begin()).To(Succeed())
			for i := range accounts {
				Expect(move.Carry(store.Take(strconv.Itoa(i)).Path())).To(Succeed())
			}
			Expect(move.End()).To(Succeed())
			before := done.Load()
			Eventually(done.Load).Should(BeNumerically(">", before))
			move = move.Back()
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
