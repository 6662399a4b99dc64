package kv

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/overlay"
)

// transaction is the driver that the handles of one try of Atomic are bound to. Reads
// are executed at once and watched. Writes are answered with what they are going to
// answer, and queued. What they leave behind is seen through the overlay of its group.
type transaction struct {
	driver drivers.Driver
	turn   *turn

	mu     sync.Mutex
	begun  bool    // it was used
	ended  bool    // its function is over
	group  *group  // its own, or one that it has joined
	joined *ticket // with which it has joined it; nil if the group is its own
	apart  bool    // it has to begin anew by itself
}

// over makes it a transaction of a driver.
func (t *transaction) over(ctx context.Context) rebinding {
	return func(opened *boundDriver) (*boundDriver, error) {
		switch opened.driver.(type) {
		case *transaction, *recorder:
			return nil, errSpent("a transaction within a transaction or a batch")
		}
		t.driver = opened.driver
		t.group = newGroup(t.driver)
		t.group.stand = t.standAlone
		return newBoundDriver(t), opened.admit(ctx)
	}
}

// stand waits for its turn at keys, or for a share in the turn of those before it: it then goes on
// with their group.
func (t *transaction) stand(ctx context.Context, keys ...string) error {
	if err := t.turn.await(ctx, t.driver, true, keys...); err != nil {
		return err
	}
	if p := t.turn.ticket; p != nil && p.group != nil {
		t.group, t.joined = p.group.(*group), p
	}
	return nil
}

// standAlone waits for its turn where it has written something already, which no group has, or has
// not used any key at which others stand in line.
func (t *transaction) standAlone(ctx context.Context, keys ...string) error {
	if t.turn.ticket != nil {
		return nil
	}
	return t.turn.await(ctx, t.driver, false, keys...)
}

// run calls fn and commits. It returns the outcome of fn and of the commit, or else why it
// is not to be believed.
func (t *transaction) run(ctx context.Context, fn func(inner context.Context) error) (outcome, doubt error) {
	inner, end := confine(ctx, t, "transaction")
	defer end()
	returned := false
	defer func() {
		if returned {
			return
		}
		if doubt = doubtOf(t.settle(ctx, true)); doubt != nil { // else the panic goes on as if nobody had looked
			_ = recover()
		}
	}()
	outcome = fn(inner)
	returned = true
	err := t.settle(ctx, outcome != nil)
	if doubt = doubtOf(err); doubt == nil && outcome == nil {
		outcome = err
	}
	return outcome, doubt
}

// doubtOf is what befell a commit if it says that the function is to be called again.
func doubtOf(err error) error {
	if isAny(err, errStale, errApart, ErrInterrupted) {
		return err
	}
	return nil
}

// settle ends the transaction, whose function has returned, or failed, and returns what befell the
// commit, even where there is nothing to apply: a function that failed, with an error or a panic, may have made
// that of reads that do not fit together, or of one that was not answered.
func (t *transaction) settle(ctx context.Context, failed bool) error {
	t.mu.Lock()
	t.ended = true
	t.mu.Unlock()
	g := t.group
	g.mu.Lock()
	from, to, err := t.leave(ctx, failed)
	g.mu.Unlock()
	if err != errTogether { //nolint:errorlint // it is no cause of anything
		return err
	}
	return g.outcome(ctx, from, to)
}

// errTogether says that what befell a commit is known when that of the group is over.
var errTogether = errors.New("commits together with others")

// leave passes the group on, or commits. Of the group's writes those from one place to another are the
// transaction's. g.mu is held.
func (t *transaction) leave(ctx context.Context, failed bool) (from, to int, err error) {
	g := t.group
	if g.departed || g.rider != t.joined {
		return 0, 0, errApart // the others have not waited for it
	}
	from, to = g.writes, len(g.overlay.Writes())
	last := t.apart || g.failed || t.turn.alone
	if failed || t.apart {
		last = last || to > from // the overlay has what must not be applied
		to = from
	}
	g.writes = to
	if !t.apart {
		g.add(t.turn.ticket)
		last = last || !g.passOn(ctx, t.turn.ticket)
	}
	if g.done == nil {
		g.departed = true
		return from, to, t.commitAlone(ctx, failed)
	}
	if last {
		g.depart(ctx)
	}
	switch {
	case t.apart:
		return 0, 0, errApart
	case failed && ctx.Err() != nil:
		return 0, 0, nil
	}
	return from, to, errTogether
}

// commitAlone commits a group of one.
func (t *transaction) commitAlone(ctx context.Context, failed bool) error {
	g := t.group
	defer g.end()
	switch {
	case failed && ctx.Err() != nil:
		return nil
	case g.interrupted != nil: // fn may have made light of it
		return g.interrupted
	}
	if err := g.commit(ctx); err != nil {
		return err
	}
	return itemError(g.items)
}

// Do implements drivers.Driver.
func (t *transaction) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	items := []drivers.Item{{Command: cmd}}
	if err := t.DoBatch(ctx, &drivers.Batch{Items: items}); err != nil {
		return drivers.Reply{}, err
	}
	return items[0].Reply, items[0].Err
}

// DoBatch implements drivers.Batcher. Consecutive reads take one round trip.
func (t *transaction) DoBatch(ctx context.Context, b *drivers.Batch) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	err := t.admit(ctx, b)
	if err == nil {
		t.group.mu.Lock()
		defer t.group.mu.Unlock()
		if t.group.departed || t.group.rider != t.joined {
			err = errApart
		}
	}
	if err == nil {
		err = t.execute(ctx, b)
	}
	if err != nil {
		b.Fail(err)
	}
	return err
}

// admit refuses what need not ask anybody else, such as a write, and waits for its turn before the first use.
func (t *transaction) admit(ctx context.Context, b *drivers.Batch) error {
	switch {
	case t.ended:
		return errSpent("a handle of a transaction that is over")
	case ctx.Err() != nil:
		return ctx.Err()
	case t.begun || t.turn.again:
		return nil
	}
	t.begun = true
	if lines.number.Load() == 0 {
		return nil
	}
	return t.stand(ctx, keysUsed(b)...)
}

// keysUsed are the keys of what a batch reads and writes.
func keysUsed(b *drivers.Batch) (keys []string) {
	for i := range b.Items {
		cmd := &b.Items[i].Command
		keys = append(append(keys, cmd.Key), cmd.Keys()...)
		for j := range cmd.Indexes() {
			keys = slices.AppendSeq(keys, cmd.Indexes()[j].StoreKeys())
		}
	}
	return keys
}

func (t *transaction) execute(ctx context.Context, b *drivers.Batch) error {
	for rest := b.Items; len(rest) > 0; {
		reads := 0
		for reads < len(rest) && rest[reads].Command.Op.Effect() == drivers.Reads {
			reads++
		}
		if reads == 0 {
			rest[0].Reply, rest[0].Err = t.group.overlay.Write(ctx, rest[0].Command)
			reads = 1
		} else if err := t.group.overlay.Read(ctx, rest[:reads]); err != nil {
			return err
		}
		for i := range rest[:reads] {
			t.apart = t.apart || errors.Is(rest[i].Err, overlay.ErrShared)
		}
		rest = rest[reads:]
	}
	return nil
}

// Scan implements drivers.Scanner, to refuse.
func (t *transaction) Scan(context.Context, drivers.Command) iter.Seq2[string, error] {
	return notListed("listing keys in a transaction, which without IndexKeys nobody could watch")
}

// Evicts implements drivers.Evicter.
func (t *transaction) Evicts(ctx context.Context, key string) (bool, error) {
	return drivers.Evicts(ctx, t.driver, key)
}

// String is what errors call it.
func (t *transaction) String() string { return "a transaction" }

// isConfined reports the driver of handles that are bound to a batch or a transaction, which executes what they ask for
// together with the rest of it.
func (d *boundDriver) isConfined() bool {
	switch d.inside().(type) {
	case *recorder, *transaction:
		return true
	default:
		return false
	}
}
