package memory

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/kvstore-go/kvstore/drivers"
)

// watchTransaction is a drivers.Transaction: marked, as in Redis, by a change of a key that it watches.
type watchTransaction struct {
	d     *Driver
	keys  []string
	dirty atomic.Bool
	over  atomic.Bool
}

// touch marks the transactions that watch key, wakes those who wait for it, and tells those who follow it.
func (d *Driver) touch(s *shard, key string) {
	if len(s.waiting) > 0 {
		s.wake(key)
	}
	d.follows.Changed(key)
	if len(s.watchers) == 0 {
		return
	}
	for _, tx := range s.watchers[key] {
		tx.dirty.Store(true)
	}
}

// Begin starts a transaction. A watched key counts as changed as in Redis: by a write,
// even one of the same value, and by its expiry.
func (d *Driver) Begin(ctx context.Context, _ string) (drivers.Transaction, error) {
	if err := d.ready(ctx); err != nil {
		return nil, err
	}
	return &watchTransaction{d: d}, nil
}

func (tx *watchTransaction) Watch(ctx context.Context, keys ...string) error {
	if err := tx.ready(ctx); err != nil {
		return err
	}
	if len(keys) == 0 {
		return drivers.Errorf(drivers.ErrInvalid, "watch needs a key")
	}
	tx.watch(keys...)
	return nil
}

func (tx *watchTransaction) watch(keys ...string) {
	for _, key := range keys {
		s := tx.d.shardOf(key)
		s.lock()
		// What was over before it was watched must not count as a change later.
		tx.d.keyspace(s.expires(), true).evict(key)
		if !slices.Contains(s.watchers[key], tx) {
			if s.watchers == nil {
				s.watchers = map[string][]*watchTransaction{}
			}
			s.watchers[key] = append(s.watchers[key], tx)
			tx.keys = append(tx.keys, key)
		}
		s.unlock()
	}
}

// watchRead watches what a command is about to read.
func (tx *watchTransaction) watchRead(cmd drivers.Command) {
	h, err := handlerOf(&cmd)
	if err != nil {
		return // it will not be executed
	}
	tx.watch(cmd.Key)
	if h.multiKey {
		tx.watch(cmd.Keys()...)
	}
}

func (tx *watchTransaction) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	if err := tx.ready(ctx); err != nil {
		return drivers.Reply{}, err
	}
	if err := drivers.MustRead(cmd); err != nil {
		return drivers.Reply{}, err
	}
	tx.watchRead(cmd)
	return tx.d.Do(ctx, cmd)
}

// DoBatch commits if b is atomic. A plain batch reads.
func (tx *watchTransaction) DoBatch(ctx context.Context, b *drivers.Batch) error {
	if err := tx.ready(ctx); err != nil {
		b.Fail(err)
		return err
	}
	if b.Atomic && len(b.Items) > 0 {
		defer tx.End()
		return tx.d.doAtomic(b, tx)
	}
	for i := range b.Items {
		if err := drivers.MustRead(b.Items[i].Command); err != nil {
			b.Fail(err)
			return err
		}
	}
	for i := range b.Items {
		tx.watchRead(b.Items[i].Command)
	}
	return tx.d.DoBatch(ctx, b)
}

// conflict reports whether a watched key was changed. Their shards are locked.
func (tx *watchTransaction) conflict(ks keyspace) bool {
	for _, key := range tx.keys {
		ks.evict(key) // an expiry is a change, seen or not
	}
	return tx.dirty.Load()
}

// End stops watching. It may be called again.
func (tx *watchTransaction) End() {
	tx.over.Store(true)
	for _, key := range tx.keys {
		s := tx.d.shardOf(key)
		s.lock()
		others := slices.DeleteFunc(s.watchers[key], func(other *watchTransaction) bool { return other == tx })
		if len(others) == 0 {
			delete(s.watchers, key)
		} else {
			s.watchers[key] = others
		}
		s.unlock()
	}
	tx.keys = nil
}

func (tx *watchTransaction) ready(ctx context.Context) error {
	if err := tx.d.ready(ctx); err != nil {
		return err
	}
	if tx.over.Load() {
		return drivers.Errorf(drivers.ErrInvalid, "the transaction has ended")
	}
	return nil
}
