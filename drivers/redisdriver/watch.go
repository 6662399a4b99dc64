package redisdriver

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/kvstore-go/kvstore/drivers"
)

// transaction watches keys, on one connection. Until it has read something it may change to
// another, in a cluster whose slots are on the move.
type transaction struct {
	driver    *Driver
	key       string // lies in the transaction's slot
	held      *held
	begun     bool // something was read
	committed bool
	ended     atomic.Bool
}

// Begin starts an optimistic transaction: WATCH with whatever it reads, and MULTI and
// EXEC for the batch it commits. In a cluster it goes to the server that key is on.
func (d *Driver) Begin(ctx context.Context, key string) (drivers.Transaction, error) {
	if err := d.admit(ctx); err != nil {
		return nil, err
	}
	t := &transaction{driver: d, key: key}
	if err := t.hold(ctx, place{}); err != nil {
		return nil, err
	}
	return t, nil
}

// hold makes the transaction one of another connection.
func (t *transaction) hold(ctx context.Context, at place) error {
	if t.held != nil {
		close(t.held.leave)
		t.held = nil
	}
	held, err := t.driver.hold(ctx, t.key, at)
	if err != nil {
		t.driver.reloadAfter(ctx, err)
		return t.driver.interrupted(classify(ctx, err, false))
	}
	t.held = held
	return nil
}

// End gives the connection back. It does not wait for that.
func (t *transaction) End() {
	if !t.ended.Swap(true) && t.held != nil {
		close(t.held.leave)
	}
}

func (t *transaction) admit(ctx context.Context) error {
	if t.ended.Load() || t.held == nil || t.held.left.Load() || t.committed {
		return drivers.Errorf(drivers.ErrInvalid, "the transaction has ended")
	}
	return t.driver.admit(ctx)
}

// Do executes a read.
func (t *transaction) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	b := drivers.NewBatch(cmd)
	item := &b.Items[0]
	if err := t.DoBatch(ctx, b); err != nil && item.Err == nil {
		item.Err = err
	}
	return item.Reply, item.Err
}

// DoBatch commits an atomic batch. A plain one reads, in the same round trip that
// starts watching.
func (t *transaction) DoBatch(ctx context.Context, b *drivers.Batch) error {
	if len(b.Items) == 0 {
		return nil
	}
	keys, err := t.keysOf(ctx, b)
	if err != nil {
		b.Fail(err)
		return err
	}
	if !b.Atomic {
		return t.read(ctx, b, keys)
	}
	t.committed = true
	if err := t.held.found(ctx, keys); err != nil {
		err = t.driver.interrupted(classify(ctx, err, false))
		b.Fail(err)
		return err
	}
	err, _ = t.held.doBatch(ctx, b, nil)
	t.held.released = err == nil || errors.Is(err, drivers.ErrConflict) || errors.Is(err, drivers.ErrIndeterminate)
	return t.driver.interruptedBatch(b, err)
}

// Watch adds keys to those watched.
func (t *transaction) Watch(ctx context.Context, keys ...string) error {
	err := t.admit(ctx)
	if err == nil && len(keys) == 0 {
		err = drivers.Errorf(drivers.ErrInvalid, "watch needs a key")
	}
	if err == nil {
		err = t.inSlot(keys)
	}
	if err != nil {
		return err
	}
	return t.read(ctx, drivers.NewBatch(), keys)
}

// keysOf are the keys of a batch, which it refuses if a transaction cannot do that.
func (t *transaction) keysOf(ctx context.Context, b *drivers.Batch) (keys []string, err error) {
	if err := t.admit(ctx); err != nil {
		return nil, err
	}
	for i := range b.Items {
		cmd := b.Items[i].Command
		if err := drivers.MustRead(cmd); err != nil && !b.Atomic {
			return nil, err
		}
		op, err := t.driver.operationOf(cmd)
		if err != nil {
			continue // which is the outcome of this one command
		}
		keys = append(append(keys, cmd.Key), op.otherKeys(cmd)...)
	}
	return keys, t.inSlot(keys)
}

func (t *transaction) inSlot(keys []string) error {
	if t.driver.cluster == nil {
		return nil
	}
	return sameSlot(t.key, keys)
}

// maxRedirects is how often a transaction changes its place before it gives up.
const maxRedirects = 3

// read reads and watches. What a transaction reads first shows where its keys are.
func (t *transaction) read(ctx context.Context, b *drivers.Batch, keys []string) error {
	for redirects := 0; ; redirects++ {
		err := t.held.read(ctx, b, keys)
		next := redirection(t.driver.firstMoving(b, err))
		if t.begun || next.addr == "" || redirects == maxRedirects {
			t.begun = true
			return t.driver.interruptedBatch(b, err)
		}
		t.driver.reload(ctx)
		if err := t.hold(ctx, next); err != nil {
			failAll(b, err)
			return err
		}
	}
}

// firstMoving is the first error that says that keys are on the move.
func (d *Driver) firstMoving(b *drivers.Batch, whole error) error {
	if d.passes(whole) {
		return whole
	}
	for i := range b.Items {
		if err := b.Items[i].Err; d.passes(err) {
			return err
		}
	}
	return nil
}

// interrupted marks the error of a transaction of which nothing was applied, and which may
// well succeed when it is begun again: on another connection, or at another server.
func (d *Driver) interrupted(err error) error {
	if !errors.Is(err, drivers.ErrUnavailable) || isCrowded(err) || isAnswer(err) && !d.passes(err) && !isDemoted(err) {
		return err
	}
	return drivers.Join(drivers.ErrInterrupted, err)
}

// interruptedBatch marks the errors of a batch.
func (d *Driver) interruptedBatch(b *drivers.Batch, whole error) error {
	if errors.Is(whole, drivers.ErrUnavailable) || whole == nil && !b.Atomic {
		for i := range b.Items {
			b.Items[i].Err = d.interrupted(b.Items[i].Err)
		}
	}
	return d.interrupted(whole)
}
