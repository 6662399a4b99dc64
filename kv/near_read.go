package kv

import (
	"cmp"
	"context"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// isNear reports a value that is declared Near. Whether anything is kept is the driver's to say.
func (k *keyRef) isNear() bool { return k.node != nil && k.node.near }

// askNear executes a read that is answered from near if it can be. The reply is shared: see drivers.NearReply.
func (k *keyRef) askNear(ctx context.Context, op string, read drivers.NearRead) (*drivers.NearReply, error) {
	if err := k.carried(op); err != nil {
		return nil, err
	}
	near := drivers.Near(k.driver.inside()) // which batches and transactions do not have
	if near == nil {
		return k.askFar(ctx, op, read)
	}
	if err := cmp.Or(k.driver.admit(ctx), ctx.Err()); err != nil {
		return nil, k.fail(op, err)
	}
	if !isFresh(ctx) {
		if kept := near.Kept(k.key, read); kept != nil {
			return kept, nil
		}
	}
	keep := near.Reserve(k.key, read)
	if keep == nil {
		return k.askFar(ctx, op, read)
	}
	return k.askToKeep(ctx, op, read, keep)
}

// askFar executes the read alone.
func (k *keyRef) askFar(ctx context.Context, op string, read drivers.NearRead) (*drivers.NearReply, error) {
	reply, err := k.do(ctx, op, &drivers.Command{Op: read.Op, Value: read.Element})
	return &drivers.NearReply{Reply: reply}, err
}

// askToKeep executes the read and asks for how long the value will be there, in one round trip.
func (k *keyRef) askToKeep(ctx context.Context, op string, read drivers.NearRead, keep func(*drivers.NearReply, time.Duration)) (*drivers.NearReply, error) {
	batch := k.batchOf([]drivers.Command{{Op: read.Op, Value: read.Element}, {Op: drivers.OpTTL}})
	if err := cmp.Or(k.driver.DoBatch(ctx, batch), batch.Items[0].Err); err != nil {
		return nil, k.fail(op, err)
	}
	reply, ttl := &drivers.NearReply{Reply: batch.Items[0].Reply}, &batch.Items[1]
	switch absent := !found(&reply.Reply, read.Op); {
	case ttl.Err != nil:
	case ttl.Reply.Nil && absent, !ttl.Reply.Nil && ttl.Reply.Int < 0:
		keep(reply, -1)
	case !ttl.Reply.Nil: // else it is gone by now
		keep(reply, milliseconds(ttl.Reply.Int))
	}
	return reply, nil
}

// found reports a reply that says that there is something.
func found(reply *drivers.Reply, read drivers.Op) bool {
	switch read {
	case drivers.OpHGetAll:
		return len(reply.Values) > 0
	case drivers.OpHExists, drivers.OpSIsMember:
		return reply.Int == 1
	default:
		return !reply.Nil
	}
}

// text reads a single value, as it is stored.
func (k *keyRef) text(ctx context.Context, op string) (text string, exists bool, err error) {
	if k.isNear() {
		reply, err := k.askNear(ctx, op, drivers.NearRead{Op: drivers.OpGet})
		if err != nil {
			return "", false, err
		}
		return reply.Value, !reply.Nil, nil
	}
	return k.get(ctx, op)
}

// askElement executes a read of one element, which the command's Value names.
func (k *keyRef) askElement(ctx context.Context, op string, read drivers.Op, element string) (drivers.Reply, error) {
	if !k.isNear() {
		return k.do(ctx, op, &drivers.Command{Op: read, Value: element})
	}
	return k.replyNear(ctx, op, drivers.NearRead{Op: read, Element: element})
}

// replyNear is the reply of askNear, where nothing is kept beside it.
func (k *keyRef) replyNear(ctx context.Context, op string, read drivers.NearRead) (drivers.Reply, error) {
	reply, err := k.askNear(ctx, op, read)
	if err != nil {
		return drivers.Reply{}, err
	}
	return reply.Reply, nil
}

// hasElement is askElement for what is answered with 1 or 0.
func (k *keyRef) hasElement(ctx context.Context, read drivers.Op, element string) (bool, error) {
	reply, err := k.askElement(ctx, "Has", read, element)
	return reply.Int == 1, err
}
