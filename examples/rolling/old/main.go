// Command old is the program that runs today: an account has a name.
package main

import (
	"context"

	"github.com/kvstore-go/kvstore/examples/rolling/visits"
	"github.com/kvstore-go/kvstore/kv"
)

// Account is an account.
type Account struct {
	Name   string `json:"name"`
	Visits int    `json:"visits"`
}

var schema = kv.Dynamic(kv.JSON[Account]())

func main() {
	accounts := kv.MustOpen(schema, visits.Driver(), kv.At("accounts"))
	visits.Count(func(ctx context.Context, id string) error {
		_, err := accounts.Take(id).Upsert(ctx, func(account *Account) error {
			if account.Name == "" {
				account.Name = "Ada Lovelace"
			}
			account.Visits++
			return nil
		})
		return err
	})
}
