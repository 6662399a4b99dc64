package kv

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"

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
		at.check(ctx, func(found stale, err error) bool {
			told := Stale[K]{Index: found.index, Missing: found.missing, Lost: found.lost, Dropped: found.dropped}
			if err == nil && !found.lost && !found.dropped {
				told.Key, err = keyOf[K](at, found.id)
				err = at.ofStale(found, err)
			}
			return yield(told, err)
		})
	}
}

// ofStale is the error of a difference, of which invalid is that of its id as a key.
func (r ref) ofStale(found stale, invalid error) error {
	if err := cmp.Or(found.err, invalid); err != nil {
		return fail("Check", r.child(found.id).path(), err)
	}
	return nil
}

// check hands yield all differences.
func (r ref) check(ctx context.Context, yield func(stale, error) bool) {
	tell := func(found stale) error {
		if !yield(found, nil) {
			return errEnough
		}
		return nil
	}
	err := r.tellLost(ctx, tell)
	if err == nil {
		err = r.tellDropped(ctx, tell)
	}
	if err == nil {
		err = r.differences(ctx, newSubtree(nil), tell)
	}
	if err != nil && !errors.Is(err, errEnough) {
		yield(stale{}, r.fail("Check", err))
	}
}

// stale is a difference, or a document that cannot be indexed.
type stale struct {
	id      string
	index   string
	missing bool
	lost    bool // of the registry or the index as a whole
	dropped bool // of an index that is not declared
	err     error

	text    string          // the document, if there is one
	exists  bool            // whether there is
	entries []drivers.Entry // what the indexes should have of it
	stray   drivers.Entry   // what an index has and should not have
}

// String is what Check says, where the path has the id.
func (s stale) String() string {
	return Stale[string]{Key: "it", Index: s.index, Missing: s.missing, Lost: s.lost, Dropped: s.dropped}.String()
}
