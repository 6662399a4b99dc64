package kv

import (
	"time"

	"github.com/kvstore-go/kvstore/drivers"
)

// HandleJobsOption is an option of QueueField.Handle: LeaseFor, BuryAfter, Backoff, PollEvery, and
// any WorkerOption.
type HandleJobsOption interface{ handleJobs(*jobSettings) }

// jobSettings are how a worker handles jobs.
type jobSettings struct {
	workerSettings
	lease     time.Duration
	buryAfter int
	backoff   func(tries int) time.Duration
	pollEvery time.Duration
}

// What holds for those who do not say.
const (
	defaultJobLease  = 30 * time.Second
	defaultBuryAfter = 10
	defaultPollEvery = time.Second
	firstBackoff     = time.Second
	lastBackoff      = time.Hour
)

func newJobSettings(options []HandleJobsOption) jobSettings {
	settings := jobSettings{
		workerSettings: newWorkerSettings(),
		lease:          defaultJobLease, buryAfter: defaultBuryAfter, backoff: doubling, pollEvery: defaultPollEvery,
	}
	for option := range given(options) {
		option.handleJobs(&settings)
	}
	return settings
}

// check reports what makes no sense, as ErrInvalid.
func (s jobSettings) check() error {
	switch {
	case s.concurrency < 1:
		return drivers.Errorf(ErrInvalid, "%d jobs handled side by side", s.concurrency)
	case s.buryAfter < 1:
		return drivers.Errorf(ErrInvalid, "buried after %d tries", s.buryAfter)
	case s.lease < time.Millisecond:
		return drivers.Errorf(ErrInvalid, "a lease for %v", s.lease)
	case s.pollEvery < time.Millisecond:
		return drivers.Errorf(ErrInvalid, "polling every %v", s.pollEvery)
	case isTooShort(s.retryAfter):
		return drivers.Errorf(ErrInvalid, "a retry after %v", s.retryAfter)
	case s.backoff == nil:
		return drivers.Errorf(ErrInvalid, "a backoff that is no function")
	}
	return nil
}

// pause is how long a job waits that failed at its last try.
func (s jobSettings) pause(tries int) time.Duration {
	if s.retries {
		return s.retryAfter
	}
	if pause := s.backoff(tries); pause > 0 {
		return max(pause, time.Millisecond)
	}
	return 0
}

func doubling(tries int) time.Duration {
	return min(firstBackoff<<min(max(tries-1, 0), 20), lastBackoff)
}

type handleJobsOption func(*jobSettings)

func (o handleJobsOption) handleJobs(s *jobSettings) { o(s) }

// LeaseFor takes each job for so long; without it, 30 s. The lease is renewed as long as the work
// goes on: it says how soon another begins with what a worker that was killed has left.
func LeaseFor(lease time.Duration) HandleJobsOption {
	return handleJobsOption(func(s *jobSettings) { s.lease = lease })
}

// BuryAfter makes a job a dead letter that was tried so often; without it, ten times.
func BuryAfter(tries int) HandleJobsOption {
	return handleJobsOption(func(s *jobSettings) { s.buryAfter = tries })
}

// Backoff says how long a job waits after it failed for the given time, counted from 1. Without it,
// and without RetryAfter, that is a second after the first, twice as long each time, and an hour at most.
func Backoff(pause func(tries int) time.Duration) HandleJobsOption {
	return handleJobsOption(func(s *jobSettings) { s.backoff, s.retries = pause, false })
}

// PollEvery asks the queue for jobs so often while none is due, or earlier if one becomes due before;
// without it, each second. A job that is added meanwhile waits so long at most.
func PollEvery(interval time.Duration) HandleJobsOption {
	return handleJobsOption(func(s *jobSettings) { s.pollEvery = interval })
}
