package collections_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// Parcel has any number of tags, and may be without a weight.
type Parcel struct {
	Tags   []string `json:"tags"`
	State  string   `json:"state"`
	Weight []int    `json:"weight"`
}

const (
	ByTag            kv.IndexKey[string]         = "tag"
	ByState          kv.IndexKey[string]         = "state"
	ByWeight         kv.IndexKey[int]            = "weight"
	ByStateAndWeight kv.CompoundKey[string, int] = "state-weight"
)

func stateOf(p Parcel) []string { return []string{p.State} }
func weightOf(p Parcel) []int   { return p.Weight }

var Parcels = kv.Colocated(kv.Collection(kv.JSON[Parcel](),
	kv.Index(ByTag, func(p Parcel) []string { return p.Tags }),
	kv.Index(ByState, stateOf),
	kv.Index(ByWeight, weightOf),
	kv.Compound(ByStateAndWeight, stateOf, weightOf)))

// valuesOf is what a plain program makes of the indexes, as texts that sort as the values do.
func valuesOf(p Parcel, index kv.OrderKey) (values []string) {
	for _, weight := range p.Weight {
		values = append(values, fmt.Sprintf("%03d", weight))
	}
	switch index {
	case ByTag:
		return p.Tags
	case ByState:
		return []string{p.State}
	case ByWeight:
		return values
	default:
		for i := range values {
			values[i] = p.State + " " + values[i]
		}
		return values
	}
}

// condition is a term, and what it means.
type condition struct {
	about string
	term  kv.Term
	spans []spanOf
}

type spanOf struct {
	index kv.OrderKey
	holds func(value string) bool
}

func (c condition) holds(p Parcel) bool {
	return slices.ContainsFunc(c.spans, func(s spanOf) bool { return slices.ContainsFunc(valuesOf(p, s.index), s.holds) })
}

// question is a query, and what it means.
type question struct {
	conditions []condition
	order      kv.OrderKey // nil for that of the keys
	backwards  bool
}

func (q question) String() string {
	words := []string{}
	for _, c := range q.conditions {
		words = append(words, c.about)
	}
	return fmt.Sprintf("%s ordered by %v, backwards: %t", strings.Join(words, " and "), q.order, q.backwards)
}

func (q question) of(parcels kv.CollectionStore[Parcel]) kv.Query[string, Parcel] {
	var terms []kv.Term
	for _, c := range q.conditions {
		terms = append(terms, c.term)
	}
	query := parcels.Find(terms...)
	if q.order != nil {
		query = query.OrderBy(q.order)
	}
	if q.backwards {
		query = query.Backwards()
	}
	return query
}

// first is the value by which a parcel stands in the order.
func (q question) first(p Parcel) (value string, stands bool) {
	if q.order == nil {
		return "", true
	}
	var ofOrder []spanOf
	for _, c := range q.conditions {
		if !slices.ContainsFunc(c.spans, func(s spanOf) bool { return s.index != q.order }) {
			ofOrder = append(ofOrder, c.spans...)
		}
	}
	values := slices.DeleteFunc(slices.Clone(valuesOf(p, q.order)), func(value string) bool {
		return len(ofOrder) > 0 && !slices.ContainsFunc(ofOrder, func(s spanOf) bool { return s.holds(value) })
	})
	if len(values) == 0 {
		return "", false
	}
	if q.backwards {
		return slices.Max(values), true
	}
	return slices.Min(values), true
}

// answer is the keys that the query is to find, in order.
func (q question) answer(model map[string]Parcel) []string {
	keys := []string{}
	for key, p := range model {
		_, stands := q.first(p)
		if stands && !slices.ContainsFunc(q.conditions, func(c condition) bool { return !c.holds(p) }) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(one, other string) int {
		a, _ := q.first(model[one])
		b, _ := q.first(model[other])
		return cmp.Or(strings.Compare(a, b), strings.Compare(one, other))
	})
	if q.backwards {
		slices.Reverse(keys)
	}
	return keys
}

var (
	someTags   = []string{"a", "b", "c", ""}
	someStates = []string{"new", "old", "out"}
	someOrders = []kv.OrderKey{nil, nil, ByTag, ByState, ByWeight, ByStateAndWeight}
)

func drawParcel(t *rapid.T) Parcel {
	p := Parcel{Tags: rapid.SliceOfNDistinct(rapid.SampledFrom(someTags), 0, 3, rapid.ID).Draw(t, "tags"), State: rapid.SampledFrom(someStates).Draw(t, "state"), Weight: []int{}}
	for range rapid.SampledFrom([]int{0, 1, 1, 2, 2}).Draw(t, "weights") {
		p.Weight = append(p.Weight, rapid.IntRange(0, 9).Draw(t, "weight"))
	}
	return p
}

func drawCondition(t *rapid.T) condition {
	from, to := rapid.IntRange(0, 9).Draw(t, "from"), rapid.IntRange(0, 10).Draw(t, "to")
	state, tag := rapid.SampledFrom(someStates).Draw(t, "state"), rapid.SampledFrom(someTags).Draw(t, "tag")
	low, high, its := fmt.Sprintf("%03d", from), fmt.Sprintf("%03d", to), state+" "
	one := func(about string, term kv.Term, index kv.OrderKey, holds func(string) bool) condition {
		return condition{about, term, []spanOf{{index, holds}}}
	}
	return rapid.SampledFrom([]condition{
		one("tag "+tag, ByTag.Is(tag), ByTag, func(v string) bool { return v == tag }),
		one("tag from "+tag, ByTag.AtLeast(tag), ByTag, func(v string) bool { return v >= tag }),
		one("state "+state, ByState.Is(state), ByState, func(v string) bool { return v == state }),
		one("weight from "+low, ByWeight.AtLeast(from), ByWeight, func(v string) bool { return v >= low }),
		one("weight below "+high, ByWeight.Below(to), ByWeight, func(v string) bool { return v < high }),
		one("weight from "+low+" to "+high, ByWeight.Between(from, to), ByWeight, func(v string) bool { return v >= low && v < high }),
		one(its+"with any weight", ByStateAndWeight.With(state), ByStateAndWeight, func(v string) bool { return strings.HasPrefix(v, its) }),
		one(its+low, ByStateAndWeight.Is(state, from), ByStateAndWeight, func(v string) bool { return v == its+low }),
		one(its+"from "+low, ByStateAndWeight.AtLeast(state, from), ByStateAndWeight, func(v string) bool { return strings.HasPrefix(v, its) && v >= its+low }),
		one(its+"below "+high, ByStateAndWeight.Below(state, to), ByStateAndWeight, func(v string) bool { return strings.HasPrefix(v, its) && v < its+high }),
		one(its+"from "+low+" to "+high, ByStateAndWeight.Between(state, from, to), ByStateAndWeight, func(v string) bool { return v >= its+low && v < its+high }),
	}).Draw(t, "condition")
}

func drawQuestion(t *rapid.T) question {
	q := question{order: rapid.SampledFrom(someOrders).Draw(t, "order"), backwards: rapid.Bool().Draw(t, "backwards")}
	for range rapid.IntRange(0, 3).Draw(t, "conditions") {
		c := drawCondition(t)
		if rapid.IntRange(0, 2).Draw(t, "or") == 0 {
			other := drawCondition(t)
			c = condition{c.about + " or " + other.about, kv.Or(c.term, other.term), append(c.spans, other.spans...)}
		}
		q.conditions = append(q.conditions, c)
	}
	return q
}

// answers compares all ways to ask with the model.
func answers(ctx context.Context, g Gomega, parcels kv.CollectionStore[Parcel], q question, model map[string]Parcel) {
	query, want := q.of(parcels), q.answer(model)
	got := []string{}
	for entry, err := range query.All(ctx) {
		g.Expect(err).NotTo(HaveOccurred())
		got = append(got, entry.Key)
	}
	g.Expect(got).To(Equal(want), q.String())
	g.Expect(query.Count(ctx)).To(Equal(len(want)), q.String())
	first, firstErr := query.First(ctx)
	last, lastErr := query.Last(ctx)
	if len(want) == 0 {
		g.Expect(firstErr).To(MatchError(kv.ErrNotFound))
		g.Expect(lastErr).To(MatchError(kv.ErrNotFound))
	} else {
		g.Expect(firstErr).NotTo(HaveOccurred())
		g.Expect(lastErr).NotTo(HaveOccurred())
		g.Expect(first.Key).To(Equal(want[0]), q.String())
		if q.order != ByTag && q.order != ByWeight && q.order != ByStateAndWeight { // of what has several values the order backwards takes another one
			g.Expect(last.Key).To(Equal(want[len(want)-1]), q.String())
		}
	}
	tags := map[string]int{}
	for _, key := range want {
		for _, tag := range model[key].Tags {
			tags[tag]++
		}
	}
	counted := map[string]int{}
	var values []string
	for value, err := range query.CountBy(ctx, ByTag) {
		g.Expect(err).NotTo(HaveOccurred())
		counted[value.Value], values = value.Count, append(values, value.Value)
	}
	g.Expect(counted).To(Equal(tags), q.String())
	if q.backwards {
		slices.Reverse(values)
	}
	g.Expect(slices.IsSorted(values)).To(BeTrue())
}

var _ = Describe("The order of a query", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		It("is what a plain program would make of it, whatever the query", func(ctx context.Context) {
			store, run := open(ctx), 0
			background := context.WithoutCancel(ctx)
			rapid.Check(GinkgoT(), func(t *rapid.T) {
				g := NewWithT(t)
				run++
				parcels := kv.MustOpen(Parcels, store.Driver, kv.At(fmt.Sprint("parcels", run)))
				model := map[string]Parcel{}
				put := func(parcels kv.CollectionStore[Parcel], key string) {
					model[key] = drawParcel(t)
					g.Expect(parcels.Take(key).Write(background, model[key])).To(Succeed())
				}
				key := func() string { return fmt.Sprintf("%02d", rapid.IntRange(0, 15).Draw(t, "key")) }
				for range rapid.IntRange(0, 16).Draw(t, "parcels") {
					put(parcels, key())
				}
				q := drawQuestion(t)
				answers(background, g, parcels, q, model)

				// Pages, with changes in between: what does not change is on exactly one of them, in order.
				before, changed := maps.Clone(model), map[string]bool{}
				size := rapid.IntRange(1, 5).Draw(t, "size")
				var got []string
				for after, more := "", true; more; {
					page, err := q.of(parcels).Page(background, size, after)
					g.Expect(err).NotTo(HaveOccurred())
					g.Expect(len(page.Entries) == size || page.Next == "").To(BeTrue(), "a page that is not the last is full")
					for _, entry := range page.Entries {
						got = append(got, entry.Key)
					}
					after, more = page.Next, page.Next != ""
					for range rapid.IntRange(0, 2).Draw(t, "changes") {
						other := key()
						changed[other] = true
						if rapid.Bool().Draw(t, "erased") {
							delete(model, other)
							g.Expect(kvtest.ErrorOf(parcels.Take(other).Erase(background))).To(Succeed())
						} else {
							put(parcels, other)
						}
					}
				}
				unchanged := func(keys []string) []string {
					return slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return changed[key] })
				}
				g.Expect(unchanged(got)).To(HaveExactElements(unchanged(q.answer(before))), q.String())

				// Within a transaction, after writes of its own.
				committed := maps.Clone(model)
				err := kv.Atomic(background, parcels, func(ctx context.Context, tx kv.CollectionStore[Parcel]) error {
					model = maps.Clone(committed)
					put(tx, key())
					gone := key()
					delete(model, gone)
					g.Expect(kvtest.ErrorOf(tx.Take(gone).Erase(ctx))).To(Succeed())
					answers(ctx, g, tx, q, model)
					return nil
				})
				g.Expect(err).NotTo(HaveOccurred())

				erased := q.answer(model)
				g.Expect(q.of(parcels).Erase(background)).To(Equal(len(erased)))
				for _, key := range erased {
					delete(model, key)
				}
				answers(background, g, parcels, question{}, model)
				g.Expect(stale(background, parcels)).To(BeEmpty())
			})
		})
	})

	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		It("does not depend on which index has less", func(ctx context.Context) {
			store := open(ctx)
			parcels := kv.MustOpen(Parcels, store.Driver, kv.At("parcels"))
			write := func(key, state string, weight int) {
				Expect(parcels.Take(key).Write(ctx, Parcel{Tags: []string{}, State: state, Weight: []int{weight}})).To(Succeed())
			}
			for i := range 5 {
				write(fmt.Sprint("p", i), "new", 9-i)
			}
			query := parcels.Find(ByState.Is("new"), ByWeight.Between(0, 10))
			byKey, byWeight := []string{"p0", "p1", "p2", "p3", "p4"}, []string{"p4", "p3", "p2", "p1", "p0"}
			Expect(found(ctx, query)).To(Equal(byKey))
			Expect(found(ctx, query.OrderBy(ByWeight))).To(Equal(byWeight))
			for i := range 20 { // which makes the index of states the larger one
				write(fmt.Sprint("q", i), "new", 100+i)
			}
			Expect(found(ctx, query)).To(Equal(byKey))
			Expect(found(ctx, query.OrderBy(ByWeight))).To(Equal(byWeight))
			for i := range 40 { // and these that of weights
				write(fmt.Sprint("r", i), "old", 5)
			}
			Expect(found(ctx, query)).To(Equal(byKey))
			Expect(found(ctx, query.OrderBy(ByWeight).Backwards())).To(Equal(byKey))
		})

		It("is by the first value for which any term of the index holds, where there are several of both", func(ctx context.Context) {
			parcels := kv.MustOpen(Parcels, open(ctx).Driver, kv.At("parcels"))
			for key, weights := range map[string][]int{"a": {1, 7}, "b": {2, 9}, "c": {6}, "d": {0, 4}, "e": {2}} {
				Expect(parcels.Take(key).Write(ctx, Parcel{Tags: []string{}, State: "new", Weight: weights})).To(Succeed())
			}
			query := parcels.Find(ByWeight.AtLeast(5), ByWeight.Below(3)).OrderBy(ByWeight)
			Expect(found(ctx, query)).To(Equal([]string{"a", "b"}), "by 1 and 2")
			Expect(found(ctx, query.Backwards())).To(Equal([]string{"b", "a"}), "by 9 and 7")
			page, err := parcels.Find().OrderBy(ByWeight).Page(ctx, 1, "")
			Expect(err).NotTo(HaveOccurred())
			Expect(parcels.Find(ByWeight.AtLeast(6)).OrderBy(ByWeight).Page(ctx, 9, page.Next)).To(HaveField("Entries", HaveLen(3)), "a cursor is a place, and a place before the range is one")
		})
		It("costs no more than the hits of the smallest term, and mostly far less", func(ctx context.Context) {
			store := open(ctx)
			parcels := kv.MustOpen(Parcels, store.Driver, kv.At("parcels"))
			const many = 4000
			model := map[string]Parcel{}
			for i := range many {
				key := fmt.Sprintf("%04d", i)
				p := Parcel{Tags: []string{"a"}, State: []string{"new", "old"}[i%2], Weight: []int{many - i}}
				if i < 1500 { // the heaviest: they come last
					p.Tags = append(p.Tags, "b")
				}
				model[key] = p
				Expect(parcels.Take(key).Write(ctx, p)).To(Succeed())
			}
			first := func(query kv.Query[string, Parcel]) (key string, trips, members int) {
				store.Trips.Reset()
				page, err := query.Page(ctx, 1, "")
				Expect(err).NotTo(HaveOccurred())
				for _, sent := range store.Trips.Sent() {
					if item := sent.Items[0]; item.Command.Op == drivers.OpFind {
						members += len(item.Reply.Values) / 2
					}
				}
				return page.Entries[0].Key, store.Trips.Taken(), members
			}
			key, trips, members := first(parcels.Find(ByTag.Is("a"), ByState.Is("old")))
			Expect(key).To(Equal("0001"))
			Expect([]int{trips, members}).To(Equal([]int{2, 1024}), "states come in the order of the keys")

			key, trips, members = first(parcels.Find(ByTag.Is("a"), ByState.Is("new")).OrderBy(ByWeight))
			Expect(key).To(Equal("3998"))
			Expect([]int{trips, members}).To(Equal([]int{3, 2048}), "of 2000 hits no more are read, as the index of the order soon has enough")

			key, trips, members = first(parcels.Find(ByTag.Is("b"), ByState.Is("new")).OrderBy(ByWeight))
			Expect(key).To(Equal("1498"))
			Expect([]int{trips, members}).To(Equal([]int{6, 1024 + 2048 + 1500}), "it gives up, and sorts 1500 hits")
			Expect(found(ctx, parcels.Find(ByTag.Is("b"), ByState.Is("new")).OrderBy(ByWeight))).To(HaveLen(750))
		})
	})
})
