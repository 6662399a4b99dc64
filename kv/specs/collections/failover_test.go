package collections_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
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

var _ = Describe("A failover in the middle of", Label(suite.Redis, suite.Slow), func() {
	It("a listing or a query ends it with a clear error, or not at all, and a repetition finishes", func(ctx context.Context) {
		cluster, err := redisserver.StartCluster(3, 1, "--cluster-node-timeout", "2000")
		kvtest.MustRun(err)
		DeferCleanup(cluster.Stop)
		client := redis.NewClusterClient(&redis.ClusterOptions{
			Addrs: cluster.Addrs(), ContextTimeoutEnabled: true, ClusterStateReloadInterval: time.Second,
		})
		DeferCleanup(client.Close)
		driver := redisdriver.New(client)
		bank := kv.MustOpen(Scattered, driver)
		matches := kv.MustOpen(Club, driver).Take(Matches)

		const count = 3000
		var batch kv.Batch
		accounts, documents := batch.Bind(bank.Take(Ledgers)), batch.Bind(matches)
		for n := range count {
			batch.Exec(func(ctx context.Context) error { return accounts.Take(fmt.Sprint(n)).Write(ctx, "x") })
			batch.Exec(func(ctx context.Context) error { return documents.Take(fmt.Sprint(n)).Write(ctx, numbered(n)) })
		}
		Expect(batch.Run(ctx)).To(Succeed())
		for master := range 3 {
			Eventually(func() (int64, error) { return size(ctx, cluster.Node(master+3)) }).
				Should(Equal(must(size(ctx, cluster.Node(master)))), "the replicas have it all")
		}

		// An iteration of each kind stands in its first page while the master of the collection dies.
		queried := func() iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				for entry, err := range matches.Find(ByPlayer.Is("ann")).All(ctx) {
					if !yield(entry.Key, err) {
						return
					}
				}
			}
		}
		kinds := map[string]func() iter.Seq2[string, error]{
			"a scan":     func() iter.Seq2[string, error] { return bank.Take(Ledgers).Keys(ctx) },
			"a registry": func() iter.Seq2[string, error] { return matches.Keys(ctx) },
			"a query":    queried,
		}
		type walk struct {
			next func() (string, error, bool)
			seen map[string]bool
		}
		walks := map[string]walk{}
		for kind, start := range kinds {
			next, stop := iter.Pull2(start())
			DeferCleanup(stop)
			key, err, _ := next()
			Expect(err).NotTo(HaveOccurred())
			walks[kind] = walk{next, map[string]bool{key: true}}
		}
		owner, err := client.MasterForKey(ctx, "{club}:matches")
		Expect(err).NotTo(HaveOccurred())
		for i := range 3 {
			if cluster.Node(i).Addr() == owner.Options().Addr {
				cluster.Node(i).Kill()
			}
		}
		for kind, walk := range walks {
			for {
				key, err, more := walk.next()
				if !more {
					Expect(walk.seen).To(HaveLen(count), kind+" that came to its end was whole")
					break
				}
				if err != nil {
					var clear *kv.Error
					Expect(errors.As(err, &clear)).To(BeTrue(), "%v", err)
					Expect(clear.Path).To(Or(Equal("bank:accounts"), Equal("{club}:matches")))
					AddReportEntry(kind, err.Error())
					break
				}
				Expect(walk.seen).NotTo(HaveKey(key))
				walk.seen[key] = true
			}
		}

		for kind, start := range kinds {
			Eventually(func() (int, error) {
				seen := map[string]bool{}
				for key, err := range start() {
					if err != nil {
						return 0, err
					}
					seen[key] = true
				}
				return len(seen), nil
			}).WithPolling(200*time.Millisecond).Should(Equal(count), kind)
		}
		Expect(stale(ctx, matches)).To(BeEmpty())
		Expect(matches.Take("7").Write(ctx, Match{Players: []string{"zoe"}})).To(Succeed())
		Expect(found(ctx, matches.Find(ByPlayer.Is("zoe")))).To(Equal([]string{"7"}))
	})
})

// size is how many keys a server has.
func size(ctx context.Context, server *redisserver.Server) (int64, error) {
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer func() { _ = client.Close() }()
	return client.DBSize(ctx).Result()
}

func must[T any](value T, err error) T {
	GinkgoHelper()
	Expect(err).NotTo(HaveOccurred())
	return value
}
