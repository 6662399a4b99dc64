package oteldriver

import (
	"context"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// boundaries are those of the semantic conventions, and below them some for what is
// done within a millisecond.
var boundaries = []float64{0.0001, 0.0002, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10}

// durations is the histogram of all operations.
type durations struct{ histogram metric.Float64Histogram }

func newDurations(provider metric.MeterProvider) durations {
	histogram, err := provider.Meter(scope).Float64Histogram("db.client.operation.duration",
		metric.WithUnit("s"),
		metric.WithDescription("Duration of database client operations."),
		metric.WithExplicitBucketBoundaries(boundaries...))
	if err != nil {
		otel.Handle(err) // and what it gave records nothing
	}
	return durations{histogram}
}

func (d durations) record(ctx context.Context, op *operation, began time.Time, r result) {
	d.histogram.Record(ctx, time.Since(began).Seconds(), op.measuredAs(r)...)
}

// measuredAs are the attributes of an operation with that result. They are made once, as
// there are few.
func (op *operation) measuredAs(r result) []metric.RecordOption {
	if known, ok := op.measured.Load(r); ok {
		return known.([]metric.RecordOption)
	}
	attributes := append(op.attributes[:len(op.attributes):len(op.attributes)], OutcomeKey.String(string(r.outcome)))
	if r.class.name != "" {
		attributes = append(attributes, ErrorTypeKey.String(r.class.name))
	}
	options := []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(attributes...))}
	op.measured.Store(r, options)
	return options
}
