// Command newest is the second deployment: it writes what an account is now. With -migrate it rewrites what is left of
// the older form, and ends.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
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

var schema = kv.Dynamic(kv.JSON[Account](kv.Upgrade(upgrade)))

func main() {
	migrate := flag.Bool("migrate", false, "rewrite what is stored in the older form")
	flag.Parse()
	accounts := kv.MustOpen(schema, visits.Driver(), kv.At("accounts"))
	if *migrate {
		done, err := kv.Migrate(context.Background(), accounts)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%d rewritten, %d current\n", done.Rewritten, done.Current)
		return
	}
	visits.Count(func(ctx context.Context, id string) error {
		_, err := accounts.Take(id).Upsert(ctx, func(account *Account) error {
			if account.First == "" {
				account.First, account.Last = "Ada", "Lovelace"
			}
			if id != "0" { // somebody who has not told it
				account.Mail = "ada@example.org"
			}
			account.Visits++
			return nil
		})
		return err
	})
}
