package kv

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
)

// Progress is how far an operation on a subtree has come.
type Progress struct {
	Keys int // done so far
}

// Transferred is what came of an Export, an Import, a Copy or a Move.
type Transferred struct {
	Values int // carried over
	// Refused is how many keys and values were left out, each of which OnRefused was told of:
	// what is there and was not carried over. A group of a stream that was left out counts as one.
	Refused int
	// Records are those of the file: how many Export wrote, or Import has settled, which is
	// what ResumeAfter takes. Without a file it is 0.
	Records int
}

// SubtreeOption is an option of the operations on whole subtrees: OnProgress, OnRefused,
// ResumeAfter, MaxRecord.
type SubtreeOption func(*subtree)

// subtree is an operation on a whole subtree.
type subtree struct {
	progress    func(Progress)
	refused     func(path string, err error)
	skip        int
	longest     int // line of a file
	largest     int // record of several lines
	done        Progress
	refusals    int
	whole       bool     // a stream is refused if it has groups, rather than going without them
	omitted     int      // values left out since the last page
	lastOmitted []string // the segments of the last of them
}

// OnProgress calls report after every page, on the goroutine of the caller.
func OnProgress(report func(Progress)) SubtreeOption {
	return func(s *subtree) {
		if report != nil {
			s.progress = report
		}
	}
}

// OnRefused lets Copy, Move, Export and Import leave out what cannot be read or stored, because it does not fit the
// schema or a unique index, and calls report once for each. Without OnRefused, the first such value or key ends the
// operation.
//
// For Copy, Move and Export, that includes every key below the store that the schema does not declare. Such keys
// below dynamic stores are found in any case. Those beside the fields of a static store, such as a field that is no
// longer declared, are looked for only with OnRefused, which takes a SCAN.
//
// Some things are never carried over: a lock that is held, a limiter and, for Copy and Export, each group of a
// stream. They are told as errors.ErrUnsupported, and end nothing.
func OnRefused(report func(path string, err error)) SubtreeOption {
	return func(s *subtree) { s.refused = report }
}

// ResumeAfter lets Import pass over as many records as an earlier Import of the same
// file returned.
func ResumeAfter(records int) SubtreeOption {
	return func(s *subtree) { s.skip = records }
}

// MaxRecord lets Import read records of up to so many bytes. The size is that of the line in the file, or of the
// value that several lines make up. Without MaxRecord, a line may have 64 MB, and a value of several lines 1 GB: a
// field and its value, each as large as Redis takes them. Export writes no line of more than 8 MB. A line that is
// refused has taken no more memory than is allowed; one that is read takes up to three times its size, and a value of
// several lines its own size and that of a few lines.
func MaxRecord(bytes int) SubtreeOption {
	return func(s *subtree) { s.longest, s.largest = bytes, bytes }
}

// refuse tells of a value that cannot be read or stored, and returns an error if that is to end
// the operation.
func (s *subtree) refuse(path string, err error) error {
	if s.refused == nil {
		return err
	}
	s.leave(path, err)
	return nil
}

// leave tells of what was left out.
func (s *subtree) leave(path string, err error) {
	s.refusals++
	if s.refused != nil {
		s.refused(path, err)
	}
}

// transferred is what came of it.
func (s *subtree) transferred(records int) Transferred {
	return Transferred{Values: s.done.Keys, Refused: s.refusals, Records: records}
}

// omit is refuse of a record, told once of a value that comes in parts.
func (s *subtree) omit(rec record, path string, err error) error {
	if rec.more && slices.Equal(rec.segments, s.lastOmitted) {
		return nil
	}
	s.omitted, s.lastOmitted = s.omitted+1, rec.segments
	return s.refuse(path, err)
}

func newSubtree(options []SubtreeOption) *subtree {
	s := &subtree{progress: func(Progress) {}, longest: longestLine, largest: largestRecord}
	for option := range given(options) {
		option(s)
	}
	return s
}

func (s *subtree) advance(keys int) {
	s.done.Keys += keys
	s.progress(s.done)
}

// settle advances by the values of a page that was stored, but for those left out.
func (s *subtree) settle(page []record) {
	values := lo.CountBy(page, func(rec record) bool { return !rec.more })
	s.advance(max(values-s.omitted, 0))
	s.omitted = 0
}

// erase removes everything below r, and r from the registry it is in.
func (r ref) erase(ctx context.Context, s *subtree) (int, error) {
	erased, err := r.each(ctx, "Erase", s, func(place) (drivers.Command, bool) {
		return drivers.Command{Op: drivers.OpDelete}, true
	})
	if err == nil {
		err = r.unregister(ctx, "Erase")
	}
	return erased, err
}

// unregister takes out of the registries below r, and of that which r is a child of, what holds nothing any more.
func (r ref) unregister(ctx context.Context, op string) error {
	if err := r.pruneBelow(ctx, op); err != nil {
		return err
	}
	path := r.path()
	if len(r.node.indexed) == 0 || r.node.indexed[0].segments != strings.Count(path, separator) {
		return nil
	}
	if _, err := r.driver.Do(ctx, r.reconciled()); err != nil {
		return r.fail(op, err)
	}
	return nil
}

// pruneBelow takes out of the registries below r what holds nothing any more.
func (r ref) pruneBelow(ctx context.Context, op string) error {
	for store := range dynamicStores(r) {
		if !store.node.indexedBelow() {
			continue
		}
		for indexed, err := range store.storesWithRegistry(ctx) {
			if err == nil {
				err = indexed.prune(ctx)
			}
			if err != nil {
				return r.fail(op, err)
			}
		}
	}
	return nil
}

// each executes a command on the keys below r, page by page, and returns for how many
// the reply was 1.
func (r ref) each(ctx context.Context, op string, s *subtree, command func(place) (drivers.Command, bool)) (int, error) {
	if err := r.carried(op); err != nil {
		return 0, err
	}
	commands := paging[drivers.Command]{size: scanPage, do: func(page []drivers.Command) error {
		batch := drivers.NewBatch(page...)
		err := r.runBatch(ctx, op, batch)
		s.advance(lo.SumBy(batch.Items, func(item drivers.Item) int { return int(item.Reply.Int) }))
		return err
	}}
	for p, err := range r.walk(ctx) {
		if err != nil {
			return s.done.Keys, r.fail(op, err)
		}
		cmd, wanted := command(p)
		if !wanted {
			continue
		}
		cmd.Key, cmd.Pattern = p.key, r.node.pattern // one for all of the page
		if p.node != nil && cmd.Op.Effect() == drivers.Writes {
			cmd.OwnExtra().Indexes = p.node.indexes(p.key)
		}
		if err := commands.add(cmd); err != nil {
			return s.done.Keys, err
		}
	}
	err := commands.flush()
	return s.done.Keys, err
}

// Erase removes everything below the store and returns how many keys that were: declared
// ones, and below dynamic stores whatever else is there, which Export and Keys report as
// undeclared. One round trip for the keys declared without a dynamic segment (UNLINK);
// below dynamic stores a scan, with a round trip for every page. What lies beside the store
// is never touched: users is not users2. It is not atomic: what is written below meanwhile
// may stay; but each document goes together with its index entries. After an error a
// repetition finishes the job.
func (s Store) Erase(ctx context.Context, options ...SubtreeOption) (int, error) {
	return s.at.erase(ctx, newSubtree(options))
}

// Count is how many values are stored below the store. Keys that are not declared count
// for nothing. It costs what Erase costs.
func (s Store) Count(ctx context.Context) (int, error) {
	return s.at.each(ctx, "Count", newSubtree(nil), func(p place) (drivers.Command, bool) {
		return drivers.Command{Op: drivers.OpExists}, p.node != nil
	})
}

// Expire lets all values below the store end after d, rounded up to milliseconds, and
// returns how many those are; keys that are not declared stay. A d that is not positive, or
// below a millisecond, is ErrInvalid. It costs what Erase costs (PEXPIRE), and is not atomic: after an error a
// repetition finishes the job.
func (s Store) Expire(ctx context.Context, d time.Duration, options ...SubtreeOption) (int, error) {
	expiry := drivers.In(d)
	if err := s.at.carried("Expire"); err != nil {
		return 0, err
	}
	if err := expiry.Check(); err != nil {
		return 0, s.at.fail("Expire", err)
	}
	return s.at.each(ctx, "Expire", newSubtree(options), func(p place) (drivers.Command, bool) {
		return drivers.Command{Op: drivers.OpExpire, Expiry: expiry}, p.node != nil
	})
}
