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
	*workspace              // nil once the batch has run
	driver     *boundDriver // that handles were opened on; nil as long as there are none
	bound      *boundDriver // that they are bound to, which is this
	err        error        // the first mistake: of a Bind, or an operation that is nil
	ran        bool

	ctx     context.Context // of the operations, which is confined to the batch
	left    []operation     // those that have not begun
	size    int             // bytes that those under way send
	sent    bool            // what they ask for was sent, or given up
	lost    error           // what befell all of it
	panic   any             // what an operation panicked with
	current *pending        // the operation that is running, if one is
	stack   *stack          // that it is running on
}

func newRecorder() *recorder {
	r := &recorder{workspace: newWorkspace()}
	r.bound = newBoundDriver(r)
	return r
}

// over is the driver for handles that were opened on another one.
func (r *recorder) over(opened *boundDriver) (*boundDriver, error) {
	if r.driver == nil {
		r.driver = opened
	}
	if !r.driver.same(opened) {
		return nil, errOtherDriver("a handle of the batch")
	}
	return r.bound, nil
}

// refuse makes Run fail with the first mistake there is in using the batch.
func (r *recorder) refuse(op string, mistake error) error {
	err := fail(op, batchPath, mistake)
	r.err = cmp.Or(r.err, err)
	return err
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

// deepest is how many operations wait on a stack: as many as fit into one of 128 KB. Twice as many gain nothing.
const deepest = 50

// few operations fit into a stack of 16 KB, which is cheaper to make.
const few = 8

// run executes all operations, and returns the errors of those that failed.
func (r *recorder) run(ctx context.Context) (failed []error) {
	for r.left = r.ops; len(r.left) > 0; r.clear() {
		failed = append(failed, r.runSome(ctx)...)
	}
	r.release() // not deferred: who ends the goroutine, or panics, may leave somebody in it
	r.workspace = nil
	return failed
}

// runSome begins as many operations as are sent at a time, sends what they ask for, and lets
// them end.
func (r *recorder) runSome(ctx context.Context) (failed []error) {
	r.grow(min(len(r.left), batchCommands))
	r.size, r.sent, r.lost = 0, false, nil
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
	if !r.sent && len(r.batch.Items) > 0 {
		r.lost = r.driver.DoBatch(ctx, &r.batch)
	}
	r.sent = true
	for _, s := range stacks {
		r.goOn(s)
	}
	if r.panic != nil {
		panic(r.panic)
	}
	if r.lost != nil {
		failed = append(failed, fail("Run", batchPath, r.lost))
	}
	for i := range r.begun {
		p := &r.begun[i]
		if p.err != nil && !errors.Is(p.err, ErrNotFound) && (r.lost == nil || !p.asked) {
			failed = append(failed, p.err)
		}
	}
	return failed
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
	return !r.sent && len(r.left) > 0 && len(r.begun) < batchCommands && len(r.batch.Items) < batchCommands && r.size < batchBytes
}

// start begins the operations of a stack.
func (r *recorder) start(s *stack) {
	s.resume, s.stop = iter.Pull(func(yield func(struct{}) bool) {
		s.suspend = yield
		growStack(len(r.left))
		for s.waiting == 0 && r.more() {
			r.begin()
		}
	})
	r.goOn(s)
}

// growStack makes a new coroutine's stack as large as so many operations need, while there is nothing
// on it yet that would have to be moved.
func growStack(operations int) {
	if operations > few {
		reserveMuch(false)
	} else {
		reserveLittle(false)
	}
}

// reserveMuch and reserveLittle have room on the stack that they do not use: what is used would be cleared first.
//
//go:noinline
func reserveMuch(use bool) {
	if use {
		var room [120 << 10]byte
		runtime.KeepAlive(&room)
	}
}

//go:noinline
func reserveLittle(use bool) {
	if use {
		var room [12 << 10]byte
		runtime.KeepAlive(&room)
	}
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
	op, outer := r.left[0], r.current
	r.left = r.left[1:]
	r.begun = append(r.begun, pending{})
	p := &r.begun[len(r.begun)-1]
	defer func() {
		if panicked := recover(); panicked != nil {
			r.panic = panicked
			r.giveUp()
		}
		r.current = outer
	}()
	r.current = p
	p.err = op.run(r.ctx)
}

// giveUp lets those that wait go on without replies.
func (r *recorder) giveUp() {
	if !r.sent {
		r.sent, r.lost = true, errSpent("the batch was given up")
	}
}

// wait lets others begin, and returns once all was sent.
func (r *recorder) wait() {
	p, s := r.current, r.stack
	s.waiting++
	for s.waiting < deepest && r.more() {
		r.begin()
	}
	if !r.sent && !s.suspend(struct{}{}) {
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
	return item.Reply, cmp.Or(item.Err, r.lost)
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
	if r.lost != nil {
		b.Fail(r.lost)
	}
	return nil
}

// Scan implements drivers.Scanner, to refuse.
func (r *recorder) Scan(context.Context, drivers.Command) iter.Seq2[string, error] {
	return notListed("listing keys cannot be part of a batch")
}

// String is what errors call it.
func (r *recorder) String() string { return "a batch" }

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
