package redisdriver_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// cutting makes connections that break once so many bytes have been read.
type cutting struct{ left atomic.Int64 }

func (c *cutting) dialer(o *redis.Options) {
	o.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		return &cutConn{conn, c}, err
	}
}

type cutConn struct {
	net.Conn
	*cutting
}

func (c *cutConn) Read(data []byte) (int, error) {
	left := c.left.Load()
	switch {
	case left < 0: // whole
		return c.Conn.Read(data)
	case left == 0:
		_ = c.Close()
		return 0, io.EOF
	}
	n, err := c.Conn.Read(data[:min(left, int64(len(data)))])
	c.left.Add(-int64(n))
	return n, err
}

// errorsOf counts outcomes by what they are.
func errorsOf(outcomes []answered) (succeeded, unknown, others int) {
	for _, outcome := range outcomes {
		switch {
		case outcome.err == nil:
			succeeded++
		case errors.Is(outcome.err, drivers.ErrIndeterminate):
			unknown++
		default:
			others++
		}
	}
	return succeeded, unknown, others
}

var _ = Describe("A round trip that many share", func() {
	It("leaves the outcome of its writes unknown when its reply is lost, and does not repeat them", func() {
		server := emptyServer()
		proxy := proxied(server.Addr())
		d, _ := noted(proxy.Addr())
		for i := range int64(lost) {
			outcomes := atOnce(d, func() { proxy.DropReplies(1) }, times(10, increment)...)
			Expect(proxy.Dropped()).To(BeTrue())
			succeeded, unknown, _ := errorsOf(outcomes)
			Expect([]int{succeeded, unknown}).To(Equal([]int{0, 10}))
			Expect(count(redisdriver.New(clientOf(server.Addr())))).To(BeEquivalentTo(10 * (i + 1)))
		}
	})

	It("repeats its reads when its reply is lost", func() {
		proxy := proxied(emptyServer().Addr())
		d, _ := noted(proxy.Addr())
		do(d, setOf("k", "v"))
		outcomes := atOnce(d, func() { proxy.DropReplies(2) }, times(10, func(int) drivers.Command { return getOf("k") })...)
		Expect(proxy.Dropped()).To(BeTrue())
		for _, outcome := range outcomes {
			Expect(outcome).To(Equal(answeredWith("v")))
		}
	})

	It("that breaks in the middle gives those their replies for whom they were there", func() {
		server := emptyServer()
		cut := &cutting{}
		cut.left.Store(-1)
		d, _ := noted(server.Addr(), cut.dialer)
		for _, outcome := range atOnce(d, nothing, times(2, increment)...) { // pipelines have connections of their own
			Expect(outcome.err).NotTo(HaveOccurred())
		}
		ask(server, "SET", "length", "1234")
		length := drivers.Command{Op: drivers.OpStrLen, Key: "length"}
		appends := times(10, func(int) drivers.Command { return drivers.Command{Op: drivers.OpAppend, Key: "length", Value: ""} })
		succeeded, unknown, others := errorsOf(atOnce(d, func() { cut.left.Store(int64(len(":4\r\n")*3 + 2)) }, appends...))
		Expect([]int{succeeded, unknown, others}).To(Equal([]int{3, 7, 0}))

		cut.left.Store(-1)
		for range 2 {
			do(d, length)
		}
		outcomes, release := begin(d, times(10, func(int) drivers.Command { return length })...)
		release(func() {
			cut.left.Store(int64(len(":4\r\n") * 3))
			DeferCleanup(cut.left.Store, int64(-1))
			go func() { // the connection breaks, and the next ones do not
				for cut.left.Load() > 0 {
					time.Sleep(time.Millisecond)
				}
				cut.left.Store(-1)
			}()
		})
		succeeded, _, _ = errorsOf(outcomes)
		Expect(succeeded).To(Equal(10))
	})

	It("has executed nothing if the server cannot be reached", func() {
		server := emptyServer()
		proxy := proxied(server.Addr())
		d, _ := noted(proxy.Addr(), func(o *redis.Options) { o.DialerRetries = 1 })
		do(d, add1)
		outcomes := atOnce(d, proxy.Refuse, append(times(10, increment), getOf("k"))...)
		for _, outcome := range outcomes {
			Expect(outcome.err).To(MatchError(drivers.ErrUnavailable))
			Expect(outcome.err).NotTo(MatchError(drivers.ErrIndeterminate))
		}
		Expect(proxy.Heal()).To(Succeed())
		Expect(count(d)).To(BeEquivalentTo(1))
	})

	It("is refused by a server that is no master, by each connection once at most", func() {
		old, promoted := ownServer(), emptyServer()
		var addr atomic.Value
		addr.Store(old.Addr())
		d, _ := noted("the.name:6379", func(o *redis.Options) {
			o.MaxRetries = -1
			o.Dialer = func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, addr.Load().(string))
			}
		})
		publish := times(20, func(int) drivers.Command {
			return drivers.Command{Op: drivers.OpPublish, Key: "topic", Value: "any server takes it"}
		})
		atOnce(d, nothing, publish...) // makes a connection for pipelines
		addr.Store(promoted.Addr())
		ask(old, "REPLICAOF", "127.0.0.1", "1")
		for range 3 {
			for _, outcome := range atOnce(d, nothing, append([]drivers.Command{add1}, publish...)...) {
				Expect(outcome.err).NotTo(HaveOccurred()) // straight, on a new connection
			}
		}
		Expect(count(redisdriver.New(clientOf(promoted.Addr())))).To(BeEquivalentTo(3))
		Expect(ask(old, "INFO", "errorstats")).To(ContainSubstring("errorstat_READONLY:count=1\r"))
	})

	for name, end := range map[string]struct {
		with func() (context.Context, context.CancelFunc)
		err  error
	}{
		"a deadline":     {func() (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, time.Second) }, context.DeadlineExceeded},
		"a cancellation": {func() (context.Context, context.CancelFunc) { return context.WithCancel(ctx) }, context.Canceled},
	} {
		for _, honoured := range []bool{false, true} {
			heeds := func(o *redis.Options) { o.ContextTimeoutEnabled, o.ReadTimeout = honoured, time.Minute }

			It(fmt.Sprintf("has not been begun for whom %s ends the waiting in line (ContextTimeoutEnabled: %v)", name, honoured), func() {
				d, _ := noted(emptyServer().Addr(), heeds)
				do(d, add1)
				outcomes, release := begin(d, times(3, increment)...)
				short, cancel := end.with()
				result := make(chan error, 1)
				go func() { _, err := d.Do(short, add1); result <- err }()
				Eventually(func() int { return redisdriver.Waiting(d) }).Should(Equal(4))
				if name == "a cancellation" {
					cancel()
				}
				defer cancel()
				Expect(<-result).To(Equal(end.err))
				release(nothing)
				succeeded, _, _ := errorsOf(outcomes)
				Expect(succeeded).To(Equal(3))
				Expect(count(d)).To(BeEquivalentTo(4))
			})

			It(fmt.Sprintf("goes on for the others when %s ends one (ContextTimeoutEnabled: %v)", name, honoured), func() {
				server := ownServer()
				d, sent := noted(server.Addr(), heeds)
				atOnce(d, nothing, append(times(3, increment), getOf("k"), getOf("k"))...) // makes connections for pipelines
				under := make(chan struct{}, 2)
				sent.inside = func() { under <- struct{}{} }
				outcomes, release := begin(d, append(times(3, increment), getOf("k"))...)
				lasting, cancel := end.with()
				defer cancel()
				written, read := make(chan error, 1), make(chan error, 1)
				go func() { _, err := d.Do(lasting, add1); written <- err }()
				go func() { _, err := d.Do(lasting, getOf("k")); read <- err }()
				Eventually(func() int { return redisdriver.Waiting(d) }).Should(Equal(6))
				Expect(server.Pause()).To(Succeed())
				finished := make(chan struct{})
				go func() { defer close(finished); release(nothing) }()
				<-under
				<-under
				if name == "a cancellation" {
					cancel()
				}
				Expect(<-written).To(And(MatchError(drivers.ErrIndeterminate), MatchError(end.err)))
				Expect(<-read).To(Equal(end.err))
				Expect(finished).NotTo(BeClosed())
				Expect(server.Resume()).To(Succeed())
				<-finished
				succeeded, _, _ := errorsOf(outcomes)
				Expect(succeeded).To(Equal(4))
				Expect(count(d)).To(BeEquivalentTo(7))
			})
		}
	}
})

func answeredWith(value string) answered { return answered{reply: drivers.Reply{Value: value}} }

var _ = Describe("Round trips that many share in a cluster", Label(suite.Cluster, suite.Slow), func() {
	It("go to the server that has the keys, each server's apart", func() {
		d := redisdriver.New(clusterClient(emptyCluster()))
		cmds := times(60, func(i int) drivers.Command { return setOf(fmt.Sprint("key", i), fmt.Sprint(i)) })
		for _, cmd := range cmds {
			do(d, cmd)
		}
		for _, outcome := range atOnce(d, nothing, cmds...) {
			Expect(outcome.err).NotTo(HaveOccurred())
		}
		reads := times(60, func(i int) drivers.Command { return getOf(fmt.Sprint("key", i)) })
		for i, outcome := range atOnce(d, nothing, reads...) {
			Expect(outcome).To(Equal(answeredWith(fmt.Sprint(i))))
		}
	})

	It("leave the outcome of writes unknown when a reply is lost, and do not repeat them", func() {
		client, proxy := throughProxies(emptyCluster())
		d := redisdriver.New(client)
		for range 5 {
			do(d, add1)
			before := count(d)
			outcomes := atOnce(d, func() { proxy.DropReplies(1) }, times(10, increment)...)
			Expect(proxy.Dropped()).To(BeTrue())
			_, unknown, others := errorsOf(outcomes)
			Expect([]int{unknown, others}).To(Equal([]int{10, 0}))
			Expect(count(d)).To(Equal(before + 10))
		}
	})

	It("follow slots that move, and execute each write once", func() {
		cluster, err := redisserver.StartCluster(3, 0)
		needServer(err)
		DeferCleanup(cluster.Stop)
		d := redisdriver.New(clusterClient(cluster))
		do(d, add1)
		const callers = 32
		var running sync.WaitGroup
		var written atomic.Int64
		failed := make(chan error, callers)
		over := make(chan struct{})
		for range callers {
			running.Go(func() {
				for {
					select {
					case <-over:
						return
					default:
					}
					_, err := d.Do(ctx, add1)
					if err == nil {
						_, err = d.Do(ctx, drivers.Command{Op: drivers.OpBitGet, Key: "n", Bits: add1.Bits})
						written.Add(1)
					}
					if err != nil {
						failed <- err
						return
					}
				}
			})
		}
		progress := func() {
			from := written.Load()
			Eventually(written.Load).Should(BeNumerically(">", from+500))
		}
		m, err := cluster.Move("n")
		Expect(err).NotTo(HaveOccurred())
		progress()
		Expect(m.Begin()).To(Succeed())
		progress()
		Expect(m.Carry("n")).To(Succeed())
		progress()
		Expect(m.End()).To(Succeed())
		progress()
		close(over)
		running.Wait()
		Expect(failed).NotTo(Receive())
		Expect(count(d)).To(Equal(written.Load() + 1))
	})
})
