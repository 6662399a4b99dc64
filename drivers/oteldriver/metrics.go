package oteldriver

import (
	"context"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/kvstore-go/kvstore/drivers"
)

// instruments are what a Middleware measures with.
type instruments struct {
	duration metric.Float64Histogram
	retries  metric.Int64Counter
}

func instrumentsOf(provider metric.MeterProvider) instruments {
	meter := provider.Meter(scope)
	duration, err := meter.Float64Histogram("db.client.operation.duration",
		metric.WithUnit("s"),
		metric.WithDescription("Duration of database client operations."),
		metric.WithExplicitBucketBoundaries(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10),
	)
	if err != nil {
		otel.Handle(err)
		duration = noop.Float64Histogram{}
	}
	retries, err := meter.Int64Counter("kvstore.client.retries",
		metric.WithUnit("{retry}"),
		metric.WithDescription("Tries that had no effect, after which it is tried again."),
	)
	if err != nil {
		otel.Handle(err)
		retries = noop.Int64Counter{}
	}
	return instruments{duration, retries}
}

// measured are the attributes of an operation's measurements, made once for what is frequent.
type measured struct {
	attributes []attribute.KeyValue
	frequent   [conflict + 1][]metric.RecordOption // by outcomes that are no failures
	conflicts  []metric.AddOption
	moving     []metric.AddOption
}

func measuredBy(attributes []attribute.KeyValue) measured {
	m := measured{attributes: attributes}
	for o := range m.frequent {
		m.frequent[o] = []metric.RecordOption{m.with(OutcomeKey.String(outcome(o).String()))}
	}
	m.conflicts = []metric.AddOption{m.with(RetryReasonKey.String("conflict"))}
	m.moving = []metric.AddOption{m.with(RetryReasonKey.String("moving"))}
	return m
}

func (m *measured) with(more ...attribute.KeyValue) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(append(more, m.attributes...)...))
}

// measurement is one that is under way. The zero value is none.
type measurement struct {
	began   time.Time
	retries *atomic.Int64
}

// begin begins to measure, if anybody wants to know, what is then called with the context.
func (i *instruments) begin(ctx context.Context) (context.Context, measurement) {
	if !i.duration.Enabled(ctx) && !i.retries.Enabled(ctx) {
		return ctx, measurement{}
	}
	m := measurement{time.Now(), new(atomic.Int64)}
	return drivers.CountRetries(ctx, m.retries), m
}

func (m measurement) isNone() bool { return m.retries == nil }

// end says how it went: failure is nil where there was none.
func (i *instruments) end(ctx context.Context, m measurement, op *operation, b *drivers.Batch, failure *class) {
	took := time.Since(m.began).Seconds()
	of := &op.measured
	result := outcomeOf(b)
	if failure != nil {
		result = failure.outcome
		i.duration.Record(ctx, took, of.with(OutcomeKey.String(result.String()), ErrorTypeKey.String(failure.name)))
	} else {
		i.duration.Record(ctx, took, of.frequent[result]...)
	}
	if result == conflict {
		i.retries.Add(ctx, 1, of.conflicts...)
	}
	if moved := m.retries.Load(); moved > 0 {
		i.retries.Add(ctx, moved, of.moving...)
	}
}
