package memory

import (
	"context"

	"github.com/kvstore-go/kvstore/drivers"
)

// DoBatch executes b. The commands of a plain batch run one by one; those of an
// atomic one while the locks of all their keys are held. If one of these could
// not be executed whatever the data, none is.
func (d *Driver) DoBatch(ctx context.Context, b *drivers.Batch) error {
	if err := d.ready(ctx); err != nil {
		b.Fail(err)
		return err
	}
	if b.Atomic {
		return d.doAtomic(b, nil)
	}
	for i := range b.Items {
		item := &b.Items[i]
		item.Reply, item.Err = d.Do(ctx, item.Command)
	}
	return nil
}

// doAtomic executes an atomic batch, as the commit of tx unless that is nil.
func (d *Driver) doAtomic(b *drivers.Batch, tx *watchTransaction) error {
	var locks shardSet
	handlers := make([]*handler, len(b.Items))
	writes, timed := tx != nil, false
	for i := range b.Items {
		cmd := b.Items[i].Command
		h, err := handlerOf(&cmd)
		if err != nil {
			b.Fail(err)
			return err
		}
		handlers[i] = h
		d.addKeys(&locks, h, cmd)
		writes = writes || h.changes(&cmd)
		timed = timed || h.looksAtTime(&cmd)
		if claims(&cmd) {
			locks = allShards() // whoever holds a value may be put in by the batch itself
		}
	}
	if tx != nil {
		for _, key := range tx.keys {
			locks.add(shardNumber(key))
		}
	}

	writes = writes || d.anyDue(locks)
	defer d.lockAll(locks, writes)()
	ks := d.keyspace(timed || d.anyExpires(locks), writes)
	if tx != nil && tx.conflict(ks) {
		b.Fail(drivers.ErrConflict)
		return drivers.ErrConflict
	}
	for i, h := range handlers {
		item := &b.Items[i]
		item.Reply, item.Err = ks.run(h, &item.Command)
	}
	return nil
}
