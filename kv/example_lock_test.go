package kv_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

func ExampleLockField() {
	ctx := context.Background()
	lock := kv.MustOpen(kv.Lock(time.Minute), memory.New(), kv.At("lock"))

	var first int64
	err := lock.Hold(ctx, func(ctx context.Context, held kv.Held) error {
		_, err := lock.TryAcquire(ctx)
		fmt.Println(errors.Is(err, kv.ErrConditionFailed))
		first = held.Token()
		return nil
	})
	fmt.Println(err)
	held, err := lock.TryAcquire(ctx)
	fmt.Println(held.Token() > first, err)
	fmt.Println(held.Release(ctx))
	// Output:
	// true
	// <nil>
	// true <nil>
	// <nil>
}
