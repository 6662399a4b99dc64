package kv_test

import (
	"context"
	"fmt"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

type Task struct {
	Name string `json:"name"`
}

const (
	Waiting kv.Key[kv.ListFieldOf[Task]] = "waiting"
	Working kv.Key[kv.ListFieldOf[Task]] = "working"
	Recent  kv.Key[kv.ListField]         = "recent"
)

// A queue whose workers lose nothing: a task lies in a second list while it is worked on.
func ExampleListFieldOf() {
	ctx := context.Background()
	queue := kv.MustOpen(kv.Static("tasks").ListOf(Waiting).ListOf(Working), memory.New())

	go func() {
		_, _ = queue.Take(Waiting).PushRight(ctx, Task{"sweep"}, Task{"mop"})
	}()
	for range 2 {
		task, err := queue.Take(Waiting).MoveWait(ctx, queue.Take(Working), kv.Left, kv.Right)
		fmt.Println(task.Name, err)
		fmt.Println(queue.Take(Working).Remove(ctx, task, 1))
	}
	// Output:
	// sweep <nil>
	// 1 <nil>
	// mop <nil>
	// 1 <nil>
}

// Work of two priorities: what is urgent comes first, whoever brought it when.
func ExamplePopLeftWait() {
	ctx := context.Background()
	memos := kv.MustOpen(kv.Dynamic(kv.List()), memory.New(), kv.At("memos"))
	urgent, normal := memos.Take("urgent"), memos.Take("normal")

	_, _ = normal.PushRight(ctx, "water the plants")
	_, _ = urgent.PushRight(ctx, "close the window")
	for range 2 {
		memo, from, err := kv.PopLeftWait(ctx, urgent, normal)
		fmt.Println(memo, from, err)
	}
	// Output:
	// close the window 0 <nil>
	// water the plants 1 <nil>
}

// The latest few, without a step that somebody could come in between.
func ExampleCapped() {
	ctx := context.Background()
	pages := kv.MustOpen(kv.Static("pages").List(Recent, kv.Capped(3)), memory.New())

	fmt.Println(pages.Take(Recent).PushLeft(ctx, "home", "news", "shop", "cart"))
	fmt.Println(pages.Take(Recent).Read(ctx))
	// Output:
	// 3 <nil>
	// [cart shop news] <nil>
}
