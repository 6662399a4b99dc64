package subtrees_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// intruder lets somebody else act before every batch that reads a value.
func intruder(driver drivers.Driver, act func(key string)) drivers.Driver {
	return drivers.Use(driver, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
		if b.Items[0].Command.Op == drivers.OpGet || b.Items[0].Command.Op == drivers.OpSScan {
			act(b.Items[0].Command.Key)
		}
		return next(ctx, b)
	})
}

// emptyPages answers every second page of SSCAN without members, as Redis may.
func emptyPages(driver drivers.Driver) drivers.Driver {
	var withheld *drivers.Reply
	return drivers.Use(driver, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
		cmd := b.Items[0].Command
		if cmd.Op != drivers.OpSScan {
			return next(ctx, b)
		}
		if withheld != nil && cmd.Start == 1<<40 {
			b.Items[0].Reply, withheld = *withheld, nil
			return nil
		}
		err := next(ctx, b)
		reply := b.Items[0].Reply
		withheld, b.Items[0].Reply = &reply, drivers.Reply{Int: 1 << 40}
		return err
	})
}

// raggedReads answers reads as if the value had come between a read and the look at its TTL.
func raggedReads(driver drivers.Driver) drivers.Driver {
	return drivers.Use(driver, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
		err := next(ctx, b)
		for i := range b.Items {
			switch b.Items[i].Command.Op {
			case drivers.OpGet:
				b.Items[i].Reply = drivers.Reply{Nil: true}
			case drivers.OpSScan, drivers.OpHScan, drivers.OpZScan, drivers.OpLRange, drivers.OpXRange:
				b.Items[i].Reply = drivers.Reply{}
			default: // as it is
			}
		}
		return err
	})
}

var _ = Describe("Copy", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store  kvtest.Backend
			source kv.StaticStore // in memory
			target kv.StaticStore
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			source = kv.MustOpen(Town, memory.New())
			target = kv.MustOpen(Town, store.Driver)
		})
		memoryOf := func(ctx context.Context) map[string]string {
			GinkgoHelper()
			driver := memory.New()
			settle(ctx, kv.MustOpen(Town, driver))
			return contents(ctx, driver)
		}

		It("brings all values to another driver, and back, with what time they have left", func(ctx context.Context) {
			settle(ctx, source)
			Expect(kv.Copy(ctx, source, target)).To(HaveField("Values", inATown))
			Expect(contents(ctx, store.Raw)).To(Equal(memoryOf(ctx)))
			back := memory.New()
			Expect(kv.Copy(ctx, target, kv.MustOpen(Town, back))).To(HaveField("Values", inATown))
			Expect(contents(ctx, back)).To(Equal(memoryOf(ctx)))
		})

		It("rebuilds registries and indexes on its way", func(ctx context.Context) {
			settle(ctx, source)
			Expect(kv.Copy(ctx, source, target)).To(HaveField("Values", inATown))
			citizens := target.Take(TownCitizens)
			Expect(kvtest.Collect(citizens.Check(ctx))).To(BeEmpty())
			Expect(citizens.Find(TownByTrade.Is("smith")).First(ctx)).To(HaveField("Key", "b:o"))
			Expect(kvtest.Collect(target.Take(TownClubs).Keys(ctx))).To(ConsistOf("chess", "{go}"))
			Expect(kvtest.Collect(target.Take(TownClubs).Take("chess").Take(TownClubMinutes).Keys(ctx))).To(ConsistOf("1:2"))
			Expect(citizens.Take("dan").Write(ctx, TownCitizen{"dan", "ann@town", ""})).To(MatchError(kv.ErrDuplicate))
		})

		It("moves values from scattered stores to colocated ones", func(ctx context.Context) {
			scattered := memory.New()
			settle(ctx, kv.MustOpen(ScatteredTown, scattered))
			Expect(kv.Copy(ctx, kv.MustOpen(ScatteredTown, scattered), target)).To(HaveField("Values", inATown))
			Expect(contents(ctx, store.Raw)).To(Equal(memoryOf(ctx)))
			Expect(storedKeys(ctx, store.Raw)).To(ContainElements("town:houses:{7}:plate", "town:{clubs}:chess:members", "town:{citizens}:b%3Ao"))
			Expect(kvtest.Collect(target.Take(TownCitizens).Check(ctx))).To(BeEmpty())
		})

		It("copies elsewhere in the same database", func(ctx context.Context) {
			settle(ctx, target)
			elsewhere := kv.MustOpen(Town, store.Driver, kv.At("twin", "a:b"))
			Expect(kv.Copy(ctx, target, elsewhere)).To(HaveField("Values", inATown))
			Expect(elsewhere.Count(ctx)).To(Equal(inATown))
			Expect(kvtest.Collect(elsewhere.Take(TownCitizens).Check(ctx))).To(BeEmpty())
			Expect(contents(ctx, store.Raw)).To(Equal(memoryOf(ctx)), "the source stays as it is")
		})

		It("copies any node to another of its kind", func(ctx context.Context) {
			settle(ctx, target)
			houses, clubs := target.Take(TownHouses), target.Take(TownClubs)
			Expect(kv.Copy(ctx, houses.Take(7), houses.Take(8))).To(HaveField("Values", 4), "a view")
			Expect(houses.Take(8).Deed.Read(ctx)).To(Equal(TownDeed{"ann"}))
			Expect(houses.Take(8).Lamps.Get(ctx, 3)).To(BeEquivalentTo(200))
			Expect(kv.Copy(ctx, clubs.Take("chess"), clubs.Take("bridge"))).To(HaveField("Values", 2), "a static store")
			Expect(clubs.Take("bridge").Take(TownClubMembers).Len(ctx)).To(Equal(1300))
			Expect(kvtest.Collect(clubs.Keys(ctx))).To(ConsistOf("chess", "{go}", "bridge"))
			Expect(kv.Copy(ctx, clubs.Take("chess").Take(TownClubMinutes), target.Take(TownHouses2))).To(HaveField("Values", 1), "a dynamic store")
			Expect(target.Take(TownHouses2).Take("1:2").Read(ctx)).To(Equal("we met"))
			Expect(kv.Copy(ctx, source.Take(TownCitizens), target.Take(TownCitizens))).To(BeZero(), "a collection, of nobody")
		})

		It("copies single fields", func(ctx context.Context) {
			settle(ctx, target)
			ann, bob := target.Take(TownHouses).Take(7), target.Take(TownHouses).Take(8)
			Expect(kv.Copy(ctx, ann.Deed, bob.Deed)).To(HaveField("Values", 1))
			Expect(kv.Copy(ctx, ann.Guests, bob.Guests)).To(HaveField("Values", 1))
			Expect(kv.Copy(ctx, ann.Lamps, bob.Lamps)).To(HaveField("Values", 1))
			Expect(kv.Copy(ctx, target.Take(TownHouses).Take(-12).Plate, bob.Plate)).To(HaveField("Values", 1))
			Expect(bob.Deed.Read(ctx)).To(Equal(TownDeed{"ann"}))
			Expect(bob.Guests.Len(ctx)).To(Equal(3))
			Expect(bob.Plate.Read(ctx)).To(Equal("\x80"))
			Expect(bob.Plate.TTL(ctx)).To(BeNumerically("~", time.Hour, time.Minute))
			Expect(kv.Copy(ctx, target.Take(TownCitizens).Take("nobody"), target.Take(TownCitizens).Take("ann"))).To(BeZero())
			Expect(target.Take(TownCitizens).Take("ann").Exists(ctx)).To(BeTrue(), "nothing was copied over it")

			Expect(kv.Copy(ctx, target.Take(TownClubs).Take("chess").Take(TownClubMembers), target.Take(TownHall).Take(TownWards))).To(HaveField("Values", 1))
			Expect(target.Take(TownHall).Take(TownWards).Len(ctx)).To(Equal(1300))
		})

		It("replaces values one by one, and leaves what the source does not have", func(ctx context.Context) {
			settle(ctx, source)
			hall := target.Take(TownHall)
			Expect(hall.Take(TownMotto).Write(ctx, "backwards", kv.ExpireIn(time.Minute))).To(Succeed())
			Expect(hall.Take(TownWards).Add(ctx, "west")).To(Equal(1))
			Expect(target.Take(TownHouses2).Take("9").Write(ctx, "stays")).To(Succeed())
			Expect(target.Take(TownClubs).Take("chess").Take(TownClubMembers).Add(ctx, "stranger")).To(Equal(1))
			Expect(target.Take(TownCitizens).Take("ann").Write(ctx, TownCitizen{"ann", "old@town", "idler"})).To(Succeed())
			Expect(kv.Copy(ctx, source, target)).To(HaveField("Values", inATown))
			want := memoryOf(ctx)
			want["town:houses2:9"] = `"stays" [] []`
			Expect(contents(ctx, store.Raw)).To(Equal(want))
			Expect(kvtest.Collect(target.Take(TownCitizens).Find(TownByTrade.Is("idler")).All(ctx))).To(BeEmpty())
		})

		It("ends half-way with its context, and a repetition finishes the job", func(ctx context.Context) {
			settle(ctx, source)
			const all = inATown - 1 + 1500
			for i := range 1500 {
				Expect(source.Take(TownHouses2).Take(fmt.Sprint(i)).Write(ctx, "x")).To(Succeed())
			}
			half, cancel := context.WithCancel(ctx)
			var told []int
			copied, err := kv.Copy(half, source, target, kv.OnProgress(func(p kv.Progress) { told = append(told, p.Keys); cancel() }))
			Expect(err).To(MatchError(context.Canceled))
			Expect(err).To(MatchError(HavePrefix("kv: Copy town")))
			Expect(copied.Values).To(BeNumerically("~", 512, 512))
			Expect(told).NotTo(BeEmpty())
			told = nil
			Expect(kv.Copy(ctx, source, target, kv.OnProgress(func(p kv.Progress) { told = append(told, p.Keys) }))).To(HaveField("Values", all), "7 is among the odd ids")
			Expect(told[len(told)-1]).To(Equal(all))
			Expect(len(told)).To(BeNumerically(">=", 3))
			Expect(target.Count(ctx)).To(Equal(all))
		})

		It("costs round trips by the page", func(ctx context.Context) {
			houses := source.Take(TownHouses2)
			for i := range 1200 {
				Expect(houses.Take(fmt.Sprint(i)).Write(ctx, "x")).To(Succeed())
			}
			store.Trips.Reset()
			Expect(kv.Copy(ctx, houses, target.Take(TownHouses2))).To(HaveField("Values", 1200))
			Expect(store.Trips.Taken()).To(Equal(3), "to write")
			store.Trips.Reset()
			Expect(kv.Copy(ctx, target.Take(TownHouses2), houses)).To(HaveField("Values", 1200))
			Expect(store.Trips.Taken()).To(Equal(1+3), "to list and to read")
		})

		It("ends at a value that does not fit, or leaves it out and says so", func(ctx context.Context) {
			settle(ctx, target)
			misfits := []string{"town:houses:{9}:deed", "town:houses:{9}:guests", "town:{citizens}:eve"}
			kvtest.Plant(ctx, store.Raw, misfits...) // no documents, and no set
			_, err := kv.Copy(ctx, target, source)
			Expect(err).To(Or(MatchError(kv.ErrCorrupt), MatchError(kv.ErrWrongType)))
			Expect(err).To(MatchError(HavePrefix("kv: Copy town:")))

			refused := map[string]error{}
			Expect(kv.Copy(ctx, target, source, kv.OnRefused(func(path string, err error) { refused[path] = err }))).To(HaveField("Values", inATown))
			Expect(refused).To(HaveLen(3))
			for _, key := range misfits {
				plain := strings.NewReplacer("{", "", "}", "").Replace(key)
				Expect(refused).To(Or(HaveKey(key), HaveKey(plain)))
			}
		})

		It("leaves out, on demand, what a unique index refuses, and sets where something else is", func(ctx context.Context) {
			settle(ctx, source)
			Expect(target.Take(TownCitizens).Take("thief").Write(ctx, TownCitizen{"thief", "ann@town", ""})).To(Succeed())
			kvtest.Plant(ctx, store.Raw, "town:{clubs}:chess:members")
			Expect(kvtest.ErrorOf(kv.Copy(ctx, source, target))).To(Or(MatchError(kv.ErrDuplicate), MatchError(kv.ErrWrongType)))
			refused := map[string]string{}
			told := 0
			Expect(kv.Copy(ctx, source, target, kv.OnRefused(func(path string, err error) { told++; refused[path] = err.Error() }))).To(HaveField("Values", inATown-2))
			Expect(refused).To(And(HaveLen(2),
				HaveKeyWithValue("town:{citizens}:ann", ContainSubstring("held by thief")),
				HaveKeyWithValue("town:{clubs}:chess:members", ContainSubstring("another type"))))
			Expect(told).To(Equal(2), "once for a set of several parts")
			Expect(kvtest.Collect(target.Take(TownCitizens).Check(ctx))).To(BeEmpty())
		})

		It("takes what expires in millions of years with it", func(ctx context.Context) {
			motto := source.Take(TownHall).Take(TownMotto)
			Expect(motto.Write(ctx, "for ever", kv.ExpireAt(time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)))).To(Succeed())
			Expect(kv.Copy(ctx, source, target)).To(HaveField("Values", 1))
			ttl, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpTTL, Key: "town:hall:motto"})
			Expect(err).NotTo(HaveOccurred())
			Expect(ttl.Int).To(BeNumerically("~", time.Until(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)).Milliseconds()+9900*365.2425*86400e3, 1000*86400e3))
		})
	})

	It("refuses to copy where one place holds the other, as it would change what it reads", func(ctx context.Context) {
		driver := memory.New()
		nested := kv.MustOpen(kv.Static("a").String("x").Field("b", kv.Static("b").String("x").Field("a", kv.Static("a").String("x"))), driver)
		below := nested.Take[kv.StaticStore]("b")
		for _, err := range []error{
			kvtest.ErrorOf(kv.Copy(ctx, nested, nested)),
			kvtest.ErrorOf(kv.Copy(ctx, below.Take[kv.StaticStore]("a"), below)),
			kvtest.ErrorOf(kv.Copy(ctx, below.Take[kv.StringField]("x"), below.Take[kv.StringField]("x"))),
		} {
			Expect(err).To(MatchError(kv.ErrInvalid))
			Expect(err).To(MatchError(HavePrefix("kv: Copy a")))
		}
		Expect(kv.Copy(ctx, nested, kv.MustOpen(kv.Static("a").String("x").Field("b", kv.Static("b").String("x").Field("a", kv.Static("a").String("x"))), memory.New()))).To(BeZero(), "on another driver it is another place")
	})

	It("refuses another schema before it copies anything, and says what is another's", func(ctx context.Context) {
		driver := memory.New()
		hall := func(schema kv.StaticSchema) kv.StaticStore { return kv.MustOpen(schema, driver) }
		source := hall(kv.Static("source").String("motto").BitSet("lamps", kv.U8))
		Expect(source.Take(TownMotto).Write(ctx, "onwards")).To(Succeed())
		for difference, schema := range map[string]kv.StaticSchema{
			`a bitset u8 at "lamps"`: kv.Static("narrower").String("motto").BitSet("lamps", kv.U4),
			`a string at "motto"`:    kv.Static("other").Set("motto").BitSet("lamps", kv.U8),
		} {
			_, err := kv.Copy(ctx, source, hall(schema))
			Expect(err).To(MatchError(kv.ErrInvalid))
			Expect(err).To(MatchError(ContainSubstring(difference)))
			Expect(hall(schema).Count(ctx)).To(BeZero())
		}
		wider := hall(kv.Static("wider").BitSet("lamps", kv.U8).String("motto").Set("more"))
		Expect(kv.Copy(ctx, source, wider)).To(HaveField("Values", 1), "what declares more will do")
	})

	It("refuses what is no handle", func(ctx context.Context) {
		type bare struct{ Motto kv.StringField }
		good := kv.MustOpen(Town, memory.New())
		for _, err := range []error{
			kvtest.ErrorOf(kv.Copy(ctx, bare{}, bare{})),
			kvtest.ErrorOf(kv.Copy(ctx, 7, 8)),
			kvtest.ErrorOf(kv.Copy[any](ctx, nil, nil)),
		} {
			Expect(err).To(MatchError(kv.ErrInvalid))
			Expect(err).To(MatchError(ContainSubstring("embed StaticStore")))
		}
		for _, err := range []error{
			kvtest.ErrorOf(kv.Copy(ctx, good, kv.StaticStore{})),
			kvtest.ErrorOf(kv.Copy(ctx, kv.StaticStore{}, good)),
			kvtest.ErrorOf(kv.Copy(ctx, good.Take[kv.StaticStore]("nowhere"), good)),
			kvtest.ErrorOf(kv.Copy(ctx, kv.StringField{}, kv.StringField{})),
		} {
			Expect(err).To(MatchError(kv.ErrUndeclared))
		}
	})

	It("refuses keys that are none of a typed store's, or leaves them out", func(ctx context.Context) {
		type number = kv.KeyedStore[int, kv.StringField]
		texts := kv.MustOpen(kv.Dynamic(kv.String()), memory.New(), kv.At("n"))
		Expect(texts.Take("7").Write(ctx, "")).To(Succeed())
		Expect(texts.Take("seven").Write(ctx, "")).To(Succeed())
		holder := func(driver drivers.Driver) kv.StaticStore {
			return kv.MustOpen(kv.Static("s").Field("n", kv.DynamicBy[int](kv.String())), driver)
		}
		driver := memory.New()
		kvtest.Plant(ctx, driver, "s:n:7", "s:n:seven", "s:n:07")
		target := holder(memory.New())
		Expect(kvtest.ErrorOf(kv.Copy(ctx, holder(driver), target))).To(MatchError(kv.ErrBadKey))
		Expect(kv.Copy(ctx, holder(driver), target, kv.OnRefused(func(string, error) {}))).To(HaveField("Values", 1))
		Expect(kvtest.Collect(target.Take[number]("n").Keys(ctx))).To(Equal([]int{7}))

		plain := kv.MustOpen(kv.Static("s").Field("n", kv.Dynamic(kv.String())), driver)
		Expect(kvtest.ErrorOf(kv.Copy(ctx, plain, target))).To(MatchError(kv.ErrBadKey))
	})

	It("keeps the time a value has left by the clocks of both drivers", func(ctx context.Context) {
		here, there := kvtest.NewClock(), kvtest.NewClock()
		there.Advance(1000 * time.Hour)
		source := kv.MustOpen(Town, memory.New(memory.WithClock(here.Now)))
		settle(ctx, source)
		here.Advance(time.Hour - 5*time.Second)
		target := kv.MustOpen(Town, memory.New(memory.WithClock(there.Now)))
		Expect(kv.Copy(ctx, source, target)).To(HaveField("Values", inATown))
		Expect(target.Take(TownHouses).Take(-12).Plate.TTL(ctx)).To(BeNumerically("~", 4*time.Second, time.Second))
		Expect(target.Take(TownClubs).Take("chess").Take(TownClubMembers).TTL(ctx)).To(BeNumerically("~", time.Hour, 10*time.Second))
		Expect(target.Take(TownHall).Take(TownMotto).TTL(ctx)).To(Equal(kv.NoTTL))
	})

	Describe("while somebody else writes", func() {
		It("takes an absent value for absent, though it had come a moment later", func(ctx context.Context) {
			driver := memory.New()
			settle(ctx, kv.MustOpen(Town, driver))
			target := kv.MustOpen(Town, memory.New())
			Expect(kv.Copy(ctx, kv.MustOpen(Town, raggedReads(driver)), target)).To(BeZero())
			Expect(target.Count(ctx)).To(BeZero())
		})

		It("leaves out what is gone before it is read", func(ctx context.Context) {
			driver := memory.New()
			calm := kv.MustOpen(Town, driver)
			settle(ctx, calm)
			source := kv.MustOpen(Town, intruder(driver, func(string) { Expect(calm.Erase(ctx)).To(BeNumerically(">=", 0)) }))
			Expect(kv.Copy(ctx, source, kv.MustOpen(Town, memory.New()))).To(BeZero())
		})

		It("copies a set as far as it got when the set goes", func(ctx context.Context) {
			driver := memory.New()
			calm := kv.MustOpen(Town, driver).Take(TownHall).Take(TownWards)
			Expect(calm.Write(ctx, numbers(2000))).To(Succeed())
			reads := 0
			source := kv.MustOpen(Town, intruder(driver, func(string) {
				if reads++; reads == 2 {
					Expect(calm.Erase(ctx)).To(BeTrue())
				}
			}))
			target := kv.MustOpen(Town, memory.New())
			Expect(kv.Copy(ctx, source.Take(TownHall).Take(TownWards), target.Take(TownHall).Take(TownWards))).To(HaveField("Values", 1))
			Expect(target.Take(TownHall).Take(TownWards).Len(ctx)).To(Equal(512))
		})
	})

	It("reads on where a page of a set comes empty", func(ctx context.Context) {
		driver := memory.New()
		wards := func(driver drivers.Driver) kv.SetField {
			return kv.MustOpen(Town, driver).Take(TownHall).Take(TownWards)
		}
		Expect(wards(driver).Write(ctx, numbers(2000))).To(Succeed())
		target := wards(memory.New())
		Expect(kv.Copy(ctx, wards(emptyPages(driver)), target)).To(HaveField("Values", 1))
		Expect(target.Len(ctx)).To(Equal(2000))
	})

	It("does not take a lost connection for a value that may be left out", func(ctx context.Context) {
		driver := memory.New()
		settle(ctx, kv.MustOpen(Town, driver))
		lost := drivers.Use(driver, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
			err := next(ctx, b)
			if last := &b.Items[len(b.Items)-1]; last.Command.Op == drivers.OpTTL {
				last.Err = fmt.Errorf("connection refused") // of one node of many
			}
			return err
		})
		_, err := kv.Copy(ctx, kv.MustOpen(Town, lost), kv.MustOpen(Town, memory.New()), kv.OnRefused(func(string, error) {}))
		Expect(err).To(MatchError(ContainSubstring("connection refused")))
	})
})
