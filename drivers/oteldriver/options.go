package oteldriver

import (
	"slices"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

// Option changes the spans and metrics of a Middleware, or the metrics of a pool or a near cache.
type Option func(*settings)

type settings struct {
	provider   trace.TracerProvider
	meters     metric.MeterProvider
	attributes []attribute.KeyValue
}

func settingsOf(options []Option) settings {
	s := settings{provider: otel.GetTracerProvider(), meters: otel.GetMeterProvider()}
	for _, option := range options {
		if option != nil {
			option(&s)
		}
	}
	return s
}

// measurementsOf makes the options of what is measured of one thing, with further attributes.
func (s settings) measurementsOf(name attribute.KeyValue) func(more ...attribute.KeyValue) metric.MeasurementOption {
	return func(more ...attribute.KeyValue) metric.MeasurementOption {
		return metric.WithAttributeSet(attribute.NewSet(slices.Concat(s.attributes, []attribute.KeyValue{name}, more)...))
	}
}

// WithTracerProvider makes the spans with provider instead of the global one. The
// global one may be set before or after Middleware is called. A nil provider is none.
func WithTracerProvider(provider trace.TracerProvider) Option {
	return func(s *settings) {
		if provider != nil {
			s.provider = provider
		}
	}
}

// WithMeterProvider makes the metrics with provider instead of the global one. The global one
// may be set before or after. A nil provider is none.
func WithMeterProvider(provider metric.MeterProvider) Option {
	return func(s *settings) {
		if provider != nil {
			s.meters = provider
		}
	}
}

// WithAttributes gives every span and every metric what a middleware cannot know of the store behind
// the driver: SystemNameKey.String("redis"), the server's address.
func WithAttributes(attributes ...attribute.KeyValue) Option {
	return func(s *settings) { s.attributes = append(s.attributes, attributes...) }
}
