package collections_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// match n is rated n modulo ten, and played by ann and, every third, by bob too.
func numbered(n int) Match {
	match := Match{Players: []string{"ann"}, Rating: n % 10, Start: day(n)}
	if n%3 == 0 {
		match.Players = append(match.Players, "bob")
	}
	return match
}

// pages are the keys of all pages of a query, of so many documents each.
func pages[K, T any](ctx context.Context, query kv.Query[K, T], size int, between func()) (all [][]K) {
	GinkgoHelper()
	for after := ""; ; between() {
		page, err := query.Page(ctx, size, after)
		Expect(err).NotTo(HaveOccurred())
		keys := []K{}
		for _, entry := range page.Entries {
			keys = append(keys, entry.Key)
		}
		all = append(all, keys)
		if after = page.Next; after == "" {
			return all
		}
	}
}

// writeNumbered writes the first of the numbered matches, under keys of three digits, and counts trips anew.
func writeNumbered(ctx context.Context, store kvtest.Backend, matches kv.CollectionStore[Match], count int) {
	GinkgoHelper()
	for n := range count {
		Expect(matches.Take(fmt.Sprintf("%03d", n)).Write(ctx, numbered(n))).To(Succeed())
	}
	store.Trips.Reset()
}

var _ = Describe("A query", func() {
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

		It("finds by a value, in the order of the keys", func(ctx context.Context) {
			write(ctx, 10)
			Expect(found(ctx, matches.Find(ByPlayer.Is("bob")))).To(Equal([]string{"000", "003", "006", "009"}))
			Expect(found(ctx, matches.Find(ByPlayer.Is("bob")).Backwards())).To(Equal([]string{"009", "006", "003", "000"}))
			Expect(found(ctx, matches.Find(ByPlayer.Is("bob")).Backwards().Backwards())).To(HaveLen(4))
			for _, none := range []string{"", "bo", "bobo", "bob\x00", "BOB"} {
				Expect(found(ctx, matches.Find(ByPlayer.Is(none)))).To(BeEmpty())
			}
		})
		It("finds by a range, in the order of the keys, or in that of the values if asked to", func(ctx context.Context) {
			write(ctx, 20)
			Expect(found(ctx, matches.Find(ByRating.Between(2, 4)))).To(Equal([]string{"002", "003", "012", "013"}))
			Expect(found(ctx, matches.Find(ByRating.Between(2, 4)).OrderBy(ByRating))).To(Equal([]string{"002", "012", "003", "013"}))
			Expect(found(ctx, matches.Find(ByRating.AtLeast(8)).Backwards())).To(Equal([]string{"019", "018", "009", "008"}))
			Expect(found(ctx, matches.Find(ByRating.AtLeast(8)).OrderBy(ByRating).Backwards())).To(Equal([]string{"019", "009", "018", "008"}))
			Expect(found(ctx, matches.Find(ByRating.Below(1)))).To(Equal([]string{"000", "010"}))
			Expect(found(ctx, matches.Find(ByStart.Between(day(5), day(8))))).To(Equal([]string{"005", "006", "007"}))
			Expect(found(ctx, matches.Find(ByStart.Is(day(5).In(time.FixedZone("elsewhere", 3600)))))).To(Equal([]string{"005"}))
			Expect(found(ctx, matches.Find(ByRating.Between(4, 4)))).To(BeEmpty())
			Expect(found(ctx, matches.Find(ByRating.Between(4, 2)))).To(BeEmpty())
		})
		It("finds a document once, whichever of its values lie in a range", func(ctx context.Context) {
			for key, players := range map[string][]string{"1": {"a", "c"}, "2": {"b", "d"}, "3": {"c"}} {
				Expect(matches.Take(key).Write(ctx, Match{Players: players})).To(Succeed())
			}
			Expect(found(ctx, matches.Find(ByPlayer.AtLeast("a")))).To(Equal([]string{"1", "2", "3"}))
			Expect(found(ctx, matches.Find(ByPlayer.AtLeast("b")))).To(Equal([]string{"1", "2", "3"}))
			Expect(found(ctx, matches.Find(ByPlayer.AtLeast("b")).OrderBy(ByPlayer))).To(Equal([]string{"2", "1", "3"}), "by the first for which the term holds")
			Expect(found(ctx, matches.Find(ByPlayer.AtLeast("b"), ByRating.Is(0)).OrderBy(ByPlayer))).To(Equal([]string{"2", "1", "3"}), "whatever leads")
			Expect(found(ctx, matches.Find(ByRating.Is(0)).OrderBy(ByPlayer))).To(Equal([]string{"1", "2", "3"}))
			Expect(found(ctx, matches.Find(ByPlayer.AtLeast("a")).OrderBy(ByPlayer).Backwards())).To(Equal([]string{"2", "3", "1"}), "by the greatest")
			Expect(found(ctx, matches.Find().OrderBy(ByPlayer).Backwards())).To(Equal([]string{"2", "3", "1"}))
			Expect(pages(ctx, matches.Find(ByPlayer.AtLeast("a")).OrderBy(ByPlayer), 1, func() {})).To(Equal([][]string{{"1"}, {"2"}, {"3"}}))
		})
		It("finds by all of several terms", func(ctx context.Context) {
			write(ctx, 30)
			Expect(found(ctx, matches.Find(ByPlayer.Is("bob"), ByRating.Is(6)))).To(Equal([]string{"006"}))
			Expect(found(ctx, matches.Find(ByRating.AtLeast(8), ByPlayer.Is("bob")))).To(ConsistOf("009", "018"))
			Expect(found(ctx, matches.Find(ByPlayer.Is("bob"), ByPlayer.Is("ann"), ByStart.Below(day(4))))).To(ConsistOf("000", "003"))
			Expect(found(ctx, matches.Find(ByPlayer.Is("bob"), ByPlayer.Is("bob")))).To(HaveLen(10))
			Expect(found(ctx, matches.Find(ByPlayer.Is("bob"), ByPlayer.Is("zoe")))).To(BeEmpty())
			Expect(found(ctx, matches.Find(ByRating.AtLeast(3), ByRating.Below(4)))).To(Equal([]string{"003", "013", "023"}))
			Expect(found(ctx, matches.Find(ByRating.Is(3), ByRating.Is(4)))).To(BeEmpty())
		})
		It("costs two round trips a page, whatever the terms and the order", func(ctx context.Context) {
			write(ctx, 100)
			for _, query := range []kv.Query[string, Match]{
				matches.Find(), matches.Find(ByPlayer.Is("ann")), matches.Find(ByPlayer.Is("ann"), ByRating.Is(3)),
				matches.Find(ByRating.AtLeast(3)), matches.Find(ByRating.AtLeast(3)).OrderBy(ByRating),
				matches.Find().OrderBy(ByStart), matches.Find(ByPlayer.Is("ann")).OrderBy(ByStart),
				matches.Find(kv.Or(ByPlayer.Is("bob"), ByRating.Is(3)), ByStart.Below(day(50))).OrderBy(ByRating),
			} {
				for _, query := range []kv.Query[string, Match]{query, query.Backwards()} {
					store.Trips.Reset()
					page, err := query.Page(ctx, 3, "")
					Expect(err).NotTo(HaveOccurred())
					Expect(page.Entries).To(HaveLen(3))
					Expect(store.Trips.Taken()).To(Equal(2))
					Expect(query.Page(ctx, 3, page.Next)).To(HaveField("Entries", HaveLen(3)))
					Expect(store.Trips.Taken()).To(Equal(4))
					Expect(store.Trips.Sent()[3].Items).To(HaveLen(4), "no more than the page is read, and whether there is another")
				}
			}
			store.Trips.Reset()
			Expect(found(ctx, matches.Find(ByPlayer.Is("ann"), ByRating.Is(3)))).To(HaveLen(10))
			Expect(store.Trips.Taken()).To(Equal(2))
			Expect(store.Trips.Listed()).To(BeFalse())
		})
		It("gives the first", func(ctx context.Context) {
			write(ctx, 20)
			Expect(matches.Find(ByRating.AtLeast(3)).First(ctx)).To(Equal(kv.Entry[string, Match]{Key: "003", Value: numbered(3)}))
			Expect(matches.Find(ByRating.AtLeast(3)).Backwards().First(ctx)).To(HaveField("Key", "019"))
			_, err := matches.Find(ByRating.Is(77)).First(ctx)
			Expect(err).To(MatchError(kv.ErrNotFound))
			Expect(err).To(MatchError("kv: First {club}:matches: not found"))
		})
		It("goes on past more documents than are read at a time, and may be left", func(ctx context.Context) {
			write(ctx, 600)
			Expect(found(ctx, matches.Find(ByStart.AtLeast(day(0))))).To(HaveLen(600))
			Expect(found(ctx, matches.Find(ByStart.AtLeast(day(0))).Backwards())).To(HaveLen(600))
			Expect(found(ctx, matches.Find(ByPlayer.Is("bob"), ByStart.AtLeast(day(0))))).To(HaveLen(200))
			store.Trips.Reset()
			for range matches.Find(ByStart.AtLeast(day(0))).All(ctx) {
				break
			}
			Expect(store.Trips.Taken()).To(Equal(2))
			Expect(pages(ctx, matches.Find(ByPlayer.Is("ann")), 300, func() {})).To(HaveEach(HaveLen(300)))
			all, err := matches.Find(ByPlayer.Is("ann")).Page(ctx, math.MaxInt, "")
			Expect(err).NotTo(HaveOccurred())
			Expect(all.Entries).To(HaveLen(600))
		})
		It("is handed out in pages, in both directions", func(ctx context.Context) {
			write(ctx, 10)
			for _, query := range []kv.Query[string, Match]{
				matches.Find(ByPlayer.Is("ann")), matches.Find(ByRating.Between(2, 9)),
				matches.Find(ByRating.AtLeast(3), ByPlayer.Is("ann")), matches.Find(ByPlayer.Is("zoe")),
				matches.Find(), matches.Find(ByRating.Between(2, 9)).OrderBy(ByRating), matches.Find(ByRating.Between(2, 9)).OrderBy(ByStart),
			} {
				for _, query := range []kv.Query[string, Match]{query, query.Backwards()} {
					all := found(ctx, query)
					for size := 1; size <= 11; size++ {
						got := pages(ctx, query, size, func() {})
						Expect(append([]string{}, slices.Concat(got...)...)).To(Equal(all))
						for _, full := range got[:len(got)-1] {
							Expect(full).To(HaveLen(size))
						}
						Expect(len(got)).To(Equal(max(1, (len(all)+size-1)/size)), "the last page leads nowhere")
					}
				}
			}
		})
		It("is handed out in pages while others write", func(ctx context.Context) {
			write(ctx, 40)
			for _, query := range []kv.Query[string, Match]{matches.Find(ByStart.AtLeast(day(-99))), matches.Find(ByStart.AtLeast(day(-99))).Backwards()} {
				turn := 0
				got := slices.Concat(pages(ctx, query, 3, func() {
					// Every page, an odd match ends, the end of the page among them, and others begin.
					_, err := matches.Take(fmt.Sprintf("%03d", 2*turn+1)).Erase(ctx)
					Expect(err).NotTo(HaveOccurred())
					Expect(matches.Take(fmt.Sprint("new", turn)).Write(ctx, Match{Players: []string{}, Start: day(3 * turn)})).To(Succeed())
					turn++
				})...)
				for n := 0; n < 40; n += 2 {
					Expect(slices.DeleteFunc(slices.Clone(got), func(key string) bool { return key != fmt.Sprintf("%03d", n) })).
						To(HaveLen(1), "what is there all the while comes exactly once")
				}
			}
		})
		It("takes back a page's end from a query that goes the other way", func(ctx context.Context) {
			write(ctx, 10)
			query := matches.Find(ByStart.AtLeast(day(0)))
			page, err := query.Page(ctx, 5, "")
			Expect(err).NotTo(HaveOccurred())
			back, err := query.Backwards().Page(ctx, 3, page.Next)
			Expect(err).NotTo(HaveOccurred())
			Expect(back.Entries).To(HaveEach(HaveField("Key", BeElementOf("003", "002", "001"))))
		})
		It("refuses to go on after what is not a page's end of its own", func(ctx context.Context) {
			write(ctx, 10)
			page, err := matches.Find(ByPlayer.Is("ann")).Page(ctx, 1, "")
			Expect(err).NotTo(HaveOccurred())
			ordered, err := matches.Find().OrderBy(ByRating).Page(ctx, 1, "")
			Expect(err).NotTo(HaveOccurred())
			for _, query := range []kv.Query[string, Match]{
				matches.Find(ByPlayer.Is("ann")).OrderBy(ByRating), matches.Find().OrderBy(ByStart),
			} {
				Expect(kvtest.ErrorOf(matches.Find().Page(ctx, 1, ordered.Next))).To(MatchError(kv.ErrInvalid))
				_, err := query.Page(ctx, 1, page.Next)
				Expect(err).To(MatchError(kv.ErrInvalid))
				Expect(err).To(MatchError(HavePrefix("kv: Page {club}:matches: ")))
			}
			encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
			for _, forged := range []string{"x", "%", "AAAA", page.Next + "!", encode("player:annie"), encode("player:ann\x00"), encode(":7"), encode("player:ann\x00%")} {
				_, err := matches.Find(ByPlayer.Below("z")).OrderBy(ByPlayer).Page(ctx, 1, forged)
				Expect(err).To(MatchError(kv.ErrInvalid), forged)
			}
			for _, forged := range []string{"x", "%", "AAAA", page.Next + "!", encode(":"), encode("7"), encode(":%"), encode(":a:b"), encode("player:ann\x007")} {
				_, err := matches.Find().Page(ctx, 1, forged)
				Expect(err).To(MatchError(kv.ErrInvalid), forged)
			}
			for _, size := range []int{0, -1, math.MinInt} {
				page, err := matches.Find(ByPlayer.Is("ann")).Page(ctx, size, "")
				Expect(err).To(MatchError(kv.ErrInvalid))
				Expect(page.Entries).NotTo(BeNil())
			}
		})
		It("is refused without a declared term of the right type", func(ctx context.Context) {
			write(ctx, 1)
			ratio := kv.IndexKey[float64]("rating")
			for class, query := range map[error]kv.Query[string, Match]{
				kv.ErrInvalid:      matches.Find(kv.Or()),
				kv.ErrUndeclared:   matches.Find(ByPlayer.Is("ann"), kv.IndexKey[string]("color").Is("red")),
				kv.ErrTypeMismatch: matches.Find(ratio.Is(1)),
			} {
				_, err := query.First(ctx)
				Expect(err).To(MatchError(class))
				Expect(err).To(MatchError(HavePrefix("kv: Find {club}:matches: ")))
				Expect(kvtest.ErrorOf(query.Page(ctx, 1, ""))).To(MatchError(class))
				Expect(kvtest.ErrorOf(query.Backwards().First(ctx))).To(MatchError(class))
			}
			Expect(kvtest.ErrorOf(matches.Find(kv.Term{}).First(ctx))).To(MatchError(kv.ErrInvalid))
			Expect(kvtest.ErrorOf(matches.Find().OrderBy(ratio).First(ctx))).To(MatchError(kv.ErrTypeMismatch))
			Expect(kvtest.ErrorOf(matches.Find().OrderBy(kv.IndexKey[string]("color")).Count(ctx))).To(MatchError(kv.ErrUndeclared))
			Expect(kvtest.ErrorOf(matches.Find(ratio.Is(1)).First(ctx))).To(MatchError(ContainSubstring("rating: declared as another type: int, not float64")))
			Expect(store.Trips.Taken()).To(Equal(0))

			var none kv.CollectionStore[Match]
			Expect(kvtest.ErrorOf(none.Find(ByPlayer.Is("ann")).First(ctx))).To(MatchError(kv.ErrUndeclared))
			Expect(kvtest.ErrorOf(none.Reindex(ctx))).To(MatchError(kv.ErrUndeclared))
			for _, err := range none.Check(ctx) {
				Expect(err).To(MatchError(kv.ErrUndeclared))
			}
		})
		It("never finds a document for what it no longer says", func(ctx context.Context) {
			write(ctx, 3)
			// Somebody who knows nothing of the indexes overwrites one document and erases another.
			for _, cmd := range []drivers.Command{
				{Op: drivers.OpSet, Key: "{club}:matches:000", Value: `{"players":["zoe"],"rating":0,"start":"2026-01-01T00:00:00Z"}`},
				{Op: drivers.OpDelete, Key: "{club}:matches:001"},
			} {
				Expect(kvtest.ErrorOf(store.Raw.Do(ctx, cmd))).To(Succeed())
			}
			Expect(found(ctx, matches.Find(ByPlayer.Is("ann")))).To(Equal([]string{"002"}))
			Expect(found(ctx, matches.Find(ByPlayer.Is("ann"), ByRating.Below(9)))).To(Equal([]string{"002"}))
			Expect(found(ctx, matches.Find(ByRating.Below(9)))).To(Equal([]string{"000", "002"}))
		})
		It("tells of a document that does not fit the schema, and goes on past it", func(ctx context.Context) {
			write(ctx, 5)
			Expect(kvtest.ErrorOf(store.Raw.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: "{club}:matches:002", Value: `{"players":7}`}))).To(Succeed())
			var keys []string
			var corrupt error
			for entry, err := range matches.Find(ByStart.AtLeast(day(0))).All(ctx) {
				if keys = append(keys, entry.Key); err != nil {
					corrupt = err
				}
			}
			Expect(keys).To(Equal([]string{"000", "001", "002", "003", "004"}))
			Expect(corrupt).To(MatchError(kv.ErrCorrupt))
			Expect(corrupt).To(MatchError(HavePrefix("kv: Find {club}:matches:002: ")))

			keys = nil
			query := matches.Find(ByStart.AtLeast(day(0)))
			for after, first := "", true; first || after != ""; first = false {
				page, err := query.Page(ctx, 2, after)
				if err != nil {
					Expect(err).To(MatchError(kv.ErrCorrupt))
					keys = append(keys, "!")
				}
				for _, entry := range page.Entries {
					keys = append(keys, entry.Key)
				}
				after = page.Next
			}
			Expect(keys).To(Equal([]string{"000", "001", "!", "003", "004"}))
		})
		It("is part of a transaction", func(ctx context.Context) {
			write(ctx, 4)
			Expect(kv.Atomic(ctx, matches, func(ctx context.Context, tx kv.CollectionStore[Match]) error {
				for entry, err := range tx.Find(ByPlayer.Is("bob")).All(ctx) {
					if err != nil {
						return err
					}
					if _, err := tx.Take(entry.Key).Erase(ctx); err != nil {
						return err
					}
				}
				return nil
			})).To(Succeed())
			Expect(kvtest.Collect(matches.Keys(ctx))).To(ConsistOf("001", "002"))
			Expect(stale(ctx, matches)).To(BeEmpty())
		})
		It("ends with its context, and with the driver", func(ctx context.Context) {
			write(ctx, 1)
			over, cancel := context.WithCancel(ctx)
			cancel()
			Expect(kvtest.ErrorOf(matches.Find(ByPlayer.Is("ann")).First(over))).To(MatchError(context.Canceled))
			Expect(kvtest.ErrorOf(matches.Find(ByPlayer.Is("ann"), ByRating.Is(0)).First(over))).To(MatchError(context.Canceled))
			Expect(drivers.Close(store.Driver)).To(Succeed())
			Expect(kvtest.ErrorOf(matches.Find(ByPlayer.Is("ann")).First(ctx))).To(MatchError(kv.ErrClosed))
			Expect(kvtest.ErrorOf(matches.Reindex(ctx))).To(MatchError(kv.ErrClosed))
		})
	})
})

// sample stands for the value that an index has of it.
type sample struct {
	Number int `json:"number"`
}

// sorts stores documents with the given values of an index, and finds them by every term.
func sorts[V kv.IndexValue](ctx context.Context, g Gomega, driver drivers.Driver, values []V, compare func(one, other V) int) {
	const by kv.IndexKey[V] = "value"
	samples := kv.MustOpen(kv.Colocated(kv.Collection(kv.JSON[sample](), kv.Index(by, func(s sample) []V {
		return values[s.Number : s.Number+1]
	}))), driver, kv.At("samples"))
	_, err := samples.Erase(ctx)
	g.Expect(err).NotTo(HaveOccurred())
	for n := range values {
		g.Expect(samples.Take(fmt.Sprintf("%03d", n)).Write(ctx, sample{n})).To(Succeed())
	}
	expect := func(term kv.Term, holds func(V) bool, about ...any) {
		var want, got []int
		for n, value := range values {
			if holds(value) {
				want = append(want, n)
			}
		}
		slices.SortStableFunc(want, func(one, other int) int { return compare(values[one], values[other]) })
		for entry, err := range samples.Find(term).OrderBy(by).All(ctx) {
			g.Expect(err).NotTo(HaveOccurred())
			got = append(got, entry.Value.Number)
		}
		g.Expect(got).To(Equal(want), "%#v of %#v", about, values)
	}
	var counted []V
	total := 0
	for count, err := range samples.Find().CountBy(ctx, by) {
		g.Expect(err).NotTo(HaveOccurred())
		counted, total = append(counted, count.Value), total+count.Count
	}
	distinct := slices.SortedFunc(slices.Values(values), compare)
	distinct = slices.CompactFunc(distinct, func(one, other V) bool { return compare(one, other) == 0 })
	g.Expect(total).To(Equal(len(values)))
	g.Expect(slices.EqualFunc(counted, distinct, func(one, other V) bool { return compare(one, other) == 0 })).To(BeTrue(), "%#v of %#v", counted, values)
	for n, value := range values {
		expect(by.Is(value), func(v V) bool { return compare(v, value) == 0 }, "Is", value)
		expect(by.AtLeast(value), func(v V) bool { return compare(v, value) >= 0 }, "AtLeast", value)
		expect(by.Below(value), func(v V) bool { return compare(v, value) < 0 }, "Below", value)
		other := values[(n+1)%len(values)]
		expect(by.Between(value, other), func(v V) bool { return compare(v, value) >= 0 && compare(v, other) < 0 }, "Between", value, other)
	}
}

// sortsLike describes an index of values of V: the given ones, and any others.
func sortsLike[V kv.IndexValue](name string, any *rapid.Generator[V], compare func(one, other V) int, given ...V) {
	It("of "+name, func(ctx context.Context) {
		ctx = context.WithoutCancel(ctx)
		sorts(ctx, NewWithT(GinkgoT()), memory.New(), given, compare)
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			values := rapid.SliceOfN(rapid.OneOf(any, rapid.SampledFrom(given)), 1, 8).Draw(t, "values")
			sorts(ctx, NewWithT(t), memory.New(), values, compare)
		})
	})
	It("of "+name+", on Redis", func(ctx context.Context) {
		sorts(context.WithoutCancel(ctx), NewWithT(GinkgoT()), kvtest.Redis(ctx), given, compare)
	})
}

type (
	level    int8
	nickname string
)

var _ = Describe("An index sorts as Go does, and tells every two values apart:", func() {
	sortsLike("strings", rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "\x00", "\xff", "\x01", "0", "%", ":", "é"}), 0, 5).Draw(t, "pieces"), "")
	}), strings.Compare,
		"", "a", "ab", "b", "a\x00", "a\x00b", "a\x00\xff", "a\x00\x00", "\x00", "\x00\x00", "\x00\xff", "\xff", "\xff\xff", "\xfe", "a\xff", "a\xffb", "é", "a\x000", "a\x00000", strings.Repeat("a", 9999))
	sortsLike("named strings", rapid.Custom(func(t *rapid.T) nickname { return nickname(rapid.String().Draw(t, "name")) }), cmp.Compare, "", "bob")
	sortsLike("ints", rapid.Int(), cmp.Compare, 0, 1, -1, 9, 10, -9, -10, 255, 256, math.MinInt, math.MaxInt)
	sortsLike("named small ints", rapid.Custom(func(t *rapid.T) level { return level(rapid.Int8().Draw(t, "level")) }), cmp.Compare, -128, 127, 0)
	sortsLike("uint64s", rapid.Uint64(), cmp.Compare, 0, 1, math.MaxInt64, math.MaxInt64+1, math.MaxUint64)
	sortsLike("float64s", rapid.Float64(), cmp.Compare, 0, math.Copysign(0, -1), 1, -1, 0.1, -0.1, 1e300, -1e300,
		math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64)
	sortsLike("float32s", rapid.Float32(), cmp.Compare, 0, -1, 1, math.MaxFloat32, math.SmallestNonzeroFloat32, 0.1)
	sortsLike("bools", rapid.Bool(), func(one, other bool) int {
		return bytes.Compare([]byte(fmt.Sprint(one)), []byte(fmt.Sprint(other)))
	}, true, false)
	sortsLike("times", rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds"))
	}), time.Time.Compare,
		time.Time{}, time.Unix(0, 0), time.Unix(0, -1), time.Unix(0, 1), time.Unix(-1, 0), time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(-1, 12, 31, 0, 0, 0, 999_999_999, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), day(1).In(time.FixedZone("", -7200)), day(1).Add(time.Nanosecond))

	// The pieces are those that values and what follows them are told apart by.
	pieces := []string{"a", "\x00", "\x01", "\xff", ""}
	pairs := func(ctx context.Context, g Gomega, driver drivers.Driver, values [][2]string) {
		const by kv.CompoundKey[string, string] = "pair"
		of := func(at int) func(sample) []string {
			return func(s sample) []string { return []string{values[s.Number][at]} }
		}
		samples := kv.MustOpen(kv.Colocated(kv.Collection(kv.JSON[sample](), kv.Compound(by, of(0), of(1)))), driver, kv.At("samples"))
		_, err := samples.Erase(ctx)
		g.Expect(err).NotTo(HaveOccurred())
		for n := range values {
			g.Expect(samples.Take(fmt.Sprintf("%03d", n)).Write(ctx, sample{n})).To(Succeed())
		}
		for _, pair := range values {
			for about, term := range map[string]struct {
				term  kv.Term
				holds func(first, second string) bool
			}{
				"With":    {by.With(pair[0]), func(first, _ string) bool { return first == pair[0] }},
				"Is":      {by.Is(pair[0], pair[1]), func(first, second string) bool { return first == pair[0] && second == pair[1] }},
				"AtLeast": {by.AtLeast(pair[0], pair[1]), func(first, second string) bool { return first == pair[0] && second >= pair[1] }},
				"Below":   {by.Below(pair[0], pair[1]), func(first, second string) bool { return first == pair[0] && second < pair[1] }},
				"Between": {by.Between(pair[0], pair[1], pair[1]+"\xff"), func(first, second string) bool {
					return first == pair[0] && second >= pair[1] && second < pair[1]+"\xff"
				}},
			} {
				var want, got []int
				for n, value := range values {
					if term.holds(value[0], value[1]) {
						want = append(want, n)
					}
				}
				slices.SortStableFunc(want, func(one, other int) int { return slices.Compare(values[one][:], values[other][:]) })
				for entry, err := range samples.Find(term.term).OrderBy(by).All(ctx) {
					g.Expect(err).NotTo(HaveOccurred())
					got = append(got, entry.Value.Number)
				}
				g.Expect(got).To(Equal(want), "%s %q of %q", about, pair, values)
			}
		}
	}
	It("of pairs of strings", func(ctx context.Context) {
		ctx = context.WithoutCancel(ctx)
		text := rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 4).Draw(t, "pieces"), "")
		})
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			var values [][2]string
			for range rapid.IntRange(1, 8).Draw(t, "pairs") {
				values = append(values, [2]string{text.Draw(t, "first"), text.Draw(t, "second")})
			}
			pairs(ctx, NewWithT(t), memory.New(), values)
		})
	})
	It("of pairs of strings, on Redis", func(ctx context.Context) {
		var values [][2]string
		for _, first := range pieces {
			for _, second := range pieces {
				values = append(values, [2]string{first, second}, [2]string{"a" + first, "\xff" + second})
			}
		}
		pairs(context.WithoutCancel(ctx), NewWithT(GinkgoT()), kvtest.Redis(ctx), values)
	})

	It("but refuses NaN, in a document and in a term", func(ctx context.Context) {
		const by kv.IndexKey[float64] = "value"
		samples := kv.MustOpen(kv.Collection(kv.JSON[sample](), kv.Index(by, func(sample) []float64 { return []float64{1, math.NaN()} })), memory.New(), kv.At("samples"))
		err := samples.Take("1").Write(ctx, sample{})
		Expect(err).To(MatchError(kv.ErrInvalid))
		Expect(err).To(MatchError(HavePrefix("kv: Write samples:1: the index value: invalid value: NaN")))
		Expect(samples.Len(ctx)).To(Equal(0))
		for _, term := range []kv.Term{by.Is(math.NaN()), by.Between(0, math.NaN()), by.Between(math.NaN(), 0), by.AtLeast(math.NaN()), by.Below(math.NaN())} {
			_, err := samples.Find(term).First(ctx)
			Expect(err).To(MatchError(kv.ErrInvalid))
		}
	})
})

var _ = Describe("The key of a document", func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		It("is never taken for a part of a value, nor the other way round", func(ctx context.Context) {
			matches := kv.MustOpen(kv.Colocated(MatchSchema), open(ctx).Driver, kv.At("matches"))
			pieces := []string{"a", "ab", "b", "a\x00b", "\x00", "\x00b", "a\x00", "ÿ", "é", "%", "%00", "{a}", "a:b", "*", "%index", "%index:player", "player"}
			for _, key := range pieces {
				for _, player := range append(pieces, "") {
					Expect(matches.Take(key+"/"+player).Write(ctx, Match{Players: []string{player}})).To(Succeed())
				}
				Expect(matches.Take(key).Write(ctx, Match{Players: pieces})).To(Succeed())
			}
			for _, player := range pieces {
				want := slices.Clone(pieces)
				for _, key := range pieces {
					want = append(want, key+"/"+player)
				}
				Expect(found(ctx, matches.Find(ByPlayer.Is(player)))).To(ConsistOf(want), "%q", player)
				Expect(slices.Concat(pages(ctx, matches.Find(ByPlayer.Is(player)), 7, func() {})...)).To(ConsistOf(want))
			}
			Expect(matches.Len(ctx)).To(Equal(len(pieces) * (len(pieces) + 2)))
			Expect(stale(ctx, matches)).To(BeEmpty())
		})
	})
})
