package cookbook_test

import (
	"context"
	"fmt"

	"github.com/kvstore-go/kvstore/kv"
)

// ordersFrom is a page of the orders from so many cents on, the cheapest first, and the cursor of the next one:
// "" asks for the first, and comes with the last.
func ordersFrom(ctx context.Context, orders kv.CollectionStore[Order], cents int, cursor string) ([]kv.Entry[string, Order], string, error) {
	page, err := orders.Find(ByCents.AtLeast(cents)).OrderBy(ByCents).Page(ctx, 2, cursor)
	return page.Entries, page.Next, err
}

func Example_pagesOfACollection() {
	ctx, shop := openShop()
	for id, cents := range map[string]int{"1": 300, "2": 900, "3": 1200, "4": 700} {
		check(shop.Orders.Take(id).Write(ctx, Order{"tea", cents}))
	}
	first, cursor, err := ordersFrom(ctx, shop.Orders, 500, "")
	fmt.Println(first, cursor != "", err)
	second, cursor, err := ordersFrom(ctx, shop.Orders, 500, cursor)
	fmt.Println(second, cursor != "", err)
	// Output:
	// [{4 {tea 700}} {2 {tea 900}}] true <nil>
	// [{3 {tea 1200}}] false <nil>
}

// eventsAfter is a page of the events behind an id; the id of its last one asks for the next.
func eventsAfter(ctx context.Context, events kv.StreamField[string], id string) ([]kv.StreamEntry[string], error) {
	if id != "" {
		id = "(" + id // without that one
	}
	return events.Range(id, "").Page(ctx, 2)
}

func Example_pagesOfAStream() {
	ctx, shop := openShop()
	for _, event := range []string{"opened", "sold tea", "closed"} {
		_, err := shop.Events.Append(ctx, event)
		check(err)
	}
	for id := ""; ; {
		page, err := eventsAfter(ctx, shop.Events, id)
		check(err)
		if len(page) == 0 {
			break
		}
		id = page[len(page)-1].ID
		fmt.Println(len(page), page[0].Value)
	}
	// Output:
	// 2 opened
	// 1 closed
}
