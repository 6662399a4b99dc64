package memory

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/kvstore-go/kvstore/drivers"
)

// transaction is what the function of a Watch works with. As in Redis, a change
// of a watched key marks the transactions that watch it.
type transaction struct {
	d     *Driver
	keys  []string
	dirty atomic.Bool
	over  atomic.Bool
}

// touch marks the transactions that watch key.
func (s *shard) touch(key string) {
	if len(s.watchers) == 0 {
		return
	}
	for _, tx := range s.watchers[key] {
		tx.dirty.Store(true)
	}
}

// Watch calls fn with a transaction that watches keys. A watched key counts as
// changed as in Redis: by a write, even one of the same value, and by its expiry.
func (d *Driver) Watch(ctx context.Context, keys []string, fn func(tx drivers.Transaction) error) error {
	tx := &transaction{d: d}
	defer tx.end()
	if err := tx.Watch(ctx, keys...); err != nil {
		return err
	}
	return fn(tx)
}

func (tx *transaction) Watch(ctx context.Context, keys ...string) error {
	if err := tx.ready(ctx); err != nil {
		return err
	}
	if len(keys) == 0 {
		return drivers.Errorf(drivers.ErrInvalid, "watch needs a key")
	}
	for _, key := range keys {
		s := tx.d.shardOf(key)
		s.lock()
		// What was over before it was watched must not count as a change later.
		tx.d.keyspace(s.expires()).evict(key)
		if !slices.Contains(s.watchers[key], tx) {
			s.watchers[key] = append(s.watchers[key], tx)
			tx.keys = append(tx.keys, key)
		}
		s.unlock()
	}
	return nil
}

func (tx *transaction) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	if err := tx.ready(ctx); err != nil {
		return drivers.Reply{}, err
	}
	if err := mustRead(cmd); err != nil {
		return drivers.Reply{}, err
	}
	return tx.d.Do(ctx, cmd)
}

// mustRead refuses a write outside the batch that commits: it would be applied
// whatever becomes of the transaction.
func mustRead(cmd drivers.Command) error {
	if cmd.Op.Effect() == drivers.Writes {
		return drivers.Errorf(drivers.ErrInvalid, "%v outside the atomic batch of a transaction", cmd.Op)
	}
	return nil
}

// DoBatch commits if b is atomic. A plain batch reads.
func (tx *transaction) DoBatch(ctx context.Context, b *drivers.Batch) error {
	if err := tx.ready(ctx); err != nil {
		b.Fail(err)
		return err
	}
	for i := 0; !b.Atomic && i < len(b.Items); i++ {
		if err := mustRead(b.Items[i].Command); err != nil {
			b.Fail(err)
			return err
		}
	}
	if !b.Atomic || len(b.Items) == 0 {
		return tx.d.DoBatch(ctx, b)
	}
	defer tx.end()
	return tx.d.doAtomic(b, tx)
}

// conflict reports whether a watched key was changed. Their shards are locked.
func (tx *transaction) conflict(ks keyspace) bool {
	for _, key := range tx.keys {
		ks.evict(key) // an expiry is a change, seen or not
	}
	return tx.dirty.Load()
}

// end stops watching. It may be called again.
func (tx *transaction) end() {
	tx.over.Store(true)
	for _, key := range tx.keys {
		s := tx.d.shardOf(key)
		s.lock()
		left := slices.DeleteFunc(s.watchers[key], func(other *transaction) bool { return other == tx })
		if len(left) == 0 {
			delete(s.watchers, key)
		} else {
			s.watchers[key] = left
		}
		s.unlock()
	}
	tx.keys = nil
}

func (tx *transaction) ready(ctx context.Context) error {
	if err := tx.d.ready(ctx); err != nil {
		return err
	}
	if tx.over.Load() {
		return drivers.Errorf(drivers.ErrInvalid, "the transaction has ended")
	}
	return nil
}
