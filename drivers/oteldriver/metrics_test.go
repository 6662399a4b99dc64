package oteldriver_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/oteldriver"
	"github.com/kvstore-go/kvstore/kv"
)

// meter is what was measured, and the provider that collects it.
type meter struct {
	*sdkmetric.MeterProvider
	reader *sdkmetric.ManualReader
}

func newMeter() meter {
	reader := sdkmetric.NewManualReader()
	return meter{sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)), reader}
}

func measured(d drivers.Driver, options ...oteldriver.Option) (drivers.Driver, meter) {
	m := newMeter()
	return drivers.Use(d, oteldriver.Middleware(append(options, oteldriver.WithMeterProvider(m))...)), m
}

func (m meter) collect() map[string]metricdata.Metrics {
	GinkgoHelper()
	var all metricdata.ResourceMetrics
	Expect(m.reader.Collect(ctx, &all)).To(Succeed())
	named := map[string]metricdata.Metrics{}
	for _, scope := range all.ScopeMetrics {
		Expect(scope.Scope.Name).To(Equal("github.com/kvstore-go/kvstore/drivers/oteldriver"))
		for _, metric := range scope.Metrics {
			named[metric.Name] = metric
		}
	}
	return named
}

// durations are how many operations there were, by what tells them apart.
func (m meter) durations() map[string]uint64 {
	GinkgoHelper()
	counts := map[string]uint64{}
	if metric, ok := m.collect()["db.client.operation.duration"]; ok {
		for _, point := range metric.Data.(metricdata.Histogram[float64]).DataPoints {
			counts[told(point.Attributes)] = point.Count
		}
	}
	return counts
}

// sums are those of a counter, by what tells them apart.
func (m meter) sums(name string) map[string]int64 {
	GinkgoHelper()
	sums := map[string]int64{}
	if metric, ok := m.collect()[name]; ok {
		for _, point := range metric.Data.(metricdata.Sum[int64]).DataPoints {
			sums[told(point.Attributes)] = point.Value
		}
	}
	return sums
}

// told are the values of attributes, in the order of their names.
func told(attributes attribute.Set) (text string) {
	for _, a := range attributes.ToSlice() {
		text += " " + a.Value.String()
	}
	return text[1:]
}

var _ = Describe("The duration of an operation", func() {
	It("is measured in seconds, by operation, schema path and outcome", func() {
		d, meter := measured(doFunc(func(context.Context, drivers.Command) (drivers.Reply, error) {
			return drivers.Reply{}, nil
		}), oteldriver.WithAttributes(oteldriver.SystemNameKey.String("redis")))
		for range 3 {
			_, _ = d.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: "foo:bar:7", Pattern: "foo:bar:*"})
		}
		metric := meter.collect()["db.client.operation.duration"]
		Expect(metric.Unit).To(Equal("s"))
		points := metric.Data.(metricdata.Histogram[float64]).DataPoints
		Expect(points).To(HaveLen(1))
		Expect(points[0].Count).To(Equal(uint64(3)))
		Expect(points[0].Sum).To(BeNumerically(">", 0))
		Expect(points[0].Bounds).To(Equal([]float64{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10}))
		Expect(points[0].Attributes.ToSlice()).To(ConsistOf(
			oteldriver.SystemNameKey.String("redis"), oteldriver.OperationNameKey.String("SET"),
			oteldriver.CollectionNameKey.String("foo:bar:*"), oteldriver.OutcomeKey.String("ok"),
		))
	})

	It("tells what was there from what was not, and from what was refused", func() {
		d, meter := measured(memory.New())
		store := kv.MustOpen(kv.Static("s").String("text").Int("number", kv.AtMost(5)).List("list"), d)
		text := store.Take[kv.StringField]("text")
		_, _ = text.Read(ctx)
		_ = text.Write(ctx, "a", kv.IfAbsent)
		_ = text.Write(ctx, "b", kv.IfAbsent)
		_, _ = text.Read(ctx)
		_, _ = store.Take[kv.IntField]("number").Increment(ctx, 7)
		_, _ = store.Take[kv.ListField]("list").PopLeft(ctx, 1)
		_, _ = store.Take[kv.ListField]("text").Len(ctx)
		Expect(meter.durations()).To(Equal(map[string]uint64{
			"s:text GET absent": 1, "s:text SET ok": 1, "s:text SET refused": 1, "s:text GET ok": 1,
			"s:number INCRBY refused": 1, "s:list LPOP absent": 1,
		}))
	})

	It("tells batches, transactions and waits from single commands", func() {
		d, meter := measured(memory.New())
		set := on(drivers.OpSet, "a")
		b := drivers.NewBatch(set, set)
		b.Atomic = true
		Expect(drivers.DoBatch(ctx, d, b)).To(Succeed())
		Expect(drivers.DoBatch(ctx, d, drivers.NewBatch(set, on(drivers.OpGet, "b")))).To(Succeed())
		_, err := d.Do(ctx, drivers.Command{Op: drivers.OpRPush, Key: "jobs:7", Pattern: "jobs:*", Values: []string{"x"}})
		Expect(err).NotTo(HaveOccurred())
		pop := drivers.Command{Op: drivers.OpLPop, Key: "jobs:7", Pattern: "jobs:*", Amount: 1}
		_, err = drivers.Block(ctx, d, pop)
		Expect(err).NotTo(HaveOccurred())
		short, cancel := context.WithCancel(ctx)
		cancel()
		_, err = drivers.Block(short, d, pop)
		Expect(err).To(MatchError(context.Canceled))
		Expect(meter.durations()).To(Equal(map[string]uint64{
			"a MULTI SET ok": 1, "BATCH ok": 1, "jobs:* RPUSH ok": 1, "jobs:* WAIT LPOP ok": 1, "jobs:* WAIT LPOP canceled canceled": 1,
		}))
	})

	DescribeTable("has an outcome for every failure",
		func(err error, want string) {
			d, meter := measured(failing(err))
			_, _ = d.Do(ctx, on(drivers.OpSet, "foo"))
			Expect(meter.durations()).To(Equal(map[string]uint64{want: 1}))
		},
		Entry(nil, drivers.Errorf(drivers.ErrWrongType, "k"), "foo SET wrong_type refused"),
		Entry(nil, drivers.Errorf(drivers.ErrInvalid, "v"), "foo SET invalid refused"),
		Entry(nil, drivers.ErrConflict, "foo SET conflict conflict"),
		Entry(nil, drivers.Errorf(drivers.ErrDuplicate, "k"), "foo SET duplicate refused"),
		Entry(nil, drivers.Errorf(drivers.ErrIncomplete, "k"), "foo SET incomplete refused"),
		Entry(nil, drivers.Errorf(drivers.ErrCrossSlot, "k"), "foo SET cross_slot refused"),
		Entry(nil, drivers.Errorf(drivers.ErrDenied, "k"), "foo SET denied refused"),
		Entry(nil, fmt.Errorf("cannot: %w", errors.ErrUnsupported), "foo SET unsupported refused"),
		Entry(nil, drivers.ErrClosed, "foo SET closed error"),
		Entry(nil, context.Canceled, "foo SET canceled canceled"),
		Entry(nil, context.DeadlineExceeded, "foo SET deadline_exceeded timeout"),
		Entry(nil, &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, "foo SET timeout timeout"),
		Entry(nil, drivers.Join(drivers.ErrIndeterminate, context.DeadlineExceeded), "foo SET indeterminate indeterminate"),
		Entry(nil, drivers.Errorf(drivers.ErrUnavailable, "OOM"), "foo SET unavailable error"),
		Entry(nil, drivers.Errorf(drivers.ErrInterrupted, "k"), "foo SET interrupted error"),
		Entry(nil, errors.New("ERR"), "foo SET _OTHER error"),
	)

	It("is that of a panic, too", func() {
		d, meter := measured(doFunc(func(context.Context, drivers.Command) (drivers.Reply, error) { panic("the secret") }))
		Expect(func() { _, _ = d.Do(ctx, on(drivers.OpGet, "foo")) }).To(PanicWith("the secret"))
		Expect(meter.durations()).To(Equal(map[string]uint64{"foo GET panic error": 1}))
	})

	It("has no id, value or member in it, whatever is used, nor anything else beside spans", func() {
		spans := newRecording()
		d, meter := measured(memory.New(), oteldriver.WithTracerProvider(spans.provider))
		useEverything(d)
		Expect(len(meter.durations())).To(BeNumerically(">", 5))
		Expect(fmt.Sprint(meter.collect())).NotTo(ContainSubstring(secret))
		Expect(spans.names()).To(ContainElement("SET users:*:note"))
	})

	It("goes to the global provider if none is given, even to one that is set later", func() {
		d := drivers.Use(memory.New(), oteldriver.Middleware(oteldriver.WithMeterProvider(nil)))
		_, err := d.Do(ctx, on(drivers.OpGet, "before"))
		Expect(err).NotTo(HaveOccurred())
		meter := newMeter()
		otel.SetMeterProvider(meter)
		_, err = d.Do(ctx, on(drivers.OpGet, "after"))
		Expect(err).NotTo(HaveOccurred())
		Expect(meter.durations()).To(Equal(map[string]uint64{"after GET absent": 1}))
	})
})

var _ = Describe("Retries", func() {
	It("are counted where an Update or a transaction met another", func() {
		d, meter := measured(memory.New())
		number := kv.MustOpen(kv.Int(), d, kv.At("number"))
		Expect(number.Write(ctx, 1)).To(Succeed())
		tries := 0
		_, err := number.Update(ctx, func(n int64) (int64, error) {
			if tries++; tries < 3 {
				Expect(number.Write(ctx, int64(10*tries))).To(Succeed())
			}
			return n + 1, nil
		})
		Expect(err).NotTo(HaveOccurred())
		tries = 0
		Expect(kv.Atomic(ctx, number, func(inner context.Context, tx kv.IntField) error {
			n, err := tx.Read(inner)
			if tries++; tries < 2 {
				Expect(number.Write(ctx, 5)).To(Succeed())
			}
			return errors.Join(err, tx.Write(inner, n+1))
		})).To(Succeed())
		Expect(meter.sums("kvstore.client.retries")).To(Equal(map[string]int64{
			"number COMPAREANDSWAP conflict": 2, "number SET conflict": 1,
		}))
	})

	It("are counted where the driver makes them", func() {
		d, meter := measured(doFunc(func(ctx context.Context, _ drivers.Command) (drivers.Reply, error) {
			pauses := drivers.Pauses{First: time.Nanosecond, Longest: time.Nanosecond, Tries: 4}
			for pauses.Wait(ctx) {
				continue
			}
			return drivers.Reply{}, nil
		}))
		_, _ = d.Do(ctx, on(drivers.OpGet, "foo"))
		Expect(meter.sums("kvstore.client.retries")).To(Equal(map[string]int64{"foo GET moving": 3}))
	})
})

// pooled is a driver with connections.
type pooled struct {
	drivers.Driver
	stats drivers.PoolStats
}

func (p *pooled) Pool() drivers.PoolStats { return p.stats }

var _ = Describe("A pool", func() {
	It("is observed when metrics are collected, through middleware, until it is unregistered", func() {
		meter := newMeter()
		pool := &pooled{Driver: memory.New()}
		driver := drivers.Use(pool, oteldriver.Middleware(oteldriver.WithMeterProvider(meter)))
		registration, err := oteldriver.ObservePool("orders", driver, oteldriver.WithMeterProvider(meter))
		Expect(err).NotTo(HaveOccurred())
		pool.stats = drivers.PoolStats{InUse: 3, Idle: 2, Waits: 7, Timeouts: 1, Waited: 1500 * time.Millisecond}
		Expect(meter.sums("db.client.connection.count")).To(Equal(map[string]int64{"orders used": 3, "orders idle": 2}))
		Expect(meter.sums("db.client.connection.timeouts")).To(Equal(map[string]int64{"orders": 1}))
		Expect(meter.sums("kvstore.client.connection.waits")).To(Equal(map[string]int64{"orders": 7}))
		waited := meter.collect()["kvstore.client.connection.waited"].Data.(metricdata.Sum[float64])
		Expect(waited.DataPoints).To(ConsistOf(HaveField("Value", 1.5)))
		Expect(registration.Unregister()).To(Succeed())
		Expect(meter.collect()).NotTo(HaveKey("db.client.connection.count"))
	})

	It("is unsupported where there is none", func() {
		for _, driver := range []drivers.Driver{memory.New(), drivers.Use(memory.New(), pass)} {
			_, err := oteldriver.ObservePool("memory", driver)
			Expect(err).To(MatchError(errors.ErrUnsupported))
		}
	})
})
