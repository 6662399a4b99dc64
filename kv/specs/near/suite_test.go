package near_test

import (
	"context"
	"io"
	"iter"
	"sync"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/near"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestNear(t *testing.T) {
	redis.SetLogger(suite.Log{})
	suite.Run(t, "kv: what is kept near")
}

// store is a driver with all that near needs of one, and passes on.
type store interface {
	drivers.Driver
	drivers.Batcher
	drivers.Watcher
	drivers.Scanner
	drivers.Blocker
	drivers.Subscriber
	drivers.Follower
	io.Closer
}

// observed is a store that notes which changes the follower was told, once it has dealt with them, and lets a spec
// step between the execution of a batch and its reply.
type observed struct {
	store
	mutex    sync.Mutex
	told     map[string]int
	executed func(b *drivers.Batch)
	telling  func(key string) (told func()) // is called with a change before the follower is, and told after
}

func (o *observed) Follow(ctx context.Context, keys []string, ready func()) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for key, err := range o.store.Follow(ctx, keys, ready) {
			told := func() {}
			if err == nil && o.telling != nil {
				told = o.telling(key)
			}
			if !yield(key, err) {
				return
			}
			told()
			o.mutex.Lock()
			o.told[key]++
			o.mutex.Unlock()
		}
	}
}

func (o *observed) DoBatch(ctx context.Context, b *drivers.Batch) error {
	err := o.store.DoBatch(ctx, b)
	if o.executed != nil {
		o.executed(b)
	}
	return err
}

// Close closes nothing: the store is others', too.
func (o *observed) Close() error { return nil }

func (o *observed) tellings(key string) int {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.told[key]
}

// process is a driver that keeps near what is read, with its round trips counted, and the driver of others.
type process struct {
	kvtest.Backend
	near   *near.Driver
	inside *observed
	others drivers.Driver
	clock  *kvtest.Clock // of the process, and of a store in memory
}

// inMemory is a process whose store is in memory.
func inMemory() process {
	clock := kvtest.NewClock()
	store := memory.New(memory.WithClock(clock.Now))
	return around(store, store, clock)
}

func around(inside store, others drivers.Driver, clock *kvtest.Clock) process {
	watched := &observed{store: inside, told: map[string]int{}}
	kept := near.New(watched, near.WithClock(clock.Now))
	DeferCleanup(kept.Close)
	return process{kvtest.New(kept), kept, watched, others, clock}
}

// hears waits until what lies at path can be kept.
func (p process) hears(path string) {
	GinkgoHelper()
	Eventually(func() bool {
		return p.near.Near().Reserve(path, drivers.NearRead{Op: drivers.OpGet}) != nil
	}).Should(BeTrue())
}

// costs expects what was done since it was last called to have taken so many round trips.
func (p process) costs(trips int, what string) {
	GinkgoHelper()
	Expect(p.Trips.Taken()).To(Equal(trips), "round trips of "+what)
	p.Trips.Reset()
}

// settles waits until the follower was told of all that has changed by now. A telling of another key may be before those of
// older changes that came together with it; the next one is behind them. Each master of a cluster tells by itself, so
// there is a key for each: of the slots 15495, 3300 and 7365.
func (p process) settles(ctx context.Context) {
	GinkgoHelper()
	for range 2 {
		for _, marker := range []string{"shop:aisles:{a}", "shop:aisles:{b}", "shop:aisles:{c}"} {
			before := p.inside.tellings(marker)
			kvtest.Plant(ctx, p.others, marker)
			Eventually(func() int { return p.inside.tellings(marker) }).Should(BeNumerically(">", before))
		}
	}
}

// onAllDrivers describes what must hold whatever the store. The function given to the body is to be called in a
// spec, and makes what opens another driver of an empty store.
func onAllDrivers(body func(empty func(context.Context) (open func() store))) {
	Context("in memory", Label(suite.Memory), func() {
		body(func(context.Context) func() store {
			driver := memory.New()
			return func() store { return driver }
		})
	})
	Context("on Redis", Label(suite.Redis), func() {
		body(func(ctx context.Context) func() store {
			kvtest.Redis(ctx)
			return func() store { return opened(redisdriver.New(kvtest.Servers.Client)) }
		})
	})
	Context("on a cluster of six nodes", Label(suite.Cluster), func() {
		body(func(ctx context.Context) func() store {
			kvtest.Cluster(ctx)
			return func() store { return opened(redisdriver.New(kvtest.Servers.ClusterClient)) }
		})
	})
}

func opened(driver *redisdriver.Driver) store {
	DeferCleanup(driver.Close)
	return driver
}
