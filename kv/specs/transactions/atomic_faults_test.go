package transactions_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

var _ = Describe("When the connection breaks", func() {
	var (
		proxy  *redisserver.Proxy
		client *redis.Client
		bank   kv.StaticStore // by way of the proxy
		direct kv.StaticStore
		dialer *redisserver.Dialer // of the client
	)
	BeforeEach(func(ctx context.Context) {
		direct = kv.MustOpen(kvtest.Bank, kvtest.Redis(ctx))
		var err error
		proxy, err = redisserver.NewProxy(kvtest.Servers.Single.Addr())
		Expect(err).NotTo(HaveOccurred())
		dialer = &redisserver.Dialer{}
		client = redis.NewClient(&redis.Options{
			Addr: proxy.Addr(), ContextTimeoutEnabled: true, Dialer: dialer.Dial,
			PoolSize: 1, PipelinePoolSize: -1, // what one leaves behind the next would trip over
			ReadTimeout: time.Second, MaxRetries: 1,
		})
		bank = kv.MustOpen(kvtest.Bank, redisdriver.New(client))
		DeferCleanup(func() {
			Expect(client.Close()).To(Succeed())
			proxy.Close()
		})
		Expect(kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
			return tx.Take(kvtest.Accounts).Take("ann").Write(ctx, "10")
		})).To(Succeed())
	})
	// transfer moves 4 from ann to bob, and counts how often it is called.
	transfer := func(ctx context.Context, calls *int, meanwhile func()) error {
		return kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
			*calls++
			if err := deposit(ctx, tx.Take(kvtest.Accounts).Take("ann"), -4); err != nil {
				return err
			}
			if err := deposit(ctx, tx.Take(kvtest.Accounts).Take("bob"), 4); err != nil {
				return err
			}
			meanwhile()
			return nil
		})
	}
	balances := func(ctx context.Context) []string {
		GinkgoHelper()
		ann, err := direct.Take(kvtest.Accounts).Take("ann").ReadOr(ctx, "0")
		Expect(err).NotTo(HaveOccurred())
		bob, err := direct.Take(kvtest.Accounts).Take("bob").ReadOr(ctx, "0")
		Expect(err).NotTo(HaveOccurred())
		return []string{ann, bob}
	}
	// unharmed shows that the one connection of the client watches nothing any more.
	unharmed := func(ctx context.Context) {
		GinkgoHelper()
		Expect(proxy.Heal()).To(Succeed())
		before := balances(ctx)
		driver := redisdriver.New(client)
		Eventually(client.Ping).WithArguments(ctx).Should(HaveField("Err()", BeNil()))
		for _, account := range []string{"ann", "bob"} {
			Expect(direct.Take(kvtest.Accounts).Take(account).Append(ctx, "")).Error().NotTo(HaveOccurred()) // changes what was watched
		}
		plain := &drivers.Batch{Atomic: true, Items: []drivers.Item{{Command: drivers.Command{Op: drivers.OpAppend, Key: "{bank}:mark", Value: "x"}}}}
		Expect(drivers.DoBatch(ctx, driver, plain)).To(Succeed())
		for i, account := range []string{"ann", "bob"} {
			Expect(direct.Take(kvtest.Accounts).Take(account).Write(ctx, before[i])).To(Succeed())
		}
	}

	It("a commit whose reply was lost is ErrIndeterminate, and is not made a second time", func(ctx context.Context) {
		calls := 0
		err := transfer(ctx, &calls, func() { proxy.DropReplies(1) })
		Expect(err).To(MatchError(kv.ErrIndeterminate))
		Expect(err).To(MatchError(HavePrefix("kv: Atomic ")))
		Expect(calls).To(Equal(1))
		Expect(proxy.Dropped()).To(BeTrue())
		Expect(balances(ctx)).To(Equal([]string{"6", "4"}), "it was applied, and once")
		unharmed(ctx)
	})

	It("a commit that never gets an answer is ErrIndeterminate when its time is over", func(ctx context.Context) {
		calls := 0
		err := transfer(ctx, &calls, proxy.Stall)
		Expect(err).To(MatchError(kv.ErrIndeterminate))
		Expect(calls).To(Equal(1))
		Eventually(balances).WithArguments(ctx).Should(Equal([]string{"6", "4"}))
		unharmed(ctx)
	})

	It("a commit that is cancelled while it is under way is ErrIndeterminate", func(ctx context.Context) {
		short, cancel := context.WithCancel(ctx)
		calls := 0
		err := transfer(short, &calls, func() {
			proxy.Stall()
			dialer.AfterNext(cancel)
		})
		Expect(err).To(And(MatchError(kv.ErrIndeterminate), MatchError(context.Canceled)))
		Expect(calls).To(Equal(1))
		unharmed(ctx)
	})

	It("a commit that cannot be sent has not happened, and a re-run finishes the job", func(ctx context.Context) {
		calls := 0
		err := transfer(ctx, &calls, proxy.Refuse)
		Expect(err).To(HaveOccurred())
		Expect(err).NotTo(MatchError(kv.ErrConflict))
		Expect(calls).To(Equal(1))
		Expect(balances(ctx)).To(Equal([]string{"10", "0"}))
		unharmed(ctx)
		Expect(transfer(ctx, &calls, func() {})).To(Succeed())
		Expect(balances(ctx)).To(Equal([]string{"6", "4"}))
	})

	It("a read that gets no answer is begun again with the whole function, whatever that made of it", func(ctx context.Context) {
		for name, made := range map[string]func(error) error{
			"its error":    func(err error) error { return err },
			"another":      func(err error) error { return errors.New("no balance") },
			"nothing":      func(error) error { return nil },
			"a panic":      func(err error) error { panic(err) },
			"and no third": func(err error) error { return fmt.Errorf("of bob: %w", err) },
		} {
			calls := 0
			Expect(kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
				calls++
				if _, err := balance(ctx, tx.Take(kvtest.Accounts).Take("ann")); err != nil {
					return err
				}
				if calls <= 2 {
					proxy.DropReplies(1)
				}
				if _, err := balance(ctx, tx.Take(kvtest.Accounts).Take("bob")); err != nil {
					if err := made(err); err != nil {
						return err
					}
				}
				return tx.Take(kvtest.Accounts).Take("ann").Write(ctx, strconv.Itoa(calls))
			})).To(Succeed(), name)
			Expect(calls).To(Equal(3), name)
			Expect(balances(ctx)).To(Equal([]string{"3", "0"}), name)
			unharmed(ctx)
		}
	})

	It("a transaction that was given up watches nothing any more, whatever it was given up for", func(ctx context.Context) {
		mine := errors.New("mine")
		read := func(tx kv.StaticStore) {
			GinkgoHelper()
			Expect(balance(ctx, tx.Take(kvtest.Accounts).Take("ann"))).To(Equal(10))
		}
		Expect(kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error { read(tx); return mine })).To(BeIdenticalTo(mine))
		unharmed(ctx)
		Expect(func() {
			_ = kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error { read(tx); panic(mine) })
		}).To(PanicWith(mine))
		unharmed(ctx)
		Expect(kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error { read(tx); return nil })).To(Succeed())
		unharmed(ctx)
		over, cancel := context.WithCancel(ctx)
		Expect(kv.Atomic(over, bank, func(ctx context.Context, tx kv.StaticStore) error {
			read(tx)
			defer cancel()
			return tx.Take(kvtest.Accounts).Take("bob").Write(ctx, "x")
		})).To(MatchError(context.Canceled))
		unharmed(ctx)
		Expect(balances(ctx)).To(Equal([]string{"10", "0"}))
	})

	It("nor does one whose commit was refused before it was sent", func(ctx context.Context) {
		driver := redisdriver.New(client)
		tx, err := drivers.Begin(ctx, driver, "{bank}:accounts:ann")
		Expect(err).NotTo(HaveOccurred())
		Expect(tx.Do(ctx, drivers.Command{Op: drivers.OpGet, Key: "{bank}:accounts:ann"})).To(HaveField("Value", "10"))
		Expect(tx.DoBatch(ctx, &drivers.Batch{Atomic: true, Items: []drivers.Item{{Command: drivers.Command{Op: drivers.OpSAdd, Key: "x"}}}})).
			To(MatchError(drivers.ErrInvalid))
		tx.End()
		unharmed(ctx)
	})

	It("leaves no goroutine behind, whatever happens", func(ctx context.Context) {
		before := gleak.Goroutines()
		for _, fault := range []func(){func() {}, func() { proxy.DropReplies(1) }, proxy.Stall, proxy.Refuse} {
			calls := 0
			_ = transfer(ctx, &calls, fault)
			Expect(proxy.Heal()).To(Succeed())
		}
		proxy.Close()
		Expect(client.Close()).To(Succeed())
		Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
		client = redis.NewClient(&redis.Options{}) // for the clean-up
	})

	It("a batch says of each operation what is known of it", func(ctx context.Context) {
		var batch kv.Batch
		bound := batch.Bind(bank.Take(kvtest.Accounts))
		read := batch.Do(bound.Take("ann").Read)
		written := batch.Exec(func(ctx context.Context) error { return bound.Take("bob").Write(ctx, "1") })
		invalid := batch.Do(bound.Take("").Read)
		proxy.DropReplies(1)
		err := batch.Run(ctx)
		Expect(err).To(MatchError(kv.ErrIndeterminate))
		Expect(written.Get()).Error().To(MatchError(kv.ErrIndeterminate))
		Expect(read.Get()).Error().To(And(HaveOccurred(), Not(MatchError(kv.ErrIndeterminate))))
		Expect(invalid.Get()).Error().To(MatchError(kv.ErrBadKey))
		Expect(balances(ctx)).To(Equal([]string{"10", "1"}), "it was applied, and once")
	})

	It("the chunks of a batch fail each by itself, and a re-run finishes the job", func(ctx context.Context) {
		run := func() ([]*kv.Result[int], error) {
			var batch kv.Batch
			tags := batch.Bind(bank.Take[kv.StaticStore]("desk")).Take(kvtest.Tags)
			results := make([]*kv.Result[int], 2500)
			for i := range results {
				results[i] = batch.Do(func(ctx context.Context) (int, error) { return tags.Add(ctx, fmt.Sprint(i)) })
			}
			return results, batch.Run(ctx)
		}
		proxy.DropReplies(1)
		results, err := run()
		Expect(err).To(MatchError(kv.ErrIndeterminate))
		Expect(results[999].Get()).Error().To(MatchError(kv.ErrIndeterminate))
		Expect(results[1000].Get()).To(Equal(1), "a chunk that was sent has its own outcome")
		results, err = run()
		Expect(err).NotTo(HaveOccurred())
		Expect(results[0].Get()).To(Equal(0), "it had happened")
		Expect(direct.Take[kv.StaticStore]("desk").Take(kvtest.Tags).Len(ctx)).To(Equal(2500))
	})
})

var _ = Describe("After a failover behind one address, whose old connections stay open", func() {
	It("transactions go on with the new master, not one of them fails, and a commit is made once", func(ctx context.Context) {
		old, err := redisserver.Start()
		kvtest.MustRun(err)
		defer old.Stop()
		promoted, err := redisserver.Start()
		kvtest.MustRun(err)
		defer promoted.Stop()
		var addr atomic.Value
		addr.Store(old.Addr())
		client := redis.NewClient(&redis.Options{Addr: "the.name:6379", Dialer: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, addr.Load().(string))
		}})
		defer client.Close()
		bank := kv.MustOpen(kvtest.Bank, redisdriver.New(client))
		transfer := func() error {
			return kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
				return errors.Join(deposit(ctx, tx.Take(kvtest.Accounts).Take("ann"), 1), deposit(ctx, tx.Take(kvtest.Accounts).Take("bob"), -1))
			})
		}
		Expect(transfer()).To(Succeed())
		addr.Store(promoted.Addr())
		Expect(old.Ask("REPLICAOF", "127.0.0.1", "1")).Error().NotTo(HaveOccurred())
		for range 30 {
			Expect(transfer()).To(Succeed())
		}
		Expect(bank.Take(kvtest.Accounts).Take("ann").Read(ctx)).To(Equal("30"))
		Expect(bank.Take(kvtest.Accounts).Take("bob").Read(ctx)).To(Equal("-30"))
	})
})

var _ = Describe("When the server dies", func() {
	It("before it has executed the commit, the outcome is not known, and a re-run on another finishes the job", func(ctx context.Context) {
		server, err := redisserver.Start()
		kvtest.MustRun(err)
		defer server.Stop()
		var dialer redisserver.Dialer
		client := redis.NewClient(&redis.Options{Addr: server.Addr(), ContextTimeoutEnabled: true, MaxRetries: -1, Dialer: dialer.Dial})
		defer client.Close()
		bank := kv.MustOpen(kvtest.Bank, redisdriver.New(client))
		open := func(ctx context.Context, tx kv.StaticStore) error {
			return errors.Join(deposit(ctx, tx.Take(kvtest.Accounts).Take("ann"), 10), deposit(ctx, tx.Take(kvtest.Accounts).Take("bob"), 10))
		}
		calls := 0
		err = kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
			calls++
			if err := open(ctx, tx); err != nil {
				return err
			}
			Expect(server.Pause()).To(Succeed()) // takes MULTI … EXEC, and answers no more
			dialer.AfterNext(server.Stop)
			return nil
		})
		Expect(err).To(MatchError(kv.ErrIndeterminate))
		Expect(calls).To(Equal(1))

		bank = kv.MustOpen(kvtest.Bank, kvtest.Redis(ctx))
		Expect(kv.Atomic(ctx, bank, open)).To(Succeed())
		Expect(bank.Take(kvtest.Accounts).Take("bob").Read(ctx)).To(Equal("10"))
	})
})
