package kv

import (
	"cmp"
	"context"
	"errors"

	"github.com/kvstore-go/kvstore/drivers"
)

// runBatch executes a plain batch and returns the first error of any of its commands.
func (r ref) runBatch(ctx context.Context, op string, batch *drivers.Batch) error {
	if path, err := r.run(ctx, batch); err != nil {
		return fail(op, path, err)
	}
	return nil
}

// run is runBatch with the error as it is, and the path that it is about.
func (r ref) run(ctx context.Context, batch *drivers.Batch) (path string, err error) {
	if err := r.driver.DoBatch(ctx, batch); err != nil {
		return r.path(), err
	}
	for _, item := range batch.Items {
		if item.Err != nil {
			return item.Command.Key, item.Err
		}
	}
	return "", nil
}

// deleteKeys removes keys that keep something beside values. One round trip.
func (r ref) deleteKeys(ctx context.Context, op string, keys []string) error {
	batch := drivers.NewBatch()
	for _, key := range keys {
		batch.Add(drivers.Command{Op: drivers.OpDelete, Key: key, Pattern: r.node.pattern})
	}
	return r.runBatch(ctx, op, batch)
}

// execute executes a batch and returns the first error, of the batch or of any of its commands.
func execute(ctx context.Context, on drivers.Batcher, batch *drivers.Batch) error {
	return cmp.Or(on.DoBatch(ctx, batch), firstError(batch.Items))
}

// firstError is that of the first of commands that failed by itself.
func firstError(items []drivers.Item) (err error) {
	for i := range items {
		err = cmp.Or(err, items[i].Err)
	}
	return err
}

// commit executes what a transaction is to write, all of it or nothing. It is ErrConflict if what was read has changed.
func commit(ctx context.Context, tx drivers.Transaction, batch *drivers.Batch) error {
	batch.Atomic = true
	return execute(ctx, tx, batch)
}

// tryCommit is commit as a try of optimistically, which is not done if what was read has changed.
func tryCommit(ctx context.Context, tx drivers.Transaction, batch *drivers.Batch) (done bool, err error) {
	if err = commit(ctx, tx, batch); errors.Is(err, ErrConflict) {
		return false, nil
	}
	return err == nil, err
}

// within is the same place as a transaction sees it.
func (r ref) within(tx drivers.Transaction) ref {
	r.driver = newBoundDriver(tx)
	return r
}
