package kv

import (
	"context"
	"io"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// Store is what the handles of stores have in common: a place, and the operations on all
// that lies below it. A handle is an immutable value, cheap to copy, and safe for any
// number of goroutines.
//
// In Redis: [SCAN], [UNLINK], [EXISTS], [PEXPIRE].
//
// [SCAN]: https://redis.io/docs/latest/commands/scan/
// [UNLINK]: https://redis.io/docs/latest/commands/unlink/
// [EXISTS]: https://redis.io/docs/latest/commands/exists/
// [PEXPIRE]: https://redis.io/docs/latest/commands/pexpire/
type Store struct{ at ref }

// The handles of stores are made for every type of keys and elements, and the compiler
// repeats what they embed for each: so Store has few methods, and ref has the others.

func (s *Store) place(r ref)                     { s.at = r }
func (s *Store) opened() (drivers.Driver, error) { return s.at.driver, s.at.err() }
func (s *Store) move(to drivers.Driver)          { s.at.driver = to }
func (s Store) root() ref                        { return s.at }

// Path is the storage key everything in the store begins with.
func (s Store) Path() string { return s.at.path() }

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
// returns how many those are; keys that are not declared stay. A d that is not positive is
// ErrInvalid. It costs what Erase costs (PEXPIRE), and is not atomic: after an error a
// repetition finishes the job.
func (s Store) Expire(ctx context.Context, d time.Duration, options ...SubtreeOption) (int, error) {
	expiry := drivers.In(d)
	if err := s.at.err(); err != nil {
		return 0, err
	}
	if err := expiry.Check(); err != nil {
		return 0, s.at.fail("Expire", err)
	}
	return s.at.each(ctx, "Expire", newSubtree(options), func(p place) (drivers.Command, bool) {
		return drivers.Command{Op: drivers.OpExpire, Expiry: expiry}, p.node != nil
	})
}

// Export writes all values below the store, with their types and TTLs, to w as JSON Lines,
// and returns how many values those are. Import reads them. Values are written as they are
// stored, whether they fit the schema or not. What Erase would remove and the schema does
// not declare cannot be written: such a key, of another program or of an older schema, is
// ErrUndeclared, or ErrBadKey if a segment of it is no id, and ends Export, or is told to
// OnRefused.
//
// No line of the file is longer than 8 MB: a value that is larger takes several, which
// Import puts together.
//
// It is no snapshot: what is written below meanwhile may be in it or not, each value as
// a whole, a set of more than 512 members in parts. One round trip for a page of keys
// (SCAN) and one for their values and TTLs.
func (s Store) Export(ctx context.Context, w io.Writer, options ...SubtreeOption) (int, error) {
	return s.at.exportTo(ctx, w, newSubtree(options))
}

// Import stores what Export wrote, at the same place or below any other store whose
// schema declares all fields of the exported one, and returns how many records of the
// file are settled. Values replace what is there; documents are validated and indexed;
// a value whose time is over is left out. What lies in the store and not in the file
// stays.
//
// A file of another schema, or no such file, is ErrInvalid before anything is stored. At
// a line that is damaged or larger than MaxRecord allows, or where the file ends too early
// (io.ErrUnexpectedEOF), Import stops: what came before is stored, each value as a whole (of
// a set of more than 8 MB perhaps a part), and Import of the whole file, from the start or
// with ResumeAfter the records returned, finishes the job. So it does after any other error.
// One round trip for 512 records.
func (s Store) Import(ctx context.Context, from io.Reader, options ...SubtreeOption) (int, error) {
	return s.at.importFrom(ctx, from, newSubtree(options))
}
