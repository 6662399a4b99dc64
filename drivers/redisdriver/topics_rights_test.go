package redisdriver_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
)

// hearing listens to a channel, and returns once it does.
func hearing(d *redisdriver.Driver, channel string) <-chan string {
	GinkgoHelper()
	heard, ready := make(chan string, 1), make(chan struct{})
	go func() {
		defer GinkgoRecover()
		for message, err := range d.Subscribe(ctx, drivers.Command{Key: channel}, func() { close(ready) }) {
			Expect(err).NotTo(HaveOccurred())
			heard <- message
			return
		}
	}()
	Eventually(ready).Should(BeClosed())
	return heard
}

var _ = Describe("A topic", func() {
	hello := drivers.Command{Op: drivers.OpPublish, Key: "topic", Value: "hello"}

	It("in a cluster takes the rights of its row, and of a cluster", func() {
		cluster := emptyCluster()
		for i := range cluster.Addrs() {
			rules := append([]string{"ACL", "SETUSER", "listener", "on", ">secret", "&*"}, redisdriver.RightsOf("topics in a cluster", "a cluster")...)
			ask(cluster.Node(i), rules...)
			DeferCleanup(func() { _, _ = cluster.Node(i).Ask("ACL", "DELUSER", "listener") })
		}
		client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: cluster.Addrs(), Username: "listener", Password: "secret"})
		DeferCleanup(client.Close)
		d := redisdriver.New(client)
		heard := hearing(d, "topic")
		do(d, hello)
		Eventually(heard).Should(Receive(Equal("hello")))
	})

	It("is heard in every database of a server", func() {
		server := emptyServer()
		heard := hearing(driverOf(server.Addr()), "topic")
		do(driverOf(server.Addr(), func(o *redis.Options) { o.DB = 5 }), hello)
		Eventually(heard).Should(Receive(Equal("hello")))
	})
})
