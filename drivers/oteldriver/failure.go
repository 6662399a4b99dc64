package oteldriver

import (
	"context"
	"errors"
	"io"
	"net"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/kvstore-go/kvstore/drivers"
)

// class is a kind of failure, with a text that is the same for all of its kind. What
// an error says itself never gets into a span: drivers quote keys and values in it.
type class struct{ name, description string }

var (
	timeout     = class{"timeout", "the network timed out"}
	connection  = class{"connection", "the connection failed"}
	interrupted = class{"interrupted", drivers.ErrInterrupted.Error()}
	unavailable = class{"unavailable", drivers.ErrUnavailable.Error()}
	panicked    = class{"panic", "the call did not return"}
	other       = class{"_OTHER", ""}
)

type sentinel struct {
	err   error
	class class
}

// sentinels are in order of precedence: that a write may have happened matters more
// than the deadline that made it so.
var sentinels = []sentinel{
	classed("indeterminate", drivers.ErrIndeterminate),
	classed("wrong_type", drivers.ErrWrongType),
	classed("invalid", drivers.ErrInvalid),
	classed("conflict", drivers.ErrConflict),
	classed("duplicate", drivers.ErrDuplicate),
	classed("cross_slot", drivers.ErrCrossSlot),
	classed("closed", drivers.ErrClosed),
	classed("denied", drivers.ErrDenied),
	classed("unsupported", errors.ErrUnsupported),
	classed("deadline_exceeded", context.DeadlineExceeded),
	classed("canceled", context.Canceled),
}

func classed(name string, err error) sentinel { return sentinel{err, class{name, err.Error()}} }

func classOf(err error) class {
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			return s.class
		}
	}
	var network net.Error
	switch {
	case errors.As(err, &network) && network.Timeout():
		return timeout
	case network != nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return connection
	case errors.Is(err, drivers.ErrUnavailable):
		return unavailable
	case errors.Is(err, drivers.ErrInterrupted):
		return interrupted
	}
	return other
}

func fail(span trace.Span, c class) {
	span.SetStatus(codes.Error, c.description)
	span.SetAttributes(ErrorTypeKey.String(c.name))
}
