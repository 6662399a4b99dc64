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

func ExampleLimiterField_With() {
	ctx := context.Background()
	calls := kv.MustOpen(kv.Dynamic(kv.Limiter()), memory.New(), kv.At("calls"))

	perSecond, perDay := kv.Per(2, time.Second), kv.Per(1000, 24*time.Hour) // of the tenant's plan
	for range 3 {
		decision, err := calls.Take("acme").With(perSecond, perDay).Allow(ctx)
		fmt.Println(decision.Allowed, decision.Refused == perSecond, err)
	}
	// Output:
	// true false <nil>
	// true false <nil>
	// false true <nil>
}

func ExampleLimiterField_Wait() {
	limiter := kv.MustOpen(kv.Limiter(kv.Per(1, 10*time.Millisecond)), memory.New(), kv.At("mails"))

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for range 3 {
		decision, err := limiter.Wait(ctx)
		fmt.Println(decision.Allowed, err)
	}
	// Output:
	// true <nil>
	// true <nil>
	// true <nil>
}
