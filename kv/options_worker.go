package kv

import (
	"fmt"
	"runtime/debug"
	"time"
)

// workerSettings are what WorkerOptions set.
type workerSettings struct {
	concurrency int
	retryAfter  time.Duration
	retries     bool // after retryAfter
	onFailure   func(error)
}

func newWorkerSettings() workerSettings {
	return workerSettings{concurrency: 1, onFailure: func(error) {}}
}

// isTooShort reports a span that is neither 0 nor a millisecond at least: a number without a unit counts nanoseconds.
func isTooShort(d time.Duration) bool { return d < time.Millisecond && d != 0 }

// lastTry is the failure of what is not tried again.
func lastTry(tries int, failed error) error {
	return fmt.Errorf("the last of %d tries: %w", tries, failed)
}

// panicAsError calls a handler. A panic is an error.
func panicAsError(handler func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return handler()
}
