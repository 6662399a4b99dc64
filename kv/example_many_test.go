package kv_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

// Any mix of operations in one round trip, each with its typed result.
func ExampleBatch() {
	ctx := context.Background()
	rooms := kv.MustOpen(kv.Dynamic(Room), memory.New(), kv.At("rooms"))

	var batch kv.Batch
	room := batch.Bind(rooms.Take("42"))
	batch.Exec(func(ctx context.Context) error {
		return room.Take(Config).Write(ctx, RoomConfig{Title: "Lobby", Seats: 8})
	})
	added := batch.Do(func(ctx context.Context) (int, error) { return room.Take(Members).Add(ctx, "ann", "bob") })
	config := batch.Do(room.Take(Config).Read)
	other := batch.Do(batch.Bind(rooms.Take("7")).Take(Config).Read)

	fmt.Println(config.Get())
	fmt.Println(batch.Run(ctx))
	fmt.Println(added.Get())
	fmt.Println(config.Get())
	fmt.Println(other.Get())
	// Output:
	// { 0} kv: Get (batch): invalid value: the batch has not run
	// <nil>
	// 2 <nil>
	// {Lobby 8} <nil>
	// { 0} kv: Read rooms:7:config: not found
}

// What is read is what is committed, and what is written is written together or not at all.
func ExampleAtomic() {
	ctx := context.Background()
	const Accounts kv.Key[kv.DynamicStore[kv.StringField]] = "accounts"
	accounts := kv.MustOpen(kv.Colocated(kv.Static("bank").Field(Accounts, kv.Dynamic(kv.String()))), memory.New()).Take(Accounts)
	_ = accounts.Take("ann").Write(ctx, "100")
	errPoor := errors.New("not enough")

	transfer := func(from, to string, amount int) error {
		return kv.Atomic(ctx, accounts, func(ctx context.Context, tx kv.DynamicStore[kv.StringField]) error {
			held := map[string]int{}
			for entry, err := range kv.ReadMany(ctx, tx, from, to) { // one round trip
				if err != nil && !errors.Is(err, kv.ErrNotFound) {
					return err
				}
				held[entry.Key], _ = strconv.Atoi(entry.Value)
			}
			if held[from] < amount {
				return errPoor
			}
			if err := tx.Take(from).Write(ctx, strconv.Itoa(held[from]-amount)); err != nil {
				return err
			}
			return tx.Take(to).Write(ctx, strconv.Itoa(held[to]+amount))
		})
	}
	fmt.Println(transfer("ann", "bob", 30))
	fmt.Println(transfer("bob", "ann", 31))
	fmt.Println(accounts.Take("ann").Read(ctx))
	fmt.Println(accounts.Take("bob").Read(ctx))
	// Output:
	// <nil>
	// not enough
	// 70 <nil>
	// 30 <nil>
}

// The values of some keys, or of all, page by page.
func ExampleReadMany() {
	ctx := context.Background()
	users := kv.MustOpen(kv.Dynamic(kv.String()), memory.New(), kv.At("users"))
	_ = users.Take("ann").Write(ctx, "Ann")
	_ = users.Take("bob").Write(ctx, "Bob")

	for user, err := range kv.ReadMany(ctx, users, "bob", "cid", "ann") {
		fmt.Println(user.Key, user.Value, err)
	}
	for user, err := range kv.All(ctx, users) {
		fmt.Println("all:", user.Key, user.Value, err)
	}
	// Unordered output:
	// bob Bob <nil>
	// cid  kv: Read users:cid: not found
	// ann Ann <nil>
	// all: ann Ann <nil>
	// all: bob Bob <nil>
}
