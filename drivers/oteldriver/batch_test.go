package oteldriver_test

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/oteldriver"
)

var _ = Describe("the span of a batch", func() {
	get, set := on(drivers.OpGet, "foo:a"), on(drivers.OpSet, "foo:a")

	DescribeTable("is named by what its commands share",
		func(atomic bool, name, operation string, commands ...drivers.Command) {
			d, spans := traced(memory.New())
			b := drivers.NewBatch(commands...)
			b.Atomic = atomic
			Expect(drivers.DoBatch(ctx, d, b)).To(Succeed())
			Expect(spans.only().Name).To(Equal(name))
			attributes := attributesOf(spans.only())
			Expect(attributes).To(HaveKeyWithValue(oteldriver.QuerySummaryKey, name))
			Expect(attributes).To(HaveKeyWithValue(oteldriver.OperationNameKey, operation))
			if len(commands) > 1 {
				Expect(attributes).To(HaveKeyWithValue(oteldriver.BatchSizeKey, int64(len(commands))))
			} else {
				Expect(attributes).NotTo(HaveKey(oteldriver.BatchSizeKey))
			}
		},
		Entry("the same", false, "BATCH GET foo:a", "BATCH GET", get, get),
		Entry("the same, atomic", true, "MULTI GET foo:a", "MULTI GET", get, get),
		Entry("several paths", false, "BATCH GET", "BATCH GET", get, on(drivers.OpGet, "foo:b"), get),
		Entry("several paths, one unknown", false, "BATCH GET", "BATCH GET", get, on(drivers.OpGet, ""), get),
		Entry("several operations", true, "MULTI", "MULTI", set, get),
		Entry("one command", false, "GET foo:a", "GET", get),
		Entry("one command, atomic", true, "SET foo:a", "SET", set),
	)

	It("lists what is in it", func() {
		d, spans := traced(memory.New())
		Expect(drivers.DoBatch(ctx, d, drivers.NewBatch(set, get, get, on(drivers.OpGet, "foo:b"), on(drivers.OpDelete, "")))).To(Succeed())
		Expect(attributesOf(spans.only())).To(Equal(map[attribute.Key]any{
			"db.operation.name":        "BATCH",
			"db.query.summary":         "BATCH",
			"db.operation.batch.size":  int64(5),
			"kvstore.batch.operations": []string{"SET", "GET", "DELETE"},
			"kvstore.batch.paths":      []string{"foo:a", "foo:b"},
		}))
	})

	It("lists no more than a few", func() {
		d, spans := traced(memory.New())
		b := drivers.NewBatch()
		for i := range 1000 {
			b.Items = append(b.Items, drivers.Item{Command: on(drivers.OpGet, fmt.Sprint("foo:", i))})
		}
		Expect(drivers.DoBatch(ctx, d, b)).To(Succeed())
		Expect(attributesOf(spans.only())[oteldriver.BatchPathsKey]).To(HaveLen(16))
		Expect(attributesOf(spans.only())).To(HaveKeyWithValue(oteldriver.BatchSizeKey, int64(1000)))
	})

	It("is an error if a command failed, and says how many did", func() {
		d, spans := traced(memory.New())
		add := drivers.Command{Op: drivers.OpSAdd, Key: "foo:a", Values: []string{"m"}}
		invalid := drivers.Command{Op: drivers.OpSAdd, Key: "foo:b"}
		Expect(drivers.DoBatch(ctx, d, drivers.NewBatch(set, add, invalid, get))).To(Succeed())
		Expect(spans.only().Status.Code).To(Equal(codes.Error))
		Expect(attributesOf(spans.only())).To(And(
			HaveKeyWithValue(oteldriver.BatchFailedKey, int64(2)),
			HaveKeyWithValue(oteldriver.ErrorTypeKey, "wrong_type"),
		))
	})

	It("has the class of the batch where it did not run as a whole", func() {
		d, spans := traced(failing(nil))
		b := drivers.NewBatch(set, get)
		b.Atomic = true
		Expect(drivers.DoBatch(ctx, d, b)).NotTo(Succeed())
		Expect(attributesOf(spans.only())).To(HaveKeyWithValue(oteldriver.ErrorTypeKey, "unsupported"))
		Expect(attributesOf(spans.only())).NotTo(HaveKey(oteldriver.BatchFailedKey))
	})

	It("has one for each step of a transaction", func() {
		d, spans := traced(memory.New())
		Expect(drivers.Watch(ctx, d, []string{"foo:a"}, func(tx drivers.Transaction) error {
			if _, err := tx.Do(ctx, get); err != nil {
				return err
			}
			b := drivers.NewBatch(set, set)
			b.Atomic = true
			return tx.DoBatch(ctx, b)
		})).To(Succeed())
		Expect(spans.names()).To(Equal([]string{"GET foo:a", "MULTI SET foo:a"}))
	})
})
