package redisdriver

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// transaction is a connection that watches keys.
type transaction struct {
	executor
	tx        *redis.Tx
	key       string // lies in the transaction's slot
	watched   map[string]bool
	committed bool
	released  bool // EXEC has ended the watching, or the connection has
	ended     atomic.Bool
	leave     chan struct{}
	closed    chan error
}

// Begin starts an optimistic transaction: WATCH with whatever it reads, and MULTI and
// EXEC for the batch it commits. In a cluster it watches key at once, because go-redis
// wants one to find the node by.
func (d *Driver) Begin(ctx context.Context, key string) (drivers.Transaction, error) {
	if err := d.admit(ctx); err != nil {
		return nil, err
	}
	t := &transaction{
		executor: executor{driver: d, heeds: d.heeds},
		key:      key, watched: map[string]bool{},
		leave: make(chan struct{}), closed: make(chan error, 1),
	}
	opened := make(chan *redis.Tx)
	go t.hold(ctx, opened)
	select {
	case t.tx = <-opened:
		t.conn, t.single = t.tx, t.tx
		return t, nil
	case err := <-t.closed:
		d.reloadAfter(ctx, err)
		return nil, classify(ctx, err, false)
	case <-ctx.Done():
		close(t.leave)
		return nil, ctx.Err()
	}
}

// hold keeps the connection until the caller leaves and what it has abandoned is
// over: go-redis's transactions are for one goroutine. Its context cannot end, lest
// the connection go back to the pool with its keys still watched.
func (t *transaction) hold(ctx context.Context, opened chan<- *redis.Tx) {
	ctx = context.WithoutCancel(ctx)
	var keys []string
	if t.driver.cluster != nil {
		keys = []string{t.key}
	}
	t.closed <- t.driver.client.Watch(ctx, func(tx *redis.Tx) error {
		select {
		case opened <- tx:
			<-t.leave
			t.pending.Wait()
			if len(t.watched) > 0 && !t.released { // go-redis does not know of what leads a pipeline
				return tx.Unwatch(ctx).Err()
			}
		case <-t.leave:
		}
		return nil
	}, keys...)
}

// End gives the connection back. It does not wait for that.
func (t *transaction) End() {
	if !t.ended.Swap(true) {
		close(t.leave)
	}
}

func (t *transaction) admit(ctx context.Context) error {
	if t.ended.Load() || t.left.Load() || t.committed {
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
	lead, err := t.prelude(ctx, b)
	if err != nil {
		b.Fail(err)
		return err
	}
	if b.Atomic {
		t.committed = true
		err := t.doBatch(ctx, b, nil)
		t.released = err == nil || errors.Is(err, drivers.ErrConflict) || errors.Is(err, drivers.ErrIndeterminate)
		return err
	}
	if lead == nil {
		return t.doBatch(ctx, b, nil)
	}
	err = t.doBatch(ctx, b, &once{Cmder: lead})
	if t.left.Load() || lead.Err() == nil {
		return err
	}
	t.left.Store(true) // nothing is watched: it must not commit
	t.driver.reloadAfter(ctx, lead.Err())
	err = classify(ctx, lead.Err(), false)
	for i := range b.Items {
		b.Items[i].Reply, b.Items[i].Err = drivers.Reply{}, err
	}
	return err
}

// prelude refuses what a transaction cannot do, and makes the WATCH that has to
// precede the reads of a batch, if one does.
func (t *transaction) prelude(ctx context.Context, b *drivers.Batch) (redis.Cmder, error) {
	if err := t.admit(ctx); err != nil {
		return nil, err
	}
	if b.Atomic {
		return nil, t.inSlot(b.Items[0].Command.Key)
	}
	var keys []string
	for i := range b.Items {
		cmd := b.Items[i].Command
		if err := drivers.MustRead(cmd); err != nil {
			return nil, err
		}
		op, err := t.driver.operationOf(cmd)
		if err != nil {
			continue // which is the outcome of this one command
		}
		keys = append(append(keys, cmd.Key), op.otherKeys(cmd)...)
	}
	return t.watch(ctx, keys)
}

// watch makes the WATCH of those keys that are not watched yet, if there are any.
func (t *transaction) watch(ctx context.Context, keys []string) (redis.Cmder, error) {
	args := []any{"watch"}
	for _, key := range keys {
		if t.watched[key] {
			continue
		}
		if err := t.inSlot(key); err != nil {
			return nil, err
		}
		t.watched[key] = true
		args = append(args, key)
	}
	if len(args) == 1 {
		return nil, nil //nolint:nilnil // nothing to watch
	}
	return redis.NewStatusCmd(ctx, args...), nil
}

func (t *transaction) inSlot(key string) error {
	if t.driver.cluster == nil {
		return nil
	}
	return sameSlot(t.key, []string{key})
}

// Watch adds keys to those watched.
func (t *transaction) Watch(ctx context.Context, keys ...string) error {
	if err := t.admit(ctx); err != nil {
		return err
	}
	if len(keys) == 0 {
		return drivers.Errorf(drivers.ErrInvalid, "watch needs a key")
	}
	command, err := t.watch(ctx, keys)
	if err != nil || command == nil {
		return err
	}
	if t.interruptible(ctx, nil, func() { _ = t.tx.Process(ctx, &once{Cmder: command}) }) {
		return ctx.Err()
	}
	if err := command.Err(); err != nil {
		t.left.Store(true)
		t.driver.reloadAfter(ctx, err)
		return classify(ctx, err, false)
	}
	return nil
}
