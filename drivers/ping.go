package drivers

import (
	"context"
	"time"
)

// pingTimeout is how long Ping waits where the context has no deadline.
const pingTimeout = 3 * time.Second

// Pinger is the optional ability to look at every server that a store consists of.
type Pinger interface {
	// Ping asks each of them to answer, and changes nothing. What is wrong with one that has
	// an address is a *ServerError; several are joined.
	Ping(ctx context.Context) error
}

// ServerError is what is wrong with one server of a store.
type ServerError struct {
	Server string // its address
	Err    error
}

func (e *ServerError) Error() string { return e.Server + ": " + e.Err.Error() }
func (e *ServerError) Unwrap() error { return e.Err }

// Ping reports what keeps d from working, or nil: for a health check, as it changes nothing and takes no
// longer than the context, or 3 s if that has no deadline. It asks each server
// that a Pinger knows of, which in a cluster are the masters, at the same time, and those that do not answer are
// named: errors.As finds a *ServerError. Any other driver is asked for a key.
//
// The error is ErrUnavailable where a server cannot be reached, or says that it cannot work now;
// that of the context where it does not answer in time; ErrClosed once the driver was closed.
// It does not go through middleware. On Redis two round trips ([PING], [HELLO]).
//
// [PING]: https://redis.io/docs/latest/commands/ping/
// [HELLO]: https://redis.io/docs/latest/commands/hello/
func Ping(ctx context.Context, d Driver) error {
	if isNil(d) {
		return errNoDriver
	}
	if _, limited := ctx.Deadline(); !limited {
		limit, cancel := context.WithTimeout(ctx, pingTimeout)
		defer cancel()
		ctx = limit
	}
	if pinger, ok := d.(Pinger); ok {
		return pinger.Ping(ctx)
	}
	_, err := d.Do(ctx, Command{Op: OpExists, Key: "ping"})
	return err
}
