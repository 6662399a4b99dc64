package kv_test

import (
	"context"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// backend is an empty driver with what a spec needs to look behind and ahead of it.
type backend struct {
	Driver drivers.Driver
	raw    drivers.Driver // without the counting
	trips  *trips
}

// trips counts what is sent: a batch is one round trip.
type trips struct {
	mutex sync.Mutex
	sent  []*drivers.Batch
}

func (t *trips) count(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
	t.mutex.Lock()
	t.sent = append(t.sent, b)
	t.mutex.Unlock()
	return next(ctx, b)
}

// taken is how many round trips there were since reset.
func (t *trips) taken() int {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return len(t.sent)
}

// of is how many commands of an Op were among them.
func (t *trips) of(op drivers.Op) (commands int) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for _, batch := range t.sent {
		for i := range batch.Items {
			if batch.Items[i].Command.Op == op {
				commands++
			}
		}
	}
	return commands
}

func (t *trips) reset() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.sent = nil
}

func newBackend(driver drivers.Driver) backend {
	counted := &trips{}
	return backend{Driver: drivers.Use(driver, counted.count), raw: driver, trips: counted}
}

// servers are started by the first spec that needs them.
var servers struct {
	once   sync.Once
	single *redisserver.Server
	client *redis.Client
	err    error

	clusterOnce   sync.Once
	cluster       *redisserver.Cluster
	clusterClient *redis.ClusterClient
	clusterErr    error
}

var _ = AfterSuite(func() {
	if servers.client != nil {
		Expect(servers.client.Close()).To(Succeed())
		servers.single.Stop()
	}
	if servers.clusterClient != nil {
		Expect(servers.clusterClient.Close()).To(Succeed())
		servers.cluster.Stop()
	}
})

// mustRun skips a spec where there is no Redis, or fails it where a real Redis is required.
func mustRun(err error) {
	GinkgoHelper()
	if redisserver.MayBeLeftOut(err) {
		Skip("left out, because there is no redis-server: " + err.Error())
	}
	Expect(err).NotTo(HaveOccurred())
}

// realRedis is the driver of an emptied redis-server.
func realRedis(ctx context.Context) drivers.Driver {
	GinkgoHelper()
	servers.once.Do(func() {
		if servers.single, servers.err = redisserver.Start(); servers.err == nil {
			servers.client = redis.NewClient(&redis.Options{Addr: servers.single.Addr(), ContextTimeoutEnabled: true})
		}
	})
	mustRun(servers.err)
	Expect(servers.client.FlushAll(ctx).Err()).To(Succeed())
	return redisdriver.New(servers.client)
}

// realCluster is the driver of an emptied cluster of three masters and three replicas.
func realCluster(ctx context.Context) drivers.Driver {
	GinkgoHelper()
	servers.clusterOnce.Do(func() {
		if servers.cluster, servers.clusterErr = redisserver.StartCluster(3, 1); servers.clusterErr == nil {
			servers.clusterClient = redis.NewClusterClient(&redis.ClusterOptions{
				Addrs: servers.cluster.Addrs(), ContextTimeoutEnabled: true, ClusterStateReloadInterval: time.Second,
			})
		}
	})
	mustRun(servers.clusterErr)
	Expect(servers.clusterClient.ForEachMaster(ctx, func(ctx context.Context, master *redis.Client) error {
		return master.FlushAll(ctx).Err()
	})).To(Succeed())
	return redisdriver.New(servers.clusterClient)
}

// onAllDrivers describes what must hold whatever the driver, a cluster included.
func onAllDrivers(body func(open func(context.Context) backend)) {
	onBothDrivers(body)
	Context("on a cluster of six nodes", Label(suite.Cluster), func() {
		body(func(ctx context.Context) backend { return newBackend(realCluster(ctx)) })
	})
}

// onBothDrivers describes what must hold whatever the driver. The function given
// to the body is to be called in a spec and opens an empty driver.
func onBothDrivers(body func(open func(context.Context) backend)) {
	Context("in memory", Label(suite.Memory), func() {
		body(func(context.Context) backend { return newBackend(memory.New()) })
	})
	Context("on Redis", Label(suite.Redis), func() {
		body(func(ctx context.Context) backend { return newBackend(realRedis(ctx)) })
	})
}

// clock is moved by hand.
type clock struct {
	mutex sync.Mutex
	now   time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = c.now.Add(d)
}
