package changes_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

type player struct {
	Rating int      `json:"rating"`
	Clubs  []string `json:"clubs,omitempty"`
	Note   string   `json:"note,omitempty"`
}

const (
	byRating     kv.IndexKey[int]            = "rating"
	byClub       kv.IndexKey[string]         = "club"
	byClubRating kv.CompoundKey[string, int] = "club-rating"
)

// players are those of a store; those without a rating are not in its index.
var players = kv.Colocated(kv.Collection(kv.JSON[player](),
	kv.Index(byRating, ratings), kv.Index(byClub, clubs), kv.Compound(byClubRating, clubs, ratings)))

func ratings(p player) []int {
	if p.Rating == 0 {
		return nil
	}
	return []int{p.Rating}
}

func clubs(p player) []string { return p.Clubs }

type playerChange = kv.Change[string, player]

func enters(id string, rating int) playerChange {
	return playerChange{Kind: kv.Enters, Entry: kv.Entry[string, player]{Key: id, Value: player{Rating: rating}}}
}

func changes(id string, rating int) playerChange {
	return playerChange{Kind: kv.Changes, Entry: kv.Entry[string, player]{Key: id, Value: player{Rating: rating}}}
}

func leaves(id string) playerChange {
	return playerChange{Kind: kv.Leaves, Entry: kv.Entry[string, player]{Key: id}}
}

// copied is what a query finds, as the loop of its follower tells it.
type copied struct {
	mutex sync.Mutex
	all   map[string]player
}

// copyOf begins to keep a copy.
func copyOf(ctx context.Context, query kv.Query[string, player]) *copied {
	GinkgoHelper()
	c := &copied{all: map[string]player{}}
	loop := begin(ctx, query.Follow)
	go func() {
		defer GinkgoRecover()
		for next := range loop.given {
			if errors.Is(next.Err, context.Canceled) || errors.Is(next.Err, kv.ErrMissed) {
				continue
			}
			Expect(next.Err).NotTo(HaveOccurred())
			c.apply(next.Value)
		}
	}()
	return c
}

func (c *copied) apply(change playerChange) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	_, there := c.all[change.Key]
	Expect(there).To(Equal(change.Kind != kv.Enters), "%s %s", change.Key, change.Kind)
	if change.Kind == kv.Leaves {
		delete(c.all, change.Key)
	} else {
		c.all[change.Key] = change.Value
	}
}

func (c *copied) now() map[string]player {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return maps.Clone(c.all)
}

var _ = Describe("A query that is followed", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			all   kv.CollectionStore[player]
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			all = kv.MustOpen(players, store.Driver, kv.At("players"))
			leavesNoGoroutines()
		})
		write := func(ctx context.Context, id string, document player) {
			GinkgoHelper()
			Expect(all.Take(id).Write(ctx, document)).To(Succeed())
		}

		It("tells what enters, changes and leaves, with its key and its document", func(ctx context.Context) {
			write(ctx, "ann", player{Rating: 2000})
			write(ctx, "bob", player{Rating: 1000})
			loop := begin(ctx, all.Find(byRating.AtLeast(1500)).Follow)
			Expect(loop.value()).To(Equal(enters("ann", 2000)))
			write(ctx, "bob", player{Rating: 1600})
			Expect(loop.value()).To(Equal(enters("bob", 1600)))
			write(ctx, "bob", player{Rating: 1700})
			Expect(loop.value()).To(Equal(changes("bob", 1700)))
			Expect(all.Take("ann").Update(ctx, func(p *player) error { p.Rating = 1400; return nil })).Error().NotTo(HaveOccurred())
			Expect(loop.value()).To(Equal(leaves("ann")))
			Expect(all.Take("bob").Erase(ctx)).To(BeTrue())
			Expect(loop.value()).To(Equal(leaves("bob")))
			Expect(kv.Atomic(ctx, all, func(ctx context.Context, tx kv.CollectionStore[player]) error {
				return tx.Take("ann").Write(ctx, player{Rating: 1900})
			})).To(Succeed())
			Expect(loop.value()).To(Equal(enters("ann", 1900)))
			Expect(all.Find(byRating.Is(1900)).Erase(ctx)).To(Equal(1))
			Expect(loop.value()).To(Equal(leaves("ann")))
			write(ctx, "cat", player{Rating: 1500})
			Expect(loop.value()).To(Equal(enters("cat", 1500)))
			Expect(all.Take("cat").Expire(ctx, 20*time.Millisecond)).To(BeTrue())
			Expect(loop.value()).To(Equal(leaves("cat")))
			Expect([]string{kv.Enters.String(), kv.Changes.String(), kv.Leaves.String(), kv.ChangeKind(7).String()}).To(Equal([]string{"enters", "changes", "leaves", "ChangeKind(7)"}))
			loop.cancel()
			Expect(loop.end()).To(MatchError(context.Canceled))
		})

		It("tells nothing of a document that is as it was, or is not found, for one round trip each", func(ctx context.Context) {
			write(ctx, "ann", player{Rating: 2000})
			loop := begin(ctx, all.Find(byRating.AtLeast(1500)).Follow)
			Expect(loop.value()).To(Equal(enters("ann", 2000)))
			store.Trips.Reset()
			for i, change := range []func() error{
				func() error { return kvtest.ErrorOf(all.Take("ann").Expire(ctx, time.Hour)) },
				func() error { return all.Take("ann").Write(ctx, player{Rating: 2000}) },
				func() error { return all.Take("bob").Write(ctx, player{Rating: 1000}) },
				func() error { return all.Take("bob").Write(ctx, player{Rating: 1001}) },
				func() error { return kvtest.ErrorOf(all.Take("bob").Erase(ctx)) },
			} {
				Expect(change()).To(Succeed())
				Eventually(store.Trips.Of).WithArguments(drivers.OpGet).Should(Equal(i + 1))
			}
			write(ctx, "ann", player{Rating: 2001})
			Expect(loop.value()).To(Equal(changes("ann", 2001)))
			Expect(store.Trips.Taken()).To(Equal(12))
		})

		It("begins in the order of the query, which leaves out what has no value in its index", func(ctx context.Context) {
			for i, id := range []string{"ann", "bob", "cat"} {
				write(ctx, id, player{Rating: 2000 - i})
			}
			write(ctx, "dan", player{})
			loop := begin(ctx, all.Find().OrderBy(byRating).Follow)
			Expect(loop.value()).To(Equal(enters("cat", 1998)))
			Expect(loop.value()).To(Equal(enters("bob", 1999)))
			Expect(loop.value()).To(Equal(enters("ann", 2000)))
			write(ctx, "dan", player{Rating: 1})
			Expect(loop.value()).To(Equal(enters("dan", 1)))
			write(ctx, "ann", player{})
			Expect(loop.value()).To(Equal(leaves("ann")))
		})

		It("tells of a document that does not fit, and lets it leave", func(ctx context.Context) {
			write(ctx, "ann", player{Rating: 2000})
			loop := begin(ctx, all.Find(byRating.AtLeast(1500)).Follow)
			Expect(loop.value()).To(Equal(enters("ann", 2000)))
			plant := func(id, text string) {
				do(ctx, store.Raw, drivers.Command{Op: drivers.OpSet, Key: all.Take(id).Path(), Value: text})
			}
			corrupt := func(id string) {
				GinkgoHelper()
				next := loop.next()
				Expect(next.Err).To(MatchError(kv.ErrCorrupt))
				Expect(next.Err).To(MatchError(HavePrefix("kv: Follow " + all.Take(id).Path())))
				Expect(next.Value.Key).To(Equal(id))
			}
			plant("ann", "no document")
			Expect(loop.value()).To(Equal(leaves("ann")))
			corrupt("ann")
			plant("bob", "{}") // without a rating
			corrupt("bob")
			plant("ann", "another")
			corrupt("ann")
			write(ctx, "ann", player{Rating: 2000})
			Expect(loop.value()).To(Equal(enters("ann", 2000)))
			do(ctx, store.Raw, drivers.Command{Op: drivers.OpDelete, Key: all.Take("ann").Path()})
			Expect(loop.value()).To(Equal(leaves("ann")))
			do(ctx, store.Raw, drivers.Command{Op: drivers.OpSAdd, Key: all.Take("ann").Path(), Values: []string{"a"}})
			Expect(loop.failure()).To(MatchError(kv.ErrWrongType))
			kvtest.Plant(ctx, store.Raw, all.Path(), all.Path()+":ann:below", all.Path()+":%")
			write(ctx, "ann", player{Rating: 2000})
			Expect(loop.value()).To(Equal(enters("ann", 2000)))
		})

		It("is left at once, refuses transactions, and has the error of the query", func(ctx context.Context) {
			write(ctx, "ann", player{Rating: 2000})
			Expect(firstOf(all.Find().Follow(ctx))).To(Equal(enters("ann", 2000)))
			Expect(firstOf(all.Find(kv.IndexKey[int]("none").Is(1)).Follow(ctx))).Error().To(MatchError(kv.ErrUndeclared))
			Expect(firstOf(all.Find().OrderBy(nil).Follow(ctx))).Error().To(MatchError(kv.ErrInvalid))
			Expect(kv.Atomic(ctx, all, func(ctx context.Context, tx kv.CollectionStore[player]) error {
				return kvtest.ErrorOf(firstOf(tx.Find().Follow(ctx)))
			})).To(MatchError(errors.ErrUnsupported))
		})

		It("ends where an index has not all that it should", func(ctx context.Context) {
			write(ctx, "ann", player{Rating: 2000})
			do(ctx, store.Raw, drivers.Command{Op: drivers.OpDelete, Key: drivers.IndexKey("%index:"+all.Path(), "rating")})
			loop := begin(ctx, all.Find(byRating.AtLeast(1500)).Follow)
			Expect(loop.end()).To(MatchError(kv.ErrIncomplete))
		})

		It("is a copy of what is found in the end, whatever the terms and whoever writes", func(ctx context.Context) {
			queries := map[string]kv.Query[string, player]{
				"all": all.Find(), "is": all.Find(byClub.Is("red")), "range": all.Find(byRating.Between(3, 7)), "from": all.Find(byRating.AtLeast(5)),
				"below": all.Find(byRating.Below(5)), "or": all.Find(kv.Or(byClub.Is("red"), byRating.Is(3))), "and": all.Find(byClub.Is("red"), byRating.AtLeast(4)),
				"with": all.Find(byClubRating.With("blue")), "pair": all.Find(byClubRating.Is("blue", 2)), "pairs": all.Find(byClubRating.Between("red", 2, 6)),
				"order": all.Find(byClub.Is("red")).OrderBy(byRating).Backwards(),
			}
			copies := map[string]*copied{}
			for name, query := range queries {
				copies[name] = copyOf(ctx, query)
			}
			writeAll(ctx, clients(store), func(random *rand.Rand, driver drivers.Driver) {
				child := kv.MustOpen(players, driver, kv.At("players")).Take(fmt.Sprint("p", random.IntN(20)))
				if random.IntN(4) == 0 {
					Expect(child.Erase(ctx)).Error().NotTo(HaveOccurred())
					return
				}
				var of []string
				for _, club := range []string{"red", "blue"} {
					if random.IntN(2) == 0 {
						of = append(of, club)
					}
				}
				Expect(child.Write(ctx, player{Rating: random.IntN(9), Clubs: of, Note: fmt.Sprint(random.Int())})).To(Succeed())
			}, GinkgoRandomSeed())
			for name, query := range queries {
				want := map[string]player{}
				for entry, err := range query.All(ctx) {
					Expect(err).NotTo(HaveOccurred())
					want[entry.Key] = entry.Value
				}
				Eventually(copies[name].now).Should(Equal(want), name)
			}
		})
	})
})
