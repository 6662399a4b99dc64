package main

import (
	"context"
	"log"
	"time"

	"github.com/kvstore-go/kvstore/kv"
)

// Work packs what is bought, until the context ends: side by side, but one event of an order after the
// other. What fails comes again; what failed three times is left to people, in shop.Dead.
// An order is packed at least once: a worker that dies before it says so has packed it for nothing.
func Work(ctx context.Context, shop TenantView, worker string, pack func(ctx context.Context, id string, order Order) error) error {
	group := shop.Events.Group("packers").DeadLetters(shop.Dead, 3).OrderedBy(func(e Event) string { return e.Order })
	return group.Handle(ctx, worker, func(ctx context.Context, event kv.Delivery[Event]) error {
		if event.Value.Kind != "pack" {
			return nil
		}
		id := event.Value.Order
		order, err := shop.Orders.Take(id).Read(ctx)
		if err == nil {
			err = pack(ctx, id, order)
		}
		if err != nil {
			return err
		}
		_, err = shop.Orders.Take(id).Update(ctx, func(o *Order) error { o.State = "sent"; return nil })
		return err
	}, kv.Concurrency(4), kv.RetryAfter(100*time.Millisecond), kv.OnFailure(func(err error) { log.Print(err) }))
}
