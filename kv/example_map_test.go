package kv_test

import (
	"context"
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

func ExampleMapField() {
	ctx := context.Background()
	visits := kv.MustOpen(kv.Map[int64](), memory.New(), kv.At("visits"))

	fmt.Println(visits.PutMany(ctx, map[string]int64{"home": 3, "about": 1}))
	fmt.Println(kv.IncrementIn(ctx, visits, "home", 1))
	fmt.Println(visits.Get(ctx, "home"))
	fmt.Println(visits.GetMany(ctx, "home", "nowhere"))
	fmt.Println(visits.Remove(ctx, "about", "nowhere"))
	fmt.Println(visits.Read(ctx))
	// Output:
	// 2 <nil>
	// 4 <nil>
	// 4 <nil>
	// map[home:4] <nil>
	// 1 <nil>
	// map[home:4] <nil>
}

func ExampleMapField_ExpireFields() {
	ctx, now := context.Background(), time.Now()
	online := kv.MustOpen(kv.Map[string](), memory.New(memory.WithClock(func() time.Time { return now })), kv.At("online"))

	fmt.Println(online.PutMany(ctx, map[string]string{"ann": "lobby", "bob": "lobby"}))
	fmt.Println(online.ExpireFields(ctx, time.Minute, "ann", "bob"))
	fmt.Println(online.Put(ctx, "bob", "table 7")) // what is written stays
	fmt.Println(online.FieldTTL(ctx, "ann"))
	now = now.Add(time.Minute + time.Millisecond)
	fmt.Println(online.Read(ctx))
	// Output:
	// 2 <nil>
	// 2 <nil>
	// <nil>
	// 1m0s <nil>
	// map[bob:table 7] <nil>
}
