package schemas_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

var _ = Describe("A store", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			foo   kv.StaticStore
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			foo = kv.MustOpen(kvtest.Foo, store.Driver)
		})
		plant := func(ctx context.Context, keys ...string) {
			GinkgoHelper()
			for _, key := range keys {
				_, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: key, Value: "foreign"})
				Expect(err).NotTo(HaveOccurred())
			}
		}

		It("lists the ids that hold something, each once", func(ctx context.Context) {
			bar := foo.Take(kvtest.Bar)
			Expect(kvtest.Collect(bar.Keys(ctx))).To(BeEmpty())
			ids := []string{"7", "a:b", "*", "%3A", "{x}", "żółw", "a b", "new\nline"}
			for _, id := range ids {
				Expect(bar.Take(id).Write(ctx, nil)).To(Succeed())
			}
			Expect(kvtest.Collect(bar.Keys(ctx))).To(ConsistOf(ids))
			Expect(bar.Len(ctx)).To(Equal(len(ids)))
			Expect(bar.Take("*").Erase(ctx)).To(BeTrue())
			Expect(bar.Len(ctx)).To(Equal(len(ids) - 1))
		})

		It("lists the ids of nested stores, however much lies below them", func(ctx context.Context) {
			rooms := foo.Take(kvtest.Rooms)
			for _, id := range []string{"7", "4:2"} {
				Expect(rooms.Take(id).Take(kvtest.Config).Write(ctx, kvtest.RoomConfig{Seats: 1})).To(Succeed())
				Expect(rooms.Take(id).Take(kvtest.Members).Add(ctx, "ann")).To(Equal(1))
			}
			Expect(kvtest.Collect(rooms.Keys(ctx))).To(ConsistOf("7", "4:2"))
			Expect(foo.Keys(ctx)).To(Equal([]string{"rooms"}))
			Expect(rooms.Take("7").Keys(ctx)).To(Equal([]string{"config", "members"}))
			Expect(rooms.Take("8").Keys(ctx)).To(BeEmpty())
		})

		It("does not take neighbours for its own", func(ctx context.Context) {
			plant(ctx, "foo:bar2:x", "foo:ba", "foo:bar", "foo2:bar:y", "foo:bar:z:deeper", "foo:*:w")
			Expect(foo.Take(kvtest.Bar).Take("mine").Write(ctx, nil)).To(Succeed())
			var keys []string
			for key, err := range foo.Take(kvtest.Bar).Keys(ctx) {
				if err != nil {
					Expect(err).To(And(MatchError(kv.ErrUndeclared), MatchError(HavePrefix("kv: Keys foo:bar:z:deeper: "))))
					continue
				}
				keys = append(keys, key)
			}
			Expect(keys).To(Equal([]string{"mine"}))
			Expect(foo.Take(kvtest.Bar).Erase(ctx)).To(Equal(2), "what lies deeper below it is its own")
			for _, key := range []string{"foo:bar2:x", "foo:ba", "foo:bar", "foo2:bar:y", "foo:*:w"} {
				Expect(store.Raw.Do(ctx, drivers.Command{Op: drivers.OpExists, Key: key})).To(HaveField("Int", BeEquivalentTo(1)), key)
			}
		})

		It("reports foreign keys without ending the listing", func(ctx context.Context) {
			plant(ctx, "foo:bar:%3a", "foo:bar:%41", "foo:bar:[x]")
			Expect(foo.Take(kvtest.Bar).Take("mine").Write(ctx, nil)).To(Succeed())
			good, bad := 0, 0
			for key, err := range foo.Take(kvtest.Bar).Keys(ctx) {
				if err == nil {
					Expect(key).To(Equal("mine"))
					good++
					continue
				}
				Expect(err).To(MatchError(kv.ErrBadKey))
				Expect(err).To(MatchError(HavePrefix("kv: Keys foo:bar:")))
				bad++
			}
			Expect([]int{good, bad}).To(Equal([]int{1, 3}))
			Expect(foo.Take(kvtest.Bar).Len(ctx)).To(Equal(1))
		})

		It("erases everything below it, and nothing beside it", func(ctx context.Context) {
			for i := range 1200 {
				Expect(foo.Take(kvtest.Rooms).Take(fmt.Sprint(i)).Take(kvtest.Members).Add(ctx, "ann")).To(Equal(1))
			}
			Expect(foo.Take(kvtest.Bar).Take("any").Write(ctx, nil)).To(Succeed())
			Expect(foo.Take(kvtest.Baz).Add(ctx, "x")).To(Equal(1))
			plant(ctx, "foo2", "foo:undeclared", "rooms:7")

			Expect(foo.Take(kvtest.Rooms).Take("7").Erase(ctx)).To(Equal(1))
			Expect(foo.Take(kvtest.Rooms).Len(ctx)).To(Equal(1199))
			Expect(foo.Erase(ctx)).To(Equal(1201))
			Expect(foo.Keys(ctx)).To(BeEmpty())
			Expect(foo.Erase(ctx)).To(Equal(0))
			for _, key := range []string{"foo2", "foo:undeclared", "rooms:7"} {
				Expect(store.Raw.Do(ctx, drivers.Command{Op: drivers.OpExists, Key: key})).To(HaveField("Int", BeEquivalentTo(1)), key)
			}
		})

		It("erases and lists a store of declared keys in one round trip", func(ctx context.Context) {
			room := foo.Take(kvtest.Rooms).Take("7")
			store.Trips.Reset()
			Expect(room.Keys(ctx)).To(BeEmpty())
			Expect(store.Trips.Taken()).To(Equal(1))
			Expect(room.Erase(ctx)).To(Equal(0))
			Expect(store.Trips.Taken()).To(Equal(2))
		})

		It("may be left and changed in the middle of a listing", func(ctx context.Context) {
			for i := range 100 {
				Expect(foo.Take(kvtest.Bar).Take(fmt.Sprint(i)).Write(ctx, nil)).To(Succeed())
			}
			for key := range foo.Take(kvtest.Bar).Keys(ctx) {
				Expect(foo.Take(kvtest.Bar).Take(key).Erase(ctx)).To(BeTrue())
			}
			Expect(foo.Take(kvtest.Bar).Len(ctx)).To(Equal(0))
		})

		It("says what went wrong while it was listed", func(ctx context.Context) {
			Expect(drivers.Close(store.Driver)).To(Succeed())
			_, err := foo.Take(kvtest.Bar).Len(ctx)
			Expect(err).To(MatchError(kv.ErrClosed))
			Expect(err).To(MatchError(HavePrefix("kv: Len foo:bar: ")))
			for _, err := range foo.Take(kvtest.Bar).Keys(ctx) {
				Expect(err).To(MatchError(HavePrefix("kv: Keys foo:bar: ")))
			}
		})
	})
})

var _ = Describe("Time", func() {
	It("moves by the clock the memory driver is given", func(ctx context.Context) {
		clock := kvtest.NewClock()
		desk := kv.MustOpen(kvtest.Desk, memory.New(memory.WithClock(clock.Now)))
		Expect(desk.Take(kvtest.Code).Write(ctx, "123")).To(Succeed())
		Expect(desk.Take(kvtest.Code).TTL(ctx)).To(Equal(5 * time.Minute))
		clock.Advance(5*time.Minute - time.Millisecond)
		Expect(desk.Take(kvtest.Code).Read(ctx)).To(Equal("123"))
		Expect(desk.Take(kvtest.Code).TTL(ctx)).To(Equal(time.Millisecond))
		clock.Advance(2 * time.Millisecond) // a value lives through the millisecond it ends in
		_, err := desk.Take(kvtest.Code).Read(ctx)
		Expect(err).To(MatchError(kv.ErrNotFound))
		Expect(desk.Keys(ctx)).To(BeEmpty())
		Expect(desk.Take(kvtest.Code).Write(ctx, "124", kv.IfAbsent)).To(Succeed())
	})
})

var _ = Describe("A driver that cannot list keys", func() {
	It("serves everything but listings, and says so", func(ctx context.Context) {
		foo := kv.MustOpen(kvtest.Foo, kvtest.OnlyDo{Driver: memory.New()})
		Expect(foo.Take(kvtest.Baz).Add(ctx, "x")).To(Equal(1))
		Expect(foo.Take(kvtest.Rooms).Take("7").Keys(ctx)).To(BeEmpty())
		for _, err := range []error{kvtest.ErrorOf(foo.Take(kvtest.Bar).Len(ctx)), kvtest.ErrorOf(foo.Keys(ctx)), kvtest.ErrorOf(foo.Erase(ctx))} {
			Expect(err).To(MatchError(errors.ErrUnsupported))
		}
	})
})

// contended lets somebody else write between every read and the write that follows it.
func contended(driver drivers.Driver, key string) drivers.Driver {
	writes := 0
	return drivers.Use(driver, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
		if b.Items[0].Command.Op.Effect() == drivers.Writes {
			writes++
			_, err := driver.Do(context.WithoutCancel(ctx), drivers.Command{Op: drivers.OpSet, Key: key, Value: fmt.Sprint("other-", writes)})
			Expect(err).NotTo(HaveOccurred())
		}
		return next(ctx, b)
	})
}

var _ = Describe("Update", func() {
	It("gives up with ErrConflict, leaving the other's value", func(ctx context.Context) {
		driver := memory.New()
		note := kv.MustOpen(kvtest.Desk, contended(driver, "desk:note")).Take(kvtest.Note)
		calm := kv.MustOpen(kvtest.Desk, driver).Take(kvtest.Note)
		Expect(calm.Write(ctx, "first")).To(Succeed())
		_, err := note.Update(ctx, func(s string) (string, error) { return s + "!", nil })
		Expect(err).To(MatchError(kv.ErrConflict))
		Expect(calm.Read(ctx)).To(HavePrefix("other-"))
	})

	It("ends with its context while it waits for its turn", func(ctx context.Context) {
		driver := memory.New()
		note := kv.MustOpen(kvtest.Desk, contended(driver, "desk:note")).Take(kvtest.Note)
		Expect(kv.MustOpen(kvtest.Desk, driver).Take(kvtest.Note).Write(ctx, "first")).To(Succeed())
		over, cancel := context.WithCancel(ctx)
		_, err := note.Update(over, func(s string) (string, error) { cancel(); return s + "!", nil })
		Expect(err).To(MatchError(context.Canceled))
	})
})
