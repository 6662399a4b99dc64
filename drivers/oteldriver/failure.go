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
type class struct {
	name, description string
	outcome           outcome
}

var (
	timeout     = class{"timeout", "the network timed out", unreachable}
	connection  = class{"connection", "the connection failed", unreachable}
	interrupted = class{"interrupted", drivers.ErrInterrupted.Error(), unreachable}
	unavailable = class{"unavailable", drivers.ErrUnavailable.Error(), unreachable}
	panicked    = class{"panic", "the call did not return", failed}
	other       = class{"_OTHER", "", failed}
)

type sentinel struct {
	err   error
	class class
}

// sentinels are in order of precedence: that a write may have happened matters more
// than the deadline that made it so.
var sentinels = []sentinel{
	classed("indeterminate", drivers.ErrIndeterminate, indeterminate),
	classed("wrong_type", drivers.ErrWrongType, failed),
	classed("corrupt", drivers.ErrCorrupt, failed),
	classed("invalid", drivers.ErrInvalid, failed),
	classed("conflict", drivers.ErrConflict, conflict),
	classed("duplicate", drivers.ErrDuplicate, refused),
	classed("incomplete", drivers.ErrIncomplete, failed),
	classed("cross_slot", drivers.ErrCrossSlot, failed),
	classed("closed", drivers.ErrClosed, unreachable),
	classed("denied", drivers.ErrDenied, failed),
	classed("unsupported", errors.ErrUnsupported, failed),
	classed("deadline_exceeded", context.DeadlineExceeded, cancelled),
	classed("canceled", context.Canceled, cancelled),
}

func classed(name string, err error, outcome outcome) sentinel {
	return sentinel{err, class{name, err.Error(), outcome}}
}

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
