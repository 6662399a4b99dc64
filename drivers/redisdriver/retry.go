package redisdriver

import (
	"context"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
)

// isTransient reports an answer that says that keys or masters are on the move in a way that
// passes by itself. A client of a single server cannot go where a cluster sends it.
func (d *Driver) isTransient(err error) bool {
	return isMoving(err) && (d.cluster != nil || !hasCode(err, "MOVED", "ASK"))
}

// retry tries what was refused with err again, until it is not, patience ends, or ctx does.
func (d *Driver) retry(ctx context.Context, err error, try func() error) error {
	pauses := drivers.Patience()
	for d.isTransient(err) {
		d.reload(ctx)
		if !pauses.Wait(ctx) {
			return contextErrorOr(ctx, err)
		}
		if over := d.admit(ctx); over != nil {
			return over
		}
		d.retries.Add(1)
		err = try()
	}
	return err
}

// contextErrorOr is the error of what was not executed: that of its context, if it has ended.
func contextErrorOr(ctx context.Context, err error) error {
	if end := ctx.Err(); end != nil {
		return end
	}
	return err
}

// retryRefused tries those items of a plain batch again that were refused.
func (d *Driver) retryRefused(ctx context.Context, b *drivers.Batch) error {
	positions := d.retriable(b.Items)
	if len(positions) > 0 {
		rest := drivers.NewBatch()
		err := d.retry(ctx, b.Items[positions[0]].Err, func() error {
			rest.Items = rest.Items[:0]
			for _, position := range positions {
				rest.Items = append(rest.Items, drivers.Item{Command: b.Items[position].Command})
			}
			_, moving := d.doBatch(ctx, rest, nil)
			for i, position := range positions {
				b.Items[position] = rest.Items[i]
			}
			if !moving {
				return nil
			}
			if positions = d.retriable(b.Items); len(positions) == 0 {
				return nil
			}
			return b.Items[positions[0]].Err
		})
		if err != nil {
			for _, position := range positions {
				b.Items[position].Err = contextErrorOr(ctx, b.Items[position].Err)
			}
		}
	}
	return plainBatchError(b.Items)
}

// retriable are the positions of the items that may be tried again: those that no item which was
// executed came after, unless the order of the two does not matter.
func (d *Driver) retriable(items []drivers.Item) []int {
	var positions []int
	writes := map[string]bool{} // by the keys of what was executed: whether it changes them
	for i := len(items) - 1; i >= 0; i-- {
		item := &items[i]
		keys := append(slices.Clip(table[item.Command.Op].otherKeys(&item.Command)), item.Command.Key)
		changes := item.Command.Op.Effect() == drivers.Writes
		if !d.isTransient(item.Err) {
			for _, key := range keys {
				writes[key] = writes[key] || changes
			}
			continue
		}
		late := false
		for _, key := range keys {
			written, touched := writes[key]
			late = late || touched && (written || changes)
		}
		if !late {
			positions = append(positions, i)
		}
	}
	slices.Reverse(positions)
	return positions
}
