package memory_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// What every driver must do is checked by package spec; here is what is particular to this one.
func TestMemory(t *testing.T) {
	suite.Run(t, "drivers/memory")
}

// clock is moved by hand and counts how often it is read.
type clock struct{ millis, reads atomic.Int64 }

func (c *clock) Now() time.Time {
	c.reads.Add(1)
	return time.UnixMilli(1_700_000_000_000 + c.millis.Load())
}

func (c *clock) Advance(millis int64) { c.millis.Add(millis) }

// open is an empty driver whose structures must agree when the spec ends.
func open() (*memory.Driver, *clock) {
	c := &clock{}
	d := memory.New(memory.WithClock(c.Now))
	DeferCleanup(func() { Expect(memory.Check(d)).To(Succeed()) })
	return d, c
}

var ctx = context.Background()

// do executes a command that must not fail.
func do(d drivers.Driver, cmd drivers.Command) drivers.Reply {
	GinkgoHelper()
	reply, err := d.Do(ctx, cmd)
	Expect(err).NotTo(HaveOccurred())
	return reply
}

func get(key string) drivers.Command { return drivers.Command{Op: drivers.OpGet, Key: key} }
func del(key string) drivers.Command { return drivers.Command{Op: drivers.OpDelete, Key: key} }

func put(key, value string) drivers.Command {
	return drivers.Command{Op: drivers.OpSet, Key: key, Value: value}
}

// lasting gives a command a time to live.
func lasting(millis int64, cmd drivers.Command) drivers.Command {
	cmd.Expiry = drivers.Expiry{Mode: drivers.ExpireIn, Millis: millis}
	return cmd
}

func sAdd(key string, values ...string) drivers.Command {
	return drivers.Command{Op: drivers.OpSAdd, Key: key, Values: values}
}

// list is a listing in alphabetical order.
func list(d *memory.Driver, op drivers.Op, prefix string) []string {
	GinkgoHelper()
	var names []string
	for name, err := range d.Scan(ctx, drivers.Command{Op: op, Key: prefix}) {
		Expect(err).NotTo(HaveOccurred())
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
