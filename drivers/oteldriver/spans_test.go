package oteldriver_test

import (
	"context"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/oteldriver"
)

var _ = Describe("the span of a command", func() {
	It("is named by operation and schema path", func() {
		d, spans := traced(memory.New())
		_, err := d.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: "foo:bar:7", Pattern: "foo:bar:*"})
		Expect(err).NotTo(HaveOccurred())
		span := spans.only()
		Expect(span.Name).To(Equal("SET foo:bar:*"))
		Expect(span.SpanKind).To(Equal(trace.SpanKindClient))
		Expect(span.InstrumentationScope.Name).To(Equal("github.com/kvstore-go/kvstore/drivers/oteldriver"))
		Expect(span.Status.Code).To(Equal(codes.Unset))
		Expect(attributesOf(span)).To(Equal(map[attribute.Key]any{
			"db.operation.name":  "SET",
			"db.query.summary":   "SET foo:bar:*",
			"db.collection.name": "foo:bar:*",
		}))
	})

	It("is named by the operation alone where there is no schema", func() {
		d, spans := traced(memory.New())
		_, err := d.Do(ctx, drivers.Command{Op: drivers.OpGet, Key: "foo:bar:7"})
		Expect(err).NotTo(HaveOccurred())
		Expect(spans.only().Name).To(Equal("GET"))
		Expect(attributesOf(spans.only())).NotTo(HaveKey(oteldriver.CollectionNameKey))
	})

	It("says what the program knows of the store", func() {
		d, spans := traced(memory.New(), oteldriver.WithAttributes(oteldriver.SystemNameKey.String("redis")))
		_, err := d.Do(ctx, on(drivers.OpGet, "a"))
		Expect(err).NotTo(HaveOccurred())
		_, err = d.Do(ctx, on(drivers.OpGet, "b"))
		Expect(err).NotTo(HaveOccurred())
		for _, span := range spans.GetSpans() {
			Expect(attributesOf(span)).To(HaveKeyWithValue(oteldriver.SystemNameKey, "redis"))
		}
		Expect(spans.names()).To(Equal([]string{"GET a", "GET b"}))
	})

	It("lies below the caller's, and above those of the driver", func() {
		spans := newRecording()
		tracer := spans.provider.Tracer("test")
		d := drivers.Use(doFunc(func(ctx context.Context, _ drivers.Command) (drivers.Reply, error) {
			_, inner := tracer.Start(ctx, "wire")
			inner.End()
			return drivers.Reply{}, nil
		}), oteldriver.Middleware(oteldriver.WithTracerProvider(spans.provider)))
		ctx, outer := tracer.Start(ctx, "request")
		_, err := d.Do(ctx, on(drivers.OpGet, "a"))
		Expect(err).NotTo(HaveOccurred())
		outer.End()
		Expect(spans.names()).To(Equal([]string{"wire", "GET a", "request"}))
		wire, command, request := spans.GetSpans()[0], spans.GetSpans()[1], spans.GetSpans()[2]
		Expect(wire.Parent.SpanID()).To(Equal(command.SpanContext.SpanID()))
		Expect(command.Parent.SpanID()).To(Equal(request.SpanContext.SpanID()))
	})

	It("keeps its name however many shapes there are", func() {
		d, spans := traced(memory.New())
		for i := range 1100 {
			_, err := d.Do(ctx, on(drivers.OpGet, fmt.Sprint(i)))
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(spans.names()).To(ContainElements("GET 0", "GET 1023", "GET 1024", "GET 1099"))
	})

	It("goes to the global provider if none is given, even to one that is set later", func() {
		d := drivers.Use(memory.New(), oteldriver.Middleware(oteldriver.WithTracerProvider(nil)))
		_, err := d.Do(ctx, on(drivers.OpGet, "before"))
		Expect(err).NotTo(HaveOccurred())
		spans := newRecording()
		otel.SetTracerProvider(spans.provider)
		_, err = d.Do(ctx, on(drivers.OpGet, "after"))
		Expect(err).NotTo(HaveOccurred())
		Expect(spans.names()).To(Equal([]string{"GET after"}))
	})
})

var _ = Describe("the span of a listing", func() {
	list := func() (drivers.Driver, recording) {
		d, spans := traced(memory.New())
		for _, key := range []string{"users:1", "users:2", "users:3"} {
			_, err := d.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: key})
			Expect(err).NotTo(HaveOccurred())
		}
		spans.Reset()
		return d, spans
	}
	leaves := drivers.Command{Op: drivers.OpScanLeaves, Key: "users", Pattern: "users"}

	It("says how many names there were", func() {
		d, spans := list()
		for _, err := range drivers.Scan(ctx, d, leaves) {
			Expect(err).NotTo(HaveOccurred())
			Expect(spans.GetSpans()).To(BeEmpty(), "ended too early")
		}
		Expect(spans.only().Name).To(Equal("SCANLEAVES users"))
		Expect(attributesOf(spans.only())).To(HaveKeyWithValue(oteldriver.ReturnedRowsKey, int64(3)))
	})

	It("ends where the loop is left, without an error", func() {
		d, spans := list()
		for range drivers.Scan(ctx, d, leaves) {
			break
		}
		Expect(attributesOf(spans.only())).To(HaveKeyWithValue(oteldriver.ReturnedRowsKey, int64(1)))
		Expect(spans.only().Status.Code).To(Equal(codes.Unset))
	})

	It("is not the parent of what the loop does", func() {
		d, spans := list()
		for range drivers.Scan(ctx, d, leaves) {
			_, err := d.Do(ctx, on(drivers.OpGet, "a"))
			Expect(err).NotTo(HaveOccurred())
			break
		}
		Expect(spans.names()).To(Equal([]string{"GET a", "SCANLEAVES users"}))
		Expect(spans.GetSpans()[0].Parent.IsValid()).To(BeFalse())
	})
})
