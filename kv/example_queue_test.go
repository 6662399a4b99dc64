package kv_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

func ExampleQueueField() {
	ctx := context.Background()
	mails := kv.MustOpen(kv.Queue[string](), memory.New(), kv.At("mails"))

	_, err := mails.Add(ctx, "welcome, ann", kv.JobID("ann:welcome"))
	fmt.Println(err)
	_, err = mails.Add(ctx, "still there, ann?", kv.JobID("ann:reminder"), kv.DueIn(24*time.Hour))
	fmt.Println(err)

	job, err := mails.Take(ctx, time.Minute)
	fmt.Println(job.ID, job.Value, job.Tries, err)
	fmt.Println(mails.Retry(ctx, job, kv.DueIn(time.Hour)), "as the post office is closed")

	_, err = mails.Take(ctx, time.Minute)
	fmt.Println(errors.Is(err, kv.ErrNotFound))
	for job, err := range mails.All(ctx) {
		fmt.Println(job.ID, job.State, job.Tries, time.Until(job.Due).Round(time.Hour), err)
	}
	// Output:
	// <nil>
	// <nil>
	// ann:welcome welcome, ann 1 <nil>
	// <nil> as the post office is closed
	// true
	// ann:welcome waiting 1 1h0m0s <nil>
	// ann:reminder waiting 0 24h0m0s <nil>
}

func ExampleQueueField_Handle() {
	ctx, stop := context.WithCancel(context.Background())
	mails := kv.MustOpen(kv.Queue[string](), memory.New(), kv.At("mails"))
	for _, to := range []string{"ann", "nobody"} {
		_, err := mails.Add(ctx, to, kv.JobID(to))
		fmt.Println(err)
	}

	const tries = 2
	err := mails.Handle(ctx, func(ctx context.Context, job kv.Job[string]) error {
		if job.Value != "nobody" {
			fmt.Println("sent to", job.Value)
			return nil
		}
		if job.Tries == tries {
			defer stop()                // as this is an example
			return mails.Bury(ctx, job) // which Handle would do, too, after another error
		}
		return errors.New("there is no such address")
	}, kv.BuryAfter(tries), kv.RetryAfter(0), kv.OnFailure(func(err error) { fmt.Println(err) }))
	fmt.Println(errors.Is(err, context.Canceled))
	for job, err := range mails.AllDead(context.Background()) {
		fmt.Println(job.ID, job.State, job.Tries, err)
	}
	// Output:
	// <nil>
	// <nil>
	// sent to ann
	// kv: Handle mails: job "nobody": there is no such address
	// true
	// nobody dead 2 <nil>
}
