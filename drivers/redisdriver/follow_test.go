package redisdriver_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
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

// What a follower is told beside keys.
const (
	ready  = "it hears"
	missed = "it missed something"
)

// follower is a loop on a goroutine of its own.
type follower struct {
	told  chan string // in order
	end   context.CancelFunc
	ended chan error
}

// follow follows keys until the spec ends, if not before.
func follow(d drivers.Driver, keys ...string) follower {
	ctx, cancel := context.WithCancel(ctx)
	f := follower{make(chan string, 200_000), cancel, make(chan error, 1)}
	go func() {
		for key, err := range drivers.Follow(ctx, d, keys, func() { f.told <- ready }) {
			switch {
			case errors.Is(err, drivers.ErrMissed):
				key = missed
			case err != nil:
				f.ended <- err
				return
			}
			f.told <- key
		}
		f.ended <- nil
	}()
	DeferCleanup(func() { cancel() })
	return f
}

// following is follow once that hears.
func following(d drivers.Driver, keys ...string) follower {
	GinkgoHelper()
	f := follow(d, keys...)
	f.expects(ready)
	return f
}

// expects that nothing else is told before what is expected, in that order. It may take as long as it takes a server to be
// taken for dead, and another to take its place.
func (f follower) expects(what ...string) {
	GinkgoHelper()
	for _, want := range what {
		var got string
		Eventually(f.told).Should(Receive(&got))
		Expect(got).To(Equal(want))
	}
}

// recovers expects that something was missed, and that it hears again: of a key that is written then.
func (f follower) recovers(write func()) {
	GinkgoHelper()
	f.expects(missed, ready)
	f.hears(write, "k")
}

// hears expects that a key is told once it is written, whatever may have been missed again meanwhile.
func (f follower) hears(write func(), key string) {
	GinkgoHelper()
	write()
	for got := ""; got != key; {
		Eventually(f.told).Should(Receive(&got))
		if got == ready {
			write()
		}
	}
}

func (f follower) endsWith(err error) (end error) {
	GinkgoHelper()
	Eventually(f.ended).Should(Receive(&end))
	Expect(end).To(MatchError(err))
	return end
}

// trackers counts the connections that a server tells of changes.
func trackers(server *redisserver.Server) (count int) {
	GinkgoHelper()
	for client := range strings.Lines(ask(server, "CLIENT", "LIST")) {
		for field := range strings.FieldsSeq(client) {
			if flags, found := strings.CutPrefix(field, "flags="); found && strings.Contains(flags, "B") {
				count++
			}
		}
	}
	return count
}

// says is a number in what INFO says.
func says(server *redisserver.Server, name string) (number int) {
	GinkgoHelper()
	for line := range strings.Lines(ask(server, "INFO")) {
		if text, found := strings.CutPrefix(line, name+":"); found {
			_, err := fmt.Sscan(text, &number)
			Expect(err).NotTo(HaveOccurred())
			return number
		}
	}
	Fail("the server does not say " + name)
	return 0
}

func setting(d drivers.Driver, key string) func() {
	return func() {
		GinkgoHelper()
		do(d, drivers.Command{Op: drivers.OpSet, Key: key, Value: "v"})
	}
}

var _ = Describe("Followers of one driver", func() {
	It("share one connection, which is none of the client's, and goes with the last of them", func() {
		server := ownServer()
		d := driverOf(server.Addr(), func(o *redis.Options) { o.PoolSize = 1 })
		do(d, drivers.Command{Op: drivers.OpExists, Key: "k"})
		before := gleak.Goroutines()
		followers := make([]follower, 100)
		for i := range followers {
			followers[i] = follow(d, fmt.Sprint("game:", i))
		}
		for i, f := range followers {
			f.expects(ready)
			f.hears(setting(d, fmt.Sprint("game:", i, ":moves")), fmt.Sprint("game:", i, ":moves"))
		}
		Eventually(func() int { return trackers(server) }).Should(Equal(1)) // another may be about to be given up
		Expect(d.Pool()).To(Equal(drivers.Pool{Idle: 1}))
		for _, f := range followers[1:] {
			f.end()
			f.endsWith(context.Canceled)
		}
		Expect(trackers(server)).To(Equal(1))
		followers[0].end()
		followers[0].endsWith(context.Canceled)
		Eventually(func() int { return trackers(server) }).Should(BeZero())
		Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
		following(d, "k") // and another comes with the next
	})

	It("miss nothing when others come, whatever those follow, and go", func() {
		server := emptyServer()
		d, other := driverOf(server.Addr()), driverOf(server.Addr())
		f := following(d, "count")
		var joining sync.WaitGroup
		joined := make(chan struct{})
		joining.Go(func() {
			for i := range 60 {
				key := []string{"", "count:", "other:", "c"}[i%4] + fmt.Sprint(i%7)
				f := follow(d, key)
				f.expects(ready)
				f.end()
			}
		})
		go func() { joining.Wait(); close(joined) }()
		var all []string
		for writing := true; writing; {
			for range 100 {
				key := fmt.Sprint("count:", len(all))
				do(other, drivers.Command{Op: drivers.OpSet, Key: key})
				all = append(all, key)
			}
			select {
			case <-joined:
				writing = false
			default:
			}
		}
		told := map[string]bool{}
		for len(told) < len(all) {
			var key string
			Eventually(f.told).Should(Receive(&key), "%d of %d keys", len(told), len(all))
			Expect(key).To(HavePrefix("count:"))
			told[key] = true
		}
	})

	It("end with the driver, which leaves nothing behind", func() {
		server := ownServer()
		d := driverOf(server.Addr())
		do(d, drivers.Command{Op: drivers.OpExists, Key: "k"})
		before := gleak.Goroutines()
		one, two := following(d, "k"), following(d, "other")
		Expect(d.Close()).To(Succeed())
		one.endsWith(drivers.ErrClosed)
		two.endsWith(drivers.ErrClosed)
		Eventually(func() int { return trackers(server) }).Should(BeZero())
		Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
	})

	It("that are slow keep no others waiting", func() {
		server := emptyServer()
		d := driverOf(server.Addr())
		own, cancel := context.WithCancel(ctx)
		stuck, over := make(chan struct{}), make(chan struct{})
		isStuck := sync.OnceFunc(func() { close(stuck) })
		hears := make(chan struct{})
		go func() {
			defer close(over)
			for range drivers.Follow(own, d, []string{"k"}, sync.OnceFunc(func() { close(hears) })) {
				isStuck()
				<-own.Done()
			}
		}()
		Eventually(hears).Should(BeClosed())
		f := following(d, "k")
		f.hears(setting(d, "k"), "k")
		Eventually(stuck).Should(BeClosed())
		for i := range 100 {
			key := fmt.Sprint("k:", i)
			f.hears(setting(d, key), key)
		}
		cancel()
		Eventually(over).Should(BeClosed())
	})
})

var _ = Describe("What a follower is told", func() {
	It("comes from every database of the server, and to every one", func() {
		server := emptyServer()
		in := func(db int) *redisdriver.Driver {
			return driverOf(server.Addr(), func(o *redis.Options) { o.DB = db })
		}
		f := following(in(3), "k")
		f.hears(setting(in(0), "k"), "k")
		f.hears(setting(in(3), "k:3"), "k:3")
	})

	It("is nothing of keys that begin likewise, even where the server has to tell of them", func() {
		server := emptyServer()
		d := driverOf(server.Addr())
		one, all := following(d, "user:7"), following(d, "user")
		more := following(d, "user:71")
		for _, key := range []string{"user:77", "users", "user:71:name", "user:7"} {
			setting(d, key)()
		}
		setting(d, "user")()
		one.expects("user:7")
		more.expects("user:71:name")
		all.hears(func() {}, "user")
	})

	It("is of 10,000 keys, of which the server compares no more than 32 beginnings with each key that is written", func() {
		server := ownServer()
		d := driverOf(server.Addr())
		keys := numbered("shop:articles:", 9_000)
		keys = append(keys, numbered("shop:prices:", 990)...)
		keys = append(keys, numbered("config", 10)...)
		f := following(d, keys...)
		Expect(says(server, "tracking_total_prefixes")).To(BeNumerically("<=", 32))
		for _, key := range []string{"shop:articles:8999:name", "shop:prices:0", "config7"} {
			f.hears(setting(d, key), key)
		}
		setting(d, "shop:articles:9000")()
		setting(d, "else")()
		f.hears(setting(d, "config0"), "config0")
	})

	It("is what expires and what is evicted, too", func() {
		server := serverWith("--maxmemory-policy", "allkeys-random")
		d := driverOf(server.Addr())
		f := following(d, "k")
		ask(server, "SET", "k:short", "v", "PX", "1")
		f.expects("k:short", "k:short")
		keys := numbered("k:", 2_000)
		fill(d, keys)
		for range keys {
			Eventually(f.told).Should(Receive(HavePrefix("k:")))
		}
		ask(server, "CONFIG", "SET", "maxmemory", "1mb") // far less than the server takes
		told := map[string]bool{}
		for len(told) < len(keys) {
			var key string
			Eventually(f.told).Should(Receive(&key))
			told[key] = true
		}
	})

	It("is that something was missed where a database is emptied, on the same connection", func() {
		server := ownServer()
		d := driverOf(server.Addr())
		setting(d, "k")()
		f := following(d, "k")
		connections := says(server, "total_connections_received")
		ask(server, "FLUSHALL")
		f.expects(missed, ready)
		f.hears(setting(d, "k"), "k")
		ask(server, "FLUSHDB", "ASYNC")
		f.expects(missed, ready)
		Expect(says(server, "total_connections_received")).To(BeNumerically("<=", connections+4), "but ours")
		Expect(trackers(server)).To(Equal(1))
	})

	for protocol, name := range map[int]string{2: "RESP2", 3: "RESP3"} {
		It("is the same for a client that speaks "+name, func() {
			server := emptyServer()
			d := driverOf(server.Addr(), func(o *redis.Options) { o.Protocol = protocol })
			f := following(d, "k")
			f.hears(setting(d, "k"), "k")
		})
	}

	It("is errors.ErrUnsupported by a server that does not speak RESP3", func() {
		for _, answer := range []string{"-ERR unknown command 'hello'", "-NOPROTO unsupported protocol version"} {
			server := &answering{hello: answer, answer: func(string) string { return "" }}
			client := server.client()
			DeferCleanup(client.Close)
			follow(redisdriver.New(client), "k").endsWith(errors.ErrUnsupported)
		}
	})
})

var _ = Describe("A right to follow", func() {
	It("is that of its row", func() {
		server := emptyServer()
		d := driverOf(server.Addr(), as(server, append([]string{"-@all"}, redisdriver.RightsOf("following")...)...))
		f := following(d, "k")
		f.hears(setting(driverOf(server.Addr()), "k"), "k")
	})

	It("that a user lacks ends the loop, and is found by Check", func() {
		server := emptyServer()
		client := clientOf(server.Addr(), as(server, "+@all", "-client|tracking"))
		f := follow(redisdriver.New(client), "k")
		Expect(redis.IsPermissionError(f.endsWith(drivers.ErrDenied))).To(BeTrue())
		Expect(f.told).NotTo(Receive())
		Expect(found(client, "following")).To(finding(redisdriver.Fault, "+client|tracking"))
	})

	It("that is taken away lets those hear who do, until they would need a new connection", func() {
		server := emptyServer()
		user := as(server, "+@all")
		d := driverOf(server.Addr(), user)
		f := following(d, "k")
		var o redis.Options
		user(&o)
		ask(server, "ACL", "SETUSER", o.Username, "-client|tracking")
		follow(d, "other").endsWith(drivers.ErrDenied)
		f.hears(setting(d, "k"), "k")
		ask(server, "CLIENT", "KILL", "USER", o.Username)
		f.endsWith(drivers.ErrDenied)
		Expect(f.told).To(Receive(Equal(missed)))
	})

	It("is none to a server that asks for another password", func() {
		server := emptyServer()
		d := driverOf(server.Addr(), func(o *redis.Options) { o.Username, o.Password = "nobody", "wrong" })
		follow(d, "k").endsWith(drivers.ErrDenied)
	})
})

var _ = Describe("A follower's connection", func() {
	It("is made by the client's dialer", func() {
		server := emptyServer()
		var mu sync.Mutex
		var addrs []string
		d := driverOf("the.name:6379", func(o *redis.Options) {
			o.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
				mu.Lock()
				defer mu.Unlock()
				addrs = append(addrs, addr)
				return new(net.Dialer).DialContext(ctx, network, server.Addr())
			}
		})
		f := following(d, "k")
		mu.Lock()
		Expect(slices.Contains(addrs, "the.name:6379")).To(BeTrue())
		mu.Unlock()
		f.hears(setting(d, "k"), "k")
	})

	It("is encrypted where the client's are, and lives while nothing happens", Label(suite.Slow), func() {
		server := ownServer()
		d := driverOf(encrypted(server.Addr()), func(o *redis.Options) {
			o.TLSConfig = &tls.Config{InsecureSkipVerify: true}
		})
		f := following(d, "k")
		asked := calls(server)["hello"]
		Eventually(func() int { return calls(server)["hello"] }).Should(BeNumerically(">", asked+4))
		f.hears(setting(d, "k"), "k")
		for len(f.told) > 0 {
			Expect(<-f.told).NotTo(Equal(missed))
		}
	})

	It("needs none of the client's, which may all be in use", func() {
		server := emptyServer()
		d := driverOf(server.Addr(), func(o *redis.Options) {
			o.PoolSize, o.MaxActiveConns, o.PipelinePoolSize, o.PoolTimeout = 1, 1, -1, time.Minute
		})
		own, cancel := context.WithCancel(ctx)
		defer cancel()
		go func() { _, _ = drivers.Block(own, d, drivers.Command{Op: drivers.OpLPop, Key: "none", Amount: 1}) }()
		awaitBlocked(server, 1)
		for _, key := range []string{"k", "other", "k:a"} {
			f := following(d, key)
			f.hears(func() { ask(server, "SET", key, "v") }, key)
		}
	})
})

// encrypted is the address of what speaks TLS in front of a server.
func encrypted(target string) (addr string) {
	GinkgoHelper()
	certified := httptest.NewUnstartedServer(nil)
	certified.StartTLS()
	DeferCleanup(certified.Close)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certified.TLS.Certificates})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(listener.Close)
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", target)
			if err != nil {
				_ = client.Close()
				return
			}
			pass := func(from, to net.Conn) {
				_, _ = io.Copy(to, from)
				_ = to.Close()
			}
			go pass(client, server)
			go pass(server, client)
		}
	}()
	return listener.Addr().String()
}
