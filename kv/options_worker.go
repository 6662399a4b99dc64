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

// panicAsError calls a handler. A panic is an error.
func panicAsError(handler func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return handler()
}
