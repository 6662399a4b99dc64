package redisdriver_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// waits are the commands that wait, each with what makes something to answer with. All
// lie in one slot of a cluster.
var waits = map[string]struct {
	given []drivers.Command
	cmd   drivers.Command
	feed  drivers.Command
	reads bool
}{
	"a pop from the left":  {cmd: popFrom(drivers.OpLPop, "{w}l"), feed: feedList},
	"a pop from the right": {cmd: popFrom(drivers.OpRPop, "{w}l"), feed: feedList},
	"a move":               {cmd: drivers.Command{Op: drivers.OpLMove, Key: "{w}l", Extra: &drivers.Extra{Keys: []string{"{w}m"}}}, feed: feedList},
	"a pop of the lowest":  {cmd: popFrom(drivers.OpZPopMin, "{w}z"), feed: feedSortedSet},
	"a pop from any list":  {cmd: drivers.Command{Op: drivers.OpLMPop, Key: "{w}none", Extra: &drivers.Extra{Keys: []string{"{w}l"}}, Amount: 1}, feed: feedList},
	"a pop from any set":   {cmd: drivers.Command{Op: drivers.OpZMPop, Key: "{w}none", Extra: &drivers.Extra{Keys: []string{"{w}z"}}, Amount: 1}, feed: feedSortedSet},
	"a pop of the highest": {cmd: popFrom(drivers.OpZPopMax, "{w}z"), feed: feedSortedSet},
	"a read":               {cmd: drivers.Command{Op: drivers.OpXRead, Key: "{w}s", Value: "0-0"}, feed: feedStream, reads: true},
	"a read of a group": {
		given: []drivers.Command{{Op: drivers.OpXGroupCreate, Key: "{w}s", Value: "group", Extra: &drivers.Extra{Expected: "0-0"}}},
		cmd:   drivers.Command{Op: drivers.OpXReadGroup, Key: "{w}s", Value: "group", Extra: &drivers.Extra{Expected: "ann", Min: drivers.NewEntries}},
		feed:  feedStream,
	},
}

var (
	feedList      = drivers.Command{Op: drivers.OpRPush, Key: "{w}l", Values: []string{"a"}}
	feedSortedSet = drivers.Command{Op: drivers.OpZAdd, Key: "{w}z", Values: []string{"a"}, Extra: &drivers.Extra{Scores: []float64{1}}}
	feedStream    = drivers.Command{Op: drivers.OpXAdd, Key: "{w}s", Value: "1-1", Values: []string{"f", "v"}}
)

func popFrom(op drivers.Op, key string) drivers.Command {
	return drivers.Command{Op: op, Key: key, Amount: 1}
}

// outcome is what a wait ended with.
type outcome struct {
	reply drivers.Reply
	err   error
}

// blockAt waits in a goroutine, and returns once the server knows of it.
func blockAt(ctx context.Context, d drivers.Driver, server *redisserver.Server, cmd drivers.Command) <-chan outcome {
	GinkgoHelper()
	done := make(chan outcome, 1)
	go func() {
		reply, err := drivers.Block(ctx, d, cmd)
		done <- outcome{reply, err}
	}()
	awaitBlocked(server, 1)
	return done
}

func awaitBlocked(server *redisserver.Server, clients int) {
	GinkgoHelper()
	Eventually(func() string { return ask(server, "INFO", "clients") }).WithPolling(time.Millisecond).
		Should(ContainSubstring(fmt.Sprintf("blocked_clients:%d\r", clients)))
}

func ended(wait <-chan outcome) (got outcome) {
	GinkgoHelper()
	Eventually(wait).Should(Receive(&got))
	return got
}

// endsOf waits in several goroutines, and returns once the server knows of all.
func endsOf(ctx context.Context, d *redisdriver.Driver, server *redisserver.Server, waits int) <-chan outcome {
	GinkgoHelper()
	ends := make(chan outcome, waits)
	for range waits {
		go func() {
			reply, err := d.Block(ctx, popOne)
			ends <- outcome{reply, err}
		}()
	}
	awaitBlocked(server, waits)
	return ends
}

var _ = Describe("What waits", Label(suite.Slow), func() {
	for name, w := range waits {
		It(name+": on a server that is killed is told so, and leaves nothing behind", func() {
			server := ownServer()
			d := driverOf(server.Addr())
			for _, cmd := range append(w.given, drivers.Command{Op: drivers.OpExists, Key: "k"}) {
				do(d, cmd)
			}
			before := gleak.Goroutines()
			wait := blockAt(ctx, d, server, w.cmd)
			server.Kill()
			got := ended(wait)
			Expect(got.err).To(HaveOccurred())
			Expect(got.reply).To(BeZero())
			Expect(errors.Is(got.err, drivers.ErrIndeterminate)).To(Equal(!w.reads), "%v", got.err)
			_, err := drivers.Block(ctx, d, w.cmd)
			Expect(err).To(HaveOccurred())
			Expect(err).NotTo(MatchError(drivers.ErrIndeterminate), "it cannot have been sent any more")
			Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
		})
	}

	It("is told where no connection is left to wait on, and has taken nothing out", func() {
		server := emptyServer()
		d := driverOf(server.Addr(), func(o *redis.Options) { o.PoolSize, o.PoolTimeout = 2, 50*time.Millisecond })
		first := blockAt(ctx, d, server, popOne)
		second := make(chan outcome, 1)
		go func() {
			reply, err := d.Block(ctx, popOne)
			second <- outcome{reply, err}
		}()
		awaitBlocked(server, 2)
		_, err := d.Block(ctx, popOne)
		Expect(err).To(MatchError(redis.ErrPoolTimeout))
		Expect(err).NotTo(MatchError(drivers.ErrIndeterminate))
		direct := driverOf(server.Addr())
		for _, wait := range []<-chan outcome{first, second} {
			do(direct, pushOne("a"))
			Expect(ended(wait)).To(Equal(outcome{reply: drivers.Reply{Values: []string{"a"}}}))
		}
		do(direct, pushOne("b"))
		reply, err := d.Block(ctx, popOne)
		Expect(err).NotTo(HaveOccurred())
		Expect(reply.Values).To(Equal([]string{"b"}), "the connections are back")
	})

	It("is given up where it ends while waits hold every connection, and takes nothing out", func() {
		server := emptyServer()
		d := driverOf(server.Addr(), func(o *redis.Options) { o.PoolSize, o.PoolTimeout = 2, 50*time.Millisecond })
		own, cancel := context.WithCancel(ctx)
		ends := endsOf(own, d, server, 2)
		cancel()
		for range 2 {
			got := ended(ends)
			Expect(got.err).To(MatchError(context.Canceled))
			Expect(got.err).NotTo(MatchError(drivers.ErrIndeterminate))
		}
		do(d, pushOne("a"))
		Expect(do(d, drivers.Command{Op: drivers.OpLLen, Key: "queue"}).Int).To(BeEquivalentTo(1))
	})

	It("is told where it ends while no connection at all is left to say so to the server, and what may be lost", func() {
		server := emptyServer()
		d := driverOf(server.Addr(), func(o *redis.Options) {
			o.PoolSize, o.PoolTimeout, o.PipelinePoolSize = 2, 50*time.Millisecond, -1
		})
		own, cancel := context.WithCancel(ctx)
		ends := endsOf(own, d, server, 2)
		cancel()
		untold := int64(2)
		for range 2 {
			got := ended(ends)
			Expect(got.err).To(MatchError(context.Canceled))
			if errors.Is(got.err, drivers.ErrIndeterminate) {
				untold--
			}
		}
		direct := driverOf(server.Addr())
		for range 2 {
			do(direct, pushOne("a"))
		}
		awaitBlocked(server, 0)
		Expect(do(direct, drivers.Command{Op: drivers.OpLLen, Key: "queue"}).Int).To(BeNumerically(">=", untold), "an element is gone, and nobody was told")
	})
})
