package drivers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
	"slices"
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
	// which may be watched from then on. Where there is no error there is a transaction.
	// Whoever begins one must end it.
	Begin(ctx context.Context, key string) (Transaction, error)
}

// Transaction executes reads at once: Do and plain batches watch the keys they read,
// from before they read them. DoBatch with an atomic batch commits: it is refused with
// ErrConflict, and nothing of it applied, if a watched key was changed since it was
// watched; and with ErrInterrupted if keys or the connection went away meanwhile, of which
// reads may tell as well. A write outside that batch, a second commit, and any use after the commit
// or the end are ErrInvalid. It is for one goroutine at a time.
type Transaction interface {
	Driver
	Batcher
	// Watch adds keys to those watched.
	Watch(ctx context.Context, keys ...string) error
	// End gives the transaction up if it was not committed. It may be called again.
	End()
}

// Blocker is the optional ability to wait for something to answer with.
type Blocker interface {
	// Block executes cmd, and where it finds nothing to answer with waits until it does:
	// OpLPop, OpRPop, OpLMPop, OpLMove, OpZPopMin, OpZPopMax, OpZMPop, OpXRead and OpXReadGroup
	// of new entries. Those who wait to take something out of one key are served in the order
	// in which they came. OpLMPop and OpZMPop wait for any of their keys, and take from one. Of
	// several that get something in one step, an atomic batch, it may be any, even one that
	// another has waited for longer.
	//
	// When the context ends, so does the wait, with the context's error and with nothing
	// taken out. What was taken out in that very moment is answered, not lost. A key that
	// holds another type, or comes to, is ErrWrongType: within seconds where the server does
	// not tell, and if it still does then. An Amount that is not positive is ErrInvalid for
	// what pops. A Reply beside an error is what was taken out before something else failed.
	Block(ctx context.Context, cmd Command) (Reply, error)
}

// Subscriber is the optional ability to listen to a channel of messages.
type Subscriber interface {
	// Subscribe calls ready once it listens to the channel Key, and then yields what
	// OpPublish sends there, until the loop ends or the context does, whose error comes
	// last. Where messages were lost - with a connection, or because the loop is too slow -
	// it yields ErrMissed and goes on with the next; any other error ends it.
	Subscribe(ctx context.Context, cmd Command, ready func()) iter.Seq2[string, error]
}

// Follower is the optional ability to hear of what changes.
type Follower interface {
	// Follow yields each key that is one of keys, or lies below one of them (which it and ":" are the
	// beginning of), when it was written, erased, expired or evicted, by whomever; several changes of it
	// may be told as one. It calls ready once it hears: of every change after that it tells.
	//
	// Where it may not have heard of some - a lost connection, a failover, a flush, a loop that is too
	// slow - it yields ErrMissed as soon as it knows, and calls ready again once it hears again.
	// Between the two it hears of nothing. It ends with the loop, or with the context, whose
	// error comes last; any other error ends it. Both are called by the goroutine of the loop.
	Follow(ctx context.Context, keys []string, ready func()) iter.Seq2[string, error]
}

// Evicter is the ability to say whether keys may go by themselves, not counting those whose
// time is over.
type Evicter interface {
	// Evicts reports whether the store that has key may drop keys that nobody erased, such as
	// Redis where its memory is limited and its maxmemory-policy is one for all keys.
	Evicts(ctx context.Context, key string) (bool, error)
}

// Evicts asks d, or answers that it does not if d is no Evicter.
func Evicts(ctx context.Context, d Driver, key string) (bool, error) {
	if isNil(d) {
		return false, errNoDriver
	}
	if evicter, ok := d.(Evicter); ok {
		return evicter.Evicts(ctx, key)
	}
	return false, nil
}

// Scan lists keys through d, or yields errors.ErrUnsupported if d is no Scanner.
func Scan(ctx context.Context, d Driver, cmd Command) iter.Seq2[string, error] {
	scanner, ok := d.(Scanner)
	switch {
	case isNil(d):
		return failedScan(errNoDriver)
	case cmd.Op.Effect() != Lists:
		return failedScan(Errorf(ErrInvalid, "%v does not list keys", cmd.Op))
	case !ok:
		return failedScan(unsupported(d, "list keys"))
	}
	return scanner.Scan(ctx, cmd)
}

// Block executes cmd as soon as there is something to answer with, or returns
// errors.ErrUnsupported if d is no Blocker.
func Block(ctx context.Context, d Driver, cmd Command) (Reply, error) {
	blocker, ok := d.(Blocker)
	switch {
	case isNil(d):
		return Reply{}, errNoDriver
	case !ok:
		return Reply{}, unsupported(d, "wait")
	}
	if err := checkWait(cmd); err != nil {
		return Reply{}, err
	}
	return blocker.Block(ctx, cmd)
}

// checkWait refuses what nobody can wait for, as ErrInvalid.
func checkWait(cmd Command) error {
	if !cmd.Op.Waits() {
		return Errorf(ErrInvalid, "%v does not wait", cmd.Op)
	}
	return ops[cmd.Op].wait(cmd)
}

func anyWait(Command) error { return nil }

func checkTaken(cmd Command) error {
	if cmd.Amount < 1 {
		return Errorf(ErrInvalid, "a count of %d, of what to take out", cmd.Amount)
	}
	return nil
}

// Waits reports an Op that Block executes.
func (op Op) Waits() bool { return op.Known() && ops[op].wait != nil }

// Awaited are the keys, each once, any of which may get what a command waits for.
func (cmd Command) Awaited() []string {
	keys := []string{cmd.Key}
	if ops[cmd.Op].anyKey {
		for _, key := range cmd.Keys() {
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// Answers reports whether a command that may wait has found something to answer with.
func Answers(cmd Command, reply Reply) bool { return ops[cmd.Op].waited(reply) }

// Subscribe listens to a channel through d, or yields errors.ErrUnsupported if d is no Subscriber.
func Subscribe(ctx context.Context, d Driver, cmd Command, ready func()) iter.Seq2[string, error] {
	if isNil(d) {
		return failedScan(errNoDriver)
	}
	if subscriber, ok := d.(Subscriber); ok {
		return subscriber.Subscribe(ctx, cmd, ready)
	}
	return failedScan(unsupported(d, "subscribe"))
}

// Follow hears of changes through d, or yields errors.ErrUnsupported if d is no Follower.
func Follow(ctx context.Context, d Driver, keys []string, ready func()) iter.Seq2[string, error] {
	follower, ok := d.(Follower)
	switch {
	case isNil(d):
		return failedScan(errNoDriver)
	case len(keys) == 0 || slices.Contains(keys, ""):
		return failedScan(Errorf(ErrInvalid, "following needs keys"))
	case !ok:
		return failedScan(unsupported(d, "follow what changes"))
	}
	return follower.Follow(ctx, keys, ready)
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
	if isNil(d) {
		return nil, errNoDriver
	}
	if watcher, ok := d.(Watcher); ok {
		return watcher.Begin(ctx, key)
	}
	return nil, unsupported(d, "watch keys")
}

// Watch runs fn, once, in an optimistic transaction of d that watches keys, of which
// there is at least one, and returns what fn returns. The transaction ends with it.
func Watch(ctx context.Context, d Driver, keys []string, fn func(tx Transaction) error) error {
	switch {
	case len(keys) == 0:
		return Errorf(ErrInvalid, "watch needs a key")
	case fn == nil:
		return Errorf(ErrInvalid, "watch needs a function")
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
	if closer, ok := d.(io.Closer); ok && !isNil(d) {
		return closer.Close()
	}
	return nil
}

// errNoDriver is what the functions of this package answer that need a driver and have none.
var errNoDriver = Errorf(ErrInvalid, "the driver is nil")

// isNil finds nil pointers behind the interface, too.
func isNil(d Driver) bool {
	value := reflect.ValueOf(d)
	return !value.IsValid() || value.Kind() == reflect.Pointer && value.IsNil()
}

// unsupported says that a driver, by its name if it has one, lacks an ability.
func unsupported(d Driver, ability string) error {
	name := fmt.Sprintf("%T", d)
	if named, is := d.(fmt.Stringer); is {
		name = named.String()
	}
	return fmt.Errorf("%s cannot %s: %w", name, ability, errors.ErrUnsupported)
}
