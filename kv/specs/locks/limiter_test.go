package locks_test

import (
	"context"
	"errors"
	"math"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

const (
	limiterSlow kv.Key[kv.LimiterField] = "slow"
	limiterFast kv.Key[kv.LimiterField] = "fast"
)

var limiterStore = kv.Static("limits").Limiter(limiterSlow, kv.Per(1, time.Hour).Burst(3)).Limiter(limiterFast, kv.Per(1000, time.Second))

var _ = Describe("Limiters", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store  kvtest.Backend
			limits kv.StaticStore
			slow   kv.LimiterField
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			limits = kv.MustOpen(limiterStore, store.Driver)
			slow = limits.Take(limiterSlow)
			store.Trips.Reset()
		})
		about := func(allowed bool, remaining int, retry, reset time.Duration) OmegaMatcher {
			near := func(d time.Duration) OmegaMatcher {
				if d == 0 {
					return BeZero()
				}
				return BeNumerically("~", d, time.Minute)
			}
			return And(HaveField("Allowed", allowed), HaveField("Remaining", remaining), HaveField("RetryAfter", near(retry)), HaveField("ResetAfter", near(reset)))
		}

		It("admit a burst and then say when to come again, each in one round trip", func(ctx context.Context) {
			Expect(slow.Peek(ctx)).To(about(true, 3, 0, 0))
			Expect(slow.Allow(ctx)).To(about(true, 2, 0, time.Hour))
			Expect(slow.AllowN(ctx, 3)).To(about(false, 2, time.Hour, time.Hour))
			Expect(slow.AllowN(ctx, 2)).To(about(true, 0, 0, 3*time.Hour))
			Expect(slow.Allow(ctx)).To(about(false, 0, time.Hour, 3*time.Hour))
			Expect(slow.Peek(ctx)).To(about(false, 0, time.Hour, 3*time.Hour))
			Expect(slow.Erase(ctx)).To(BeTrue())
			Expect(slow.Peek(ctx)).To(about(true, 3, 0, 0))
			Expect(store.Trips.Taken()).To(Equal(8))
			Expect(slow.Exists(ctx)).To(BeFalse())
		})
		It("give back what was taken", func(ctx context.Context) {
			fast := limits.Take(limiterFast)
			Expect(fast.AllowN(ctx, 1000)).To(HaveField("Allowed", true))
			Eventually(func() (kv.Decision, error) { return fast.Allow(ctx) }).Should(HaveField("Allowed", true))
			Eventually(func() (bool, error) { return fast.Exists(ctx) }).Should(BeFalse())
		})
		It("keep the rate over time", func(ctx context.Context) {
			const one = 5 * time.Millisecond
			rate := kv.MustOpen(kv.Limiter(kv.Per(1, one)), store.Driver, kv.At("rate"))
			start := time.Now()
			var due time.Time // by when who was refused is admitted, however often it asks
			for admitted := 0; admitted < 20; {
				asked := time.Now()
				decision, err := rate.Allow(ctx)
				Expect(err).NotTo(HaveOccurred())
				switch {
				case decision.Allowed:
					admitted++
					due = time.Time{}
					Expect(time.Since(start)).To(BeNumerically(">=", time.Duration(admitted-1)*one-time.Millisecond), "which the store leaves out when it says the time")
				case due.IsZero():
					Expect(decision.RetryAfter).To(BeNumerically("<=", one))
					due = time.Now().Add(decision.RetryAfter)
				default:
					Expect(asked).To(BeTemporally("<=", due))
				}
			}
		})
		It("refuse requests that make no sense", func(ctx context.Context) {
			for _, n := range []int{-1, 0, 4, math.MaxInt} {
				_, err := slow.AllowN(ctx, n)
				Expect(err).To(MatchError(kv.ErrInvalid))
				Expect(err).To(MatchError(ContainSubstring("kv: AllowN limits:slow")))
			}
			Expect(slow.Exists(ctx)).To(BeFalse())
			_, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: "limits:slow", Value: "x"})
			Expect(err).NotTo(HaveOccurred())
			_, err = slow.Allow(ctx)
			Expect(err).To(MatchError(kv.ErrInvalid))
		})
		It("of several rates take of all or of none, and say which refuses", func(ctx context.Context) {
			hourly, daily := kv.Per(2, time.Hour), kv.Per(3, 24*time.Hour)
			calls := kv.MustOpen(kv.Limiter(hourly, daily), store.Driver, kv.At("calls"))
			store.Trips.Reset()
			Expect(calls.Peek(ctx)).To(about(true, 2, 0, 0))
			Expect(calls.AllowN(ctx, 2)).To(And(about(true, 0, 0, 16*time.Hour), HaveField("Refused", kv.Rate{})))
			Expect(calls.Allow(ctx)).To(And(about(false, 0, 30*time.Minute, 16*time.Hour), HaveField("Refused", hourly)))
			Expect(store.Trips.Taken()).To(Equal(3))
			Expect(calls.With(hourly.Burst(5), daily).Allow(ctx)).To(about(true, 0, 0, 24*time.Hour), "the day has lost nothing by what the hour refused")
			Expect(calls.With(hourly.Burst(5), daily).Allow(ctx)).To(And(about(false, 0, 8*time.Hour, 24*time.Hour), HaveField("Refused", daily)))
			Expect(calls.TTL(ctx)).To(BeNumerically("~", 24*time.Hour, time.Minute))
			_, err := calls.AllowN(ctx, 3)
			Expect(err).To(MatchError(kv.ErrInvalid), "which the hour never admits")
			Expect(calls.Erase(ctx)).To(BeTrue())
			Expect(calls.Peek(ctx)).To(about(true, 2, 0, 0))
		})
		It("have rates that are known later alone", func(ctx context.Context) {
			tenants := kv.MustOpen(kv.Dynamic(kv.Limiter()), store.Driver, kv.At("tenants"))
			_, err := tenants.Take("a").Allow(ctx)
			Expect(err).To(MatchError(kv.ErrInvalid))
			_, err = tenants.Take("a").With().Allow(ctx)
			Expect(err).To(MatchError(kv.ErrInvalid))
			_, err = tenants.Take("a").With(kv.Per(1, time.Hour), kv.Per(0, time.Hour)).Allow(ctx)
			Expect(err).To(And(MatchError(kv.ErrInvalid), MatchError(ContainSubstring("0 per 1h0m0s"))))
			free, paid := kv.Per(1, time.Hour), kv.Per(3, time.Hour)
			Expect(tenants.Take("a").With(free).Allow(ctx)).To(about(true, 0, 0, time.Hour))
			Expect(tenants.Take("a").With(free).Allow(ctx)).To(HaveField("Allowed", false))
			Expect(tenants.Take("b").With(free).Allow(ctx)).To(HaveField("Allowed", true), "which is another's")
			Expect(tenants.Take("a").With(paid).Allow(ctx)).To(about(false, 0, 20*time.Minute, time.Hour), "what is used up comes back at the rate of the better plan")
			Expect(tenants.Take("a").With(free.Burst(3)).Allow(ctx)).To(about(true, 1, 0, 2*time.Hour))
		})
		It("wait for what comes back, until the context ends", func(ctx context.Context) {
			brisk := kv.MustOpen(kv.Limiter(kv.Per(1, 20*time.Millisecond)), store.Driver, kv.At("brisk"))
			for range 3 {
				Expect(brisk.Wait(ctx)).To(HaveField("Allowed", true))
			}
			Expect(slow.AllowN(ctx, 3)).To(HaveField("Allowed", true))
			before, err := slow.Peek(ctx)
			Expect(err).NotTo(HaveOccurred())
			ending, cancel := context.WithCancel(ctx)
			store.Trips.Reset()
			over := make(chan error)
			go func() { over <- kvtest.ErrorOf(slow.WaitN(ending, 2)) }()
			Eventually(store.Trips.Taken).Should(Equal(1))
			cancel()
			Expect(<-over).To(And(MatchError(context.Canceled), MatchError(ContainSubstring("kv: WaitN limits:slow"))))
			Expect(store.Trips.Taken()).To(Equal(1), "and not once more while it waits")
			late, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
			defer cancel()
			Expect(slow.WaitN(late, 2)).Error().To(And(MatchError(context.DeadlineExceeded), MatchError(ContainSubstring("kv: WaitN limits:slow"))))
			Expect(slow.Peek(ctx)).To(about(false, before.Remaining, time.Hour, 3*time.Hour))
			_, err = slow.WaitN(ctx, 0)
			Expect(err).To(MatchError(kv.ErrInvalid))
			_, err = slow.WaitN(ctx, 4)
			Expect(err).To(MatchError(kv.ErrInvalid))
			var batch kv.Batch
			bound := batch.Bind(slow)
			batch.Do(bound.Wait)
			Expect(batch.Run(ctx)).To(MatchError(errors.ErrUnsupported))
		})
		It("work in batches, but not in transactions", func(ctx context.Context) {
			var batch kv.Batch
			bound := batch.Bind(slow)
			first, second := batch.Do(bound.Allow), batch.Do(bound.Allow)
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(first.Get()).To(about(true, 2, 0, time.Hour))
			Expect(second.Get()).To(about(true, 1, 0, 2*time.Hour))
			Expect(kv.Atomic(ctx, limits, func(ctx context.Context, tx kv.StaticStore) error {
				_, err := tx.Take(limiterSlow).Allow(ctx)
				return err
			})).To(MatchError(errors.ErrUnsupported))
		})
		It("are passed by when the store is copied", func(ctx context.Context) {
			Expect(slow.Allow(ctx)).To(HaveField("Allowed", true))
			copied := kv.MustOpen(limiterStore, memory.New())
			_, err := kv.Copy(ctx, limits, copied)
			Expect(err).NotTo(HaveOccurred())
			Expect(copied.Take(limiterSlow).Exists(ctx)).To(BeFalse())
		})
	})

	DescribeTable("are mistakes of the schema with a rate that makes no sense", func(rate kv.Rate, says string) {
		_, err := kv.Open(kv.Limiter(rate), memory.New(), kv.At("l"))
		Expect(err).To(MatchError(ContainSubstring(says)))
	},
		Entry("of nothing", kv.Per(0, time.Second), "admit something"),
		Entry("of less than nothing", kv.Per(-1, time.Second), "admit something"),
		Entry("in no time", kv.Per(1, 0), "admit something"),
		Entry("without a unit", kv.Per(1, 5), "below a millisecond"),
		Entry("without a burst", kv.Per(1, time.Second).Burst(0), "burst must be positive"),
		Entry("that is too fast", kv.Per(1_000_001, time.Second), "more than one in a microsecond"),
		Entry("that is too slow", kv.Per(1, 1000*time.Hour).Burst(2_000_000), "a hundred years"),
		Entry("that overflows", kv.Per(math.MaxInt, math.MaxInt64).Burst(math.MaxInt), "more than one in a microsecond"),
		Entry("whose burst overflows", kv.Per(1, math.MaxInt64).Burst(math.MaxInt), "a hundred years"),
	)
	It("carry the error of a wrong Take, whatever is done", func(ctx context.Context) {
		wrong := kv.MustOpen(limiterStore, memory.New()).Take[kv.LockField]("slow")
		_, err := wrong.TryAcquire(ctx)
		Expect(err).To(MatchError(kv.ErrTypeMismatch))
		Expect(wrong.Hold(ctx, nil)).To(MatchError(kv.ErrTypeMismatch))
		_, err = kv.LimiterField{}.Allow(ctx)
		Expect(err).To(MatchError(kv.ErrUndeclared))
		_, err = kv.LimiterField{}.AllowN(ctx, 0)
		Expect(err).To(MatchError(kv.ErrUndeclared))
		Expect(kv.Held{}.Release(ctx)).To(MatchError(kv.ErrUndeclared))
	})
})
