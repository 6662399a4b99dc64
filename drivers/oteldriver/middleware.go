package oteldriver

import (
	"context"

	"go.opentelemetry.io/otel/trace"

	"github.com/kvstore-go/kvstore/drivers"
)

// scope is what the spans are attributed to: the package that makes them.
const scope = "github.com/kvstore-go/kvstore/drivers/oteldriver"

// Middleware makes a span around every command, batch and listing. Where it stands
// among other middleware decides what it sees: before one that tries again, a span
// covers all tries; behind it, every try has its own.
func Middleware(options ...Option) drivers.Middleware {
	s := settingsOf(options)
	tracer := s.provider.Tracer(scope)
	names := newOperations(s.attributes)
	return func(ctx context.Context, b *drivers.Batch, next drivers.Next) (err error) {
		op := names.of(b)
		ctx, span := tracer.Start(ctx, op.name, op.start...)
		if !span.IsRecording() {
			defer span.End()
			return next(ctx, b)
		}
		describe(span, b)
		returned := false
		// End must not be deferred itself: it would find a panic and record its text.
		defer func() {
			if returned {
				conclude(span, b, err)
			} else {
				fail(span, panicked)
			}
			span.End()
		}()
		err = next(ctx, b)
		returned = true
		return err
	}
}

// describe says what is in a batch of several commands.
func describe(span trace.Span, b *drivers.Batch) {
	if len(b.Items) == 1 {
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
func conclude(span trace.Span, b *drivers.Batch, err error) {
	failed := 0
	for i := range b.Items {
		if itemErr := b.Items[i].Err; itemErr != nil {
			if failed++; err == nil {
				err = itemErr
			}
		}
	}
	if failed > 0 && len(b.Items) > 1 {
		span.SetAttributes(BatchFailedKey.Int(failed))
	}
	switch {
	case err != nil:
		fail(span, classOf(err))
	case len(b.Items) == 1 && b.Items[0].Command.Op.Effect() == drivers.Lists:
		span.SetAttributes(ReturnedRowsKey.Int64(b.Items[0].Reply.Int))
	}
}
