package near_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

var _ = Describe("What is kept near of a server that another one takes the place of", Label(suite.Slow), func() {
	// survives ends the master of shop:name, and expects what others then write at the new one to be read.
	survives := func(ctx context.Context, client func() redis.UniversalClient, end func(), promoted *redisserver.Server) {
		GinkgoHelper()
		p := around(opened(redisdriver.New(client())), redisdriver.New(client()), kvtest.NewClock())
		s, others := kv.MustOpen(shops, p.Driver), kv.MustOpen(shops, p.others)
		p.hears("shop:name")
		Expect(others.Name.Write(ctx, "old")).To(Succeed())
		kept := func() bool {
			Expect(kvtest.ErrorOf(s.Name.Read(ctx))).To(Or(Succeed(), MatchError(kv.ErrUnavailable), MatchError(kv.ErrNotFound)))
			return p.near.Near().Kept("shop:name", drivers.NearRead{Op: drivers.OpGet}) != nil
		}
		Eventually(kept).Should(BeTrue())
		missed := p.near.Stats().Missed
		end()
		Eventually(func() (string, error) { return promoted.Ask("ROLE") }).Should(HavePrefix("master"))
		Eventually(func() error { return others.Name.Write(ctx, "new") }).Should(Succeed())
		Eventually(func() int64 { return p.near.Stats().Missed }).Should(BeNumerically(">", missed))
		Eventually(func() (string, error) { return s.Name.Read(ctx) }).Should(Equal("new"))
		p.hears("shop:name")
		Eventually(kept).Should(BeTrue())
		Expect(s.Name.Read(ctx)).To(Equal("new"))
	}

	It("is forgotten where a Sentinel has a replica take it", Label(suite.Redis), func(ctx context.Context) {
		r, err := redisserver.StartReplicated("shop")
		kvtest.MustRun(err)
		DeferCleanup(r.Stop)
		survives(ctx, func() redis.UniversalClient {
			client := redis.NewFailoverClient(&redis.FailoverOptions{MasterName: "shop", SentinelAddrs: []string{r.Sentinel.Addr()}})
			DeferCleanup(client.Close)
			return client
		}, func() {
			r.Master.Kill()
			Expect(r.Suspect()).To(Succeed())
		}, r.Replica)
	})

	It("is forgotten where a master of a cluster dies", Label(suite.Cluster), func(ctx context.Context) {
		cluster, err := redisserver.StartCluster(3, 1, "--cluster-node-timeout", "2000")
		kvtest.MustRun(err)
		DeferCleanup(cluster.Stop)
		open := func() redis.UniversalClient {
			client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: cluster.Addrs(), ClusterStateReloadInterval: time.Second})
			DeferCleanup(client.Close)
			return client
		}
		master, err := open().(*redis.ClusterClient).MasterForKey(ctx, "shop:name")
		Expect(err).NotTo(HaveOccurred())
		for i := range 3 {
			if cluster.Node(i).Addr() == master.Options().Addr {
				survives(ctx, open, cluster.Node(i).Kill, cluster.Node(i+3))
				return
			}
		}
		Fail("no master has the slot")
	})
})
