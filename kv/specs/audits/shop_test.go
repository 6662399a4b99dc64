package audits_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// A shop has a field of every kind, stores in stores, a collection, and registries in registries.
type (
	Order struct {
		Buyer string `json:"buyer" jsonschema:"minLength=1"`
		Code  string `json:"code"`
	}
	Season string
)

const (
	Shelf   kv.Key[kv.StaticStore]                         = "shelf"
	Notes   kv.Key[kv.DynamicStore[kv.StringField]]        = "notes"
	Rooms   kv.Key[kv.DynamicStore[kv.StaticStore]]        = "rooms"
	Days    kv.Key[kv.KeyedStore[time.Time, kv.IntField]]  = "days"
	Hosts   kv.Key[kv.KeyedStore[netip.Addr, kv.IntField]] = "hosts"
	Houses  kv.Key[kv.KeyedStore[int, kv.StaticStore]]     = "houses"
	Orders  kv.Key[kv.CollectionStore[Order]]              = "orders"
	Clubs   kv.Key[kv.DynamicStore[kv.StaticStore]]        = "clubs"
	Minutes kv.Key[kv.DynamicStore[kv.StringField]]        = "minutes"

	ByCode  kv.IndexKey[string] = "code"
	ByBuyer kv.IndexKey[string] = "buyer"
)

var shelf = kv.Static("shelf").String("string").Bytes("bytes").Int("int").Int("count", kv.ExpireIn(time.Hour)).Float("float").
	Bool("bool").Time("time").Duration("duration").Enum("enum", []Season{"dry", "wet"}).Text[netip.Addr]("text").
	String("otp", kv.ExpireIn(time.Minute)).String("session", kv.Sliding(time.Hour)).JSON[Order]("json").
	Set("set").SetOf[int]("ints").List("list").ListOf[int]("numbers").SortedSet("sorted").SortedSetOf[int]("ranks").
	Hash[Order]("hash").Map[int]("map").Map[Order]("wishes").BitSet("bitset", kv.I64).Bitmap("bitmap").HyperLogLog("sketch").Geo("geo").
	Stream[Order]("stream").Topic[Order]("topic").Lock("lock", time.Minute).Limiter("limiter", kv.Per(1, time.Minute)).
	Queue[Order]("queue").Set("brief", kv.ExpireIn(time.Hour))

var room = kv.Static("room").JSON[Order]("config").Set("members")

var Shop = kv.Static("shop").
	Field(Shelf, shelf).
	Field(Notes, kv.Dynamic(kv.String())).
	Field(Rooms, kv.Dynamic(room)).
	Field(Days, kv.DynamicBy[time.Time](kv.Int())).
	Field(Hosts, kv.DynamicBy[netip.Addr](kv.Int())).
	Field(Houses, kv.DynamicBy[int](kv.Colocated(room))).
	Field(Orders, kv.Colocated(kv.Collection(kv.JSON[Order](),
		kv.Unique(ByCode, func(o Order) []string { return []string{o.Code} }),
		kv.Index(ByBuyer, func(o Order) []string { return []string{o.Buyer} })))).
	Field(Clubs, kv.Colocated(kv.IndexKeys(kv.Dynamic(
		kv.Static("club").Set("members").Field(Minutes, kv.IndexKeys(kv.Dynamic(kv.String()))))))).
	Field("pairs", kv.Dynamic(kv.Dynamic(kv.Int())))

// stock fills a shop by its handles.
func stock(ctx context.Context, shop kv.StaticStore) {
	GinkgoHelper()
	at := shop.Take(Shelf)
	held, lockErr := at.Take[kv.LockField]("lock").TryAcquire(ctx)
	_ = held
	queue := at.Take[kv.QueueField[Order]]("queue")
	stream := at.Take[kv.StreamField[Order]]("stream")
	errs := []error{
		lockErr,
		at.Take[kv.StringField]("string").Write(ctx, "\xff"), at.Take[kv.BytesField]("bytes").Write(ctx, []byte{0}), at.Take[kv.IntField]("int").Write(ctx, 1),
		kvtest.ErrorOf(at.Take[kv.IntField]("count").Increment(ctx, 2)), at.Take[kv.FloatField]("float").Write(ctx, 0.5),
		at.Take[kv.BoolField]("bool").Write(ctx, true), at.Take[kv.TimeField]("time").Write(ctx, time.Unix(1, 0)),
		at.Take[kv.DurationField]("duration").Write(ctx, time.Hour), at.Take[kv.EnumField[Season]]("enum").Write(ctx, "wet"),
		at.Take[kv.TextField[netip.Addr]]("text").Write(ctx, netip.MustParseAddr("::1")), at.Take[kv.StringField]("otp").Write(ctx, "123"),
		at.Take[kv.StringField]("session").Write(ctx, "s"), at.Take[kv.JSONField[Order]]("json").Write(ctx, Order{Buyer: "ann"}),
		at.Take[kv.SetField]("set").Write(ctx, []string{"a", "\x00"}), at.Take[kv.SetFieldOf[int]]("ints").Write(ctx, []int{1, 2}),
		at.Take[kv.ListField]("list").Write(ctx, []string{"a"}), at.Take[kv.ListFieldOf[int]]("numbers").Write(ctx, []int{1, 1}),
		at.Take[kv.SortedSetField]("sorted").Write(ctx, []kv.Scored[string]{{Member: "a", Score: -1}}),
		at.Take[kv.SortedSetFieldOf[int]]("ranks").Write(ctx, []kv.Scored[int]{{Member: 1, Score: 1.5}}),
		at.Take[kv.HashField[Order]]("hash").Write(ctx, Order{Buyer: "bob"}), at.Take[kv.MapField[string, int]]("map").Write(ctx, map[string]int{"a": 1}),
		at.Take[kv.MapField[string, Order]]("wishes").Put(ctx, "a", Order{Buyer: "cid"}),
		kvtest.ErrorOf(at.Take[kv.BitSetField]("bitset").Increment(ctx, 2, -1)), kvtest.ErrorOf(at.Take[kv.BitmapField]("bitmap").Put(ctx, 9, true)),
		kvtest.ErrorOf(at.Take[kv.HyperLogLogField]("sketch").Add(ctx, "a", "b")),
		at.Take[kv.GeoField]("geo").Write(ctx, []kv.Located[string]{{Member: "mill", Position: kv.Position{Longitude: 1, Latitude: 2}}}),
		kvtest.ErrorOf(stream.Append(ctx, Order{Buyer: "dan"})), kvtest.ErrorOf(stream.Group("g").Create(ctx, "0")),
		kvtest.ErrorOf(at.Take[kv.LimiterField]("limiter").Allow(ctx)), kvtest.ErrorOf(at.Take[kv.SetField]("brief").Add(ctx, "a")),
		kvtest.ErrorOf(queue.Add(ctx, Order{Buyer: "eve"})), kvtest.ErrorOf(queue.Add(ctx, Order{Buyer: "fay"}, kv.DueIn(time.Hour))),
	}
	job, err := queue.Take(ctx, time.Minute)
	errs = append(errs, err, queue.Bury(ctx, job))
	for _, id := range []string{"7", "a:b", "100%", "{x}", "*"} {
		errs = append(errs, shop.Take(Notes).Take(id).Write(ctx, id), shop.Take(Rooms).Take(id).Take[kv.JSONField[Order]]("config").Write(ctx, Order{Buyer: id}),
			shop.Take(Orders).Take(id).Write(ctx, Order{id, "code " + id}),
			kvtest.ErrorOf(shop.Take(Clubs).Take(id).Take[kv.SetField]("members").Add(ctx, "gus")), shop.Take(Clubs).Take(id).Take(Minutes).Take("1").Write(ctx, "we met"))
	}
	errs = append(errs, shop.Take(Days).Take(time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)).Write(ctx, 1), shop.Take(Hosts).Take(netip.MustParseAddr("::1")).Write(ctx, 1),
		kvtest.ErrorOf(shop.Take(Houses).Take(7).Take[kv.SetField]("members").Add(ctx, "hal")))
	Expect(errors.Join(errs...)).To(Succeed())
}

// audited is what an audit finds, as lines: kind, path and place.
func audited(ctx context.Context, node interface{ Path() string }, options ...kv.AuditOption) []string {
	GinkgoHelper()
	lines := []string{}
	for _, found := range findings(ctx, node, options...) {
		line := found.Kind.String() + " " + found.Path
		if found.At != "" {
			line += " at " + found.At
		}
		if found.Canonical != "" {
			line += " for " + found.Canonical
		}
		lines = append(lines, line)
	}
	return lines
}

// findings are those of an audit, each with an error of its own that names operation and path.
func findings(ctx context.Context, node interface{ Path() string }, options ...kv.AuditOption) []kv.Finding {
	GinkgoHelper()
	all := kvtest.Collect(kv.Audit(ctx, node, options...))
	for _, found := range all {
		Expect(found.Err).To(MatchError(HavePrefix("kv: Audit " + found.Path + ": ")))
		Expect(strings.Contains(found.String(), found.Path)).To(BeTrue())
	}
	return all
}

// raw executes commands past the library.
func raw(ctx context.Context, driver drivers.Driver, commands ...drivers.Command) {
	GinkgoHelper()
	for _, cmd := range commands {
		_, err := driver.Do(ctx, cmd)
		Expect(err).NotTo(HaveOccurred(), "%v", cmd)
	}
}

func set(key, value string) drivers.Command {
	return drivers.Command{Op: drivers.OpSet, Key: key, Value: value}
}

// exists reports whether there is a key.
func exists(ctx context.Context, driver drivers.Driver, key string) bool {
	GinkgoHelper()
	reply, err := driver.Do(ctx, drivers.Command{Op: drivers.OpExists, Key: key})
	Expect(err).NotTo(HaveOccurred())
	return reply.Int == 1
}
