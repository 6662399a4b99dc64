package values_test

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

// answering answers each command with a reply, whatever is stored.
func answering(reply drivers.Reply) drivers.Driver {
	return drivers.Use(memory.New(), func(_ context.Context, b *drivers.Batch, _ drivers.Next) error {
		for i := range b.Items {
			b.Items[i].Reply = reply
		}
		return nil
	})
}

var _ = Describe("A time", func() {
	const longest = time.Duration(math.MaxInt64)

	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var note kv.StringField
		BeforeEach(func(ctx context.Context) {
			note = kv.MustOpen(kv.Static("s").String("note"), open(ctx).Driver).Take[kv.StringField]("note")
			Expect(note.Write(ctx, "x")).To(Succeed())
		})

		It("that is left to a value and too long for a Duration is the longest there is", func(ctx context.Context) {
			for _, end := range []time.Time{time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), time.UnixMilli(drivers.MaxExpiryMillis)} {
				Expect(note.ExpireAt(ctx, end)).To(BeTrue())
				Expect(note.TTL(ctx)).To(Equal(longest))
			}
			Expect(note.ExpireAt(ctx, time.Now().AddDate(291, 0, 0))).To(BeTrue())
			Expect(note.TTL(ctx)).To(BeNumerically("~", time.Duration(291*365.2425*24*float64(time.Hour)), 100*time.Hour))
			Expect(note.Expire(ctx, longest)).To(BeTrue())
			Expect(note.TTL(ctx)).To(BeNumerically("~", longest, time.Minute))
		})

		It("that no driver counts to is refused, and ends no value", func(ctx context.Context) {
			for _, end := range []time.Time{
				time.UnixMilli(drivers.MaxExpiryMillis + 1), time.UnixMilli(math.MaxInt64), time.Unix(math.MaxInt64/1000+1, 0), time.Unix(1<<60, 0),
				time.Unix(18446744075509552, 0), // in 64 bits, its milliseconds are a moment of January 1970
			} {
				Expect(kvtest.ErrorOf(note.ExpireAt(ctx, end))).To(MatchError(kv.ErrInvalid), end.String())
				Expect(note.Write(ctx, "y", kv.ExpireAt(end))).To(MatchError(kv.ErrInvalid), end.String())
			}
			Expect(note.Read(ctx)).To(Equal("x"))
			Expect(note.TTL(ctx)).To(Equal(kv.NoTTL))
		})
	})

	It("that is left to a value of another program, as long as Redis allows, is copied and exported", func(ctx context.Context) {
		schema := kv.Static("s").String("note")
		driver := kvtest.Redis(ctx)
		source, target := kv.MustOpen(schema, driver), kv.MustOpen(schema, memory.New())
		note := source.Take[kv.StringField]("note")
		Expect(note.Write(ctx, "x")).To(Succeed())
		Expect(kvtest.Servers.Client.Do(ctx, "PEXPIREAT", note.Path(), int64(math.MaxInt64)).Err()).To(Succeed())
		Expect(note.TTL(ctx)).To(Equal(longest))
		Expect(kv.Copy(ctx, source, target)).To(HaveField("Values", 1))
		Expect(target.Take[kv.StringField]("note").TTL(ctx)).To(Equal(longest))
		Expect(kvtest.Exported(ctx, source)).To(ContainSubstring(`"expires":"9999-12-31T23:59:59.999Z"`))
	})

	DescribeTable("in an answer that is too long for a Duration is the longest there is",
		func(ctx context.Context, reply drivers.Reply, of func(ctx context.Context, store kv.StaticStore) (time.Duration, error)) {
			schema := kv.Static("s").Lock("lock", time.Second).Limiter("limiter", kv.Per(1, time.Second)).Stream[string]("stream").Map[string]("map")
			Expect(of(ctx, kv.MustOpen(schema, answering(reply)))).To(Equal(longest))
		},
		Entry("of another's lease", drivers.Reply{Nil: true, Ints: []int64{1 << 60}}, func(ctx context.Context, store kv.StaticStore) (time.Duration, error) {
			_, err := store.Take[kv.LockField]("lock").TryAcquire(ctx)
			var locked *kv.LockedError
			Expect(err).To(MatchError(kv.ErrConditionFailed))
			Expect(errors.As(err, &locked)).To(BeTrue())
			return locked.Left, nil
		}),
		Entry("of the holder's", drivers.Reply{Ints: []int64{1 << 60}}, func(ctx context.Context, store kv.StaticStore) (time.Duration, error) {
			holder, err := store.Take[kv.LockField]("lock").Holder(ctx)
			return holder.Left, err
		}),
		Entry("until a limiter admits one", drivers.Reply{Ints: []int64{0, 0, 1 << 60, 0}}, func(ctx context.Context, store kv.StaticStore) (time.Duration, error) {
			decision, err := store.Take[kv.LimiterField]("limiter").Allow(ctx)
			return decision.RetryAfter, err
		}),
		Entry("until a limiter is full", drivers.Reply{Ints: []int64{0, 0, 0, 1 << 60}}, func(ctx context.Context, store kv.StaticStore) (time.Duration, error) {
			decision, err := store.Take[kv.LimiterField]("limiter").Peek(ctx)
			return decision.ResetAfter, err
		}),
		Entry("since an entry was delivered", drivers.Reply{Values: []string{"1-1", "ann"}, Ints: []int64{1 << 60, 1}}, func(ctx context.Context, store kv.StaticStore) (time.Duration, error) {
			for entry, err := range store.Take[kv.StreamField[string]]("stream").Group("g").Pending(ctx, "", 0) {
				return entry.Idle, err
			}
			return 0, nil
		}),
		Entry("of a key of a map", drivers.Reply{Ints: []int64{1 << 60}}, func(ctx context.Context, store kv.StaticStore) (time.Duration, error) {
			return store.Take[kv.MapField[string, string]]("map").FieldTTL(ctx, "k")
		}),
	)
})
