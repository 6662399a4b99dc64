package kv

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// Batch executes operations of any handles together, in one round trip: reads and
// writes of any type, each with its own result. The zero Batch is empty and ready.
//
//	var batch kv.Batch
//	room := batch.Bind(rooms.Take("42"))
//	config := batch.Do(room.Take(Config).Read)
//	size := batch.Do(room.Take(Members).Len)
//	err := batch.Run(ctx)
//	c, err := config.Get()
//
// A batch is not atomic: others' commands may run in between, and an operation that
// fails does not keep the others from being executed; see Atomic. A batch is for one
// goroutine, and runs once.
type Batch struct{ recorder *recorder }

// used is what the batch consists of, which copies of it share once there is any.
func (b *Batch) used() *recorder {
	if b.recorder == nil {
		b.recorder = newRecorder()
	}
	return b.recorder
}

// Bind is store, any handle or view of handles, as the batch executes it: what its
// operations, and those of all that is taken from it, do is recorded when they are
// handed to Do. All that is bound to one batch must be opened on one driver. Binding
// something else makes Run fail.
func (b *Batch) Bind[S any](store S) S {
	r := b.used()
	bound, err := rebind(store, r.over)
	if err != nil {
		_ = r.refuse("Bind", err)
	}
	return bound
}

// Result is the outcome of an operation of a batch, once that has run.
type Result[T any] struct {
	op    func(ctx context.Context) (T, error) // nil once it was called
	value T
	err   error
}

// operation is a Result of any type, whose outcome is still to come.
type operation interface {
	run(ctx context.Context) error
}

func (r *Result[T]) run(ctx context.Context) error {
	op := r.op
	r.op = nil
	r.value, r.err = op(ctx)
	return r.err
}

// errNotRun is the outcome of an operation whose batch has not run, and errNoResult of none.
var (
	errNotRun   = fail("Get", batchPath, errSpent("the batch has not run"))
	errNoResult = fail("Get", batchPath, errSpent("the result is nil: it is of no operation"))
)

// Get is what the operation returned. Before the batch ran it is ErrInvalid, and so it is of a nil Result.
func (r *Result[T]) Get() (value T, err error) {
	if r == nil {
		return value, errNoResult
	}
	return r.value, r.err
}

// Do adds an operation: a method value of a bound handle, or a function that calls one
// operation of one and returns what that returns. It is called by Run, which sends the
// commands in the order of the operations; what functions do beside them is done in no
// particular order. One that takes several round trips, such as Update, gets errors.ErrUnsupported there, before it has
// written anything; one of a handle that is not bound to the batch gets ErrInvalid,
// and nothing is sent.
func (b *Batch) Do[T any](op func(ctx context.Context) (T, error)) *Result[T] {
	r := b.used()
	if r.ran {
		return &Result[T]{err: fail("Do", batchPath, errSpent("the batch has run"))}
	}
	if op == nil {
		return &Result[T]{err: r.refuse("Do", errNoFunction)}
	}
	result := &Result[T]{op: op, err: errNotRun}
	r.ops = append(r.ops, result)
	return result
}

// Exec is Do for operations that return an error alone, such as Write.
func (b *Batch) Exec(op func(ctx context.Context) error) *Result[struct{}] {
	if op == nil {
		return &Result[struct{}]{err: b.used().refuse("Exec", errNoFunction)}
	}
	return b.Do(func(ctx context.Context) (struct{}, error) { return struct{}{}, op(ctx) })
}

// Run executes the operations in the order they were added, in one round trip: in one
// for every 1,000 commands or 8 MiB of values, if there are more, and in a cluster one
// to each node, all at once. Each Result then has its outcome.
//
// The error joins those of all operations that failed, but for ErrNotFound, which a
// batch of reads should be ready for. A chunk that could not be sent, or whose replies
// were lost, fails its own operations; once the context has ended, those that were not
// sent yet fail as well.
func (b *Batch) Run(ctx context.Context) error {
	r := b.used()
	switch {
	case r.ran:
		return fail("Run", batchPath, errSpent("the batch has run"))
	case r.err != nil:
		return r.err
	}
	r.ran = true
	return errors.Join(r.run(ctx)...)
}

// notListed is the listing of a driver that cannot list keys because of what it is.
func notListed(why string) iter.Seq2[string, error] {
	return failing(fmt.Errorf("%s: %w", why, errors.ErrUnsupported))
}
