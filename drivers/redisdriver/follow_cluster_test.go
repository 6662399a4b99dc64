package redisdriver_test

import (
	"fmt"
	"net"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

var _ = Describe("A follower of a cluster", Label(suite.Cluster), func() {
	It("hears of all masters, by one connection to each, which go with it", func() {
		cluster := emptyCluster()
		client := clusterClient(cluster)
		d := redisdriver.New(client)
		for i := range 10 {
			setting(d, fmt.Sprint(i))()
		}
		before := gleak.Goroutines()
		f, other := following(d, "k"), following(d, "other")
		for i := range 30 { // in slots of all masters
			key := fmt.Sprint("k:", i)
			f.hears(setting(d, key), key)
		}
		for i := range cluster.Addrs() {
			Eventually(func() int { return trackers(cluster.Node(i)) }).Should(Equal(1))
		}
		f.end()
		other.end()
		for i := range cluster.Addrs() {
			Eventually(func() int { return trackers(cluster.Node(i)) }).Should(BeZero())
		}
		Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
	})

	It("misses something where one of them is emptied, or its connection is lost", func() {
		cluster := emptyCluster()
		d := redisdriver.New(clusterClient(cluster))
		f := following(d, "k")
		ask(cluster.Node(1), "FLUSHALL")
		f.recovers(setting(d, "k"))
		ask(cluster.Node(2), "CLIENT", "KILL", "TYPE", "normal")
		f.recovers(setting(redisdriver.New(clusterClient(cluster)), "k"))
	})

	It("hears of all that happens in a slot while it moves from one of them to another, and misses nothing", Label(suite.Slow), func() {
		cluster := emptyCluster()
		d := redisdriver.New(clusterClient(cluster))
		setting(d, "{n}a")()
		m := moveOf(cluster, "{n}")
		f := following(redisdriver.New(clusterClient(cluster)), "{n}a", "{n}b")
		m.begin()
		m.migrate("{n}a")
		f.hears(func() {}, "{n}a")
		for _, key := range []string{"{n}a:x", "{n}b:x"} { // which are made where the slot is going to be
			f.hears(setting(d, key), key)
		}
		m.settle(m.to)
		f.hears(setting(d, "{n}b:y"), "{n}b:y")
		for len(f.told) > 0 {
			Expect(<-f.told).NotTo(Equal(missed))
		}
	})

	It("hears of a master that is new, whether its client is sent there or not", Label(suite.Slow), func() {
		cluster, err := redisserver.StartCluster(1, 0)
		needServer(err)
		DeferCleanup(cluster.Stop)
		n := newNode(cluster.Node(0), "{n}")
		d, other := redisdriver.New(clusterClient(cluster)), redisdriver.New(clusterClient(cluster))
		sent, unsent := following(d, "{n}"), following(other, "{n}")

		n.begin()
		key := drivers.Command{Op: drivers.OpSet, Key: "{n}:a", Value: "v"}
		do(d, key) // to the new one
		Expect(ask(n.to, "CLUSTER", "COUNTKEYSINSLOT", n.slot)).To(Equal("1"))
		sent.expects(missed, ready)
		sent.hears(func() { do(d, key) }, key.Key)
		Expect(unsent.told).NotTo(Receive())

		n.settle()
		unsent.expects(missed, ready)
		unsent.hears(func() { do(other, key) }, key.Key)
		sent.hears(func() { do(other, key) }, key.Key)
		for _, server := range []*redisserver.Server{n.from, n.to} {
			Eventually(func() int { return trackers(server) }).Should(Equal(2))
		}
	})

	It("hears of the replica that takes the place of a master, in good order or when that has died", Label(suite.Slow), func() {
		cluster, err := redisserver.StartCluster(3, 1, "--cluster-node-timeout", "2000")
		needServer(err)
		DeferCleanup(cluster.Stop)
		client := clusterClient(cluster)
		d := redisdriver.New(client)
		f := following(d, "k")
		master, err := client.MasterForKey(ctx, "k")
		Expect(err).NotTo(HaveOccurred())
		var first, second *redisserver.Server
		for i := range 3 {
			if cluster.Node(i).Addr() == master.Options().Addr {
				first, second = cluster.Node(i), cluster.Node(i+3)
			}
		}
		promoted := func(server *redisserver.Server) {
			GinkgoHelper()
			Eventually(func() (string, error) { return server.Ask("ROLE") }).Should(HavePrefix("master"))
		}
		ask(second, "CLUSTER", "FAILOVER")
		promoted(second)
		f.expects(missed, ready)
		f.hears(setting(d, "k"), "k")
		Eventually(func() string { return ask(first, "INFO", "replication") }).Should(ContainSubstring("master_link_status:up"))
		second.Kill()
		promoted(first)
		f.hears(func() {
			Eventually(func() error {
				_, err := d.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: "k", Value: "v"})
				return err
			}).Should(Succeed())
		}, "k")
		Expect(trackers(first)).To(Equal(1))
	})
})

// newcomer is a master without slots that is about to get one.
type newcomer struct {
	from, to       *redisserver.Server
	slot           string
	fromID, itsOwn string
}

func newNode(from *redisserver.Server, key string) newcomer {
	GinkgoHelper()
	n := newcomer{from: from, to: serverWith("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1")}
	host, port, err := net.SplitHostPort(n.to.Addr())
	Expect(err).NotTo(HaveOccurred())
	n.slot = ask(from, "CLUSTER", "KEYSLOT", key)
	n.fromID, n.itsOwn = ask(from, "CLUSTER", "MYID"), ask(n.to, "CLUSTER", "MYID")
	ask(from, "CLUSTER", "MEET", host, port)
	for _, server := range []*redisserver.Server{n.from, n.to} {
		Eventually(func() int { return strings.Count(ask(server, "CLUSTER", "NODES"), " connected") }).Should(Equal(2))
		Eventually(func() string { return ask(server, "CLUSTER", "NODES") }).ShouldNot(ContainSubstring("handshake"))
		Eventually(func() string { return ask(server, "CLUSTER", "INFO") }).Should(ContainSubstring("cluster_state:ok"))
	}
	return n
}

func (n newcomer) begin() {
	GinkgoHelper()
	ask(n.to, "CLUSTER", "SETSLOT", n.slot, "IMPORTING", n.fromID)
	ask(n.from, "CLUSTER", "SETSLOT", n.slot, "MIGRATING", n.itsOwn)
}

func (n newcomer) settle() {
	GinkgoHelper()
	for _, server := range []*redisserver.Server{n.to, n.from} {
		ask(server, "CLUSTER", "SETSLOT", n.slot, "NODE", n.itsOwn)
	}
}

var _ = Describe("A follower of a cluster whose client may not follow", Label(suite.Cluster), func() {
	It("is denied", func() {
		cluster := emptyCluster()
		for i := range cluster.Addrs() {
			ask(cluster.Node(i), "ACL", "SETUSER", "deaf", "on", ">secret", "~*", "+@all", "-client|tracking")
			DeferCleanup(func() { _, _ = cluster.Node(i).Ask("ACL", "DELUSER", "deaf") })
		}
		client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: cluster.Addrs(), Username: "deaf", Password: "secret"})
		DeferCleanup(client.Close)
		follow(redisdriver.New(client), "k").endsWith(drivers.ErrDenied)
	})
})
