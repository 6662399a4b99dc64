package near_test

import (
	"context"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/near"
	"github.com/kvstore-go/kvstore/spec"
	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestNear(t *testing.T) {
	suite.Run(t, "drivers/near")
}

var _ = Describe("A driver that keeps near what is read", Label(suite.Memory, suite.Middleware), func() {
	Context("around one that can all there is", func() {
		spec.Driver(spec.Harness{
			Open: func() spec.Store {
				clock := &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
				driver := near.New(memory.New(memory.WithClock(clock.Now)))
				driver.Near().Cover([]string{"k"})
				DeferCleanup(driver.Close) // which not every spec does
				return spec.Store{Driver: driver, Advance: clock.Advance, Now: clock.Now}
			},
			Batch: true, Watch: true, Scan: true, Close: true, Block: true, Subscribe: true, Follow: true, FieldTTL: true,
		})
	})
	Context("around one that has only Do", func() {
		spec.Driver(spec.Harness{FieldTTL: true, Open: func() spec.Store {
			clock := &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
			return spec.Store{Driver: near.New(bare{memory.New(memory.WithClock(clock.Now))}), Advance: clock.Advance, Now: clock.Now}
		}})
	})
})

// bare hides the optional abilities of a driver.
type bare struct{ inside drivers.Driver }

func (d bare) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	return d.inside.Do(ctx, cmd)
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

// reply is one with a text.
func reply(text string) *drivers.NearReply {
	return &drivers.NearReply{Reply: drivers.Reply{Value: text}}
}

// get is the read of a whole value, hGet that of a field.
var get = drivers.NearRead{Op: drivers.OpGet}

func hGet(field string) drivers.NearRead { return drivers.NearRead{Op: drivers.OpHGet, Element: field} }

// keep reads and keeps, as package kv does.
func keep(cache drivers.NearCache, key string, read drivers.NearRead, text string) {
	GinkgoHelper()
	put := cache.Reserve(key, read)
	Expect(put).NotTo(BeNil(), "nothing can be kept of "+key)
	put(reply(text), -1)
}

// kept is the text that is kept, or nothing.
func kept(cache drivers.NearCache, key string, read drivers.NearRead) string {
	if reply := cache.Kept(key, read); reply != nil {
		return reply.Value
	}
	return ""
}
