package kv_test

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

type Stage string

const (
	Draft Stage = "draft"
	Final Stage = "final"
)

// One of several values, and other single values.
func ExampleScalarField() {
	ctx := context.Background()
	driver := memory.New()
	stage := kv.MustOpen(kv.Enum([]Stage{Draft, Final}), driver, kv.At("stage"))
	open := kv.MustOpen(kv.Bool(), driver, kv.At("open"))
	due := kv.MustOpen(kv.Time(), driver, kv.At("due"))
	pause := kv.MustOpen(kv.Duration(), driver, kv.At("pause"))
	origin := kv.MustOpen(kv.Text[netip.Addr](), driver, kv.At("origin"))

	fmt.Println(stage.Write(ctx, Draft))
	fmt.Println(stage.Swap(ctx, Final))
	fmt.Println(stage.Write(ctx, "finale"))
	fmt.Println(open.ReadOr(ctx, true))
	_ = due.Write(ctx, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	fmt.Println(due.Update(ctx, func(t time.Time) (time.Time, error) { return t.Add(time.Hour), nil }))
	_ = pause.Write(ctx, 90*time.Second)
	fmt.Println(pause.Read(ctx))
	_ = origin.Write(ctx, netip.MustParseAddr("::1"))
	fmt.Println(origin.Read(ctx))
	// Output:
	// <nil>
	// {draft true} <nil>
	// kv: Write stage: invalid value: "finale" is none of ["draft" "final"]
	// true <nil>
	// 2026-11-23 10:00:00 +0000 UTC <nil>
	// 1m30s <nil>
	// ::1 <nil>
}

func ExampleIntField() {
	ctx := context.Background()
	seats := kv.MustOpen(kv.Int(kv.AtLeast(0)), memory.New(), kv.At("seats"))

	_ = seats.Write(ctx, 2)
	fmt.Println(seats.Decrement(ctx, 2))
	fmt.Println(seats.Decrement(ctx, 1))
	fmt.Println(seats.Increment(ctx, 40))
	// Output:
	// 0 <nil>
	// 0 kv: Decrement seats: the number does not fit: it has to be at least 0 and within 64 bits
	// 40 <nil>
}

func ExampleFloatField() {
	ctx := context.Background()
	balance := kv.MustOpen(kv.Float(), memory.New(), kv.At("balance"))

	fmt.Println(balance.Increment(ctx, 0.1))
	fmt.Println(balance.Increment(ctx, 0.2))
	// Output:
	// 0.1 <nil>
	// 0.3 <nil>
}

func ExampleBytesField() {
	ctx := context.Background()
	page := kv.MustOpen(kv.Bytes(), memory.New(), kv.At("page"))

	_ = page.Write(ctx, []byte("hello"))
	fmt.Println(page.PutRange(ctx, 6, []byte("world")))
	part, err := page.Range(ctx, 3, 8)
	fmt.Printf("%q %v\n", part, err)
	// Output:
	// 11 <nil>
	// "lo\x00wo" <nil>
}

// Members of other types than string.
func ExampleSetFieldOf() {
	ctx := context.Background()
	primes := kv.MustOpen(kv.SetOf[int](), memory.New(), kv.At("primes"))

	fmt.Println(primes.Add(ctx, 2, 3, 5, 3))
	fmt.Println(primes.Has(ctx, 5))
	// Output:
	// 3 <nil>
	// true <nil>
}

func ExampleBitmapField() {
	ctx := context.Background()
	driver := memory.New()
	monday := kv.MustOpen(kv.Bitmap(), driver, kv.At("monday"))
	tuesday := kv.MustOpen(kv.Bitmap(), driver, kv.At("tuesday"))
	either := kv.MustOpen(kv.Bitmap(), driver, kv.At("either"))

	fmt.Println(monday.Put(ctx, 7, true)) // it was not set before
	fmt.Println(tuesday.Put(ctx, 9, true))
	fmt.Println(either.Or(ctx, monday, tuesday))
	fmt.Println(either.Count(ctx))
	fmt.Println(either.First(ctx, true))
	// Output:
	// false <nil>
	// false <nil>
	// 2 <nil>
	// 2 <nil>
	// 7 <nil>
}

func ExampleHyperLogLogField() {
	ctx := context.Background()
	driver := memory.New()
	today := kv.MustOpen(kv.HyperLogLog(), driver, kv.At("today"))
	before := kv.MustOpen(kv.HyperLogLog(), driver, kv.At("before"))

	fmt.Println(today.Add(ctx, "ann", "bob", "ann"))
	fmt.Println(before.Add(ctx, "bob", "cid"))
	fmt.Println(today.Count(ctx, before))
	// Output:
	// true <nil>
	// true <nil>
	// 3 <nil>
}

func ExampleSliding() {
	ctx := context.Background()
	sessions := kv.MustOpen(kv.Dynamic(kv.String(kv.Sliding(time.Hour))), memory.New(), kv.At("sessions"))
	session := sessions.Take("t0ken")

	fmt.Println(session.Write(ctx, "ann", kv.ExpireIn(time.Minute)))
	fmt.Println(session.Read(ctx))
	left, err := session.TTL(ctx)
	fmt.Println(left.Round(time.Minute), err)
	// Output:
	// <nil>
	// ann <nil>
	// 1h0m0s <nil>
}
