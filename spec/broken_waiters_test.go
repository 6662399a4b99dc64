package spec_test

import (
	"context"
	"errors"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
)

// blocking is a driver that waits through a hook.
type blocking struct {
	able
	block func(d drivers.Blocker, ctx context.Context, cmd drivers.Command) (drivers.Reply, error)
}

func (d blocking) Block(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	return d.block(d.able, ctx, cmd)
}

func brokenWaiters() []brokenDriver {
	hides := func(d drivers.Blocker, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
		reply, err := d.Block(ctx, cmd)
		if errors.Is(err, drivers.ErrWrongType) {
			err = nil
		}
		return reply, err
	}
	backwards := func(d drivers.Blocker, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
		if cmd.Op != drivers.OpLMPop {
			return d.Block(ctx, cmd)
		}
		keys := append([]string{cmd.Key}, cmd.Keys()...)
		slices.Reverse(keys)
		cmd.Key, cmd.OwnExtra().Keys = keys[0], keys[1:]
		reply, err := d.Block(ctx, cmd)
		reply.Int = int64(len(keys)-1) - reply.Int
		return reply, err
	}
	greedy := func(d drivers.Blocker, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
		reply, err := d.Block(ctx, cmd)
		if err == nil && cmd.Op == drivers.OpLMPop {
			_, err = d.(drivers.Driver).Do(ctx, cmd)
		}
		return reply, err
	}
	return []brokenDriver{
		{"waits for several keys in the order of the last to the first", `^waiting for any of several keys takes from the first`, func(d drivers.Driver) drivers.Driver {
			return blocking{d.(able), backwards}
		}},
		{"takes from a second key after it was woken", `^waiting for any of several keys is woken by each, and takes from one alone`, func(d drivers.Driver) drivers.Driver {
			return blocking{d.(able), greedy}
		}},
		{"hides that the key of a wait came to hold another type", `^waiting is ErrWrongType before long`, func(d drivers.Driver) drivers.Driver {
			return blocking{d.(able), hides}
		}},
	}
}
