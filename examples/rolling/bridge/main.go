// Command bridge is the first deployment: it knows that an account has a first and a last name and an address, and
// goes on writing what the program before it can read.
package main

import (
	"context"
	"strings"

	"github.com/kvstore-go/kvstore/examples/rolling/visits"
	"github.com/kvstore-go/kvstore/kv"
)

// Account is an account.
type Account struct {
	First  string `json:"first"`
	Last   string `json:"last"`
	Mail   string `json:"mail"`
	Visits int    `json:"visits"`
}

// AccountV1 is what an account was.
type AccountV1 struct {
	Name   string `json:"name"`
	Visits int    `json:"visits"`
}

func upgrade(old AccountV1) (Account, error) {
	first, last, _ := strings.Cut(old.Name, " ")
	return Account{First: first, Last: last, Visits: old.Visits}, nil
}

func downgrade(account Account) (AccountV1, error) {
	return AccountV1{account.First + " " + account.Last, account.Visits}, nil
}

var schema = kv.Dynamic(kv.JSON[Account](kv.Upgrade(upgrade), kv.StoreAs(downgrade)))

func main() {
	accounts := kv.MustOpen(schema, visits.Driver(), kv.At("accounts"))
	visits.Count(func(ctx context.Context, id string) error {
		_, err := accounts.Take(id).Upsert(ctx, func(account *Account) error {
			if account.First == "" {
				account.First, account.Last = "Ada", "Lovelace"
			}
			account.Visits++
			return nil
		})
		return err
	})
}
