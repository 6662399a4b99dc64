package oteldriver_test

import (
	"context"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/oteldriver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

func TestOtelDriver(t *testing.T) {
	suite.Run(t, "drivers/oteldriver")
}

var ctx = context.Background()

// recording is what was exported, and the provider that exports it.
type recording struct {
	*tracetest.InMemoryExporter
	provider *sdktrace.TracerProvider
}

func newRecording() recording {
	exporter := tracetest.NewInMemoryExporter()
	return recording{exporter, sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))}
}

// traced wraps d and gives what its spans are.
func traced(d drivers.Driver, options ...oteldriver.Option) (drivers.Driver, recording) {
	r := newRecording()
	options = append(options, oteldriver.WithTracerProvider(r.provider))
	return drivers.Use(d, oteldriver.Middleware(options...)), r
}

// names are those of the spans, in the order they ended.
func (r recording) names() []string {
	var names []string
	for _, span := range r.GetSpans() {
		names = append(names, span.Name)
	}
	return names
}

// only is the one span there is.
func (r recording) only() tracetest.SpanStub {
	GinkgoHelper()
	spans := r.GetSpans()
	Expect(spans).To(HaveLen(1))
	return spans[0]
}

func attributesOf(span tracetest.SpanStub) map[attribute.Key]any {
	attributes := map[attribute.Key]any{}
	for _, a := range span.Attributes {
		Expect(attributes).NotTo(HaveKey(a.Key), "an attribute twice")
		attributes[a.Key] = a.Value.AsInterface()
	}
	return attributes
}

// doFunc is a driver that has only Do.
type doFunc func(ctx context.Context, cmd drivers.Command) (drivers.Reply, error)

func (f doFunc) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	return f(ctx, cmd)
}

func failing(err error) drivers.Driver {
	return doFunc(func(context.Context, drivers.Command) (drivers.Reply, error) { return drivers.Reply{}, err })
}

func on(op drivers.Op, pattern string) drivers.Command {
	return drivers.Command{Op: op, Key: pattern, Pattern: pattern}
}
