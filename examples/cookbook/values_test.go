package cookbook_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/kv"
)

// whoHas is the user of a session, which from now on has an hour to live again.
func whoHas(ctx context.Context, sessions kv.DynamicStore[kv.StringField], token string) (string, error) {
	return sessions.Take(token).Read(ctx) // kv.ErrNotFound, if the session is over
}

func Example_slidingTTL() {
	ctx, shop := openShop()
	session := shop.Sessions.Take("t0ken")
	check(session.Write(ctx, "ann", kv.ExpireIn(time.Minute)))
	fmt.Println(whoHas(ctx, shop.Sessions, "t0ken"))
	left, _ := session.TTL(ctx)
	fmt.Println(left.Round(time.Minute))
	_, err := whoHas(ctx, shop.Sessions, "another")
	fmt.Println(errors.Is(err, kv.ErrNotFound))
	// Output:
	// ann <nil>
	// 1h0m0s
	// true
}

func Example_batch() {
	ctx, shop := openShop()
	check(shop.Users.Take("7").Write(ctx, User{"Ann", "ann@x.org"}))

	var batch kv.Batch
	bound := batch.Bind(shop) // any handle, store or view; nothing is sent before Run
	user := batch.Do(bound.Users.Take("7").Read)
	stock := batch.Do(func(ctx context.Context) (int64, error) { return bound.Stock.Increment(ctx, 12) })
	batch.Exec(func(ctx context.Context) error { return bound.Sessions.Take("t0ken").Write(ctx, "7") })
	err := batch.Run(ctx) // of all that failed, but for kv.ErrNotFound

	fmt.Println(err)
	fmt.Println(user.Get())
	fmt.Println(stock.Get())
	// Output:
	// <nil>
	// {Ann ann@x.org} <nil>
	// 12 <nil>
}

var errSoldOut = errors.New("sold out")

// sell takes one from the stock and notes the order, together or not at all.
func sell(ctx context.Context, shop ShopView, id string, order Order) error {
	return kv.Atomic(ctx, shop, func(ctx context.Context, tx ShopView) error {
		left, err := tx.Stock.Decrement(ctx, 1)
		if err != nil {
			return err
		}
		if left < 0 {
			return errSoldOut // and nothing is written
		}
		_, err = tx.Events.Append(ctx, "sold "+order.Of)
		return errors.Join(err, tx.Orders.Take(id).Write(ctx, order))
	})
}

func Example_transaction() {
	ctx, shop := openShop()
	check(shop.Stock.Write(ctx, 1))
	fmt.Println(sell(ctx, shop, "1", Order{"tea", 300}))
	fmt.Println(sell(ctx, shop, "2", Order{"tea", 300}))
	fmt.Println(shop.Stock.Read(ctx))
	fmt.Println(shop.Events.Len(ctx))
	// Output:
	// <nil>
	// sold out
	// 0 <nil>
	// 1 <nil>
}

// transfer is a transaction over handles of several stores: what is in the struct takes part.
func transfer(ctx context.Context, from, to ShopView, pieces int64) (left int64, err error) {
	type stocks struct{ From, To kv.IntField }
	return kv.AtomicResult(ctx, stocks{from.Stock, to.Stock}, func(ctx context.Context, tx stocks) (int64, error) {
		left, err := tx.From.Decrement(ctx, pieces)
		if err != nil {
			return 0, err
		}
		if left < 0 {
			return 0, errSoldOut
		}
		_, err = tx.To.Increment(ctx, pieces)
		return left, err
	})
}

// rename changes one document, whoever else does at the same time. The function may run more
// than once, so it should do nothing else.
func rename(ctx context.Context, users kv.CollectionStore[User], id, name string) (User, error) {
	return users.Take(id).Update(ctx, func(user *User) error {
		user.Name = name
		return nil
	})
}

func Example_optimisticUpdate() {
	ctx, shop := openShop()
	check(shop.Users.Take("7").Write(ctx, User{"Ann", "ann@x.org"}))
	fmt.Println(rename(ctx, shop.Users, "7", "Anna"))
	// Output:
	// {Anna ann@x.org} <nil>
}

// signUp takes an address that nobody else has, in one step with the document.
func signUp(ctx context.Context, users kv.CollectionStore[User], id string, user User) error {
	err := users.Take(id).Write(ctx, user, kv.IfAbsent)
	var duplicate *kv.DuplicateError
	if errors.As(err, &duplicate) {
		return fmt.Errorf("%s is taken by user %s", user.Mail, duplicate.Holder)
	}
	return err
}

func Example_uniqueMail() {
	ctx, shop := openShop()
	fmt.Println(signUp(ctx, shop.Users, "7", User{"Ann", "ann@x.org"}))
	fmt.Println(signUp(ctx, shop.Users, "8", User{"Anna", "ann@x.org"}))
	found, err := shop.Users.Find(ByMail.Is("ann@x.org")).First(ctx)
	fmt.Println(found.Key, err)
	// Output:
	// <nil>
	// ann@x.org is taken by user 7
	// 7 <nil>
}
