package drivers_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
)

// onlyDo hides all but the one method of a driver.
type onlyDo struct{ drivers.Driver }

// silent is a driver that nobody answers.
type silent struct{}

func (silent) Do(ctx context.Context, _ drivers.Command) (drivers.Reply, error) {
	<-ctx.Done()
	return drivers.Reply{}, ctx.Err()
}

func pass(ctx context.Context, b *drivers.Batch, next drivers.Next) error { return next(ctx, b) }

func TestMemoryIsHealthyUntilItIsClosedHoweverItIsWrapped(t *testing.T) {
	store := memory.New()
	ways := []drivers.Driver{store, drivers.Use(store, pass), onlyDo{store}, drivers.Use(onlyDo{store}, pass)}
	for _, d := range ways {
		if err := drivers.Ping(t.Context(), d); err != nil {
			t.Errorf("%T: %v", d, err)
		}
	}
	if store.Len() != 0 {
		t.Error("it wrote something")
	}
	_ = store.Close()
	for _, d := range ways {
		if err := drivers.Ping(t.Context(), d); !errors.Is(err, drivers.ErrClosed) {
			t.Errorf("%T: %v", d, err)
		}
	}
}

func TestPingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := drivers.Ping(ctx, silent{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}
