package cookbook_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

// Reminder is a job.
type Reminder struct {
	Order string `json:"order"`
}

type ParcelsView struct {
	Orders    kv.MapField[string, string] `kv:"orders"`
	Reminders kv.QueueField[Reminder]     `kv:"reminders"`
}

var Parcels = kv.Colocated(kv.Static("parcels").Map[string]("orders").Queue[Reminder]("reminders").As[ParcelsView]())

// order writes an order and what is to be done later, or neither.
func order(ctx context.Context, parcels ParcelsView, id string) error {
	return kv.Atomic(ctx, parcels, func(ctx context.Context, tx ParcelsView) error {
		if err := tx.Orders.Put(ctx, id, "unpaid"); err != nil {
			return err
		}
		_, err := tx.Reminders.Add(ctx, Reminder{id}, kv.JobID(id), kv.DueIn(24*time.Hour))
		return err
	})
}

// pay makes the reminder needless.
func pay(ctx context.Context, parcels ParcelsView, id string) error {
	return kv.Atomic(ctx, parcels, func(ctx context.Context, tx ParcelsView) error {
		if err := tx.Orders.Put(ctx, id, "paid"); err != nil {
			return err
		}
		_, err := tx.Reminders.Remove(ctx, id)
		return err
	})
}

// remindAll works until ctx ends. What it does to an order and the end of the job are one step,
// so that it is done once, however often it is tried.
func remindAll(ctx context.Context, parcels ParcelsView) error {
	return parcels.Reminders.Handle(ctx, func(ctx context.Context, job kv.Job[Reminder]) error {
		return kv.Atomic(ctx, parcels, func(ctx context.Context, tx ParcelsView) error {
			if err := tx.Orders.Put(ctx, job.Value.Order, "reminded"); err != nil {
				return err
			}
			return tx.Reminders.Done(ctx, job)
		})
	}, kv.Concurrency(4), kv.BuryAfter(5), kv.OnFailure(func(err error) { log.Print(err) }))
}

func Example_queue() {
	ctx, stop := context.WithCancel(context.Background())
	parcels := kv.MustOpen(Parcels, memory.New())
	check(order(ctx, parcels, "7"))
	check(order(ctx, parcels, "8"))
	check(pay(ctx, parcels, "8"))
	_, err := parcels.Reminders.Reschedule(ctx, "7", kv.Due{}) // a day goes by
	check(err)
	over := make(chan error)
	go func() { over <- remindAll(ctx, parcels) }()
	for left := 1; left > 0; {
		left, err = parcels.Reminders.Len(ctx)
		check(err)
	}
	stop()
	fmt.Println(<-over)
	fmt.Println(parcels.Orders.Read(context.Background()))
	// Output:
	// kv: Handle {parcels}:reminders: context canceled
	// map[7:reminded 8:paid] <nil>
}
