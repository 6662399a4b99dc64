package oteldriver_test

import (
	"context"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/oteldriver"
)

func pass(ctx context.Context, b *drivers.Batch, next drivers.Next) error { return next(ctx, b) }

var unsampled = sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))

// A span that nobody records costs what OpenTelemetry's own Start does, and nothing of ours.
func TestAnUnrecordedSpanAllocatesNothingOfOurs(t *testing.T) {
	for name, provider := range map[string]trace.TracerProvider{"noop": noop.NewTracerProvider(), "unsampled": unsampled} {
		tracer := provider.Tracer("bare")
		bare := drivers.Use(memory.New(), func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
			ctx, span := tracer.Start(ctx, "GET foo:*", spanOptions...)
			defer span.End()
			return next(ctx, b)
		})
		ours := drivers.Use(memory.New(), oteldriver.Middleware(oteldriver.WithTracerProvider(provider)))
		allocations := func(d drivers.Driver) float64 {
			return testing.AllocsPerRun(1000, func() { _, _ = d.Do(ctx, on(drivers.OpGet, "foo:*")) })
		}
		if got, want := allocations(ours), allocations(bare); got > want {
			t.Errorf("%s: %v allocations, a bare Start needs %v", name, got, want)
		}
	}
}

// What is measured again needs no memory of ours: the attributes are there.
func TestAMeasurementAllocatesNothingOfOurs(t *testing.T) {
	measuring := newMeasuring()
	d := drivers.Use(memory.New(), oteldriver.Middleware(oteldriver.WithTracerProvider(noop.NewTracerProvider()), oteldriver.WithMeterProvider(measuring.provider)))
	plain := drivers.Use(memory.New(), oteldriver.Middleware(oteldriver.WithTracerProvider(noop.NewTracerProvider())))
	allocations := func(d drivers.Driver) float64 {
		return testing.AllocsPerRun(1000, func() { _, _ = d.Do(ctx, on(drivers.OpGet, "foo:*")) })
	}
	if got, want := allocations(d), allocations(plain)+1; got > want { // the span's and the histogram's context and options
		t.Errorf("%v allocations, without measuring %v", got, want-1)
	}
}

var spanOptions = []trace.SpanStartOption{
	trace.WithSpanKind(trace.SpanKindClient),
	trace.WithAttributes(oteldriver.OperationNameKey.String("GET")), // which a sampler may ask for
}

func BenchmarkGet(b *testing.B) {
	recording := newRecording()
	for _, row := range []struct {
		name string
		hook drivers.Middleware
	}{
		{"middleware that does nothing", pass},
		{"no provider", oteldriver.Middleware(oteldriver.WithTracerProvider(noop.NewTracerProvider()))},
		{"unsampled", oteldriver.Middleware(oteldriver.WithTracerProvider(unsampled))},
		{"measured", oteldriver.Middleware(oteldriver.WithTracerProvider(unsampled), oteldriver.WithMeterProvider(newMeasuring().provider))},
		{"recorded", oteldriver.Middleware(oteldriver.WithTracerProvider(recording.provider))},
	} {
		b.Run(row.name, func(b *testing.B) {
			d := drivers.Use(memory.New(), row.hook)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = d.Do(ctx, on(drivers.OpGet, "foo:*"))
			}
			recording.Reset()
		})
	}
}
