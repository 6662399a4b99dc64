package redisdriver

import (
	"context"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
)

// passes reports an answer that says that keys or masters are on the move in a way that
// passes by itself. A client of a single server cannot go where a cluster sends it.
func (d *Driver) passes(err error) bool {
	return isMoving(err) && (d.cluster != nil || !hasCode(err, "MOVED", "ASK"))
}

// again tries what was refused with err again, until it is not, patience ends, or ctx does.
func (d *Driver) again(ctx context.Context, err error, try func() error) error {
	pauses := drivers.Patience()
	for d.passes(err) {
		d.reload(ctx)
		if !pauses.Wait(ctx) {
			return unlessOver(ctx, err)
		}
		if over := d.admit(ctx); over != nil {
			return over
		}
		err = try()
	}
	return err
}

// unlessOver is the error of what was not executed: that of its context, if it has ended.
func unlessOver(ctx context.Context, err error) error {
	if end := ctx.Err(); end != nil {
		return end
	}
	return err
}

// refusedAgain tries those items of a plain batch again that were refused.
func (d *Driver) refusedAgain(ctx context.Context, b *drivers.Batch) error {
	places := d.refused(b.Items)
	if len(places) > 0 {
		again := drivers.NewBatch()
		err := d.again(ctx, b.Items[places[0]].Err, func() error {
			again.Items = again.Items[:0]
			for _, place := range places {
				again.Items = append(again.Items, drivers.Item{Command: b.Items[place].Command})
			}
			_, moving := d.doBatch(ctx, again, nil)
			for i, place := range places {
				b.Items[place] = again.Items[i]
			}
			if !moving {
				return nil
			}
			if places = d.refused(b.Items); len(places) == 0 {
				return nil
			}
			return b.Items[places[0]].Err
		})
		if err != nil {
			for _, place := range places {
				b.Items[place].Err = unlessOver(ctx, b.Items[place].Err)
			}
		}
	}
	return ofPlain(b.Items)
}

// refused are the places of the items that may be tried again: those that no item which was
// executed came after, unless the order of the two does not matter.
func (d *Driver) refused(items []drivers.Item) []int {
	var places []int
	writes := map[string]bool{} // by the keys of what was executed: whether it changes them
	for i := len(items) - 1; i >= 0; i-- {
		item := &items[i]
		keys := append(slices.Clip(table[item.Command.Op].otherKeys(item.Command)), item.Command.Key)
		changes := item.Command.Op.Effect() == drivers.Writes
		if !d.passes(item.Err) {
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
			places = append(places, i)
		}
	}
	slices.Reverse(places)
	return places
}
