package kv

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Handling is how a worker handles jobs. The zero Handling is a good one.
type Handling struct {
	// AtOnce is how many jobs are handled side by side; 1 if it is 0.
	AtOnce int
	// Lease is for how long a job is taken; 30 s if it is 0. It is renewed as long as the work goes
	// on: it says how soon another begins with what a worker that was killed has left.
	Lease time.Duration
	// Tries is how often a job is tried before it is a dead letter; 10 if it is 0.
	Tries int
	// Backoff is how long a job waits after it failed for the given time, counted from 1. If it is
	// nil that is a second after the first, twice as long each time, and an hour at most.
	Backoff func(tries int) time.Duration
	// Poll is how often the queue is asked for jobs while none is due, if none becomes due before;
	// a second if it is 0. A job that is added meanwhile waits so long at most.
	Poll time.Duration
}

// The defaults of Handling.
const (
	jobLease     = 30 * time.Second
	jobTries     = 10
	jobPoll      = time.Second
	firstBackoff = time.Second
	lastBackoff  = time.Hour
)

// orDefault fills in what is left out.
func (h Handling) orDefault() Handling {
	h.AtOnce, h.Tries = max(h.AtOnce, 1), cmp.Or(max(h.Tries, 0), jobTries)
	h.Lease, h.Poll = cmp.Or(max(h.Lease, 0), jobLease), cmp.Or(max(h.Poll, 0), jobPoll)
	if h.Backoff == nil {
		h.Backoff = doubling
	}
	return h
}

func doubling(tries int) time.Duration {
	return min(firstBackoff<<min(max(tries-1, 0), 20), lastBackoff)
}

// Handle takes jobs and calls fn with each, in a goroutine of its own, until the context ends or
// the store cannot be reached. Then it waits for those that are under way, and returns why: to begin anew
// loses nothing.
//
// A job for which fn returns nil is Done. One that failed is given back with Retry, to be due after
// how.Backoff; or, if it was tried how.Tries times, it is put among the dead letters. So is one that
// does not fit its type. A worker that is killed counts as a try, too, so that a job
// that kills all who try it is buried without being tried once more. What fn itself does with
// the job stands, whatever it returns: Retry with a delay of its own, Bury, or Done
// in one [Atomic] with what else it writes.
//
// The lease is renewed at every third of it. If the job is lost, fn's context ends with the
// cause ErrJobLost. When ctx ends, so does fn's; a job that fails then is due again
// at once.
//
// Round trips: two a job, one for every third of a lease that the work takes, and one
// each time how.Poll is over, or a job becomes due, while there is nothing to do.
func (f QueueField[T]) Handle(ctx context.Context, how Handling, fn func(ctx context.Context, job Job[T]) error) error {
	if err := f.at.err(); err != nil {
		return err
	}
	switch f.at.driver.driver.(type) {
	case *recorder, *transaction:
		return f.at.fail("Handle", fmt.Errorf("handling jobs within a batch or a transaction: %w", errors.ErrUnsupported))
	}
	worker := jobWorker[T]{QueueField: f, how: how.orDefault(), fn: fn}
	taking, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	worker.stop = stop
	err := worker.takeAll(taking, ctx)
	worker.running.Wait()
	if failed := context.Cause(taking); failed != nil && ctx.Err() == nil {
		return failed // which came first
	}
	return err
}

// jobWorker is a Handle under way.
type jobWorker[T any] struct {
	QueueField[T]
	how     Handling
	fn      func(ctx context.Context, job Job[T]) error
	stop    context.CancelCauseFunc // of taking
	running sync.WaitGroup
}

// takeAll takes jobs until taking ends, and works on them in ctx.
func (w *jobWorker[T]) takeAll(taking, ctx context.Context) error {
	places := make(chan struct{}, w.how.AtOnce)
	for {
		select {
		case places <- struct{}{}:
		case <-taking.Done():
			return w.at.fail("Handle", taking.Err())
		}
		since := time.Now()
		job, wait, err := w.take(taking, "Handle", w.how.Lease)
		if err == nil || errors.Is(err, ErrCorrupt) {
			corrupt := err
			w.running.Go(func() {
				defer func() { <-places }()
				if err := w.handle(ctx, job, since, corrupt); err != nil {
					w.stop(err)
				}
			})
			continue
		}
		<-places
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		if wait <= 0 || wait > w.how.Poll {
			wait = w.how.Poll
		}
		if err := pause(taking, wait); err != nil {
			return w.at.fail("Handle", err)
		}
	}
}

// handle works on a job and says what becomes of it. Its error is one of the store.
func (w *jobWorker[T]) handle(ctx context.Context, job Job[T], since time.Time, corrupt error) error {
	if corrupt != nil || job.Tries > w.how.Tries {
		return w.settle(ctx, func(ctx context.Context) error { return w.Bury(ctx, job) })
	}
	failed := w.work(ctx, job, since)
	return w.settle(ctx, func(settling context.Context) error {
		switch {
		case failed == nil:
			return w.Done(settling, job)
		case ctx.Err() != nil:
			return w.Retry(settling, job, Due{})
		case job.Tries >= w.how.Tries:
			return w.Bury(settling, job)
		default:
			return w.Retry(settling, job, DueIn(w.how.Backoff(job.Tries)))
		}
	})
}

// work calls fn, and renews the lease meanwhile.
func (w *jobWorker[T]) work(ctx context.Context, job Job[T], since time.Time) error {
	inner, cancel := context.WithCancelCause(ctx)
	renewing, stop := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		renew := func(ctx context.Context) error { return w.Renew(ctx, job, w.how.Lease) }
		if err := w.at.keep(renewing, w.how.Lease, since, ErrJobLost, renew); err != nil {
			cancel(err)
		}
	}()
	defer func() {
		stop()
		<-over
		cancel(nil)
	}()
	return w.fn(inner, job)
}

// settle does it though the context may have ended, for a lease at most. A job that was lost, or
// that fn has settled itself, is no matter.
func (w *jobWorker[T]) settle(ctx context.Context, do func(ctx context.Context) error) error {
	settling, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.how.Lease)
	defer cancel()
	if err := do(settling); !errors.Is(err, ErrJobLost) {
		return err
	}
	return nil
}
