package kv

import (
	"context"
	"iter"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// boundDriver is the driver that a handle was opened on, or that it is bound to. All that a
// handle asks for goes through it, so that nothing slips out of a batch or a transaction.
type boundDriver struct {
	driver drivers.Driver
	texts  drivers.TextReader // its own, if it has one
}

func newBoundDriver(driver drivers.Driver) *boundDriver {
	return &boundDriver{driver, drivers.Texts(driver)}
}

// inside is the driver itself; nil for that of a handle that was not opened.
func (d *boundDriver) inside() drivers.Driver {
	if d == nil {
		return nil
	}
	return d.driver
}

// same reports whether two handles were opened on one driver.
func (d *boundDriver) same(other *boundDriver) bool {
	return reflect.ValueOf(d.driver).Comparable() && d.driver == other.driver
}

// confinement says that a context is for handles that are bound to one driver alone.
type confinement struct {
	to   drivers.Driver // a *recorder or a *transaction, so that it can be compared
	what string
}

type confinementKey struct{}

// confined is how many contexts are confined now. Where none is, nobody has to look.
var confined atomic.Int64

// confine makes the context of what is executed within a batch or a transaction.
func confine(ctx context.Context, to drivers.Driver, what string) (_ context.Context, end func()) {
	confined.Add(1)
	return context.WithValue(ctx, confinementKey{}, confinement{to, what}), func() { confined.Add(-1) }
}

// admit reports a handle that is used with the context of a batch or a transaction that it
// is not bound to.
func (d *boundDriver) admit(ctx context.Context) error {
	if confined.Load() == 0 {
		return nil
	}
	return d.bound(ctx)
}

func (d *boundDriver) bound(ctx context.Context) error {
	within, ok := ctx.Value(confinementKey{}).(confinement)
	if !ok || within.to == d.inside() {
		return nil
	}
	return drivers.Errorf(ErrInvalid, "a handle that is not bound to the %s whose context it is used with: use what its function is given, or Bind returns", within.what)
}

func (d *boundDriver) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	if err := d.admit(ctx); err != nil {
		return drivers.Reply{}, err
	}
	return d.driver.Do(ctx, cmd)
}

func (d *boundDriver) DoBatch(ctx context.Context, batch *drivers.Batch) error {
	if err := d.admit(ctx); err != nil {
		batch.Fail(err)
		return err
	}
	return drivers.DoBatch(ctx, d.driver, batch)
}

func (d *boundDriver) Block(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	if err := d.admit(ctx); err != nil {
		return drivers.Reply{}, err
	}
	return drivers.Block(ctx, d.driver, cmd)
}

func (d *boundDriver) Scan(ctx context.Context, cmd drivers.Command) iter.Seq2[string, error] {
	if err := d.admit(ctx); err != nil {
		return failing(err)
	}
	return drivers.Scan(ctx, d.driver, cmd)
}

func (d *boundDriver) Subscribe(ctx context.Context, cmd drivers.Command, ready func()) iter.Seq2[string, error] {
	if err := d.admit(ctx); err != nil {
		return failing(err)
	}
	return drivers.Subscribe(ctx, d.driver, cmd, ready)
}

func (d *boundDriver) Follow(ctx context.Context, keys []string, ready func()) iter.Seq2[string, error] {
	if err := d.admit(ctx); err != nil {
		return failing(err)
	}
	return drivers.Follow(ctx, d.driver, keys, ready)
}

func (d *boundDriver) Evicts(ctx context.Context, key string) (bool, error) {
	if err := d.admit(ctx); err != nil {
		return false, err
	}
	return drivers.Evicts(ctx, d.driver, key)
}

// milliseconds is so many of a reply, or the longest Duration where they are more.
func milliseconds(count int64) time.Duration { return drivers.Span(count, time.Millisecond) }

// failing is a listing that ends with an error at once.
func failing(err error) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) { yield("", err) }
}
