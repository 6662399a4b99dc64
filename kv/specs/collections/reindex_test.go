package collections_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// spoil changes a registry or an index behind the library's back.
func spoil(ctx context.Context, driver drivers.Driver, commands ...drivers.Command) {
	GinkgoHelper()
	for _, cmd := range commands {
		_, err := driver.Do(ctx, cmd)
		Expect(err).NotTo(HaveOccurred())
	}
}

// unregister takes an id out of the registry, and leaves what the indexes have of it.
func unregister(id string) drivers.Command {
	return drivers.Command{Op: drivers.OpReconcile, Key: "{matches}:nothing", Extra: &drivers.Extra{Indexes: []drivers.Index{
		{Key: "{matches}:nothing", Registry: "%index:{matches}", ID: id, Whole: true},
	}}}
}

// enter puts an id into the index of players, as if its document had the player. What is
// there under the id's key is overwritten.
func enter(id, player, document string) drivers.Command {
	key := "{matches}:" + id
	return drivers.Command{Op: drivers.OpSet, Key: key, Value: document, Extra: &drivers.Extra{Indexes: []drivers.Index{{
		Key: key, Registry: "%index:{matches}", ID: id, Whole: true,
		Names: []string{"player"}, Entries: []drivers.Entry{{Name: "player", Value: player + "\x00"}},
	}}}}
}

var _ = Describe("Reindex", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store   kvtest.Backend
			matches kv.CollectionStore[Match]
			model   map[string]Match
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			matches = kv.MustOpen(kv.Colocated(MatchSchema), store.Driver, kv.At("matches"))
			model = map[string]Match{}
		})
		write := func(ctx context.Context, count int) {
			GinkgoHelper()
			for n := range count {
				match := numbered(n)
				match.Code = map[int]string{0: "x", 1: "y"}[n]
				Expect(matches.Take(fmt.Sprint(n)).Write(ctx, match)).To(Succeed())
				model[fmt.Sprint(n)] = match
			}
		}
		agrees := func(ctx context.Context) {
			GinkgoHelper()
			agree(ctx, NewWithT(GinkgoT()), matches, model)
		}

		It("finds nothing to do, and changes nothing", func(ctx context.Context) {
			Expect(matches.Reindex(ctx)).To(Equal(0))
			write(ctx, 5)
			store.Trips.Reset()
			Expect(matches.Reindex(ctx)).To(Equal(5))
			for _, batch := range store.Trips.Sent() {
				for _, item := range batch.Items {
					if item.Command.Op == drivers.OpSeal {
						Expect(item.Reply.Ints).NotTo(ContainElement(BeZero()), "it was sealed before")
						continue
					}
					Expect(item.Reply.Int == 0 || item.Command.Op.Effect() != drivers.Writes).To(BeTrue(), "%v", item.Command)
				}
			}
			agrees(ctx)
		})

		It("builds the indexes of a store that had documents before", func(ctx context.Context) {
			before := kv.MustOpen(kv.Colocated(kv.Dynamic(kv.JSON[Match]())), store.Driver, kv.At("matches"))
			for n := range 600 {
				Expect(before.Take(fmt.Sprint(n)).Write(ctx, numbered(n))).To(Succeed())
			}
			Expect(before.Take("0").Expire(ctx, time.Hour)).To(BeTrue())
			Expect(matches.Len(ctx)).To(Equal(0), "nobody has registered them")
			Expect(stale(ctx, matches)).To(ContainElements("the registry lacks 7", "the index player lacks 7", "the index rating lacks 7"))

			var progress []int
			store.Trips.Reset()
			Expect(matches.Reindex(ctx, kv.OnProgress(func(p kv.Progress) { progress = append(progress, p.Keys) }))).To(Equal(600))
			Expect(progress).To(Equal([]int{256, 512, 600}))
			Expect(store.Trips.Taken()).To(BeNumerically("<", 30), "page by page")
			Expect(matches.Len(ctx)).To(Equal(600))
			Expect(found(ctx, matches.Find(ByPlayer.Is("bob")))).To(HaveLen(200))
			Expect(stale(ctx, matches)).To(BeEmpty())
			Expect(matches.Take("0").TTL(ctx)).To(BeNumerically(">", time.Minute), "a time to live goes on")
			Expect(matches.Take("1").TTL(ctx)).To(Equal(kv.NoTTL))
		})

		It("follows an index whose function was changed", func(ctx context.Context) {
			write(ctx, 5)
			changed := kv.MustOpen(kv.Colocated(kv.Collection(kv.JSON[Match](),
				kv.Index(ByPlayer, func(m Match) []string { return []string{strings.ToUpper(m.Players[0])} }))), store.Driver, kv.At("matches"))
			Expect(stale(ctx, changed)).To(ContainElements("the index player lacks 3", "the index player should not have 3"))
			Expect(found(ctx, changed.Find(ByPlayer.Is("ann")))).To(BeEmpty())
			Expect(changed.Reindex(ctx)).To(Equal(5))
			Expect(stale(ctx, changed)).To(BeEmpty())
			Expect(found(ctx, changed.Find(ByPlayer.Is("ANN")))).To(HaveLen(5))
		})

		It("follows a unique index whose function was changed, though old entries stand in the way", func(ctx context.Context) {
			const place kv.IndexKey[int] = "place"
			schema := func(shift int) kv.Schema[kv.CollectionStore[Match]] {
				return kv.Colocated(kv.Collection(kv.JSON[Match](), kv.Index(ByPlayer, playersOf),
					kv.Unique(place, func(m Match) []int { return []int{(m.Rating + shift) % 8} })))
			}
			for n := range 8 {
				Expect(kv.MustOpen(schema(0), store.Driver, kv.At("matches")).Take(fmt.Sprint(n)).Write(ctx, numbered(n))).To(Succeed())
			}
			shifted := kv.MustOpen(schema(3), store.Driver, kv.At("matches"))
			Expect(shifted.Reindex(ctx)).To(Equal(8))
			Expect(stale(ctx, shifted)).To(BeEmpty())
			Expect(found(ctx, shifted.Find(place.Is(1)))).To(Equal([]string{"6"}))
			Expect(found(ctx, shifted.Find(place.AtLeast(0)))).To(HaveLen(8))
		})

		It("says which documents have the same value of a unique index, and registers them all the same", func(ctx context.Context) {
			before := kv.MustOpen(kv.Colocated(kv.Dynamic(kv.JSON[Match]())), store.Driver, kv.At("matches"))
			for _, key := range []string{"1", "2", "3"} {
				Expect(before.Take(key).Write(ctx, Match{Players: []string{"ann"}, Code: "same"})).To(Succeed())
			}
			_, err := matches.Reindex(ctx)
			Expect(err).To(MatchError(kv.ErrDuplicate))
			Expect(err).To(MatchError(MatchRegexp(`^kv: Reindex \{matches\}:[123]: .*code, held by [123]$`)))

			refused := map[string]error{}
			Expect(matches.Reindex(ctx, kv.OnRefused(func(path string, err error) {
				Expect(refused).NotTo(HaveKey(path), "once")
				refused[path] = err
			}))).To(Equal(3))
			Expect(refused).To(HaveLen(2))
			Expect(refused).To(HaveEach(MatchError(kv.ErrDuplicate)))
			Expect(matches.Len(ctx)).To(Equal(3))
			Expect(found(ctx, matches.Find(ByCode.Is("same")))).To(HaveLen(1))
			Expect(stale(ctx, matches)).NotTo(BeEmpty())
			for path := range refused {
				Expect(matches.Take(path[len("{matches}:"):]).Erase(ctx)).To(BeTrue())
			}
			Expect(stale(ctx, matches)).To(BeEmpty())
		})

		It("says which documents do not fit the schema, and registers them all the same", func(ctx context.Context) {
			write(ctx, 3)
			spoil(ctx, store.Raw,
				drivers.Command{Op: drivers.OpSet, Key: "{matches}:bad", Value: `{"players":7}`},
				drivers.Command{Op: drivers.OpSAdd, Key: "{matches}:set", Values: []string{"x"}})
			for _, err := range matches.Check(ctx) {
				Expect(err).To(Or(MatchError(kv.ErrCorrupt), MatchError(kv.ErrWrongType)))
				Expect(err).To(MatchError(Or(HavePrefix("kv: Check {matches}:bad: "), HavePrefix("kv: Check {matches}:set: "))))
			}
			_, err := matches.Reindex(ctx)
			Expect(err).To(MatchError(Or(HavePrefix("kv: Reindex {matches}:bad: "), HavePrefix("kv: Reindex {matches}:set: "))))
			refused := map[string]error{}
			Expect(matches.Reindex(ctx, kv.OnRefused(func(path string, err error) { refused[path] = err }))).To(Equal(5))
			Expect(refused).To(And(HaveLen(2),
				HaveKeyWithValue("{matches}:bad", MatchError(kv.ErrCorrupt)), HaveKeyWithValue("{matches}:set", MatchError(kv.ErrWrongType))))
			Expect(kvtest.Collect(matches.Keys(ctx))).To(ConsistOf("0", "1", "2", "bad", "set"))
		})

		DescribeTable("mends", func(ctx context.Context, break_ func() []drivers.Command, said ...string) {
			write(ctx, 3)
			spoil(ctx, store.Raw, break_()...)
			Expect(stale(ctx, matches)).To(ConsistOf(said))
			Expect(matches.Reindex(ctx)).To(Equal(3))
			Expect(stale(ctx, matches)).To(BeEmpty())
			agrees(ctx)
		},
			Entry("an index that was lost", func() []drivers.Command {
				return []drivers.Command{{Op: drivers.OpDelete, Key: "%index:{matches}::player"}}
			}, "the index player may have lost what it had", "the index player lacks 0", "the index player lacks 0", "the index player lacks 1", "the index player lacks 2"),
			Entry("a registry that was lost", func() []drivers.Command {
				return []drivers.Command{{Op: drivers.OpDelete, Key: "%index:{matches}"}}
			}, "the registry may have lost what it had", "the registry lacks 0", "the registry lacks 1", "the registry lacks 2"),
			Entry("an id that was lost from the registry", func() []drivers.Command { return []drivers.Command{unregister("1")} },
				"the registry lacks 1"),
			Entry("an entry of a document that is not there", func() []drivers.Command {
				return []drivers.Command{enter("ghost", "zoe", "{}"), {Op: drivers.OpDelete, Key: "{matches}:ghost"}}
			}, "the registry should not have ghost", "the index player should not have ghost"),
			Entry("an entry of a document that is not there, nor in the registry", func() []drivers.Command {
				return []drivers.Command{enter("ghost", "zoe", "{}"), unregister("ghost"), {Op: drivers.OpDelete, Key: "{matches}:ghost"}}
			}, "the index player should not have ghost"),
			Entry("an entry of a document that says otherwise", func() []drivers.Command {
				return []drivers.Command{unregister("1"), enter("1", "zoe", `{"players":["ann"],"rating":1,"code":"y","start":"2026-01-01T00:00:00Z"}`)}
			}, "the registry lacks 1", "the index player should not have 1"),
			Entry("a document that was erased behind its back", func() []drivers.Command {
				return []drivers.Command{
					{Op: drivers.OpSet, Key: "{matches}:3", Value: `{"players":["ann"],"rating":0,"start":"2026-01-01T00:00:00Z"}`},
					enter("4", "zoe", "{}"), {Op: drivers.OpDelete, Key: "{matches}:4"}, {Op: drivers.OpDelete, Key: "{matches}:3"},
				}
			}, "the registry should not have 4", "the index player should not have 4"),
		)

		It("is not needed for queries not to find what is not there, which cleans up", func(ctx context.Context) {
			write(ctx, 3)
			spoil(ctx, store.Raw, enter("ghost", "ann", "{}"), unregister("ghost"), drivers.Command{Op: drivers.OpDelete, Key: "{matches}:ghost"})
			Expect(found(ctx, matches.Find(ByPlayer.Is("ann")))).To(Equal([]string{"0", "1", "2"}))
			Expect(stale(ctx, matches)).To(BeEmpty())
		})

		It("works while others write, whose changes it never undoes", func(ctx context.Context) {
			before := kv.MustOpen(kv.Colocated(kv.Dynamic(kv.JSON[Match]())), store.Driver, kv.At("matches"))
			for n := range 300 {
				Expect(before.Take(fmt.Sprint(n)).Write(ctx, numbered(n))).To(Succeed())
			}
			var over atomic.Bool
			atOnce(3, func(worker int) {
				if worker == 0 {
					for range 3 {
						Expect(kvtest.ErrorOf(matches.Reindex(ctx))).To(Succeed())
					}
					over.Store(true)
					return
				}
				for n := worker; !over.Load(); n = (n + 2) % 300 {
					match := matches.Take(fmt.Sprint(n))
					switch n % 3 {
					case 0:
						Expect(match.Write(ctx, Match{Players: []string{"cid"}, Rating: n})).To(Succeed())
					case 1:
						_, err := match.Update(ctx, func(m *Match) error { m.Rating++; return nil })
						Expect(err).To(Or(Not(HaveOccurred()), MatchError(kv.ErrNotFound)))
					default:
						Expect(kvtest.ErrorOf(match.Erase(ctx))).To(Succeed())
					}
				}
			})
			Expect(stale(ctx, matches)).To(BeEmpty())
			Expect(matches.Len(ctx)).To(Equal(must(before.Len(ctx))))
		})

		It("finishes when it is repeated", func(ctx context.Context) {
			before := kv.MustOpen(kv.Colocated(kv.Dynamic(kv.JSON[Match]())), store.Driver, kv.At("matches"))
			for n := range 600 {
				Expect(before.Take(fmt.Sprint(n)).Write(ctx, numbered(n))).To(Succeed())
			}
			broken := errors.New("the line is cut")
			writes := 0
			cut := drivers.Use(store.Raw, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
				if b.Items[0].Command.Op == drivers.OpCompareAndSwap {
					if writes++; writes == 2 {
						return broken
					}
				}
				return next(ctx, b)
			})
			_, err := kv.MustOpen(kv.Colocated(MatchSchema), cut, kv.At("matches")).Reindex(ctx)
			Expect(err).To(MatchError(broken))
			Expect(err).To(MatchError(HavePrefix("kv: Reindex {matches}")))
			Expect(matches.Reindex(ctx)).To(Equal(600))
			Expect(stale(ctx, matches)).To(BeEmpty())
		})

		It("may be left in the middle of a check", func(ctx context.Context) {
			write(ctx, 3)
			spoil(ctx, store.Raw, drivers.Command{Op: drivers.OpDelete, Key: "%index:{matches}"})
			for range matches.Check(ctx) {
				break
			}
		})

		It("leaves alone what is not its own", func(ctx context.Context) {
			write(ctx, 3)
			spoil(ctx, store.Raw,
				drivers.Command{Op: drivers.OpSet, Key: "{matches}:0:deeper", Value: "foreign"},
				drivers.Command{Op: drivers.OpSet, Key: "{matches}:%3a", Value: "foreign"},
				drivers.Command{Op: drivers.OpSet, Key: "{matches}:%indexes", Value: "foreign"})
			Expect(matches.Reindex(ctx)).To(Equal(3))
			Expect(stale(ctx, matches)).To(BeEmpty())
			Expect(kvtest.KeysBelow(ctx, store.Raw, "{matches}")).To(ContainElements("{matches}:0:deeper", "{matches}:%3a", "{matches}:%indexes"))
		})
	})

	It("mends what was changed with Redis's own commands", func(ctx context.Context) {
		matches := kv.MustOpen(MatchSchema, kvtest.Redis(ctx), kv.At("matches"))
		for n := range 3 {
			Expect(matches.Take(fmt.Sprint(n)).Write(ctx, numbered(n))).To(Succeed())
		}
		client := kvtest.Servers.Client
		Expect(client.ZAdd(ctx, "%index:matches::player", redis.Z{Member: "zoe\x001"}, redis.Z{Member: "zoe\x00nobody"}).Err()).To(Succeed())
		Expect(client.ZRem(ctx, "%index:matches::player", "ann\x002").Err()).To(Succeed())
		Expect(client.HDel(ctx, "%index:matches", "0").Err()).To(Succeed())
		Expect(client.HSet(ctx, "%index:matches", "1", "not packed").Err()).To(Succeed())
		Expect(stale(ctx, matches)).To(ConsistOf("the index player should not have 1", "the index player should not have nobody",
			"the index player lacks 2", "the registry lacks 0", "the registry lacks 1"))
		Expect(matches.Reindex(ctx)).To(Equal(3))
		Expect(stale(ctx, matches)).To(BeEmpty())
		Expect(found(ctx, matches.Find(ByPlayer.Is("ann")))).To(Equal([]string{"0", "1", "2"}))

		Expect(client.Set(ctx, "%index:matches::player", "not an index", 0).Err()).To(Succeed())
		Expect(matches.Take("0").Write(ctx, numbered(1))).To(MatchError(kv.ErrWrongType))
		Expect(matches.Take("0").Read(ctx)).To(Equal(numbered(0)), "nothing was changed")
		Expect(kvtest.ErrorOf(matches.Find(ByPlayer.Is("ann")).First(ctx))).To(MatchError(kv.ErrWrongType))
		Expect(kvtest.ErrorOf(matches.Reindex(ctx))).To(MatchError(kv.ErrWrongType))
		Expect(client.Del(ctx, "%index:matches::player").Err()).To(Succeed())
		Expect(matches.Reindex(ctx)).To(Equal(3))
		Expect(stale(ctx, matches)).To(BeEmpty())
	})

	It("says in words what is stale", func() {
		Expect(kv.Stale[int]{Key: 7, Index: "player", Missing: true}.String()).To(Equal("the index player lacks 7"))
		Expect(kv.Stale[int]{Key: 7, Index: "player"}.String()).To(Equal("the index player should not have 7"))
		Expect(kv.Stale[int]{Key: 7}.String()).To(Equal("the registry should not have 7"))
	})

	It("is for stores that index their keys", func(ctx context.Context) {
		plain := kv.MustOpen(kv.Dynamic(kv.String()), memory.New(), kv.At("plain"))
		Expect(kvtest.ErrorOf(kv.Reindex(ctx, plain))).To(MatchError(kv.ErrInvalid))
		Expect(kvtest.ErrorOf(kv.Reindex(ctx, kv.DynamicStore[kv.StringField]{}))).To(MatchError(kv.ErrUndeclared))
	})
})
