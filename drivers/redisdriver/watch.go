package redisdriver

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// transaction is a connection that watches keys.
type transaction struct {
	executor
	tx        *redis.Tx
	key       string // one of the watched keys
	committed bool
	ended     atomic.Bool
}

// Watch runs fn in an optimistic transaction: WATCH, what fn reads, and MULTI and
// EXEC for the batch it commits.
func (d *Driver) Watch(ctx context.Context, keys []string, fn func(tx drivers.Transaction) error) error {
	if err := d.admit(ctx); err != nil {
		return err
	}
	if len(keys) == 0 {
		return drivers.Errorf(drivers.ErrInvalid, "watch needs a key")
	}
	if d.cluster != nil {
		if err := sameSlot(keys[0], keys[1:]); err != nil {
			return err
		}
	}
	t := &transaction{executor: executor{driver: d}, key: keys[0]}
	opened, leave, closed := make(chan *redis.Tx), make(chan struct{}), make(chan error, 1)
	go t.hold(ctx, slices.Clone(keys), opened, leave, closed)
	select {
	case t.tx = <-opened:
		defer t.end(ctx, leave, closed)
		t.conn, t.single = t.tx, t.tx
		return fn(t)
	case err := <-closed:
		d.reloadAfter(ctx, err)
		return classify(ctx, err, false)
	case <-ctx.Done():
		close(leave)
		return ctx.Err()
	}
}

// hold keeps the connection until the caller leaves and what it has abandoned is
// over: go-redis's transactions are for one goroutine. It hands the connection to
// the caller, so that fn runs on the caller's own goroutine, panics included. Its
// context cannot end, lest the connection go back to the pool with its keys still
// watched.
func (t *transaction) hold(ctx context.Context, keys []string, opened chan<- *redis.Tx, leave <-chan struct{}, closed chan<- error) {
	closed <- t.driver.client.Watch(context.WithoutCancel(ctx), func(tx *redis.Tx) error {
		select {
		case opened <- tx:
			<-leave
			t.pending.Wait()
		case <-leave:
		}
		return nil
	}, keys...)
}

func (t *transaction) end(ctx context.Context, leave chan<- struct{}, closed <-chan error) {
	t.ended.Store(true)
	close(leave)
	select {
	case <-closed: //nolint:errcheck // fn has had its outcome
	case <-ctx.Done():
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
	if err := t.admit(ctx); err != nil {
		return drivers.Reply{}, err
	}
	if err := mustRead(cmd); err != nil {
		return drivers.Reply{}, err
	}
	return t.do(ctx, cmd)
}

// DoBatch commits an atomic batch, which ends the transaction. A plain batch reads.
func (t *transaction) DoBatch(ctx context.Context, b *drivers.Batch) error {
	if len(b.Items) == 0 {
		return nil
	}
	err := t.admit(ctx)
	for i := 0; err == nil && !b.Atomic && i < len(b.Items); i++ {
		err = mustRead(b.Items[i].Command)
	}
	if err == nil && b.Atomic && t.driver.cluster != nil {
		err = sameSlot(t.key, []string{b.Items[0].Command.Key})
	}
	if err != nil {
		b.Fail(err)
		return err
	}
	t.committed = b.Atomic
	return t.doBatch(ctx, b)
}

// Watch adds keys to those watched.
func (t *transaction) Watch(ctx context.Context, keys ...string) error {
	if err := t.admit(ctx); err != nil {
		return err
	}
	if len(keys) == 0 {
		return drivers.Errorf(drivers.ErrInvalid, "watch needs a key")
	}
	if t.driver.cluster != nil {
		if err := sameSlot(t.key, keys); err != nil {
			return err
		}
	}
	keys = slices.Clone(keys)
	result := make(chan error, 1)
	if t.interruptible(ctx, nil, func() { result <- t.tx.Watch(ctx, keys...).Err() }) {
		return ctx.Err()
	}
	if err := <-result; err != nil {
		return classify(ctx, err, false)
	}
	return nil
}

// mustRead refuses a write outside the batch that commits: it would be applied
// whatever becomes of the transaction.
func mustRead(cmd drivers.Command) error {
	if cmd.Op.Effect() == drivers.Writes {
		return drivers.Errorf(drivers.ErrInvalid, "%v outside the atomic batch of a transaction", cmd.Op)
	}
	return nil
}
