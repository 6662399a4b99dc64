package collections_test

import (
	"context"
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// lose lets keys go as an eviction does: nobody is told.
func lose(ctx context.Context, driver drivers.Driver, keys ...string) {
	GinkgoHelper()
	for _, key := range keys {
		Expect(driver.Do(ctx, drivers.Command{Op: drivers.OpDelete, Key: key})).To(HaveField("Int", BeEquivalentTo(1)), key)
	}
}

// withCodes is the document of a number, with a code that no other number has.
func withCodes(n int) Match {
	match := numbered(n)
	match.Code = fmt.Sprint("code", n)
	return match
}

var _ = Describe("What a store keeps of its keys, where a server may evict it", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store   kvtest.Backend
			matches kv.CollectionStore[Match]
			house   kv.StaticStore
			aisles  kv.DynamicStore[kv.StaticStore]
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			matches = kv.MustOpen(kv.Colocated(MatchSchema), store.Driver, kv.At("matches"))
			house = kv.MustOpen(Depot, store.Driver)
			aisles = house.Take(Aisles)
			for n := range 5 {
				Expect(matches.Take(fmt.Sprint(n)).Write(ctx, withCodes(n))).To(Succeed())
				Expect(aisles.Take(fmt.Sprint(n)).Take(Bins).Take("b").Add(ctx, "x")).To(Equal(1))
				Expect(aisles.Take(fmt.Sprint(n)).Take(Caption).Write(ctx, "x")).To(Succeed())
			}
		})

		It("lies where no listing of the children by their prefix meets it, in their slot", func(ctx context.Context) {
			for _, key := range kvtest.Collect(drivers.Scan(ctx, store.Raw, drivers.Command{Op: drivers.OpScanKeys, Key: "{matches}"})) {
				Expect(strings.Split(key, ":")).To(HaveExactElements("{matches}", MatchRegexp(`^\d$`)))
			}
			Expect(kvtest.Collect(drivers.Scan(ctx, store.Raw, drivers.Command{Op: drivers.OpScanKeys, Key: "%index"}))).To(ContainElements(
				"%index:{matches}", "%index:{matches}::player", "%index:{depot}:aisles", "%index:{depot}:aisles::", "%index:{depot}:aisles:3:bins"))
		})

		It("is moved by Reindex from where it lay before", func(ctx context.Context) {
			older := []string{"{matches}:%index", "{matches}:%index:player", "{matches}:%index:code", "{depot}:aisles:%index", "{depot}:aisles:3:bins:%index"}
			kvtest.Plant(ctx, store.Raw, older...)
			Expect(matches.Reindex(ctx)).To(Equal(5))
			Expect(kv.Reindex(ctx, aisles)).To(Equal(10))
			for _, key := range older {
				Expect(store.Raw.Do(ctx, drivers.Command{Op: drivers.OpExists, Key: key})).To(HaveField("Int", BeZero()), key)
			}
			Expect(matches.Len(ctx)).To(Equal(5))
			Expect(aisles.Len(ctx)).To(Equal(5))
		})

		It("is never believed without its registry", func(ctx context.Context) {
			lose(ctx, store.Raw, "%index:{matches}", "%index:{depot}:aisles", "%index:{depot}:aisles:3:bins")
			for range 2 {
				Expect(kvtest.ErrorOf(matches.Len(ctx))).To(MatchError(kv.ErrIncomplete))
				Expect(kvtest.ErrorOf(aisles.Len(ctx))).To(MatchError(kv.ErrIncomplete))
				Expect(kvtest.ErrorOf(aisles.Take("3").Take(Bins).Len(ctx))).To(MatchError(kv.ErrIncomplete))
				Expect(aisles.Take("4").Take(Bins).Len(ctx)).To(Equal(1))
				Expect(matches.Take("5").Write(ctx, withCodes(5))).To(MatchError(kv.ErrIncomplete), "it has a unique value")
				Expect(kvtest.ErrorOf(matches.Take("5").Read(ctx))).To(MatchError(kv.ErrNotFound))
				Expect(matches.Take("6").Write(ctx, numbered(6))).To(Succeed(), "it has none")
				Expect(aisles.Take("new").Take(Caption).Write(ctx, "x")).To(Succeed())
				Expect(aisles.Take("3").Take(Bins).Take("c").Add(ctx, "x")).To(BeNumerically("<=", 1))
			}
			Expect(found(ctx, matches.Find(ByCode.Is("code3")))).To(Equal([]string{"3"}), "an index that has all")

			Expect(matches.Reindex(ctx)).To(Equal(6))
			Expect(kv.Reindex(ctx, aisles)).To(Equal(12))
			Expect(matches.Len(ctx)).To(Equal(6))
			Expect(kvtest.Collect(aisles.Keys(ctx))).To(ConsistOf("0", "1", "2", "3", "4", "new"))
			Expect(kvtest.Collect(aisles.Take("3").Take(Bins).Keys(ctx))).To(ConsistOf("b", "c"))
			Expect(matches.Take("5").Write(ctx, withCodes(5))).To(Succeed())
			Expect(stale(ctx, matches)).To(BeEmpty())
		})

		It("is never believed without an index that is asked", func(ctx context.Context) {
			lose(ctx, store.Raw, "%index:{matches}::player", "%index:{matches}::code")
			Expect(matches.Len(ctx)).To(Equal(5))
			Expect(matches.Take("6").Write(ctx, numbered(6))).To(Succeed())
			for _, query := range []kv.Query[string, Match]{
				matches.Find(ByPlayer.Is("ann")), matches.Find(ByRating.AtLeast(0), ByPlayer.Is("ann")), matches.Find(ByCode.Below("z")).Backwards(),
			} {
				_, err := query.First(ctx)
				Expect(err).To(MatchError(kv.ErrIncomplete))
				Expect(err).To(MatchError(ContainSubstring("%index:{matches}::")))
			}
			Expect(found(ctx, matches.Find(ByRating.AtLeast(0)))).To(HaveLen(6))
			Expect(matches.Take("twin").Write(ctx, withCodes(3))).To(MatchError(kv.ErrIncomplete))
			Expect(kv.Atomic(ctx, matches, func(ctx context.Context, tx kv.CollectionStore[Match]) error {
				return tx.Take("twin").Write(ctx, withCodes(3))
			})).To(MatchError(kv.ErrIncomplete))
			Expect(kvtest.ErrorOf(matches.Take("twin").Read(ctx))).To(MatchError(kv.ErrNotFound))
			Expect(stale(ctx, matches)).To(ContainElements("the index player may have lost what it had", "the index code may have lost what it had"))
			Expect(matches.Reindex(ctx)).To(Equal(6))
			Expect(found(ctx, matches.Find(ByPlayer.Is("ann")))).To(HaveLen(6))
			Expect(matches.Take("twin").Write(ctx, withCodes(3))).To(MatchError(kv.ErrDuplicate))
			Expect(stale(ctx, matches)).To(BeEmpty())
		})

		It("is not made whole by a Reindex during which it was lost again", func(ctx context.Context) {
			lose(ctx, store.Raw, "%index:{matches}::player")
			lost := false
			losing := drivers.Use(store.Raw, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
				err := next(ctx, b)
				if cmd := b.Items[0].Command; cmd.Op == drivers.OpCompareAndSwap && !lost {
					lost = true
					lose(ctx, store.Raw, "%index:{matches}::player")
				}
				return err
			})
			Expect(kvtest.ErrorOf(kv.MustOpen(kv.Colocated(MatchSchema), losing, kv.At("matches")).Reindex(ctx))).To(MatchError(kv.ErrIncomplete))
			Expect(kvtest.ErrorOf(matches.Find(ByPlayer.Is("ann")).First(ctx))).To(MatchError(kv.ErrIncomplete))
			Expect(matches.Reindex(ctx)).To(Equal(5))
			Expect(found(ctx, matches.Find(ByPlayer.Is("ann")))).To(HaveLen(5))
		})

		It("is looked at again where a store begins in the very moment in which it is listed", func(ctx context.Context) {
			fresh := func() kv.CollectionStore[Match] {
				began := false
				begins := drivers.Use(store.Raw, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
					err := next(ctx, b)
					if op := b.Items[0].Command.Op; !began && (op == drivers.OpHScan || op == drivers.OpZRangeByLex) {
						began = true
						store := kv.MustOpen(kv.Colocated(MatchSchema), store.Raw, kv.At("fresh"))
						Expect(kvtest.ErrorOf(store.Erase(ctx))).To(Succeed())
						Expect(store.Take("1").Write(ctx, withCodes(1))).To(Succeed())
					}
					return err
				})
				return kv.MustOpen(kv.Colocated(MatchSchema), begins, kv.At("fresh"))
			}
			Expect(fresh().Len(ctx)).To(Equal(1))
			Expect(kvtest.ErrorOf(matches.Erase(ctx))).To(Succeed())
			Expect(kv.MustOpen(kv.Colocated(MatchSchema), store.Raw, kv.At("fresh")).Erase(ctx)).To(Equal(1))
			Expect(found(ctx, fresh().Find(ByPlayer.Is("ann")))).To(Equal([]string{"1"}))
		})

		It("of a collection below is not made whole by a Reindex of the store around it, but by its own", func(ctx context.Context) {
			lent := aisles.Take("3").Take(Lent)
			Expect(lent.Take("a").Write(ctx, withCodes(1))).To(Succeed())
			lose(ctx, store.Raw, "%index:{depot}:aisles:3:lent::player", "%index:{depot}:aisles:3:lent::code")
			Expect(kvtest.ErrorOf(kv.Reindex(ctx, aisles))).NotTo(HaveOccurred())
			Expect(kvtest.ErrorOf(lent.Find(ByPlayer.Is("ann")).First(ctx))).To(MatchError(kv.ErrIncomplete))
			Expect(lent.Take("b").Write(ctx, withCodes(1))).To(MatchError(kv.ErrIncomplete))
			Expect(lent.Reindex(ctx)).To(Equal(1))
			Expect(lent.Take("b").Write(ctx, withCodes(1))).To(MatchError(kv.ErrDuplicate))
		})

		It("is mended where it was lost with all that it had", func(ctx context.Context) {
			lose(ctx, store.Raw, "%index:{depot}:aisles:1:bins", "{depot}:aisles:1:bins:b")
			Expect(kvtest.ErrorOf(aisles.Take("1").Take(Bins).Len(ctx))).To(MatchError(kv.ErrIncomplete))
			Expect(aisles.Len(ctx)).To(Equal(5))
			Expect(kv.Reindex(ctx, aisles)).To(Equal(9))
			Expect(aisles.Take("1").Take(Bins).Len(ctx)).To(Equal(0))
		})

		It("leaves nothing behind when all is erased", func(ctx context.Context) {
			lose(ctx, store.Raw, "%index:{matches}::player")
			Expect(matches.Erase(ctx)).To(Equal(5))
			Expect(house.Erase(ctx)).To(Equal(10))
			Expect(kvtest.KeysBelow(ctx, store.Raw, "{matches}")).To(BeEmpty())
			Expect(kvtest.KeysBelow(ctx, store.Raw, "{depot}")).To(BeEmpty())
			Expect(matches.Len(ctx)).To(Equal(0))
			Expect(found(ctx, matches.Find(ByPlayer.Is("ann")))).To(BeEmpty())
		})
	})
})

var _ = Describe("A server that evicts keys of any kind", Label(suite.Redis, suite.Slow), func() {
	var (
		client *redis.Client
		driver drivers.Driver
	)
	BeforeEach(func() {
		server, err := redisserver.Start("--maxmemory", "5mb", "--maxmemory-policy", "allkeys-random")
		kvtest.MustRun(err)
		DeferCleanup(server.Stop)
		client = redis.NewClient(&redis.Options{Addr: server.Addr(), ContextTimeoutEnabled: true})
		DeferCleanup(client.Close)
		driver = redisdriver.New(client)
	})

	It("is not believed to have an empty store, but once Reindex has looked", func(ctx context.Context) {
		matches := kv.MustOpen(MatchSchema, driver, kv.At("matches"))
		Expect(kvtest.ErrorOf(matches.Len(ctx))).To(MatchError(kv.ErrIncomplete))
		Expect(matches.Take("1").Write(ctx, withCodes(1))).To(MatchError(kv.ErrIncomplete))
		Expect(matches.Reindex(ctx)).To(Equal(0))
		Expect(matches.Take("1").Write(ctx, withCodes(1))).To(Succeed())
		Expect(matches.Take("1").Erase(ctx)).To(BeTrue())
		Expect(matches.Len(ctx)).To(Equal(0), "what is empty keeps its seals")
		Expect(client.ConfigSet(ctx, "maxmemory-policy", "volatile-lru").Err()).To(Succeed())
		others := kv.MustOpen(MatchSchema, driver, kv.At("others"))
		Expect(others.Take("1").Write(ctx, withCodes(1))).To(Succeed())
		Expect(others.Len(ctx)).To(Equal(1))
	})

	It("never gives a wrong number, loses a document without a word, or lets a value be given twice", func(ctx context.Context) {
		matches := kv.MustOpen(MatchSchema, driver, kv.At("matches"))
		Expect(matches.Reindex(ctx)).To(Equal(0))
		refused := 0
		for n := range 4000 {
			document := withCodes(n)
			document.Players = []string{"ann", strings.Repeat("x", 500)}
			if err := matches.Take(fmt.Sprint(n)).Write(ctx, document); err != nil {
				Expect(err).To(MatchError(kv.ErrIncomplete))
				refused++
				Expect(kvtest.ErrorOf(matches.Reindex(ctx))).To(Or(Not(HaveOccurred()), MatchError(kv.ErrIncomplete)))
			}
		}
		evicted := client.Info(ctx, "stats").Val()
		Expect(evicted).NotTo(ContainSubstring("evicted_keys:0\r"))
		Expect(client.ConfigSet(ctx, "maxmemory-policy", "noeviction").Err()).To(Succeed())
		Expect(client.ConfigSet(ctx, "maxmemory", "0").Err()).To(Succeed())

		stored := map[string]bool{}
		codes := map[string]string{}
		for _, key := range client.Keys(ctx, "matches:*").Val() {
			id := strings.TrimPrefix(key, "matches:")
			document, err := matches.Take(id).Read(ctx)
			Expect(err).NotTo(HaveOccurred())
			Expect(codes).NotTo(HaveKey(document.Code))
			stored[id], codes[document.Code] = true, id
		}
		if count, err := matches.Len(ctx); err != nil {
			Expect(err).To(MatchError(kv.ErrIncomplete))
		} else {
			Expect(count).To(Equal(len(stored)))
		}
		all, err := collectFound(ctx, matches.Find(ByPlayer.Is("ann")))
		if err != nil {
			Expect(err).To(MatchError(kv.ErrIncomplete))
		} else {
			Expect(all).To(HaveLen(len(stored)))
		}
		AddReportEntry("evictions", fmt.Sprintf("%d of 4000 documents are left, %d writes met a lost registry or index", len(stored), refused))
		Expect(matches.Reindex(ctx)).To(Equal(len(stored)))
		Expect(matches.Len(ctx)).To(Equal(len(stored)))
		Expect(found(ctx, matches.Find(ByPlayer.Is("ann")))).To(HaveLen(len(stored)))
	})

	It("may lose a lock, whose next holder has a greater token", func(ctx context.Context) {
		lock := kv.MustOpen(kv.Lock(1<<40), driver, kv.At("lock"))
		first, err := lock.TryAcquire(ctx)
		Expect(err).NotTo(HaveOccurred())
		lose(ctx, driver, "lock")
		second, err := lock.TryAcquire(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(second.Token()).To(BeNumerically(">", first.Token()))
		Expect(first.Renew(ctx)).To(MatchError(kv.ErrLockLost))
	})
})

// collectFound are the keys that a query finds, up to the first error.
func collectFound(ctx context.Context, query kv.Query[string, Match]) (keys []string, err error) {
	for entry, err := range query.All(ctx) {
		if err != nil {
			return keys, err
		}
		keys = append(keys, entry.Key)
	}
	return keys, nil
}
