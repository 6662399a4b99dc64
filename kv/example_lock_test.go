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

	err := lock.Hold(ctx, func(ctx context.Context, held kv.Held) error {
		_, err := lock.TryAcquire(ctx)
		fmt.Println(held.Token(), errors.Is(err, kv.ErrConditionFailed))
		return nil
	})
	fmt.Println(err)
	held, err := lock.TryAcquire(ctx)
	fmt.Println(held.Token(), err)
	fmt.Println(held.Release(ctx))
	// Output:
	// 1 true
	// <nil>
	// 2 <nil>
	// <nil>
}
