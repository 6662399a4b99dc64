package redisdriver_test

import (
	"context"
	"testing"

	"github.com/redis/go-redis/v9"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
)

// allocations of a command through the driver and through bare go-redis.
type comparison struct {
	name string
	cmd  drivers.Command
	bare func(c *redis.Client)
}

var comparisons = []comparison{
	{"Get", drivers.Command{Op: drivers.OpGet, Key: "k"}, func(c *redis.Client) { c.Get(ctx, "k").Result() }},
	{"Set", drivers.Command{Op: drivers.OpSet, Key: "k", Value: "v"}, func(c *redis.Client) { c.Set(ctx, "k", "v", 0).Result() }},
	{"Append", drivers.Command{Op: drivers.OpAppend, Key: "a", Value: ""}, func(c *redis.Client) { c.Append(ctx, "a", "").Result() }},
	{"StrLen", drivers.Command{Op: drivers.OpStrLen, Key: "k"}, func(c *redis.Client) { c.StrLen(ctx, "k").Result() }},
	{"Exists", drivers.Command{Op: drivers.OpExists, Key: "k"}, func(c *redis.Client) { c.Exists(ctx, "k").Result() }},
	{"Delete", drivers.Command{Op: drivers.OpDelete, Key: "x"}, func(c *redis.Client) { c.Unlink(ctx, "x").Result() }},
	{"TTL", drivers.Command{Op: drivers.OpTTL, Key: "k"}, func(c *redis.Client) { c.PTTL(ctx, "k").Result() }},
	{"SAdd", drivers.Command{Op: drivers.OpSAdd, Key: "s", Values: []string{"a"}}, func(c *redis.Client) { c.SAdd(ctx, "s", "a").Result() }},
	{"SRem", drivers.Command{Op: drivers.OpSRem, Key: "s", Values: []string{"x"}}, func(c *redis.Client) { c.SRem(ctx, "s", "x").Result() }},
	{"SAdd of 100", drivers.Command{Op: drivers.OpSAdd, Key: "t", Values: members(100)}, func(c *redis.Client) {
		c.SAdd(ctx, "t", members(100)).Result()
	}},
	{"SIsMember", drivers.Command{Op: drivers.OpSIsMember, Key: "s", Value: "a"}, func(c *redis.Client) { c.SIsMember(ctx, "s", "a").Result() }},
	{"SCard", drivers.Command{Op: drivers.OpSCard, Key: "s"}, func(c *redis.Client) { c.SCard(ctx, "s").Result() }},
	{"SMembers", drivers.Command{Op: drivers.OpSMembers, Key: "s"}, func(c *redis.Client) { c.SMembers(ctx, "s").Result() }},
	{"BitGet", drivers.Command{Op: drivers.OpBitGet, Key: "b", Bits: drivers.BitType{Width: 8}}, func(c *redis.Client) {
		c.BitField(ctx, "b", "GET", "u8", "#0").Result()
	}},
	{"BitIncrement", drivers.Command{Op: drivers.OpBitIncrement, Key: "b", Bits: drivers.BitType{Width: 8}, Amount: 1}, func(c *redis.Client) {
		c.BitField(ctx, "b", "OVERFLOW", "WRAP", "INCRBY", "u8", "#0", 1).Result()
	}},
}

var _ = Describe("Allocations", func() {
	for _, row := range comparisons {
		It("are at most two more than those of bare go-redis: "+row.name, func() {
			client := clientOf(emptyServer().Addr())
			d := redisdriver.New(client)
			if _, err := d.Do(ctx, row.cmd); err != nil {
				Fail(err.Error())
			}
			ours := testing.AllocsPerRun(50, func() { d.Do(ctx, row.cmd) })
			bare := testing.AllocsPerRun(50, func() { row.bare(client) })
			cancellable, cancel := context.WithCancel(ctx)
			defer cancel()
			interruptible := testing.AllocsPerRun(50, func() { d.Do(cancellable, row.cmd) })
			AddReportEntry(row.name, []float64{bare, ours, interruptible}, ReportEntryVisibilityFailureOrVerbose)
			Expect(ours).To(BeNumerically("<=", bare+2))
			Expect(interruptible).To(BeNumerically("<=", ours+3)) // 2; the race detector empties sync.Pools at random
		})
	}
})
