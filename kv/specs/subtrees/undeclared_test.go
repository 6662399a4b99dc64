package subtrees_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// unescaped are keys as a program writes them that joins ids with colons as they are.
var unescaped = map[string]error{
	"town:houses2:a:b":                  kv.ErrUndeclared,
	"town:houses2:2026-11-28T10:00:00Z": kv.ErrUndeclared,
	"town:houses2:100%":                 kv.ErrBadKey,
	"town:houses2:{x}":                  kv.ErrBadKey,
	"town:houses2:*":                    kv.ErrBadKey,
	"town:houses2:":                     kv.ErrBadKey,
}

// strangers are keys of every kind below the dynamic stores of a town, of which none is
// declared.
var strangers = map[string]error{
	"town:houses2:7:deeper":        kv.ErrUndeclared, // below a value
	"town:houses:{seven}:plate":    kv.ErrBadKey,     // no number
	"town:houses:{07}:plate":       kv.ErrBadKey,     // no number's text
	"town:houses:8:plate":          kv.ErrBadKey,     // no hash tag
	"town:houses:{8}":              kv.ErrUndeclared, // a value where a store is
	"town:houses:{8}:attic":        kv.ErrUndeclared, // no field
	"town:houses:{8}:deed:1":       kv.ErrUndeclared, // below a document
	"town:{clubs}:go:chess:member": kv.ErrUndeclared, // an id with a colon
	"town:{clubs}:x:minutes:%41":   kv.ErrBadKey,     // in a store in a store
	"town:{clubs}::minutes:1":      kv.ErrBadKey,     // an empty id
	"town:{citizens}:a:b":          kv.ErrUndeclared, // in a collection
}

// refusals collects what OnRefused is told.
func refusals() (map[string]error, kv.SubtreeOption) {
	told := map[string]error{}
	return told, kv.OnRefused(func(path string, err error) {
		defer GinkgoRecover()
		Expect(told).NotTo(HaveKey(path), "told once")
		told[path] = err
	})
}

// beClassed are the keys, each with an error of op that names it and its class.
func beClassed(found, want map[string]error, op string) {
	GinkgoHelper()
	Expect(slices.Collect(maps.Keys(found))).To(ConsistOf(slices.Collect(maps.Keys(want))))
	for key, class := range want {
		Expect(found[key]).To(MatchError(class), key)
		Expect(found[key]).To(MatchError(HavePrefix("kv: " + op + " " + key + ": ")))
	}
}

// pathOf is where an error came from.
func pathOf(err error) string {
	GinkgoHelper()
	var failure *kv.Error
	Expect(errors.As(err, &failure)).To(BeTrue())
	return failure.Path
}

var _ = Describe("Keys that the schema does not declare", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store  kvtest.Backend
			town   kv.StaticStore
			houses kv.DynamicStore[kv.StringField]
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			town = kv.MustOpen(Town, store.Driver)
			houses = town.Take(TownHouses2)
		})

		Describe("below a store, as the predecessor writes ids", func() {
			BeforeEach(func(ctx context.Context) {
				Expect(houses.Take("plain").Write(ctx, "x")).To(Succeed())
				kvtest.Plant(ctx, store.Raw, slices.Collect(maps.Keys(unescaped))...)
			})

			It("are told by Export and Copy, or end them", func(ctx context.Context) {
				told, refused := refusals()
				Expect(houses.Export(ctx, io.Discard, refused)).To(HaveField("Values", 1))
				beClassed(told, unescaped, "Export")
				told, refused = refusals()
				twin := kv.MustOpen(Town, memory.New()).Take(TownHouses2)
				Expect(kv.Copy(ctx, houses, twin, refused)).To(HaveField("Values", 1))
				beClassed(told, unescaped, "Copy")
				Expect(kvtest.Collect(twin.Keys(ctx))).To(ConsistOf("plain"))

				for _, err := range []error{kvtest.ErrorOf(houses.Export(ctx, io.Discard)), kvtest.ErrorOf(kv.Copy(ctx, houses, twin))} {
					Expect(err).To(Or(MatchError(kv.ErrUndeclared), MatchError(kv.ErrBadKey)))
					Expect(unescaped).To(HaveKey(pathOf(err)))
				}
			})

			It("come one by one from Keys and All, and do not end the loop", func(ctx context.Context) {
				keys, failed := []string(nil), map[string]error{}
				for key, err := range houses.Keys(ctx) {
					if err != nil {
						failed[pathOf(err)] = err
						continue
					}
					keys = append(keys, key)
				}
				Expect(keys).To(ConsistOf("plain"))
				beClassed(failed, unescaped, "Keys")

				keys, failed = nil, map[string]error{}
				for entry, err := range kv.All(ctx, houses) {
					if err != nil {
						failed[pathOf(err)] = err
						continue
					}
					keys = append(keys, entry.Key+"="+entry.Value)
				}
				Expect(keys).To(ConsistOf("plain=x"))
				beClassed(failed, unescaped, "All")
			})

			It("do not count, do not expire, and are erased", func(ctx context.Context) {
				Expect(houses.Len(ctx)).To(Equal(1))
				Expect(houses.Count(ctx)).To(Equal(1))
				Expect(houses.Expire(ctx, time.Hour)).To(Equal(1))
				for key := range unescaped {
					Expect(store.Raw.Do(ctx, drivers.Command{Op: drivers.OpTTL, Key: key})).To(HaveField("Int", BeEquivalentTo(-1)), key)
				}
				Expect(houses.Erase(ctx)).To(Equal(1 + len(unescaped)))
			})

			It("make no store hold something", func(ctx context.Context) {
				Expect(houses.Take("plain").Erase(ctx)).To(BeTrue())
				Expect(town.Keys(ctx)).To(BeEmpty())
				Expect(houses.Len(ctx)).To(BeZero())
			})
		})

		It("add up, with what is carried over, to what Erase removes", func(ctx context.Context) {
			odd := append(slices.Collect(maps.Keys(unescaped)), "town:houses2:%3a")
			kvtest.Plant(ctx, store.Raw, odd...)
			told, refused := refusals()
			Expect(houses.Export(ctx, io.Discard, refused)).To(Equal(kv.Transferred{Refused: 7}))
			Expect(told).To(HaveLen(7))
			for _, carry := range []func(ctx context.Context, from, to kv.DynamicStore[kv.StringField], options ...kv.SubtreeOption) (kv.Transferred, error){
				kv.Copy[kv.DynamicStore[kv.StringField]], kv.Move[kv.DynamicStore[kv.StringField]],
			} {
				told, refused = refusals()
				Expect(carry(ctx, houses, openTwin(store.Driver).Take(TownHouses2), refused)).To(Equal(kv.Transferred{Refused: 7}))
				Expect(told).To(HaveLen(7))
			}
			for _, listed := range []func(yield func(error) bool){
				func(yield func(error) bool) {
					for _, err := range houses.Keys(ctx) {
						yield(err)
					}
				},
				func(yield func(error) bool) {
					for _, err := range kv.All(ctx, houses) {
						yield(err)
					}
				},
			} {
				var paths []string
				for err := range listed {
					paths = append(paths, pathOf(err))
				}
				Expect(paths).To(ConsistOf(odd))
			}
			Expect(houses.Erase(ctx)).To(Equal(7))
		})

		It("end no operation where they stay by their nature, and are told of and counted", func(ctx context.Context) {
			museum := town.Take(TownMuseum)
			Expect(kvtest.ErrorOf(museum.Take[kv.LockField]("lock").TryAcquire(ctx))).To(Succeed())
			Expect(kvtest.ErrorOf(museum.Take[kv.LimiterField]("limiter").Allow(ctx))).To(Succeed())
			stream := museum.Take[kv.StreamField[TownDeed]]("stream")
			Expect(kvtest.ErrorOf(stream.Append(ctx, TownDeed{"eve"}))).To(Succeed())
			Expect(stream.Group("one").Create(ctx, "0")).To(BeTrue())
			Expect(stream.Group("two").Create(ctx, "0")).To(BeTrue())
			Expect(museum.Export(ctx, io.Discard)).To(Equal(kv.Transferred{Values: 1, Refused: 4, Records: 1}))
			var told []string
			Expect(kv.Copy(ctx, museum, openTwin(store.Driver).Take(TownMuseum), kv.OnRefused(func(path string, err error) {
				defer GinkgoRecover()
				Expect(err).To(MatchError(errors.ErrUnsupported))
				told = append(told, err.Error())
			}))).To(Equal(kv.Transferred{Values: 1, Refused: 4}))
			Expect(told).To(ConsistOf(ContainSubstring("a lock stays"), ContainSubstring("a limiter stays"), ContainSubstring(`the group "one" stays`), ContainSubstring(`the group "two" stays`)))
		})

		Describe("anywhere below dynamic stores", func() {
			BeforeEach(func(ctx context.Context) {
				Expect(settle(ctx, town)).To(Equal(inATown))
				kvtest.Plant(ctx, store.Raw, slices.Collect(maps.Keys(strangers))...)
			})

			It("are told by Export, with its values all that Erase removes", func(ctx context.Context) {
				told, refused := refusals()
				Expect(town.Export(ctx, io.Discard, refused)).To(HaveField("Values", inATown))
				beClassed(told, strangers, "Export")
				told, refused = refusals()
				Expect(kv.Copy(ctx, town, kv.MustOpen(Town, memory.New()), refused)).To(HaveField("Values", inATown))
				beClassed(told, strangers, "Copy")
				Expect(town.Erase(ctx)).To(Equal(inATown + len(strangers)))
			})

			It("come from the Keys of the store that they are below, and give it no key", func(ctx context.Context) {
				below := func(prefix string) map[string]error {
					want := maps.Clone(strangers)
					maps.DeleteFunc(want, func(key string, _ error) bool { return !strings.HasPrefix(key, prefix) })
					return want
				}
				ids, failed := []int(nil), map[string]error{}
				for id, err := range town.Take(TownHouses).Keys(ctx) {
					if err != nil {
						failed[pathOf(err)] = err
						continue
					}
					ids = append(ids, id)
				}
				Expect(ids).To(ConsistOf(7, -12), "there is nothing in house 8")
				beClassed(failed, below("town:houses:"), "Keys")
				Expect(town.Take(TownHouses).Len(ctx)).To(Equal(2))
			})

			It("are not known to a registry, and told by Export there too", func(ctx context.Context) {
				Expect(kvtest.Collect(town.Take(TownClubs).Keys(ctx))).To(ConsistOf("chess", "{go}"))
				Expect(kvtest.Collect(town.Take(TownCitizens).Keys(ctx))).To(ConsistOf("ann", "b:o", "cid"))
				told, refused := refusals()
				Expect(town.Take(TownCitizens).Export(ctx, io.Discard, refused)).To(HaveField("Values", 3))
				Expect(told).To(And(HaveLen(1), HaveKey("town:{citizens}:a:b")))
			})
		})

		It("are nothing to a static store that they lie beside the fields of, but for who asks for them, nor touched by it", func(ctx context.Context) {
			Expect(settle(ctx, town)).To(Equal(inATown))
			beside := []string{"town:hall:attic", "town:cellar", "town:hall"}
			kvtest.Plant(ctx, store.Raw, beside...)
			Expect(town.Take(TownHall).Keys(ctx)).To(Equal([]string{"motto", "wards"}))
			Expect(town.Export(ctx, io.Discard)).To(HaveField("Refused", 0))
			told, refused := refusals()
			Expect(town.Export(ctx, io.Discard, refused)).To(And(HaveField("Values", inATown), HaveField("Refused", 3)))
			beClassed(told, map[string]error{"town:hall:attic": kv.ErrUndeclared, "town:cellar": kv.ErrUndeclared, "town:hall": kv.ErrUndeclared}, "Export")
			Expect(town.Erase(ctx)).To(Equal(inATown))
			Expect(storedKeys(ctx, store.Raw)).To(ConsistOf("town:hall:attic", "town:cellar", "town:hall"))
		})
	})
})
