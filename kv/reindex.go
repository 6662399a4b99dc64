package kv

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
)

// Stale is a difference between what a store holds and what its registry and indexes say.
type Stale[K any] struct {
	Key   K
	Index string // the name of the index; empty for the registry of keys
	// Missing is what should be there and is not; otherwise it is there and should not be.
	Missing bool
	// Lost says that the registry or the index is not known to have all that it should, so
	// that those who need it are told ErrIncomplete. There is no Key then.
	Lost bool
	// Dropped says that the index is stored, with what it has of documents, and is not declared: it
	// has another name by now, or is another program's alone. There is no Key then.
	Dropped bool
}

// String says it in a few words.
func (s Stale[K]) String() string {
	where, what := "index "+s.Index, "should not have"
	if s.Index == "" {
		where = "registry"
	}
	if s.Missing {
		what = "lacks"
	}
	if s.Dropped {
		return fmt.Sprintf("the index %s is not declared", s.Index)
	}
	if s.Lost {
		return fmt.Sprintf("the %s may have lost what it had", where)
	}
	return fmt.Sprintf("the %s %s %v", where, what, s.Key)
}

// Check compares the registry and the indexes of the collection with its documents, and goes through the differences,
// which Reindex removes. A difference is left by a document that has expired; by an index that was declared, or whose
// function was changed, when there were documents already; and by whatever something other than this library wrote or
// erased. A registry or an index that may lack entries comes first, as Lost; then the indexes that are stored and not
// declared, as Dropped. A document that does not fit the schema comes as ErrCorrupt. What is written meanwhile may be
// reported as a difference although it is none. It costs two scans, and three round trips for a page of documents and
// one for a page of index entries.
//
//go:noinline // see eachOf
func (c KeyedCollection[K, T]) Check(ctx context.Context) iter.Seq2[Stale[K], error] {
	return eachStale[K](ctx, c.at)
}

//go:noinline // see eachOf
func eachStale[K any](ctx context.Context, at ref) iter.Seq2[Stale[K], error] {
	return func(yield func(Stale[K], error) bool) {
		at.check(ctx, func(found finding, err error) bool {
			stale := Stale[K]{Index: found.index, Missing: found.missing, Lost: found.lost, Dropped: found.dropped}
			if err == nil && !found.lost && !found.dropped {
				stale.Key, err = keyOf[K](at, found.id)
				err = at.ofFinding(found, err)
			}
			return yield(stale, err)
		})
	}
}

// ofFinding is the error of a difference, of which invalid is that of its id as a key.
func (r ref) ofFinding(found finding, invalid error) error {
	if err := cmp.Or(found.err, invalid); err != nil {
		return fail("Check", r.child(found.id).path(), err)
	}
	return nil
}

// check hands yield all differences.
func (r ref) check(ctx context.Context, yield func(finding, error) bool) {
	tell := func(found finding) error {
		if !yield(found, nil) {
			return errEnough
		}
		return nil
	}
	err := r.auditSeals(ctx, tell)
	if err == nil {
		err = r.auditDropped(ctx, tell)
	}
	if err == nil {
		err = r.audit(ctx, newSubtree(nil), tell)
	}
	if err != nil && !errors.Is(err, errEnough) {
		yield(finding{}, r.fail("Check", err))
	}
}

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
	return r.reindexing(ctx, s, func(finding) {}, func() error { return nil })
}

// reindexing is reindex that tells of each difference before it is removed, and when those that it has told of are,
// but for those that OnRefused was told.
func (r ref) reindexing(ctx context.Context, s *subtree, tell func(finding), removed func() error) (int, error) {
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
	err = r.audit(ctx, s, func(found finding) error {
		tell(found)
		if found.err != nil {
			if err := r.refuse(s, found.id, found.err); err != nil {
				return err
			}
			found = finding{id: found.id} // its key is registered all the same
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

// puts reports whether a repair puts in what another one would.
func puts(repair, other drivers.Command) bool {
	return repair.Key == other.Key && len(repair.Indexes()[0].Stray) == 0
}

// refuse tells of a document that cannot be indexed.
func (r ref) refuse(s *subtree, id string, err error) error {
	path := r.child(id).path()
	return s.refuse(path, fail("Reindex", path, err))
}

// reregisterTries bounds how often a Reindex begins anew: once more for registries that it
// makes itself, and again if they are lost meanwhile.
const reregisterTries = 4

// Reindex builds the registry of a store again, and those of the stores below it: after IndexKeys was declared for a
// store that has data already, or after the registry was lost (ErrIncomplete). It registers the keys that hold
// something, and takes out those that hold nothing. Collections below the store have a Reindex of their own. Indexes
// that are left from when the store was declared as a collection are erased. It works while the store is in use, and
// returns how many values it looked at. It costs a scan, one more where there are registries below, and a round trip
// for 512 values.
func Reindex[K, H any](ctx context.Context, store KeyedStore[K, H], options ...SubtreeOption) (int, error) {
	return store.at.reregister(ctx, newSubtree(options))
}

func (r ref) reregister(ctx context.Context, s *subtree) (int, error) {
	if err := r.carried("Reindex"); err != nil {
		return 0, err
	}
	if r.node.index() == nil {
		return 0, r.fail("Reindex", fmt.Errorf("%w: the store is not declared IndexKeys", ErrInvalid))
	}
	if r.isCollection() {
		return r.reindex(ctx, s)
	}
	for range reregisterTries {
		mark := newMark()
		if err := r.markAll(ctx, mark); err != nil {
			return 0, r.fail("Reindex", err)
		}
		s.done = Progress{}
		if err := r.registerAll(ctx, s); err != nil {
			return s.done.Keys, r.fail("Reindex", err)
		}
		complete, err := r.sealAll(ctx, mark)
		if err != nil {
			return s.done.Keys, r.fail("Reindex", err)
		}
		if complete {
			if err := r.eraseDropped(ctx); err != nil {
				return s.done.Keys, r.fail("Reindex", err)
			}
			return s.done.Keys, nil
		}
	}
	return s.done.Keys, r.fail("Reindex", ErrIncomplete)
}

// markAll marks what has no seal at and below r. Collections below have a Reindex of their own.
func (r ref) markAll(ctx context.Context, mark int64) error {
	for store, err := range r.storesWithRegistry(ctx) {
		if err == nil && !store.isCollection() {
			_, err = store.seal(ctx, drivers.MarkUnsealed, mark)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sealAll seals what is marked at and below r, and reports whether that is all: a registry
// that was only made meanwhile has no mark.
func (r ref) sealAll(ctx context.Context, mark int64) (complete bool, err error) {
	complete = true
	for store, err := range r.storesWithRegistry(ctx) {
		if err == nil {
			err = store.prune(ctx)
		}
		if err == nil && !store.isCollection() {
			err = store.sealMarked(ctx, mark)
		}
		switch {
		case errors.Is(err, ErrIncomplete):
			complete = false
		case err != nil:
			return false, err
		}
	}
	return complete, nil
}

func (r ref) isCollection() bool { return len(r.node.index().Names) > 0 }

// registerAll registers all stored keys below r.
func (r ref) registerAll(ctx context.Context, s *subtree) error {
	looked := 0
	commands := paging[drivers.Command]{size: scanPage, do: func(page []drivers.Command) error {
		err := r.runBatch(ctx, "Reindex", drivers.NewBatch(page...))
		s.advance(looked)
		looked = 0
		return err
	}}
	for key, err := range r.scan(ctx, drivers.OpScanKeys) {
		if err != nil {
			return err
		}
		next := r.registrations(key)
		if r.isOlder(key) {
			next = []drivers.Command{{Op: drivers.OpDelete, Key: key, Pattern: r.node.pattern}}
		} else if len(next) > 0 {
			looked++
		}
		if err := commands.add(next...); err != nil {
			return err
		}
	}
	return commands.flush()
}

// registrations register a stored key with all stores from r down that keep a registry,
// the innermost first, as what an outer one registers may be the registry of an inner one.
func (r ref) registrations(key string) (commands []drivers.Command) {
	at, rest := r, key[len(r.path())+len(separator):]
	for more := true; more; {
		var segment string
		segment, rest, more = strings.Cut(rest, separator)
		next, err := at.descend(segment)
		if err != nil {
			return nil // foreign, or an index
		}
		if at.node.index() != nil {
			id, _ := at.node.element.node.UntagSegment(segment) // descend has made sure
			commands = append(commands, at.reconciling(id))
		}
		at = next
	}
	slices.Reverse(commands)
	return commands
}

// repairing is the command that removes a difference, unless the document has changed
// since: then its writer has.
func (r ref) repairing(found finding, mark int64) drivers.Command {
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
