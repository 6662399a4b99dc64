// Worker does jobs of a stream. However it dies, every job is done, by it or by another,
// and one that kills whoever touches it ends among the dead letters.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
)

// Office is one slot of a cluster, so that a job can be moved from stream to stream in one step.
type Office struct {
	Jobs  kv.StreamField[string] `kv:"jobs"`
	Dead  kv.StreamField[string] `kv:"dead"`
	Begun kv.SetField            `kv:"begun"`
	Done  kv.SetField            `kv:"done"`
}

func openOffice(driver drivers.Driver) (Office, error) {
	schema := kv.Static("office").Stream[string]("jobs").Stream[string]("dead", kv.Capped(10_000)).Set("begun").Set("done")
	return kv.Open(kv.Colocated(schema.As[Office]()), driver)
}

// work handles jobs until the context ends, and waits then for those that it has begun with.
func work(ctx context.Context, office Office, name string) error {
	workers := office.Jobs.Group("workers")
	if _, err := workers.Create(ctx, ""); err != nil {
		return err
	}
	return workers.DeadLetters(office.Dead, 3).Handle(ctx, name, func(ctx context.Context, job kv.Delivery[string]) error {
		switch job.Value {
		case "poison": // as one that takes all memory
			self, _ := os.FindProcess(os.Getpid())
			_ = self.Kill()
			select {}
		case "long":
			if first, err := office.Begun.Add(ctx, job.Value); err != nil {
				return err
			} else if first == 1 {
				fmt.Println("at work") // until somebody pulls the plug
				select {}
			}
		}
		_, err := office.Done.Add(ctx, job.Value) // done twice is done: what was not acknowledged comes again
		return err
	}, kv.FetchAhead(16), kv.ClaimAfter(2*time.Second), kv.RetryAfter(time.Second), kv.OnFailure(func(err error) { log.Print(err) }))
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	driver, err := redisdriver.Open("redis://" + os.Getenv("REDIS_ADDR"))
	if err != nil {
		log.Fatal(err)
	}
	office, err := openOffice(driver)
	if err == nil {
		err = work(ctx, office, os.Getenv("WORKER"))
	}
	if !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}
}
