package redisdriver_test

import (
	"context"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

var _ = Describe("A driver of a URL", func() {
	It("works on the server, in the database, and closes its connections", func() {
		server := ownServer()
		d, err := redisdriver.Open("redis://" + server.Addr() + "/3")
		Expect(err).NotTo(HaveOccurred())
		do(d, setOf("k", "value"))
		Expect(ask(server, "INFO", "keyspace")).To(ContainSubstring("db3:keys=1"))
		connected := func() string { return ask(server, "CLIENT", "LIST", "TYPE", "normal") }
		Expect(connected()).To(ContainSubstring(" db=3 "))
		Expect(drivers.Close(d)).To(Succeed())
		Expect(drivers.Close(d)).To(Succeed())
		Expect(d.Do(context.Background(), getOf("k"))).Error().To(MatchError(drivers.ErrClosed))
		Eventually(connected).ShouldNot(ContainSubstring(" db=3 "))
	})

	It("ends its calls in time by itself, without a goroutine", func() {
		d, err := redisdriver.Open("redis://" + emptyServer().Addr())
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(drivers.Close, d)
		Expect(redisdriver.HonorsDeadlines(d)).To(BeTrue())
	})

	It("has the abilities of one of a client", func() {
		d, err := redisdriver.Open("redis://" + emptyServer().Addr())
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(drivers.Close, d)
		_, can := d.(able)
		Expect(can).To(BeTrue())
	})

	It("works on a cluster of which it names one server, or several", Label(suite.Cluster), func() {
		addrs := emptyCluster().Addrs()
		for _, parameters := range []string{"", "?addr=" + strings.Join(addrs[1:], "&addr=")} {
			d, err := redisdriver.OpenCluster("redis://" + addrs[0] + parameters)
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(drivers.Close, d)
			for _, key := range []string{"a", "b", "c", "d"} {
				do(d, setOf(key, key))
				Expect(do(d, getOf(key)).Value).To(Equal(key))
			}
			Expect(redisdriver.HonorsDeadlines(d)).To(BeTrue())
		}
	})

	DescribeTable("is refused where there can be none, and no password is shown", func(address, says string) {
		for _, open := range []func(string) (drivers.Driver, error){redisdriver.Open, redisdriver.OpenCluster} {
			d, err := open(address)
			Expect(d).To(BeNil())
			Expect(err).To(MatchError(drivers.ErrInvalid))
			Expect(err).To(MatchError(ContainSubstring(says)))
			Expect(err.Error()).NotTo(ContainSubstring("secret"))
		}
	},
		Entry("as it is empty", "", "scheme"),
		Entry("as it is no URL", "localhost:6379", "scheme: localhost: an address is a URL, as redis://localhost:6379 is"),
		Entry("as it cannot be read", "redis://ann:secret@local host:6379", "redis://localhost:6379"),
		Entry("as it is of something else", "https://ann:secret@localhost", "scheme"),
		Entry("as it has an unknown parameter", "redis://ann:secret@localhost?pol_size=3", "pol_size"),
	)
})

// able is what the Redis driver can do.
type able interface {
	drivers.Batcher
	drivers.Watcher
	drivers.Scanner
	drivers.Blocker
	drivers.Subscriber
	drivers.Follower
	drivers.Evicter
	drivers.Pinger
	Pool() drivers.Pool
}
