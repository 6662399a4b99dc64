package members_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/redisserver"
)

type mapPrice struct {
	Cents int `json:"cents" jsonschema:"minimum=0"`
}

const (
	mapPrices kv.Key[kv.MapField[string, mapPrice]]  = "prices"
	mapHits   kv.Key[kv.MapField[netip.Addr, int64]] = "hits"
	mapBrief  kv.Key[kv.MapField[string, string]]    = "brief"
)

var mapShop = kv.Static("shop").Map(mapPrices).MapOf(mapHits).Map(mapBrief, kv.ExpireIn(time.Hour))

var _ = Describe("Maps", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store  kvtest.Backend
			shop   kv.StaticStore
			prices kv.MapField[string, mapPrice]
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			shop = kv.MustOpen(mapShop, store.Driver)
			prices = shop.Take(mapPrices)
		})
		// costs expects an operation to be one round trip.
		costs := func(n int, what string) {
			GinkgoHelper()
			Expect(store.Trips.Taken()).To(Equal(n), "round trips of "+what)
			store.Trips.Reset()
		}

		It("are written and read key by key, each in one round trip", func(ctx context.Context) {
			store.Trips.Reset()
			Expect(prices.Put(ctx, "tea", mapPrice{250})).To(Succeed())
			costs(1, "Put")
			Expect(prices.Get(ctx, "tea")).To(Equal(mapPrice{250}))
			costs(1, "Get")
			Expect(prices.PutMany(ctx, map[string]mapPrice{"tea": {300}, "": {0}, "milk": {90}})).To(Equal(2))
			costs(1, "PutMany")
			Expect(prices.GetMany(ctx, "tea", "", "beer", "tea")).To(Equal(map[string]mapPrice{"tea": {300}, "": {0}}))
			costs(1, "GetMany")
			Expect(prices.Read(ctx)).To(Equal(map[string]mapPrice{"tea": {300}, "": {0}, "milk": {90}}))
			costs(1, "Read")
			Expect(prices.Has(ctx, "tea")).To(BeTrue())
			Expect(prices.Has(ctx, "beer")).To(BeFalse())
			Expect(prices.Len(ctx)).To(Equal(3))
			Expect(prices.Remove(ctx, "tea", "beer")).To(Equal(1))
			costs(4, "Has, Has, Len, Remove")
			Expect(prices.Write(ctx, map[string]mapPrice{"beer": {1}})).To(Succeed())
			costs(1, "Write")
			Expect(prices.Read(ctx)).To(Equal(map[string]mapPrice{"beer": {1}}))
		})
		It("are empty where absent, but a key that is read by itself is ErrNotFound", func(ctx context.Context) {
			_, err := prices.Get(ctx, "tea")
			Expect(err).To(MatchError(kv.ErrNotFound))
			Expect(err).To(MatchError("kv: Get shop:prices: not found: tea"))
			Expect(err).To(MatchError(ContainSubstring("kv: Get shop:prices")))
			Expect(prices.Read(ctx)).To(BeEmpty())
			Expect(prices.GetMany(ctx, "tea")).To(BeEmpty())
			Expect(prices.Len(ctx)).To(BeZero())
			Expect(prices.Remove(ctx, "tea")).To(BeZero())
			Expect(prices.Exists(ctx)).To(BeFalse())
		})
		It("do nothing without keys, in no round trip", func(ctx context.Context) {
			store.Trips.Reset()
			Expect(prices.PutMany(ctx, nil)).To(BeZero())
			Expect(prices.Remove(ctx)).To(BeZero())
			Expect(prices.GetMany(ctx)).To(BeEmpty())
			costs(0, "nothing")
			Expect(prices.Write(ctx, nil)).To(Succeed())
			Expect(prices.Exists(ctx)).To(BeFalse())
		})
		It("refuse what cannot be written, and change nothing", func(ctx context.Context) {
			Expect(prices.Put(ctx, "tea", mapPrice{-1})).To(MatchError(kv.ErrInvalid))
			_, err := prices.PutMany(ctx, map[string]mapPrice{"tea": {1}, "milk": {-1}})
			Expect(err).To(MatchError(kv.ErrInvalid))
			Expect(prices.Write(ctx, map[string]mapPrice{"tea": {-1}})).To(MatchError(kv.ErrInvalid))
			Expect(prices.Exists(ctx)).To(BeFalse())
		})
		It("say so if what is stored does not fit, and All goes on", func(ctx context.Context) {
			hits := shop.Take(mapHits)
			Expect(hits.Put(ctx, netip.MustParseAddr("::1"), 7)).To(Succeed())
			_, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpHSet, Key: "shop:hits", Values: []string{"nobody", "1", "::2", "x"}})
			Expect(err).NotTo(HaveOccurred())
			_, err = hits.Get(ctx, netip.MustParseAddr("::2"))
			Expect(err).To(MatchError(kv.ErrCorrupt))
			_, err = hits.Read(ctx)
			Expect(err).To(MatchError(kv.ErrCorrupt))
			_, err = hits.GetMany(ctx, netip.MustParseAddr("::1"), netip.MustParseAddr("::2"))
			Expect(err).To(MatchError(kv.ErrCorrupt))
			good, bad := 0, 0
			for entry, err := range hits.All(ctx) {
				if err == nil {
					good++
					Expect(entry).To(Equal(kv.Entry[netip.Addr, int64]{Key: netip.MustParseAddr("::1"), Value: 7}))
				} else {
					bad++
					Expect(err).To(MatchError(kv.ErrCorrupt))
				}
			}
			Expect([]int{good, bad}).To(Equal([]int{1, 2}))
			_, err = kv.IncrementIn(ctx, hits, netip.MustParseAddr("::2"), 1)
			Expect(err).To(MatchError(kv.ErrInvalid))
		})
		It("are walked page by page", func(ctx context.Context) {
			brief := shop.Take(mapBrief)
			want := map[string]string{}
			for i := range 2000 {
				want[fmt.Sprint(i)] = fmt.Sprint(-i)
			}
			Expect(brief.PutMany(ctx, want)).To(Equal(2000))
			store.Trips.Reset()
			got := map[string]string{}
			for entry, err := range brief.All(ctx) {
				Expect(err).NotTo(HaveOccurred())
				Expect(got).NotTo(HaveKey(entry.Key))
				got[entry.Key] = entry.Value
			}
			Expect(got).To(Equal(want))
			Expect(store.Trips.Taken()).To(BeNumerically("<=", 5))
			keys := 0
			for key, err := range brief.Keys(ctx) {
				Expect(err).NotTo(HaveOccurred())
				Expect(want).To(HaveKey(key))
				if keys++; keys == 10 {
					break
				}
			}
			Expect(keys).To(Equal(10))
		})
		It("have the schema's TTL: a replacement starts it anew, a change leaves it", func(ctx context.Context) {
			brief := shop.Take(mapBrief)
			Expect(brief.Put(ctx, "a", "1")).To(Succeed())
			Expect(brief.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
			Expect(brief.Expire(ctx, time.Minute)).To(BeTrue())
			Expect(brief.PutMany(ctx, map[string]string{"b": "2"})).To(Equal(1))
			Expect(brief.TTL(ctx)).To(BeNumerically("<=", time.Minute))
			Expect(brief.Write(ctx, map[string]string{"c": "3"})).To(Succeed())
			Expect(brief.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
			Expect(brief.Write(ctx, map[string]string{"c": "3"}, kv.NoExpiry)).To(Succeed())
			Expect(brief.TTL(ctx)).To(Equal(kv.NoTTL))
			Expect(brief.Write(ctx, nil, kv.IfAbsent)).To(MatchError(kv.ErrConditionFailed))
		})
		It("count", func(ctx context.Context) {
			hits, here := shop.Take(mapHits), netip.MustParseAddr("::1")
			store.Trips.Reset()
			Expect(kv.IncrementIn(ctx, hits, here, 5)).To(BeEquivalentTo(5))
			Expect(kv.IncrementIn(ctx, hits, here, -7)).To(BeEquivalentTo(-2))
			costs(2, "IncrementIn")
			Expect(hits.Get(ctx, here)).To(BeEquivalentTo(-2))
			Expect(hits.Put(ctx, here, math.MaxInt64)).To(Succeed())
			_, err := kv.IncrementIn(ctx, hits, here, 1)
			Expect(err).To(MatchError(kv.ErrOverflow))
			Expect(err).To(MatchError(HaveSuffix("the number does not fit: it has to be within 64 bits")))
			Expect(err).To(MatchError(ContainSubstring("kv: IncrementIn shop:hits")))
			Expect(hits.Get(ctx, here)).To(BeEquivalentTo(math.MaxInt64))

			small := kv.MustOpen(kv.Map[uint8](), store.Driver, kv.At("small"))
			Expect(kv.IncrementIn(ctx, small, "a", 255)).To(BeEquivalentTo(255))
			_, err = kv.IncrementIn(ctx, small, "a", 1)
			Expect(err).To(MatchError(kv.ErrOverflow))
			Expect(err).To(MatchError(HaveSuffix("it has to be at least 0 and at most 255")))
			Expect(small.Get(ctx, "a")).To(BeEquivalentTo(255))

			sums := kv.MustOpen(kv.Map[float64](), store.Driver, kv.At("sums"))
			Expect(kv.IncrementIn(ctx, sums, "a", 0.1)).To(Equal(0.1))
			Expect(kv.IncrementIn(ctx, sums, "a", 0.2)).To(Equal(0.3))
			_, err = kv.IncrementIn(ctx, sums, "a", math.Inf(1))
			Expect(err).To(MatchError(kv.ErrInvalid))
			single := kv.MustOpen(kv.Map[float32](), store.Driver, kv.At("single"))
			Expect(single.Put(ctx, "a", math.MaxFloat32)).To(Succeed())
			_, err = kv.IncrementIn(ctx, single, "a", math.MaxFloat32)
			Expect(err).To(MatchError(kv.ErrOverflow))

			spent := kv.MustOpen(kv.Map[time.Duration](), store.Driver, kv.At("spent"))
			_, err = kv.IncrementIn(ctx, spent, "a", time.Second)
			Expect(err).To(MatchError(kv.ErrTypeMismatch))
			huge := kv.MustOpen(kv.Map[uint64](), store.Driver, kv.At("huge"))
			_, err = kv.IncrementIn(ctx, huge, "a", math.MaxUint64)
			Expect(err).To(MatchError(kv.ErrOverflow))
		})
		It("of numbers keep to the bounds of the schema, in one step", func(ctx context.Context) {
			stock := kv.MustOpen(kv.Map[int64](kv.AtLeast(0), kv.AtMost(10)), store.Driver, kv.At("stock"))
			store.Trips.Reset()
			Expect(kv.IncrementIn(ctx, stock, "a", 10)).To(Equal(int64(10)))
			for _, by := range []int64{1, -11} {
				_, err := kv.IncrementIn(ctx, stock, "a", by)
				Expect(err).To(MatchError(kv.ErrOverflow))
			}
			_, err := kv.IncrementIn(ctx, stock, "b", -1)
			Expect(err).To(MatchError(kv.ErrOverflow))
			costs(4, "IncrementIn")
			Expect(stock.Put(ctx, "a", 11)).To(MatchError(kv.ErrInvalid))
			Expect(stock.Write(ctx, map[string]int64{"a": -1})).To(MatchError(kv.ErrInvalid))
			Expect(stock.Read(ctx)).To(Equal(map[string]int64{"a": 10}))
			Expect(kv.Atomic(ctx, stock, func(ctx context.Context, tx kv.MapField[string, int64]) error {
				Expect(kv.IncrementIn(ctx, tx, "a", -9)).To(Equal(int64(1)))
				_, err := kv.IncrementIn(ctx, tx, "a", -2)
				Expect(err).To(MatchError(kv.ErrOverflow))
				Expect(kv.IncrementIn(ctx, tx, "b", 3)).To(Equal(int64(3)))
				return nil
			})).To(Succeed())
			Expect(stock.Read(ctx)).To(Equal(map[string]int64{"a": 1, "b": 3}))
			_, err = kv.MustOpen(kv.Map[int64](kv.AtMost(0)), store.Driver, kv.At("stock")).Get(ctx, "a")
			Expect(err).To(MatchError(kv.ErrCorrupt))

			small := kv.MustOpen(kv.Map[uint8](kv.AtMost(100)), store.Driver, kv.At("small"))
			Expect(kv.IncrementIn(ctx, small, "a", 100)).To(BeEquivalentTo(100))
			_, err = kv.IncrementIn(ctx, small, "a", 1)
			Expect(err).To(MatchError(kv.ErrOverflow))
			ratios := kv.MustOpen(kv.Map[float64](kv.AtMost(0.5)), store.Driver, kv.At("ratios"))
			_, err = kv.IncrementIn(ctx, ratios, "a", 0.75)
			Expect(err).To(MatchError(kv.ErrOverflow))
			Expect(ratios.Exists(ctx)).To(BeFalse())
		})
		It("are mistakes of the schema with bounds that cannot be", func() {
			for says, err := range map[string]error{
				"whose text is no number":   kvtest.Opening(kv.Map[string](kv.AtLeast(0))),
				"bounds of a time.Duration": kvtest.Opening(kv.Map[time.Duration](kv.AtLeast(0))),
				"-1 is no bound of a uint8": kvtest.Opening(kv.Map[uint8](kv.AtLeast(-1))),
				"0.5 is no bound of a int":  kvtest.Opening(kv.Map[int](kv.AtLeast(0.5))),
				"at least 2 and at most 1":  kvtest.Opening(kv.Map[int](kv.AtLeast(2), kv.AtMost(1))),
			} {
				Expect(err).To(MatchError(ContainSubstring(says)))
			}
		})
		It("have TTLs of keys where the store has, and say so where not", func(ctx context.Context) {
			brief := shop.Take(mapBrief)
			Expect(brief.PutMany(ctx, map[string]string{"a": "1", "b": "2"})).To(Equal(2))
			_, err := brief.ExpireFields(ctx, -time.Minute, "a")
			Expect(err).To(MatchError(kv.ErrInvalid))
			if _, inMemory := store.Raw.(*memory.Driver); !inMemory && !redisserver.Since(7, 4) {
				for range 2 {
					_, err := brief.ExpireFields(ctx, time.Minute, "a")
					Expect(err).To(MatchError(errors.ErrUnsupported))
					_, err = brief.FieldTTL(ctx, "a")
					Expect(err).To(MatchError(errors.ErrUnsupported))
					_, err = brief.PersistFields(ctx, "a")
					Expect(err).To(MatchError(errors.ErrUnsupported))
				}
				Expect(brief.Read(ctx)).To(HaveLen(2))
				return
			}
			Expect(brief.FieldTTL(ctx, "a")).To(Equal(kv.NoTTL))
			Expect(brief.ExpireFields(ctx, time.Hour, "a", "b", "c")).To(Equal(2))
			Expect(brief.FieldTTL(ctx, "a")).To(BeNumerically("~", time.Hour, time.Minute))
			_, err = brief.FieldTTL(ctx, "c")
			Expect(err).To(MatchError(kv.ErrNotFound))
			Expect(brief.PersistFields(ctx, "a", "c")).To(Equal(1))
			Expect(brief.FieldTTL(ctx, "a")).To(Equal(kv.NoTTL))
			Expect(brief.ExpireFields(ctx, time.Millisecond, "b")).To(Equal(1))
			Eventually(brief.Read).WithContext(ctx).Should(Equal(map[string]string{"a": "1"}))
		})
		It("work in batches and are read together", func(ctx context.Context) {
			var batch kv.Batch
			bound := batch.Bind(prices)
			added := batch.Do(func(ctx context.Context) (int, error) {
				return bound.PutMany(ctx, map[string]mapPrice{"tea": {1}, "milk": {2}})
			})
			all := batch.Do(bound.Read)
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(added.Get()).To(Equal(2))
			Expect(all.Get()).To(HaveLen(2))

			many := kv.MustOpen(kv.Dynamic(kv.Map[int]()), store.Driver, kv.At("many"))
			Expect(many.Take("a").Put(ctx, "x", 1)).To(Succeed())
			store.Trips.Reset()
			var read []kv.Entry[string, map[string]int]
			for entry, err := range kv.ReadMany(ctx, many, "a", "b") {
				Expect(err).NotTo(HaveOccurred())
				read = append(read, entry)
			}
			Expect(read).To(Equal([]kv.Entry[string, map[string]int]{{Key: "a", Value: map[string]int{"x": 1}}, {Key: "b", Value: map[string]int{}}}))
			costs(1, "ReadMany")
		})
		It("take part in transactions with their true results", func(ctx context.Context) {
			Expect(prices.Put(ctx, "tea", mapPrice{1})).To(Succeed())
			hits, here := shop.Take(mapHits), netip.MustParseAddr("::1")
			Expect(hits.Put(ctx, here, 41)).To(Succeed())
			Expect(kv.Atomic(ctx, shop, func(ctx context.Context, tx kv.StaticStore) error {
				Expect(tx.Take(mapPrices).Get(ctx, "tea")).To(Equal(mapPrice{1}))
				Expect(tx.Take(mapPrices).PutMany(ctx, map[string]mapPrice{"tea": {2}, "milk": {3}})).To(Equal(1))
				Expect(kv.IncrementIn(ctx, tx.Take(mapHits), here, 1)).To(BeEquivalentTo(42))
				Expect(tx.Take(mapBrief).Write(ctx, map[string]string{"a": "1"}, kv.IfAbsent)).To(Succeed())
				return nil
			})).To(Succeed())
			Expect(prices.Read(ctx)).To(Equal(map[string]mapPrice{"tea": {2}, "milk": {3}}))
			Expect(hits.Get(ctx, here)).To(BeEquivalentTo(42))
			failed := errors.New("no")
			Expect(kv.Atomic(ctx, shop, func(ctx context.Context, tx kv.StaticStore) error {
				Expect(tx.Take(mapPrices).Remove(ctx, "tea", "beer")).To(Equal(1))
				return failed
			})).To(MatchError(failed))
			Expect(prices.Len(ctx)).To(Equal(2))
		})
		It("are copied with all their keys", func(ctx context.Context) {
			want := map[string]string{}
			for i := range 1500 {
				want[fmt.Sprint(i)] = "x"
			}
			Expect(shop.Take(mapBrief).Write(ctx, want)).To(Succeed())
			copied := kv.MustOpen(mapShop, memory.New())
			_, err := kv.Copy(ctx, shop, copied)
			Expect(err).NotTo(HaveOccurred())
			Expect(copied.Take(mapBrief).Read(ctx)).To(Equal(want))
			Expect(copied.Take(mapBrief).TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
		})
	})

	It("are mistakes of the schema where keys or values have no text", func() {
		_, err := kv.Open(kv.Map[chan int](), memory.New(), kv.At("m"))
		Expect(err).To(MatchError(ContainSubstring("chan int")))
		_, err = kv.Open(kv.MapOf[chan int, string](), memory.New(), kv.At("m"))
		Expect(err).To(MatchError(ContainSubstring("chan int")))
	})
	It("carry the error of a wrong Take, whatever is done", func(ctx context.Context) {
		wrong := kv.MustOpen(mapShop, memory.New()).Take[kv.MapField[string, int]]("prices")
		_, err := wrong.Get(ctx, "a")
		Expect(err).To(MatchError(kv.ErrTypeMismatch))
		_, err = wrong.PutMany(ctx, nil)
		Expect(err).To(MatchError(kv.ErrTypeMismatch))
		_, err = kv.IncrementIn(ctx, wrong, "a", 1)
		Expect(err).To(MatchError(kv.ErrTypeMismatch))
		_, err = wrong.ExpireFields(ctx, time.Hour, "a")
		Expect(err).To(MatchError(kv.ErrTypeMismatch))
		for _, err := range (kv.MapField[string, int]{}).All(ctx) {
			Expect(err).To(MatchError(kv.ErrUndeclared))
		}
	})
})
