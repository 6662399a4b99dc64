package redisdriver_test

import (
	"os"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

// careful are the client's options with which nothing is found.
func careful(o *redis.Options) { o.PoolSize, o.ContextTimeoutEnabled = 20, true }

func serverWith(args ...string) *redisserver.Server {
	GinkgoHelper()
	server, err := redisserver.Start(args...)
	needServer(err)
	DeferCleanup(server.Stop)
	return server
}

// found are the findings about a feature.
func found(client redis.UniversalClient, feature string) []redisdriver.Finding {
	GinkgoHelper()
	all, err := redisdriver.Check(ctx, client)
	Expect(err).NotTo(HaveOccurred())
	return slices.DeleteFunc(all, func(f redisdriver.Finding) bool { return f.Feature != feature })
}

func finding(severity redisdriver.Severity, says string) OmegaMatcher {
	return ConsistOf(And(HaveField("Severity", severity), WithTransform(redisdriver.Finding.String, ContainSubstring(says))))
}

var _ = Describe("Check", func() {
	It("finds nothing where all is well, but that the server is older than times to live of fields", func() {
		server := serverWith("--appendonly", "yes")
		before := ask(server, "DBSIZE")
		for _, protocol := range []int{2, 3} {
			all, err := redisdriver.Check(ctx, clientOf(server.Addr(), careful, func(o *redis.Options) { o.Protocol = protocol }))
			Expect(err).NotTo(HaveOccurred())
			if !redisserver.Since(7, 4) {
				Expect(all).To(ConsistOf(HaveField("Feature", "times to live of fields")))
			} else {
				Expect(all).To(BeEmpty())
			}
		}
		Expect(ask(server, "DBSIZE")).To(Equal(before))
	})

	It("asks for rights by commands that a server takes as they stand", func() {
		server := emptyServer()
		cluster := emptyCluster().Node(0)
		for _, sample := range redisdriver.Samples() {
			args := strings.Fields(sample)
			if args[0] == "cluster" || args[0] == "asking" {
				server = cluster
			}
			if _, err := server.Ask(args...); err != nil {
				Expect(err.Error()).NotTo(Or(ContainSubstring("wrong number of arguments"), ContainSubstring("unknown")), sample)
			}
		}
	})

	DescribeTable("finds an eviction policy that", func(policy, maxmemory string, severity redisdriver.Severity, says string) {
		server := serverWith("--maxmemory-policy", policy, "--maxmemory", maxmemory)
		Expect(found(clientOf(server.Addr()), "eviction")).To(finding(severity, says))
	},
		Entry("takes indexes and locks away", "allkeys-lru", "100mb", redisdriver.Risk, "unique values"),
		Entry("would, if it had a limit", "allkeys-lfu", "0", redisdriver.Note, "once maxmemory is set"),
		Entry("ends times to live early", "volatile-ttl", "100mb", redisdriver.Note, "limiters"),
	)

	It("finds what a restart loses", func() {
		Expect(found(clientOf(serverWith().Addr()), "persistence")).To(finding(redisdriver.Risk, "loses everything"))
		Expect(found(clientOf(serverWith("--save", "60 1").Addr()), "persistence")).To(finding(redisdriver.Note, "since the last snapshot"))
	})

	It("finds a replica, and a master that a failover makes forget", func() {
		r := startReplicated()
		Expect(found(clientOf(r.Replica.Addr()), "role")).To(finding(redisdriver.Fault, "takes no writes"))
		Expect(found(clientOf(r.Master.Addr()), "replication")).To(finding(redisdriver.Note, "min-replicas-to-write"))
		ask(r.Master, "CONFIG", "SET", "min-replicas-to-write", "1")
		Expect(found(clientOf(r.Master.Addr()), "replication")).To(BeEmpty())
	})

	It("finds a user without scripts, without SCAN, without INFO, and without CLIENT UNBLOCK, each with what it takes", func() {
		server := emptyServer()
		client := clientOf(server.Addr(), as(server, "+@all", "-@scripting", "-scan", "-info", "-client|unblock"))
		Expect(found(client, "every value")).To(finding(redisdriver.Fault, "EVAL, EVALSHA"))
		Expect(found(client, "listings without IndexKeys, and subtrees")).To(finding(redisdriver.Fault, "+scan"))
		Expect(found(client, "listings: a server that takes the place of another")).To(finding(redisdriver.Risk, "+info"))
		Expect(found(client, "waits that end at once")).To(finding(redisdriver.Note, "+client|unblock"))
		Expect(found(client, "eviction, persistence and replication")).To(finding(redisdriver.Risk, "cannot be found out"))
		Expect(found(client, "lists")).To(BeEmpty())
	})

	It("tells what it cannot find out of a user with -@dangerous, with -@admin, and with hardly any rights", func() {
		server := emptyServer()
		for _, rights := range [][]string{{"+@all", "-@dangerous"}, {"+get"}} {
			Expect(found(clientOf(server.Addr(), as(server, rights...)), "eviction, persistence and replication")).
				To(finding(redisdriver.Risk, "cannot be found out"))
		}
		Expect(found(clientOf(server.Addr(), as(server, "+@all", "-@admin")), "persistence")).To(finding(redisdriver.Risk, "cannot be found out"))
		client := clientOf(server.Addr(), as(server, "+get"))
		Expect(found(client, "rights")).To(finding(redisdriver.Risk, "cannot be found out"))
		Expect(found(client, "atomic batches and transactions")).To(finding(redisdriver.Fault, "+multi +discard"))
	})

	It("finds single commands that a user lacks, whatever keys there are rights to", func() {
		server := emptyServer()
		user := as(server, "+@all", "-sadd", "resetkeys", "~other:*")
		Expect(found(clientOf(server.Addr(), user), "sets")).To(finding(redisdriver.Fault, "may not use SADD"))
		Expect(found(clientOf(server.Addr(), user), "lists")).To(BeEmpty())
	})

	It("asks every master of a cluster", func() {
		cluster := emptyCluster()
		ask(cluster.Node(1), "CONFIG", "SET", "maxmemory", "100mb")
		ask(cluster.Node(1), "CONFIG", "SET", "maxmemory-policy", "allkeys-random")
		DeferCleanup(func() {
			ask(cluster.Node(1), "CONFIG", "SET", "maxmemory", "0")
			ask(cluster.Node(1), "CONFIG", "SET", "maxmemory-policy", "noeviction")
		})
		client := clusterClient(cluster)
		Expect(found(client, "eviction")).To(ConsistOf(HaveField("Server", cluster.Node(1).Addr())))
		Expect(found(client, "persistence")).To(HaveLen(3))
		Expect(found(client, "a cluster")).To(BeEmpty())
		Expect(found(clientOf(cluster.Node(0).Addr()), "a cluster")).To(finding(redisdriver.Fault, "NewClusterClient"))
	})

	It("finds options of the client", func() {
		server := emptyServer()
		client := clientOf(server.Addr(), func(o *redis.Options) { o.PoolSize, o.DB = 2, 3 })
		Expect(found(client, "waits")).To(finding(redisdriver.Note, "PoolSize"))
		Expect(found(client, "contexts")).To(finding(redisdriver.Note, "ContextTimeoutEnabled"))
		Expect(found(client, "topics")).To(finding(redisdriver.Note, "database 3"))
		cluster := redis.NewClusterClient(&redis.ClusterOptions{Addrs: emptyCluster().Addrs(), ReadOnly: true})
		DeferCleanup(cluster.Close)
		Expect(found(cluster, "failover")).To(finding(redisdriver.Note, "ClusterStateReloadInterval"))
		Expect(found(cluster, "reads")).To(finding(redisdriver.Risk, "replicas"))
	})

	It("tells the worst first", func() {
		server := emptyServer()
		all, err := redisdriver.Check(ctx, clientOf(server.Addr(), as(server, "+@all", "-sadd", "-info")))
		Expect(err).NotTo(HaveOccurred())
		Expect(slices.IsSortedFunc(all, func(a, b redisdriver.Finding) int { return int(b.Severity - a.Severity) })).To(BeTrue())
		Expect(all[0].String()).To(Equal("fault: " + server.Addr() + ": sets: the user may not use SADD. Allow +@set."))
	})

	It("is an error where the server cannot be asked, and for no client", func() {
		server := ownServer()
		client := clientOf(server.Addr(), func(o *redis.Options) { o.MaxRetries, o.DialerRetries = -1, 1 })
		server.Stop()
		_, err := redisdriver.Check(ctx, client)
		Expect(err).To(HaveOccurred())
		_, err = redisdriver.Check(ctx, nil)
		Expect(err).To(MatchError(drivers.ErrInvalid))
	})

	It("knows the rights that README.md has as a table", func() {
		readme, err := os.ReadFile("README.md")
		Expect(err).NotTo(HaveOccurred())
		Expect(string(readme)).To(ContainSubstring(redisdriver.RightsTable()))
	})
})
