package kv

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/overlay"
)

// transaction is the driver that the handles of one try of Atomic are bound to. Reads
// are executed at once and watched. Writes are answered with what they are going to
// answer, and queued. What they leave behind is seen through the overlay.
type transaction struct {
	driver drivers.Driver
	turn   *turn

	mu          sync.Mutex
	ended       bool
	tx          drivers.Transaction // begun with the first read
	interrupted error               // what a read was interrupted with
	read        []string            // the keys of all reads
	anchor      drivers.Command     // one of the reads, to commit where there is nothing to write
	overlay     *overlay.Overlay
}

// errStale says that what was read has been changed by somebody else.
var errStale = errors.New("what was read has been changed")

func newTransaction(turn *turn) *transaction {
	t := &transaction{turn: turn}
	t.overlay = overlay.New(committed{t})
	return t
}

// over makes it a transaction of a driver.
func (t *transaction) over(ctx context.Context) func(opened boundDriver) (boundDriver, error) {
	return func(opened boundDriver) (boundDriver, error) {
		switch opened.driver.(type) {
		case *transaction, *recorder:
			return boundDriver{}, errSpent("a transaction within a transaction or a batch")
		}
		t.driver = opened.driver
		return boundDriver{t}, opened.admit(ctx)
	}
}

// run calls fn and commits. It returns the outcome of fn and of the commit, or else why it
// is not to be believed.
func (t *transaction) run(ctx context.Context, fn func() error) (outcome, doubt error) {
	defer t.end()
	returned := false
	defer func() {
		if returned {
			return
		}
		if doubt = t.doubt(ctx); doubt != nil { // else the panic goes on as if nobody had looked
			_ = recover()
		}
	}()
	outcome = fn()
	returned = true
	if outcome != nil {
		return outcome, t.doubt(ctx)
	}
	if t.interrupted != nil { // fn has made light of it
		return nil, t.interrupted
	}
	outcome = t.commit(ctx, true)
	if errors.Is(outcome, errStale) || errors.Is(outcome, drivers.ErrInterrupted) {
		return nil, outcome
	}
	return outcome, nil
}

// doubt says why that fn failed, with an error or a panic, is not to be believed: it may have
// made that of reads that do not fit together, or of one that was not answered.
func (t *transaction) doubt(ctx context.Context) error {
	if ctx.Err() != nil {
		return nil
	}
	if t.interrupted != nil || len(t.read) < 2 {
		return t.interrupted
	}
	err := t.commit(ctx, false)
	if errors.Is(err, errStale) || errors.Is(err, drivers.ErrInterrupted) {
		return err
	}
	return nil
}

func (t *transaction) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	t.overlay.End()
	if t.tx != nil {
		t.tx.End()
	}
}

// commit applies what was written, if apply says so, provided that what was read is unchanged.
func (t *transaction) commit(ctx context.Context, apply bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	batch := &drivers.Batch{Atomic: true}
	if apply {
		batch.Items = t.overlay.Writes()
	}
	switch {
	case len(batch.Items) == 0 && len(t.read) < 2:
		return nil // one read is consistent with itself
	case len(batch.Items) == 0:
		batch.Items = []drivers.Item{{Command: t.anchor}}
	}
	on := t.driver
	if t.tx != nil {
		on = t.tx
	}
	err := drivers.DoBatch(ctx, on, batch)
	if errors.Is(err, drivers.ErrConflict) {
		return errStale
	}
	if err != nil {
		return fail("Atomic", "(transaction)", err)
	}
	for _, item := range batch.Items {
		if item.Err != nil {
			return fail("Atomic", item.Command.Key, item.Err)
		}
	}
	return nil
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
	err := ctx.Err() // a write need not ask anybody else
	if t.ended {
		err = errSpent("a handle of a transaction that is over")
	}
	if err != nil {
		b.Fail(err)
		return err
	}
	for rest := b.Items; len(rest) > 0; {
		reads := 0
		for reads < len(rest) && rest[reads].Command.Op.Effect() == drivers.Reads {
			reads++
		}
		if reads == 0 {
			rest[0].Reply, rest[0].Err = t.overlay.Write(ctx, rest[0].Command)
			reads = 1
		} else if err := t.overlay.Read(ctx, rest[:reads]); err != nil {
			b.Fail(err)
			return err
		}
		rest = rest[reads:]
	}
	return nil
}

// Scan implements drivers.Scanner, to refuse.
func (t *transaction) Scan(context.Context, drivers.Command) iter.Seq2[string, error] {
	return notListed("listing keys in a transaction, which without IndexKeys nobody could watch")
}

// committed is what a transaction lies over: an overlay.Store.
type committed struct{ *transaction }

// Read implements overlay.Store.
func (c committed) Read(ctx context.Context, items []drivers.Item) error {
	err := c.ask(ctx, &drivers.Batch{Items: items})
	c.note(err)
	for i := range items {
		c.note(items[i].Err)
	}
	return err
}

// note remembers that a read was interrupted, whatever fn makes of that.
func (t *transaction) note(err error) {
	if t.interrupted == nil && errors.Is(err, drivers.ErrInterrupted) {
		t.interrupted = err
	}
}

func (t *transaction) ask(ctx context.Context, batch *drivers.Batch) error {
	read := t.read
	for i := range batch.Items {
		read = append(read, batch.Items[i].Command.Key)
	}
	if t.tx == nil {
		if !t.turn.again { // and before it takes a connection, which others need
			if err := t.turn.await(ctx, t.driver, read...); err != nil {
				return err
			}
		}
		tx, err := drivers.Begin(ctx, t.driver, read[0])
		if err != nil {
			return err
		}
		t.tx = tx
	}
	t.read = read
	t.anchor = drivers.Command{Op: drivers.OpExists, Key: batch.Items[0].Command.Key, Pattern: batch.Items[0].Command.Pattern}
	return t.tx.DoBatch(ctx, batch)
}

// contested are the keys at which to take turns after a conflict. What others changed nobody
// tells; if they do the same it is among what was both read and written.
func (t *transaction) contested() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	written := map[string]bool{}
	for _, item := range t.overlay.Writes() {
		written[item.Command.Key] = true
		for _, index := range item.Command.Indexes {
			written[index.Registry] = true
		}
	}
	both := slices.DeleteFunc(slices.Clone(t.read), func(key string) bool {
		registry, _, _ := strings.Cut(key, "::")
		return !written[key] && !written[registry]
	})
	if len(both) == 0 {
		return t.read
	}
	return both
}

// Evicts implements drivers.Evicter.
func (t *transaction) Evicts(ctx context.Context, key string) (bool, error) {
	return drivers.Evicts(ctx, t.driver, key)
}
