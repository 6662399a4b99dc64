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
	// Watch calls fn with a transaction that watches keys, of which there is at
	// least one. An atomic batch executed through tx is refused with ErrConflict,
	// and nothing of it applied, if a watched key was changed since it was watched.
	// Watch returns what fn returns and never calls it twice; tx ends with it.
	Watch(ctx context.Context, keys []string, fn func(tx Transaction) error) error
}

// Transaction is what the function of a Watch works with: Do executes reads at
// once, DoBatch with an atomic batch commits and ends the watching. A write outside
// that batch, a second commit, and any use after the end are ErrInvalid. It is for
// one goroutine.
type Transaction interface {
	Driver
	Batcher
	// Watch adds keys to those watched.
	Watch(ctx context.Context, keys ...string) error
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

// Watch runs fn in an optimistic transaction of d, or returns
// errors.ErrUnsupported if d is no Watcher.
func Watch(ctx context.Context, d Driver, keys []string, fn func(tx Transaction) error) error {
	watcher, ok := d.(Watcher)
	switch {
	case len(keys) == 0:
		return Errorf(ErrInvalid, "watch needs a key")
	case !ok:
		return unsupported(d, "watch keys")
	}
	return watcher.Watch(ctx, keys, fn)
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
