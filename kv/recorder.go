package kv

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/kvstore-go/kvstore/drivers"
)

// Limits of what a batch sends at a time.
const (
	batchCommands = 1000
	batchBytes    = 8 << 20
)

// recorder is the driver that the handles of a batch are bound to. Each operation runs
// as a coroutine: it is suspended where it asks for its command to be executed, and
// goes on with the reply once the commands of all have been sent together.
type recorder struct {
	driver  drivers.Driver
	current *pending // the operation that is running, if one is
}

// pending is an operation under way.
type pending struct {
	items  []drivers.Item // what it asked for, with the outcome once it goes on
	at     int            // where its items are in the batch
	asked  bool
	sent   error // what befell the batch as a whole
	resume func() (struct{}, bool)
	stop   func()
	yield  func(struct{}) bool
	err    error // what it returned
}

// run starts as many operations as fit into a batch, sends what they ask for, and lets
// them end. It returns how many they were and the errors of those that failed.
func (r *recorder) run(ctx context.Context, ops []func(ctx context.Context) error) (done int, failed []error) {
	var started []*pending
	defer func() {
		for _, p := range started { // those that a panic has left suspended
			p.stop()
		}
	}()
	batch, size := drivers.NewBatch(), 0
	for done < len(ops) && len(batch.Items) < batchCommands && size < batchBytes {
		p := r.start(ctx, ops[done])
		started, done = append(started, p), done+1
		p.at = len(batch.Items)
		batch.Items = append(batch.Items, p.items...)
		for _, item := range p.items {
			size += sizeOf(item.Command)
		}
	}
	sent := drivers.DoBatch(ctx, r.driver, batch)
	if sent != nil {
		failed = append(failed, fail("Run", "(batch)", sent))
	}
	for _, p := range started {
		p.items, p.sent = batch.Items[p.at:p.at+len(p.items)], sent
		r.goOn(p)
		if p.err != nil && !errors.Is(p.err, ErrNotFound) && (sent == nil || !p.asked) {
			failed = append(failed, p.err)
		}
	}
	return done, failed
}

func sizeOf(cmd drivers.Command) int {
	size := len(cmd.Value)
	for _, value := range cmd.Values {
		size += len(value)
	}
	return size
}

func (r *recorder) start(ctx context.Context, op func(ctx context.Context) error) *pending {
	p := &pending{}
	p.resume, p.stop = iter.Pull(func(yield func(struct{}) bool) {
		p.yield = yield
		p.err = op(unboundContext{ctx})
	})
	r.goOn(p)
	return p
}

// goOn runs an operation until it asks for something, or to its end.
func (r *recorder) goOn(p *pending) {
	r.current = p
	defer func() { r.current = nil }()
	p.resume()
}

// Do implements drivers.Driver.
func (r *recorder) Do(_ context.Context, cmd drivers.Command) (drivers.Reply, error) {
	items, err := r.record(drivers.Item{Command: cmd})
	if err != nil {
		return drivers.Reply{}, err
	}
	return items[0].Reply, items[0].Err
}

// DoBatch implements drivers.Batcher, for operations that have many commands at once.
func (r *recorder) DoBatch(_ context.Context, b *drivers.Batch) error {
	if b.Atomic {
		return fmt.Errorf("an atomic batch within a batch: %w", errors.ErrUnsupported)
	}
	items, err := r.record(b.Items...)
	if err != nil {
		b.Fail(err)
		return err
	}
	copy(b.Items, items)
	return nil
}

// Scan implements drivers.Scanner, to refuse.
func (r *recorder) Scan(context.Context, drivers.Command) iter.Seq2[string, error] {
	return notListed("listing keys cannot be part of a batch")
}

// record suspends the operation that is running until its commands have been executed.
func (r *recorder) record(items ...drivers.Item) ([]drivers.Item, error) {
	p := r.current
	switch {
	case p == nil:
		return nil, errSpent("a handle of a batch does nothing by itself: hand its operations to Do")
	case p.asked:
		return nil, fmt.Errorf("an operation of several round trips cannot be part of a batch: %w", errors.ErrUnsupported)
	}
	p.asked, p.items = true, items
	if !p.yield(struct{}{}) {
		return nil, errSpent("the batch was given up")
	}
	for i := range p.items {
		if p.sent != nil && p.items[i].Err == nil {
			p.items[i].Err = p.sent
		}
	}
	return p.items, nil
}

// unboundContext is what the operations of a batch are called with. The recorder does
// not look at it, and any other driver refuses it.
type unboundContext struct{ context.Context }

var ended = func() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}()

func (unboundContext) Done() <-chan struct{} { return ended }
func (unboundContext) Err() error            { return errSpent("a handle that is not bound to the batch") }
