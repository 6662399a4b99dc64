package cookbook_test

import (
	"context"
	"fmt"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

// Warehouse has a field under two names, until the second deployment.
var Warehouse = kv.Colocated(kv.Static("warehouse").Int("amount").Int("inStock").As[WarehouseView]())

type WarehouseView struct {
	kv.StaticStore
	Amount  kv.IntField `kv:"amount"`
	InStock kv.IntField `kv:"inStock"`
}

// stockOf is where the number is: under its new name once it has moved.
func stockOf(ctx context.Context, w WarehouseView) (kv.IntField, error) {
	moved, err := w.InStock.Exists(ctx)
	if moved || err != nil {
		return w.InStock, err
	}
	return w.Amount, nil
}

// arrive looks where the number is and changes it there in one step, whatever moves meanwhile.
func arrive(ctx context.Context, w WarehouseView, pieces int64) error {
	return kv.Atomic(ctx, w, func(ctx context.Context, tx WarehouseView) error {
		stock, err := stockOf(ctx, tx)
		if err != nil {
			return err
		}
		_, err = stock.Increment(ctx, pieces)
		return err
	})
}

func renameStock(ctx context.Context, w WarehouseView) (kv.Transferred, error) {
	return kv.Move(ctx, w.Amount, w.InStock)
}

func Example_renameAField() {
	ctx, w := context.Background(), kv.MustOpen(Warehouse, memory.New())
	check(arrive(ctx, w, 5))
	fmt.Println(renameStock(ctx, w))
	check(arrive(ctx, w, 2))
	fmt.Println(renameStock(ctx, w)) // once more: there is nothing left
	fmt.Println(w.InStock.Read(ctx))
	fmt.Println(w.Keys(ctx))
	// Output:
	// {1 0 0} <nil>
	// {0 0 0} <nil>
	// 7 <nil>
	// [inStock] <nil>
}
