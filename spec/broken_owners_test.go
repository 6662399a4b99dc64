package spec_test

import (
	"context"
	"slices"
	"sync"

	"github.com/kvstore-go/kvstore/drivers"
)

// brokenOwners share slices with their callers.
func brokenOwners() []brokenDriver {
	return []brokenDriver{
		{"keeps the slice of a command", `^SADD keeps no slice of its command`, func(d drivers.Driver) drivers.Driver {
			return &keeper{able: d.(able), late: map[string][]string{}}
		}},
		{"answers twice with one slice", `^SMEMBERS answers with a slice of the caller's`, func(d drivers.Driver) drivers.Driver {
			return &lender{able: d.(able), lent: map[string][]string{}}
		}},
		{"sorts the slice of a command", `^SADD does not write into its command's slices`, wrapDo(func(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
			slices.Sort(cmd.Values)
			return d.Do(ctx, cmd)
		})},
		{"appends to the slice of a command", `^SUNION does not write into its command's slices`, wrapDo(func(d able, ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
			_ = append(cmd.Keys(), cmd.Key)
			return d.Do(ctx, cmd)
		})},
	}
}

// keeper remembers the members it was given, and says at reading what it remembers.
type keeper struct {
	able
	lock sync.Mutex
	late map[string][]string
}

func (d *keeper) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	d.lock.Lock()
	defer d.lock.Unlock()
	reply, err := d.able.Do(ctx, cmd)
	switch {
	case cmd.Op == drivers.OpSAdd && err == nil && reply.Int == int64(len(cmd.Values)):
		d.late[cmd.Key] = cmd.Values
	case cmd.Op == drivers.OpSMembers:
		for i, member := range d.late[cmd.Key] {
			if i < len(reply.Values) && !slices.Contains(reply.Values, member) {
				reply.Values[i] = member
			}
		}
	default:
		if cmd.Op.Effect() == drivers.Writes {
			delete(d.late, cmd.Key)
		}
	}
	return reply, err
}

func (d *keeper) DoBatch(ctx context.Context, b *drivers.Batch) error { return oneByOne(ctx, d, b) }

// oneByOne executes a batch as a driver that has no batches does.
func oneByOne(ctx context.Context, d drivers.Driver, b *drivers.Batch) error {
	return drivers.DoBatch(ctx, struct{ drivers.Driver }{d}, b)
}

// lender answers with the slice it answered with before.
type lender struct {
	able
	lock sync.Mutex
	lent map[string][]string
}

func (d *lender) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	d.lock.Lock()
	defer d.lock.Unlock()
	reply, err := d.able.Do(ctx, cmd)
	if cmd.Op == drivers.OpSMembers && err == nil {
		if old := d.lent[cmd.Key]; len(old) == len(reply.Values) {
			reply.Values = old
		}
		d.lent[cmd.Key] = reply.Values
	}
	return reply, err
}
