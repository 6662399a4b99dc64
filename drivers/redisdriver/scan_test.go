package redisdriver_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
)

func list(d drivers.Driver, op drivers.Op, prefix string) []string {
	GinkgoHelper()
	var keys []string
	for key, err := range drivers.Scan(ctx, d, drivers.Command{Op: op, Key: prefix}) {
		Expect(err).NotTo(HaveOccurred())
		keys = append(keys, key)
	}
	return keys
}

// fill puts a value under every key, many a round trip.
func fill(d drivers.Driver, keys []string) {
	GinkgoHelper()
	b := drivers.NewBatch()
	for _, key := range keys {
		b.Items = append(b.Items, drivers.Item{Command: drivers.Command{Op: drivers.OpSet, Key: key}})
	}
	Expect(drivers.DoBatch(ctx, d, b)).To(Succeed())
}

// sorted is quicker to compare than what ConsistOf would match.
func sorted(keys []string) []string {
	slices.Sort(keys)
	return keys
}

func numbered(prefix string, n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprint(prefix, i)
	}
	return keys
}

var _ = Describe("A scan", func() {
	It("takes every character of a hostile prefix for itself", func() {
		server := emptyServer()
		d := driverOf(server.Addr())
		const seed, alphabet = 7, `*?[]\^-a:{}b`
		random := rand.New(rand.NewPCG(seed, seed))
		var prefixes, keys []string
		for range 300 {
			var prefix strings.Builder
			for range 1 + random.IntN(5) {
				prefix.WriteByte(alphabet[random.IntN(len(alphabet))])
			}
			prefixes = append(prefixes, prefix.String())
			keys = append(keys, prefix.String()+":1", prefix.String()+":1:2", prefix.String()+"x:1")
		}
		slices.Sort(keys)
		keys = slices.Compact(keys)
		fill(d, keys)
		for _, prefix := range prefixes {
			var want []string
			for _, key := range keys {
				if strings.HasPrefix(key, prefix+":") {
					want = append(want, key)
				}
			}
			Expect(sorted(list(d, drivers.OpScanKeys, prefix))).To(Equal(want), "%q", prefix)
		}
	})

	It("tells leaves from branches", func() {
		d := driverOf(emptyServer().Addr())
		fill(d, []string{"a:1", "a:2", "a:2:x", "a:3:x", "a:3:y:z", "a", "ab:1", "a::e"})
		Expect(list(d, drivers.OpScanLeaves, "a")).To(ConsistOf("1", "2"))
		Expect(list(d, drivers.OpScanBranches, "a")).To(ConsistOf("2", "3", ""))
	})

	It("never sends KEYS and looks at many keys a page", func() {
		server := emptyServer()
		d := driverOf(server.Addr())
		fill(d, numbered("k:", 3000))
		Expect(list(d, drivers.OpScanKeys, "k")).To(HaveLen(3000))
		counted := calls(server)
		Expect(counted).NotTo(HaveKey("keys"))
		Expect(counted["scan"]).To(BeNumerically("<=", 6))
	})

	It("asks which server answers once for a row of pages that have few keys", func() {
		server := emptyServer()
		d := driverOf(server.Addr())
		fill(d, append(numbered("others:", 30_000), "k:1", "k:2"))
		Expect(list(d, drivers.OpScanKeys, "k")).To(ConsistOf("k:1", "k:2"))
		counted := calls(server)
		Expect(counted["scan"]).To(BeNumerically(">=", 25))
		Expect(counted["info"]).To(BeNumerically("<=", 6))
	})

	It("finds all keys of a cluster, each once", func() {
		cluster := emptyCluster()
		d := redisdriver.New(clusterClient(cluster))
		keys := numbered("k:", 3000)
		fill(d, keys)
		Expect(sorted(list(d, drivers.OpScanKeys, "k"))).To(Equal(sorted(keys)))
		for i := range cluster.Addrs() {
			Expect(calls(cluster.Node(i))).NotTo(HaveKey("keys"))
		}
	})

	It("stops at a break, and leaves nothing running", func() {
		cluster, server := emptyCluster(), emptyServer()
		for _, d := range []drivers.Driver{redisdriver.New(clusterClient(cluster)), driverOf(server.Addr())} {
			fill(d, numbered("k:", 3000))
			list(d, drivers.OpScanKeys, "k") // opens connections
			before := gleak.Goroutines()
			for range drivers.Scan(ctx, d, drivers.Command{Op: drivers.OpScanKeys, Key: "k"}) {
				break
			}
			Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
		}
		Expect(calls(server)["scan"]).To(BeNumerically("<=", 7), "of two scans, the second had one page")
	})

	It("holds no connection while its loop's body runs", func() {
		server := emptyServer()
		client := clientOf(server.Addr(), func(o *redis.Options) { o.PoolSize = 1 })
		d := redisdriver.New(client)
		fill(d, numbered("k:", 20))
		for key, err := range drivers.Scan(ctx, d, drivers.Command{Op: drivers.OpScanKeys, Key: "k"}) {
			Expect(err).NotTo(HaveOccurred())
			Expect(do(d, drivers.Command{Op: drivers.OpDelete, Key: key}).Int).To(BeEquivalentTo(1))
		}
		Expect(ask(server, "DBSIZE")).To(Equal("0"))
	})

	It("yields a failure once and ends", func() {
		server := ownServer()
		proxy := proxied(server.Addr())
		d := driverOf(proxy.Addr())
		fill(d, numbered("k:", 3000))
		var failures int
		for _, err := range drivers.Scan(ctx, d, drivers.Command{Op: drivers.OpScanKeys, Key: "k"}) {
			proxy.Refuse()
			if err != nil {
				failures++
			}
		}
		Expect(failures).To(Equal(1))
	})
})
