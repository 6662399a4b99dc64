package oteldriver_test

import (
	"context"
	"fmt"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/oteldriver"
	"github.com/kvstore-go/kvstore/kv"
)

// Spans tell where the time goes by schema path, and not whose data it was.
func Example() {
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))

	driver := drivers.Use(memory.New(), oteldriver.Middleware(
		oteldriver.WithTracerProvider(provider),
		oteldriver.WithAttributes(oteldriver.SystemNameKey.String("memory")),
	))
	ctx := context.Background()
	const Sessions kv.Key[kv.DynamicStore[kv.StringField]] = "sessions"
	app := kv.MustOpen(kv.Static("app").Field(Sessions, kv.Dynamic(kv.String())), driver)
	_ = app.Take(Sessions).Take("ann@example.org").Write(ctx, "token")
	_, _ = app.Take(Sessions).Take("ann@example.org").Read(ctx)

	for _, span := range exporter.GetSpans() {
		fmt.Println(span.Name)
	}
	// Output:
	// SET app:sessions:*
	// GET app:sessions:*
}
