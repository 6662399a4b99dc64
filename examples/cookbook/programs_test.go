package cookbook_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
)

// ledger stands for what a lock protects. It remembers the newest token that it has seen.
type ledger struct{ newest int64 }

var errStale = errors.New("somebody else holds the lock by now")

func (l *ledger) write(token int64, line string) error {
	if token < l.newest {
		return errStale
	}
	l.newest = token
	fmt.Println(line)
	return nil
}

// takeStock runs alone. Hold renews the lease, and ends ctx when it is lost; the token is for
// the case that this program notices too late.
func takeStock(ctx context.Context, lock kv.LockField, into *ledger) error {
	return lock.Hold(ctx, func(ctx context.Context, held kv.Held) error {
		return into.write(held.Token(), "twelve pieces")
	})
}

func Example_lock() {
	ctx, shop := openShop()
	into := new(ledger)
	stalled, err := shop.Stocktaking.TryAcquire(ctx)
	check(err)
	check(stalled.Release(ctx)) // as its lease would have ended
	fmt.Println(takeStock(ctx, shop.Stocktaking, into))
	fmt.Println(into.write(stalled.Token(), "eleven pieces"))
	// Output:
	// twelve pieces
	// <nil>
	// somebody else holds the lock by now
}

// mayLogIn says how long somebody has to wait before the next try, 0 if not at all.
func mayLogIn(ctx context.Context, logins kv.DynamicStore[kv.LimiterField], user string) (time.Duration, error) {
	decision, err := logins.Take(user).Allow(ctx)
	return decision.RetryAfter, err
}

func Example_rateLimiter() {
	ctx, shop := openShop()
	for range 4 {
		wait, err := mayLogIn(ctx, shop.Logins, "ann")
		fmt.Println(wait.Round(10*time.Second), err)
	}
	// Output:
	// 0s <nil>
	// 0s <nil>
	// 0s <nil>
	// 20s <nil>
}

// mail sends what there is to be sent, and puts aside what cannot be.
func mail(ctx context.Context, events, dead kv.StreamField[string], worker string, send func(ctx context.Context, event string) error) error {
	return events.Group("mailers").DeadLetters(dead, 5).Handle(ctx, worker, func(ctx context.Context, delivery kv.Delivery[string]) error {
		return send(ctx, delivery.Value)
	}, kv.Concurrency(4), kv.RetryAfter(10*time.Second), kv.OnFailure(func(err error) { log.Print(err) }))
}

// revive gives the dead letters another chance, once the cause is repaired.
func revive(ctx context.Context, events, dead kv.StreamField[string]) error {
	for entry, err := range dead.Range("", "").All(ctx) {
		if err != nil {
			return err
		}
		type both struct{ Events, Dead kv.StreamField[string] }
		err = kv.Atomic(ctx, both{events, dead}, func(ctx context.Context, tx both) error {
			if removed, err := tx.Dead.Remove(ctx, entry.ID); err != nil || removed == 0 {
				return err // somebody else did
			}
			_, err := tx.Events.Append(ctx, entry.Value)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

type plan struct{ perSecond, perDay kv.Rate }

func mayCall(ctx context.Context, calls kv.DynamicStore[kv.LimiterField], tenant string, of plan) error {
	decision, err := calls.Take(tenant).With(of.perSecond, of.perDay).Allow(ctx)
	switch {
	case err != nil || decision.Allowed:
		return err
	case decision.Refused == of.perDay:
		return errors.New("the day's calls are used up")
	default:
		return fmt.Errorf("come again in %v", decision.RetryAfter)
	}
}

func Example_planPerTenant() {
	ctx := context.Background()
	calls := kv.MustOpen(kv.Dynamic(kv.Limiter()), memory.New(), kv.At("calls"))
	free := plan{kv.Per(100, time.Second), kv.Per(2, 24*time.Hour)}
	for range 3 {
		fmt.Println(mayCall(ctx, calls, "acme", free))
	}
	fmt.Println(mayCall(ctx, calls, "umbrella", free))
	// Output:
	// <nil>
	// <nil>
	// the day's calls are used up
	// <nil>
}
