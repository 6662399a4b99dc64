package kv_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

// What is there comes first, and then what becomes of it, by whoever's doing.
func ExampleScalarField_Follow() {
	ctx := context.Background()
	motto := kv.MustOpen(kv.String(), memory.New(), kv.At("motto"))
	for text, err := range motto.Follow(ctx) {
		switch {
		case errors.Is(err, kv.ErrNotFound):
			fmt.Println("none yet")
			_ = motto.Write(ctx, "veni")
		case text == "veni":
			fmt.Println(text)
			_, _ = motto.Append(ctx, ", vidi") // coalesced: a loop sees the newest
			_, _ = motto.Append(ctx, ", vici")
		default:
			fmt.Println(text)
			return
		}
	}
	// Output:
	// none yet
	// veni
	// veni, vidi, vici
}

// A lock, which nobody reads as a whole, says that something happened.
func ExampleField_Follow() {
	ctx := context.Background()
	lock := kv.MustOpen(kv.Lock(time.Minute), memory.New(), kv.At("lock"))
	for held, err := range lock.Follow(ctx) {
		fmt.Println(held, err)
		if held {
			return
		}
		_, _ = lock.TryAcquire(ctx)
	}
	// Output:
	// false <nil>
	// true <nil>
}

// A store tells which of its keys changed, with the handle of what lies there.
func ExampleKeyedStore_Follow() {
	ctx := context.Background()
	notes := kv.MustOpen(kv.Dynamic(kv.String()), memory.New(), kv.At("notes"))
	_ = notes.Take("ann").Write(ctx, "was here")
	for note, err := range notes.Follow(ctx) {
		text, absent := note.Value.Read(ctx)
		fmt.Println(note.Key, text, errors.Is(absent, kv.ErrNotFound), err)
		switch note.Key {
		case "ann":
			_ = notes.Take("bob").Write(ctx, "came later")
		case "bob":
			if absent != nil {
				return
			}
			_, _ = note.Value.Erase(ctx)
		}
	}
	// Output:
	// ann was here false <nil>
	// bob came later false <nil>
	// bob  true <nil>
}

// What a query finds, at all times.
func ExampleQuery_Follow() {
	type Game struct {
		Rating int `json:"rating"`
	}
	const ByRating kv.IndexKey[int] = "rating"
	ctx := context.Background()
	games := kv.MustOpen(kv.Collection(kv.JSON[Game](), kv.Index(ByRating, func(g Game) []int { return []int{g.Rating} })), memory.New(), kv.At("games"))
	game := games.Take("7")
	_ = game.Write(ctx, Game{2000})
	for change, err := range games.Find(ByRating.AtLeast(1500)).Follow(ctx) {
		fmt.Println(change.Key, change.Kind, change.Value.Rating, err)
		switch change.Kind {
		case kv.Enters:
			_ = game.Write(ctx, Game{2100})
		case kv.Changes:
			_ = game.Write(ctx, Game{1400})
		case kv.Leaves:
			return
		}
	}
	// Output:
	// 7 enters 2000 <nil>
	// 7 changes 2100 <nil>
	// 7 leaves 0 <nil>
}
