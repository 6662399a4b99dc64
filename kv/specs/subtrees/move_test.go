package subtrees_test

import (
	"context"
	"errors"
	"maps"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// twin is where a town moves to.
const twin = "twin:a%3Ab:town"

func openTwin(driver drivers.Driver) kv.StaticStore {
	return kv.MustOpen(Town, driver, kv.At("twin", "a:b"))
}

// moved is what a Move returns that has left nothing out.
func moved(values int) kv.Transferred { return kv.Transferred{Values: values} }

// beConsistent checks what a town keeps of its keys.
func beConsistent(ctx context.Context, town kv.StaticStore) {
	GinkgoHelper()
	Expect(kvtest.Collect(town.Take(TownCitizens).Check(ctx))).To(BeEmpty())
	Expect(kvtest.Collect(town.Take(TownCitizens).Keys(ctx))).To(ConsistOf("ann", "b:o", "cid"))
	Expect(kvtest.Collect(town.Take(TownClubs).Keys(ctx))).To(ConsistOf("chess", "{go}"))
	Expect(kvtest.Collect(town.Take(TownClubs).Take("chess").Take(TownClubMinutes).Keys(ctx))).To(ConsistOf("1:2"))
	Expect(town.Take(TownCitizens).Find(TownByTrade.Is("smith")).First(ctx)).To(HaveField("Key", "b:o"))
	Expect(town.Take(TownCitizens).Take("dan").Write(ctx, TownCitizen{"dan", "ann@town", ""})).To(MatchError(kv.ErrDuplicate))
}

var _ = Describe("Move", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store          kvtest.Backend
			source, target kv.StaticStore
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			source, target = kv.MustOpen(Town, store.Driver), openTwin(store.Driver)
		})

		It("brings all values to another place with what time they have left, and leaves nothing behind", func(ctx context.Context) {
			settle(ctx, source)
			want := contents(ctx, store.Raw)
			var told []int
			Expect(kv.Move(ctx, source, target, kv.OnProgress(func(p kv.Progress) { told = append(told, p.Keys) }))).To(Equal(moved(inATown)))
			Expect(contentsBelow(ctx, store.Raw, twin)).To(Equal(want))
			Expect(storedKeys(ctx, store.Raw)).To(BeEmpty(), "no values, registries, indexes")
			Expect(storedBelow(ctx, store.Raw, twin)).NotTo(ContainElement(ContainSubstring("%moved")))
			Expect(told[len(told)-1]).To(Equal(inATown))
			beConsistent(ctx, target)
			Expect(kv.Move(ctx, source, target)).To(Equal(moved(0)))
			Expect(kv.Move(ctx, target, source)).To(Equal(moved(inATown)), "and back")
			Expect(contents(ctx, store.Raw)).To(Equal(want))
		})

		It("brings all values to another driver, and back", func(ctx context.Context) {
			settle(ctx, source)
			want := contents(ctx, store.Raw)
			elsewhere := memory.New()
			Expect(kv.Move(ctx, source, kv.MustOpen(Town, elsewhere))).To(Equal(moved(inATown)))
			Expect(contents(ctx, elsewhere)).To(Equal(want))
			Expect(storedKeys(ctx, store.Raw)).To(BeEmpty())
			Expect(kv.Move(ctx, kv.MustOpen(Town, elsewhere), source)).To(Equal(moved(inATown)))
			Expect(contents(ctx, store.Raw)).To(Equal(want))
			Expect(storedKeys(ctx, elsewhere)).To(BeEmpty())
			beConsistent(ctx, source)
		})

		It("moves any node to another of its kind", func(ctx context.Context) {
			settle(ctx, source)
			houses, clubs := source.Take(TownHouses), source.Take(TownClubs)
			Expect(kv.Move(ctx, houses.Take(7), houses.Take(8))).To(Equal(moved(4)), "a view")
			Expect(kvtest.Collect(houses.Keys(ctx))).To(ConsistOf(8, -12))
			Expect(houses.Take(8).Lamps.Get(ctx, 3)).To(BeEquivalentTo(200))
			Expect(kv.Move(ctx, clubs.Take("chess"), clubs.Take("bridge"))).To(Equal(moved(2)), "a static store")
			Expect(clubs.Take("bridge").Take(TownClubMembers).Len(ctx)).To(Equal(1300))
			Expect(clubs.Take("bridge").Take(TownClubMembers).TTL(ctx)).To(BeNumerically("~", 2*time.Hour, time.Minute))
			Expect(kvtest.Collect(clubs.Keys(ctx))).To(ConsistOf("bridge", "{go}"))
			Expect(clubs.Len(ctx)).To(Equal(2))
			Expect(kv.Move(ctx, clubs.Take("bridge").Take(TownClubMinutes), source.Take(TownHouses2))).To(Equal(moved(1)), "a dynamic store")
			Expect(source.Take(TownHouses2).Take("1:2").Read(ctx)).To(Equal("we met"))
			Expect(kv.Move(ctx, source.Take(TownCitizens), target.Take(TownCitizens))).To(Equal(moved(3)), "a collection")
			Expect(kvtest.Collect(target.Take(TownCitizens).Check(ctx))).To(BeEmpty())
			Expect(kv.Move(ctx, target.Take(TownCitizens).Take("ann"), source.Take(TownCitizens).Take("eve"))).To(Equal(moved(1)), "a document")
			Expect(kvtest.Collect(target.Take(TownCitizens).Keys(ctx))).To(ConsistOf("b:o", "cid"))
			Expect(source.Take(TownCitizens).Find(TownByEmail.Is("ann@town")).First(ctx)).To(HaveField("Key", "eve"))
			Expect(kv.Move(ctx, houses.Take(8).Plate, source.Take(TownHall).Take(TownMotto), kv.OnRefused(func(string, error) {}))).To(Equal(kv.Transferred{Refused: 1}), "there is another motto")
			Expect(kv.Move(ctx, houses.Take(8).Plate, houses.Take(9).Plate)).To(Equal(moved(1)), "a field")
			Expect(houses.Take(9).Plate.Read(ctx)).To(BeEmpty())
			Expect(houses.Take(8).Plate.Exists(ctx)).To(BeFalse())
		})

		It("moves values from scattered stores to colocated ones", func(ctx context.Context) {
			scattered := memory.New()
			settle(ctx, kv.MustOpen(ScatteredTown, scattered))
			want := contents(ctx, scattered)
			Expect(kv.Move(ctx, kv.MustOpen(ScatteredTown, scattered), source)).To(Equal(moved(inATown)))
			Expect(contents(ctx, store.Raw)).To(Equal(want))
			Expect(storedKeys(ctx, scattered)).To(BeEmpty())
			beConsistent(ctx, source)
		})

		Describe("where the new place holds something", func() {
			var motto, next kv.StringField
			BeforeEach(func(ctx context.Context) {
				motto, next = source.Take(TownHall).Take(TownMotto), target.Take(TownHall).Take(TownMotto)
				Expect(motto.Write(ctx, "onwards", kv.ExpireIn(time.Hour))).To(Succeed())
			})

			It("lets the old value go if that is equal", func(ctx context.Context) {
				Expect(next.Write(ctx, "onwards")).To(Succeed())
				Expect(kv.Move(ctx, motto, next)).To(Equal(moved(1)))
				Expect(motto.Exists(ctx)).To(BeFalse())
				Expect(next.TTL(ctx)).To(Equal(kv.NoTTL), "it is what was there")
				wards, others := source.Take(TownHall).Take(TownWards), target.Take(TownHall).Take(TownWards)
				for _, field := range []kv.SetField{wards, others} {
					Expect(field.Write(ctx, numbers(1300))).To(Succeed())
				}
				Expect(kv.Move(ctx, source.Take(TownHall), target.Take(TownHall))).To(Equal(moved(1)))
				Expect(wards.Exists(ctx)).To(BeFalse())
			})

			It("loses neither if they differ, and ends or tells", func(ctx context.Context) {
				Expect(next.Write(ctx, "backwards")).To(Succeed())
				err := kvtest.ErrorOf(kv.Move(ctx, motto, next))
				Expect(err).To(MatchError(kv.ErrConditionFailed))
				Expect(err).To(MatchError(HavePrefix("kv: Move " + next.Path() + ": ")))
				told, refused := refusals()
				Expect(kv.Move(ctx, motto, next, refused)).To(Equal(kv.Transferred{Refused: 1}))
				beClassed(told, map[string]error{next.Path(): kv.ErrConditionFailed}, "Move")
				Expect(motto.Read(ctx)).To(Equal("onwards"))
				Expect(next.Read(ctx)).To(Equal("backwards"))
				Expect(next.Erase(ctx)).To(BeTrue())
				Expect(kv.Move(ctx, motto, next)).To(Equal(moved(1)), "once somebody has decided")
				Expect(next.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
			})

			It("tells of another type there", func(ctx context.Context) {
				kvtest.Plant(ctx, store.Raw, target.Take(TownHall).Take(TownWards).Path())
				Expect(source.Take(TownHall).Take(TownWards).Add(ctx, "north")).To(Equal(1))
				told, refused := refusals()
				Expect(kv.Move(ctx, source, target, refused)).To(Equal(kv.Transferred{Values: 1, Refused: 1}))
				beClassed(told, map[string]error{target.Take(TownHall).Take(TownWards).Path(): kv.ErrWrongType}, "Move")
				Expect(source.Take(TownHall).Take(TownWards).Has(ctx, "north")).To(BeTrue())
			})

			It("tells of a unique value that another document has there", func(ctx context.Context) {
				settle(ctx, source)
				Expect(target.Take(TownCitizens).Take("thief").Write(ctx, TownCitizen{"thief", "ann@town", ""})).To(Succeed())
				told, refused := refusals()
				Expect(kv.Move(ctx, source, target, refused)).To(Equal(kv.Transferred{Values: inATown - 1, Refused: 1}))
				Expect(told).To(And(HaveLen(1), HaveKeyWithValue("twin:a%3Ab:town:{citizens}:ann", MatchError(ContainSubstring("held by thief")))))
				Expect(source.Take(TownCitizens).Take("ann").Read(ctx)).To(HaveField("Email", "ann@town"))
				for _, town := range []kv.StaticStore{source, target} {
					Expect(kvtest.Collect(town.Take(TownCitizens).Check(ctx))).To(BeEmpty())
				}
				Expect(kvtest.Collect(source.Take(TownCitizens).Keys(ctx))).To(ConsistOf("ann"))
			})
		})

		It("leaves where it is what is not declared, of another type, or does not decode, and tells of each", func(ctx context.Context) {
			settle(ctx, source)
			misfits := map[string]error{"town:houses:{9}:deed": kv.ErrCorrupt, "town:houses:{9}:guests": kv.ErrWrongType, "town:{citizens}:eve": kv.ErrCorrupt}
			want := maps.Clone(strangers)
			maps.Copy(want, misfits)
			want["town:cellar"] = kv.ErrUndeclared
			for key := range want {
				kvtest.Plant(ctx, store.Raw, key)
			}
			told, refused := refusals()
			Expect(kv.Move(ctx, source, target, refused)).To(Equal(kv.Transferred{Values: inATown, Refused: len(want)}))
			beClassed(told, want, "Move")
			left := contents(ctx, store.Raw)
			Expect(left).To(HaveLen(len(want)))
			err := kvtest.ErrorOf(kv.Move(ctx, source, target))
			Expect(err).To(Or(MatchError(kv.ErrUndeclared), MatchError(kv.ErrBadKey), MatchError(kv.ErrCorrupt), MatchError(kv.ErrWrongType)))
			Expect(contents(ctx, store.Raw)).To(Equal(left))
		})

		It("leaves locks and limiters, which are the state of a moment, and tells of them", func(ctx context.Context) {
			old, next := source.Take(TownMuseum), target.Take(TownMuseum)
			Expect(kvtest.ErrorOf(old.Take[kv.LockField]("lock").TryAcquire(ctx))).To(Succeed())
			Expect(kvtest.ErrorOf(old.Take[kv.LimiterField]("limiter").Allow(ctx))).To(Succeed())
			Expect(old.Take[kv.IntField]("int").Write(ctx, 7)).To(Succeed())
			told, refused := refusals()
			Expect(kv.Move(ctx, old, next, refused)).To(Equal(kv.Transferred{Values: 1, Refused: 2}))
			beClassed(told, map[string]error{"town:museum:lock": errors.ErrUnsupported, "town:museum:limiter": errors.ErrUnsupported}, "Move")
			Expect(kv.Move(ctx, old, next)).To(Equal(kv.Transferred{Refused: 2}), "they end nothing")
			Expect(old.Keys(ctx)).To(ConsistOf("lock", "limiter"))
		})

		Describe("of streams", func() {
			var old, next kv.StreamField[TownDeed]
			BeforeEach(func() {
				old, next = source.Take(TownMuseum).Take[kv.StreamField[TownDeed]]("stream"), target.Take(TownMuseum).Take[kv.StreamField[TownDeed]]("stream")
			})
			fill := func(ctx context.Context, owners ...string) (ids []string) {
				for _, owner := range owners {
					id, err := old.Append(ctx, TownDeed{owner})
					Expect(err).NotTo(HaveOccurred())
					ids = append(ids, id)
				}
				return ids
			}

			It("keeps ids and order", func(ctx context.Context) {
				ids := fill(ctx, numbers(300)...)
				Expect(kv.Move(ctx, old, next)).To(Equal(moved(1)))
				var there []string
				for entry, err := range next.Range("", "").All(ctx) {
					Expect(err).NotTo(HaveOccurred())
					Expect(entry.Value.Owner).To(Equal(strconv.Itoa(len(there))))
					there = append(there, entry.ID)
				}
				Expect(there).To(Equal(ids))
				Expect(old.Exists(ctx)).To(BeFalse())
			})

			It("refuses one with groups, whose consumers would lose what is pending", func(ctx context.Context) {
				fill(ctx, "ann", "bob")
				Expect(old.Group("movers").Create(ctx, "0")).To(BeTrue())
				Expect(kvtest.ErrorOf(kv.Move(ctx, old, next))).To(MatchError(errors.ErrUnsupported))
				told, refused := refusals()
				Expect(kv.Move(ctx, source, target, refused)).To(Equal(kv.Transferred{Refused: 1}))
				beClassed(told, map[string]error{old.Path(): errors.ErrUnsupported}, "Move")
				Expect(old.Len(ctx)).To(Equal(2))
				Expect(next.Exists(ctx)).To(BeFalse())
			})

			It("gives them to the groups that wait at the new place", func(ctx context.Context) {
				fill(ctx, "ann", "bob")
				Expect(next.Group("movers").Create(ctx, "0")).To(BeTrue())
				Expect(kv.Move(ctx, old, next)).To(Equal(moved(1)))
				var got []string
				for delivery, err := range next.Group("movers").Deliver(ctx, "cid", 10) {
					Expect(err).NotTo(HaveOccurred())
					got = append(got, delivery.Value.Owner)
				}
				Expect(got).To(Equal([]string{"ann", "bob"}))
			})
		})

		It("ends with its context, and a repetition finishes the job", func(ctx context.Context) {
			for i := range 700 {
				Expect(source.Take(TownHouses2).Take(strconv.Itoa(i)).Write(ctx, "x")).To(Succeed())
			}
			half, cancel := context.WithCancel(ctx)
			some, err := kv.Move(half, source, target, kv.OnProgress(func(kv.Progress) { cancel() }))
			Expect(err).To(MatchError(context.Canceled))
			Expect(err).To(MatchError(HavePrefix("kv: Move ")))
			Expect(some.Values).To(And(BeNumerically(">", 0), BeNumerically("<", 700)))
			Expect(source.Count(ctx)).To(Equal(700 - some.Values))
			Expect(kv.Move(ctx, source, target)).To(Equal(moved(700 - some.Values)))
			Expect(target.Count(ctx)).To(Equal(700))
		})

		It("refuses a place that holds the other, lies in it, or is it, and loses nothing", func(ctx context.Context) {
			settle(ctx, source)
			want := contents(ctx, store.Raw)
			again := kv.MustOpen(Town, drivers.Use(store.Raw, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error { return next(ctx, b) }))
			for _, err := range []error{
				kvtest.ErrorOf(kv.Move(ctx, source, source)),
				kvtest.ErrorOf(kv.Move(ctx, source, again)),
				kvtest.ErrorOf(kv.Move(ctx, again.Take(TownCitizens), source.Take(TownCitizens))),
				kvtest.ErrorOf(kv.Move(ctx, again.Take(TownHall).Take(TownMotto), source.Take(TownHall).Take(TownMotto))),
			} {
				Expect(err).To(MatchError(kv.ErrInvalid))
				Expect(err).To(MatchError(And(HavePrefix("kv: Move town"), ContainSubstring("lies already"))))
			}
			Expect(contents(ctx, store.Raw)).To(Equal(want))
			beConsistent(ctx, source)
		})

		It("of nothing, and of a driver that is closed", func(ctx context.Context) {
			Expect(kv.Move(ctx, source, target)).To(Equal(moved(0)))
			elsewhere := memory.New()
			settle(ctx, source)
			Expect(elsewhere.Close()).To(Succeed())
			Expect(kvtest.ErrorOf(kv.Move(ctx, source, kv.MustOpen(Town, elsewhere)))).To(MatchError(kv.ErrClosed))
			Expect(kvtest.ErrorOf(kv.Move(ctx, kv.MustOpen(Town, elsewhere), source))).To(MatchError(kv.ErrClosed))
			Expect(source.Count(ctx)).To(Equal(inATown))
		})
	})

	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		It("costs five round trips for 256 values, and a scan", func(ctx context.Context) {
			store := open(ctx)
			source, target := kv.MustOpen(Town, store.Driver), openTwin(store.Driver)
			for i := range 1000 {
				Expect(source.Take(TownHouses2).Take(strconv.Itoa(i)).Write(ctx, "x")).To(Succeed())
			}
			store.Trips.Reset()
			Expect(kv.Move(ctx, source.Take(TownHouses2), target.Take(TownHouses2))).To(Equal(moved(1000)))
			Expect(store.Trips.Taken()).To(Equal(1 + 4*5))
		})

		It("costs a repetition no more than the few that a value takes alone", func(ctx context.Context) {
			store := open(ctx)
			source, target := kv.MustOpen(Town, store.Driver), openTwin(store.Driver)
			Expect(source.Take(TownHall).Take(TownMotto).Write(ctx, "x")).To(Succeed())
			Expect(target.Take(TownHall).Take(TownMotto).Write(ctx, "x")).To(Succeed())
			store.Trips.Reset()
			Expect(kv.Move(ctx, source.Take(TownHall), target.Take(TownHall))).To(Equal(moved(1)))
			Expect(store.Trips.Taken()).To(Equal(5 + 1))
		})
	})

	It("in a cluster takes four round trips for a value whose slot no other has", Label(suite.Cluster), func(ctx context.Context) {
		store := kvtest.New(kvtest.Cluster(ctx))
		source, target := kv.MustOpen(Town, store.Driver), openTwin(store.Driver)
		for i := range 50 {
			Expect(source.Take(TownHouses2).Take(strconv.Itoa(i)).Write(ctx, "x")).To(Succeed())
		}
		store.Trips.Reset()
		Expect(kv.Move(ctx, source.Take(TownHouses2), target.Take(TownHouses2))).To(Equal(moved(50)))
		Expect(store.Trips.Taken()).To(BeNumerically("<=", 1+1+50*4+1))
	})

	It("needs transactions at both places", func(ctx context.Context) {
		store := kvtest.New(memory.New())
		source := kv.MustOpen(Town, store.Driver)
		settle(ctx, source)
		bare := kv.MustOpen(Town, struct{ drivers.Driver }{memory.New()})
		Expect(kvtest.ErrorOf(kv.Move(ctx, bare.Take(TownHall), source.Take(TownHall)))).To(MatchError(errors.ErrUnsupported))
		Expect(source.Count(ctx)).To(Equal(inATown))
	})

	It("refuses another schema, and what is no handle", func(ctx context.Context) {
		driver := memory.New()
		source := kv.MustOpen(kv.Static("source").String("motto"), driver)
		Expect(kvtest.ErrorOf(kv.Move(ctx, source, kv.MustOpen(kv.Static("other").Set("motto"), driver)))).To(MatchError(kv.ErrInvalid))
		Expect(kvtest.ErrorOf(kv.Move(ctx, 7, 8))).To(MatchError(And(HavePrefix("kv: Move (no path)"), ContainSubstring("embed StaticStore"))))
		Expect(kvtest.ErrorOf(kv.Move(ctx, source, kv.StaticStore{}))).To(MatchError(kv.ErrUndeclared))
	})

	It("is no part of a batch or of a transaction", func(ctx context.Context) {
		bank := kv.MustOpen(kv.Colocated(kv.Static("b").String("x").String("y")), memory.New())
		x, y := bank.Take[kv.StringField]("x"), bank.Take[kv.StringField]("y")
		Expect(x.Write(ctx, "7")).To(Succeed())
		Expect(kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
			Expect(kvtest.ErrorOf(kv.Move(ctx, tx.Take[kv.StringField]("x"), tx.Take[kv.StringField]("y")))).To(MatchError(errors.ErrUnsupported))
			Expect(kvtest.ErrorOf(kv.Move(ctx, x, y))).To(MatchError(kv.ErrInvalid))
			return nil
		})).To(Succeed())
		Expect(x.Read(ctx)).To(Equal("7"))
	})

	It("refuses a map of which a field expires by itself", func(ctx context.Context) {
		driver := memory.New()
		old, next := kv.MustOpen(Town, driver).Take(TownMuseum), openTwin(driver).Take(TownMuseum)
		counts := old.Take[kv.MapField[string, int]]("map")
		Expect(counts.Write(ctx, map[string]int{"a": 1, "b": 2})).To(Succeed())
		Expect(counts.ExpireFields(ctx, time.Hour, "b")).To(Equal(1))
		Expect(kvtest.ErrorOf(kv.Move(ctx, old, next))).To(MatchError(errors.ErrUnsupported))
		Expect(old.Count(ctx)).To(Equal(1))
		Expect(next.Count(ctx)).To(BeZero())
		Expect(counts.PersistFields(ctx, "b")).To(Equal(1))
		Expect(kv.Move(ctx, old, next)).To(Equal(moved(1)))
	})

	It("keeps the time that a value has left by the clocks of both drivers", func(ctx context.Context) {
		here, there := kvtest.NewClock(), kvtest.NewClock()
		there.Advance(1000 * time.Hour)
		source := kv.MustOpen(Town, memory.New(memory.WithClock(here.Now)))
		settle(ctx, source)
		here.Advance(time.Hour - 5*time.Second)
		target := kv.MustOpen(Town, memory.New(memory.WithClock(there.Now)))
		Expect(kv.Move(ctx, source, target)).To(Equal(moved(inATown)))
		Expect(target.Take(TownHouses).Take(-12).Plate.TTL(ctx)).To(BeNumerically("~", 4*time.Second, time.Second))
	})
})
