package kv_test

import (
	"context"
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

func ExampleLimiterField() {
	ctx := context.Background()
	limiter := kv.MustOpen(kv.Limiter(kv.Per(10, time.Hour).Burst(2)), memory.New(), kv.At("limiter"))

	for range 3 {
		decision, err := limiter.Allow(ctx)
		fmt.Println(decision.Allowed, decision.Remaining, decision.RetryAfter.Round(time.Minute), err)
	}
	// Output:
	// true 1 0s <nil>
	// true 0 0s <nil>
	// false 0 6m0s <nil>
}
