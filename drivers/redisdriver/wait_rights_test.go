package redisdriver_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"regexp"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// as makes a client that of a user who has these rights besides those to every key and channel.
func as(server *redisserver.Server, rights ...string) func(*redis.Options) {
	GinkgoHelper()
	user := "user-" + strconv.FormatUint(rand.Uint64(), 36)
	ask(server, append([]string{"ACL", "SETUSER", user, "on", ">secret", "~*", "&*"}, rights...)...)
	DeferCleanup(func() { _, _ = server.Ask("ACL", "DELUSER", user) })
	return func(o *redis.Options) { o.Username, o.Password = user, "secret" }
}

var rejections = regexp.MustCompile(`cmdstat_client\|unblock:calls=(\d+).*rejected_calls=(\d+)`)

// unblocks counts the calls of CLIENT UNBLOCK, and those that were refused.
func unblocks(server *redisserver.Server) (calls, refused string) {
	GinkgoHelper()
	found := rejections.FindStringSubmatch(ask(server, "INFO", "commandstats"))
	if found == nil {
		return "0", "0"
	}
	return found[1], found[2]
}

var _ = Describe("A wait of a user", Label(suite.Slow), func() {
	for name, rights := range map[string][]string{
		"with -@dangerous":          {"+@all", "-@dangerous"},
		"with -@admin":              {"+@all", "-@admin"},
		"without any CLIENT":        {"+@all", "-client"},
		"who may pop and push only": {"+lpop", "+blmpop", "+rpush", "+llen"},
	} {
		Context(name, func() {
			It("ends soon with its context, is refused once, and takes nothing that is pushed later", func() {
				server := emptyServer()
				d := driverOf(server.Addr(), as(server, rights...))
				for range 10 {
					own, cancel := context.WithCancel(ctx)
					wait := blockAt(own, d, server, popOne)
					cancel()
					got := ended(wait)
					Expect(got).To(Equal(outcome{err: context.Canceled}))
					do(d, pushOne("a"))
					Expect(do(d, popOne).Values).To(Equal([]string{"a"}))
				}
				calls, refused := unblocks(server)
				Expect([]string{calls, refused}).To(Equal([]string{"0", "1"}))
			})

			It("loses nothing that is pushed as its context ends", func() {
				server := emptyServer()
				d := driverOf(server.Addr(), as(server, rights...))
				for range 20 {
					own, cancel := context.WithCancel(ctx)
					wait := blockAt(own, d, server, popOne)
					go cancel()
					do(d, pushOne("a"))
					if got := ended(wait); got.err != nil {
						Expect(got).To(Equal(outcome{err: context.Canceled}))
						Expect(do(d, popOne).Values).To(Equal([]string{"a"}))
					} else {
						Expect(got.reply.Values).To(Equal([]string{"a"}))
						Expect(do(d, drivers.Command{Op: drivers.OpLLen, Key: "queue"}).Int).To(BeZero())
					}
				}
			})

			It("is answered, however long it lasts", func() {
				server := emptyServer()
				d := driverOf(server.Addr(), as(server, rights...))
				wait := blockAt(ctx, d, server, popOne)
				Eventually(func() int { return calls(server)["blmpop"] }).Should(BeNumerically(">", 4))
				do(d, pushOne("a"))
				Expect(ended(wait)).To(Equal(outcome{reply: drivers.Reply{Values: []string{"a"}}}))
			})
		})
	}

	It("who may unblock a client is given up by the server, which is asked for that alone", func() {
		server := emptyServer()
		d := driverOf(server.Addr(), as(server, "+lpop", "+blmpop", "+client|id", "+client|unblock"))
		own, cancel := context.WithCancel(ctx)
		wait := blockAt(own, d, server, popOne)
		cancel()
		Expect(ended(wait)).To(Equal(outcome{err: context.Canceled}))
		calls, refused := unblocks(server)
		Expect(calls).NotTo(Equal("0"))
		Expect(refused).To(Equal("0"))
	})

	It("whose right is taken away meanwhile does not ask again, and is told what may be lost", func() {
		server := emptyServer()
		user := as(server, "+@all")
		d := driverOf(server.Addr(), user)
		own, cancel := context.WithCancel(ctx)
		wait := blockAt(own, d, server, popOne)
		var options redis.Options
		user(&options)
		ask(server, "ACL", "SETUSER", options.Username, "-@dangerous")
		cancel()
		got := ended(wait)
		Expect(got.err).To(And(MatchError(drivers.ErrIndeterminate), MatchError(context.Canceled)))
		_, refused := unblocks(server)
		Expect(refused).To(Equal("1"))
		ask(server, "RPUSH", "queue", "a") // which ends the wait that was left behind
	})

	It("whose rights are taken away between two waits goes on without", func() {
		server := emptyServer()
		user := as(server, "+@all")
		d := driverOf(server.Addr(), user)
		wait := blockAt(ctx, d, server, popOne)
		do(d, pushOne("a"))
		Expect(ended(wait).err).NotTo(HaveOccurred())
		var options redis.Options
		user(&options)
		ask(server, "ACL", "SETUSER", options.Username, "-client")
		for range 2 {
			own, cancel := context.WithCancel(ctx)
			wait = blockAt(own, d, server, popOne)
			cancel()
			Expect(ended(wait)).To(Equal(outcome{err: context.Canceled}))
			do(d, pushOne("a"))
			Expect(do(d, popOne).Values).To(Equal([]string{"a"}))
		}
	})

	It("without the right ends with its driver, too", func() {
		server := emptyServer()
		d := driverOf(server.Addr(), as(server, "+@all", "-@dangerous"))
		wait := blockAt(ctx, d, server, popOne)
		Expect(d.Close()).To(Succeed())
		Expect(ended(wait).err).To(MatchError(drivers.ErrClosed))
	})

	It("without the right on a server that does not answer any more ends with its context all the same", func() {
		server := ownServer()
		d := driverOf(server.Addr(), as(server, "+@all", "-@dangerous"))
		own, cancel := context.WithCancel(ctx)
		wait := blockAt(own, d, server, popOne)
		Expect(server.Pause()).To(Succeed())
		cancel()
		got := ended(wait)
		Expect(server.Resume()).To(Succeed())
		Expect(got.err).To(MatchError(context.Canceled))
	})

	It("with the rights that lists, and a cluster, take waits in a cluster as well", func() {
		cluster := emptyCluster()
		for i := range cluster.Addrs() {
			ask(cluster.Node(i), append([]string{"ACL", "SETUSER", "waiter", "on", ">secret", "~*"}, redisdriver.RightsOf("lists", "a cluster")...)...)
			DeferCleanup(func() { _, _ = cluster.Node(i).Ask("ACL", "DELUSER", "waiter") })
		}
		client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: cluster.Addrs(), Username: "waiter", Password: "secret"})
		DeferCleanup(client.Close)
		d := redisdriver.New(client)
		for range 3 {
			own, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			_, err := d.Block(own, popOne)
			cancel()
			Expect(errors.Is(err, drivers.ErrIndeterminate)).To(BeFalse())
			Expect(err).To(MatchError(context.DeadlineExceeded))
			do(d, pushOne("a"))
			Expect(do(d, popOne).Values).To(Equal([]string{"a"}))
		}
	})
})
