package changes_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// hall has a field of each kind.
var hall = kv.Static("hall").
	String("string").Bytes("bytes").Int("int").Float("float").Bool("bool").Time("time").JSON[kvtest.RoomConfig]("json").
	Set("set").List("list").SortedSet("sorted").Hash[kvtest.RoomConfig]("hash").Map[int]("map").Geo("geo").
	BitSet("bitset", kv.U8).Bitmap("bitmap").HyperLogLog("hll").Stream[string]("stream").Lock("lock", time.Hour).
	Limiter("limiter", kv.Per(1, time.Hour)).Queue[string]("queue").Topic[string]("topic").String("sliding", kv.Sliding(time.Hour))

// field is a field of the hall.
func field[H any](hall kv.StaticStore, name string) H { return hall.Take[H](kv.Key[H](name)) }

var _ = Describe("A value that is followed", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			room  kv.StaticStore
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			room = kv.MustOpen(hall, store.Driver)
			store.Trips.Reset()
			leavesNoGoroutines()
		})

		It("is what is there, and then what becomes of it", func(ctx context.Context) {
			config := field[kv.JSONField[kvtest.RoomConfig]](room, "json")
			loop := begin(ctx, config.Follow)
			Expect(loop.failure()).To(MatchError(kv.ErrNotFound))
			for seats := range 3 {
				Expect(config.Write(ctx, kvtest.RoomConfig{Title: "blue", Seats: seats + 1})).To(Succeed())
				Expect(loop.value().Seats).To(Equal(seats + 1))
			}
			Expect(config.Erase(ctx)).To(BeTrue())
			Expect(loop.failure()).To(MatchError("kv: Follow hall:json: not found"))
			Expect(kv.Atomic(ctx, config, func(ctx context.Context, tx kv.JSONField[kvtest.RoomConfig]) error {
				return tx.Write(ctx, kvtest.RoomConfig{Title: "red", Seats: 4})
			})).To(Succeed())
			Expect(loop.value().Title).To(Equal("red"))
			loop.cancel()
			Expect(loop.end()).To(MatchError(context.Canceled))
		})

		It("is not told again where nothing is different", func(ctx context.Context) {
			note := field[kv.StringField](room, "string")
			Expect(note.Write(ctx, "a")).To(Succeed())
			loop := begin(ctx, note.Follow)
			Expect(loop.value()).To(Equal("a"))
			for i, change := range []func() error{
				func() error { return kvtest.ErrorOf(note.Expire(ctx, time.Hour)) },
				func() error { return note.Write(ctx, "a", kv.NoExpiry) },
			} {
				Expect(change()).To(Succeed())
				Eventually(store.Trips.Of).WithArguments(drivers.OpGet).Should(BeNumerically(">=", 2+i), "it is read")
			}
			Expect(note.Write(ctx, "b")).To(Succeed())
			Expect(loop.value()).To(Equal("b"))
		})

		It("is not told again where only the order of what has none is another", func(ctx context.Context) {
			var turns atomic.Int64
			turning := drivers.Use(store.Driver, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
				err := next(ctx, b)
				for _, item := range b.Items {
					values := item.Reply.Values
					switch {
					case turns.Add(1)%2 == 0: // each second time
					case item.Command.Op == drivers.OpSMembers:
						slices.Reverse(values)
					case item.Command.Op == drivers.OpHGetAll:
						slices.Reverse(values)
						for i := 0; i < len(values); i += 2 {
							values[i], values[i+1] = values[i+1], values[i]
						}
					}
				}
				return err
			})
			for _, name := range []string{"set", "map"} {
				turns.Store(0)
				room := kv.MustOpen(hall, turning)
				fill, follow, reads := func(members ...string) error {
					return field[kv.SetField](kv.MustOpen(hall, store.Raw), name).Write(ctx, members)
				},
					func(ctx context.Context) iter.Seq2[int, error] {
						return sizes(field[kv.SetField](room, name).Follow(ctx))
					}, drivers.OpSMembers
				if name == "map" {
					fill = func(members ...string) error {
						all := map[string]int{}
						for i, member := range members {
							all[member] = i
						}
						return field[kv.MapField[string, int]](kv.MustOpen(hall, store.Raw), name).Write(ctx, all)
					}
					follow = func(ctx context.Context) iter.Seq2[int, error] {
						return sizes(field[kv.MapField[string, int]](room, name).Follow(ctx))
					}
					reads = drivers.OpHGetAll
				}
				Expect(fill("a", "b", "c")).To(Succeed())
				loop := begin(ctx, follow)
				Expect(loop.value()).To(Equal(3))
				for i := range 3 {
					do(ctx, store.Raw, drivers.Command{Op: drivers.OpExpire, Key: "hall:" + name, Expiry: drivers.In(time.Hour)})
					Eventually(store.Trips.Of).WithArguments(reads).Should(BeNumerically(">=", 2+i), "it is read")
				}
				Expect(fill("a")).To(Succeed())
				Expect(loop.value()).To(Equal(1))
			}
		})

		It("is compared with what was there, whatever the loop has made of that", func(ctx context.Context) {
			list := field[kv.ListField](room, "list")
			Expect(list.Write(ctx, []string{"a", "b"})).To(Succeed())
			loop := begin(ctx, list.Follow)
			first := loop.value()
			first[0], first[1] = "c", "d"
			Expect(list.Write(ctx, []string{"c", "d"})).To(Succeed())
			Expect(loop.value()).To(Equal([]string{"c", "d"}))
		})

		It("is the newest for a loop that is slow, and never an older one after a newer one", func(ctx context.Context) {
			count := field[kv.IntField](room, "int")
			Expect(count.Write(ctx, 0)).To(Succeed())
			loop := begin(ctx, count.Follow)
			Expect(loop.value()).To(BeZero())
			const most = 500
			for range most {
				Expect(count.Increment(ctx, 1)).Error().NotTo(HaveOccurred())
			}
			last, values := int64(0), 0
			for last < most {
				next := loop.value()
				Expect(next).To(BeNumerically(">", last))
				last, values = next, values+1
			}
			Expect(values).To(BeNumerically("<=", 3), "it stood still meanwhile")
			Expect(store.Trips.Of(drivers.OpGet)).To(BeNumerically("<=", 4), "one reading for all that came meanwhile")
		})

		It("costs one round trip for each time", func(ctx context.Context) {
			note := field[kv.StringField](room, "string")
			Expect(note.Write(ctx, "a")).To(Succeed())
			store.Trips.Reset()
			loop := begin(ctx, note.Follow)
			Expect(loop.value()).To(Equal("a"))
			Expect(store.Trips.Taken()).To(Equal(1))
			kvtest.Plant(ctx, store.Raw, "hall:string:below", "hall:string2", "hall")
			do(ctx, store.Raw, drivers.Command{Op: drivers.OpSet, Key: note.Path(), Value: "b"})
			Expect(loop.value()).To(Equal("b"))
			Expect(store.Trips.Taken()).To(Equal(2))
		})

		It("may be of another type, or no value of the schema, meanwhile", func(ctx context.Context) {
			count := field[kv.IntField](room, "int")
			Expect(count.Write(ctx, 1)).To(Succeed())
			loop := begin(ctx, count.Follow)
			Expect(loop.value()).To(Equal(int64(1)))
			do(ctx, store.Raw, drivers.Command{Op: drivers.OpSet, Key: count.Path(), Value: "one"})
			Expect(loop.failure()).To(MatchError(kv.ErrCorrupt))
			Expect(count.Erase(ctx)).To(BeTrue())
			Expect(loop.failure()).To(MatchError(kv.ErrNotFound))
			do(ctx, store.Raw, drivers.Command{Op: drivers.OpSAdd, Key: count.Path(), Values: []string{"one"}})
			Expect(loop.failure()).To(MatchError(kv.ErrWrongType))
			do(ctx, store.Raw, drivers.Command{Op: drivers.OpSAdd, Key: count.Path(), Values: []string{"two"}})
			Expect(count.Write(ctx, 2)).To(Succeed())
			Expect(loop.value()).To(Equal(int64(2)))
		})

		It("ends by itself", func(ctx context.Context) {
			note := field[kv.StringField](room, "string")
			Expect(note.Write(ctx, "brief", kv.ExpireIn(time.Hour))).To(Succeed())
			loop := begin(ctx, note.Follow)
			Expect(loop.value()).To(Equal("brief"))
			Expect(note.Expire(ctx, 50*time.Millisecond)).To(BeTrue())
			Expect(loop.failure()).To(MatchError(kv.ErrNotFound))
		})

		It("does not live longer for being followed", func(ctx context.Context) {
			session := field[kv.StringField](room, "sliding")
			loop := begin(ctx, session.Follow)
			Expect(loop.failure()).To(MatchError(kv.ErrNotFound))
			Expect(session.Write(ctx, "ann")).To(Succeed())
			Expect(loop.value()).To(Equal("ann"))
			Expect(session.Read(ctx)).To(Equal("ann")) // which is a change, as it starts anew
			Expect(session.Write(ctx, "bob")).To(Succeed())
			Expect(loop.value()).To(Equal("bob"))
			Expect(store.Trips.Of(drivers.OpGetEx)).To(Equal(1))
		})

		DescribeTable("is whole, of each kind that is read as a whole", func(ctx context.Context, try func(ctx context.Context, hall kv.StaticStore)) { try(ctx, room) },
			Entry("strings", wholly("string", func(c context.Context, f kv.StringField) error { return f.Write(c, "a") }, kv.StringField.Follow, BeEmpty(), Equal("a"))),
			Entry("bytes", wholly("bytes", func(c context.Context, f kv.BytesField) error { return f.Write(c, []byte("a")) }, kv.BytesField.Follow, BeEmpty(), Equal([]byte("a")))),
			Entry("floats", wholly("float", func(c context.Context, f kv.FloatField) error { return f.Write(c, 0.5) }, kv.FloatField.Follow, BeZero(), Equal(0.5))),
			Entry("truth values", wholly("bool", func(c context.Context, f kv.BoolField) error { return f.Write(c, true) }, kv.BoolField.Follow, BeFalse(), BeTrue())),
			Entry("hashes", wholly("hash", func(c context.Context, f kv.HashField[kvtest.RoomConfig]) error {
				return f.Write(c, kvtest.RoomConfig{Title: "a", Seats: 1})
			}, kv.HashField[kvtest.RoomConfig].Follow, BeZero(), HaveField("Title", "a"))),
			Entry("sets", wholly("set", func(c context.Context, f kv.SetField) error { return f.Write(c, []string{"a"}) }, kv.SetField.Follow, BeEmpty(), Equal([]string{"a"}))),
			Entry("lists", wholly("list", func(c context.Context, f kv.ListField) error { return f.Write(c, []string{"a"}) }, kv.ListField.Follow, BeEmpty(), Equal([]string{"a"}))),
			Entry("sorted sets", wholly("sorted", func(c context.Context, f kv.SortedSetField) error {
				return f.Write(c, []kv.Scored[string]{{Member: "a", Score: 2}})
			}, kv.SortedSetField.Follow, BeEmpty(), Equal([]kv.Scored[string]{{Member: "a", Score: 2}}))),
			Entry("maps", wholly("map", func(c context.Context, f kv.MapField[string, int]) error { return f.Write(c, map[string]int{"a": 1}) },
				kv.MapField[string, int].Follow, BeEmpty(), Equal(map[string]int{"a": 1}))),
			Entry("positions", wholly("geo", func(c context.Context, f kv.GeoField) error {
				return f.Write(c, []kv.Located[string]{{Member: "a"}})
			}, kv.GeoField.Follow, BeEmpty(), ConsistOf(HaveField("Member", "a")))),
		)

		DescribeTable("is told of as being there, of each other kind", func(ctx context.Context, name string, of func(hall kv.StaticStore) kv.Field, fill func(ctx context.Context, hall kv.StaticStore) error) {
			f := of(room)
			loop := begin(ctx, f.Follow)
			Expect(loop.value()).To(BeFalse())
			Expect(fill(ctx, room)).To(Succeed())
			Expect(loop.value()).To(BeTrue())
			Expect(f.Expire(ctx, time.Hour)).To(BeTrue())
			Expect(loop.value()).To(BeTrue(), "something may be different")
			Expect(f.Erase(ctx)).To(BeTrue())
			Expect(loop.value()).To(BeFalse())
		},
			Entry("bitsets", "bitset", func(h kv.StaticStore) kv.Field { return field[kv.BitSetField](h, "bitset").Field }, func(c context.Context, h kv.StaticStore) error {
				return kvtest.ErrorOf(field[kv.BitSetField](h, "bitset").Increment(c, 0, 1))
			}),
			Entry("bitmaps", "bitmap", func(h kv.StaticStore) kv.Field { return field[kv.BitmapField](h, "bitmap").Field }, func(c context.Context, h kv.StaticStore) error {
				return kvtest.ErrorOf(field[kv.BitmapField](h, "bitmap").Put(c, 0, true))
			}),
			Entry("sketches", "hll", func(h kv.StaticStore) kv.Field { return field[kv.HyperLogLogField](h, "hll").Field }, func(c context.Context, h kv.StaticStore) error {
				return kvtest.ErrorOf(field[kv.HyperLogLogField](h, "hll").Add(c, "a"))
			}),
			Entry("streams", "stream", func(h kv.StaticStore) kv.Field { return field[kv.StreamField[string]](h, "stream").Field }, func(c context.Context, h kv.StaticStore) error {
				return kvtest.ErrorOf(field[kv.StreamField[string]](h, "stream").Append(c, "a"))
			}),
			Entry("locks", "lock", func(h kv.StaticStore) kv.Field { return field[kv.LockField](h, "lock").Field }, func(c context.Context, h kv.StaticStore) error {
				return kvtest.ErrorOf(field[kv.LockField](h, "lock").TryAcquire(c))
			}),
			Entry("limiters", "limiter", func(h kv.StaticStore) kv.Field { return field[kv.LimiterField](h, "limiter").Field }, func(c context.Context, h kv.StaticStore) error {
				return kvtest.ErrorOf(field[kv.LimiterField](h, "limiter").Allow(c))
			}),
			Entry("queues", "queue", func(h kv.StaticStore) kv.Field { return field[kv.QueueField[string]](h, "queue").Field }, func(c context.Context, h kv.StaticStore) error {
				return kvtest.ErrorOf(field[kv.QueueField[string]](h, "queue").Add(c, "a"))
			}),
			Entry("sets that are large", "set", func(h kv.StaticStore) kv.Field { return field[kv.SetField](h, "set").Field }, func(c context.Context, h kv.StaticStore) error {
				return kvtest.ErrorOf(field[kv.SetField](h, "set").Add(c, "a"))
			}),
		)

		It("is left at once, and its driver with it", func(ctx context.Context) {
			Expect(firstOf(field[kv.StringField](room, "string").Follow(ctx))).Error().To(MatchError(kv.ErrNotFound))
			Expect(firstOf(field[kv.LockField](room, "lock").Follow(ctx))).To(BeFalse())
			Expect(func() {
				for range field[kv.LockField](room, "lock").Follow(ctx) {
					panic("the loop")
				}
			}).To(PanicWith("the loop"))
		})

		It("is not part of a batch or of a transaction", func(ctx context.Context) {
			note := field[kv.StringField](room, "string")
			var batch kv.Batch
			bound := batch.Bind(note)
			batch.Do(func(ctx context.Context) (string, error) { return firstOf(bound.Follow(ctx)) })
			Expect(batch.Run(ctx)).To(MatchError(errors.ErrUnsupported))
			Expect(kv.Atomic(ctx, note, func(ctx context.Context, tx kv.StringField) error {
				return kvtest.ErrorOf(firstOf(tx.Follow(ctx)))
			})).To(MatchError(errors.ErrUnsupported))
			Expect(kv.Atomic(ctx, note, func(ctx context.Context, _ kv.StringField) error {
				return kvtest.ErrorOf(firstOf(note.Follow(ctx)))
			})).To(MatchError(kv.ErrInvalid))
		})

		It("has the error of a wrong Take", func(ctx context.Context) {
			for _, err := range []error{
				kvtest.ErrorOf(firstOf(field[kv.StringField](room, "none").Follow(ctx))), kvtest.ErrorOf(firstOf(field[kv.LockField](room, "none").Follow(ctx))),
				kvtest.ErrorOf(firstOf(field[kv.SetField](room, "none").Follow(ctx))), kvtest.ErrorOf(firstOf(field[kv.JSONField[int]](room, "none").Follow(ctx))),
			} {
				Expect(err).To(MatchError(kv.ErrUndeclared))
			}
			Expect(firstOf(field[kv.StringField](room, "int").Follow(ctx))).Error().To(MatchError(kv.ErrTypeMismatch))
			Expect(firstOf(kv.StringField{}.Follow(ctx))).Error().To(MatchError(kv.ErrUndeclared))
		})

		It("ends with what lasts", func(ctx context.Context) {
			denied := drivers.Use(store.Raw, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
				if b.Items[0].Command.Op == drivers.OpGet {
					return fmt.Errorf("not for you: %w", drivers.ErrDenied)
				}
				return next(ctx, b)
			})
			loop := begin(ctx, field[kv.StringField](kv.MustOpen(hall, denied), "string").Follow)
			Expect(loop.end()).To(MatchError(kv.ErrDenied))

			cannot := begin(ctx, field[kv.StringField](kv.MustOpen(hall, kvtest.OnlyDo{Driver: store.Raw}), "string").Follow)
			Expect(cannot.end()).To(MatchError(errors.ErrUnsupported))

			done, cancel := context.WithCancel(ctx)
			cancel()
			Expect(firstOf(field[kv.StringField](room, "string").Follow(done))).Error().To(MatchError(context.Canceled))

			open := begin(ctx, field[kv.StringField](room, "string").Follow)
			Expect(open.failure()).To(MatchError(kv.ErrNotFound))
			Expect(drivers.Close(store.Raw)).To(Succeed())
			Expect(open.end()).To(MatchError(kv.ErrClosed))
		})
	})
})

// sizes is how many there are each time.
func sizes[T any](followed iter.Seq2[T, error]) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for all, err := range followed {
			if !yield(reflect.ValueOf(all).Len(), err) {
				return
			}
		}
	}
}

// wholly makes what tries a field that is read as a whole.
func wholly[H interface {
	Erase(ctx context.Context) (bool, error)
}, T any](name string, fill func(context.Context, H) error, follow func(H, context.Context) iter.Seq2[T, error], absent, filled OmegaMatcher) func(context.Context, kv.StaticStore) {
	return func(ctx context.Context, hall kv.StaticStore) {
		GinkgoHelper()
		handle := field[H](hall, name)
		loop := begin(ctx, func(ctx context.Context) iter.Seq2[T, error] { return follow(handle, ctx) })
		isAbsent := func(next told[T]) {
			GinkgoHelper()
			Expect(next.Value).To(absent)
			Expect(next.Err).To(Or(BeNil(), MatchError(kv.ErrNotFound)))
		}
		isAbsent(loop.next())
		Expect(fill(ctx, handle)).To(Succeed())
		Expect(loop.value()).To(filled)
		Expect(handle.Erase(ctx)).To(BeTrue())
		isAbsent(loop.next())
	}
}

var _ = Describe("A value that ends by a clock", func() {
	It("is told to be absent when its time is over", func(ctx context.Context) {
		clock := kvtest.NewClock()
		note := kv.MustOpen(kv.String(), memory.New(memory.WithClock(clock.Now)), kv.At("note"))
		Expect(note.Write(ctx, "brief", kv.ExpireIn(time.Hour))).To(Succeed())
		loop := begin(ctx, note.Follow)
		Expect(loop.value()).To(Equal("brief"))
		clock.Advance(2 * time.Hour)
		Expect(loop.failure()).To(MatchError(kv.ErrNotFound))
	})
})
