package kv

import (
	"context"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// What the methods of Field do.

// askBool executes a read without arguments that is answered with 1 or 0.
func (k *keyRef) askBool(ctx context.Context, op string, read drivers.Op) (bool, error) {
	reply, err := k.ask(ctx, op, read)
	return reply.Int == 1, err
}

// askInt executes a read without arguments that is answered with a number of things.
//
//go:noinline // into each of the many methods that are no more than this
func (k *keyRef) askInt(ctx context.Context, op string, read drivers.Op) (int, error) {
	reply, err := k.ask(ctx, op, read)
	return int(reply.Int), err
}

// change executes a write without arguments that is answered with 1 or 0.
func (k *keyRef) change(ctx context.Context, op string, write drivers.Op) (bool, error) {
	return k.doBool(ctx, op, &drivers.Command{Op: write})
}

func (k *keyRef) ttl(ctx context.Context) (time.Duration, error) {
	reply, err := k.ask(ctx, "TTL", drivers.OpTTL)
	switch {
	case err != nil:
		return 0, err
	case reply.Nil:
		return 0, k.fail("TTL", ErrNotFound)
	case reply.Int < 0:
		return NoTTL, nil
	}
	return drivers.Span(reply.Int, time.Millisecond), nil
}

func (k *keyRef) expireIn(ctx context.Context, d time.Duration) (bool, error) {
	return k.expire(ctx, "Expire", drivers.In(d))
}

func (k *keyRef) expireAt(ctx context.Context, t time.Time) (bool, error) {
	return k.expire(ctx, "ExpireAt", drivers.At(t))
}
