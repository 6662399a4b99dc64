// Package kvtest is what the suites of package kv have in common: drivers to run on, with a
// look behind and ahead of them, schemas, and shorter words for what specs say often.
package kvtest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// Backend is an empty driver with what a spec needs to look behind and ahead of it.
type Backend struct {
	Driver drivers.Driver
	Raw    drivers.Driver // without the counting
	Trips  *Trips
}

// New is a backend of a driver.
func New(driver drivers.Driver) Backend {
	counted := &Trips{}
	return Backend{Driver: drivers.Use(driver, counted.count), Raw: driver, Trips: counted}
}

// Remote reports whether every command costs a round trip.
func (b Backend) Remote() bool {
	_, local := b.Raw.(*memory.Driver)
	return !local
}

// Trips counts what is sent: a batch is one round trip.
type Trips struct {
	mutex sync.Mutex
	sent  []*drivers.Batch
}

func (t *Trips) count(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
	asked := copyOf(b)
	t.mutex.Lock()
	t.sent = append(t.sent, asked)
	at := len(t.sent) - 1
	t.mutex.Unlock()
	err := next(ctx, b)
	answered := copyOf(b)
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if at < len(t.sent) && t.sent[at] == asked { // there was no Reset
		t.sent[at] = answered
	}
	return err
}

// copyOf keeps what is in a batch, which is its sender's.
func copyOf(b *drivers.Batch) *drivers.Batch {
	kept := *b
	kept.Items = slices.Clone(b.Items)
	return &kept
}

// Sent is what was sent since Reset.
func (t *Trips) Sent() []*drivers.Batch {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return slices.Clone(t.sent)
}

// Taken is how many round trips there were since Reset.
func (t *Trips) Taken() int {
	return len(t.Sent())
}

// Of is how many commands of an Op were among them.
func (t *Trips) Of(op drivers.Op) (commands int) {
	for _, batch := range t.Sent() {
		for i := range batch.Items {
			if batch.Items[i].Command.Op == op {
				commands++
			}
		}
	}
	return commands
}

// Listed reports whether a scan of the database was among them.
func (t *Trips) Listed() bool {
	return slices.ContainsFunc(t.Sent(), func(b *drivers.Batch) bool { return b.Items[0].Command.Op.Effect() == drivers.Lists })
}

// Reset forgets them.
func (t *Trips) Reset() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.sent = nil
}

// poolSize is enough for all that a spec does at once, however few processors there are.
const poolSize = 50

// Servers are started by the first spec of a suite that needs them.
var Servers struct {
	Single *redisserver.Server
	Client *redis.Client

	Cluster       *redisserver.Cluster
	ClusterClient *redis.ClusterClient

	once, clusterOnce sync.Once
	err, clusterErr   error
}

var _ = ginkgo.AfterSuite(func() {
	if Servers.Client != nil {
		gomega.Expect(Servers.Client.Close()).To(gomega.Succeed())
		Servers.Single.Stop()
	}
	if Servers.ClusterClient != nil {
		gomega.Expect(Servers.ClusterClient.Close()).To(gomega.Succeed())
		Servers.Cluster.Stop()
	}
})

// MustRun skips a spec where there is no Redis, or fails it where a real Redis is required.
func MustRun(err error) {
	ginkgo.GinkgoHelper()
	if redisserver.MayBeLeftOut(err) {
		ginkgo.Skip("left out, because there is no redis-server: " + err.Error())
	}
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
}

// Redis is the driver of an emptied redis-server.
func Redis(ctx context.Context) drivers.Driver {
	ginkgo.GinkgoHelper()
	Servers.once.Do(func() {
		if Servers.Single, Servers.err = redisserver.Start(); Servers.err == nil {
			Servers.Client = redis.NewClient(&redis.Options{Addr: Servers.Single.Addr(), ContextTimeoutEnabled: true, PoolSize: poolSize})
		}
	})
	MustRun(Servers.err)
	gomega.Expect(Servers.Client.FlushAll(ctx).Err()).To(gomega.Succeed())
	return redisdriver.New(Servers.Client)
}

// Cluster is the driver of an emptied cluster of three masters and three replicas.
func Cluster(ctx context.Context) drivers.Driver {
	ginkgo.GinkgoHelper()
	Servers.clusterOnce.Do(func() {
		if Servers.Cluster, Servers.clusterErr = redisserver.StartCluster(3, 1); Servers.clusterErr == nil {
			Servers.ClusterClient = redis.NewClusterClient(&redis.ClusterOptions{
				Addrs: Servers.Cluster.Addrs(), ContextTimeoutEnabled: true, ClusterStateReloadInterval: time.Second, PoolSize: poolSize,
			})
		}
	})
	MustRun(Servers.clusterErr)
	gomega.Expect(Servers.ClusterClient.ForEachMaster(ctx, func(ctx context.Context, master *redis.Client) error {
		return master.FlushAll(ctx).Err()
	})).To(gomega.Succeed())
	return redisdriver.New(Servers.ClusterClient)
}

// OnAllDrivers describes what must hold whatever the driver, a cluster included.
func OnAllDrivers(body func(open func(context.Context) Backend)) {
	OnBothDrivers(body)
	ginkgo.Context("on a cluster of six nodes", ginkgo.Label(suite.Cluster), func() {
		body(func(ctx context.Context) Backend { return New(Cluster(ctx)) })
	})
}

// OnBothDrivers describes what must hold whatever the driver. The function given
// to the body is to be called in a spec and opens an empty driver.
func OnBothDrivers(body func(open func(context.Context) Backend)) {
	ginkgo.Context("in memory", ginkgo.Label(suite.Memory), func() {
		body(func(context.Context) Backend { return New(memory.New()) })
	})
	ginkgo.Context("on Redis", ginkgo.Label(suite.Redis), func() {
		body(func(ctx context.Context) Backend { return New(Redis(ctx)) })
	})
}
