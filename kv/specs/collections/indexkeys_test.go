package collections_test

import (
	"context"
	"fmt"
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
	Aisles  kv.Key[kv.DynamicStore[kv.StaticStore]] = "aisles"
	Caption kv.Key[kv.StringField]                  = "label"
	Layout  kv.Key[kv.JSONField[kvtest.RoomConfig]] = "layout"
	Goods   kv.Key[kv.SetField]                     = "goods"
	Stock   kv.Key[kv.BitSetField]                  = "stock"
	Bins    kv.Key[kv.DynamicStore[kv.SetField]]    = "bins"
	Lent    kv.Key[kv.CollectionStore[Match]]       = "lent"
)

func depot(indexed bool) kv.Schema[kv.StaticStore] {
	index, indexAisles := kv.IndexKeys[string, kv.SetField], kv.IndexKeys[string, kv.StaticStore]
	if !indexed {
		index = func(s kv.Schema[kv.DynamicStore[kv.SetField]]) kv.Schema[kv.DynamicStore[kv.SetField]] { return s }
		indexAisles = func(s kv.Schema[kv.DynamicStore[kv.StaticStore]]) kv.Schema[kv.DynamicStore[kv.StaticStore]] {
			return s
		}
	}
	aisle := kv.Static("aisle").String(Caption).JSON(Layout).Set(Goods).BitSet(Stock, kv.U8).
		Field(Bins, index(kv.Dynamic(kv.Set()))).
		Field(Lent, MatchSchema)
	return kv.Colocated(kv.Static("depot").Field(Aisles, indexAisles(kv.Dynamic(aisle))).String(kvtest.Note))
}

// Depot indexes the keys of its aisles, and those of the bins of each aisle.
var Depot = depot(true)

var _ = Describe("A store that indexes its keys", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store  kvtest.Backend
			house  kv.StaticStore
			aisles kv.DynamicStore[kv.StaticStore]
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			house = kv.MustOpen(Depot, store.Driver)
			aisles = house.Take(Aisles)
		})

		It("lists them at the cost of its children, not of the database", func(ctx context.Context) {
			for i := range 30 {
				Expect(aisles.Take(fmt.Sprint(i)).Take(Caption).Write(ctx, "x")).To(Succeed())
			}
			store.Trips.Reset()
			Expect(kvtest.Collect(aisles.Keys(ctx))).To(HaveLen(30))
			Expect(store.Trips.Taken()).To(Equal(2), "HSCAN, pipelined EXISTS")
			Expect(aisles.Len(ctx)).To(Equal(30))
			Expect(store.Trips.Taken()).To(Equal(4))
			Expect(aisles.Take("7").Take(Bins).Len(ctx)).To(Equal(0))
			Expect(store.Trips.Taken()).To(Equal(6), "one more, as there never was a bin to register")
			Expect(house.Keys(ctx)).To(Equal([]string{"aisles"}))
			Expect(store.Trips.Listed()).To(BeFalse())
		})

		It("writes in one round trip", func(ctx context.Context) {
			store.Trips.Reset()
			Expect(aisles.Take("7").Take(Bins).Take("a").Add(ctx, "x", "y")).To(Equal(2))
			Expect(store.Trips.Taken()).To(Equal(1))
			Expect(kvtest.Collect(aisles.Keys(ctx))).To(Equal([]string{"7"}))
			Expect(kvtest.Collect(aisles.Take("7").Take(Bins).Keys(ctx))).To(Equal([]string{"a"}))
		})

		DescribeTable("has a child as long as that holds something", func(ctx context.Context, write, remove func(context.Context, kv.StaticStore) error) {
			Expect(write(ctx, aisles.Take("a:b"))).To(Succeed())
			Expect(kvtest.Collect(aisles.Keys(ctx))).To(Equal([]string{"a:b"}))
			Expect(aisles.Take("a:b").Take(Note0).Write(ctx, "x")).To(MatchError(kv.ErrUndeclared))
			Expect(aisles.Take("a:b").Take(Caption).Write(ctx, "another field")).To(Succeed())
			Expect(remove(ctx, aisles.Take("a:b"))).To(Succeed())
			Expect(kvtest.Collect(aisles.Keys(ctx))).To(Equal([]string{"a:b"}))
			Expect(aisles.Take("a:b").Take(Caption).Erase(ctx)).To(BeTrue())
			Expect(kvtest.Collect(aisles.Keys(ctx))).To(BeEmpty(), "the last field has gone")
			Expect(kvtest.KeysBelow(ctx, store.Raw, "{depot}")).To(BeEmpty())
			Expect(write(ctx, aisles.Take("a:b"))).To(Succeed())
			Expect(remove(ctx, aisles.Take("a:b"))).To(Succeed())
			Expect(aisles.Len(ctx)).To(Equal(0))
			Expect(house.Keys(ctx)).To(BeEmpty())
			Expect(kvtest.KeysBelow(ctx, store.Raw, "{depot}")).To(BeEmpty())
		},
			Entry("a document", func(ctx context.Context, a kv.StaticStore) error {
				return a.Take(Layout).Write(ctx, kvtest.RoomConfig{Seats: 1})
			}, func(ctx context.Context, a kv.StaticStore) error { return kvtest.ErrorOf(a.Take(Layout).Erase(ctx)) }),
			Entry("a document that is upserted", func(ctx context.Context, a kv.StaticStore) error {
				return kvtest.ErrorOf(a.Take(Layout).Upsert(ctx, func(c *kvtest.RoomConfig) error { c.Seats++; return nil }))
			}, func(ctx context.Context, a kv.StaticStore) error {
				return kvtest.ErrorOf(a.Take(Layout).ExpireAt(ctx, time.Unix(1, 0)))
			}),
			Entry("a set that is added to, and emptied", func(ctx context.Context, a kv.StaticStore) error {
				return kvtest.ErrorOf(a.Take(Goods).Add(ctx, "x", "y"))
			}, func(ctx context.Context, a kv.StaticStore) error {
				return kvtest.ErrorOf(a.Take(Goods).Remove(ctx, "x", "y"))
			}),
			Entry("a set that is replaced, by nothing in the end", func(ctx context.Context, a kv.StaticStore) error {
				return a.Take(Goods).Write(ctx, []string{"x"})
			}, func(ctx context.Context, a kv.StaticStore) error { return a.Take(Goods).Write(ctx, nil) }),
			Entry("a set that is popped", func(ctx context.Context, a kv.StaticStore) error {
				return kvtest.ErrorOf(a.Take(Goods).Add(ctx, "x", "y"))
			}, func(ctx context.Context, a kv.StaticStore) error { return kvtest.ErrorOf(a.Take(Goods).Pop(ctx, 2)) }),
			Entry("a bitset", func(ctx context.Context, a kv.StaticStore) error {
				return kvtest.ErrorOf(a.Take(Stock).Increment(ctx, 3, 1))
			}, func(ctx context.Context, a kv.StaticStore) error { return kvtest.ErrorOf(a.Take(Stock).Erase(ctx)) }),
			Entry("a child of a store below it", func(ctx context.Context, a kv.StaticStore) error {
				return kvtest.ErrorOf(a.Take(Bins).Take("{b}").Add(ctx, "x"))
			}, func(ctx context.Context, a kv.StaticStore) error {
				return kvtest.ErrorOf(a.Take(Bins).Take("{b}").Remove(ctx, "x"))
			}),
			Entry("a document of a collection below it", func(ctx context.Context, a kv.StaticStore) error {
				return a.Take(Lent).Take("1").Write(ctx, Match{Players: []string{"ann"}, Code: "x"})
			}, func(ctx context.Context, a kv.StaticStore) error { return kvtest.ErrorOf(a.Take(Lent).Erase(ctx)) }),
			Entry("what expires", func(ctx context.Context, a kv.StaticStore) error {
				return a.Take(Layout).Write(ctx, kvtest.RoomConfig{Seats: 1}, kv.ExpireIn(time.Hour))
			}, func(ctx context.Context, a kv.StaticStore) error {
				_, err := a.Take(Layout).Expire(ctx, time.Millisecond)
				time.Sleep(5 * time.Millisecond)
				return err
			}),
			Entry("what expires in a store below it", func(ctx context.Context, a kv.StaticStore) error {
				_, err := a.Take(Bins).Take("b").Add(ctx, "x")
				Expect(a.Take(Bins).Take("b").Expire(ctx, time.Hour)).To(BeTrue())
				return err
			}, func(ctx context.Context, a kv.StaticStore) error {
				_, err := a.Take(Bins).Take("b").Expire(ctx, time.Millisecond)
				time.Sleep(5 * time.Millisecond)
				return err
			}),
		)

		It("has bitsets that keep every bit of their numbers", func(ctx context.Context) {
			const wide, careful kv.Key[kv.BitSetField] = "wide", "careful"
			schema := kv.Colocated(kv.IndexKeys(kv.Dynamic(kv.Static("slots").BitSet(wide, kv.I64).BitSet(careful, kv.U8, kv.Fail))))
			slots := kv.MustOpen(schema, store.Driver, kv.At("slots"))
			Expect(slots.Take("a").Take(wide).Put(ctx, 3, math.MaxInt64-1)).To(Succeed())
			Expect(slots.Take("a").Take(wide).Increment(ctx, 3, 1)).To(BeEquivalentTo(math.MaxInt64))
			Expect(slots.Take("a").Take(wide).Get(ctx, 3)).To(BeEquivalentTo(math.MaxInt64))
			Expect(slots.Take("a").Take(wide).TTL(ctx)).To(Equal(kv.NoTTL))
			Expect(slots.Take("b").Take(careful).Increment(ctx, 0, 300)).Error().To(MatchError(kv.ErrOverflow))
			Expect(slots.Take("c").Take(careful).Increment(ctx, 0, 255)).To(BeEquivalentTo(255))
			Expect(slots.Take("c").Take(careful).Increment(ctx, 0, 1)).Error().To(MatchError(kv.ErrOverflow))
			Expect(kvtest.Collect(slots.Keys(ctx))).To(ConsistOf("a", "b", "c"), "as of BITFIELD, zeros are there after a refusal")
		})

		It("has fields with a time to live of their own", func(ctx context.Context) {
			const brief kv.Key[kv.SetField] = "brief"
			const count kv.Key[kv.BitSetField] = "count"
			const code kv.Key[kv.StringField] = "code"
			lifetime := kv.ExpireIn(time.Hour)
			schema := kv.Colocated(kv.IndexKeys(kv.Dynamic(kv.Static("ends").Set(brief, lifetime).BitSet(count, kv.U8, lifetime).String(code, lifetime))))
			ends := kv.MustOpen(schema, store.Driver, kv.At("ends"))
			Expect(ends.Take("a").Take(brief).Add(ctx, "x", "y")).To(Equal(2))
			Expect(ends.Take("a").Take(brief).Move(ctx, ends.Take("b").Take(brief), "x")).To(BeTrue())
			Expect(ends.Take("c").Take(count).Increment(ctx, 0, 1)).To(BeEquivalentTo(1))
			Expect(ends.Take("d").Take(code).Append(ctx, "x")).To(Equal(1))
			Expect(ends.Take("e").Take(code).Swap(ctx, "x")).To(HaveField("Exists", false))
			Expect(kvtest.Collect(ends.Keys(ctx))).To(ConsistOf("a", "b", "c", "d", "e"))
			for _, ttl := range []func(context.Context) (time.Duration, error){
				ends.Take("a").Take(brief).TTL, ends.Take("b").Take(brief).TTL, ends.Take("c").Take(count).TTL, ends.Take("d").Take(code).TTL, ends.Take("e").Take(code).TTL,
			} {
				Expect(ttl(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
			}
		})

		It("takes more members at once than a script can unpack", func(ctx context.Context) {
			goods := aisles.Take("1").Take(Goods)
			many := make([]string, 20_000)
			for i := range many {
				many[i] = fmt.Sprint(i)
			}
			Expect(goods.Add(ctx, many...)).To(Equal(20_000))
			Expect(goods.Write(ctx, many)).To(Succeed())
			Expect(goods.Remove(ctx, many...)).To(Equal(20_000))
			Expect(aisles.Len(ctx)).To(Equal(0))
		})

		It("is kept up to date by a move between two stores", func(ctx context.Context) {
			from, to := aisles.Take("1").Take(Bins).Take("a"), aisles.Take("2").Take(Bins).Take("b")
			Expect(from.Add(ctx, "x", "y")).To(Equal(2))
			Expect(from.Move(ctx, to, "nothing")).To(BeFalse())
			Expect(kvtest.Collect(aisles.Keys(ctx))).To(ConsistOf("1"))
			Expect(from.Move(ctx, to, "x")).To(BeTrue())
			Expect(kvtest.Collect(aisles.Keys(ctx))).To(ConsistOf("1", "2"))
			Expect(kvtest.Collect(aisles.Take("2").Take(Bins).Keys(ctx))).To(Equal([]string{"b"}))
			Expect(from.Move(ctx, to, "y")).To(BeTrue())
			Expect(kvtest.Collect(aisles.Keys(ctx))).To(ConsistOf("2"))
			Expect(aisles.Take("1").Take(Bins).Len(ctx)).To(Equal(0))
			Expect(to.Move(ctx, aisles.Take("2").Take(Bins).Take("c"), "x")).To(BeTrue())
			Expect(kvtest.Collect(aisles.Take("2").Take(Bins).Keys(ctx))).To(ConsistOf("b", "c"))
		})

		It("is kept up to date by batches and transactions, which may list it", func(ctx context.Context) {
			var batch kv.Batch
			bound := batch.Bind(aisles)
			for i := range 3 {
				batch.Exec(func(ctx context.Context) error { return bound.Take(fmt.Sprint(i)).Take(Caption).Write(ctx, "x") })
			}
			batch.Do(bound.Take("1").Take(Caption).Erase)
			Expect(batch.Run(ctx)).To(Succeed())
			Expect(kvtest.Collect(aisles.Keys(ctx))).To(ConsistOf("0", "2"))
			Expect(kv.Atomic(ctx, aisles, func(ctx context.Context, tx kv.DynamicStore[kv.StaticStore]) error {
				for key, err := range tx.Keys(ctx) {
					if err != nil {
						return err
					}
					if _, err := tx.Take(key).Take(Caption).Erase(ctx); err != nil {
						return err
					}
				}
				return kvtest.ErrorOf(tx.Take("9").Take(Bins).Take("a").Add(ctx, "x"))
			})).To(Succeed())
			Expect(kvtest.Collect(aisles.Keys(ctx))).To(ConsistOf("9"))
		})

		It("is erased with all it keeps", func(ctx context.Context) {
			for _, id := range hostile {
				Expect(aisles.Take(id).Take(Caption).Write(ctx, "x")).To(Succeed())
				Expect(aisles.Take(id).Take(Bins).Take(id).Add(ctx, "x")).To(Equal(1))
				Expect(aisles.Take(id).Take(Lent).Take(id).Write(ctx, Match{Players: []string{"ann"}})).To(Succeed())
			}
			Expect(kvtest.Collect(aisles.Keys(ctx))).To(ConsistOf(hostile))
			Expect(aisles.Take("{x}").Erase(ctx)).To(Equal(3))
			Expect(aisles.Len(ctx)).To(Equal(len(hostile) - 1))
			Expect(aisles.Take("x").Take(Bins).Erase(ctx)).To(Equal(1))
			Expect(aisles.Len(ctx)).To(Equal(len(hostile) - 1))
			Expect(aisles.Count(ctx)).To(Equal(3*len(hostile) - 4))
			Expect(house.Erase(ctx)).To(Equal(3*len(hostile) - 4))
			Expect(aisles.Len(ctx)).To(Equal(0))
			Expect(kvtest.KeysBelow(ctx, store.Raw, "{depot}")).To(BeEmpty())
		})

		It("may be left and changed in the middle of a listing", func(ctx context.Context) {
			for i := range 100 {
				Expect(aisles.Take(fmt.Sprint(i)).Take(Caption).Write(ctx, "x")).To(Succeed())
			}
			for range aisles.Keys(ctx) {
				break
			}
			for key := range aisles.Keys(ctx) {
				Expect(aisles.Take(key).Take(Caption).Erase(ctx)).To(BeTrue())
			}
			Expect(aisles.Len(ctx)).To(Equal(0))
		})

		It("lists each key once among thousands", func(ctx context.Context) {
			bins := aisles.Take("1").Take(Bins)
			var batch kv.Batch
			bound := batch.Bind(bins)
			for i := range 3000 {
				batch.Do(func(ctx context.Context) (int, error) { return bound.Take(fmt.Sprint(i)).Add(ctx, "x") })
			}
			Expect(batch.Run(ctx)).To(Succeed())
			seen := map[string]bool{}
			for _, key := range kvtest.Collect(bins.Keys(ctx)) {
				Expect(seen).NotTo(HaveKey(key))
				seen[key] = true
			}
			Expect(seen).To(HaveLen(3000))
		})

		It("stays right under many writers", func(ctx context.Context) {
			atOnce(6, func(worker int) {
				for i := range 60 {
					bin := aisles.Take(fmt.Sprint(i % 4)).Take(Bins).Take(fmt.Sprint(i % 3))
					if (i+worker)%2 == 0 {
						Expect(kvtest.ErrorOf(bin.Add(ctx, fmt.Sprint(worker)))).To(Succeed())
					} else {
						Expect(kvtest.ErrorOf(bin.Remove(ctx, fmt.Sprint(worker)))).To(Succeed())
					}
					if i%10 == 0 {
						Expect(kvtest.ErrorOf(aisles.Len(ctx))).To(Succeed()) // which tidies up
					}
				}
			})
			Expect(kvtest.Collect(aisles.Keys(ctx))).To(ConsistOf(kvtest.Collect(kv.MustOpen(depot(false), store.Driver).Take(Aisles).Keys(ctx))))
		})

		Describe("of data that was there before", func() {
			var before kv.DynamicStore[kv.StaticStore]
			BeforeEach(func() { before = kv.MustOpen(depot(false), store.Driver).Take(Aisles) })

			It("is built by Reindex, however deep", func(ctx context.Context) {
				for i := range 700 {
					Expect(before.Take(fmt.Sprint(i)).Take(Bins).Take("only").Add(ctx, "x")).To(Equal(1))
				}
				Expect(before.Take("label").Take(Caption).Write(ctx, "x")).To(Succeed())
				Expect(aisles.Len(ctx)).To(Equal(0), "nobody has registered them")
				var progress int
				Expect(kv.Reindex(ctx, aisles, kv.OnProgress(func(p kv.Progress) { progress = p.Keys }))).To(Equal(701))
				Expect(progress).To(Equal(701))
				Expect(aisles.Len(ctx)).To(Equal(701))
				Expect(kvtest.Collect(aisles.Take("69").Take(Bins).Keys(ctx))).To(Equal([]string{"only"}))
			})
			It("is mended by Reindex, whatever is wrong", func(ctx context.Context) {
				for _, id := range hostile {
					Expect(aisles.Take(id).Take(Caption).Write(ctx, "x")).To(Succeed())
					Expect(aisles.Take(id).Take(Bins).Take(id).Add(ctx, "x")).To(Equal(1))
				}
				spoil(ctx, store.Raw,
					drivers.Command{Op: drivers.OpDelete, Key: "{depot}:aisles:x:label"},
					drivers.Command{Op: drivers.OpDelete, Key: "{depot}:aisles:x:bins:x"},
					drivers.Command{Op: drivers.OpDelete, Key: "%index:{depot}:aisles:é:bins"},
					drivers.Command{Op: drivers.OpDelete, Key: "{depot}:aisles:é:label"})
				Expect(before.Take("new").Take(Bins).Take("b").Add(ctx, "x")).To(Equal(1))
				Expect(kv.Reindex(ctx, aisles)).To(Equal(2*len(hostile) - 2))
				want := append([]string{"new"}, without(hostile, "x")...)
				Expect(kvtest.Collect(aisles.Keys(ctx))).To(ConsistOf(want))
				Expect(kvtest.Collect(aisles.Take("é").Take(Bins).Keys(ctx))).To(Equal([]string{"é"}))
				Expect(kvtest.KeysBelow(ctx, store.Raw, "{depot}:aisles:x")).To(BeEmpty())
				Expect(kv.Reindex(ctx, aisles)).To(Equal(2*len(hostile) - 2))
			})
		})

		It("reports what is in the registry and no key of its own", func(ctx context.Context) {
			Expect(aisles.Take("7").Take(Caption).Write(ctx, "x")).To(Succeed())
			spoil(ctx, store.Raw, drivers.Command{Op: drivers.OpSet, Key: "{depot}:aisles:%3a:label", Value: "x", Extra: &drivers.Extra{Indexes: []drivers.Index{
				{Key: "{depot}:aisles:%3a:label", Registry: "%index:{depot}:aisles", ID: "%3a"},
			}}})
			good, bad := 0, 0
			for _, err := range aisles.Keys(ctx) {
				if err != nil {
					Expect(err).To(MatchError(kv.ErrBadKey))
					bad++
				} else {
					good++
				}
			}
			Expect([]int{good, bad}).To(Equal([]int{1, 1}))
			Expect(aisles.Len(ctx)).To(Equal(1))
		})
	})

	It("is tidied as what has expired is met", func(ctx context.Context) {
		clock := kvtest.NewClock()
		driver := memory.New(memory.WithClock(clock.Now))
		aisles := kv.MustOpen(Depot, driver).Take(Aisles)
		Expect(aisles.Take("1").Take(Caption).Write(ctx, "x", kv.ExpireIn(time.Minute))).To(Succeed())
		Expect(aisles.Take("1").Take(Goods).Add(ctx, "x")).To(Equal(1))
		Expect(aisles.Take("2").Take(Layout).Write(ctx, kvtest.RoomConfig{Seats: 1}, kv.ExpireIn(time.Minute))).To(Succeed())
		Expect(aisles.Take("3").Take(Lent).Take("a").Write(ctx, Match{Players: []string{"ann"}}, kv.ExpireIn(time.Minute))).To(Succeed())
		clock.Advance(time.Minute + 2*time.Millisecond)
		Expect(kvtest.Collect(aisles.Keys(ctx))).To(Equal([]string{"1"}))
		Expect(kvtest.KeysBelow(ctx, driver, "{depot}")).To(ConsistOf("%index:{depot}:aisles", "%index:{depot}:aisles::", "{depot}:aisles:1:goods"))
	})

	It("has elements that are dynamic stores themselves, or each in a slot of its own", func(ctx context.Context) {
		driver := memory.New()
		nested := kv.MustOpen(kv.IndexKeys(kv.Dynamic(kv.IndexKeys(kv.DynamicBy[int](kv.String())))), driver, kv.At("nested"))
		Expect(nested.Take("a").Take(7).Write(ctx, "x")).To(Succeed())
		Expect(kvtest.Collect(nested.Keys(ctx))).To(Equal([]string{"a"}))
		Expect(kvtest.Collect(nested.Take("a").Keys(ctx))).To(Equal([]int{7}))
		Expect(nested.Take("a").Take(7).Erase(ctx)).To(BeTrue())
		Expect(nested.Len(ctx)).To(Equal(0))
		Expect(kvtest.KeysBelow(ctx, driver, "nested")).To(BeEmpty())

		rooms := kv.MustOpen(kv.IndexKeys(kv.Dynamic(kv.Colocated(kvtest.Room))), driver, kv.At("rooms"))
		for _, id := range hostile {
			Expect(rooms.Take(id).Take(kvtest.Members).Add(ctx, "ann")).To(Equal(1))
		}
		Expect(kvtest.Collect(rooms.Keys(ctx))).To(ConsistOf(hostile))
		Expect(rooms.Take("{x}").Erase(ctx)).To(Equal(1))
		Expect(kvtest.Collect(rooms.Keys(ctx))).To(ConsistOf(without(hostile, "{x}")))
		Expect(kv.Reindex(ctx, rooms)).To(Equal(len(hostile) - 1))
		Expect(rooms.Len(ctx)).To(Equal(len(hostile) - 1))
	})
})

// Note0 is the name of no field.
const Note0 kv.Key[kv.StringField] = "nothing"

func without(all []string, one string) (rest []string) {
	for _, each := range all {
		if each != one {
			rest = append(rest, each)
		}
	}
	return rest
}

var _ = Describe("The declaration of a store that indexes its keys", func() {
	open := func(schema kv.Schema[kv.DynamicStore[kv.StaticStore]]) error {
		return kvtest.ErrorOf(kv.Open(schema, memory.New(), kv.At("rooms")))
	}
	It("is refused where a dynamic store below does not", func() {
		deep := kv.Static("aisle").Field("deeper", kv.Static("shelf").Field(Bins, kv.Dynamic(kv.Set())))
		Expect(open(kv.IndexKeys(kv.Dynamic(deep)))).To(MatchError(ContainSubstring("rooms: its keys are indexed, so those of every dynamic store below it must be")))
		Expect(open(kv.IndexKeys(kv.Dynamic(kv.Static("aisle").Field(Lent, MatchSchema))))).To(Succeed(), "a collection does")
		Expect(open(kv.Dynamic(kv.Static("aisle").Field(Lent, MatchSchema)))).To(Succeed(), "what is around it need not")
	})
	It("is refused where nothing can lie below", func() {
		Expect(open(kv.IndexKeys(kv.Dynamic(kv.Static("empty"))))).To(MatchError(ContainSubstring("its keys are indexed, and nothing lies below them")))
		Expect(open(kv.IndexKeys[string, kv.StaticStore](nil))).To(MatchError(ContainSubstring("rooms: there is no schema")))
	})
	It("shows in the tree", func() {
		Expect(kv.IndexKeys(kv.Dynamic(kv.String())).Tree("logs").String()).To(Equal("logs   indexed by key\n└── *  string"))
	})
})
