package oteldriver_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
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

// measuring is a provider of metrics, and who collects them.
type measuring struct {
	reader   *sdkmetric.ManualReader
	provider *sdkmetric.MeterProvider
}

func newMeasuring() measuring {
	reader := sdkmetric.NewManualReader()
	return measuring{reader, sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))}
}

// measured wraps d and gives who collects its metrics.
func measured(d drivers.Driver, options ...oteldriver.Option) (drivers.Driver, measuring) {
	m := newMeasuring()
	return drivers.Use(d, oteldriver.Middleware(append(options, oteldriver.WithMeterProvider(m.provider))...)), m
}

func (m measuring) metrics() map[string]metricdata.Metrics {
	GinkgoHelper()
	var collected metricdata.ResourceMetrics
	Expect(m.reader.Collect(ctx, &collected)).To(Succeed())
	all := map[string]metricdata.Metrics{}
	for _, scope := range collected.ScopeMetrics {
		Expect(scope.Scope.Name).To(Equal("github.com/kvstore-go/kvstore/drivers/oteldriver"))
		for _, metric := range scope.Metrics {
			all[metric.Name] = metric
		}
	}
	return all
}

// durations are how many there are of each set of attributes, "name=value" in the order of names.
func (m measuring) durations() map[string]int {
	GinkgoHelper()
	counts := map[string]int{}
	metric, found := m.metrics()["db.client.operation.duration"]
	if !found {
		return counts
	}
	Expect(metric.Unit).To(Equal("s"))
	for _, point := range metric.Data.(metricdata.Histogram[float64]).DataPoints {
		counts[textOf(point.Attributes)] = int(point.Count)
	}
	return counts
}

func textOf(set attribute.Set) string {
	var texts []string
	for _, a := range set.ToSlice() {
		texts = append(texts, fmt.Sprintf("%s=%s", a.Key, a.Value.String()))
	}
	return strings.Join(texts, " ")
}

var _ = Describe("the metrics of operations", func() {
	It("have operation, schema path and outcome, and what the program knows", func() {
		d, m := measured(memory.New(), oteldriver.WithAttributes(oteldriver.SystemNameKey.String("redis")))
		for _, id := range []string{"ann", "bob"} {
			_, err := d.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: "users:" + id, Value: "x", Pattern: "users:*"})
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(m.durations()).To(Equal(map[string]int{
			"db.collection.name=users:* db.operation.name=SET db.system.name=redis kvstore.outcome=ok": 2,
		}))
	})

	It("are seconds, by the boundaries of the conventions and some below a millisecond", func() {
		d, m := measured(memory.New())
		began := time.Now()
		_, _ = d.Do(ctx, on(drivers.OpGet, "a"))
		point := m.metrics()["db.client.operation.duration"].Data.(metricdata.Histogram[float64]).DataPoints[0]
		Expect(point.Bounds).To(Equal([]float64{0.0001, 0.0002, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10}))
		Expect(point.Sum).To(And(BeNumerically(">", 0), BeNumerically("<=", time.Since(began).Seconds())))
	})

	set := drivers.Command{Op: drivers.OpSet, Key: "a", Value: "x"}
	DescribeTable("say what became of a command",
		func(do func(d drivers.Driver) error, name, want string) {
			store := memory.New()
			_, err := store.Do(ctx, set)
			Expect(err).NotTo(HaveOccurred())
			d, m := measured(store)
			_ = do(d)
			Expect(m.durations()).To(Equal(map[string]int{"db.operation.name=" + name + " " + want: 1}))
		},
		Entry(nil, doing(drivers.Command{Op: drivers.OpGet, Key: "a"}), "GET", "kvstore.outcome=ok"),
		Entry(nil, doing(drivers.Command{Op: drivers.OpGet, Key: "b"}), "GET", "kvstore.outcome=absent"),
		Entry("a pop", doing(drivers.Command{Op: drivers.OpLPop, Key: "b", Amount: 1}), "LPOP", "kvstore.outcome=absent"),
		Entry("a swap", doing(drivers.Command{Op: drivers.OpSwap, Key: "b", Value: "y"}), "SWAP", "kvstore.outcome=absent"),
		Entry("a condition", doing(drivers.Command{Op: drivers.OpSet, Key: "a", If: drivers.IfAbsent}), "SET", "kvstore.outcome=refused"),
		Entry("a value that was changed", doing(drivers.Command{Op: drivers.OpCompareAndSwap, Key: "a", Extra: &drivers.Extra{Expected: "y"}}), "COMPAREANDSWAP", "kvstore.outcome=conflict"),
		Entry("another type", doing(drivers.Command{Op: drivers.OpSCard, Key: "a"}), "SCARD", "error.type=wrong_type kvstore.outcome=error"),
		Entry("a batch", func(d drivers.Driver) error { return drivers.DoBatch(ctx, d, drivers.NewBatch(set, set)) },
			"BATCH SET", "kvstore.outcome=ok"),
		Entry("a batch, one of which fails", func(d drivers.Driver) error {
			return drivers.DoBatch(ctx, d, drivers.NewBatch(set, drivers.Command{Op: drivers.OpSCard, Key: "a"}))
		}, "BATCH", "error.type=wrong_type kvstore.outcome=error"),
		Entry("a wait", func(d drivers.Driver) error {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			_, err := drivers.Block(ctx, d, drivers.Command{Op: drivers.OpLPop, Key: "b", Amount: 1})
			return err
		}, "WAIT LPOP", "error.type=canceled kvstore.outcome=cancelled"),
		Entry("a listing", func(d drivers.Driver) error {
			for range drivers.Scan(ctx, d, drivers.Command{Op: drivers.OpScanKeys, Key: "a"}) {
				break
			}
			return nil
		}, "SCANKEYS", "kvstore.outcome=ok"),
	)

	DescribeTable("say what became of a failure",
		func(err error, want string) {
			d, m := measured(failing(err))
			_, _ = d.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: "a"})
			Expect(m.durations()).To(Equal(map[string]int{"db.operation.name=SET " + want: 1}))
		},
		Entry(nil, drivers.ErrIndeterminate, "error.type=indeterminate kvstore.outcome=indeterminate"),
		Entry(nil, drivers.ErrConflict, "error.type=conflict kvstore.outcome=conflict"),
		Entry(nil, drivers.ErrDuplicate, "error.type=duplicate kvstore.outcome=refused"),
		Entry(nil, drivers.ErrIncomplete, "error.type=incomplete kvstore.outcome=error"),
		Entry(nil, drivers.ErrUnavailable, "error.type=unavailable kvstore.outcome=unavailable"),
		Entry(nil, drivers.ErrClosed, "error.type=closed kvstore.outcome=unavailable"),
		Entry(nil, io.EOF, "error.type=connection kvstore.outcome=unavailable"),
		Entry(nil, context.DeadlineExceeded, "error.type=deadline_exceeded kvstore.outcome=cancelled"),
		Entry(nil, context.Canceled, "error.type=canceled kvstore.outcome=cancelled"),
		Entry(nil, errors.ErrUnsupported, "error.type=unsupported kvstore.outcome=error"),
		Entry(nil, errors.New("secret"), "error.type=_OTHER kvstore.outcome=error"),
	)

	It("count a panic, which goes on", func() {
		d, m := measured(doFunc(func(context.Context, drivers.Command) (drivers.Reply, error) { panic("the secret") }))
		Expect(func() { _, _ = d.Do(ctx, on(drivers.OpGet, "a")) }).To(PanicWith("the secret"))
		Expect(m.durations()).To(Equal(map[string]int{"db.collection.name=a db.operation.name=GET error.type=panic kvstore.outcome=error": 1}))
	})

	It("have the tries of a transaction and of an update", func() {
		store := memory.New()
		d, m := measured(store)
		ann, others := kv.MustOpen(kv.String(), d, kv.At("ann")), kv.MustOpen(kv.String(), store, kv.At("ann"))
		tries := 0
		Expect(kv.Atomic(ctx, ann, func(inner context.Context, ann kv.StringField) error {
			_, err := ann.ReadOr(inner, "")
			if tries++; tries < 3 {
				err = errors.Join(err, others.Write(ctx, fmt.Sprint(tries)))
			}
			return errors.Join(err, ann.Write(inner, "mine"))
		})).To(Succeed())
		_, err := ann.Update(ctx, func(string) (string, error) {
			if tries++; tries < 5 {
				return "late", others.Write(ctx, fmt.Sprint(tries))
			}
			return "all mine", nil
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(m.durations()).To(And(
			HaveKeyWithValue("db.collection.name=ann db.operation.name=SET error.type=conflict kvstore.outcome=conflict", 2),
			HaveKeyWithValue("db.collection.name=ann db.operation.name=SET kvstore.outcome=ok", 1),
			HaveKeyWithValue("db.collection.name=ann db.operation.name=COMPAREANDSWAP kvstore.outcome=conflict", 1),
			HaveKeyWithValue("db.collection.name=ann db.operation.name=COMPAREANDSWAP kvstore.outcome=ok", 1),
		))
	})

	It("have no id, value, member or text of an error in them", func() {
		d, m := measured(memory.New())
		useEverything(d)
		d, n := measured(teller{fails: true})
		useEverything(d)
		for _, counts := range []map[string]int{m.durations(), n.durations()} {
			Expect(len(counts)).To(BeNumerically(">", 5))
			for text := range counts {
				Expect(text).NotTo(Or(ContainSubstring(secret), ContainSubstring(fmt.Sprint(secretNumber))))
			}
		}
	})

	It("go beside spans: each without the other, too", func() {
		d, m := measured(memory.New(), oteldriver.WithTracerProvider(unsampled))
		_, _ = d.Do(ctx, on(drivers.OpGet, "a"))
		Expect(m.durations()).To(HaveLen(1))
		d, spans := traced(memory.New())
		_, _ = d.Do(ctx, on(drivers.OpGet, "a"))
		Expect(spans.names()).To(Equal([]string{"GET a"}))
	})

	It("go to the global provider if none is given, even to one that is set later", func() {
		d := drivers.Use(memory.New(), oteldriver.Middleware(nil, oteldriver.WithMeterProvider(nil)))
		_, _ = d.Do(ctx, on(drivers.OpGet, "before"))
		m := newMeasuring()
		otel.SetMeterProvider(m.provider)
		_, _ = d.Do(ctx, on(drivers.OpGet, "after"))
		Expect(m.durations()).To(HaveLen(1))
		Expect(m.provider.Shutdown(ctx)).To(Succeed()) // others measure nothing
	})
})

func doing(cmd drivers.Command) func(d drivers.Driver) error {
	return func(d drivers.Driver) error { _, err := d.Do(ctx, cmd); return err }
}

var _ = Describe("the metrics of a pool", func() {
	It("are refused without a function that reads them, as are those of a near cache", func() {
		_, err := oteldriver.ObservePool("shop", nil)
		Expect(err).To(MatchError(drivers.ErrInvalid))
		_, err = oteldriver.ObserveNear("shop", nil)
		Expect(err).To(MatchError(drivers.ErrInvalid))
	})
	It("are what it is when somebody collects, until that ends", func() {
		m, pool := newMeasuring(), drivers.Pool{InUse: 3, Idle: 7, Pending: 2, Waits: 11, Waited: 1500 * time.Millisecond, Timeouts: 5, Retries: 8}
		registration, err := oteldriver.ObservePool("shop", func() drivers.Pool { return pool },
			oteldriver.WithMeterProvider(m.provider), oteldriver.WithAttributes(oteldriver.SystemNameKey.String("redis")))
		Expect(err).NotTo(HaveOccurred())
		Expect(m.sums()).To(Equal([]string{
			"db.client.connection.count db.client.connection.pool.name=shop db.client.connection.state=idle db.system.name=redis 7",
			"db.client.connection.count db.client.connection.pool.name=shop db.client.connection.state=used db.system.name=redis 3",
			"db.client.connection.pending_requests db.client.connection.pool.name=shop db.system.name=redis 2",
			"db.client.connection.timeouts db.client.connection.pool.name=shop db.system.name=redis 5",
			"kvstore.connection.waited db.client.connection.pool.name=shop db.system.name=redis 1.5",
			"kvstore.connection.waits db.client.connection.pool.name=shop db.system.name=redis 11",
			"kvstore.retries db.client.connection.pool.name=shop db.system.name=redis 8",
		}))
		pool.InUse = 4
		Expect(m.sums()).To(ContainElement(HaveSuffix("state=used db.system.name=redis 4")))
		Expect(registration.Unregister()).To(Succeed())
		Expect(m.sums()).To(BeEmpty())
	})
})

// sums are all that is added up, with what it is of.
func (m measuring) sums() (texts []string) {
	for name, metric := range m.metrics() {
		switch data := metric.Data.(type) {
		case metricdata.Sum[int64]:
			for _, point := range data.DataPoints {
				texts = append(texts, fmt.Sprint(name, " ", textOf(point.Attributes), " ", point.Value))
			}
		case metricdata.Sum[float64]:
			for _, point := range data.DataPoints {
				texts = append(texts, fmt.Sprint(name, " ", textOf(point.Attributes), " ", point.Value))
			}
		}
	}
	slices.Sort(texts)
	return texts
}

var _ = Describe("the metrics of a near cache", func() {
	It("are what it is when somebody collects, until that ends", func() {
		m, stats := newMeasuring(), drivers.NearStats{Hits: 90, Misses: 10, Evictions: 3, Dropped: 4, Missed: 1, Deaf: 2500 * time.Millisecond, Keys: 6, Bytes: 4096}
		registration, err := oteldriver.ObserveNear("shop", func() drivers.NearStats { return stats },
			oteldriver.WithMeterProvider(m.provider), oteldriver.WithAttributes(oteldriver.SystemNameKey.String("redis")))
		Expect(err).NotTo(HaveOccurred())
		Expect(m.sums()).To(Equal([]string{
			"kvstore.near.deaf db.system.name=redis kvstore.near.name=shop 2.5",
			"kvstore.near.dropped db.system.name=redis kvstore.near.name=shop 4",
			"kvstore.near.evictions db.system.name=redis kvstore.near.name=shop 3",
			"kvstore.near.keys db.system.name=redis kvstore.near.name=shop 6",
			"kvstore.near.missed db.system.name=redis kvstore.near.name=shop 1",
			"kvstore.near.reads db.system.name=redis kvstore.near.name=shop kvstore.near.result=hit 90",
			"kvstore.near.reads db.system.name=redis kvstore.near.name=shop kvstore.near.result=miss 10",
			"kvstore.near.size db.system.name=redis kvstore.near.name=shop 4096",
		}))
		Expect(registration.Unregister()).To(Succeed())
		Expect(m.sums()).To(BeEmpty())
	})
})
