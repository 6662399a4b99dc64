package spec_test

import (
	"context"
	"fmt"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// between is a differential of the memory driver and another, without any Redis.
func between(seed uint64, other drivers.Driver) *differential {
	return &differential{
		generator: newGenerator(seed),
		memory:    memory.New(), redis: other,
		executed: map[drivers.Op]int{}, failed: map[string]int{},
	}
}

var _ = Describe("the differential", func() {
	for _, broken := range []brokenDriver{
		{that: "keeps a time to live where SET should clear it", wrap: onCommand(func(cmd *drivers.Command) {
			if cmd.Op == drivers.OpSet && cmd.Expiry.Mode == drivers.ClearTTL {
				cmd.Expiry.Mode = drivers.KeepTTL
			}
		})},
		{that: "ignores If for sets", wrap: onCommand(func(cmd *drivers.Command) {
			if cmd.Op == drivers.OpSReplace {
				cmd.If = drivers.Always
			}
		})},
		{that: "wraps where it should saturate", wrap: onCommand(func(cmd *drivers.Command) {
			if cmd.Bits.Overflow == drivers.Saturate {
				cmd.Bits.Overflow = drivers.Wrap
			}
		})},
		{that: "takes an absent key for an empty string when it compares", wrap: wrapDo(func(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
			if cmd.Op == drivers.OpCompareAndSwap && cmd.Expected() == "" && cmd.Expiry.Check() == nil {
				_, _ = d.Do(ctx, drivers.Command{Op: drivers.OpAppend, Key: cmd.Key})
			}
			return d.Do(ctx, cmd)
		})},
		{that: "pops a member that is none", wrap: onReply(func(cmd drivers.Command, reply *drivers.Reply, _ *error) {
			if cmd.Op == drivers.OpSPop && len(reply.Values) == 2 {
				reply.Values[1] = reply.Values[0]
			}
		})},
		{that: "says nothing of another type when it moves", wrap: onReply(func(cmd drivers.Command, _ *drivers.Reply, err *error) {
			if cmd.Op == drivers.OpSMove {
				*err = nil
			}
		})},
		{that: "leaves the entries of what it deletes", wrap: onIndexes(func(cmd *drivers.Command, ix *drivers.Index) {
			if cmd.Op == drivers.OpDelete && len(ix.Entries)+len(ix.Stray) == 0 {
				ix.Names = nil
			}
		})},
		{that: "does not look whether an entry is unique", wrap: onIndexes(func(_ *drivers.Command, ix *drivers.Index) {
			for i := range ix.Entries {
				ix.Entries[i].Unique = false
			}
		})},
		{that: "takes nothing over from a child that is gone", wrap: wrapDo(refusesEvery)},
		{that: "leaves what is stray", wrap: onIndexes(func(_ *drivers.Command, ix *drivers.Index) { ix.Stray = nil })},
		{that: "takes a part for the whole child", wrap: onIndexes(func(_ *drivers.Command, ix *drivers.Index) { ix.Whole = true })},
		{that: "reads ranges in no order", wrap: onReply(func(cmd drivers.Command, reply *drivers.Reply, _ *error) {
			if cmd.Op == drivers.OpZRangeByLex {
				slices.Sort(reply.Values)
			}
		})},
	} {
		It("sees a driver that "+broken.that, func(ctx SpecContext) {
			// Single commands alone, as the broken drivers differ in them.
			d := between(1, bare{broken.wrap(memory.New())})
			d.plainOnly = true
			d.run(ctx, 50_000)
			Expect(d.divergence).NotTo(BeEmpty())
			Expect(d.divergence).To(ContainSubstring("step"))
		})
	}

	It("makes the same commands of the same seed, and comes to the same state", func(ctx SpecContext) {
		var ends []string
		for range 2 {
			d := between(7, memory.New())
			d.run(ctx, 5_000)
			Expect(d.divergence).To(BeEmpty())
			end := ""
			for _, key := range keys {
				text, err := d.memory.Do(ctx, drivers.Command{Op: drivers.OpGet, Key: key})
				size, _ := d.memory.Do(ctx, drivers.Command{Op: drivers.OpSCard, Key: key})
				end += fmt.Sprintf("%q %q %d %v\n", key, text.Value, size.Int, err)
			}
			ends = append(ends, fmt.Sprint(d.trips, d.executed, d.failed, end))
		}
		Expect(ends[0]).To(Equal(ends[1]))
	})
})
