package redisdriver_test

import (
	"context"
	"net"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// impatient is a client's own waiting for servers that are not there, which is not ours to try.
func impatient(o *redis.Options) { o.MaxRetries, o.DialerRetries = -1, 1 }

var _ = Describe("A follower whose connection is lost", func() {
	It("is told so, and hears again", func() {
		server := emptyServer()
		d := driverOf(server.Addr())
		f := following(d, "k")
		for range 3 {
			ask(server, "CLIENT", "KILL", "TYPE", "normal")
			f.recovers(setting(driverOf(server.Addr()), "k"))
		}
	})

	It("is told at once that the server was killed, not when another one is there", func() {
		twins, d := newTwins()
		f := following(d, "k")
		twins.first.Kill()
		f.expects(missed)
		follow(d, "k").endsWith(drivers.ErrUnavailable) // who has never heard anything is not kept waiting
		Expect(f.told).NotTo(Receive())
		twins.takeOver()
		f.expects(ready)
		f.hears(setting(driverOf(twins.second.Addr()), "k"), "k")
	})

	It("is told that the server is frozen, and hears again of it", Label(suite.Slow), func() {
		server := ownServer()
		d := driverOf(server.Addr())
		f := following(d, "k")
		Expect(server.Pause()).To(Succeed())
		f.expects(missed)
		Expect(f.told).NotTo(Receive())
		Expect(server.Resume()).To(Succeed())
		f.expects(ready)
		f.hears(setting(d, "k"), "k")
		Eventually(func() int { return trackers(server) }).Should(Equal(1))
	})

	It("goes on at another server that answers the client by now, though the first one lives", Label(suite.Slow), func() {
		twins, d := newTwins()
		f := following(d, "k")
		second := twins.second.Addr()
		twins.addr.Store(&second)
		cutOthers(twins.first)
		f.expects(missed, ready)
		f.hears(setting(driverOf(second), "k"), "k")
		Eventually(func() int { return trackers(twins.first) }).Should(BeZero())
	})

	It("is told that the server is no master any more, and hears again once that is one", Label(suite.Slow), func() {
		server := ownServer()
		d := driverOf(server.Addr())
		f := following(d, "k")
		ask(server, "REPLICAOF", "127.0.0.1", "1")
		f.expects(missed)
		ask(server, "REPLICAOF", "NO", "ONE")
		f.expects(ready)
		f.hears(setting(d, "k"), "k")
	})

	It("is told that the server would not keep any more for it", func() {
		server := serverWith("--client-output-buffer-limit", "normal 1mb 0 0")
		slow := &valve{}
		d := driverOf(server.Addr(), func(o *redis.Options) { o.Dialer = slow.dial })
		f := following(d, "k")
		slow.shut()
		long := strings.Repeat("x", 10_000)
		direct := driverOf(server.Addr())
		for trackers(server) > 0 { // what the kernel keeps comes on top of that
			fill(direct, numbered("k:"+long, 500))
		}
		slow.open()
		for told := ""; told != missed; {
			Eventually(f.told).Should(Receive(&told))
		}
		f.expects(ready)
		f.hears(setting(direct, "k"), "k")
	})

	It("does not begin where the server cannot be reached", func() {
		server := ownServer()
		server.Stop()
		d := driverOf(server.Addr(), impatient)
		before := gleak.Goroutines()
		follow(d, "k").endsWith(drivers.ErrUnavailable)
		Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
	})

	It("ends with its context at once, though no server answers, and leaves nothing behind", Label(suite.Slow), func() {
		server := ownServer()
		d := driverOf(server.Addr())
		do(d, drivers.Command{Op: drivers.OpExists, Key: "k"})
		before := gleak.Goroutines()
		f := following(d, "k")
		Expect(server.Pause()).To(Succeed())
		never := follow(d, "other")
		f.expects(missed)
		f.end()
		never.end()
		f.endsWith(context.Canceled)
		Eventually(never.ended).Should(Receive())
		Expect(server.Resume()).To(Succeed())
		Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
		Eventually(func() int { return trackers(server) }).Should(BeZero())
	})

	It("ends where the client was closed", Label(suite.Slow), func() {
		client := redis.NewClient(&redis.Options{Addr: emptyServer().Addr()})
		f := following(redisdriver.New(client), "k")
		Expect(client.Close()).To(Succeed())
		f.expects(missed)
		f.endsWith(drivers.ErrClosed)
	})
})

// cutOthers ends the connections that are not told of changes.
func cutOthers(server *redisserver.Server) {
	GinkgoHelper()
	for client := range strings.Lines(ask(server, "CLIENT", "LIST")) {
		if fields := strings.Fields(client); len(fields) > 0 && !strings.Contains(client, "flags=tB") {
			ask(server, "CLIENT", "KILL", "ID", strings.TrimPrefix(fields[0], "id="))
		}
	}
}

// valve lets through what servers say, or not.
type valve struct {
	gate sync.RWMutex
}

type valved struct {
	net.Conn
	*valve
}

func (v *valve) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err == nil {
		err = conn.(*net.TCPConn).SetReadBuffer(4096)
	}
	return valved{conn, v}, err
}

func (v *valve) shut() { v.gate.Lock() }
func (v *valve) open() { v.gate.Unlock() }

func (v valved) Read(p []byte) (int, error) {
	v.gate.RLock()
	v.gate.RUnlock() //nolint:staticcheck // it was open
	return v.Conn.Read(p)
}

var _ = Describe("A follower of a master that a replica takes the place of", Label(suite.Slow), func() {
	for way, end := range replacements {
		It("is told that it missed something, and hears of the new one, where the old one "+way, func() {
			r := startReplicated()
			f := following(r.driver(), "k")
			f.hears(setting(driverOf(r.Master.Addr()), "k"), "k")
			end(r)
			f.expects(missed)
			r.awaitMaster()
			f.expects(ready)
			f.hears(setting(driverOf(r.Replica.Addr()), "k"), "k")
			Expect(trackers(r.Replica)).To(Equal(1))
			Expect(r.Master.Resume()).To(Or(Succeed(), MatchError(ContainSubstring("process already finished"))))
		})
	}
})
