package batches_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// entries collects what came with an error and what did not.
func entries[K comparable, T any](all iter.Seq2[kv.Entry[K, T], error]) (values map[K]T, failures map[K]error) {
	GinkgoHelper()
	values, failures = map[K]T{}, map[K]error{}
	for entry, err := range all {
		Expect(values).NotTo(HaveKey(entry.Key), "it came twice")
		if err != nil {
			failures[entry.Key] = err
			continue
		}
		values[entry.Key] = entry.Value
	}
	return values, failures
}

// numberedKey counts how often one of its kind was read from a text.
type numberedKey string

var parsed atomic.Int64

func (k numberedKey) MarshalText() ([]byte, error) { return []byte(k), nil }

func (k *numberedKey) UnmarshalText(text []byte) error {
	parsed.Add(1)
	*k = numberedKey(text)
	return nil
}

var _ = Describe("The keys of a registry", func() {
	It("are read from their texts once by All, as by Keys", func(ctx context.Context) {
		names := kv.MustOpen(kv.IndexKeys(kv.DynamicBy[numberedKey](kv.String())), memory.New(), kv.At("names"))
		for i := range 300 {
			Expect(names.Take(numberedKey(fmt.Sprint(i))).Write(ctx, "name")).To(Succeed())
		}
		parsed.Store(0)
		values, failures := entries(kv.All(ctx, names))
		Expect(values).To(HaveLen(300))
		Expect(failures).To(BeEmpty())
		Expect(parsed.Load()).To(BeEquivalentTo(300))
		parsed.Store(0)
		for _, err := range names.Keys(ctx) {
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(parsed.Load()).To(BeEquivalentTo(300))
	})
})

var _ = Describe("Many values", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			games kv.DynamicStore[kv.JSONField[kvtest.Game]]
			names kv.DynamicStore[kv.StringField]
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			games = kv.MustOpen(kv.Dynamic(kv.JSON[kvtest.Game]()), store.Driver, kv.At("games"))
			names = kv.MustOpen(kv.Dynamic(kv.String()), store.Driver, kv.At("names"))
		})
		fill := func(ctx context.Context, number int) []string {
			GinkgoHelper()
			batch, keys := drivers.NewBatch(), make([]string, number)
			for i := range keys {
				keys[i] = fmt.Sprint(i)
				batch.Items = append(batch.Items, drivers.Item{Command: drivers.Command{Op: drivers.OpSet, Key: "names:" + keys[i], Value: "name " + keys[i]}})
			}
			Expect(drivers.DoBatch(ctx, store.Raw, batch)).To(Succeed())
			store.Trips.Reset()
			return keys
		}
		foreign := func(ctx context.Context, key, value string) {
			GinkgoHelper()
			_, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: key, Value: value})
			Expect(err).NotTo(HaveOccurred())
		}

		Describe("of given keys", func() {
			It("come in the order of the keys, a round trip for every 256", func(ctx context.Context) {
				keys := fill(ctx, 600)
				var read []string
				for entry, err := range kv.ReadMany(ctx, names, keys...) {
					Expect(err).NotTo(HaveOccurred())
					Expect(entry.Value).To(Equal("name " + entry.Key))
					read = append(read, entry.Key)
				}
				Expect(read).To(Equal(keys))
				Expect(store.Trips.Taken()).To(Equal(3))
			})
			It("come with their key where they are absent or have drifted from the schema, which ends nothing", func(ctx context.Context) {
				Expect(games.Take("fine").Write(ctx, kvtest.Game{White: "ann"})).To(Succeed())
				foreign(ctx, "games:drifted", `{"white":7}`)
				foreign(ctx, "games:no JSON", "foreign")
				_, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpSAdd, Key: "games:set", Values: []string{"x"}})
				Expect(err).NotTo(HaveOccurred())
				var order []string
				for entry := range kv.ReadMany(ctx, games, "drifted", "absent", "no JSON", "set", "", "fine", "fine") {
					order = append(order, entry.Key)
				}
				Expect(order).To(Equal([]string{"drifted", "absent", "no JSON", "set", "", "fine", "fine"}))
				values, failures := entries(kv.ReadMany(ctx, games, "drifted", "absent", "no JSON", "set", "", "fine"))
				Expect(values).To(Equal(map[string]kvtest.Game{"fine": {White: "ann"}}))
				Expect(failures["drifted"]).To(MatchError(kv.ErrCorrupt))
				Expect(failures["drifted"]).To(MatchError(ContainSubstring("games:drifted: ")))
				Expect(failures["no JSON"]).To(MatchError(kv.ErrCorrupt))
				Expect(failures["absent"]).To(MatchError(kv.ErrNotFound))
				Expect(failures["set"]).To(MatchError(kv.ErrWrongType))
				Expect(failures[""]).To(MatchError(kv.ErrBadKey))
			})
			It("are read in a transaction, which watches them all", func(ctx context.Context) {
				bank := kv.MustOpen(kvtest.Bank, store.Driver)
				keys := make([]string, 600)
				for i := range keys {
					keys[i] = fmt.Sprint(i)
				}
				tries := 0
				Expect(kv.Atomic(ctx, bank.Take(kvtest.Accounts), func(_ context.Context, tx kv.DynamicStore[kv.StringField]) error {
					for entry, err := range kv.ReadMany(ctx, tx, keys...) {
						if !errors.Is(err, kv.ErrNotFound) && (err != nil || entry.Key != "599") {
							return fmt.Errorf("%s: %w", entry.Key, err)
						}
					}
					if tries++; tries == 1 {
						Expect(bank.Take(kvtest.Accounts).Take("599").Write(ctx, "x")).To(Succeed())
					}
					return tx.Take("0").Write(ctx, "x")
				})).To(Succeed())
				Expect(tries).To(Equal(2))
			})
			It("are none for no keys", func(ctx context.Context) {
				store.Trips.Reset()
				for range kv.ReadMany(ctx, names) {
					Fail("there is nothing")
				}
				Expect(store.Trips.Taken()).To(Equal(0))
			})
			It("are read no further when the loop is left", func(ctx context.Context) {
				keys := fill(ctx, 1000)
				before := gleak.Goroutines()
				for range kv.ReadMany(ctx, names, keys...) {
					break
				}
				Expect(store.Trips.Taken()).To(BeNumerically("<=", 2), "a page, and the one that is read meanwhile")
				Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
			})
			It("may be sets as well, and have typed keys", func(ctx context.Context) {
				tags := kv.MustOpen(kv.DynamicBy[int](kv.Set()), store.Driver, kv.At("tags"))
				Expect(tags.Take(7).Add(ctx, "red")).To(Equal(1))
				values, failures := entries(kv.ReadMany(ctx, tags, 7, 8))
				Expect(failures).To(BeEmpty())
				Expect(values).To(Equal(map[int][]string{7: {"red"}, 8: {}}))
			})
			It("end with the first error that is not about one of them", func(ctx context.Context) {
				keys := fill(ctx, 600)
				half, cancel := context.WithCancel(ctx)
				defer cancel()
				count, failed := 0, 0
				for _, err := range kv.ReadMany(half, names, keys...) {
					if count++; count == 256 {
						cancel()
					}
					Expect(failed).To(BeZero(), "nothing comes after the error")
					if err != nil {
						Expect(err).To(MatchError(context.Canceled))
						failed++
					}
				}
				Expect(failed).To(Equal(1))
				Expect(count).To(BeNumerically("<=", 2*256+1), "the page, what was read meanwhile, and the error")
				Expect(drivers.Close(store.Driver)).To(Succeed())
				for _, err := range kv.ReadMany(ctx, names, keys...) {
					Expect(err).To(MatchError(kv.ErrClosed))
					failed++
				}
				Expect(failed).To(Equal(2))
			})
			It("end at once for a handle that carries an error, or that does nothing by itself", func(ctx context.Context) {
				foo := kv.MustOpen(kvtest.Foo, store.Driver)
				var batch kv.Batch
				var kept kv.DynamicStore[kv.StringField]
				Expect(kv.Atomic(ctx, names, func(ctx context.Context, tx kv.DynamicStore[kv.StringField]) error { kept = tx; return nil })).To(Succeed())
				for i, many := range []kv.DynamicStore[kv.StringField]{foo.Take[kv.DynamicStore[kv.StringField]]("nope"), {}, batch.Bind(names), kept} {
					failures := 0
					for _, err := range kv.ReadMany(ctx, many, "1", "2") {
						Expect(err).To(HaveOccurred(), fmt.Sprint(i))
						failures++
					}
					Expect(failures).To(BeNumerically("<=", 2), fmt.Sprint(i))
				}
			})
		})

		Describe("of a whole store", func() {
			It("come with their keys, each once, in pages", func(ctx context.Context) {
				keys := fill(ctx, 1000)
				foreign(ctx, "names2:0", "a neighbour")
				values, failures := entries(kv.All(ctx, names))
				Expect(failures).To(BeEmpty())
				Expect(values).To(HaveLen(len(keys)))
				Expect(values["999"]).To(Equal("name 999"))
				Expect(store.Trips.Taken()).To(BeNumerically("<=", 1+4), "one scan, which counts for one here, and four pages")
			})
			It("come with an error where they have drifted or where their keys are none, which ends nothing", func(ctx context.Context) {
				Expect(games.Take("fine").Write(ctx, kvtest.Game{White: "ann"})).To(Succeed())
				Expect(games.Take("good").Write(ctx, kvtest.Game{White: "bob"})).To(Succeed())
				foreign(ctx, "games:drifted", `{"white":7}`)
				foreign(ctx, "games:%41", "no key")
				values, failures := entries(kv.All(ctx, games))
				Expect(values).To(Equal(map[string]kvtest.Game{"fine": {White: "ann"}, "good": {White: "bob"}}))
				Expect(failures).To(HaveLen(2))
				Expect(failures["drifted"]).To(MatchError(kv.ErrCorrupt))
				Expect(failures[""]).To(MatchError(kv.ErrBadKey))
				Expect(failures[""]).To(MatchError(HavePrefix("kv: All games:%41: ")))
			})
			It("are read no further when the loop is left", func(ctx context.Context) {
				fill(ctx, 2000)
				before := gleak.Goroutines()
				for range kv.All(ctx, names) {
					break
				}
				Expect(store.Trips.Taken()).To(BeNumerically("<=", 3), "a scan, a page, and the one that is read meanwhile")
				Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
			})
			It("may be erased as they come", func(ctx context.Context) {
				fill(ctx, 1000)
				count := 0
				for entry, err := range kv.All(ctx, names) {
					Expect(err).NotTo(HaveOccurred())
					Expect(names.Take(entry.Key).Erase(ctx)).To(BeTrue())
					count++
				}
				Expect(count).To(Equal(1000))
				Expect(names.Len(ctx)).To(Equal(0))
			})
			It("say what went wrong", func(ctx context.Context) {
				fill(ctx, 10)
				Expect(drivers.Close(store.Driver)).To(Succeed())
				failures := 0
				for _, err := range kv.All(ctx, names) {
					Expect(err).To(MatchError(kv.ErrClosed))
					Expect(err).To(MatchError(HavePrefix("kv: All names: ")))
					failures++
				}
				Expect(failures).To(Equal(1))
			})
			It("can be had of a transaction where somebody keeps the keys", func(ctx context.Context) {
				bank := kv.MustOpen(kvtest.Bank, store.Driver)
				Expect(bank.Take(kvtest.Users).Take("ann").Write(ctx, kvtest.User{Email: "a@x"})).To(Succeed())
				Expect(kv.Atomic(ctx, bank, func(ctx context.Context, tx kv.StaticStore) error {
					values, failures := entries(tx.Take(kvtest.Users).All(ctx))
					Expect(values).To(Equal(map[string]kvtest.User{"ann": {Email: "a@x"}}))
					Expect(failures).To(BeEmpty())
					for _, err := range kv.All(ctx, tx.Take(kvtest.Accounts)) {
						return err
					}
					return nil
				})).To(MatchError(errors.ErrUnsupported))
			})
		})
	})

	DescribeTable("need no more memory for more of them", Label(suite.Slow), func(ctx context.Context, open func(context.Context) kvtest.Backend, number int) {
		store := open(ctx)
		names := kv.MustOpen(kv.Dynamic(kv.String()), store.Raw, kv.At("names"))
		for from := 0; from < number; from += 10_000 {
			batch := drivers.NewBatch()
			for i := from; i < min(from+10_000, number); i++ {
				batch.Items = append(batch.Items, drivers.Item{Command: drivers.Command{Op: drivers.OpSet, Key: fmt.Sprint("names:", i), Value: "x"}})
			}
			Expect(drivers.DoBatch(ctx, store.Raw, batch)).To(Succeed())
		}
		live := func() int64 {
			runtime.GC()
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			return int64(stats.HeapAlloc)
		}
		before, grown, count, start := live(), int64(0), 0, time.Now()
		for _, err := range kv.All(ctx, names) {
			Expect(err).NotTo(HaveOccurred())
			if count++; count%(number/5) == number/10 { // in the middle of each fifth
				grown = max(grown, live()-before)
			}
		}
		Expect(count).To(Equal(number))
		AddReportEntry(fmt.Sprintf("%d values in %v, with %d KB more on the heap than before", number, time.Since(start).Round(time.Millisecond), grown>>10))
		Expect(grown).To(BeNumerically("<", 8<<20), "what a scan remembers of the last pages, which has a limit")
	},
		Entry("a million in memory", func(context.Context) kvtest.Backend { return kvtest.New(memory.New()) }, 1_000_000),
		Entry("200,000 on Redis", func(ctx context.Context) kvtest.Backend { return kvtest.New(kvtest.Redis(ctx)) }, 200_000),
	)
})
