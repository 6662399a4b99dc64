package oteldriver

import (
	"context"

	"go.opentelemetry.io/otel/trace"

	"github.com/kvstore-go/kvstore/drivers"
)

// scope is what spans and measurements are attributed to: the package that makes them.
const scope = "github.com/kvstore-go/kvstore/drivers/oteldriver"

// Middleware makes a span around every command, batch and listing, and measures it. Where it stands
// among other middleware decides what it sees: before one that tries again, a span
// covers all tries; behind it, every try has its own. Without a provider of traces, or of metrics,
// there is nothing of theirs to pay for.
func Middleware(options ...Option) drivers.Middleware {
	s := settingsOf(options)
	tracer := s.provider.Tracer(scope)
	instruments := instrumentsOf(s.meters)
	names := newOperations(s.attributes)
	return func(ctx context.Context, b *drivers.Batch, next drivers.Next) (err error) {
		op := names.of(b)
		ctx, span := tracer.Start(ctx, op.name, op.start...)
		inner, measurement := instruments.begin(ctx)
		if !span.IsRecording() && measurement.isNone() {
			defer span.End()
			return next(ctx, b)
		}
		describe(span, b)
		failure := &panicked
		// End must not be deferred itself: it would find a panic and record its text.
		defer func() {
			if !measurement.isNone() {
				instruments.end(ctx, measurement, op, b, failure)
			}
			conclude(span, b, failure)
			span.End()
		}()
		err = next(inner, b)
		failure = failureOf(b, err)
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
func conclude(span trace.Span, b *drivers.Batch, failure *class) {
	if !span.IsRecording() {
		return
	}
	if failed := failures(b); failed > 0 && len(b.Items) > 1 {
		span.SetAttributes(BatchFailedKey.Int(failed))
	}
	switch {
	case failure != nil:
		fail(span, *failure)
	case len(b.Items) == 1 && b.Items[0].Command.Op.Effect() == drivers.Lists:
		span.SetAttributes(ReturnedRowsKey.Int64(b.Items[0].Reply.Int))
	}
}

// failures is how many commands of a batch failed by themselves.
func failures(b *drivers.Batch) (failed int) {
	for i := range b.Items {
		if b.Items[i].Err != nil {
			failed++
		}
	}
	return failed
}

// failureOf is the class of the batch's error or else of its first command's; nil if there is none.
func failureOf(b *drivers.Batch, err error) *class {
	for i := 0; err == nil && i < len(b.Items); i++ {
		err = b.Items[i].Err
	}
	if err == nil {
		return nil
	}
	c := classOf(err)
	return &c
}
