package drivers_test

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/kvstore-go/kvstore/drivers"
)

// pointed is a driver that cannot be used behind a nil pointer.
type pointed struct{ replies []drivers.Reply }

func (p *pointed) Do(context.Context, drivers.Command) (drivers.Reply, error) {
	return p.replies[0], nil
}

func (p *pointed) Close() error { p.replies = nil; return nil }

func failed[T any](_ T, err error) error { return err }

func ended(listing iter.Seq2[string, error]) (err error) {
	for _, err = range listing {
	}
	return err
}

// TestNilDrivers: a driver that is nil is told to be it by every function that asks one for something.
func TestNilDrivers(t *testing.T) {
	ctx := t.Context()
	get := drivers.Command{Op: drivers.OpGet, Key: "a"}
	for of, d := range map[string]drivers.Driver{"nil": nil, "a nil pointer": (*pointed)(nil)} {
		for what, err := range map[string]error{
			"Ping":      drivers.Ping(ctx, d),
			"DoBatch":   drivers.DoBatch(ctx, d, drivers.NewBatch(get)),
			"Block":     failed(drivers.Block(ctx, d, drivers.Command{Op: drivers.OpLPop, Key: "a", Amount: 1})),
			"Scan":      ended(drivers.Scan(ctx, d, drivers.Command{Op: drivers.OpScanKeys})),
			"Subscribe": ended(drivers.Subscribe(ctx, d, get, func() {})),
			"Follow":    ended(drivers.Follow(ctx, d, []string{"a"}, func() {})),
			"Begin":     failed(drivers.Begin(ctx, d, "a")),
			"Watch":     drivers.Watch(ctx, d, []string{"a"}, func(drivers.Transaction) error { return nil }),
			"Evicts":    failed(drivers.Evicts(ctx, d, "a")),
		} {
			if !errors.Is(err, drivers.ErrInvalid) || err.Error() != "invalid value: the driver is nil" {
				t.Errorf("%s of %s: %v", what, of, err)
			}
		}
		if drivers.Close(d) != nil || drivers.Near(d) != nil || drivers.Texts(d) != nil {
			t.Errorf("%s is closed, or has an ability", of)
		}
		if drivers.Use(d, func(context.Context, *drivers.Batch, drivers.Next) error { return nil }) != nil {
			t.Errorf("%s is a driver with middleware", of)
		}
	}
}

func TestNilBatch(t *testing.T) {
	d := drivers.Use(&pointed{}, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error { return next(ctx, b) })
	if err := drivers.DoBatch(t.Context(), d, nil); !errors.Is(err, drivers.ErrInvalid) {
		t.Errorf("a nil batch: %v", err)
	}
}

// TestNilMiddleware: it is none, so that one can be chosen by an if.
func TestNilMiddleware(t *testing.T) {
	var none drivers.Middleware
	bare, seen := &pointed{[]drivers.Reply{{Int: 7}}}, 0
	if d := drivers.Use(bare, none); d != drivers.Driver(bare) {
		t.Errorf("a driver without middleware is wrapped in it: %T", d)
	}
	given := []drivers.Middleware{none, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
		seen++
		return next(ctx, b)
	}, none}
	d := drivers.Use(bare, given...)
	given[1] = nil
	if reply, err := d.Do(t.Context(), drivers.Command{Op: drivers.OpGet, Key: "a"}); err != nil || reply.Int != 7 || seen != 1 {
		t.Errorf("%v, %v, seen %d times", reply, err, seen)
	}
}
