package kv_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

func ExampleScalarField_Fetch() {
	ctx := context.Background()
	rate := kv.MustOpen(kv.Float(kv.ExpireIn(time.Hour)), memory.New(), kv.At("rates", "chf"))
	loads := 0 // only one loads
	load := func(context.Context) (float64, error) { loads++; return 0.94, nil }
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if _, err := rate.Fetch(ctx, load); err != nil {
				fmt.Println(err)
			}
		})
	}
	all.Wait()
	fmt.Println(loads)
	fmt.Println(rate.Read(ctx))
	// Output:
	// 1
	// 0.94 <nil>
}

func ExampleRememberNone() {
	ctx := context.Background()
	names := kv.MustOpen(kv.Dynamic(kv.String()), memory.New(), kv.At("names"))
	load := func(context.Context) (string, error) {
		fmt.Println("asked")
		return "", kv.ErrNotFound
	}
	for range 2 {
		_, err := names.Take("7").Fetch(ctx, load, kv.RememberNone(time.Minute))
		fmt.Println(errors.Is(err, kv.ErrNotFound))
	}
	// Output:
	// asked
	// true
	// true
}
