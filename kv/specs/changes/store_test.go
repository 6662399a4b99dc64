package changes_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// What a town consists of: stores of all kinds, in one another.
const (
	rooms   kv.Key[kv.KeyedStore[int, kv.StaticStore]]               = "rooms"
	notes   kv.Key[kv.DynamicStore[kv.StringField]]                  = "notes"
	nested  kv.Key[kv.DynamicStore[kv.KeyedStore[int, kv.SetField]]] = "nested"
	members kv.Key[kv.DynamicStore[kv.JSONField[kvtest.User]]]       = "members"
	crowd   kv.Key[kv.DynamicStore[kv.StaticStore]]                  = "crowd"
	people  kv.Key[kv.CollectionStore[kvtest.User]]                  = "people"
	guests  kv.Key[kv.DynamicStore[kv.StringField]]                  = "guests"
	views   kv.Key[kv.DynamicStore[kvtest.LobbyView]]                = "views"
)

var town = kv.Static("town").
	Field(rooms, kv.DynamicBy[int](kvtest.Room)).
	Field(notes, kv.Dynamic(kv.String())).
	Field(nested, kv.Dynamic(kv.DynamicBy[int](kv.Set()))).
	Field(members, kv.Dynamic(kv.JSON[kvtest.User]())).
	Field(crowd, kv.Dynamic(kv.Colocated(kvtest.Room))).
	Field(people, kv.Colocated(kv.Collection(kv.JSON[kvtest.User](), kv.Index(kvtest.ByEmail, func(u kvtest.User) []string { return []string{u.Email} })))).
	Field(guests, kv.Colocated(kv.IndexKeys(kv.Dynamic(kv.String())))).
	Field(views, kv.Dynamic(kvtest.Room.As[kvtest.LobbyView]()))

var _ = Describe("A store that is followed", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			root  kv.StaticStore
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			root = kv.MustOpen(town, store.Driver)
			store.Trips.Reset()
			leavesNoGoroutines()
		})

		It("goes through what is there, and then through what changes, with its key and its handle", func(ctx context.Context) {
			all := root.Take(notes)
			Expect(all.Take("a").Write(ctx, "1")).To(Succeed())
			Expect(all.Take("b").Write(ctx, "1")).To(Succeed())
			loop := childrenOf(ctx, all)
			Expect([]string{loop.value().Key, loop.value().Key}).To(ConsistOf("a", "b"))
			loop.told["a"], loop.told["b"] = true, true
			Expect(all.Take("first").Write(ctx, "1")).To(Succeed())
			loop.tell("first")
			store.Trips.Reset()
			for _, key := range []string{"b", "c", "d:e%{}", "a"} {
				Expect(all.Take(key).Write(ctx, "2")).To(Succeed())
				entry := loop.tell(key).Value
				Expect(entry.Value.Path()).To(Equal(all.Take(key).Path()))
				Expect(entry.Value.Read(ctx)).To(Equal("2"))
			}
			Expect(store.Trips.Taken()).To(Equal(8), "nothing is asked but by the loop")
			Expect(all.Take("b").Erase(ctx)).To(BeTrue())
			Expect(loop.tell("b").Value.Value.Exists(ctx)).To(BeFalse())
			loop.cancel()
			Expect(loop.end()).To(MatchError(context.Canceled))
		})

		It("tells the child below which anything changes", func(ctx context.Context) {
			all := childrenOf(ctx, root.Take(rooms))
			Expect(root.Take(rooms).Take(-7).Take(kvtest.Members).Add(ctx, "ann")).To(Equal(1))
			Expect(all.tell("-7").Value.Key).To(Equal(-7))
			Expect(root.Take(rooms).Take(-7).Take(kvtest.Config).Write(ctx, kvtest.RoomConfig{Seats: 1})).To(Succeed())
			Expect(all.tell("-7").Value.Value.Take(kvtest.Config).Read(ctx)).To(HaveField("Seats", 1))

			outer, inner := childrenOf(ctx, root.Take(nested)), childrenOf(ctx, root.Take(nested).Take("x"))
			Expect(root.Take(nested).Take("x").Take(3).Add(ctx, "a")).To(Equal(1))
			outer.tell("x")
			inner.tell("3")
			Expect(root.Take(nested).Take("y").Take(3).Add(ctx, "a")).To(Equal(1))
			outer.tell("y")

			seen := childrenOf(ctx, root.Take(views))
			Expect(root.Take(views).Take("v").Members.Add(ctx, "ann")).To(Equal(1))
			Expect(seen.tell("v").Value.Value.Members.Read(ctx)).To(Equal([]string{"ann"}))
		})

		It("finds its way through hash tags, and by registries", func(ctx context.Context) {
			Expect(root.Take(guests).Take("old").Write(ctx, "1")).To(Succeed())
			Expect(root.Take(crowd).Take("old").Take(kvtest.Members).Add(ctx, "ann")).To(Equal(1))
			kept, tagged, found := childrenOf(ctx, root.Take(guests)), childrenOf(ctx, root.Take(crowd)), childrenOf(ctx, kv.DynamicStore[kv.JSONField[kvtest.User]](root.Take(people)))
			kept.tell("old")
			tagged.tell("old")
			Expect(root.Take(guests).Take("ann").Write(ctx, "1")).To(Succeed())
			kept.tell("ann")
			Expect(root.Take(crowd).Take("a{b").Take(kvtest.Members).Add(ctx, "ann")).To(Equal(1))
			Expect(tagged.tell("a{b").Value.Value.Take(kvtest.Members).Len(ctx)).To(Equal(1))
			Expect(root.Take(people).Take("ann").Write(ctx, kvtest.User{Email: "a@b"})).To(Succeed())
			Expect(found.tell("ann").Value.Value.Read(ctx)).To(HaveField("Email", "a@b"))
		})

		It("tells what is none of its schema's as Keys does, and goes on", func(ctx context.Context) {
			kvtest.Plant(ctx, store.Raw, "town:rooms:x:config", "town:{guests}:foreign:key")
			all, kept := childrenOf(ctx, root.Take(rooms)), childrenOf(ctx, root.Take(guests))
			Expect(all.tell("town:rooms:x:config").Err).To(MatchError(kv.ErrBadKey))
			for key, class := range map[string]error{"town:rooms:7:other": kv.ErrUndeclared, "town:rooms:07:config": kv.ErrBadKey, "town:rooms:8": kv.ErrUndeclared} {
				kvtest.Plant(ctx, store.Raw, key)
				err := all.tell(key).Err
				Expect(err).To(MatchError(class), key)
				Expect(err).To(MatchError(HavePrefix("kv: Follow " + key)))
			}
			kvtest.Plant(ctx, store.Raw, "town:{guests}:foreign%", "town:rooms", "town:rooms2:1")
			Expect(root.Take(rooms).Take(1).Take(kvtest.Members).Add(ctx, "ann")).To(Equal(1))
			all.tell("1")
			Expect(root.Take(guests).Take("ann").Write(ctx, "1")).To(Succeed())
			kept.tell("ann") // and nothing of others, which a registry does not know
		})

		It("of fields tells which one", func(ctx context.Context) {
			Expect(root.Take(notes).Take("a").Write(ctx, "1")).To(Succeed())
			Expect(root.Take(guests).Take("a").Write(ctx, "1")).To(Succeed())
			loop := begin(ctx, root.Follow)
			Expect([]string{loop.value(), loop.value()}).To(Equal([]string{"notes", "guests"}))
			kvtest.Plant(ctx, store.Raw, "town:other", "town:notes:a:b", "town", "town2:notes:a")
			for _, change := range []struct {
				field string
				make  func() error
			}{
				{"notes", func() error { return kvtest.ErrorOf(root.Take(notes).Take("a").Erase(ctx)) }},
				{"nested", func() error { return kvtest.ErrorOf(root.Take(nested).Take("x").Take(3).Add(ctx, "a")) }},
				{"guests", func() error { return root.Take(guests).Take("b").Write(ctx, "2") }},
				{"crowd", func() error { return kvtest.ErrorOf(root.Take(crowd).Take("b").Take(kvtest.Members).Add(ctx, "a")) }},
			} {
				Expect(change.make()).To(Succeed())
				Expect(loop.value()).To(Equal(change.field))
			}
			room := begin(ctx, root.Take(crowd).Take("b").Follow)
			Expect(room.value()).To(Equal("members"))
			Expect(root.Take(crowd).Take("b").Take(kvtest.Config).Write(ctx, kvtest.RoomConfig{Seats: 1})).To(Succeed())
			Expect(room.value()).To(Equal("config"))
		})

		It("is left at once, refuses batches and transactions, and has the error of a wrong Take", func(ctx context.Context) {
			Expect(root.Take(notes).Take("a").Write(ctx, "1")).To(Succeed())
			Expect(firstOf(root.Take(notes).Follow(ctx))).To(HaveField("Key", "a"))
			Expect(firstOf(root.Follow(ctx))).To(Equal("notes"))
			Expect(kv.Atomic(ctx, root, func(ctx context.Context, tx kv.StaticStore) error {
				for _, err := range []error{kvtest.ErrorOf(firstOf(tx.Follow(ctx))), kvtest.ErrorOf(firstOf(tx.Take(notes).Follow(ctx)))} {
					Expect(err).To(MatchError(errors.ErrUnsupported))
				}
				return nil
			})).To(Succeed())
			Expect(firstOf(root.Take(kv.Key[kv.DynamicStore[kv.StringField]]("none")).Follow(ctx))).Error().To(MatchError(kv.ErrUndeclared))
			Expect(firstOf(root.Take(kv.Key[kv.StaticStore]("none")).Follow(ctx))).Error().To(MatchError(kv.ErrUndeclared))
			Expect(firstOf(root.Take(crowd).Take("").Follow(ctx))).Error().To(MatchError(kv.ErrBadKey))
		})

		It("keeps a copy that is equal in the end, whoever writes", func(ctx context.Context) {
			all := root.Take(members)
			copied := replicaOf(ctx, all)
			writeAll(ctx, clients(store), func(random *rand.Rand, driver drivers.Driver) {
				child := kv.MustOpen(town, driver).Take(members).Take(fmt.Sprint(random.IntN(30)))
				if random.IntN(3) == 0 {
					Expect(child.Erase(ctx)).Error().NotTo(HaveOccurred())
				} else {
					Expect(child.Write(ctx, kvtest.User{Email: fmt.Sprint(random.Int())})).To(Succeed())
				}
			}, GinkgoRandomSeed())
			want := map[string]kvtest.User{}
			for entry, err := range kv.All(ctx, all) {
				Expect(err).NotTo(HaveOccurred())
				want[entry.Key] = entry.Value
			}
			Eventually(copied.now).Should(Equal(want))
		})
	})
})

// clients are several that write to one store.
func clients(store kvtest.Backend) []drivers.Driver {
	all := []drivers.Driver{store.Driver}
	for range 2 {
		switch labels := CurrentSpecReport().Labels(); {
		case slices.Contains(labels, suite.Cluster):
			client := redis.NewClusterClient(kvtest.Servers.ClusterClient.Options())
			DeferCleanup(client.Close)
			all = append(all, redisdriver.New(client))
		case slices.Contains(labels, suite.Redis):
			client := redis.NewClient(kvtest.Servers.Client.Options())
			DeferCleanup(client.Close)
			all = append(all, redisdriver.New(client))
		default:
			all = append(all, store.Raw)
		}
	}
	return all
}

// children are what a store tells. One may be told twice: by the listing, and as what changed meanwhile.
type children[K, H any] struct {
	loop[kv.Entry[K, H]]
	told map[string]bool
}

func childrenOf[K, H any](ctx context.Context, store kv.KeyedStore[K, H]) children[K, H] {
	GinkgoHelper()
	return children[K, H]{begin(ctx, store.Follow), map[string]bool{}}
}

// tell waits for a child that is told, or for the error of a foreign key.
func (c children[K, H]) tell(want string) told[kv.Entry[K, H]] {
	GinkgoHelper()
	for {
		next := c.next()
		name := fmt.Sprint(next.Value.Key)
		var failure *kv.Error
		if errors.As(next.Err, &failure) {
			name = failure.Path
		}
		if name == want {
			c.told[name] = true
			return next
		}
		Expect(c.told).To(HaveKey(name), "%v", next.Err)
	}
}
