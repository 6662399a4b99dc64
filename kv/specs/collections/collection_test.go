package collections_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/suite"
)

type Match struct {
	Players []string  `json:"players"`
	Rating  int       `json:"rating"`
	Code    string    `json:"code,omitempty"` // of its invitation: no two matches have the same
	Start   time.Time `json:"start"`
}

const (
	Matches  kv.Key[kv.CollectionStore[Match]] = "matches"
	Regulars kv.Key[kv.SetField]               = "regulars"

	ByPlayer kv.IndexKey[string]    = "player"
	ByRating kv.IndexKey[int]       = "rating"
	ByStart  kv.IndexKey[time.Time] = "start"
	ByCode   kv.IndexKey[string]    = "code"
)

func playersOf(m Match) []string { return m.Players }

func codeOf(m Match) []string {
	if m.Code == "" {
		return nil
	}
	return []string{m.Code}
}

var (
	matchIndexes = []kv.IndexOption[Match]{
		kv.Index(ByPlayer, playersOf),
		kv.Index(ByRating, func(m Match) []int { return []int{m.Rating} }),
		kv.Index(ByStart, func(m Match) []time.Time { return []time.Time{m.Start} }),
		kv.Unique(ByCode, codeOf),
	}
	MatchSchema = kv.Collection(kv.JSON[Match](), matchIndexes...)
	Club        = kv.Colocated(kv.Static("club").Field(Matches, MatchSchema).Set(Regulars))
)

// found is the keys that a query finds, in its order.
func found[K, T any](ctx context.Context, query kv.Query[K, T]) []K {
	GinkgoHelper()
	return keysOf(query.All(ctx))
}

func keysOf[K, T any](entries iter.Seq2[kv.Entry[K, T], error]) []K {
	GinkgoHelper()
	keys := []K{}
	for entry, err := range entries {
		Expect(err).NotTo(HaveOccurred())
		keys = append(keys, entry.Key)
	}
	return keys
}

// stale is what Check lists, in words.
func stale[K, T any](ctx context.Context, collection kv.KeyedCollection[K, T]) []string {
	GinkgoHelper()
	list := []string{}
	for difference, err := range collection.Check(ctx) {
		Expect(err).NotTo(HaveOccurred())
		list = append(list, difference.String())
	}
	return list
}

// within are the keys of a model for which the condition holds, in the order of less.
func within(model map[string]Match, holds func(Match) bool, order func(one, other Match) int) []string {
	keys := []string{}
	for key, match := range model {
		if holds(match) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(one, other string) int {
		return cmp.Or(order(model[one], model[other]), cmp.Compare(one, other))
	})
	return keys
}

func unordered(Match, Match) int    { return 0 }
func byRating(one, other Match) int { return cmp.Compare(one.Rating, other.Rating) }
func byStart(one, other Match) int  { return one.Start.Compare(other.Start) }
func playedBy(name string) func(Match) bool {
	return func(m Match) bool { return slices.Contains(m.Players, name) }
}
func rated(from, to int) func(Match) bool {
	return func(m Match) bool { return m.Rating >= from && m.Rating < to }
}

// agree compares all that a collection says with a model of it.
func agree(ctx context.Context, g Gomega, matches kv.CollectionStore[Match], model map[string]Match) {
	list := func(query kv.Query[string, Match]) []string {
		keys := []string{}
		for entry, err := range query.All(ctx) {
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(entry.Value).To(Equal(model[entry.Key]))
			keys = append(keys, entry.Key)
		}
		return keys
	}
	for _, name := range []string{"ann", "bob", "cid"} {
		g.Expect(list(matches.Find(ByPlayer.Is(name)))).To(Equal(within(model, playedBy(name), unordered)), "by player "+name)
	}
	for _, code := range []string{"x", "y"} {
		coded := func(m Match) bool { return m.Code == code }
		g.Expect(list(matches.Find(ByCode.Is(code)))).To(Equal(within(model, coded, unordered)), "by code "+code)
	}
	all := func(Match) bool { return true }
	g.Expect(list(matches.Find(ByRating.AtLeast(-9)).OrderBy(ByRating))).To(Equal(within(model, all, byRating)))
	g.Expect(list(matches.Find().OrderBy(ByStart))).To(Equal(within(model, all, byStart)))
	g.Expect(list(matches.Find(ByPlayer.Is("ann"), ByRating.Between(-1, 2)))).To(
		Equal(within(model, func(m Match) bool { return playedBy("ann")(m) && rated(-1, 2)(m) }, unordered)))
	g.Expect(list(matches.Find())).To(Equal(within(model, all, unordered)))
	g.Expect(matches.Find().Count(ctx)).To(Equal(len(model)))
	g.Expect(list(matches.Find(ByPlayer.Is("ann"), ByPlayer.Is("bob")))).To(
		Equal(within(model, func(m Match) bool { return playedBy("ann")(m) && playedBy("bob")(m) }, unordered)))

	keys := []string{}
	for key, err := range matches.Keys(ctx) {
		g.Expect(err).NotTo(HaveOccurred())
		keys = append(keys, key)
	}
	g.Expect(keys).To(ConsistOf(slices.Collect(maps.Keys(model))))
	g.Expect(matches.Len(ctx)).To(Equal(len(model)))
	for difference, err := range matches.Check(ctx) { // what had expired has been met by now
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(difference.String()).To(BeEmpty())
	}
}

// atOnce runs work on so many goroutines.
func atOnce(workers int, work func(i int)) {
	var all sync.WaitGroup
	for i := range workers {
		all.Go(func() {
			defer GinkgoRecover()
			work(i)
		})
	}
	all.Wait()
}

func day(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }

var _ = Describe("A collection", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store   kvtest.Backend
			club    kv.StaticStore
			matches kv.CollectionStore[Match]
			model   map[string]Match
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			club = kv.MustOpen(Club, store.Driver)
			matches = club.Take(Matches)
			model = map[string]Match{}
			for key, match := range map[string]Match{
				"7": {Players: []string{"ann", "bob"}, Rating: 3, Code: "x", Start: day(7)},
				"8": {Players: []string{"bob"}, Rating: -1, Start: day(8)},
			} {
				Expect(matches.Take(key).Write(ctx, match)).To(Succeed())
				model[key] = match
			}
		})
		agrees := func(ctx context.Context) {
			GinkgoHelper()
			agree(ctx, NewWithT(GinkgoT()), matches, model)
		}

		Describe("keeps its indexes in step with a document that", func() {
			AfterEach(agrees)
			next := Match{Players: []string{"cid", "ann"}, Rating: 1, Code: "y", Start: day(1)}

			It("is written", func(ctx context.Context) {
				Expect(matches.Take("9").Write(ctx, next)).To(Succeed())
				model["9"] = next
			})
			It("is overwritten", func(ctx context.Context) {
				Expect(matches.Take("7").Write(ctx, next)).To(Succeed())
				model["7"] = next
			})
			It("is written as it is", func(ctx context.Context) {
				Expect(matches.Take("7").Write(ctx, model["7"])).To(Succeed())
			})
			It("loses all its values", func(ctx context.Context) {
				Expect(matches.Take("7").Write(ctx, Match{Players: []string{}})).To(Succeed())
				model["7"] = Match{Players: []string{}}
			})
			It("is written on a condition", func(ctx context.Context) {
				Expect(matches.Take("9").Write(ctx, next, kv.IfAbsent)).To(Succeed())
				model["9"] = next
				other := Match{Players: []string{"dan"}, Rating: 5}
				Expect(matches.Take("7").Write(ctx, other, kv.IfExists)).To(Succeed())
				model["7"] = other
			})
			It("is not written, because a condition does not hold", func(ctx context.Context) {
				Expect(matches.Take("7").Write(ctx, next, kv.IfAbsent)).To(MatchError(kv.ErrConditionFailed))
				Expect(matches.Take("9").Write(ctx, next, kv.IfExists)).To(MatchError(kv.ErrConditionFailed))
			})
			It("is not written, because it is invalid", func(ctx context.Context) {
				Expect(matches.Take("7").Write(ctx, Match{Players: []string{"\xff"}})).To(MatchError(kv.ErrInvalid))
				Expect(matches.Take("7").Write(ctx, next, kv.ExpireIn(-1))).To(MatchError(kv.ErrInvalid))
			})
			It("is updated", func(ctx context.Context) {
				updated, err := matches.Take("7").Update(ctx, func(m *Match) error {
					m.Players, m.Rating = append(m.Players, "cid"), 4
					return nil
				})
				Expect(err).NotTo(HaveOccurred())
				model["7"] = updated
				_, err = matches.Take("8").Update(ctx, func(*Match) error { return errors.New("no") })
				Expect(err).To(HaveOccurred())
			})
			It("is upserted", func(ctx context.Context) {
				for _, key := range []string{"7", "9"} {
					upserted, err := matches.Take(key).Upsert(ctx, func(m *Match) error {
						m.Players, m.Rating = []string{"cid"}, m.Rating+1
						return nil
					})
					Expect(err).NotTo(HaveOccurred())
					model[key] = upserted
				}
			})
			It("is swapped", func(ctx context.Context) {
				Expect(matches.Take("7").Swap(ctx, next)).To(HaveField("Value", model["7"]))
				model["7"] = next
				Expect(matches.Take("9").Swap(ctx, Match{Players: []string{"dan"}})).To(HaveField("Exists", false))
				model["9"] = Match{Players: []string{"dan"}}
			})
			It("is erased", func(ctx context.Context) {
				Expect(matches.Take("7").Erase(ctx)).To(BeTrue())
				Expect(matches.Take("9").Erase(ctx)).To(BeFalse())
				delete(model, "7")
			})
			It("is given a time to live, and loses it", func(ctx context.Context) {
				Expect(matches.Take("7").Expire(ctx, time.Hour)).To(BeTrue())
				Expect(matches.Take("7").Persist(ctx)).To(BeTrue())
				Expect(matches.Take("9").Expire(ctx, time.Hour)).To(BeFalse())
			})
			It("is to end in the past", func(ctx context.Context) {
				Expect(matches.Take("7").ExpireAt(ctx, day(1).AddDate(-9, 0, 0))).To(BeTrue())
				delete(model, "7")
				Expect(stale(ctx, matches)).To(BeEmpty(), "it is gone at once, and so are its entries")
			})
			It("is written to end in the past", func(ctx context.Context) {
				Expect(matches.Take("7").Write(ctx, next, kv.ExpireAt(day(1).AddDate(-9, 0, 0)))).To(Succeed())
				delete(model, "7")
				Expect(stale(ctx, matches)).To(BeEmpty())
			})
			It("has expired", func(ctx context.Context) {
				Expect(matches.Take("7").Write(ctx, next, kv.ExpireIn(time.Millisecond))).To(Succeed())
				Expect(matches.Take("8").Expire(ctx, time.Millisecond)).To(BeTrue())
				time.Sleep(5 * time.Millisecond)
				clear(model)
			})
			It("is written after it has expired", func(ctx context.Context) {
				Expect(matches.Take("7").Expire(ctx, time.Millisecond)).To(BeTrue())
				time.Sleep(5 * time.Millisecond)
				Expect(matches.Take("7").Write(ctx, next, kv.IfAbsent)).To(Succeed())
				model["7"] = next
			})
			It("is written in a batch", func(ctx context.Context) {
				var batch kv.Batch
				bound := batch.Bind(matches)
				batch.Exec(func(ctx context.Context) error { return bound.Take("9").Write(ctx, next) })
				batch.Do(bound.Take("7").Erase)
				store.Trips.Reset()
				Expect(batch.Run(ctx)).To(Succeed())
				Expect(store.Trips.Taken()).To(Equal(1))
				model["9"] = next
				delete(model, "7")
			})
			It("is written in a transaction", func(ctx context.Context) {
				Expect(kv.Atomic(ctx, matches, func(ctx context.Context, tx kv.CollectionStore[Match]) error {
					if _, err := tx.Take("7").Erase(ctx); err != nil {
						return err
					}
					return tx.Take("9").Write(ctx, Match{Players: []string{"ann"}, Code: "x"})
				})).To(Succeed())
				delete(model, "7")
				model["9"] = Match{Players: []string{"ann"}, Code: "x"}
			})
			It("was to be written in a transaction that failed", func(ctx context.Context) {
				refusal := errors.New("no")
				Expect(kv.Atomic(ctx, matches, func(ctx context.Context, tx kv.CollectionStore[Match]) error {
					_ = tx.Take("9").Write(ctx, next)
					return refusal
				})).To(MatchError(refusal))
			})
			It("is erased with the collection", func(ctx context.Context) {
				Expect(club.Take(Regulars).Add(ctx, "zoe")).To(Equal(1))
				Expect(matches.Erase(ctx)).To(Equal(2))
				clear(model)
				Expect(club.Take(Regulars).Len(ctx)).To(Equal(1))
			})
			It("is erased with what the collection is in", func(ctx context.Context) {
				Expect(club.Erase(ctx)).To(Equal(2))
				clear(model)
				Expect(club.Keys(ctx)).To(BeEmpty())
			})
			It("expires with what the collection is in", func(ctx context.Context) {
				Expect(club.Expire(ctx, time.Millisecond)).To(Equal(2))
				time.Sleep(5 * time.Millisecond)
				clear(model)
			})
		})

		It("leaves nothing behind", func(ctx context.Context) {
			Expect(matches.Take("7").Erase(ctx)).To(BeTrue())
			Expect(matches.Take("8").Expire(ctx, time.Millisecond)).To(BeTrue())
			time.Sleep(5 * time.Millisecond)
			Expect(matches.Len(ctx)).To(Equal(0))
			Expect(kvtest.KeysBelow(ctx, store.Raw, "{club}")).To(BeEmpty())
		})

		It("is written in one round trip, and updated in two", func(ctx context.Context) {
			store.Trips.Reset()
			Expect(matches.Take("9").Write(ctx, Match{Players: []string{"ann", "bob"}, Code: "z"})).To(Succeed())
			Expect(store.Trips.Taken()).To(Equal(1))
			_, err := matches.Take("9").Update(ctx, func(m *Match) error { m.Rating++; return nil })
			Expect(err).NotTo(HaveOccurred())
			Expect(store.Trips.Taken()).To(Equal(3))
			Expect(matches.Take("9").Erase(ctx)).To(BeTrue())
			Expect(store.Trips.Taken()).To(Equal(4))
		})

		It("lists its keys without a scan of the database", func(ctx context.Context) {
			store.Trips.Reset()
			Expect(matches.Len(ctx)).To(Equal(2))
			Expect(store.Trips.Taken()).To(Equal(2), "HSCAN, pipelined EXISTS")
			Expect(store.Trips.Listed()).To(BeFalse())
		})

		It("reads many documents, and all", func(ctx context.Context) {
			Expect(keysOf(matches.ReadMany(ctx, "8", "7"))).To(Equal([]string{"8", "7"}))
			Expect(keysOf(matches.All(ctx))).To(ConsistOf("7", "8"))
		})

		Describe("with a unique index", func() {
			It("refuses a duplicate, names the holder, and changes nothing", func(ctx context.Context) {
				refused := Match{Players: []string{"cid"}, Code: "x"}
				err := matches.Take("8").Write(ctx, refused)
				Expect(err).To(MatchError(kv.ErrDuplicate))
				var duplicate *kv.DuplicateError
				Expect(errors.As(err, &duplicate)).To(BeTrue())
				Expect(*duplicate).To(Equal(kv.DuplicateError{Index: "code", Holder: "7"}))
				Expect(err).To(MatchError(HavePrefix("kv: Write {club}:matches:8: ")))
				Expect(err).To(MatchError(HaveSuffix("code, held by 7")))

				Expect(matches.Take("9").Write(ctx, refused, kv.IfAbsent)).To(MatchError(kv.ErrDuplicate))
				Expect(matches.Take("8").Swap(ctx, refused)).Error().To(MatchError(kv.ErrDuplicate))
				Expect(matches.Take("8").Update(ctx, func(m *Match) error { m.Code = "x"; return nil })).Error().To(MatchError(kv.ErrDuplicate))
				Expect(matches.Take("9").Upsert(ctx, func(m *Match) error { *m = refused; return nil })).Error().To(MatchError(kv.ErrDuplicate))
				agrees(ctx)
			})
			It("names a holder whose key is stored escaped", func(ctx context.Context) {
				holder := "{a}: b\n* %3A"
				Expect(matches.Take(holder).Write(ctx, Match{Players: []string{}, Code: "odd \x00 code"})).To(Succeed())
				var duplicate *kv.DuplicateError
				Expect(errors.As(matches.Take("9").Write(ctx, Match{Players: []string{}, Code: "odd \x00 code"}), &duplicate)).To(BeTrue())
				Expect(duplicate.Holder).To(Equal(holder))
			})
			It("lets the holder keep its value", func(ctx context.Context) {
				_, err := matches.Take("7").Update(ctx, func(m *Match) error { m.Rating = 9; return nil })
				Expect(err).NotTo(HaveOccurred())
			})
			It("gives a value away that its holder gave up", func(ctx context.Context) {
				for _, giveUp := range []func() error{
					func() error { return kvtest.ErrorOf(matches.Take("7").Erase(ctx)) },
					func() error { return matches.Take("7").Write(ctx, Match{Players: []string{}, Code: "other"}) },
					func() error { return kvtest.ErrorOf(matches.Take("7").ExpireAt(ctx, time.Unix(1, 0))) },
					func() error { return kvtest.ErrorOf(matches.Erase(ctx)) },
				} {
					Expect(giveUp()).To(Succeed())
					Expect(matches.Take("8").Write(ctx, Match{Players: []string{}, Code: "x"})).To(Succeed())
					Expect(matches.Take("7").Write(ctx, Match{Players: []string{}, Code: "x"})).To(MatchError(kv.ErrDuplicate))
					Expect(matches.Take("8").Erase(ctx)).To(BeTrue())
					Expect(matches.Take("7").Write(ctx, Match{Players: []string{}, Code: "x"})).To(Succeed())
				}
			})
			It("gives a value away whose holder has expired", func(ctx context.Context) {
				Expect(matches.Take("7").Expire(ctx, time.Millisecond)).To(BeTrue())
				time.Sleep(5 * time.Millisecond)
				next := Match{Players: []string{"cid"}, Code: "x"}
				Expect(matches.Take("9").Write(ctx, next)).To(Succeed())
				delete(model, "7")
				model["9"] = next
				Expect(stale(ctx, matches)).To(BeEmpty(), "all that the holder left behind has gone with it")
				agrees(ctx)
			})
			It("lets one of many writers have a value", func(ctx context.Context) {
				won := make(chan string, 20)
				atOnce(20, func(i int) {
					err := matches.Take(fmt.Sprint("w", i)).Write(ctx, Match{Players: []string{}, Code: "wanted"})
					if err == nil {
						won <- fmt.Sprint("w", i)
					} else if !errors.Is(err, kv.ErrDuplicate) {
						won <- err.Error()
					}
				})
				Expect(won).To(HaveLen(1))
				Expect(found(ctx, matches.Find(ByCode.Is("wanted")))).To(Equal([]string{<-won}))
			})
		})

		It("takes nothing but a panic amiss in an index function", func(ctx context.Context) {
			odd := kv.Collection(kv.JSON[Match](), kv.Index(ByPlayer, func(m Match) []string {
				if m.Rating < 0 {
					panic("a negative rating")
				}
				return append(m.Players, m.Players...)
			}), kv.Index("half", func(m Match) []float64 { return []float64{float64(m.Rating) / float64(len(m.Players))} }))
			matches := kv.MustOpen(kv.Colocated(odd), store.Driver, kv.At("odd"))
			Expect(matches.Take("7").Write(ctx, Match{Players: []string{"ann", "ann", "bob"}})).To(Succeed())
			Expect(found(ctx, matches.Find(ByPlayer.AtLeast("")))).To(Equal([]string{"7"}), "duplicates are one")
			Expect(stale(ctx, matches)).To(BeEmpty())

			for _, refused := range []Match{{Players: []string{"cid"}, Rating: -1}, {Players: []string{}}} {
				err := matches.Take("7").Write(ctx, refused)
				Expect(err).To(MatchError(kv.ErrInvalid))
				Expect(err).To(MatchError(Or(ContainSubstring("player: its function panicked: a negative rating"), ContainSubstring("half: invalid value: NaN"))))
			}
			Expect(matches.Take("7").Update(ctx, func(m *Match) error { m.Rating = -1; return nil })).Error().To(MatchError(kv.ErrInvalid))
			Expect(matches.Take("7").Read(ctx)).To(HaveField("Players", HaveLen(3)))
			Expect(stale(ctx, matches)).To(BeEmpty())
		})

		It("takes the values of a document in any order", func(ctx context.Context) {
			shuffled := kv.Collection(kv.JSON[Match](), kv.Index(ByPlayer, func(m Match) []string {
				set := map[string]bool{}
				for _, player := range m.Players {
					set[player] = true
				}
				return slices.Collect(maps.Keys(set))
			}))
			matches := kv.MustOpen(kv.Colocated(shuffled), store.Driver, kv.At("shuffled"))
			Expect(matches.Take("7").Write(ctx, Match{Players: []string{"a", "b", "c", "d", "e", "f", "g", "h"}})).To(Succeed())
			for range 5 {
				Expect(stale(ctx, matches)).To(BeEmpty())
			}
		})

		It("has keys of any type", func(ctx context.Context) {
			numbered := kv.MustOpen(kv.Colocated(kv.CollectionBy[int](kv.JSON[Match](), matchIndexes...)), store.Driver, kv.At("numbered"))
			for key, match := range map[int]Match{-1: {Players: []string{"ann"}, Code: "x"}, 12: {Players: []string{"ann", "bob"}}} {
				Expect(numbered.Take(key).Write(ctx, match)).To(Succeed())
			}
			Expect(found(ctx, numbered.Find(ByPlayer.Is("ann")))).To(Equal([]int{-1, 12}))
			Expect(numbered.Take(3).Write(ctx, Match{Players: []string{}, Code: "x"})).To(MatchError(HaveSuffix("held by -1")))
			Expect(kvtest.Collect(numbered.Keys(ctx))).To(ConsistOf(-1, 12))
			Expect(stale(ctx, numbered)).To(BeEmpty())
		})

		It("is part of a view", func(ctx context.Context) {
			type view struct {
				Matches  kv.CollectionStore[Match] `kv:"matches"`
				Regulars kv.SetField               `kv:"regulars"`
			}
			schema := kv.Static("club").Field(Matches, MatchSchema).Set(Regulars).As[view]()
			club := kv.MustOpen(kv.Colocated(schema), store.Driver)
			Expect(found(ctx, club.Matches.Find(ByPlayer.Is("bob")))).To(Equal([]string{"7", "8"}))
		})
	})
})

var _ = Describe("A document of a collection that has expired", func() {
	It("is never found, and cleaned where it is met", func(ctx context.Context) {
		clock := kvtest.NewClock()
		driver := memory.New(memory.WithClock(clock.Now))
		matches := kv.MustOpen(MatchSchema, driver, kv.At("matches"))
		for i := range 600 {
			match := Match{Players: []string{"ann"}, Rating: i, Start: day(1), Code: fmt.Sprint(i)}
			lifetime := kv.WriteOption(kv.ExpireIn(time.Minute))
			if i%100 == 99 {
				lifetime = kv.NoExpiry
			}
			Expect(matches.Take(fmt.Sprintf("%03d", i)).Write(ctx, match, lifetime)).To(Succeed())
		}
		clock.Advance(time.Minute + 2*time.Millisecond)
		entries := func(index string) int {
			reply, err := driver.Do(ctx, drivers.Command{Op: drivers.OpZLexCount, Key: "%index:matches::" + index, Extra: &drivers.Extra{Min: "(", Max: "+"}})
			Expect(err).NotTo(HaveOccurred())
			return int(reply.Int)
		}
		Expect(entries("player")).To(Equal(600), "nobody has met them yet")
		Expect(matches.Find(ByRating.Below(200)).OrderBy(ByRating).First(ctx)).To(HaveField("Key", "099"))
		Expect(entries("code")).To(BeNumerically("<", 501), "what was passed over has gone from all indexes")

		page, err := matches.Find(ByPlayer.Is("ann")).Page(ctx, 4, "")
		Expect(err).NotTo(HaveOccurred())
		Expect(page.Entries).To(HaveLen(4))
		page, err = matches.Find(ByPlayer.Is("ann")).Page(ctx, 4, page.Next)
		Expect(err).NotTo(HaveOccurred())
		Expect(page.Entries).To(HaveLen(2))
		Expect(page.Next).To(BeEmpty())
		for _, index := range []string{"player", "rating", "start", "code"} {
			Expect(entries(index)).To(Equal(6), index)
		}
		Expect(stale(ctx, matches)).To(BeEmpty())
	})

	It("is listed by Check until then, and taken out by Reindex", func(ctx context.Context) {
		clock := kvtest.NewClock()
		matches := kv.MustOpen(MatchSchema, memory.New(memory.WithClock(clock.Now)), kv.At("matches"))
		Expect(matches.Take("7").Write(ctx, Match{Players: []string{"ann"}, Code: "x"}, kv.ExpireIn(time.Minute))).To(Succeed())
		clock.Advance(time.Minute + 2*time.Millisecond)
		Expect(stale(ctx, matches)).To(ConsistOf(
			"the registry should not have 7", "the index player should not have 7", "the index rating should not have 7",
			"the index start should not have 7", "the index code should not have 7"))
		Expect(matches.Reindex(ctx)).To(Equal(0))
		Expect(stale(ctx, matches)).To(BeEmpty())
	})
})

var _ = Describe("The declaration of a collection", func() {
	open := func(indexes ...kv.IndexOption[Match]) error {
		return kvtest.ErrorOf(kv.Open(kv.Collection(kv.JSON[Match](), indexes...), memory.New(), kv.At("matches")))
	}
	It("is refused with all its mistakes", func() {
		err := open(kv.Index(ByPlayer, playersOf), kv.Unique(ByPlayer, codeOf), kv.Index("", playersOf),
			kv.Index("a:b", playersOf), kv.Index[Match, string]("lost", nil))
		Expect(err).To(MatchError(And(
			ContainSubstring(`the index "player" is declared twice`),
			ContainSubstring(`the index "" is empty`),
			ContainSubstring(`the index "a:b" would have to be escaped`),
			ContainSubstring(`the index "lost" has no function`),
		)))
		Expect(kvtest.ErrorOf(kv.Open(kv.Collection[Match](nil), memory.New(), kv.At("matches")))).To(MatchError(ContainSubstring("there is no schema")))
		Expect(kvtest.ErrorOf(kv.Open(kv.CollectionBy[float64](kv.JSON[Match](), matchIndexes...), memory.New(), kv.At("matches")))).To(HaveOccurred())
	})
	It("may be without an index: its keys are listed by its registry all the same", func(ctx context.Context) {
		Expect(open()).To(Succeed())
	})
	It("says what is indexed", func() {
		Expect(Club.Tree().String()).To(Equal(`{club}        in one slot
├── matches   indexed by key, player, rating, start, code
│   └── *     JSON collections_test.Match
└── regulars  set`))
	})
})

// A collection does what a map does, whatever befalls it.
var _ = Describe("A collection and a map", Label(suite.Slow), func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		It("agree after every step", func(ctx context.Context) {
			ctx = context.WithoutCancel(ctx)
			club := kv.MustOpen(Club, open(ctx).Driver)
			rapid.Check(GinkgoT(), func(t *rapid.T) {
				if _, err := club.Erase(ctx); err != nil {
					t.Fatal(err)
				}
				m := &collectionMachine{ctx: ctx, club: club, matches: club.Take(Matches), model: map[string]Match{}}
				t.Repeat(map[string]func(*rapid.T){
					"write": m.write, "update": m.update, "upsert": m.upsert, "swap": m.swap, "erase": m.erase,
					"expire": m.expire, "batch": m.batch, "atomic": m.atomic, "subtree": m.subtree,
					"": func(t *rapid.T) { agree(ctx, NewWithT(t), m.matches, m.model) },
				})
			})
		})
	})
})

type collectionMachine struct {
	ctx     context.Context
	club    kv.StaticStore
	matches kv.CollectionStore[Match]
	model   map[string]Match
}

func (*collectionMachine) id(t *rapid.T) string {
	return rapid.SampledFrom([]string{"1", "2", "3", "a:b"}).Draw(t, "id")
}

func (*collectionMachine) match(t *rapid.T) Match {
	return Match{
		Players: rapid.SliceOfN(rapid.SampledFrom([]string{"ann", "bob", "cid"}), 0, 3).Draw(t, "players"),
		Rating:  rapid.IntRange(-3, 3).Draw(t, "rating"),
		Code:    rapid.SampledFrom([]string{"", "", "x", "y"}).Draw(t, "code"),
		Start:   day(rapid.IntRange(1, 5).Draw(t, "day")),
	}
}

// duplicate is the key of another document with the code.
func duplicate(model map[string]Match, id, code string) (holder string, taken bool) {
	for key, match := range model {
		if key != id && code != "" && match.Code == code {
			return key, true
		}
	}
	return "", false
}

// expect compares the outcome of a write of the document with what the model says.
func (m *collectionMachine) expect(t *rapid.T, err error, id string, match Match, otherwise error) {
	g := NewWithT(t)
	if holder, taken := duplicate(m.model, id, match.Code); taken {
		var refused *kv.DuplicateError
		g.Expect(errors.As(err, &refused)).To(BeTrue(), "%v", err)
		g.Expect(*refused).To(Equal(kv.DuplicateError{Index: "code", Holder: holder}))
		return
	}
	if otherwise != nil {
		g.Expect(err).To(MatchError(otherwise))
		return
	}
	g.Expect(err).NotTo(HaveOccurred())
	m.model[id] = match
}

func (m *collectionMachine) write(t *rapid.T) {
	id, match := m.id(t), m.match(t)
	_, exists := m.model[id]
	var options []kv.WriteOption
	var otherwise error
	switch rapid.IntRange(0, 4).Draw(t, "condition") {
	case 0:
		if options = append(options, kv.IfAbsent); exists {
			otherwise = kv.ErrConditionFailed
		}
	case 1:
		if options = append(options, kv.IfExists); !exists {
			otherwise = kv.ErrConditionFailed
		}
	}
	m.expect(t, m.matches.Take(id).Write(m.ctx, match, options...), id, match, otherwise)
}

func (m *collectionMachine) update(t *rapid.T) {
	id, match := m.id(t), m.match(t)
	if _, exists := m.model[id]; !exists {
		_, err := m.matches.Take(id).Update(m.ctx, func(*Match) error { return nil })
		NewWithT(t).Expect(err).To(MatchError(kv.ErrNotFound))
		return
	}
	_, err := m.matches.Take(id).Update(m.ctx, func(now *Match) error { *now = match; return nil })
	m.expect(t, err, id, match, nil)
}

func (m *collectionMachine) upsert(t *rapid.T) {
	id, match := m.id(t), m.match(t)
	_, err := m.matches.Take(id).Upsert(m.ctx, func(now *Match) error { *now = match; return nil })
	m.expect(t, err, id, match, nil)
}

func (m *collectionMachine) swap(t *rapid.T) {
	id, match := m.id(t), m.match(t)
	_, err := m.matches.Take(id).Swap(m.ctx, match)
	m.expect(t, err, id, match, nil)
}

func (m *collectionMachine) erase(t *rapid.T) {
	id := m.id(t)
	_, exists := m.model[id]
	erased, err := m.matches.Take(id).Erase(m.ctx)
	NewWithT(t).Expect([]any{erased, err}).To(Equal([]any{exists, nil}))
	delete(m.model, id)
}

// expire ends a document, or writes one that has ended.
func (m *collectionMachine) expire(t *rapid.T) {
	id, match := m.id(t), m.match(t)
	g := NewWithT(t)
	var err error
	switch rapid.IntRange(0, 3).Draw(t, "way") {
	case 0:
		_, err = m.matches.Take(id).Expire(m.ctx, time.Millisecond)
	case 1:
		_, err = m.matches.Take(id).ExpireAt(m.ctx, time.Unix(1, 0))
	case 2:
		err = m.matches.Take(id).Write(m.ctx, match, kv.ExpireIn(time.Millisecond))
	default:
		err = m.matches.Take(id).Write(m.ctx, match, kv.ExpireAt(time.Unix(1, 0)))
	}
	if errors.Is(err, kv.ErrDuplicate) {
		_, taken := duplicate(m.model, id, match.Code)
		g.Expect(taken).To(BeTrue())
		return
	}
	g.Expect(err).NotTo(HaveOccurred())
	delete(m.model, id)
	time.Sleep(3 * time.Millisecond)
}

func (m *collectionMachine) batch(t *rapid.T) {
	var batch kv.Batch
	bound := batch.Bind(m.matches)
	type step struct {
		id     string
		match  Match
		result *kv.Result[struct{}]
	}
	var steps []step
	for range rapid.IntRange(1, 4).Draw(t, "steps") {
		s := step{id: m.id(t)}
		if rapid.Bool().Draw(t, "erases") {
			batch.Do(bound.Take(s.id).Erase)
		} else {
			s.match = m.match(t)
			s.result = batch.Exec(func(ctx context.Context) error { return bound.Take(s.id).Write(ctx, s.match) })
		}
		steps = append(steps, s)
	}
	_ = batch.Run(m.ctx) // each has its own error
	for _, s := range steps {
		if s.result == nil {
			delete(m.model, s.id)
			continue
		}
		m.expect(t, kvtest.ErrorOf(s.result.Get()), s.id, s.match, nil)
	}
}

// atomic writes several documents or none. A value that one of them gives up another may have.
func (m *collectionMachine) atomic(t *rapid.T) {
	after := maps.Clone(m.model)
	ids := rapid.Permutation([]string{"1", "2", "3", "a:b"}).Draw(t, "ids")[:rapid.IntRange(1, 3).Draw(t, "steps")]
	wanted := map[string]*Match{}
	for _, id := range ids {
		if rapid.Bool().Draw(t, "erases") {
			wanted[id] = nil
			continue
		}
		match := m.match(t)
		wanted[id] = &match
	}
	err := kv.Atomic(m.ctx, m.matches, func(ctx context.Context, tx kv.CollectionStore[Match]) error {
		for _, id := range ids {
			if match := wanted[id]; match == nil {
				if _, err := tx.Take(id).Erase(m.ctx); err != nil {
					return err
				}
			} else if err := tx.Take(id).Write(m.ctx, *match); err != nil {
				return err
			}
		}
		return nil
	})
	for _, id := range ids {
		match := wanted[id]
		if match == nil {
			delete(after, id)
			continue
		}
		if _, taken := duplicate(after, id, match.Code); taken {
			NewWithT(t).Expect(err).To(MatchError(kv.ErrDuplicate))
			return
		}
		after[id] = *match
	}
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	m.model = after
}

func (m *collectionMachine) subtree(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "rarely") > 0 {
		t.Skip("rarely")
	}
	erase := m.matches.Erase
	if rapid.Bool().Draw(t, "parent") {
		erase = m.club.Erase
	}
	NewWithT(t).Expect(erase(m.ctx)).To(Equal(len(m.model)))
	clear(m.model)
}
