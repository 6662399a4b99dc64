package kv

import "time"

// WorkerOption is an option of every Handle, of a StreamGroup and of a QueueField: Concurrency,
// RetryAfter, OnFailure.
type WorkerOption interface {
	HandleOption
	HandleJobsOption
}

type workerOption func(*workerSettings)

func (o workerOption) handle(c *consumption)     { o(&c.workerSettings) }
func (o workerOption) handleJobs(s *jobSettings) { o(&s.workerSettings) }

// Concurrency lets so many handlers run side by side; without it, one.
func Concurrency(handlers int) WorkerOption {
	return workerOption(func(s *workerSettings) { s.concurrency = handlers })
}

// RetryAfter lets what a handler failed at come again after so long. For a stream that must be no
// longer than ClaimAfter is, after which it comes without RetryAfter. For a queue it stands in the place
// of Backoff. One that is positive and below a millisecond is ErrInvalid.
func RetryAfter(delay time.Duration) WorkerOption {
	return workerOption(func(s *workerSettings) { s.retryAfter, s.retries = delay, true })
}

// OnFailure is told of each try that failed: by the handler's error, its panic, an entry or a job that is
// ErrCorrupt, or as what became of it could not be stored. The error of a handler's last try says that it was. It is called from several goroutines.
func OnFailure(report func(err error)) WorkerOption {
	return workerOption(func(s *workerSettings) {
		if report != nil {
			s.onFailure = report
		}
	})
}
