package cookbook_test

import (
	"context"
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

type Ticket struct {
	Customer string    `json:"customer"`
	State    string    `json:"state"`
	Opened   time.Time `json:"opened"`
}

const (
	ByCustomer       kv.IndexKey[string]               = "customer"
	ByState          kv.IndexKey[string]               = "state"
	ByOpened         kv.IndexKey[time.Time]            = "opened"
	ByStateAndOpened kv.CompoundKey[string, time.Time] = "state-opened"
)

func stateOf(t Ticket) []string     { return []string{t.State} }
func openedOf(t Ticket) []time.Time { return []time.Time{t.Opened} }

var Tickets = kv.Collection(kv.JSON[Ticket](),
	kv.Index(ByCustomer, func(t Ticket) []string { return []string{t.Customer} }),
	kv.Index(ByState, stateOf),
	kv.Index(ByOpened, openedOf),
	kv.Compound(ByStateAndOpened, stateOf, openedOf))

// newest is a page of the tickets in a state, the newest first. It reads no more than the page.
func newest(ctx context.Context, tickets kv.CollectionStore[Ticket], state, cursor string) (kv.Page[string, Ticket], error) {
	return tickets.Find(ByStateAndOpened.With(state)).OrderBy(ByStateAndOpened).Backwards().Page(ctx, 2, cursor)
}

// waiting are the tickets of a customer that somebody has to look at, the oldest first.
func waiting(tickets kv.CollectionStore[Ticket], customer string) kv.Query[string, Ticket] {
	return tickets.Find(ByCustomer.Is(customer), kv.Or(ByState.Is("open"), ByState.Is("reopened"))).OrderBy(ByOpened)
}

// forget erases all that is stored of a customer.
func forget(ctx context.Context, tickets kv.CollectionStore[Ticket], customer string) (int, error) {
	return tickets.Find(ByCustomer.Is(customer)).Erase(ctx)
}

func Example_ticketsInOrder() {
	ctx := context.Background()
	tickets := kv.MustOpen(Tickets, memory.New(), kv.At("tickets"))
	monday := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for i, ticket := range []Ticket{{"ann", "open", monday}, {"bob", "closed", monday}, {"ann", "reopened", monday}, {"ann", "open", monday}, {"cid", "open", monday}} {
		ticket.Opened = ticket.Opened.Add(time.Duration(10-i) * time.Hour)
		check(tickets.Take(fmt.Sprint(i+1)).Write(ctx, ticket))
	}
	for cursor, more := "", true; more; {
		page, err := newest(ctx, tickets, "open", cursor)
		check(err)
		for _, ticket := range page.Entries {
			fmt.Println("open:", ticket.Key, ticket.Value.Customer)
		}
		cursor, more = page.Next, page.Next != ""
	}
	first, err := waiting(tickets, "ann").First(ctx)
	fmt.Println("next:", first.Key, err)

	for count, err := range tickets.Find().CountBy(ctx, ByState) {
		fmt.Println(count.Value, count.Count, err)
	}

	fmt.Println(forget(ctx, tickets, "ann"))
	fmt.Println(tickets.Find().Count(ctx))
	// Output:
	// open: 1 ann
	// open: 4 ann
	// open: 5 cid
	// next: 4 <nil>
	// closed 1 <nil>
	// open 3 <nil>
	// reopened 1 <nil>
	// 3 <nil>
	// 2 <nil>
}

// differences are what the indexes have wrong, after programs that do not know all of them.
func differences(ctx context.Context, tickets kv.CollectionStore[Ticket]) (found []string, err error) {
	for difference, err := range tickets.Check(ctx) {
		if err != nil {
			return found, err
		}
		found = append(found, difference.String())
	}
	return found, nil
}

func Example_newIndex() {
	ctx, driver := context.Background(), memory.New()
	before := kv.MustOpen(kv.Collection(kv.JSON[Ticket](), kv.Index(ByCustomer, func(t Ticket) []string { return []string{t.Customer} }),
		kv.Index(kv.IndexKey[string]("queue"), stateOf)), driver, kv.At("tickets"))
	check(before.Take("1").Write(ctx, Ticket{"ann", "open", time.Time{}}))

	tickets := kv.MustOpen(Tickets, driver, kv.At("tickets"))
	all, err := differences(ctx, tickets)
	fmt.Println(len(all), all[3], err)
	fmt.Println(tickets.Reindex(ctx))
	fmt.Println(differences(ctx, tickets))
	// Output:
	// 8 the index queue is not declared <nil>
	// 1 <nil>
	// [] <nil>
}
