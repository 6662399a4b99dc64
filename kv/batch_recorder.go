package kv

import (
	"cmp"
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

// recorder is the driver that the handles of a batch are bound to. An operation that asks for
// its command to be executed goes on with the reply once the commands of all have been sent
// together. Until then it waits, and where it does others begin: some on its own stack,
// within it, and the next of them in another coroutine.
type recorder struct {
	*workspace                 // of a batch under way
	driver     *boundDriver    // that handles were opened on
	bound      *boundDriver    // that they are bound to, which is this
	ctx        context.Context // of the operations, which is confined to the batch
	ops        []operation
	size       int      // bytes that they send
	over       bool     // it was sent, or given up
	sent       error    // what befell the batch as a whole
	panic      any      // what an operation panicked with
	current    *pending // the operation that is running, if one is
	stack      *stack   // that it is running on
}

func newRecorder(driver *boundDriver) *recorder {
	r := &recorder{driver: driver}
	r.bound = newBoundDriver(r)
	return r
}

// pending is an operation under way.
type pending struct {
	asked bool
	err   error // what it returned
}

// stack is a coroutine with operations that wait within each other.
type stack struct {
	waiting int
	resume  func() (struct{}, bool)
	stop    func()
	suspend func(struct{}) bool
}

// deepest is how many operations wait on a stack: as many as fit into the largest that
// are cheap to make, 16 KB.
const deepest = 8

// run begins as many operations as fit into a batch, sends what they ask for, and lets
// them end. It returns how many they were and the errors of those that failed.
func (r *recorder) run(ctx context.Context, ops []operation) (done int, failed []error) {
	most := min(len(ops), batchCommands)
	r.workspace, r.ops, r.size = workspaceFor(most), ops[:most], 0
	r.over, r.sent = false, nil
	var end func()
	r.ctx, end = confine(ctx, r, "batch")
	defer end()
	var stacks []*stack
	defer func() { // those that an operation has left by ending the goroutine
		for _, s := range stacks {
			s.stop()
		}
	}()
	for r.more() {
		s := &stack{}
		stacks = append(stacks, s)
		r.start(s)
	}
	if !r.over {
		r.sent = r.driver.DoBatch(ctx, &r.batch)
		r.over = true
	}
	for _, s := range stacks {
		r.goOn(s)
	}
	if r.panic != nil {
		panic(r.panic)
	}
	if r.sent != nil {
		failed = append(failed, fail("Run", "(batch)", r.sent))
	}
	for i := range r.begun {
		p := &r.begun[i]
		if p.err != nil && !errors.Is(p.err, ErrNotFound) && (r.sent == nil || !p.asked) {
			failed = append(failed, p.err)
		}
	}
	done = len(r.begun)
	r.release() // not deferred: who ends the goroutine, or panics, may leave somebody in it
	r.workspace = nil
	return done, failed
}

func sizeOf(cmd *drivers.Command) int {
	size := len(cmd.Value)
	for _, value := range cmd.Values {
		size += len(value)
	}
	return size
}

// more reports whether further operations are to begin before all is sent.
func (r *recorder) more() bool {
	return !r.over && len(r.begun) < len(r.ops) && len(r.batch.Items) < batchCommands && r.size < batchBytes
}

// start begins the operations of a stack.
func (r *recorder) start(s *stack) {
	s.resume, s.stop = iter.Pull(func(yield func(struct{}) bool) {
		s.suspend = yield
		growStack()
		for s.waiting == 0 && r.more() {
			r.begin()
		}
	})
	r.goOn(s)
}

// growStack makes a new coroutine's stack as large as it may get, while there is nothing
// on it yet that would have to be moved.
//
//go:noinline
func growStack() {
	var room [12 << 10]byte
	runtime.KeepAlive(&room)
}

// goOn runs what is on a stack until all wait, or to their ends.
func (r *recorder) goOn(s *stack) {
	r.stack = s
	s.resume()
	r.current = nil
}

// begin runs the next operation, until it waits and others go on, or to its end. A panic must not
// pass through those that wait around it, which might recover it: it ends the batch.
func (r *recorder) begin() {
	i, outer := len(r.begun), r.current
	r.begun = append(r.begun, pending{})
	p := &r.begun[i]
	defer func() {
		if panicked := recover(); panicked != nil {
			r.panic = panicked
			r.giveUp()
		}
		r.current = outer
	}()
	r.current = p
	p.err = r.ops[i].run(r.ctx)
}

// giveUp lets those that wait go on without replies.
func (r *recorder) giveUp() {
	if !r.over {
		r.over, r.sent = true, errSpent("the batch was given up")
	}
}

// wait lets others begin, and returns once all was sent.
func (r *recorder) wait() {
	p, s := r.current, r.stack
	s.waiting++
	for s.waiting < deepest && r.more() {
		r.begin()
	}
	if !r.over && !s.suspend(struct{}{}) {
		r.giveUp()
	}
	r.current = p
}

// Do implements drivers.Driver.
func (r *recorder) Do(_ context.Context, cmd drivers.Command) (drivers.Reply, error) {
	if err := r.asking(); err != nil {
		return drivers.Reply{}, err
	}
	i := len(r.batch.Items)
	r.batch.Items = append(r.batch.Items, drivers.Item{})
	r.batch.Items[i].Command = cmd
	r.size += sizeOf(&cmd)
	r.wait()
	item := &r.batch.Items[i]
	return item.Reply, cmp.Or(item.Err, r.sent)
}

// DoBatch implements drivers.Batcher, for operations that have many commands at once.
func (r *recorder) DoBatch(_ context.Context, b *drivers.Batch) error {
	if b.Atomic {
		return fmt.Errorf("an atomic batch within a batch: %w", errors.ErrUnsupported)
	}
	if err := r.asking(); err != nil {
		b.Fail(err)
		return err
	}
	from := len(r.batch.Items)
	r.batch.Items = append(r.batch.Items, b.Items...)
	for i := range b.Items {
		r.size += sizeOf(&b.Items[i].Command)
	}
	r.wait()
	copy(b.Items, r.batch.Items[from:])
	if r.sent != nil {
		b.Fail(r.sent)
	}
	return nil
}

// Scan implements drivers.Scanner, to refuse.
func (r *recorder) Scan(context.Context, drivers.Command) iter.Seq2[string, error] {
	return notListed("listing keys cannot be part of a batch")
}

// asking is the operation that is running, which may ask once.
func (r *recorder) asking() error {
	p := r.current
	switch {
	case p == nil:
		return errSpent("a handle of a batch does nothing by itself: hand its operations to Do")
	case p.asked:
		return fmt.Errorf("an operation of several round trips cannot be part of a batch: %w", errors.ErrUnsupported)
	}
	p.asked = true
	return nil
}
