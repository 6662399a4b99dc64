package kv

import (
	"context"
	"iter"

	"github.com/kvstore-go/kvstore/drivers"
)

// declaredKeys goes through the keys of the fields that can be reached from r
// without a dynamic segment.
func declaredKeys(r ref) iter.Seq2[string, *bound] {
	return func(yield func(string, *bound) bool) { declared(r, yield, nil) }
}

// dynamicStores goes through the dynamic stores that can be reached from r without
// another's segment.
func dynamicStores(r ref) iter.Seq[ref] {
	return func(yield func(ref) bool) { declared(r, nil, yield) }
}

func declared(r ref, key func(string, *bound) bool, store func(ref) bool) bool {
	switch {
	case r.node.element != nil:
		return store == nil || store(r)
	case r.node.fields == nil:
		return key == nil || key(r.path(), r.node)
	}
	for _, field := range r.fields() {
		if !declared(field, key, store) {
			return false
		}
	}
	return true
}

// scan lists what is stored below r.
func (r ref) scan(ctx context.Context, op drivers.Op) iter.Seq2[string, error] {
	return drivers.Scan(ctx, r.driver, drivers.Command{Op: op, Key: r.path(), Pattern: r.node.pattern})
}

// erase removes everything declared below r, page by page.
func (r ref) erase(ctx context.Context) (int, error) {
	if err := r.err(); err != nil {
		return 0, err
	}
	erased := 0
	page := drivers.NewBatch()
	flush := func() error {
		err := r.runBatch(ctx, "Erase", page)
		for _, item := range page.Items {
			erased += int(item.Reply.Int)
		}
		page = drivers.NewBatch()
		return err
	}
	add := func(key string, node *bound) error {
		page.Items = append(page.Items, drivers.Item{Command: drivers.Command{Op: drivers.OpDelete, Key: key, Pattern: node.pattern}})
		if len(page.Items) < scanPage {
			return nil
		}
		return flush()
	}
	for key, node := range declaredKeys(r) {
		if err := add(key, node); err != nil {
			return erased, err
		}
	}
	for store := range dynamicStores(r) {
		for key, err := range store.scan(ctx, drivers.OpScanKeys) {
			if err != nil {
				return erased, r.fail("Erase", err)
			}
			if err := add(key, store.node); err != nil {
				return erased, err
			}
		}
	}
	err := flush()
	return erased, err
}

// runBatch executes a plain batch and returns the first error of any of its commands.
func (r ref) runBatch(ctx context.Context, op string, batch *drivers.Batch) error {
	if err := drivers.DoBatch(ctx, r.driver, batch); err != nil {
		return r.fail(op, err)
	}
	for _, item := range batch.Items {
		if item.Err != nil {
			return fail(op, item.Command.Key, item.Err)
		}
	}
	return nil
}
