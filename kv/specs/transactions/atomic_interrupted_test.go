package transactions_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// interrupting is a store that interrupts transactions when a command comes.
func interrupting(at drivers.Op) kv.StaticStore {
	return kv.MustOpen(kvtest.Bank, drivers.Use(memory.New(), func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
		if b.Items[0].Command.Op == at {
			err := drivers.Join(drivers.ErrInterrupted, drivers.Join(drivers.ErrUnavailable, io.EOF))
			b.Fail(err)
			return err
		}
		return next(ctx, b)
	}))
}

func TestATransactionIsBegunAgainButNotForEver(t *testing.T) {
	for name, row := range map[string]struct {
		at      drivers.Op
		ignored bool
	}{
		"in a read": {drivers.OpGet, false}, "in a read that is ignored": {drivers.OpGet, true}, "in the commit": {drivers.OpSet, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			bank := interrupting(row.at)
			calls, began := 0, time.Now()
			err := kv.Atomic(t.Context(), bank, func(ctx context.Context, tx kv.StaticStore) error {
				calls++
				if _, err := balance(t.Context(), tx.Take(kvtest.Accounts).Take("ann")); err != nil && !row.ignored {
					return err
				}
				return tx.Take(kvtest.Accounts).Take("ann").Write(t.Context(), "0")
			})
			if !errors.Is(err, kv.ErrUnavailable) || !errors.Is(err, io.EOF) || errors.Is(err, kv.ErrConflict) {
				t.Errorf("%s: %v", name, err)
			}
			if took := time.Since(began); calls < 10 || calls > 50 || took > 6*time.Second {
				t.Errorf("%s: %d calls in %v", name, calls, took)
			}

			short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			err = kv.Atomic(short, bank, func(ctx context.Context, tx kv.StaticStore) error {
				return deposit(short, tx.Take(kvtest.Accounts).Take("ann"), 1)
			})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s, with a deadline: %v", name, err)
			}
		})
	}
}

func TestACommitOfWhichNothingIsKnownIsNotMadeAgain(t *testing.T) {
	calls := 0
	bank := kv.MustOpen(kvtest.Bank, drivers.Use(memory.New(), func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
		if err := next(ctx, b); err != nil || !b.Atomic {
			return err
		}
		return drivers.Join(drivers.ErrIndeterminate, io.EOF)
	}))
	err := kv.Atomic(t.Context(), bank, func(ctx context.Context, tx kv.StaticStore) error {
		calls++
		return deposit(t.Context(), tx.Take(kvtest.Accounts).Take("ann"), 1)
	})
	if !errors.Is(err, kv.ErrIndeterminate) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

func TestAnUpdateWithinATransactionLeavesItToTheWholeToBeginAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bank, calls, began := interrupting(drivers.OpGet), 0, time.Now()
		err := kv.Atomic(t.Context(), bank, func(ctx context.Context, tx kv.StaticStore) error {
			calls++
			_, err := tx.Take(kvtest.Accounts).Take("ann").Update(t.Context(), func(string) (string, error) { return "1", nil })
			return err
		})
		if took := time.Since(began); !errors.Is(err, kv.ErrUnavailable) || calls < 10 || took > 6*time.Second {
			t.Errorf("%v after %d calls and %v", err, calls, took)
		}
	})
}
