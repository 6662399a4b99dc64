package kv

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Handle takes jobs and calls fn with each, in a goroutine of its own, until the context ends or
// the store cannot be reached. Then it waits for those that are under way, and returns why: to begin anew
// loses nothing.
//
// A job for which fn returns nil is Done. One that failed, by an error or a panic, is given back with
// Retry, to be due after Backoff or RetryAfter; or, at the last try of BuryAfter, it is put among the dead letters.
// So is one that is ErrCorrupt. A worker that is killed counts as a try, too, so that a job
// that kills all who try it is buried without being tried once more. OnFailure is told of all
// that. What fn itself does with the job stands, whatever it returns: Retry with a delay of its own, Bury,
// or Done in one [Atomic] with what else it writes.
//
// The lease is renewed at every third of it. If the job is lost, fn's context ends with the
// cause ErrJobLost. When ctx ends, so does fn's; a job that fails then is due again
// at once.
//
// Round trips: two a job, one for every third of a lease that the work takes, and one
// each time PollEvery is over, or a job becomes due, while there is nothing to do. An option that
// makes no sense is ErrInvalid, before anything is taken.
func (f QueueField[T]) Handle(ctx context.Context, fn func(ctx context.Context, job Job[T]) error, options ...HandleJobsOption) error {
	if fn == nil {
		return f.at.lacksFunction("Handle")
	}
	if err := f.at.carried("Handle"); err != nil {
		return err
	}
	if f.at.driver.isConfined() {
		return f.at.fail("Handle", fmt.Errorf("handling jobs within a batch or a transaction: %w", errors.ErrUnsupported))
	}
	settings := newJobSettings(options)
	if err := settings.check(); err != nil {
		return f.at.fail("Handle", err)
	}
	worker := jobWorker[T]{QueueField: f, jobSettings: settings, fn: fn}
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
	jobSettings
	fn      func(ctx context.Context, job Job[T]) error
	stop    context.CancelCauseFunc // of taking
	running sync.WaitGroup
}

// takeAll takes jobs until taking ends, and works on them in ctx.
func (w *jobWorker[T]) takeAll(taking, ctx context.Context) error {
	places := make(chan struct{}, w.concurrency)
	for {
		select {
		case places <- struct{}{}:
		case <-taking.Done():
			return w.at.fail("Handle", taking.Err())
		}
		since := time.Now()
		job, wait, err := w.take(taking, "Handle", w.lease)
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
		if wait <= 0 || wait > w.pollEvery {
			wait = w.pollEvery
		}
		if err := pause(taking, wait); err != nil {
			return w.at.fail("Handle", err)
		}
	}
}

// handle works on a job and says what becomes of it. Its error is one of the store.
func (w *jobWorker[T]) handle(ctx context.Context, job Job[T], since time.Time, corrupt error) error {
	var failed error
	bury := true
	switch {
	case corrupt != nil:
		w.onFailure(corrupt) // with its id
	case job.Tries > w.buryAfter:
		w.report(job, fmt.Errorf("buried untried, as none of %d tries came to an end", job.Tries-1))
	default:
		failed = w.work(ctx, job, since)
		if bury = failed != nil && ctx.Err() == nil && job.Tries == w.buryAfter; bury {
			failed = lastTry(job.Tries, failed)
		}
		w.report(job, failed)
	}
	err := w.settle(ctx, func(settling context.Context) error {
		switch {
		case bury:
			return w.Bury(settling, job)
		case failed == nil:
			return w.Done(settling, job)
		case ctx.Err() != nil:
			return w.Retry(settling, job, Due{})
		default:
			return w.Retry(settling, job, DueIn(w.pause(job.Tries)))
		}
	})
	w.report(job, err)
	return err
}

func (w *jobWorker[T]) report(job Job[T], err error) {
	if err != nil {
		w.onFailure(w.at.fail("Handle", fmt.Errorf("job %q: %w", job.ID, err)))
	}
}

// work calls fn, and renews the lease meanwhile.
func (w *jobWorker[T]) work(ctx context.Context, job Job[T], since time.Time) error {
	renew := func(ctx context.Context) error { return w.Renew(ctx, job, w.lease) }
	inner, end := w.at.kept(ctx, w.lease, since, ErrJobLost, renew)
	defer func() { _ = end() }() // which settling finds out itself
	return panicAsError(func() error { return w.fn(inner, job) })
}

// settle does it though the context may have ended, for a lease at most. A job that was lost, or
// that fn has settled itself, is no matter.
func (w *jobWorker[T]) settle(ctx context.Context, do func(ctx context.Context) error) error {
	settling, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.lease)
	defer cancel()
	if err := do(settling); !errors.Is(err, ErrJobLost) {
		return err
	}
	return nil
}
