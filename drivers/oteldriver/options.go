package oteldriver

import (
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// Option changes the spans of a Middleware.
type Option func(*settings)

type settings struct {
	provider   trace.TracerProvider
	attributes []attribute.KeyValue
}

func settingsOf(options []Option) settings {
	s := settings{provider: otel.GetTracerProvider()}
	for _, option := range options {
		option(&s)
	}
	return s
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

// WithAttributes gives every span what a middleware cannot know of the store behind
// the driver: SystemNameKey.String("redis"), the server's address.
func WithAttributes(attributes ...attribute.KeyValue) Option {
	return func(s *settings) { s.attributes = append(s.attributes, attributes...) }
}
