package subtrees_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/drivers/redisdriver"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/redisserver"
	"github.com/kvstore-go/kvstore/spec/suite"
)

// A town has a node of every kind, and stores nested in stores.
type (
	TownDeed struct {
		Owner string `json:"owner" jsonschema:"minLength=1"`
	}
	TownSeason string
	TownHouse  struct {
		kv.StaticStore
		Deed   kv.JSONField[TownDeed] `kv:"deed"`
		Guests kv.SetField            `kv:"guests"`
		Lamps  kv.BitSetField         `kv:"lamps"`
		Plate  kv.StringField         `kv:"plate"`
	}
	TownCitizen struct {
		Name  string `json:"name" jsonschema:"minLength=1"`
		Email string `json:"email"`
		Trade string `json:"trade"`
	}
)

const (
	TownHouses      kv.Key[kv.KeyedStore[int, TownHouse]]   = "houses"
	TownHouses2     kv.Key[kv.DynamicStore[kv.StringField]] = "houses2"
	TownCitizens    kv.Key[kv.CollectionStore[TownCitizen]] = "citizens"
	TownClubs       kv.Key[kv.DynamicStore[kv.StaticStore]] = "clubs"
	TownClubMembers kv.Key[kv.SetField]                     = "members"
	TownClubMinutes kv.Key[kv.DynamicStore[kv.StringField]] = "minutes"
	TownHall        kv.Key[kv.StaticStore]                  = "hall"
	TownMuseum      kv.Key[kv.StaticStore]                  = "museum"
	TownMotto       kv.Key[kv.StringField]                  = "motto"
	TownWards       kv.Key[kv.SetField]                     = "wards"
	TownByEmail     kv.IndexKey[string]                     = "email"
	TownByTrade     kv.IndexKey[string]                     = "trade"
)

// Town is laid out for a cluster; ScatteredTown has the same values elsewhere.
var (
	Town          = townLayout(true)
	ScatteredTown = townLayout(false)
)

func townLayout(colocated bool) kv.StaticSchema {
	house := kv.Static("house").JSON[TownDeed]("deed").Set("guests").BitSet("lamps", kv.U8).String("plate").As[TownHouse]()
	club := kv.Static("club").Set(TownClubMembers).Field(TownClubMinutes, kv.IndexKeys(kv.Dynamic(kv.String())))
	citizens := kv.Collection(kv.JSON[TownCitizen](),
		kv.Unique(TownByEmail, func(c TownCitizen) []string { return []string{c.Email} }),
		kv.Index(TownByTrade, func(c TownCitizen) []string { return []string{c.Trade} }))
	clubs := kv.IndexKeys(kv.Dynamic(club))
	if colocated {
		house, citizens, clubs = kv.Colocated(house), kv.Colocated(citizens), kv.Colocated(clubs)
	}
	return kv.Static("town").
		Field(TownHouses, kv.DynamicBy[int](house)).
		Field(TownHouses2, kv.Dynamic(kv.String())).
		Field(TownCitizens, citizens).
		Field(TownClubs, clubs).
		Field(TownHall, kv.Static("hall").String(TownMotto).Set(TownWards)).
		Field(TownMuseum, museum)
}

// museum has a field of each kind that is nowhere else in a town.
var museum = kv.Static("museum").Bytes("bytes").Int("int").Float("float").Bool("bool").Time("time").Duration("duration").
	Enum("enum", []TownSeason{"dry", "wet"}).Text[netip.Addr]("text").List("list").SortedSet("sortedset").Hash[TownDeed]("hash").
	Map[int]("map").Bitmap("bitmap").HyperLogLog("hyperloglog").Geo("geo").Stream[TownDeed]("stream").
	Topic[TownDeed]("topic").Lock("lock", time.Minute).Limiter("limiter", kv.Per(1, time.Minute)).
	Queue[TownDeed]("queue")

// exhibit fills a museum, but for what is not copied, and returns how many values there are.
func exhibit(ctx context.Context, museum kv.StaticStore) int {
	GinkgoHelper()
	take := museum
	written := []error{
		take.Take[kv.BytesField]("bytes").Write(ctx, []byte{0, 0xff}), take.Take[kv.IntField]("int").Write(ctx, -7),
		take.Take[kv.FloatField]("float").Write(ctx, 0.1), take.Take[kv.BoolField]("bool").Write(ctx, true),
		take.Take[kv.TimeField]("time").Write(ctx, time.Unix(1, 2).UTC()), take.Take[kv.DurationField]("duration").Write(ctx, time.Hour),
		take.Take[kv.EnumField[TownSeason]]("enum").Write(ctx, "wet"), take.Take[kv.TextField[netip.Addr]]("text").Write(ctx, netip.MustParseAddr("::1")),
		take.Take[kv.ListField]("list").Write(ctx, []string{"b", "a", "b"}),
		take.Take[kv.SortedSetField]("sortedset").Write(ctx, []kv.Scored[string]{{Member: "x", Score: 1.5}, {Member: "y", Score: -2}}),
		take.Take[kv.HashField[TownDeed]]("hash").Write(ctx, TownDeed{"dan"}), take.Take[kv.MapField[string, int]]("map").Write(ctx, map[string]int{"a": 1, "b": 2}),
		kvtest.ErrorOf(take.Take[kv.BitmapField]("bitmap").Put(ctx, 13, true)), kvtest.ErrorOf(take.Take[kv.HyperLogLogField]("hyperloglog").Add(ctx, "a", "b")),
		take.Take[kv.GeoField]("geo").Write(ctx, []kv.Located[string]{{Member: "mill", Position: kv.Position{Longitude: 1, Latitude: 2}}}),
		kvtest.ErrorOf(take.Take[kv.StreamField[TownDeed]]("stream").Append(ctx, TownDeed{"eve"})),
		kvtest.ErrorOf(take.Take[kv.QueueField[TownDeed]]("queue").Add(ctx, TownDeed{"fay"}, kv.JobID("sell"), kv.DueAt(time.Unix(1, 0)))),
	}
	Expect(errors.Join(written...)).To(Succeed())
	return len(written)
}

// inATown is how many values a town has that is settled.
const inATown = 19 + 17

// oddIDs have to be escaped in keys.
var oddIDs = []string{"7", "a:b", "{x}*?[]\\", "%3A", "żółw", "new\nline"}

// settle fills a town with values of every kind and returns how many there are.
func settle(ctx context.Context, town kv.StaticStore) int {
	GinkgoHelper()
	house := town.Take(TownHouses).Take(7)
	Expect(house.Deed.Write(ctx, TownDeed{"ann"})).To(Succeed())
	Expect(house.Guests.Add(ctx, "bob", "cid", "\xff\x00 is no UTF-8")).To(Equal(3))
	Expect(house.Lamps.Increment(ctx, 3, 200)).To(BeEquivalentTo(200))
	Expect(house.Plate.Write(ctx, "")).To(Succeed())
	Expect(town.Take(TownHouses).Take(-12).Plate.Write(ctx, "\x80", kv.ExpireIn(time.Hour))).To(Succeed())
	for _, id := range oddIDs {
		Expect(town.Take(TownHouses2).Take(id).Write(ctx, "<the house of "+id+" & co.>")).To(Succeed())
	}
	for i, name := range []string{"ann", "b:o", "cid"} {
		citizen := TownCitizen{name, name + "@town", []string{"baker", "smith"}[i%2]}
		Expect(town.Take(TownCitizens).Take(name).Write(ctx, citizen, kv.ExpireIn(time.Duration(i+1)*time.Hour))).To(Succeed())
	}
	chess := town.Take(TownClubs).Take("chess")
	Expect(chess.Take(TownClubMembers).Write(ctx, numbers(1300), kv.ExpireIn(2*time.Hour))).To(Succeed())
	Expect(chess.Take(TownClubMinutes).Take("1:2").Write(ctx, "we met")).To(Succeed())
	Expect(town.Take(TownClubs).Take("{go}").Take(TownClubMinutes).Take("1").Write(ctx, "we did not")).To(Succeed())
	Expect(town.Take(TownHall).Take(TownMotto).Write(ctx, "onwards")).To(Succeed())
	Expect(town.Take(TownHall).Take(TownWards).Add(ctx, "north", "south")).To(Equal(2))
	return 4 + 1 + len(oddIDs) + 3 + 3 + 2 + exhibit(ctx, town.Take(TownMuseum))
}

func numbers(count int) []string {
	all := make([]string, count)
	for i := range all {
		all[i] = strconv.Itoa(i)
	}
	return all
}

// storedKeys are all keys of a town as they are stored, those of registries and indexes included.
func storedKeys(ctx context.Context, driver drivers.Driver) []string {
	GinkgoHelper()
	return storedBelow(ctx, driver, "town")
}

// storedBelow are those below any key.
func storedBelow(ctx context.Context, driver drivers.Driver, key string) []string {
	GinkgoHelper()
	keys := kvtest.KeysBelow(ctx, driver, key)
	slices.Sort(keys)
	return keys
}

// contents are the values of a town by their keys without braces, as they are stored.
// A value that ends is marked.
func contents(ctx context.Context, driver drivers.Driver) map[string]string {
	GinkgoHelper()
	return contentsBelow(ctx, driver, "town")
}

// contentsBelow are those of a town anywhere, by their keys in a town at the root.
func contentsBelow(ctx context.Context, driver drivers.Driver, root string) map[string]string {
	GinkgoHelper()
	found := map[string]string{}
	for _, key := range storedBelow(ctx, driver, root) {
		if strings.Contains(key, "%index") {
			continue
		}
		text := ""
		const last = -1 // which others do not read
		for _, op := range []drivers.Op{drivers.OpGet, drivers.OpSMembers, drivers.OpHGetAll, drivers.OpLRange, drivers.OpZRange, drivers.OpXRange} {
			value, err := driver.Do(ctx, drivers.Command{Op: op, Key: key, Stop: last})
			if err != nil {
				Expect(err).To(MatchError(drivers.ErrWrongType))
				continue
			}
			if op == drivers.OpSMembers || op == drivers.OpHGetAll { // of which none has two
				slices.Sort(value.Values)
			}
			if op == drivers.OpXRange {
				value.Values = value.Values[1:] // the id is that of a moment
			}
			text = fmt.Sprintf("%q %q %v", value.Value, value.Values, value.Floats)
		}
		ttl, err := driver.Do(ctx, drivers.Command{Op: drivers.OpTTL, Key: key})
		Expect(err).NotTo(HaveOccurred())
		if ttl.Int > 0 {
			text += " for " + time.Duration(ttl.Int*int64(time.Millisecond)).Round(time.Minute).String()
		}
		found["town"+strings.NewReplacer("{", "", "}", "").Replace(strings.TrimPrefix(key, root))] = text
	}
	return found
}

// subtreeStore is what all stores have in common.
type subtreeStore interface {
	Path() string
	Erase(ctx context.Context, options ...kv.SubtreeOption) (int, error)
	Count(ctx context.Context) (int, error)
	Expire(ctx context.Context, d time.Duration, options ...kv.SubtreeOption) (int, error)
}

// anyNode describes what must hold for every kind of node of a town that is settled.
func anyNode(body func(node func(kv.StaticStore) subtreeStore, values int)) func() {
	return func() {
		for _, kind := range []struct {
			name   string
			of     func(kv.StaticStore) subtreeStore
			values int
		}{
			{"the root", func(t kv.StaticStore) subtreeStore { return t }, inATown},
			{"a nested static store", func(t kv.StaticStore) subtreeStore { return t.Take(TownHall) }, 2},
			{"a dynamic store of values", func(t kv.StaticStore) subtreeStore { return t.Take(TownHouses2) }, 6},
			{"a dynamic store keyed by numbers", func(t kv.StaticStore) subtreeStore { return t.Take(TownHouses) }, 5},
			{"a view", func(t kv.StaticStore) subtreeStore { return t.Take(TownHouses).Take(7) }, 4},
			{"a collection", func(t kv.StaticStore) subtreeStore { return t.Take(TownCitizens) }, 3},
			{"a store that indexes its keys", func(t kv.StaticStore) subtreeStore { return t.Take(TownClubs) }, 3},
			{"a child of one", func(t kv.StaticStore) subtreeStore { return t.Take(TownClubs).Take("{go}") }, 1},
			{"a store that does, inside of one", func(t kv.StaticStore) subtreeStore { return t.Take(TownClubs).Take("chess").Take(TownClubMinutes) }, 1},
			{"a store that holds nothing yet", func(t kv.StaticStore) subtreeStore { return t.Take(TownClubs).Take("none") }, 0},
		} {
			Context("on "+kind.name, func() { body(kind.of, kind.values) })
		}
	}
}

var _ = Describe("A subtree", func() {
	kvtest.OnAllDrivers(func(open func(context.Context) kvtest.Backend) {
		var (
			store kvtest.Backend
			town  kv.StaticStore
		)
		BeforeEach(func(ctx context.Context) {
			store = open(ctx)
			town = kv.MustOpen(Town, store.Driver)
			Expect(settle(ctx, town)).To(Equal(inATown))
		})

		Describe("Erase", anyNode(func(node func(kv.StaticStore) subtreeStore, values int) {
			It("leaves nothing below it and everything beside it", func(ctx context.Context) {
				path := node(town).Path()
				beside := slices.DeleteFunc(storedKeys(ctx, store.Raw), func(key string) bool {
					key = strings.TrimPrefix(key, dsl.RegistryKey(""))
					return key == path || strings.HasPrefix(key, path+":")
				})
				Expect(node(town).Erase(ctx)).To(Equal(values))
				Expect(storedKeys(ctx, store.Raw)).To(ConsistOf(beside))
				Expect(node(town).Count(ctx)).To(BeZero())
				Expect(node(town).Erase(ctx)).To(BeZero())
			})
		}))

		Describe("Count", anyNode(func(node func(kv.StaticStore) subtreeStore, values int) {
			It("is how many values there are", func(ctx context.Context) {
				Expect(node(town).Count(ctx)).To(Equal(values))
			})
		}))

		Describe("Expire", anyNode(func(node func(kv.StaticStore) subtreeStore, values int) {
			It("lets all values end, and none beside them", func(ctx context.Context) {
				before := contents(ctx, store.Raw)
				Expect(node(town).Expire(ctx, 5*time.Hour)).To(Equal(values))
				path := strings.NewReplacer("{", "", "}", "").Replace(node(town).Path())
				ended := 0
				for key, after := range contents(ctx, store.Raw) {
					if strings.HasPrefix(key, path+":") {
						value, _, _ := strings.Cut(before[key], " for ")
						Expect(after).To(Equal(value+" for 5h0m0s"), key)
						ended++
						continue
					}
					Expect(after).To(Equal(before[key]), key)
				}
				Expect(ended).To(Equal(values))
			})
		}))

		It("of users never touches users2", func(ctx context.Context) {
			beside := contents(ctx, store.Raw)
			maps.DeleteFunc(beside, func(key, _ string) bool { return !strings.HasPrefix(key, "town:houses2:") })
			Expect(town.Take(TownHouses).Expire(ctx, time.Hour)).To(Equal(5))
			Expect(town.Take(TownHouses).Erase(ctx)).To(Equal(5))
			left := contents(ctx, store.Raw)
			for key, value := range beside {
				Expect(left).To(HaveKeyWithValue(key, value))
			}
		})

		It("of an index finds nothing that was erased, and may be filled again", func(ctx context.Context) {
			Expect(town.Take(TownCitizens).Erase(ctx)).To(Equal(3))
			Expect(kvtest.Collect(town.Take(TownCitizens).Find(TownByTrade.Is("baker")).All(ctx))).To(BeEmpty())
			Expect(town.Take(TownCitizens).Take("dan").Write(ctx, TownCitizen{"dan", "ann@town", "baker"})).To(Succeed(), "the address is free")
		})

		It("takes each document out of the indexes as it goes, wherever it ends", func(ctx context.Context) {
			citizens := town.Take(TownCitizens)
			var batch kv.Batch
			bound := batch.Bind(citizens)
			for i := range 600 {
				name := strconv.Itoa(i)
				batch.Exec(func(ctx context.Context) error {
					return bound.Take(name).Write(ctx, TownCitizen{name, name, "clerk"})
				})
			}
			Expect(batch.Run(ctx)).To(Succeed())
			half, cancel := context.WithCancel(ctx)
			Expect(kvtest.ErrorOf(citizens.Erase(half, kv.OnProgress(func(kv.Progress) { cancel() })))).To(MatchError(context.Canceled))
			Expect(citizens.Count(ctx)).To(Equal(603 - 512))
			Expect(kvtest.Collect(citizens.Check(ctx))).To(BeEmpty())
			Expect(citizens.Erase(ctx, kv.OnProgress(nil))).To(Equal(603-512), "nobody is told")
		})

		It("takes a child that is erased as a whole out of the registry it was in", func(ctx context.Context) {
			clubs := town.Take(TownClubs)
			ids := func() []string {
				GinkgoHelper()
				registry, err := store.Raw.Do(ctx, drivers.Command{Op: drivers.OpHScan, Key: "%index:town:{clubs}"})
				Expect(err).NotTo(HaveOccurred())
				var ids []string
				for i := 0; i < len(registry.Values); i += 2 {
					if registry.Values[i] != drivers.Seal {
						ids = append(ids, registry.Values[i])
					}
				}
				return ids
			}
			Expect(ids()).To(ConsistOf("chess", "%7Bgo%7D"))
			Expect(clubs.Take("chess").Take(TownClubMinutes).Erase(ctx)).To(Equal(1))
			Expect(ids()).To(ConsistOf("chess", "%7Bgo%7D"), "it has members yet")
			Expect(clubs.Take("{go}").Erase(ctx)).To(Equal(1))
			Expect(ids()).To(ConsistOf("chess"))
			Expect(clubs.Take("chess").Erase(ctx)).To(Equal(1))
			Expect(ids()).To(BeEmpty())
		})

		It("ends an Expire of nothing with ErrInvalid", func(ctx context.Context) {
			for _, d := range []time.Duration{0, -time.Second} {
				_, err := town.Expire(ctx, d)
				Expect(err).To(MatchError(kv.ErrInvalid))
				Expect(err).To(MatchError(HavePrefix("kv: Expire town: ")))
			}
			Expect(town.Take(TownHall).Take(TownMotto).TTL(ctx)).To(Equal(kv.NoTTL))
		})

		It("goes with foreign keys below a dynamic store, which count for nothing", func(ctx context.Context) {
			foreign := []string{
				"town:houses2:a:deeper", "town:houses2:%3a", "town:houses2:", "town:houses:{seven}:plate", "town:houses:8:plate",
				"town:houses:{8}", "town:houses:{8}:attic", "town:{clubs}:chess", "town:{clubs}:chess:minutes",
				"town:{citizens}:%index:forgotten", "town:{clubs}:x:minutes:%41",
			}
			kvtest.Plant(ctx, store.Raw, foreign...)
			beside := []string{"town:hall:attic", "town:cellar", "town:houses", "town:houses3:7"}
			kvtest.Plant(ctx, store.Raw, beside...)
			Expect(town.Count(ctx)).To(Equal(inATown))
			Expect(town.Expire(ctx, time.Hour)).To(Equal(inATown))
			for _, key := range foreign {
				Expect(store.Raw.Do(ctx, drivers.Command{Op: drivers.OpTTL, Key: key})).To(HaveField("Int", BeEquivalentTo(-1)), key)
			}
			Expect(town.Erase(ctx)).To(Equal(inATown + len(foreign)))
			Expect(storedKeys(ctx, store.Raw)).To(ConsistOf(beside), "of a static store the declared alone")
		})

		It("takes out what has expired of registries and indexes, too", func(ctx context.Context) {
			Expect(town.Expire(ctx, 20*time.Millisecond)).To(Equal(inATown))
			Eventually(func() (int, error) { return town.Count(ctx) }).Should(BeZero())
			Expect(storedKeys(ctx, store.Raw)).NotTo(BeEmpty(), "registries stay")
			Expect(town.Erase(ctx)).To(BeZero())
			Expect(storedKeys(ctx, store.Raw)).To(BeEmpty())
		})

		It("tells its progress page by page, and ends half-way with its context", func(ctx context.Context) {
			houses := town.Take(TownHouses2)
			for i := range 1500 {
				kvtest.Plant(ctx, store.Raw, fmt.Sprint("town:houses2:", i))
			}
			for _, step := range []func(ctx context.Context, options ...kv.SubtreeOption) (int, error){
				func(ctx context.Context, options ...kv.SubtreeOption) (int, error) {
					return houses.Expire(ctx, time.Hour, options...)
				},
				houses.Erase,
			} {
				half, cancel := context.WithCancel(ctx)
				var told []int
				done, err := step(half, kv.OnProgress(func(p kv.Progress) { told = append(told, p.Keys); cancel() }))
				Expect(err).To(MatchError(context.Canceled))
				Expect(told).To(HaveExactElements(512))
				Expect(done).To(Equal(512))
			}
			left, err := houses.Count(ctx)
			Expect(err).NotTo(HaveOccurred())
			Expect(left).To(Equal(1505 - 512))

			var told []int
			Expect(houses.Erase(ctx, kv.OnProgress(func(p kv.Progress) { told = append(told, p.Keys) }))).To(Equal(left), "a repetition finishes the job")
			Expect(told).To(HaveLen(left/512 + 1))
			Expect(slices.IsSorted(told)).To(BeTrue())
			Expect(told[len(told)-1]).To(Equal(left))
		})

		It("costs round trips by the page, and one where no dynamic store is", func(ctx context.Context) {
			for i := range 1200 {
				kvtest.Plant(ctx, store.Raw, fmt.Sprint("town:houses2:more-", i))
			}
			store.Trips.Reset()
			Expect(town.Take(TownHouses2).Count(ctx)).To(Equal(1206))
			Expect(store.Trips.Taken()).To(Equal(1+3), "a scan, and three pages of 512")
			store.Trips.Reset()
			Expect(town.Take(TownHouses2).Erase(ctx)).To(Equal(1206))
			Expect(store.Trips.Taken()).To(Equal(1 + 3))
			store.Trips.Reset()
			Expect(town.Take(TownHall).Erase(ctx)).To(Equal(2))
			Expect(store.Trips.Taken()).To(Equal(1))
		})

		It("says where it failed", func(ctx context.Context) {
			Expect(drivers.Close(store.Driver)).To(Succeed())
			for op, err := range map[string]error{
				"Erase":  kvtest.ErrorOf(town.Erase(ctx)),
				"Count":  kvtest.ErrorOf(town.Count(ctx)),
				"Expire": kvtest.ErrorOf(town.Expire(ctx, time.Hour)),
			} {
				Expect(err).To(MatchError(kv.ErrClosed))
				Expect(err).To(MatchError(HavePrefix("kv: " + op + " town")))
			}
		})
	})

	It("does nothing on a handle that was taken wrongly", func(ctx context.Context) {
		town := kv.MustOpen(Town, memory.New())
		for _, err := range []error{
			kvtest.ErrorOf(town.Take[kv.StaticStore]("nowhere").Erase(ctx)),
			kvtest.ErrorOf(town.Take[kv.StaticStore]("nowhere").Count(ctx)),
			kvtest.ErrorOf(town.Take[kv.StaticStore]("nowhere").Expire(ctx, time.Hour)),
			kvtest.ErrorOf(kv.StaticStore{}.Erase(ctx)),
		} {
			Expect(err).To(MatchError(kv.ErrUndeclared))
		}
		Expect(kvtest.ErrorOf(town.Take(TownHouses2).Take("").Erase(ctx))).To(MatchError(kv.ErrBadKey))
	})

	It("of 100,000 keys in memory is counted and erased in time that grows with the keys, not faster", func(ctx context.Context) {
		took := func(keys int) time.Duration {
			driver := memory.New()
			houses := kv.MustOpen(Town, driver).Take(TownHouses)
			for i := range keys {
				_, err := driver.Do(ctx, drivers.Command{Op: drivers.OpSet, Key: fmt.Sprintf("town:houses:{%d}:plate", i)})
				Expect(err).NotTo(HaveOccurred())
			}
			started := time.Now()
			Expect(houses.Count(ctx)).To(Equal(keys))
			Expect(houses.Erase(ctx)).To(Equal(keys))
			return time.Since(started)
		}
		few, many := time.Hour, time.Hour // the fastest, which are the least disturbed by what else the machine does
		Eventually(func() float64 {
			few, many = min(few, took(10_000)), min(many, took(100_000))
			return float64(many) / float64(few)
		}).Should(BeNumerically("<", 50), "ten times the keys; it is a hundred times the time if each key costs by the others")
	})

	It("is erased by UNLINK, never by DEL, and found by SCAN, never by KEYS", func(ctx context.Context) {
		town := kv.MustOpen(Town, kvtest.Redis(ctx))
		settle(ctx, town)
		Expect(kvtest.Servers.Client.ConfigResetStat(ctx).Err()).To(Succeed())
		Expect(town.Erase(ctx)).To(Equal(inATown))
		calls := kvtest.Servers.Client.Info(ctx, "commandstats").Val()
		// The values, a key for each field of a museum that holds none, three registries and their seven indexes, three of which are of the ids.
		Expect(calls).To(And(ContainSubstring("cmdstat_unlink:calls=49,"), ContainSubstring("cmdstat_scan:")))
		Expect(calls).NotTo(Or(ContainSubstring("cmdstat_del:"), ContainSubstring("cmdstat_keys:"), ContainSubstring("cmdstat_flush")))
	})
})

// failover is a cluster of its own that loses a master in the middle of an operation.
type failover struct {
	cluster *redisserver.Cluster
	client  *redis.ClusterClient
	Driver  drivers.Driver // kills a master after the first page: one whose turn has not come
	calm    drivers.Driver // kills nobody
}

func startFailover() *failover {
	GinkgoHelper()
	cluster, err := redisserver.StartCluster(3, 1, "--cluster-node-timeout", "2000")
	kvtest.MustRun(err)
	f := &failover{cluster: cluster}
	DeferCleanup(cluster.Stop)
	f.client = redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: cluster.Addrs(), ContextTimeoutEnabled: true, ClusterStateReloadInterval: time.Second,
	})
	DeferCleanup(f.client.Close)
	f.calm = redisdriver.New(f.client)
	killed := false
	f.Driver = drivers.Use(f.calm, func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
		err := next(ctx, b)
		if cmd := b.Items[0].Command; !killed && cmd.Op.Effect() != drivers.Lists {
			killed = true
			slot, err := f.client.ClusterKeySlot(ctx, cmd.Key).Result()
			Expect(err).NotTo(HaveOccurred())
			cluster.Node((int(slot)*3/redisserver.Slots + 1) % 3).Kill()
		}
		return err
	})
	return f
}

// fill puts values under as many keys on every master and waits for the replicas.
func (f *failover) fill(ctx context.Context, keys int) {
	GinkgoHelper()
	houses := kv.MustOpen(Town, f.calm).Take(TownHouses2)
	var batch kv.Batch
	bound := batch.Bind(houses)
	for i := range keys {
		house := bound.Take(strconv.Itoa(i))
		batch.Exec(func(ctx context.Context) error { return house.Write(ctx, "here") })
	}
	Expect(batch.Run(ctx)).To(Succeed())
	Eventually(func(g Gomega) {
		for i := range 3 {
			master, err := f.cluster.Node(i).Ask("DBSIZE")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(f.cluster.Node(3 + i).Ask("DBSIZE")).To(Equal(master))
		}
	}).Should(Succeed())
}

var _ = Describe("A failover", func() {
	It("ends an Erase with a clear error, and a repetition finishes the job", func(ctx context.Context) {
		f := startFailover()
		f.fill(ctx, 4000)
		houses := kv.MustOpen(Town, f.Driver).Take(TownHouses2)
		erased, err := houses.Erase(ctx)
		Expect(err).To(MatchError(HavePrefix("kv: Erase town:houses2")))
		Expect(erased).To(BeNumerically("<", 4000))
		Eventually(func() error { return kvtest.ErrorOf(houses.Erase(ctx)) }).WithPolling(time.Second).Should(Succeed())
		Expect(houses.Count(ctx)).To(BeZero())
		Expect(storedKeys(ctx, f.calm)).To(BeEmpty())
	})
}, Label(suite.Redis, suite.Slow))

var _ = Describe("A town", func() {
	It("has a node of every kind", func() {
		kinds := map[dsl.Kind]bool{}
		Town.Tree().Visit(func(node *dsl.Node, _ []dsl.Step) { kinds[node.Kind()] = true })
		for _, kind := range dsl.Kinds() {
			Expect(kinds).To(HaveKey(kind), kind.String())
		}
	})
})
