package kv

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"

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
	driver  boundDriver
	batch   *drivers.Batch // what the operations have asked for, with the outcome once they go on
	sent    error          // what befell the batch as a whole
	current *pending       // the operation that is running, if one is
}

// pending is an operation under way.
type pending struct {
	asked    bool
	from, to int // where the items that it asked for are in the batch
	resume   func() (struct{}, bool)
	stop     func()
	yield    func(struct{}) bool
	err      error // what it returned
}

// run starts as many operations as fit into a batch, sends what they ask for, and lets
// them end. It returns how many they were and the errors of those that failed.
func (r *recorder) run(ctx context.Context, ops []func(ctx context.Context) error) (done int, failed []error) {
	most := min(len(ops), batchCommands)
	started := make([]pending, 0, most)
	defer func() {
		for i := range started { // those that a panic has left suspended
			started[i].stop()
		}
	}()
	r.batch, r.sent = &drivers.Batch{Items: make([]drivers.Item, 0, most)}, nil
	call, end := confine(ctx, r, "batch")
	defer end()
	for size := 0; done < most && len(r.batch.Items) < batchCommands && size < batchBytes; done++ {
		started = append(started, pending{})
		p := &started[done]
		r.start(call, p, ops[done])
		for _, item := range r.batch.Items[p.from:p.to] {
			size += sizeOf(item.Command)
		}
	}
	r.sent = r.driver.DoBatch(ctx, r.batch)
	if r.sent != nil {
		failed = append(failed, fail("Run", "(batch)", r.sent))
	}
	for i := range started {
		p := &started[i]
		r.goOn(p)
		if p.err != nil && !errors.Is(p.err, ErrNotFound) && (r.sent == nil || !p.asked) {
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

func (r *recorder) start(ctx context.Context, p *pending, op func(ctx context.Context) error) {
	p.resume, p.stop = iter.Pull(func(yield func(struct{}) bool) {
		p.yield = yield
		growStack()
		p.err = op(ctx)
	})
	r.goOn(p)
}

// growStack makes a new coroutine's stack as large as most operations need, while there is
// nothing on it yet that would have to be moved. It halves what an operation costs.
//
//go:noinline
func growStack() {
	var room [2 << 10]byte
	runtime.KeepAlive(&room)
}

// goOn runs an operation until it asks for something, or to its end.
func (r *recorder) goOn(p *pending) {
	r.current = p
	defer func() { r.current = nil }()
	p.resume()
}

// suspends implements suspender.
func (r *recorder) suspends() {}

// Do implements drivers.Driver.
func (r *recorder) Do(_ context.Context, cmd drivers.Command) (drivers.Reply, error) {
	p, err := r.asking()
	if err != nil {
		return drivers.Reply{}, err
	}
	r.batch.Items = append(r.batch.Items, drivers.Item{Command: cmd})
	items, err := r.outcome(p)
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
	p, err := r.asking()
	if err != nil {
		b.Fail(err)
		return err
	}
	r.batch.Items = append(r.batch.Items, b.Items...)
	items, err := r.outcome(p)
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

// asking is the operation that is running, which may ask once.
func (r *recorder) asking() (*pending, error) {
	p := r.current
	switch {
	case p == nil:
		return nil, errSpent("a handle of a batch does nothing by itself: hand its operations to Do")
	case p.asked:
		return nil, fmt.Errorf("an operation of several round trips cannot be part of a batch: %w", errors.ErrUnsupported)
	}
	p.asked, p.from = true, len(r.batch.Items)
	return p, nil
}

// outcome suspends the operation that is running until what it has added to the batch has
// been executed.
func (r *recorder) outcome(p *pending) ([]drivers.Item, error) {
	p.to = len(r.batch.Items)
	if !p.yield(struct{}{}) {
		return nil, errSpent("the batch was given up")
	}
	items := r.batch.Items[p.from:p.to]
	for i := range items {
		if r.sent != nil && items[i].Err == nil {
			items[i].Err = r.sent
		}
	}
	return items, nil
}
