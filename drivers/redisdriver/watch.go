package redisdriver

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/kvstore-go/kvstore/drivers"
)

// watchTransaction watches keys, on one connection. Until it has read something it may change to
// another, in a cluster whose slots are on the move.
type watchTransaction struct {
	driver    *Driver
	key       string // lies in the transaction's slot
	conn      *pinnedConn
	begun     bool // something was read
	committed bool
	ended     atomic.Bool
}

// Begin starts an optimistic transaction: [WATCH] with whatever it reads, and [MULTI] and
// [EXEC] for the batch it commits. In a cluster it goes to the server that key is on.
//
// [WATCH]: https://redis.io/docs/latest/commands/watch/
// [MULTI]: https://redis.io/docs/latest/commands/multi/
// [EXEC]: https://redis.io/docs/latest/commands/exec/
func (d *Driver) Begin(ctx context.Context, key string) (drivers.Transaction, error) {
	if err := d.admit(ctx); err != nil {
		return nil, err
	}
	t := &watchTransaction{driver: d, key: key}
	if err := t.pin(ctx, server{}); err != nil {
		return nil, err
	}
	return t, nil
}

// pin makes the transaction one of another connection.
func (t *watchTransaction) pin(ctx context.Context, at server) error {
	if t.conn != nil {
		close(t.conn.leave)
		t.conn = nil
	}
	conn, err := t.driver.pin(ctx, t.key, at)
	if err != nil {
		t.driver.reloadAfter(ctx, err)
		return t.driver.interrupted(classify(ctx, err, false))
	}
	t.conn = conn
	return nil
}

// End gives the connection back. It does not wait for that.
func (t *watchTransaction) End() {
	if !t.ended.Swap(true) && t.conn != nil {
		close(t.conn.leave)
	}
}

func (t *watchTransaction) admit(ctx context.Context) error {
	if t.ended.Load() || t.conn == nil || t.conn.abandoned.Load() || t.committed {
		return drivers.Errorf(drivers.ErrInvalid, "the transaction has ended")
	}
	return t.driver.admit(ctx)
}

// Do executes a read.
func (t *watchTransaction) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	b := drivers.NewBatch(cmd)
	item := &b.Items[0]
	if err := t.DoBatch(ctx, b); err != nil && item.Err == nil {
		item.Err = err
	}
	return item.Reply, item.Err
}

// DoBatch commits an atomic batch. A plain one reads, in the same round trip that
// starts watching.
func (t *watchTransaction) DoBatch(ctx context.Context, b *drivers.Batch) error {
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
	if err := t.conn.ensureImported(ctx, keys); err != nil {
		err = t.driver.interrupted(classify(ctx, err, false))
		b.Fail(err)
		return err
	}
	err, _ = t.conn.doBatch(ctx, b, nil)
	t.conn.released = err == nil || errors.Is(err, drivers.ErrConflict) || errors.Is(err, drivers.ErrIndeterminate)
	return t.driver.interruptedBatch(b, err)
}

// Watch adds keys to those watched.
func (t *watchTransaction) Watch(ctx context.Context, keys ...string) error {
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
func (t *watchTransaction) keysOf(ctx context.Context, b *drivers.Batch) (keys []string, err error) {
	if err := t.admit(ctx); err != nil {
		return nil, err
	}
	for i := range b.Items {
		cmd := &b.Items[i].Command
		if err := drivers.MustRead(*cmd); err != nil && !b.Atomic {
			return nil, err
		}
		h, err := t.driver.handlerOf(cmd)
		if err != nil {
			continue // which is the outcome of this one command
		}
		keys = append(append(keys, cmd.Key), h.otherKeys(cmd)...)
	}
	return keys, t.inSlot(keys)
}

func (t *watchTransaction) inSlot(keys []string) error {
	if t.driver.cluster == nil {
		return nil
	}
	return sameSlot(t.key, keys)
}

// maxRedirects is how often a transaction changes its server before it gives up.
const maxRedirects = 3

// read reads and watches. What a transaction reads first shows where its keys are.
func (t *watchTransaction) read(ctx context.Context, b *drivers.Batch, keys []string) error {
	for redirects := 0; ; redirects++ {
		err := t.conn.read(ctx, b, keys)
		next := redirection(t.driver.firstMoving(b, err))
		if t.begun || next.addr == "" || redirects == maxRedirects {
			t.begun = true
			return t.driver.interruptedBatch(b, err)
		}
		t.driver.reload(ctx)
		if err := t.pin(ctx, next); err != nil {
			failAll(b, err)
			return err
		}
	}
}

// firstMoving is the first error that says that keys are on the move.
func (d *Driver) firstMoving(b *drivers.Batch, batchErr error) error {
	if d.isTransient(batchErr) {
		return batchErr
	}
	for i := range b.Items {
		if err := b.Items[i].Err; d.isTransient(err) {
			return err
		}
	}
	return nil
}

// interrupted marks the error of a transaction of which nothing was applied, and which may
// well succeed when it is begun again: on another connection, or at another server.
func (d *Driver) interrupted(err error) error {
	if !errors.Is(err, drivers.ErrUnavailable) || isPoolExhausted(err) || isAnswer(err) && !d.isTransient(err) && !isDemoted(err) {
		return err
	}
	return drivers.Join(drivers.ErrInterrupted, err)
}

// interruptedBatch marks the errors of a batch.
func (d *Driver) interruptedBatch(b *drivers.Batch, batchErr error) error {
	if errors.Is(batchErr, drivers.ErrUnavailable) || batchErr == nil && !b.Atomic {
		for i := range b.Items {
			b.Items[i].Err = d.interrupted(b.Items[i].Err)
		}
	}
	return d.interrupted(batchErr)
}
