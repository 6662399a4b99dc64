package collections_test

import (
	"context"
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

var _ = Describe("What a query counts and erases", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store   kvtest.Backend
			matches kv.CollectionStore[Match]
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			matches = kv.MustOpen(Club, store.Driver).Take(Matches)
		})
		write := func(ctx context.Context, count int) {
			GinkgoHelper()
			writeNumbered(ctx, store, matches, count)
		}

		It("is counted in one round trip without terms and by a value, and without a document read", func(ctx context.Context) {
			Expect(matches.Find().Count(ctx)).To(Equal(0))
			write(ctx, 30)
			Expect(matches.Find().Count(ctx)).To(Equal(30))
			Expect(matches.Find(ByPlayer.Is("bob")).Count(ctx)).To(Equal(10))
			Expect(store.Trips.Taken()).To(Equal(2))
			Expect(matches.Find(ByPlayer.AtLeast("a")).Count(ctx)).To(Equal(30), "each once")
			Expect(matches.Find(ByPlayer.Is("bob"), ByRating.Below(5)).Count(ctx)).To(Equal(5))
			Expect(matches.Find(kv.Or(ByPlayer.Is("bob"), ByRating.Is(1))).Count(ctx)).To(Equal(12))
			Expect(store.Trips.Taken()).To(Equal(5))
			Expect(store.Trips.Of(drivers.OpGet)).To(Equal(0))
		})
		It("is counted in a batch where one round trip does it", func(ctx context.Context) {
			write(ctx, 6)
			batch := kv.Batch{}
			count := batch.Do(batch.Bind(matches).Find(ByPlayer.Is("bob")).Count)
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(count.Get()).To(Equal(2))
		})
		It("is counted by the values of an index", func(ctx context.Context) {
			counts := func(query kv.Query[string, Match]) (counts []kv.ValueCount[int]) {
				for count, err := range query.CountBy(ctx, ByRating) {
					Expect(err).NotTo(HaveOccurred())
					counts = append(counts, count)
				}
				return counts
			}
			Expect(counts(matches.Find())).To(BeEmpty())
			write(ctx, 25)
			Expect(counts(matches.Find())).To(HaveExactElements(HaveField("Count", 3), HaveField("Count", 3), HaveField("Count", 3),
				HaveField("Count", 3), kv.ValueCount[int]{Value: 4, Count: 3}, kv.ValueCount[int]{Value: 5, Count: 2},
				HaveField("Count", 2), HaveField("Count", 2), HaveField("Count", 2), HaveField("Count", 2)))
			Expect(store.Trips.Taken()).To(BeNumerically("<=", 4), "the empty store is asked twice")
			Expect(counts(matches.Find(ByPlayer.Is("bob")))).To(HaveLen(9))
			Expect(counts(matches.Find(ByRating.Between(7, 9)).Backwards())).To(Equal([]kv.ValueCount[int]{{Value: 8, Count: 2}, {Value: 7, Count: 2}}))
			for _, err := range matches.Find().CountBy(ctx, kv.IndexKey[string]("rating")) {
				Expect(err).To(MatchError(kv.ErrTypeMismatch))
			}
		})
		It("is counted by values that many have without going through them", func(ctx context.Context) {
			write(ctx, 600)
			got := map[string]int{}
			for count, err := range matches.Find().CountBy(ctx, ByPlayer) {
				Expect(err).NotTo(HaveOccurred())
				got[count.Value] = count.Count
			}
			Expect(got).To(Equal(map[string]int{"ann": 600, "bob": 200}))
			for count := range matches.Find().Backwards().CountBy(ctx, ByPlayer) {
				Expect(count).To(Equal(kv.ValueCount[string]{Value: "bob", Count: 200}))
				break
			}
			Expect(store.Trips.Taken()).To(BeNumerically("<=", 5))
		})

		It("is erased, with its entries, page by page", func(ctx context.Context) {
			write(ctx, 600)
			Expect(matches.Find(ByPlayer.Is("bob"), ByRating.AtLeast(5)).Erase(ctx)).To(Equal(100))
			Expect(store.Trips.Taken()).To(Equal(3), "found, read, erased")
			Expect(matches.Find(ByPlayer.Is("bob")).Count(ctx)).To(Equal(100))
			Expect(stale(ctx, matches)).To(BeEmpty())
			Expect(matches.Find().Erase(ctx)).To(Equal(500))
			Expect(matches.Len(ctx)).To(Equal(0))
			Expect(matches.Find().Erase(ctx)).To(Equal(0))
			Expect(kvtest.ErrorOf(matches.Find(kv.Or()).Erase(ctx))).To(MatchError(kv.ErrInvalid))
		})
		It("is not erased if it has changed so that the query would not find it", func(ctx context.Context) {
			write(ctx, 9)
			meddled := 0
			meddling := drivers.Use(store.Driver, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
				if b.Items[0].Command.Op == drivers.OpCompareAndSwap && meddled == 0 {
					meddled++
					changed := numbered(0)
					changed.Players = []string{"cid"} // is found no more
					Expect(matches.Take("000").Write(ctx, changed)).To(Succeed())
					changed = numbered(3)
					changed.Rating = 77 // is found all the same
					Expect(matches.Take("003").Write(ctx, changed)).To(Succeed())
					Expect(matches.Take("006").Erase(ctx)).To(BeTrue())
				}
				return next(ctx, b)
			})
			Expect(kv.MustOpen(Club, meddling).Take(Matches).Find(ByPlayer.Is("bob")).Erase(ctx)).To(Equal(1))
			Expect(found(ctx, matches.Find())).To(Equal([]string{"000", "001", "002", "004", "005", "007", "008"}))
			Expect(stale(ctx, matches)).To(BeEmpty())
		})
		It("is left if it does not fit the schema, and the rest erased", func(ctx context.Context) {
			write(ctx, 5)
			spoil(ctx, store.Raw, drivers.Command{Op: drivers.OpSet, Key: "{club}:matches:002", Value: `{"players":7}`})
			erased, err := matches.Find().Erase(ctx)
			Expect(err).To(MatchError(kv.ErrCorrupt))
			Expect(erased).To(Equal(4))
			Expect(matches.Len(ctx)).To(Equal(1))
		})
		It("is erased within a transaction", func(ctx context.Context) {
			write(ctx, 9)
			Expect(kv.Atomic(ctx, matches, func(ctx context.Context, tx kv.CollectionStore[Match]) error {
				Expect(tx.Find(ByPlayer.Is("bob")).Erase(ctx)).To(Equal(3))
				Expect(tx.Find(ByPlayer.Is("bob")).Count(ctx)).To(Equal(0))
				return nil
			})).To(Succeed())
			Expect(matches.Len(ctx)).To(Equal(6))
			Expect(stale(ctx, matches)).To(BeEmpty())
		})
	})
})

var _ = Describe("An index that is declared no more", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		at := kv.At("matches")
		It("is found by Check with all that it has, and erased by Reindex", func(ctx context.Context) {
			store := open(ctx)
			before := kv.MustOpen(kv.Colocated(MatchSchema), store.Driver, at)
			after := kv.MustOpen(kv.Colocated(kv.Collection(kv.JSON[Match](), kv.Index(ByRating, func(m Match) []int { return []int{m.Rating} }))), store.Driver, at)
			other := kv.MustOpen(kv.Colocated(MatchSchema), store.Driver, kv.At("others"))
			for n := range 6 {
				Expect(before.Take(fmt.Sprint(n)).Write(ctx, numbered(n))).To(Succeed())
				Expect(other.Take(fmt.Sprint(n)).Write(ctx, numbered(n))).To(Succeed())
			}
			Expect(after.Take("1").Erase(ctx)).To(BeTrue())
			Expect(after.Take("2").Write(ctx, numbered(2))).To(Succeed())
			Expect(stale(ctx, after)).To(ContainElements(
				"the index code is not declared", "the index player is not declared", "the index start is not declared", "the registry lacks 3"))
			Expect(stale(ctx, after)).NotTo(ContainElement(ContainSubstring("2")))

			Expect(after.Reindex(ctx)).To(Equal(5))
			Expect(stale(ctx, after)).To(BeEmpty())
			for key, err := range drivers.Scan(ctx, store.Raw, drivers.Command{Op: drivers.OpScanKeys, Key: "%index:{matches}"}) {
				Expect(err).NotTo(HaveOccurred())
				Expect(key).To(BeElementOf("%index:{matches}::", "%index:{matches}::rating"))
			}
			record, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpHGet, Key: "%index:{matches}", Value: "3"})
			Expect(err).NotTo(HaveOccurred())
			Expect(strings.Contains(record.Value, "ann")).To(BeFalse(), "the registry has forgotten, too")
			Expect(stale(ctx, other)).To(BeEmpty(), "another collection has nothing to do with it")
			Expect(other.Find(ByPlayer.Is("ann")).Count(ctx)).To(Equal(6))
		})
		It("is erased of a store that only indexes its keys, too", func(ctx context.Context) {
			store := open(ctx)
			before := kv.MustOpen(kv.Colocated(MatchSchema), store.Driver, at)
			Expect(before.Take("1").Write(ctx, numbered(1))).To(Succeed())
			after := kv.MustOpen(kv.Colocated(kv.IndexKeys(kv.Dynamic(kv.JSON[Match]()))), store.Driver, at)
			Expect(kv.Reindex(ctx, after)).To(Equal(1))
			Expect(kvtest.ErrorOf(store.Raw.Do(ctx, drivers.Command{Op: drivers.OpExists, Key: "%index:{matches}::player"}))).To(Succeed())
			Expect(store.Raw.Do(ctx, drivers.Command{Op: drivers.OpExists, Key: "%index:{matches}::player"})).To(HaveField("Int", int64(0)))
			Expect(kvtest.Collect(after.Keys(ctx))).To(Equal([]string{"1"}))
		})
	})
})

var _ = Describe("A program that does not know a unique index", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		const ByMail kv.IndexKey[string] = "mail"
		var (
			store          kvtest.Backend
			older          kv.DynamicStore[kv.JSONField[Match]]
			newer          kv.CollectionStore[Match]
			mailed         = func(mail string) Match { return Match{Players: []string{}, Code: mail} }
			withoutTheRest = kv.Colocated(kv.Collection(kv.JSON[Match](), kv.Index(ByRating, func(m Match) []int { return []int{m.Rating} })))
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			newer = kv.MustOpen(kv.Colocated(kv.Collection(kv.JSON[Match](), kv.Unique(ByMail, codeOf))), store.Driver, kv.At("users"))
			older = kv.MustOpen(kv.Colocated(kv.Dynamic(kv.JSON[Match]())), store.Driver, kv.At("users"))
		})
		It("leaves a value held by a document that does not have it, which the next writer notices", func(ctx context.Context) {
			Expect(newer.Take("1").Write(ctx, mailed("a@x"))).To(Succeed())
			Expect(older.Take("1").Write(ctx, mailed("z@x"))).To(Succeed())
			Expect(stale(ctx, newer)).To(ConsistOf("the index mail should not have 1", "the index mail lacks 1", "the registry lacks 1"))
			Expect(newer.Take("2").Write(ctx, mailed("a@x"))).To(Succeed())
			Expect(stale(ctx, newer)).To(BeEmpty(), "1 is where it belongs, too")
			Expect(newer.Take("3").Write(ctx, mailed("z@x"))).To(MatchError(kv.ErrDuplicate))
			Expect(newer.Take("1").Write(ctx, mailed("a@x"))).To(MatchError(ContainSubstring("held by 2")))
		})
		It("is noticed whichever way the next writer writes", func(ctx context.Context) {
			older := kv.MustOpen(withoutTheRest, store.Driver, kv.At("users"))
			for i, write := range []func(kv.JSONField[Match]) error{
				func(f kv.JSONField[Match]) error { return f.Write(ctx, mailed("a@x")) },
				func(f kv.JSONField[Match]) error { return kvtest.ErrorOf(f.Swap(ctx, mailed("a@x"))) },
				func(f kv.JSONField[Match]) error {
					return kvtest.ErrorOf(f.Upsert(ctx, func(m *Match) error { *m = mailed("a@x"); return nil }))
				},
				func(f kv.JSONField[Match]) error {
					return kv.Atomic(ctx, f, func(ctx context.Context, tx kv.JSONField[Match]) error { return tx.Write(ctx, mailed("a@x")) })
				},
			} {
				Expect(newer.Take("1").Write(ctx, mailed("a@x"))).To(Succeed())
				Expect(older.Take("1").Write(ctx, mailed("z@x"))).To(Succeed())
				next := newer.Take(fmt.Sprint("next", i))
				Expect(write(next)).To(Succeed())
				Expect(next.Erase(ctx)).To(BeTrue())
				Expect(newer.Take("1").Erase(ctx)).To(BeTrue())
				Expect(stale(ctx, newer)).To(ConsistOf("the index rating is not declared"), "which is the older program's")
			}
		})
		It("is put right as far as can be where what the document has by now is held in turn", func(ctx context.Context) {
			older := kv.MustOpen(withoutTheRest, store.Driver, kv.At("users"))
			Expect(newer.Take("1").Write(ctx, mailed("a@x"))).To(Succeed())
			Expect(newer.Take("9").Write(ctx, mailed("z@x"))).To(Succeed())
			Expect(older.Take("1").Write(ctx, mailed("z@x"))).To(Succeed())
			Expect(newer.Take("2").Write(ctx, mailed("a@x"))).To(Succeed())
			Expect(stale(ctx, newer)).To(ContainElement("the index mail lacks 1"))
			Expect(newer.Take("9").Erase(ctx)).To(BeTrue())
			Expect(newer.Reindex(ctx)).To(Equal(2))
			Expect(newer.Find(ByMail.Is("z@x")).First(ctx)).To(HaveField("Key", "1"))
		})
	})
})
