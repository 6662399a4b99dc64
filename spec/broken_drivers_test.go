package spec_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

type brokenDriver struct {
	that     string // what it does
	caughtBy string // a check that has to fail, as a pattern
	wrap     func(drivers.Driver) drivers.Driver
}

// onReply is a driver that falsifies replies.
func onReply(falsify func(cmd drivers.Command, reply *drivers.Reply, err *error)) func(drivers.Driver) drivers.Driver {
	return hooked(func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
		err := next(ctx, b)
		for i := range b.Items {
			falsify(b.Items[i].Command, &b.Items[i].Reply, &b.Items[i].Err)
		}
		return err
	})
}

// onCommand is a driver that misunderstands commands.
func onCommand(misread func(cmd *drivers.Command)) func(drivers.Driver) drivers.Driver {
	return hooked(func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
		own := drivers.Batch{Atomic: b.Atomic, Items: slices.Clone(b.Items)}
		for i := range own.Items {
			misread(&own.Items[i].Command)
		}
		err := next(ctx, &own)
		for i := range own.Items {
			b.Items[i].Reply, b.Items[i].Err = own.Items[i].Reply, own.Items[i].Err
		}
		return err
	})
}

// hooked executes single commands and batches through a hook, and what is listed
// or watched without it: a middleware of drivers.Use may not swap the batch of a
// single command.
func hooked(hook drivers.Middleware) func(drivers.Driver) drivers.Driver {
	return func(d drivers.Driver) drivers.Driver { return hookedDriver{d.(able), hook} }
}

// able is a driver with all abilities.
type able interface {
	drivers.Driver
	drivers.Batcher
	drivers.Watcher
	drivers.Scanner
	drivers.Blocker
	drivers.Follower
	Close() error
}

type hookedDriver struct {
	able
	hook drivers.Middleware
}

func (d hookedDriver) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	b := drivers.NewBatch(cmd)
	err := d.hook(ctx, b, func(ctx context.Context, b *drivers.Batch) error {
		b.Items[0].Reply, b.Items[0].Err = d.able.Do(ctx, b.Items[0].Command)
		return nil
	})
	if b.Items[0].Err == nil {
		b.Items[0].Err = err
	}
	return b.Items[0].Reply, b.Items[0].Err
}

func (d hookedDriver) DoBatch(ctx context.Context, b *drivers.Batch) error {
	return d.hook(ctx, b, d.able.DoBatch)
}

func brokenDrivers() []brokenDriver {
	return slices.Concat(brokenReplies(), brokenCommands(), brokenOwners(), brokenIndexes(), brokenBatches(), brokenWatchers(), brokenScanners(), brokenWaiters(), brokenFollowers())
}

func brokenReplies() []brokenDriver {
	return []brokenDriver{
		{"takes an absent key for an empty string", `^GET is Nil for an absent key`, onReply(func(cmd drivers.Command, reply *drivers.Reply, _ *error) {
			reply.Nil = reply.Nil && cmd.Op != drivers.OpGet
		})},
		{"takes an empty string for an absent key", `^GET tells an empty string from an absent key`, onReply(func(cmd drivers.Command, reply *drivers.Reply, _ *error) {
			reply.Nil = reply.Nil || cmd.Op == drivers.OpGet && reply.Value == ""
		})},
		{"forgets which of several lists it took from", `^LMPOP takes from the next that is there, and tells its place`, onReply(func(cmd drivers.Command, reply *drivers.Reply, _ *error) {
			if cmd.Op == drivers.OpLMPop {
				reply.Int = 0
			}
		})},
		{"answers TTL in seconds", `^TTL counts milliseconds`, onReply(func(cmd drivers.Command, reply *drivers.Reply, _ *error) {
			if cmd.Op == drivers.OpTTL && reply.Int > 0 {
				reply.Int = reply.Int / 1000 * 1000
			}
		})},
		{"takes an absent key for one without bytes", `^MEMORYUSAGE is Nil for an absent key`, onReply(func(cmd drivers.Command, reply *drivers.Reply, _ *error) {
			reply.Nil = reply.Nil && cmd.Op != drivers.OpMemoryUsage
		})},
		{"counts the bytes of no value", `^MEMORYUSAGE grows with a value`, onReply(func(cmd drivers.Command, reply *drivers.Reply, _ *error) {
			if cmd.Op == drivers.OpMemoryUsage && !reply.Nil {
				reply.Int = 64
			}
		})},
		{"reads a refused number as 0", `^BITINCREMENT is Nil for what does not fit with Fail`, onReply(func(cmd drivers.Command, reply *drivers.Reply, _ *error) {
			reply.Nil = reply.Nil && cmd.Op != drivers.OpBitIncrement
		})},
		{"answers the new number of a slot it sets", `^BITSET answers the old number`, onReply(func(cmd drivers.Command, reply *drivers.Reply, err *error) {
			if cmd.Op == drivers.OpBitSet && *err == nil {
				reply.Int = cmd.Amount
			}
		})},
		{"hides that a key holds another type", `^SMEMBERS is ErrWrongType for a string`, onReply(func(_ drivers.Command, _ *drivers.Reply, err *error) { *err = nil })},
		{"calls every error ErrInvalid", `^GET is ErrWrongType for a set`, onReply(func(_ drivers.Command, _ *drivers.Reply, err *error) {
			if *err != nil {
				*err = drivers.Join(drivers.ErrInvalid, *err)
			}
		})},
		{"counts members given instead of members new", `^SADD counts a member given twice once`, onReply(func(cmd drivers.Command, reply *drivers.Reply, _ *error) {
			if cmd.Op == drivers.OpSAdd {
				reply.Int = int64(len(cmd.Values))
			}
		})},
		{"never repeats a random member", `^SRANDMEMBER with a negative Amount`, onReply(func(cmd drivers.Command, reply *drivers.Reply, _ *error) {
			if cmd.Op == drivers.OpSRandMember {
				slices.Sort(reply.Values)
				reply.Values = slices.Compact(reply.Values)
			}
		})},
		{"cuts values at NUL", `^binary safety "a\\x00b"`, onReply(func(_ drivers.Command, reply *drivers.Reply, _ *error) {
			reply.Value, _, _ = strings.Cut(reply.Value, "\x00")
		})},
		{"ends a set's scan after the first piece", `^SSCAN comes to all of a thousand members`, onReply(func(cmd drivers.Command, reply *drivers.Reply, _ *error) {
			if cmd.Op == drivers.OpSScan {
				reply.Int = 0
			}
		})},
	}
}

// gap is where a driver that does in two steps what it should do in one lets
// others in between, on a busy machine too.
func gap() { time.Sleep(100 * time.Microsecond) }
