package spec_test

import (
	"context"
	"errors"

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
	return []brokenDriver{
		{"hides that the key of a wait came to hold another type", `^waiting is ErrWrongType before long`, func(d drivers.Driver) drivers.Driver {
			return blocking{d.(able), hides}
		}},
	}
}
