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

func (t *trips) reset() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.sent = nil
}

func newBackend(driver drivers.Driver) backend {
	counted := &trips{}
	return backend{Driver: drivers.Use(driver, counted.count), raw: driver, trips: counted}
}

// server is started by the first spec that needs it.
var server struct {
	once    sync.Once
	process *redisserver.Server
	client  *redis.Client
	err     error
}

var _ = AfterSuite(func() {
	if server.client != nil {
		Expect(server.client.Close()).To(Succeed())
		server.process.Stop()
	}
})

// realRedis is the driver of an emptied redis-server. Without one the spec is
// skipped, or fails where a real Redis is required.
func realRedis(ctx context.Context) drivers.Driver {
	GinkgoHelper()
	server.once.Do(func() {
		if server.process, server.err = redisserver.Start(); server.err == nil {
			server.client = redis.NewClient(&redis.Options{Addr: server.process.Addr(), ContextTimeoutEnabled: true})
		}
	})
	if redisserver.MayBeLeftOut(server.err) {
		Skip("left out, because there is no redis-server: " + server.err.Error())
	}
	Expect(server.err).NotTo(HaveOccurred())
	Expect(server.client.FlushAll(ctx).Err()).To(Succeed())
	return redisdriver.New(server.client)
}

// onBothDrivers describes what must hold whatever the driver. The function given
// to the body is to be called in a spec and opens an empty driver.
func onBothDrivers(body func(open func(context.Context) backend)) {
	Context("in memory", func() {
		body(func(context.Context) backend { return newBackend(memory.New()) })
	})
	Context("on Redis", func() {
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
