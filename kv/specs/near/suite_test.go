package near_test

import (
	"context"
	"io"
	"iter"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/near"
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
}

func (o *observed) Follow(ctx context.Context, keys []string, ready func()) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for key, err := range o.store.Follow(ctx, keys, ready) {
			if !yield(key, err) {
				return
			}
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
	}).WithTimeout(10 * time.Second).Should(BeTrue())
}

// costs expects what was done since it was last called to have taken so many round trips.
func (p process) costs(trips int, what string) {
	GinkgoHelper()
	Expect(p.Trips.Taken()).To(Equal(trips), "round trips of "+what)
	p.Trips.Reset()
}

// settles waits until the follower was told of all that has changed by now. A telling of another key may be before those of
// older changes that came together with it; the next one is behind them.
func (p process) settles(ctx context.Context) {
	GinkgoHelper()
	const marker = "shop:aisles:marker"
	for range 2 {
		before := p.inside.tellings(marker)
		kvtest.Plant(ctx, p.others, marker)
		Eventually(func() int { return p.inside.tellings(marker) }).WithTimeout(10 * time.Second).Should(BeNumerically(">", before))
	}
}
