// Package golden pins what is stored: the keys, types and texts of every kind of value, and
// the format of an export. A change of either is one that data out there does not follow.
package golden_test

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv"
)

type (
	document struct {
		Title string `json:"title"`
		Pages int    `json:"pages"`
	}
	person struct { // of one field: they come in no order
		Age int `json:"age"`
	}
	color string
)

const (
	byTitle kv.IndexKey[string] = "title"
	byPages kv.IndexKey[int]    = "pages"

	byTitleAndPages kv.CompoundKey[string, int] = "title-pages"
)

func titleOf(d document) []string { return []string{d.Title} }
func pagesOf(d document) []int    { return []int{d.Pages} }

// schema has a field of every kind, and stores of every way to lie.
var schema = kv.Static("all").
	String("string").
	JSON[document]("json").
	Set("set").
	BitSet("bitset", kv.I16).
	Bytes("bytes").
	Int("int").
	Float("float").
	Bool("bool").
	Time("time").
	Duration("duration").
	Enum[color]("enum", []color{"red", "green"}).
	Text[netip.Addr]("text").
	List("list").
	SortedSet("sortedset").
	Hash[person]("hash").
	Map[int64]("map").
	Bitmap("bitmap").
	HyperLogLog("hyperloglog").
	Geo("geo").
	Stream[string]("stream").
	Topic[string]("topic").
	Lock("lock", time.Minute).
	Limiter("limiter", kv.Per(1, time.Second).Burst(5)).
	Queue[document]("queue").
	Field("dynamic", kv.Dynamic(kv.String())).
	Field("numbers", kv.DynamicBy[int](kv.String())).
	Field("registered", kv.IndexKeys(kv.Dynamic(kv.String()))).
	Field("collection", kv.Colocated(kv.Collection(kv.JSON[document](),
		kv.Unique(byTitle, titleOf),
		kv.Index(byPages, pagesOf),
		kv.Compound(byTitleAndPages, titleOf, pagesOf)))).
	Field("rooms", kv.Dynamic(kv.Colocated(kv.Static("room").String("note"))))

type everything struct {
	kv.StaticStore
	String      kv.StringField                     `kv:"string"`
	JSON        kv.JSONField[document]             `kv:"json"`
	Set         kv.SetField                        `kv:"set"`
	BitSet      kv.BitSetField                     `kv:"bitset"`
	Bytes       kv.BytesField                      `kv:"bytes"`
	Int         kv.IntField                        `kv:"int"`
	Float       kv.FloatField                      `kv:"float"`
	Bool        kv.BoolField                       `kv:"bool"`
	Time        kv.TimeField                       `kv:"time"`
	Duration    kv.DurationField                   `kv:"duration"`
	Enum        kv.EnumField[color]                `kv:"enum"`
	Text        kv.TextField[netip.Addr]           `kv:"text"`
	List        kv.ListField                       `kv:"list"`
	SortedSet   kv.SortedSetField                  `kv:"sortedset"`
	Hash        kv.HashField[person]               `kv:"hash"`
	Map         kv.MapField[string, int64]         `kv:"map"`
	Bitmap      kv.BitmapField                     `kv:"bitmap"`
	HyperLogLog kv.HyperLogLogField                `kv:"hyperloglog"`
	Geo         kv.GeoField                        `kv:"geo"`
	Stream      kv.StreamField[string]             `kv:"stream"`
	Topic       kv.TopicField[string]              `kv:"topic"`
	Lock        kv.LockField                       `kv:"lock"`
	Limiter     kv.LimiterField                    `kv:"limiter"`
	Queue       kv.QueueField[document]            `kv:"queue"`
	Dynamic     kv.DynamicStore[kv.StringField]    `kv:"dynamic"`
	Numbers     kv.KeyedStore[int, kv.StringField] `kv:"numbers"`
	Registered  kv.DynamicStore[kv.StringField]    `kv:"registered"`
	Collection  kv.CollectionStore[document]       `kv:"collection"`
	Rooms       kv.DynamicStore[kv.StaticStore]    `kv:"rooms"`
}

func open(driver drivers.Driver) everything { return kv.MustOpen(schema.As[everything](), driver) }

// escaped is every character that is written as another in a key.
var escaped = func() string {
	var all strings.Builder
	for c := range rune(0x80) {
		if text, err := dsl.EscapeSegment(string(c)); err == nil && text != string(c) {
			all.WriteRune(c)
		}
	}
	return all.String()
}()

// writing is the first write of a handle.
type writing struct {
	kind dsl.Kind
	says string
	does func(context.Context, everything) error
}

// counted is the error of a write that returns something else, too.
func counted[T any](_ T, err error) error { return err }

// writings has one for every kind of field, and one for every kind of store.
var writings = []writing{
	{dsl.String, `Write "hello", for an hour`, func(ctx context.Context, all everything) error {
		return all.String.Write(ctx, "hello", kv.ExpireIn(time.Hour))
	}},
	{dsl.JSON, `Write {Rope 7}`, func(ctx context.Context, all everything) error {
		return all.JSON.Write(ctx, document{"Rope", 7})
	}},
	{dsl.Set, `Add "red"`, func(ctx context.Context, all everything) error { return counted(all.Set.Add(ctx, "red")) }},
	{dsl.BitSet, `Put 3, -2`, func(ctx context.Context, all everything) error { return all.BitSet.Put(ctx, 3, -2) }},
	{dsl.Bytes, `Write ff 00`, func(ctx context.Context, all everything) error { return all.Bytes.Write(ctx, []byte{0xff, 0}) }},
	{dsl.Int, `Write -12`, func(ctx context.Context, all everything) error { return all.Int.Write(ctx, -12) }},
	{dsl.Float, `Write 1e21`, func(ctx context.Context, all everything) error { return all.Float.Write(ctx, 1e21) }},
	{dsl.Bool, `Write true`, func(ctx context.Context, all everything) error { return all.Bool.Write(ctx, true) }},
	{dsl.Time, `Write 2026-03-01 12:00 +01:00`, func(ctx context.Context, all everything) error {
		return all.Time.Write(ctx, time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600)))
	}},
	{dsl.Duration, `Write 90 s`, func(ctx context.Context, all everything) error { return all.Duration.Write(ctx, 90*time.Second) }},
	{dsl.Enum, `Write red`, func(ctx context.Context, all everything) error { return all.Enum.Write(ctx, "red") }},
	{dsl.Text, `Write 127.0.0.1`, func(ctx context.Context, all everything) error {
		return all.Text.Write(ctx, netip.MustParseAddr("127.0.0.1"))
	}},
	{dsl.List, `PushRight "a", "b"`, func(ctx context.Context, all everything) error {
		return counted(all.List.PushRight(ctx, "a", "b"))
	}},
	{dsl.SortedSet, `Add "ann", 1.5`, func(ctx context.Context, all everything) error {
		return counted(all.SortedSet.Add(ctx, kv.Scored[string]{Member: "ann", Score: 1.5}))
	}},
	{dsl.Hash, `Write {33}`, func(ctx context.Context, all everything) error {
		return all.Hash.Write(ctx, person{33})
	}},
	{dsl.Map, `Put "tea", 3`, func(ctx context.Context, all everything) error { return all.Map.Put(ctx, "tea", 3) }},
	{dsl.Bitmap, `Put 9, true`, func(ctx context.Context, all everything) error { return counted(all.Bitmap.Put(ctx, 9, true)) }},
	{dsl.HyperLogLog, `Add "ann"`, func(ctx context.Context, all everything) error {
		return counted(all.HyperLogLog.Add(ctx, "ann"))
	}},
	{dsl.Geo, `Add Palermo`, func(ctx context.Context, all everything) error {
		return counted(all.Geo.Add(ctx, kv.Located[string]{Member: "Palermo", Position: kv.Position{Longitude: 13.361389, Latitude: 38.115556}}))
	}},
	{dsl.Stream, `Append "opened"`, func(ctx context.Context, all everything) error {
		return counted(all.Stream.Append(ctx, "opened"))
	}},
	{dsl.Topic, `Publish "hello"`, func(ctx context.Context, all everything) error {
		return counted(all.Topic.Publish(ctx, "hello"))
	}},
	{dsl.Lock, `TryAcquire`, func(ctx context.Context, all everything) error { return counted(all.Lock.TryAcquire(ctx)) }},
	{dsl.Limiter, `Allow`, func(ctx context.Context, all everything) error { return counted(all.Limiter.Allow(ctx)) }},
	{dsl.Queue, `Add {Rope 7} as "a:b", due 2026-03-01 12:00 UTC`, func(ctx context.Context, all everything) error {
		return counted(all.Queue.Add(ctx, document{"Rope", 7}, kv.JobID("a:b"), kv.DueAt(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))))
	}},

	{dsl.Dynamic, `an id of all that is escaped: Write "x"`, func(ctx context.Context, all everything) error {
		return all.Dynamic.Take(escaped).Write(ctx, "x")
	}},
	{dsl.Dynamic, `the id "a:b c é": Write "x"`, func(ctx context.Context, all everything) error {
		return all.Dynamic.Take("a:b c é").Write(ctx, "x")
	}},
	{dsl.Dynamic, `the number -7: Write "x"`, func(ctx context.Context, all everything) error {
		return all.Numbers.Take(-7).Write(ctx, "x")
	}},
	{dsl.Dynamic, `with a registry: Write "x"`, func(ctx context.Context, all everything) error {
		return all.Registered.Take("a:b").Write(ctx, "x")
	}},
	{dsl.Dynamic, `a collection with indexes: Write {Rope 7}`, func(ctx context.Context, all everything) error {
		return all.Collection.Take("a:b").Write(ctx, document{"Rope", 7})
	}},
	{dsl.Static, `in a slot of its own: Write "x"`, func(ctx context.Context, all everything) error {
		return all.Rooms.Take("{7}").Take[kv.StringField]("note").Write(ctx, "x")
	}},
}
