package drivers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
)

// Driver executes commands against a store. It is safe for any number of
// goroutines. It neither keeps the slices of a Command nor returns its own.
type Driver interface {
	// Do executes one command. Its error is one of the classes of this package,
	// a context's error, or errors.ErrUnsupported.
	Do(ctx context.Context, cmd Command) (Reply, error)
}

// Scanner is the optional ability to list keys.
type Scanner interface {
	// Scan executes one of the listing Ops below the prefix cmd.Key. Every key
	// that exists during the whole scan is yielded exactly once; one that comes or
	// goes meanwhile may be. An error is yielded once and ends the scan.
	// Breaking out of the loop stops the work.
	Scan(ctx context.Context, cmd Command) iter.Seq2[string, error]
}

// Watcher is the optional ability of optimistic transactions.
type Watcher interface {
	// Begin starts a transaction on keys that, in a cluster, lie in the slot of key,
	// which may be watched from then on.
	// Whoever begins one must end it.
	Begin(ctx context.Context, key string) (Transaction, error)
}

// Transaction executes reads at once: Do and plain batches watch the keys they read,
// from before they read them. DoBatch with an atomic batch commits: it is refused with
// ErrConflict, and nothing of it applied, if a watched key was changed since it was
// watched. A write outside that batch, a second commit, and any use after the commit
// or the end are ErrInvalid. It is for one goroutine at a time.
type Transaction interface {
	Driver
	Batcher
	// Watch adds keys to those watched.
	Watch(ctx context.Context, keys ...string) error
	// End gives the transaction up if it was not committed. It may be called again.
	End()
}

// Scan lists keys through d, or yields errors.ErrUnsupported if d is no Scanner.
func Scan(ctx context.Context, d Driver, cmd Command) iter.Seq2[string, error] {
	scanner, ok := d.(Scanner)
	switch {
	case cmd.Op.Effect() != Lists:
		return failedScan(Errorf(ErrInvalid, "%v does not list keys", cmd.Op))
	case !ok:
		return failedScan(unsupported(d, "list keys"))
	}
	return scanner.Scan(ctx, cmd)
}

func failedScan(err error) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) { yield("", err) }
}

// MustRead refuses a write outside the batch that commits a transaction, as ErrInvalid:
// it would be applied whatever becomes of the transaction.
func MustRead(cmd Command) error {
	if cmd.Op.Effect() == Writes {
		return Errorf(ErrInvalid, "%v outside the atomic batch of a transaction", cmd.Op)
	}
	return nil
}

// Begin starts an optimistic transaction of d, or returns errors.ErrUnsupported if d
// is no Watcher.
func Begin(ctx context.Context, d Driver, key string) (Transaction, error) {
	if watcher, ok := d.(Watcher); ok {
		return watcher.Begin(ctx, key)
	}
	return nil, unsupported(d, "watch keys")
}

// Watch runs fn, once, in an optimistic transaction of d that watches keys, of which
// there is at least one, and returns what fn returns. The transaction ends with it.
func Watch(ctx context.Context, d Driver, keys []string, fn func(tx Transaction) error) error {
	if len(keys) == 0 {
		return Errorf(ErrInvalid, "watch needs a key")
	}
	tx, err := Begin(ctx, d, keys[0])
	if err != nil {
		return err
	}
	defer tx.End()
	if err := tx.Watch(ctx, keys...); err != nil {
		return err
	}
	return fn(tx)
}

// Close closes d if it is an io.Closer; a driver that is none has nothing to
// close. Every operation after it is ErrClosed.
func Close(d Driver) error {
	if closer, ok := d.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

func unsupported(d Driver, ability string) error {
	return fmt.Errorf("%T cannot %s: %w", d, ability, errors.ErrUnsupported)
}
