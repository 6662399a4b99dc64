package kv_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

func ExampleStreamField() {
	ctx := context.Background()
	type Move struct {
		Square string `json:"square"`
	}
	game := kv.MustOpen(kv.Stream[Move](kv.Capped(1000)), memory.New(), kv.At("games", "7"))

	first, _ := game.Append(ctx, Move{"e4"})
	_, _ = game.Append(ctx, Move{"e5"})
	_, _ = game.Append(ctx, Move{"Nf3"})
	fmt.Println(game.Len(ctx))
	last, _ := game.Range("", "").Backwards().Page(ctx, 1)
	fmt.Println(last[0].Value)
	for entry, err := range game.Follow(ctx, first) { // without end: it waits for more
		fmt.Println(entry.Value, err)
		if entry.Value.Square == "Nf3" {
			break
		}
	}
	// Output:
	// 3 <nil>
	// {Nf3}
	// {e5} <nil>
	// {Nf3} <nil>
}

// Workers share jobs. What one of them leaves undone comes to another.
func ExampleStreamGroup() {
	ctx := context.Background()
	jobs := kv.MustOpen(kv.Stream[string](), memory.New(), kv.At("jobs"))
	workers := jobs.Group("workers")
	_, _ = workers.Create(ctx, "")
	for _, job := range []string{"sweep", "dust", "polish"} {
		_, _ = jobs.Append(ctx, job)
	}
	for delivery := range workers.Consume(ctx, "ann") {
		fmt.Println("ann takes", delivery.Value, "and crashes")
		break
	}

	working, stop := context.WithCancel(ctx)
	defer stop()
	for delivery, err := range workers.Consume(working, "ann") { // once more
		if err != nil {
			fmt.Println(errors.Is(err, context.Canceled))
			break
		}
		fmt.Println("ann does", delivery.Value)
		_, _ = delivery.Ack(ctx)
		if delivery.Value == "polish" {
			stop()
		}
	}
	// Output:
	// ann takes sweep and crashes
	// ann does sweep
	// ann does dust
	// ann does polish
	// true
}

// A handler that panics, or fails, has its entry again. What fails too often is put aside.
func ExampleStreamGroup_Handle() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	driver := memory.New()
	jobs, dead := kv.MustOpen(kv.Stream[string](), driver, kv.At("jobs")), kv.MustOpen(kv.Stream[string](), driver, kv.At("dead"))
	workers := jobs.Group("workers").DeadLetters(dead, 1)
	_, _ = workers.Create(ctx, "")
	for _, job := range []string{"sweep", "juggle", "dust"} {
		_, _ = jobs.Append(ctx, job)
	}

	err := workers.Handle(ctx, "ann", func(_ context.Context, delivery kv.Delivery[string]) error {
		switch delivery.Value {
		case "juggle":
			return errors.New("dropped")
		case "dust":
			stop() // Handle lets what runs come to its end
		}
		fmt.Println("done:", delivery.Value)
		return nil
	}, kv.OnFailure(func(error) { fmt.Println("failed") }))
	fmt.Println(errors.Is(err, context.Canceled))
	buried, _ := dead.Range("", "").Page(context.Background(), 10)
	fmt.Println("dead:", buried[0].Value)
	// Output:
	// done: sweep
	// failed
	// done: dust
	// true
	// dead: juggle
}

func ExampleTopicField() {
	ctx := context.Background()
	chat := kv.MustOpen(kv.Topic[string](), memory.New(), kv.At("chat"))

	fmt.Println(chat.Publish(ctx, "nobody hears it"))
	listening := func() { // called once it does: what is sent before is lost
		_, _ = chat.Publish(ctx, "hello")
	}
	for message, err := range chat.Subscribe(ctx, listening) {
		fmt.Println(message, err)
		break
	}
	// Output:
	// 0 <nil>
	// hello <nil>
}
