package fetch_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// Time is that of a bubble here: it moves by itself, and exactly.

// twoPrograms have the same page.
func twoPrograms() (one, other page, store drivers.Driver) {
	store = memory.New()
	return openPages(kvtest.New(store)).Take("1"), openPages(kvtest.New(store)).Take("1"), store
}

// within is a load that takes a while.
func within(d time.Duration, loads *atomic.Int64, value string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		loads.Add(1)
		select {
		case <-time.After(d):
			return value, nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

func must[T any](t *testing.T, got T, err error) func(want T) {
	t.Helper()
	return func(want T) {
		t.Helper()
		if err != nil || any(got) != any(want) {
			t.Fatalf("%v, %v; not %v", got, err, want)
		}
	}
}

func TestALoadMayTakeMuchLongerThanALease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, other, _ := twoPrograms()
		var loads atomic.Int64
		go func() {
			title, err := other.Title.Fetch(t.Context(), within(50*time.Second, &loads, "Foo"))
			must(t, title, err)("Foo")
		}()
		synctest.Wait()
		title, err := one.Title.Fetch(t.Context(), within(0, &loads, "Bar"))
		must(t, title, err)("Foo")
		synctest.Wait()
		must(t, loads.Load(), nil)(1)
	})
}

func TestALoadThatDiesIsReplacedWhenItsLeaseEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, _, store := twoPrograms()
		dead := drivers.Command{Op: drivers.OpSet, Key: "%fetch::{" + one.Title.Path() + "}", Value: "the dead", Expiry: drivers.In(3 * time.Second)}
		if _, err := store.Do(t.Context(), dead); err != nil {
			t.Fatal(err)
		}
		var loads atomic.Int64
		began := time.Now()
		title, err := one.Title.Fetch(t.Context(), within(0, &loads, "Foo"))
		must(t, title, err)("Foo")
		if waited := time.Since(began); waited < 3*time.Second || waited > 3*time.Second+100*time.Millisecond {
			t.Fatal("it has waited", waited)
		}
	})
}

func TestALoadEndsAfterAMinuteOrAsIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, other, _ := twoPrograms()
		block := make(chan struct{})
		blocked := func(context.Context) (string, error) { <-block; return "late", nil }
		for bound, options := range map[time.Duration][]kv.FetchOption{time.Minute: nil, time.Second: {kv.LoadWithin(time.Second)}, time.Hour: {kv.LoadWithin(time.Hour)}} {
			began := time.Now()
			if _, err := one.Title.Fetch(t.Context(), blocked, options...); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != bound {
				t.Fatal(err, time.Since(began))
			}
		}
		title, err := other.Title.Fetch(t.Context(), func(context.Context) (string, error) { return "Foo", nil })
		must(t, title, err)("Foo")
		close(block)
	})
}

func TestALoadWhoseStoreIsAwayLosesItsLeaseAndIsNotStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var away atomic.Bool
		store := memory.New()
		errAway := errors.New("away")
		driver := drivers.Use(store, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
			if away.Load() {
				b.Fail(errAway)
				return errAway
			}
			return next(ctx, b)
		})
		one, other := openPages(kvtest.New(driver)).Take("1"), openPages(kvtest.New(store)).Take("1")
		load := func(ctx context.Context) (string, error) {
			away.Store(true)
			time.Sleep(10 * time.Second)
			title, err := other.Title.Fetch(ctx, func(context.Context) (string, error) { return "new", nil }) // as the lease is over
			must(t, title, err)("new")
			away.Store(false)
			if _, err := other.Title.Erase(ctx); err != nil {
				t.Error(err)
			}
			return "old", nil
		}
		title, err := one.Title.Fetch(t.Context(), load)
		must(t, title, err)("old")
		exists, err := one.Title.Exists(t.Context())
		must(t, exists, err)(false)
	})
}

func TestWhoWaitsForAnotherProgramAsksTenTimesASecondAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		waits := kvtest.New(store)
		one, other := openPages(kvtest.New(store)).Take("1"), openPages(waits).Take("1")
		var loads atomic.Int64
		go func() {
			title, err := one.Title.Fetch(t.Context(), within(10*time.Second, &loads, "Foo"))
			must(t, title, err)("Foo")
		}()
		synctest.Wait()
		for range 100 {
			go func() {
				title, err := other.Title.Fetch(t.Context(), within(0, &loads, "Bar"))
				must(t, title, err)("Foo")
			}()
		}
		synctest.Wait()
		time.Sleep(11 * time.Second)
		synctest.Wait()
		if asked := waits.Trips.Of(drivers.OpSwap); asked < 100 || asked > 210 {
			t.Fatal("asked", asked, "times")
		}
		must(t, loads.Load(), nil)(1)
	})
}

func TestARefreshThatFailsIsTriedAgainASecondLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, other, _ := twoPrograms()
		options := []kv.FetchOption{kv.FreshFor(10 * time.Minute), kv.KeepStale}
		var failures atomic.Int64
		failing := func(context.Context) (string, error) { failures.Add(1); return "", errSource }
		title, err := one.Title.Fetch(t.Context(), func(context.Context) (string, error) { return "old", nil }, options...)
		must(t, title, err)("old")
		time.Sleep(10 * time.Minute)
		const seconds = 3 * 3600 // which is longer than the TTL
		for range seconds {
			for _, program := range []page{one, other} {
				title, err := program.Title.Fetch(t.Context(), failing, options...)
				must(t, title, err)("old")
			}
			time.Sleep(time.Second)
		}
		if n := failures.Load(); n < seconds/2 || n > seconds {
			t.Fatal("failed", n, "times")
		}
		title, err = one.Title.Fetch(t.Context(), func(context.Context) (string, error) { return "new", nil }, options...)
		must(t, title, err)("old")
		time.Sleep(2 * time.Second)
		title, err = one.Title.Fetch(t.Context(), failing, options...)
		must(t, title, err)("new")
	})
}
