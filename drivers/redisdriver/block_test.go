package redisdriver_test

import (
	"context"
	"runtime"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

var (
	popOne  = drivers.Command{Op: drivers.OpLPop, Key: "queue", Amount: 1}
	readOne = drivers.Command{Op: drivers.OpXRead, Key: "stream", Value: "0-0"}
)

// lessThanASlice is before the server ends a wait by itself.
const lessThanASlice = 4 * time.Second

func pushOne(element string) drivers.Command {
	return drivers.Command{Op: drivers.OpRPush, Key: "queue", Values: []string{element}}
}

// waitFor waits in a goroutine, and returns once the server knows of it.
func waitFor(ctx context.Context, d drivers.Driver, server *redisserver.Server, cmd drivers.Command) <-chan error {
	GinkgoHelper()
	done := make(chan error, 1)
	go func() {
		_, err := drivers.Block(ctx, d, cmd)
		done <- err
	}()
	Eventually(func() string { return ask(server, "INFO", "clients") }).WithPolling(time.Millisecond).Should(ContainSubstring("blocked_clients:1"))
	return done
}

var _ = Describe("Waiting", Label(suite.Slow), func() {
	It("takes one round trip where there is something", func() {
		server := emptyServer()
		d := driverOf(server.Addr())
		do(d, pushOne("a"))
		before := calls(server)
		reply, err := d.Block(ctx, popOne)
		Expect(err).NotTo(HaveOccurred())
		Expect(reply.Values).To(Equal([]string{"a"}))
		after := calls(server)
		Expect(after["lpop"] - before["lpop"]).To(Equal(1))
		Expect(after).NotTo(HaveKey("blmpop"))
	})

	DescribeTable("on a server that is killed", func(cmd drivers.Command, lost bool) {
		server := ownServer()
		wait := waitFor(ctx, driverOf(server.Addr()), server, cmd)
		server.Kill()
		var err error
		Eventually(wait).Should(Receive(&err))
		Expect(err).To(HaveOccurred())
		if lost {
			Expect(err).To(MatchError(drivers.ErrIndeterminate))
		} else {
			Expect(err).NotTo(MatchError(drivers.ErrIndeterminate))
		}
	},
		Entry("is ErrIndeterminate for what takes something out", popOne, true),
		Entry("is an error for what reads", readOne, false),
	)

	It("with a connection that is lost is ErrIndeterminate, and is not tried again", func() {
		server := emptyServer()
		proxy := proxied(server.Addr())
		wait := waitFor(ctx, driverOf(proxy.Addr()), server, popOne)
		proxy.DropReplies(0)
		proxy.Refuse()
		var err error
		Eventually(wait).Should(Receive(&err))
		Expect(err).To(MatchError(drivers.ErrIndeterminate))
		Expect(calls(server)["blmpop"]).To(BeNumerically("<=", 1))
	})

	It("on a server that does not answer any more ends with its context all the same", func() {
		server := ownServer()
		own, cancel := context.WithCancel(ctx)
		wait := waitFor(own, driverOf(server.Addr()), server, popOne)
		Expect(server.Pause()).To(Succeed())
		cancel()
		var err error
		Eventually(wait).WithTimeout(lessThanASlice).Should(Receive(&err))
		Expect(err).To(And(MatchError(drivers.ErrIndeterminate), MatchError(context.Canceled)))
		Expect(server.Resume()).To(Succeed())
	})

	It("goes on beyond what the server waits at a time, and nobody else is woken by a context that ended", func() {
		server := emptyServer()
		d := driverOf(server.Addr())
		wait := waitFor(ctx, d, server, popOne)
		for range 3 {
			brief, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
			_, err := d.Block(brief, drivers.Command{Op: drivers.OpLPop, Key: "other", Amount: 1})
			cancel()
			Expect(err).To(MatchError(context.DeadlineExceeded))
		}
		Consistently(wait, "5500ms").ShouldNot(Receive())
		do(d, pushOne("a"))
		Eventually(wait).Should(Receive(BeNil()))
		Expect(calls(server)["blmpop"]).To(Equal(5))
	})

	It("leaves no goroutine and no connection behind, however it ends", func() {
		server := emptyServer()
		client := clientOf(server.Addr())
		round := func() {
			for i := range 20 {
				d := redisdriver.New(client)
				own, cancel := context.WithCancel(ctx)
				wait := waitFor(own, d, server, popOne)
				switch i % 3 {
				case 0:
					cancel()
				case 1:
					do(d, pushOne("a"))
				default:
					Expect(d.Close()).To(Succeed())
				}
				Eventually(wait).Should(Receive())
				cancel()
			}
		}
		round()
		before := runtime.NumGoroutine()
		round()
		Eventually(runtime.NumGoroutine).Should(BeNumerically("<=", before))
		stats := client.PoolStats()
		Expect(stats.TotalConns).To(BeNumerically("<=", 3))
		Expect(stats.IdleConns).To(Equal(stats.TotalConns))
	})

	It("ends soon with its context, even where all other connections wait", func() {
		server := emptyServer()
		d := driverOf(server.Addr(), func(options *redis.Options) { options.PoolSize = 1; options.PoolTimeout = 50 * time.Millisecond })
		own, cancel := context.WithCancel(ctx)
		wait := waitFor(own, d, server, popOne)
		cancel()
		var err error
		Eventually(wait).WithTimeout(lessThanASlice).Should(Receive(&err))
		Expect(err).To(MatchError(context.Canceled))
	})
})
