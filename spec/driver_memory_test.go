package spec_test

import (
	"context"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/spec"
	"github.com/kvstore-go/kvstore/spec/suite"
)

var _ = Describe("the memory driver", Label(suite.Memory), func() {
	harness := inMemory(unbroken)
	harness.Texts = true
	spec.Driver(harness)
})

var _ = Describe("the memory driver behind middleware", Label(suite.Memory, suite.Middleware), func() {
	pass := func(ctx context.Context, b *drivers.Batch, next drivers.Next) error { return next(ctx, b) }
	spec.Driver(inMemory(func(d drivers.Driver) drivers.Driver { return drivers.Use(d, pass, pass) }))
})

var _ = Describe("a driver that has only Do", Label(suite.Memory), func() {
	harness := inMemory(func(d drivers.Driver) drivers.Driver { return bare{d} })
	harness.Batch, harness.Watch, harness.Scan, harness.Close = false, false, false, false
	harness.Block, harness.Subscribe, harness.Follow = false, false, false
	spec.Driver(harness)
})

// bare hides the optional abilities of a driver.
type bare struct{ inside drivers.Driver }

func (d bare) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	return d.inside.Do(ctx, cmd)
}

// inMemory is the harness of a memory driver that something is wrapped around.
func inMemory(wrap func(drivers.Driver) drivers.Driver) spec.Harness {
	return spec.Harness{
		Open: func() spec.Store {
			clock := &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
			return spec.Store{Driver: wrap(memory.New(memory.WithClock(clock.Now))), Advance: clock.Advance, Now: clock.Now}
		},
		Batch: true, Watch: true, Scan: true, Close: true, Block: true, Subscribe: true, Follow: true,
		FieldTTL: true, Huge: huge,
	}
}

// clock is moved by hand.
type clock struct {
	lock sync.Mutex
	now  time.Time
}

func (c *clock) Now() time.Time {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.now = c.now.Add(d)
}
