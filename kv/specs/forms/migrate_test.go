package forms_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// town is everything that has forms.
type town struct {
	kv.Store

	Users   kv.CollectionStore[user]              `kv:"users"`
	Players kv.DynamicStore[kv.HashField[player]] `kv:"players"`
	Groups  kv.DynamicStore[users]                `kv:"groups"`
	Other   kv.StringField                        `kv:"other"`
}

const byMail kv.IndexKey[string] = "mail"

func townWith(more ...kv.FormOption) kv.Schema[town] {
	return kv.Static("town").
		Field("users", kv.Colocated(kv.Collection(kv.JSON[user](with[kv.JSONOption](upgrades(), more...)...),
			kv.Unique(byMail, func(u user) []string { return []string{u.Email} })))).
		Field("players", kv.Dynamic(kv.Hash[player](kv.Upgrade(playerOf)))).
		Field("groups", kv.Dynamic(usersWith(more...))).
		String("other").
		As[town]()
}

// oldTown is town as it was once.
type oldTown struct {
	Users   kv.CollectionStore[userV2]              `kv:"users"`
	Players kv.DynamicStore[kv.HashField[playerV1]] `kv:"players"`
	Groups  kv.DynamicStore[olderUsers]             `kv:"groups"`
}

func townAsOlder() kv.Schema[oldTown] {
	return kv.Static("town").
		Field("users", kv.Colocated(kv.Collection(kv.JSON[userV2](),
			kv.Unique(byMail, func(u userV2) []string { return []string{u.First} })))).
		Field("players", kv.Dynamic(kv.Hash[playerV1]())).
		Field("groups", kv.Dynamic(usersAsOlder())).
		As[oldTown]()
}

// before is a driver that has something happen, once, before the first command of an Op.
func before(driver drivers.Driver, op drivers.Op, happen func(context.Context)) drivers.Driver {
	var once sync.Once
	return drivers.Use(driver, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
		if slices.ContainsFunc(b.Items, func(item drivers.Item) bool { return item.Command.Op == op }) {
			once.Do(func() { happen(ctx) })
		}
		return next(ctx, b)
	})
}

var _ = Describe("Migrating what is stored in older forms", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			now   town
			old   oldTown
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			now = kv.MustOpen(townWith(), store.Driver)
			old = kv.MustOpen(townAsOlder(), store.Raw)
		})
		person := func(i int) userV2 { return userV2{fmt.Sprintf("Ada%d", i), "Lovelace"} }
		renewed := func(i int) user {
			return user{fmt.Sprintf("Ada%d", i), "Lovelace", fmt.Sprintf("ada%d@example.org", i)}
		}
		// raw is a user as it is stored, in whatever form.
		raw := func(id string) kv.StringField {
			return kv.MustOpen(kv.Static("town").Field("users", kv.Colocated(kv.Dynamic(kv.String()))), store.Raw).
				Take[kv.DynamicStore[kv.StringField]]("users").Take(id)
		}
		settle := func(ctx context.Context, n int) {
			GinkgoHelper()
			for i := range n {
				Expect(old.Users.Take(fmt.Sprint(i)).Write(ctx, person(i), kv.ExpireIn(hour))).To(Succeed())
			}
		}
		// fill stores n of each, and returns how many values those are.
		fill := func(ctx context.Context, n int) int {
			GinkgoHelper()
			settle(ctx, n)
			group := old.Groups.Take("g")
			for i := range n {
				Expect(old.Players.Take(fmt.Sprint(i)).Write(ctx, playerV1{fmt.Sprintf("Ada%d", i), 3, "London"}, kv.ExpireIn(hour))).To(Succeed())
				Expect(group.Set.Add(ctx, person(i))).To(Equal(1))
				Expect(group.List.PushRight(ctx, person(i))).To(Equal(i + 1))
				Expect(group.SortedSet.Add(ctx, kv.Scored[userV2]{Member: person(i), Score: float64(i)})).To(Equal(1))
				Expect(group.Map.Put(ctx, fmt.Sprint(i), person(i))).To(Succeed())
				Expect(group.Geo.Add(ctx, kv.Located[userV2]{Member: person(i), Position: kv.Position{Longitude: float64(i), Latitude: 1}})).To(Equal(1))
				_, err := group.Queue.Add(ctx, person(i))
				Expect(err).NotTo(HaveOccurred())
			}
			for _, field := range []kv.Field{group.Set.Field, group.List.Field, group.Map.Field} {
				Expect(field.Expire(ctx, hour)).To(BeTrue())
			}
			return 8 * n
		}

		It("rewrites every value of every kind, with its time to live and its indexes", func(ctx context.Context) {
			const n = 3
			values := fill(ctx, n)
			for i := range n {
				_, err := old.Groups.Take("g").Stream.Append(ctx, person(i))
				Expect(err).NotTo(HaveOccurred())
			}
			Expect(now.Other.Write(ctx, "no form")).To(Succeed())
			Expect(kv.Migrate(ctx, now)).To(Equal(kv.Migration{Seen: values + n, Rewritten: values, Kept: n}))

			today := kv.MustOpen(kv.Static("town").
				Field("users", kv.Colocated(kv.Collection(kv.JSON[user](), kv.Unique(byMail, func(u user) []string { return []string{u.Email} })))).
				Field("players", kv.Dynamic(kv.Hash[player]())).
				Field("groups", kv.Dynamic(kv.Static("users").
					SetOf[user]("set").ListOf[user]("list").SortedSetOf[user]("sorted").Map[user]("map").
					GeoOf[user]("geo").Stream[user]("stream").Queue[user]("queue").Topic[user]("topic").As[users]())).
				String("other").As[town](), store.Raw)
			group := today.Groups.Take("g")
			members, err := group.Set.Read(ctx)
			Expect(err).NotTo(HaveOccurred())
			Expect(members).To(HaveLen(n))
			for i := range n {
				id := fmt.Sprint(i)
				Expect(today.Users.Take(id).Read(ctx)).To(Equal(renewed(i)))
				Expect(today.Users.Take(id).TTL(ctx)).To(BeNumerically("~", hour, hour/2))
				Expect(today.Players.Take(id).Read(ctx)).To(Equal(player{fmt.Sprintf("Ada%d", i), 3, "new", "London"}))
				Expect(today.Players.Take(id).TTL(ctx)).To(BeNumerically("~", hour, hour/2))
				Expect(members).To(ContainElement(renewed(i)))
				Expect(group.List.Get(ctx, i)).To(Equal(renewed(i)))
				Expect(group.SortedSet.Score(ctx, renewed(i))).To(Equal(float64(i)))
				Expect(group.Map.Get(ctx, id)).To(Equal(renewed(i)))
				Expect(group.Geo.Position(ctx, renewed(i))).To(HaveField("Longitude", BeNumerically("~", i, 0.001)))
				job, err := group.Queue.Take(ctx, hour)
				Expect(err).NotTo(HaveOccurred())
				Expect(job.Value.Last).To(Equal("Lovelace"))
				Expect(job.Tries).To(Equal(1))
			}
			for _, field := range []kv.Field{group.Set.Field, group.List.Field, group.Map.Field} {
				Expect(field.TTL(ctx)).To(BeNumerically("~", hour, hour/2))
			}
			for found, err := range now.Users.Find(byMail.Is("ada1@example.org")).All(ctx) {
				Expect(err).NotTo(HaveOccurred())
				Expect(found.Value).To(Equal(renewed(1)))
			}
			for stale, err := range now.Users.Check(ctx) {
				Expect(err).NotTo(HaveOccurred())
				Expect(stale).To(BeNil(), "nothing is stale")
			}
			Expect(kv.Migrate(ctx, now)).To(Equal(kv.Migration{Seen: values + n, Current: values, Kept: n}))
		})

		It("finds out what there is to do, and does nothing", func(ctx context.Context) {
			values := fill(ctx, 2)
			store.Trips.Reset()
			Expect(kv.Migrate(ctx, now, kv.DryRun)).To(Equal(kv.Migration{Seen: values, Rewritten: values}))
			for _, batch := range store.Trips.Sent() {
				for _, item := range batch.Items {
					Expect(item.Command.Op.Effect()).NotTo(Equal(drivers.Writes), "%v", item.Command.Op)
				}
			}
			Expect(raw("1").Read(ctx)).To(MatchJSON(`{"first":"Ada1","last":"Lovelace"}`))
		})

		It("takes two round trips for 256 documents, and one where nothing is to be done", func(ctx context.Context) {
			settle(ctx, 256)
			store.Trips.Reset()
			_, err := kv.Migrate(ctx, now.Users)
			Expect(err).NotTo(HaveOccurred())
			Expect(store.Trips.Of(drivers.OpGet)).To(Equal(256))
			Expect(store.Trips.Of(drivers.OpCompareAndSwap)).To(Equal(256))
			swapping := store.Trips.Taken()
			store.Trips.Reset()
			_, err = kv.Migrate(ctx, now.Users)
			Expect(err).NotTo(HaveOccurred())
			Expect(swapping).To(Equal(store.Trips.Taken() + 1))
		})

		It("tells its progress, and goes on after what is refused", func(ctx context.Context) {
			settle(ctx, 5)
			Expect(raw("2").Write(ctx, `{"name":"nobody"}`)).To(Succeed())
			Expect(raw("3").Write(ctx, `{}`)).To(Succeed())
			_, err := old.Groups.Take("g").List.PushRight(ctx, person(0), userV2{"Short", ""})
			Expect(err).NotTo(HaveOccurred())
			refused := map[string]error{}
			last := 0
			done, err := kv.Migrate(ctx, now,
				kv.OnRefused(func(path string, err error) { refused[path] = err }),
				kv.OnProgress(func(p kv.Progress) { last = p.Keys }))
			Expect(err).NotTo(HaveOccurred())
			Expect(done).To(Equal(kv.Migration{Seen: 7, Rewritten: 4, Refused: 3}))
			Expect(last).To(BeNumerically(">=", 6))
			Expect(refused).To(HaveLen(3))
			Expect(refused).To(HaveKeyWithValue("town:{users}:2", MatchError(errUnnamed)))
			Expect(refused).To(HaveKeyWithValue("town:{users}:3", MatchError(kv.ErrCorrupt)))
			Expect(refused).To(HaveKeyWithValue("town:groups:g:list", MatchError(ContainSubstring("Short"))))
			Expect(raw("3").Read(ctx)).To(Equal(`{}`))
		})

		It("ends with what is refused where nobody is told, and a repetition finishes it", func(ctx context.Context) {
			settle(ctx, 5)
			Expect(raw("2").Write(ctx, `{"name":"nobody"}`)).To(Succeed())
			_, err := kv.Migrate(ctx, now)
			Expect(err).To(MatchError(And(ContainSubstring("Migrate town:{users}:2"), ContainSubstring(errUnnamed.Error()))))
			Expect(old.Users.Take("2").Write(ctx, person(2))).To(Succeed())
			done, err := kv.Migrate(ctx, now)
			Expect(err).NotTo(HaveOccurred())
			Expect(done.Rewritten + done.Current).To(Equal(5))
		})

		It("refuses a document whose newest form has what a unique index has of another", func(ctx context.Context) {
			Expect(now.Users.Take("new").Write(ctx, user{"Eve", "", "ada0@example.org"})).To(Succeed())
			Expect(raw("0").Write(ctx, `{"first":"Ada0","last":"Lovelace"}`)).To(Succeed())
			_, err := kv.Migrate(ctx, now)
			Expect(err).To(MatchError(kv.ErrDuplicate))
			Expect(raw("0").Read(ctx)).To(Equal(`{"first":"Ada0","last":"Lovelace"}`))
		})

		It("loses nothing that is written meanwhile", func(ctx context.Context) {
			settle(ctx, 3)
			meanwhile := kv.MustOpen(townWith(), before(store.Driver, drivers.OpCompareAndSwap, func(ctx context.Context) {
				Expect(old.Users.Take("0").Write(ctx, userV2{"Bob", "King"})).To(Succeed())
				Expect(now.Users.Take("1").Write(ctx, user{"Eve", "", "eve"})).To(Succeed())
				Expect(raw("2").Erase(ctx)).To(BeTrue())
			}))
			Expect(kv.Migrate(ctx, meanwhile)).To(Equal(kv.Migration{Seen: 2, Current: 1, Rewritten: 1}))
			Expect(now.Users.Take("0").Read(ctx)).To(Equal(user{"Bob", "King", "bob@example.org"}))
			Expect(now.Users.Take("1").Read(ctx)).To(Equal(user{"Eve", "", "eve"}))
			Expect(now.Users.Take("2").Exists(ctx)).To(BeFalse())
		})

		DescribeTable("loses nothing that happens to a collection meanwhile",
			func(ctx context.Context, key string, happens func(ctx context.Context, old olderUsers, now users), read func(ctx context.Context, now users) any, is any) {
				group := old.Groups.Take("g")
				_, err := group.Set.Add(ctx, person(0), person(1))
				Expect(err).NotTo(HaveOccurred())
				_, err = group.List.PushRight(ctx, person(0), person(1))
				Expect(err).NotTo(HaveOccurred())
				_, err = group.Map.PutMany(ctx, map[string]userV2{"0": person(0), "1": person(1)})
				Expect(err).NotTo(HaveOccurred())
				_, err = group.SortedSet.Add(ctx, kv.Scored[userV2]{Member: person(0), Score: 1}, kv.Scored[userV2]{Member: person(1), Score: 2})
				Expect(err).NotTo(HaveOccurred())
				commits := 0
				meanwhile := drivers.Use(store.Raw, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
					if b.Atomic && strings.HasSuffix(b.Items[0].Command.Key, key) {
						if commits++; commits == 1 {
							happens(ctx, group, now.Groups.Take("g"))
						}
					}
					return next(ctx, b)
				})
				_, err = kv.Migrate(ctx, kv.MustOpen(townWith(), meanwhile))
				Expect(err).NotTo(HaveOccurred())
				Expect(commits).To(BeNumerically(">", 1), "it is done again")
				Expect(read(ctx, now.Groups.Take("g"))).To(Equal(is))
				Expect(kv.Migrate(ctx, now)).To(HaveField("Rewritten", 0))
			},
			Entry("a member of a set is removed", ":set", func(ctx context.Context, old olderUsers, _ users) {
				Expect(old.Set.Remove(ctx, person(0))).NotTo(BeZero())
			}, func(ctx context.Context, now users) any { return must(now.Set.Read(ctx)) }, []user{renewed(1)}),
			Entry("a member of a sorted set is removed", ":sorted", func(ctx context.Context, old olderUsers, _ users) {
				Expect(old.SortedSet.Remove(ctx, person(1))).NotTo(BeZero())
			}, func(ctx context.Context, now users) any { return must(now.SortedSet.Read(ctx)) }, []kv.Scored[user]{{Member: renewed(0), Score: 1}}),
			Entry("the score of a member is changed", ":sorted", func(ctx context.Context, old olderUsers, _ users) {
				Expect(old.SortedSet.AddIf(ctx, kv.ScoreExists, kv.Scored[userV2]{Member: person(1), Score: 7})).NotTo(BeZero())
			}, func(ctx context.Context, now users) any { return must(now.SortedSet.Score(ctx, renewed(1))) }, 7.0),
			Entry("a value of a map is replaced", ":map", func(ctx context.Context, _ olderUsers, now users) {
				Expect(now.Map.Put(ctx, "0", ada)).To(Succeed())
			}, func(ctx context.Context, now users) any { return must(now.Map.Read(ctx)) }, map[string]user{"0": ada, "1": renewed(1)}),
			Entry("a list is popped from", ":list", func(ctx context.Context, old olderUsers, _ users) {
				Expect(old.List.PopLeft(ctx, 1)).To(HaveLen(1))
			}, func(ctx context.Context, now users) any { return must(now.List.Read(ctx)) }, []user{renewed(1)}),
			Entry("a list is pushed to", ":list", func(ctx context.Context, old olderUsers, _ users) {
				Expect(old.List.PushLeft(ctx, person(5))).NotTo(BeZero())
			}, func(ctx context.Context, now users) any { return must(now.List.Read(ctx)) }, []user{renewed(5), renewed(0), renewed(1)}),
		)

		It("does no harm where two do it at once", func(ctx context.Context) {
			values := fill(ctx, 20)
			var both sync.WaitGroup
			done := make([]kv.Migration, 2)
			for i := range done {
				both.Go(func() {
					defer GinkgoRecover()
					var err error
					done[i], err = kv.Migrate(ctx, kv.MustOpen(townWith(), store.Driver))
					Expect(err).NotTo(HaveOccurred())
				})
			}
			both.Wait()
			Expect(done[0].Rewritten + done[1].Rewritten).To(Equal(values))
			Expect(kv.Migrate(ctx, now)).To(Equal(kv.Migration{Seen: values, Current: values}))
		})

		It("makes one member of two that become the same, with the score of the one that is there", func(ctx context.Context) {
			group := old.Groups.Take("g")
			Expect(group.SortedSet.Add(ctx, kv.Scored[userV2]{Member: person(0), Score: 1})).To(Equal(1))
			Expect(now.Groups.Take("g").SortedSet.Add(ctx, kv.Scored[user]{Member: renewed(0), Score: 2})).To(Equal(1))
			Expect(kv.Migrate(ctx, now)).To(Equal(kv.Migration{Seen: 2, Current: 1, Rewritten: 1}))
			Expect(now.Groups.Take("g").SortedSet.Read(ctx)).To(Equal([]kv.Scored[user]{{Member: renewed(0), Score: 2}}))
		})

		It("leaves a job whose it is", func(ctx context.Context) {
			_, err := old.Groups.Take("g").Queue.Add(ctx, person(0))
			Expect(err).NotTo(HaveOccurred())
			queue := now.Groups.Take("g").Queue
			job, err := queue.Take(ctx, hour)
			Expect(err).NotTo(HaveOccurred())
			Expect(kv.Migrate(ctx, now)).To(HaveField("Rewritten", 1))
			Expect(queue.Get(ctx, job.ID)).To(And(HaveField("Value", renewed(0)), HaveField("State", kv.JobTaken)))
			Expect(queue.Done(ctx, job)).To(Succeed())
			Expect(queue.Len(ctx)).To(BeZero())
		})

		It("goes through collections of any size", func(ctx context.Context) {
			const n = 1300
			people := make([]userV2, n)
			for i := range people {
				people[i] = person(i)
			}
			group := old.Groups.Take("g")
			Expect(group.Set.Add(ctx, people...)).To(Equal(n))
			Expect(group.List.PushRight(ctx, people...)).To(Equal(n))
			Expect(kv.Migrate(ctx, now)).To(Equal(kv.Migration{Seen: 2 * n, Rewritten: 2 * n}))
			Expect(now.Groups.Take("g").Set.Has(ctx, renewed(n-1))).To(BeTrue())
			Expect(now.Groups.Take("g").List.Get(ctx, n-1)).To(Equal(renewed(n - 1)))
		})

		It("is refused while an older form is written, within a transaction, and where nothing can be done", func(ctx context.Context) {
			settle(ctx, 1)
			_, err := kv.Migrate(ctx, kv.MustOpen(townWith(kv.StoreAs(toV2)), store.Driver))
			Expect(err).To(MatchError(kv.ErrInvalid))
			Expect(err).To(MatchError(ContainSubstring("town:{users}:* is stored as forms_test.userV2")))

			_, err = kv.AtomicResult(ctx, now.Users.Take("0"), func(ctx context.Context, at kv.JSONField[user]) (kv.Migration, error) {
				return kv.Migrate(ctx, at)
			})
			Expect(err).To(MatchError(kv.ErrInvalid))

			cancelled, cancel := context.WithCancel(ctx)
			cancel()
			_, err = kv.Migrate(cancelled, now)
			Expect(err).To(MatchError(context.Canceled))

			var none town
			_, err = kv.Migrate(ctx, none)
			Expect(err).To(MatchError(kv.ErrUndeclared))
		})

		It("changes nothing for queries: indexes have what the newest form has, whatever is stored", func(ctx context.Context) {
			bridge := kv.MustOpen(townWith(kv.StoreAs(toV2)), store.Driver)
			Expect(bridge.Users.Take("0").Write(ctx, renewed(0))).To(Succeed())
			Expect(bridge.Users.Take("1").Write(ctx, renewed(1))).To(Succeed())
			Expect(raw("0").Read(ctx)).To(MatchJSON(`{"first":"Ada0","last":"Lovelace"}`))
			for range 2 {
				for _, at := range []town{bridge, now} {
					Expect(at.Users.Find(byMail.Is("ada1@example.org")).First(ctx)).To(HaveField("Value", renewed(1)))
					Expect(kvtest.Collect(at.Users.Check(ctx))).To(BeEmpty())
				}
				_, err := kv.Migrate(ctx, now)
				Expect(err).NotTo(HaveOccurred())
			}
			Expect(raw("0").Read(ctx)).To(ContainSubstring("@example.org"))
		})

		It("rewrites a single field", func(ctx context.Context) {
			settle(ctx, 2)
			Expect(kv.Migrate(ctx, now.Users.Take("0"))).To(Equal(kv.Migration{Seen: 1, Rewritten: 1}))
			Expect(raw("1").Read(ctx)).To(MatchJSON(`{"first":"Ada1","last":"Lovelace"}`))
		})
	})

	It("keeps the times to live of a map's fields", func(ctx context.Context) {
		clock := kvtest.NewClock()
		driver := memory.New(memory.WithClock(clock.Now))
		old := kv.MustOpen(kv.Map[userV2](), driver, kv.At("map"))
		Expect(old.PutMany(ctx, map[string]userV2{"0": oldAda, "1": oldAda})).To(Equal(2))
		Expect(old.ExpireFields(ctx, hour, "1")).To(Equal(1))
		now := kv.MustOpen(kv.Map[user](kv.Upgrade(fromV2)), driver, kv.At("map"))
		Expect(kv.Migrate(ctx, now)).To(Equal(kv.Migration{Seen: 2, Rewritten: 2}))
		Expect(now.FieldTTL(ctx, "0")).To(Equal(kv.NoTTL))
		Expect(now.FieldTTL(ctx, "1")).To(Equal(hour))
		clock.Advance(hour + time.Millisecond)
		Expect(now.Read(ctx)).To(HaveLen(1))
	})

	It("is refused by a replica, and finds out there what there is to do", Label(suite.Redis), func(ctx context.Context) {
		master, err := redisserver.Start()
		kvtest.MustRun(err)
		DeferCleanup(master.Stop)
		client := redis.NewClient(&redis.Options{Addr: master.Addr(), ContextTimeoutEnabled: true})
		DeferCleanup(client.Close)
		driver := redisdriver.New(client)
		Expect(kv.MustOpen(townAsOlder(), driver).Users.Take("0").Write(ctx, oldAda)).To(Succeed())
		Expect(master.Ask("REPLICAOF", "127.0.0.1", "1")).To(Equal("OK")) // of nobody who answers: it keeps what it has, and takes no write
		at := kv.MustOpen(townWith(), driver)
		Expect(kv.Migrate(ctx, at, kv.DryRun)).To(Equal(kv.Migration{Seen: 1, Rewritten: 1}))
		Expect(kv.Migrate(ctx, at)).Error().To(MatchError(kv.ErrUnavailable))
		Expect(at.Users.Take("0").Read(ctx)).To(Equal(ada))
	})

	It("is refused by a driver that is closed", func(ctx context.Context) {
		driver := memory.New()
		at := kv.MustOpen(townWith(), driver)
		Expect(driver.Close()).To(Succeed())
		_, err := kv.Migrate(ctx, at)
		Expect(err).To(MatchError(kv.ErrClosed))
	})
})

func must[T any](value T, err error) T {
	GinkgoHelper()
	Expect(err).NotTo(HaveOccurred())
	return value
}
