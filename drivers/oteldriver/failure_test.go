package oteldriver_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"go.opentelemetry.io/otel/codes"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/oteldriver"
)

var _ = Describe("the span of a failure", func() {
	DescribeTable("has the class of the error",
		func(err error, class, description string) {
			d, spans := traced(failing(err))
			_, got := d.Do(ctx, on(drivers.OpSet, "foo"))
			Expect(got).To(BeIdenticalTo(err), "the middleware hides the error")
			Expect(spans.only().Status.Code).To(Equal(codes.Error))
			Expect(spans.only().Status.Description).To(Equal(description))
			Expect(attributesOf(spans.only())).To(HaveKeyWithValue(oteldriver.ErrorTypeKey, class))
			Expect(spans.only().Events).To(BeEmpty())
		},
		Entry(nil, drivers.Errorf(drivers.ErrWrongType, "k"), "wrong_type", "the key holds a value of another type"),
		Entry(nil, drivers.Errorf(drivers.ErrInvalid, "v"), "invalid", "invalid value"),
		Entry(nil, drivers.Errorf(drivers.ErrCorrupt, "secret"), "corrupt", "the stored value does not fit the schema"),
		Entry(nil, drivers.ErrConflict, "conflict", "changed by somebody else meanwhile"),
		Entry(nil, drivers.Errorf(drivers.ErrCrossSlot, "k"), "cross_slot", "keys lie in different cluster slots"),
		Entry(nil, drivers.ErrClosed, "closed", "the driver is closed"),
		Entry(nil, fmt.Errorf("cannot: %w", errors.ErrUnsupported), "unsupported", "unsupported operation"),
		Entry(nil, context.Canceled, "canceled", "context canceled"),
		Entry(nil, context.DeadlineExceeded, "deadline_exceeded", "context deadline exceeded"),
		Entry("a lost write, whatever lost it", drivers.Join(drivers.ErrIndeterminate, context.DeadlineExceeded),
			"indeterminate", "the reply was lost: the write may or may not have happened"),
		Entry(nil, &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, "timeout", "the network timed out"),
		Entry(nil, &net.OpError{Op: "dial", Err: errors.New("refused by secret.example")}, "connection", "the connection failed"),
		Entry(nil, fmt.Errorf("read: %w", io.EOF), "connection", "the connection failed"),
		Entry(nil, drivers.Join(drivers.ErrUnavailable, io.EOF), "connection", "the connection failed"),
		Entry(nil, drivers.Errorf(drivers.ErrUnavailable, "OOM secret"), "unavailable", "the store cannot take it now"),
		Entry(nil, drivers.Errorf(drivers.ErrInterrupted, "secret"), "interrupted", "interrupted: begin again"),
		Entry(nil, drivers.Errorf(drivers.ErrDenied, "NOPERM secret"), "denied", "not allowed"),
		Entry(nil, drivers.Errorf(drivers.ErrDuplicate, "secret"), "duplicate", "a unique index has this value already"),
		Entry(nil, errors.New("ERR unknown"), "_OTHER", ""),
	)

	It("does not take absence for one", func() {
		d, spans := traced(memory.New())
		reply, err := d.Do(ctx, on(drivers.OpGet, "foo"))
		Expect(err).NotTo(HaveOccurred())
		Expect(reply.Nil).To(BeTrue())
		Expect(spans.only().Status.Code).To(Equal(codes.Unset))
	})

	It("has that of a listing", func() {
		d, spans := traced(failing(nil))
		for _, err := range drivers.Scan(ctx, d, drivers.Command{Op: drivers.OpScanKeys, Key: "users"}) {
			Expect(err).To(MatchError(errors.ErrUnsupported))
		}
		Expect(attributesOf(spans.only())).To(HaveKeyWithValue(oteldriver.ErrorTypeKey, "unsupported"))
	})

	It("ends in a panic too, whose text it does not have", func() {
		d, spans := traced(doFunc(func(context.Context, drivers.Command) (drivers.Reply, error) { panic("the secret") }))
		Expect(func() { _, _ = d.Do(ctx, on(drivers.OpGet, "foo")) }).To(PanicWith("the secret"))
		Expect(attributesOf(spans.only())).To(HaveKeyWithValue(oteldriver.ErrorTypeKey, "panic"))
		Expect(spans.only().Events).To(BeEmpty())
	})
})
