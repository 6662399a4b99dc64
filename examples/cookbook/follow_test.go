package cookbook_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/kvstore-go/kvstore/kv"
)

// showStock shows how much there is in stock: now, and whenever it is another number, until show is over with it.
func showStock(ctx context.Context, stock kv.IntField, show func(count int64) (over bool)) error {
	for count, err := range stock.Follow(ctx) {
		if errors.Is(err, kv.ErrMissed) { // the connection was lost: what is there now comes when it is back
			continue
		}
		if err != nil && !errors.Is(err, kv.ErrNotFound) {
			return err // the context's, when it ends
		}
		if show(count) {
			break
		}
	}
	return nil
}

// keepCopy keeps a copy of all users, and hands it over whenever it is another.
func keepCopy(ctx context.Context, users kv.CollectionStore[User], changed func(copied map[string]User) (over bool)) error {
	copied := map[string]User{}
	for user, err := range users.Follow(ctx) {
		if errors.Is(err, kv.ErrMissed) { // all that is there comes anew
			clear(copied)
			continue
		}
		if err != nil {
			return err
		}
		switch document, err := user.Value.Read(ctx); {
		case errors.Is(err, kv.ErrNotFound):
			delete(copied, user.Key)
		case err != nil:
			return err
		default:
			copied[user.Key] = document
		}
		if changed(copied) {
			break
		}
	}
	return nil
}

// watchLarge tells which orders come to be large, and which are not any more.
func watchLarge(ctx context.Context, orders kv.CollectionStore[Order], tell func(id string, kind kv.ChangeKind) (over bool)) error {
	for change, err := range orders.Find(ByCents.AtLeast(1000)).Follow(ctx) {
		switch {
		case errors.Is(err, kv.ErrMissed): // the differences come when the connection is back
		case err != nil:
			return err
		case tell(change.Key, change.Kind):
			return nil
		}
	}
	return nil
}

func Example_followAValue() {
	ctx, shop := openShop()
	check(showStock(ctx, shop.Stock, func(count int64) bool {
		fmt.Println(count)
		_, err := shop.Stock.Increment(ctx, 5)
		check(err)
		return count == 10
	}))
	// Output:
	// 0
	// 5
	// 10
}

func Example_followAStore() {
	ctx, shop := openShop()
	check(shop.Users.Take("7").Write(ctx, User{"Ann", "ann@example.com"}))
	check(keepCopy(ctx, shop.Users, func(copied map[string]User) bool {
		fmt.Println(copied)
		_, err := shop.Users.Take("7").Erase(ctx)
		check(err)
		return len(copied) == 0
	}))
	// Output:
	// map[7:{Ann ann@example.com}]
	// map[]
}

func Example_followAQuery() {
	ctx, shop := openShop()
	check(shop.Orders.Take("1").Write(ctx, Order{"a samovar", 9900}))
	check(watchLarge(ctx, shop.Orders, func(id string, kind kv.ChangeKind) bool {
		fmt.Println(id, kind)
		check(shop.Orders.Take(id).Write(ctx, Order{"a spoon", 900}))
		return kind == kv.Leaves
	}))
	// Output:
	// 1 enters
	// 1 leaves
}
