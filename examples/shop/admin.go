package main

import (
	"context"
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/kv"
)

// NewestOrders is a page of the orders in a state, the newest first: the compound index has
// them in that order, so that a page costs two round trips however many there are.
func NewestOrders(ctx context.Context, shop TenantView, state string, size int, cursor string) (kv.Page[string, Order], error) {
	return shop.Orders.Find(ByState.With(state)).OrderBy(ByState).Backwards().Page(ctx, size, cursor)
}

// OrdersOf is a page of a customer's orders since a moment, the oldest first.
func OrdersOf(ctx context.Context, shop TenantView, customer string, since time.Time, size int, cursor string) (kv.Page[string, Order], error) {
	return shop.Orders.Find(ByCustomer.Is(customer), ByCreated.AtLeast(since)).OrderBy(ByCreated).Page(ctx, size, cursor)
}

// Bargains are the cheapest products of some categories.
func Bargains(ctx context.Context, shop TenantView, below, size int, categories ...string) (kv.Page[string, Product], error) {
	var any []kv.Term
	for _, category := range categories {
		any = append(any, ByCategory.Is(category))
	}
	return shop.Products.Find(kv.Or(any...), ByPrice.Below(below)).OrderBy(ByPrice).Page(ctx, size, "")
}

// Categories are how many products there are in each.
func Categories(ctx context.Context, shop TenantView) (map[string]int, error) {
	counts := map[string]int{}
	for category, err := range shop.Products.Find().CountBy(ctx, ByCategory) {
		if err != nil {
			return nil, err
		}
		counts[category.Value] = category.Count
	}
	return counts, nil
}

// Forget erases all that is known of a customer: the account at once, the orders each in a step
// of its own, so that a million of them does not hold the shop up.
func Forget(ctx context.Context, shop TenantView, customer string) (orders int, err error) {
	err = kv.Atomic(ctx, shop, func(ctx context.Context, tx TenantView) error {
		for _, erase := range []func(context.Context) (bool, error){
			tx.Users.Take(customer).Erase, tx.Carts.Take(customer).Erase, tx.Wishes.Take(customer).Erase,
		} {
			if _, err := erase(ctx); err != nil {
				return err
			}
		}
		return note(ctx, tx, fmt.Sprintf("%s is forgotten", customer))
	})
	if err != nil {
		return 0, err
	}
	return shop.Orders.Find(ByCustomer.Is(customer)).Erase(ctx)
}
