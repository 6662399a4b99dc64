package kv_test

import (
	"context"
	"fmt"

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
