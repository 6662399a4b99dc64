package values_test

import (
	"context"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

const (
	BitmapMonday  kv.Key[kv.BitmapField]      = "monday"
	BitmapTuesday kv.Key[kv.BitmapField]      = "tuesday"
	BitmapBoth    kv.Key[kv.BitmapField]      = "both"
	SketchToday   kv.Key[kv.HyperLogLogField] = "today"
	SketchBefore  kv.Key[kv.HyperLogLogField] = "before"
	SketchBrief   kv.Key[kv.HyperLogLogField] = "brief"
)

var Presence = kv.Static("presence").
	Bitmap(BitmapMonday).
	Bitmap(BitmapTuesday).
	Bitmap(BitmapBoth, kv.ExpireIn(time.Hour)).
	HyperLogLog(SketchToday).
	HyperLogLog(SketchBefore).
	HyperLogLog(SketchBrief, kv.ExpireIn(time.Hour))

var _ = Describe("Bitmaps and sketches", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store    kvtest.Backend
			presence kv.StaticStore
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			presence = kv.MustOpen(Presence, store.Driver)
			store.Trips.Reset()
		})

		It("set and count bits", func(ctx context.Context) {
			monday := presence.Take(BitmapMonday)
			Expect(monday.Get(ctx, 7)).To(BeFalse())
			Expect(monday.Put(ctx, 7, true)).To(BeFalse())
			Expect(monday.Put(ctx, 7, true)).To(BeTrue())
			Expect(monday.Put(ctx, 100, true)).To(BeFalse())
			Expect(monday.Get(ctx, 7)).To(BeTrue())
			Expect(monday.Count(ctx)).To(BeEquivalentTo(2))
			Expect(monday.CountRange(ctx, 8, 101)).To(BeEquivalentTo(1))
			Expect(monday.CountRange(ctx, 8, 100)).To(BeEquivalentTo(0))
			Expect(monday.CountRange(ctx, 8, 8)).To(BeEquivalentTo(0))
			Expect(monday.First(ctx, true)).To(BeEquivalentTo(7))
			Expect(monday.First(ctx, false)).To(BeEquivalentTo(0))
			Expect(store.Trips.Taken()).To(Equal(11))
		})
		It("find a 0 everywhere, and a 1 where there is one", func(ctx context.Context) {
			monday := presence.Take(BitmapMonday)
			Expect(monday.First(ctx, false)).To(BeEquivalentTo(0))
			_, err := monday.First(ctx, true)
			Expect(err).To(MatchError(kv.ErrNotFound))
			for i := range int64(8) {
				_, err := monday.Put(ctx, i, true)
				Expect(err).NotTo(HaveOccurred())
			}
			Expect(monday.First(ctx, false)).To(BeEquivalentTo(8))
		})
		It("combine rows of bits", func(ctx context.Context) {
			monday, tuesday, both := presence.Take(BitmapMonday), presence.Take(BitmapTuesday), presence.Take(BitmapBoth)
			for _, user := range []int64{1, 2, 3} {
				_, _ = monday.Put(ctx, user, true)
				_, _ = tuesday.Put(ctx, user+1, true)
			}
			Expect(both.And(ctx, monday, tuesday)).To(Equal(1))
			Expect(both.Count(ctx)).To(BeEquivalentTo(2))
			Expect(both.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
			Expect(both.Or(ctx, monday, tuesday)).To(Equal(1))
			Expect(both.Count(ctx)).To(BeEquivalentTo(4))
			Expect(both.Xor(ctx, monday, tuesday)).To(Equal(1))
			Expect(both.Count(ctx)).To(BeEquivalentTo(2))
			Expect(both.Not(ctx, monday)).To(Equal(1))
			Expect(both.Count(ctx)).To(BeEquivalentTo(5))
			_, err := both.And(ctx)
			Expect(err).To(MatchError(kv.ErrInvalid))
			_, err = both.And(ctx, kv.MustOpen(Presence, memory.New()).Take(BitmapMonday))
			Expect(err).To(MatchError(kv.ErrInvalid))
		})
		It("refuse offsets that there are not", func(ctx context.Context) {
			monday := presence.Take(BitmapMonday)
			for _, offset := range []int64{-1, 1 << 32} {
				_, err := monday.Get(ctx, offset)
				Expect(err).To(MatchError(kv.ErrInvalid))
				_, err = monday.Put(ctx, offset, true)
				Expect(err).To(MatchError(kv.ErrInvalid))
			}
			_, err := monday.CountRange(ctx, 3, 2)
			Expect(err).To(MatchError(kv.ErrInvalid))
			Expect(monday.Exists(ctx)).To(BeFalse())
		})

		It("count about how many different elements they were shown", func(ctx context.Context) {
			today, before := presence.Take(SketchToday), presence.Take(SketchBefore)
			Expect(today.Count(ctx)).To(BeEquivalentTo(0))
			Expect(today.Add(ctx)).To(BeFalse())
			Expect(today.Exists(ctx)).To(BeFalse())
			Expect(today.Add(ctx, "ann", "bob")).To(BeTrue())
			Expect(today.Add(ctx, "ann")).To(BeFalse())
			Expect(before.Add(ctx, "bob", "cid")).To(BeTrue())
			Expect(today.Count(ctx)).To(BeEquivalentTo(2))
			Expect(today.Count(ctx, before)).To(BeEquivalentTo(3))
			Expect(today.Merge(ctx, before)).To(Succeed())
			Expect(today.Count(ctx)).To(BeEquivalentTo(3))
			many := make([]string, 10_000)
			for i := range many {
				many[i] = strconv.Itoa(i)
			}
			Expect(before.Add(ctx, many...)).To(BeTrue())
			Expect(before.Count(ctx)).To(BeNumerically("~", 10_000, 300))
		})
		It("start the time to live of a schema, and are told in transactions", func(ctx context.Context) {
			brief := presence.Take(SketchBrief)
			Expect(brief.Add(ctx, "a")).To(BeTrue())
			Expect(brief.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
			var added, set bool
			Expect(kv.Atomic(ctx, presence, func(ctx context.Context, presence kv.StaticStore) (err error) {
				if added, err = presence.Take(SketchBrief).Add(ctx, "a"); err != nil {
					return err
				}
				set, err = presence.Take(BitmapMonday).Put(ctx, 3, true)
				return err
			})).To(Succeed())
			Expect(added).To(BeFalse())
			Expect(set).To(BeFalse())
			Expect(presence.Take(BitmapMonday).Get(ctx, 3)).To(BeTrue())
		})
		It("are copied with all others", func(ctx context.Context) {
			_, _ = presence.Take(BitmapMonday).Put(ctx, 3, true)
			_, _ = presence.Take(SketchToday).Add(ctx, "a", "b")
			target := kv.MustOpen(Presence, memory.New())
			Expect(kv.Copy(ctx, presence, target)).To(HaveField("Values", 2))
			Expect(target.Take(BitmapMonday).Get(ctx, 3)).To(BeTrue())
			Expect(target.Take(SketchToday).Count(ctx)).To(BeEquivalentTo(2))
		})
	})
})
