package locks_test

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
)

// The lease of these locks, and how long after a command the answer comes. Time is that of
// a bubble: it moves by itself, and exactly.
const lease, underWay = time.Minute, lease / 10

var errUnreachable = errors.New("unreachable")

// failing is a lock whose commands fail, or are swallowed, as fault says.
func failing(fault func(ctx context.Context) error) (faulty, sound kv.LockField) {
	store := memory.New()
	driver := drivers.Use(store, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
		if err := fault(ctx); err != nil {
			b.Fail(err)
			return err
		}
		err := next(ctx, b)
		time.Sleep(underWay)
		return err
	})
	return kv.MustOpen(kv.Lock(lease), driver, kv.At("lock")), kv.MustOpen(kv.Lock(lease), store, kv.At("lock"))
}

func TestHoldOutlastsAServerThatIsAwayForLessThanTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var away atomic.Bool
		lock, sound := failing(func(context.Context) error {
			if away.Load() {
				return errUnreachable
			}
			return nil
		})
		if err := lock.Hold(t.Context(), func(ctx context.Context, held kv.Held) error {
			for range 5 {
				away.Store(true)
				time.Sleep(lease / 3)
				away.Store(false)
				time.Sleep(lease / 2)
				if ctx.Err() != nil {
					t.Fatal(context.Cause(ctx))
				}
				if holder, err := sound.Holder(ctx); err != nil || holder.Token != held.Token() {
					t.Fatalf("%+v, %v", holder, err)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestHoldEndsNoLaterThanTheLease(t *testing.T) {
	for name, fault := range map[string]func(ctx context.Context) error{
		"a server that is away": func(context.Context) error { return errUnreachable },
		"a server that does not answer": func(ctx context.Context) error {
			<-ctx.Done()
			return drivers.Join(drivers.ErrIndeterminate, ctx.Err())
		},
		"a server that answers late": func(context.Context) error { time.Sleep(lease / 2); return errUnreachable },
	} {
		for _, after := range []time.Duration{0, lease / 4, lease / 2, 3 * lease} {
			synctest.Test(t, func(t *testing.T) {
				var away atomic.Bool
				lock, sound := failing(func(ctx context.Context) error {
					if away.Load() {
						return fault(ctx)
					}
					return nil
				})
				err := lock.Hold(t.Context(), func(ctx context.Context, held kv.Held) error {
					time.Sleep(after)
					away.Store(true)
					holder, err := sound.Holder(ctx)
					if err != nil {
						t.Fatal(err)
					}
					end := time.Now().Add(holder.Left)
					<-ctx.Done()
					if late := time.Since(end); late > 0 && name != "a server that answers late" || late > lease/2 {
						t.Errorf("%s: told %v after the lease had ended", name, late)
					}
					if cause := context.Cause(ctx); !errors.Is(cause, kv.ErrLockLost) {
						t.Errorf("%s: the cause is %v", name, cause)
					}
					return nil
				})
				if !errors.Is(err, kv.ErrLockLost) {
					t.Errorf("%s: %v", name, err)
				}
			})
		}
	}
}

func TestHoldNoticesThatAnotherTookTheLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lock, sound := failing(func(context.Context) error { return nil })
		err := lock.Hold(t.Context(), func(ctx context.Context, _ kv.Held) error {
			if _, err := sound.Erase(ctx); err != nil {
				t.Fatal(err)
			}
			if _, err := sound.TryAcquire(ctx); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			<-ctx.Done()
			if waited := time.Since(began); waited > lease/3+underWay {
				t.Errorf("it took %v", waited)
			}
			return nil
		})
		if !errors.Is(err, kv.ErrLockLost) {
			t.Error(err)
		}
		if _, err := sound.Holder(t.Context()); err != nil {
			t.Error("it released what is another's:", err)
		}
	})
}
