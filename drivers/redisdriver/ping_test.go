package redisdriver_test

import (
	"context"
	"errors"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

var _ = Describe("a ping", func() {
	// ofServer is what is wrong with one server.
	ofServer := func(server *redisserver.Server, class error) OmegaMatcher {
		return And(MatchError(class), Satisfy(func(err error) bool {
			var wrong *drivers.ServerError
			return errors.As(err, &wrong) && wrong.Server == server.Addr()
		}))
	}
	shortly := func(ctx context.Context) context.Context {
		ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		DeferCleanup(cancel)
		return ctx
	}

	It("finds nothing wrong with a server that answers, and writes nothing", func(ctx context.Context) {
		server := emptyServer()
		d := driverOf(server.Addr())
		Expect(drivers.Ping(ctx, d)).To(Succeed())
		Expect(calls(server)).To(HaveKeyWithValue("ping", 1))
		Expect(ask(server, "DBSIZE")).To(Equal("0"))
		Expect(drivers.Ping(ctx, redisdriver.New(clientOf(server.Addr())))).To(Succeed())
	})

	It("names the server that was killed", func(ctx context.Context) {
		server := ownServer()
		d := driverOf(server.Addr())
		Expect(drivers.Ping(ctx, d)).To(Succeed())
		server.Kill()
		Expect(drivers.Ping(ctx, d)).To(ofServer(server, drivers.ErrUnavailable))
	})

	for name, heeds := range map[string]bool{"that heeds deadlines": true, "that does not heed deadlines": false} {
		It("ends with its context while the server is frozen, with a client "+name, func(ctx context.Context) {
			server := ownServer()
			d := driverOf(server.Addr(), func(o *redis.Options) { o.ContextTimeoutEnabled = heeds; o.ReadTimeout = time.Minute })
			Expect(drivers.Ping(ctx, d)).To(Succeed())
			Expect(server.Pause()).To(Succeed())
			DeferCleanup(server.Resume)
			Expect(drivers.Ping(shortly(ctx), d)).To(ofServer(server, context.DeadlineExceeded))
			over, cancel := context.WithCancel(ctx)
			cancel()
			Expect(drivers.Ping(over, d)).To(MatchError(context.Canceled))
		})
	}

	It("has a deadline of its own", func() {
		server := ownServer()
		d := driverOf(server.Addr(), func(o *redis.Options) { o.ReadTimeout = time.Minute })
		Expect(server.Pause()).To(Succeed())
		DeferCleanup(server.Resume)
		Expect(drivers.Ping(context.Background(), d)).To(MatchError(context.DeadlineExceeded))
	})

	It("asks each master of a cluster, and names the one that is down", func(ctx context.Context) {
		cluster, err := redisserver.StartCluster(3, 0)
		needServer(err)
		DeferCleanup(cluster.Stop)
		d := redisdriver.New(clusterClient(cluster))
		Expect(drivers.Ping(ctx, d)).To(Succeed())
		for i := range 3 {
			Expect(calls(cluster.Node(i))).To(HaveKey("ping"))
		}
		cluster.Node(1).Kill()
		err = drivers.Ping(ctx, d)
		Expect(err).To(ofServer(cluster.Node(1), drivers.ErrUnavailable))
		Expect(err.Error()).NotTo(Or(ContainSubstring(cluster.Node(0).Addr()), ContainSubstring(cluster.Node(2).Addr())))
		cluster.Node(0).Kill()
		err = drivers.Ping(ctx, d)
		Expect(err.Error()).To(And(ContainSubstring(cluster.Node(0).Addr()), ContainSubstring(cluster.Node(1).Addr())))
		cluster.Node(2).Kill()
		Expect(drivers.Ping(ctx, d)).To(MatchError(drivers.ErrUnavailable))
	})

	It("ends with its context in a cluster of frozen servers, too", func(ctx context.Context) {
		cluster, err := redisserver.StartCluster(1, 0)
		needServer(err)
		DeferCleanup(cluster.Stop)
		d := redisdriver.New(clusterClient(cluster))
		Expect(drivers.Ping(ctx, d)).To(Succeed())
		Expect(cluster.Node(0).Pause()).To(Succeed())
		DeferCleanup(cluster.Node(0).Resume)
		Expect(drivers.Ping(shortly(ctx), d)).To(MatchError(context.DeadlineExceeded))
	})

	It("finds out that a server is a replica, which takes no writes", func(ctx context.Context) {
		server := ownServer()
		for _, protocol := range []int{2, 3} {
			d := driverOf(server.Addr(), func(o *redis.Options) { o.Protocol = protocol })
			Expect(drivers.Ping(ctx, d)).To(Succeed())
			ask(server, "REPLICAOF", "127.0.0.1", "1")
			Expect(drivers.Ping(ctx, d)).To(And(ofServer(server, drivers.ErrUnavailable), MatchError(ContainSubstring("takes no writes"))))
			ask(server, "REPLICAOF", "NO", "ONE")
		}
	})

	It("needs no right, but a password", func(ctx context.Context) {
		server := ownServer()
		ask(server, "ACL", "SETUSER", "app", "on", ">secret", "+get", "~*")
		as := func(password string) *redisdriver.Driver {
			return driverOf(server.Addr(), func(o *redis.Options) { o.Username, o.Password = "app", password })
		}
		Expect(drivers.Ping(ctx, as("secret"))).To(Succeed())
		Expect(drivers.Ping(ctx, as("wrong"))).To(ofServer(server, drivers.ErrDenied))
	})

	It("goes through middleware to the driver, and ends with it", func(ctx context.Context) {
		d := driverOf(emptyServer().Addr())
		seen := 0
		wrapped := drivers.Use(d, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
			seen++
			return next(ctx, b)
		})
		Expect(drivers.Ping(ctx, wrapped)).To(Succeed())
		Expect(seen).To(BeZero())
		Expect(drivers.Close(wrapped)).To(Succeed())
		Expect(drivers.Ping(ctx, wrapped)).To(MatchError(drivers.ErrClosed))
		Expect(strings.Count(drivers.Ping(ctx, redisdriver.New(nil)).Error(), "nil")).To(Equal(1))
	})
})
