package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/kv"
)

// ErrSoldOut is what a customer is told who was too late.
var ErrSoldOut = errors.New("sold out")

// Place buys what is in a customer's cart, in one step: the items are reserved, the order is
// written, and everybody whom it concerns will hear of it; or nothing happens at all. The same
// key never buys twice, however often a customer's browser asks.
func Place(ctx context.Context, shop TenantView, customer, key, id string, now time.Time) (Order, error) {
	order, err := kv.AtomicResult(ctx, shop, func(ctx context.Context, tx TenantView) (Order, error) {
		switch placed, err := tx.Placed.Take(key).ReadOr(ctx, id); {
		case err != nil:
			return Order{}, err
		case placed != id:
			return tx.Orders.Take(placed).Read(ctx)
		}
		items, err := tx.Carts.Take(customer).Read(ctx)
		if err != nil {
			return Order{}, err
		}
		order := Order{Customer: customer, State: "paid", Created: now, Items: items}
		if order.Cents, err = price(ctx, tx.Products, items); err != nil {
			return Order{}, err
		}
		_, erased := tx.Carts.Take(customer).Erase(ctx)
		return order, errors.Join(erased,
			reserve(ctx, tx.Stock, items),
			tx.Orders.Take(id).Write(ctx, order, kv.IfAbsent),
			tx.Placed.Take(key).Write(ctx, id),
			tell(ctx, tx, Event{"paid", id}, Event{"pack", id}),
			book(ctx, tx, order))
	})
	if err != nil {
		return Order{}, fmt.Errorf("the order %s: %w", id, err)
	}
	return order, nil
}

// The helpers of a transaction know nothing of each other, and may be called in any order.

// price is what items cost together.
func price(ctx context.Context, products kv.CollectionStore[Product], items map[string]int) (cents int, err error) {
	for sku, count := range items {
		product, err := products.Take(sku).Read(ctx)
		if err != nil {
			return 0, err
		}
		cents += count * product.Cents
	}
	return cents, nil
}

// reserve takes items from the stock.
func reserve(ctx context.Context, stock kv.MapField[string, int], items map[string]int) error {
	for sku, count := range items {
		left, err := kv.IncrementIn(ctx, stock, sku, -count)
		if err == nil && left < 0 {
			err = fmt.Errorf("%w: %s", ErrSoldOut, sku)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tell appends events, to be handled, and publishes them to those who watch.
func tell(ctx context.Context, tx TenantView, events ...Event) error {
	for _, event := range events {
		if _, err := tx.Events.Append(ctx, event); err != nil {
			return err
		}
		if _, err := tx.Live.Publish(ctx, event); err != nil {
			return err
		}
	}
	return nil
}

// book keeps the figures.
func book(ctx context.Context, tx TenantView, order Order) error {
	for sku, count := range order.Items {
		if _, err := tx.Bestsellers.Increment(ctx, sku, float64(count)); err != nil {
			return err
		}
	}
	_, err := kv.IncrementIn(ctx, tx.Revenue, order.Created.Format(time.DateOnly), order.Cents)
	return err
}

// note writes down who did what.
func note(ctx context.Context, tx TenantView, what string) error {
	_, err := tx.Audit.PushRight(ctx, what)
	return err
}
