package kv

import (
	"context"

	"github.com/kvstore-go/kvstore/drivers"
)

// Reindex makes the registry and the indexes of the collection what its documents say,
// and returns how many documents it looked at. It works online: each document is
// compared and indexed in one atomic step, so that a write meanwhile is never undone.
// Documents that do not fit the schema, or have a value of a unique index that another
// has, are told to OnRefused, or end it. After an error a repetition finishes the job, as it does
// after ErrIncomplete: then something was lost while it worked. Until it has ended, what it
// builds is ErrIncomplete to who needs it.
// Indexes that are stored and not declared it erases: run it when no program uses them any more.
// It costs what Check costs, a round trip for 256 differences, and three more.
//
//go:noinline // see eachOf
func (c KeyedCollection[K, T]) Reindex(ctx context.Context, options ...SubtreeOption) (int, error) {
	return c.at.reindex(ctx, newSubtree(options))
}

func (r ref) reindex(ctx context.Context, s *subtree) (int, error) {
	return r.reindexing(ctx, s, func(stale) {}, func() error { return nil })
}

// reindexing is reindex that tells of each difference before it is removed, and when those that it has told of are,
// but for those that OnRefused was told.
func (r ref) reindexing(ctx context.Context, s *subtree, tell func(stale), removed func() error) (int, error) {
	if err := r.carried("Reindex"); err != nil {
		return 0, err
	}
	mark := newMark()
	repairs := paging[drivers.Command]{size: readPage, do: func(page []drivers.Command) error {
		if err := r.repair(ctx, s, drivers.NewBatch(page...)); err != nil {
			return err
		}
		return removed()
	}}
	_, err := r.seal(ctx, drivers.MarkUnsealed, mark)
	if err != nil {
		return 0, r.fail("Reindex", err)
	}
	err = r.differences(ctx, s, func(found stale) error {
		tell(found)
		if found.err != nil {
			if err := r.refuse(s, found.id, found.err); err != nil {
				return err
			}
			found = stale{id: found.id} // its key is registered all the same
		}
		cmd := r.repairing(found, mark)
		if last := len(repairs.page) - 1; found.missing && last >= 0 && puts(repairs.page[last], cmd) {
			return nil // one command puts in all that the document lacks
		}
		return repairs.add(cmd)
	})
	if err == nil {
		err = repairs.flush()
	}
	if err == nil {
		err = r.sealMarked(ctx, mark)
	}
	if err == nil {
		err = r.dropOlder(ctx)
	}
	if err == nil {
		err = r.eraseDropped(ctx)
	}
	if err != nil {
		err = r.fail("Reindex", err)
	}
	return s.done.Keys, err
}

func (r ref) isCollection() bool { return len(r.node.index().Names) > 0 }

// puts reports whether a repair puts in what another one would.
func puts(repair, other drivers.Command) bool {
	return repair.Key == other.Key && len(repair.Indexes()[0].Stray) == 0
}

// refuse tells of a document that cannot be indexed.
func (r ref) refuse(s *subtree, id string, err error) error {
	path := r.child(id).path()
	return s.refuse(path, fail("Reindex", path, err))
}

// repairing is the command that removes a difference, unless the document has changed
// since: then its writer has.
func (r ref) repairing(found stale, mark int64) drivers.Command {
	cmd := r.reconciling(found.id)
	cmd.Indexes()[0].Mark = mark
	if found.exists {
		cmd.Op, cmd.Value = drivers.OpCompareAndSwap, found.text
		extra := cmd.OwnExtra()
		extra.Keys, extra.Expected = nil, found.text
		cmd.Indexes()[0].Entries = found.entries
	}
	if found.stray.Name != "" {
		cmd.Indexes()[0].Stray = []drivers.Entry{found.stray}
	}
	return cmd
}

// repair executes repairs. Of a document that is refused, the key at least is registered.
func (r ref) repair(ctx context.Context, s *subtree, repairs *drivers.Batch) error {
	if err := r.driver.DoBatch(ctx, repairs); err != nil {
		return err
	}
	refused := drivers.NewBatch()
	for _, item := range repairs.Items {
		id := item.Command.Indexes()[0].ID
		switch {
		case item.Err == nil:
		case ofOneValue(item.Err):
			if err := r.refuse(s, id, item.Err); err != nil {
				return err
			}
			refused.Add(r.reconciling(id))
		default:
			return item.Err
		}
	}
	return r.runBatch(ctx, "Reindex", refused)
}
