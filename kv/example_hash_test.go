package kv_test

import (
	"context"
	"fmt"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

type Account struct {
	Owner   string  `kv:"owner"`
	Balance int64   `kv:"balance"`
	Note    *string `kv:"note"`
}

const (
	Owner   kv.HashKey[Account, string] = "owner"
	Balance kv.HashKey[Account, int64]  = "balance"
)

func ExampleHashField() {
	ctx := context.Background()
	account := kv.MustOpen(kv.Hash[Account](), memory.New(), kv.At("account"))

	_ = account.Write(ctx, Account{Owner: "Ada", Balance: 10})
	fmt.Println(account.Increment(ctx, Balance, 5))
	fmt.Println(account.Get(ctx, Owner))
	_ = account.PutMany(ctx, Owner.To("Grace"), Balance.To(100))
	fmt.Println(account.Update(ctx, func(a *Account) error { a.Balance /= 2; return nil }))
	// Output:
	// 15 <nil>
	// Ada <nil>
	// {Grace 50 <nil>} <nil>
}
