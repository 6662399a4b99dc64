package oteldriver

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/kvstore-go/kvstore/drivers"
)

// scope is what the spans and metrics are attributed to: the package that makes them.
const scope = "github.com/kvstore-go/kvstore/drivers/oteldriver"

// Middleware makes a span around every command, batch and listing, and records how long it
// took, each as far as somebody wants to know. Where it stands
// among other middleware decides what it sees: before one that tries again, a span
// covers all tries; behind it, every try has its own.
func Middleware(options ...Option) drivers.Middleware {
	s := settingsOf(options)
	tracer, durations := s.provider.Tracer(scope), newDurations(s.meters)
	names := newOperations(s.attributes)
	return func(ctx context.Context, b *drivers.Batch, next drivers.Next) (err error) {
		op := names.of(b)
		measured := durations.histogram.Enabled(ctx)
		ctx, span := tracer.Start(ctx, op.name, op.start...)
		if !span.IsRecording() && !measured {
			defer span.End()
			return next(ctx, b)
		}
		describe(span, b)
		result, failures := result{failed, panicked}, 0
		began := time.Now()
		// End must not be deferred itself: it would find a panic and record its text.
		defer func() {
			if measured {
				durations.record(ctx, op, began, result)
			}
			conclude(span, b, result, failures)
			span.End()
		}()
		err = next(ctx, b)
		result, failures = resultOf(b, err)
		return err
	}
}

// describe says what is in a batch of several commands.
func describe(span trace.Span, b *drivers.Batch) {
	if len(b.Items) == 1 || !span.IsRecording() {
		return
	}
	ops, patterns := contents(b.Items)
	span.SetAttributes(
		BatchSizeKey.Int(len(b.Items)),
		BatchOperationsKey.StringSlice(ops),
		BatchPathsKey.StringSlice(patterns),
	)
}

// conclude says how it went.
func conclude(span trace.Span, b *drivers.Batch, r result, failures int) {
	if failures > 0 && len(b.Items) > 1 {
		span.SetAttributes(BatchFailedKey.Int(failures))
	}
	switch {
	case r.class.name != "":
		fail(span, r.class)
	case len(b.Items) == 1 && b.Items[0].Command.Op.Effect() == drivers.Lists:
		span.SetAttributes(ReturnedRowsKey.Int64(b.Items[0].Reply.Int))
	}
}
