package schemas_test

import (
	"context"
	"errors"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

type RoomView struct {
	Config  kv.JSONField[kvtest.RoomConfig] `kv:"config"`
	Members kv.SetField                     `kv:"members"`
	Local   int                             `kv:"-"`
}

func mistakes(err error) []string {
	GinkgoHelper()
	var schema *dsl.SchemaError
	Expect(errors.As(err, &schema)).To(BeTrue(), "%v", err)
	var messages []string
	for _, mistake := range schema.Mistakes {
		messages = append(messages, mistake.Path+": "+mistake.Message)
	}
	return messages
}

var _ = Describe("A schema", func() {
	It("compiles as the design card writes it", func(ctx context.Context) {
		card := kv.Static("foo").Field("bar", kv.Dynamic(kv.JSON[kvtest.Msg]())).Set("baz")
		foo, err := kv.Open(card, memory.New())
		Expect(err).NotTo(HaveOccurred())
		bar := foo.Take[kv.DynamicStore[kv.JSONField[kvtest.Msg]]]("bar")
		Expect(bar.Take("any").Write(ctx, kvtest.Msg{Message: "Hello"})).To(Succeed())
		Expect(foo.Take[kv.SetField]("baz").Add(ctx, "x")).To(Equal(1))
		Expect(foo.Keys(ctx)).To(Equal([]string{"bar", "baz"}))
	})

	It("never sees what is added to another branched from it", func() {
		trunk := kv.Static("trunk").Set("shared")
		left, right := trunk.Set("left"), trunk.String("right")
		names := func(s kv.StaticSchema) (names []string) {
			for _, field := range s.Tree().Root.Fields() {
				names = append(names, field.Name)
			}
			return names
		}
		Expect(names(trunk)).To(Equal([]string{"shared"}))
		Expect(names(left)).To(Equal([]string{"shared", "left"}))
		Expect(names(right)).To(Equal([]string{"shared", "right"}))
	})

	It("may stand at several places of a tree", func(ctx context.Context) {
		twice := kv.Static("twice").Field("a", kvtest.Room).Field("b", kvtest.Room)
		opened := kv.MustOpen(twice, memory.New())
		a, b := opened.Take[kv.StaticStore]("a"), opened.Take[kv.StaticStore]("b")
		Expect(a.Take(kvtest.Members).Add(ctx, "ann")).To(Equal(1))
		Expect(b.Take(kvtest.Members).Len(ctx)).To(Equal(0))
		Expect(b.Take(kvtest.Members).Path()).To(Equal("twice:b:members"))
	})

	It("reports all its mistakes together when it is opened", func() {
		broken := kv.Static("broken").
			String("a:b").
			Set("twice").String("twice").
			BitSet("bits", kv.Signed(0)).
			BitSet("word", "i08").
			BitSet("wide", kv.Unsigned(64)).
			BitSet("odd", kv.U8, kv.OverflowOption(7)).
			JSON[chan int]("channel").
			String("brief", kv.ExpireIn(0)).
			Field("keys", kv.DynamicBy[float64](kv.String())).
			Field("nothing", kv.Schema[kv.SetField](nil)).
			Field("deeper", kv.Dynamic[kv.SetField](nil))
		_, err := kv.Open(broken, memory.New())
		Expect(mistakes(err)).To(ConsistOf(
			ContainSubstring(`"a:b" would have to be escaped`),
			ContainSubstring(`"twice" is declared twice`),
			HavePrefix("broken:bits: slots of 0 bits: signed slots have 1 to 64, unsigned ones 1 to 63"),
			HavePrefix(`broken:word: "i08" is no width`),
			HavePrefix("broken:wide: slots of 64 bits"),
			HavePrefix("broken:odd: OverflowOption(7) is no way"),
			HavePrefix("broken:channel: "),
			HavePrefix("broken:brief: a time to live of 0s"),
			HavePrefix("broken:keys: keys of type float64"),
			HavePrefix("broken:nothing: there is no schema"),
			HavePrefix("broken:deeper:*: there is no schema"),
		))
	})

	It("names everything that does not fit a view", func() {
		type Wrong struct {
			Config  kv.SetField `kv:"config"`
			Surplus kv.SetField `kv:"surplus"`
			Untold  kv.SetField
			hidden  kv.SetField `kv:"hidden"` //nolint:unused // that is the mistake
		}
		_, err := kv.Open(kv.Dynamic(kvtest.Room.As[Wrong]()), memory.New(), kv.At("rooms"))
		Expect(mistakes(err)).To(ConsistOf(
			ContainSubstring(`Config is a kv.SetField, but "config" is a kv.JSONField`),
			ContainSubstring(`Surplus is "surplus", which the schema does not have`),
			ContainSubstring("Untold has no tag"),
			ContainSubstring("hidden is not exported"),
			ContainSubstring(`no field for "members"`),
		))
		_, err = kv.Open(kv.Dynamic(kvtest.Room.As[int]()), memory.New(), kv.At("rooms"))
		Expect(mistakes(err)).To(ConsistOf(ContainSubstring("must be a struct")))
	})

	It("may be seen through a view that is the store as well", func(ctx context.Context) {
		type Whole struct {
			kv.StaticStore
			Config  kv.JSONField[kvtest.RoomConfig] `kv:"config"`
			Members kv.SetField                     `kv:"members"`
		}
		rooms := kv.MustOpen(kv.Dynamic(kvtest.Room.As[Whole]()), memory.New(), kv.At("rooms"))
		room := rooms.Take("7")
		Expect(room.Members.Add(ctx, "ann")).To(Equal(1))
		Expect(room.Path()).To(Equal("rooms:7"))
		Expect(room.Keys(ctx)).To(Equal([]string{"members"}))
		Expect(room.Erase(ctx)).To(Equal(1))
		_, err := rooms.Take("").Keys(ctx)
		Expect(err).To(MatchError(kv.ErrBadKey))
		_, err = rooms.Take("").Members.Len(ctx)
		Expect(err).To(MatchError(kv.ErrBadKey))
	})

	It("may be seen through a view that has the operations on all of it, and no more names than are there", func(ctx context.Context) {
		type Whole struct {
			kv.Store
			Config  kv.JSONField[kvtest.RoomConfig] `kv:"config"`
			Members kv.SetField                     `kv:"members"`
		}
		rooms := kv.MustOpen(kv.Dynamic(kvtest.Room.As[Whole]()), memory.New(), kv.At("rooms"))
		room := rooms.Take("7")
		Expect(room.Members.Add(ctx, "ann")).To(Equal(1))
		Expect(room.Path()).To(Equal("rooms:7"))
		Expect(kv.AtomicResult(ctx, room, func(ctx context.Context, tx Whole) (int, error) { return tx.Erase(ctx) })).To(Equal(1))
		Expect(room.Count(ctx)).To(BeZero())
		_, err := rooms.Take("").Count(ctx)
		Expect(err).To(MatchError(kv.ErrBadKey))
	})

	It("has its handles called as programs write them", func() {
		type View struct {
			Rooms kv.CollectionStore[kvtest.Msg] `kv:"bar"`
		}
		_, err := kv.Open(kv.Static("foo").Field("bar", kv.Dynamic(kv.JSON[[]kvtest.Msg]())).As[View](), memory.New())
		Expect(mistakes(err)).To(ConsistOf(HaveSuffix(
			`the field Rooms is a kv.CollectionStore[kvtest.Msg], but "bar" is a kv.DynamicStore[kv.JSONField[[]kvtest.Msg]]`)))
	})

	It("refuses another schema in the same database that could own its keys", func() {
		_, err := kv.Open(kv.Static("rooms").String("count"), memory.New(), kv.Beside(kv.Dynamic(kv.String()), "rooms"))
		Expect(mistakes(err)).To(ConsistOf(ContainSubstring("rooms:*")))
	})

	It("leads from a stored key back to the declared path", func() {
		found, err := kvtest.Foo.Tree("tenant", "42").Parse("tenant:42:foo:rooms:a%3Ab:members")
		Expect(err).NotTo(HaveOccurred())
		Expect(found.Segments).To(Equal([]string{"a:b"}))
		Expect(found.Pattern).To(Equal("tenant:42:foo:rooms:*:members"))
	})
})

var _ = Describe("Open", func() {
	It("refuses to work without a driver or a schema", func() {
		_, err := kv.Open(kvtest.Foo, nil)
		Expect(err).To(MatchError(kv.ErrInvalid))
		Expect(err).To(MatchError(ContainSubstring("Open foo: ")))
		_, err = kv.Open(kvtest.Foo, (*memory.Driver)(nil))
		Expect(err).To(MatchError(kv.ErrInvalid))
		_, err = kv.Open(kv.Schema[kv.SetField](nil), memory.New())
		Expect(mistakes(err)).To(ConsistOf("(root): there is no schema"))
		Expect(func() { kv.MustOpen(kvtest.Foo, nil) }).To(Panic())
	})

	It("wants a place for a root without a name", func() {
		_, err := kv.Open(kv.Dynamic(kv.String()), memory.New())
		Expect(mistakes(err)).To(ConsistOf(ContainSubstring("needs segments in front")))
		rooms := kv.MustOpen(kv.Dynamic(kvtest.Room.As[RoomView]()), memory.New(), kv.At("rooms"))
		Expect(rooms.Take("7").Config.Path()).To(Equal("rooms:7:config"))
		Expect(kv.MustOpen(kv.Set(), memory.New(), kv.At("tags")).Path()).To(Equal("tags"))
	})

	It("puts a namespace in front, escaped like any id", func() {
		foo := kv.MustOpen(kvtest.Foo, memory.New(), kv.At("tenant", "4:2"))
		Expect(foo.Path()).To(Equal("tenant:4%3A2:foo"))
		Expect(foo.Take(kvtest.Baz).Path()).To(Equal("tenant:4%3A2:foo:baz"))
		_, err := kv.Open(kvtest.Foo, memory.New(), kv.At(""))
		Expect(err).To(HaveOccurred())
	})

	It("names commands by the schema's path alone", func(ctx context.Context) {
		var seen []string
		spy := func(ctx context.Context, b *drivers.Batch, next drivers.Next) error {
			for _, item := range b.Items {
				seen = append(seen, item.Command.Pattern)
			}
			return next(ctx, b)
		}
		foo := kv.MustOpen(kvtest.Foo, drivers.Use(memory.New(), spy), kv.At("tenant", "42"))
		_ = foo.Take(kvtest.Rooms).Take("7").Take(kvtest.Members).Path()
		_, _ = foo.Take(kvtest.Rooms).Take("7").Take(kvtest.Members).Len(ctx)
		_, _ = foo.Take(kvtest.Rooms).Len(ctx)
		_, _ = foo.Take(kvtest.Baz).TTL(ctx)
		rooms := kv.MustOpen(kv.Dynamic(kvtest.Room.As[RoomView]()), drivers.Use(memory.New(), spy), kv.At("tenant", "42"))
		_, _ = rooms.Take("7").Members.Len(ctx)
		Expect(seen).To(Equal([]string{"foo:rooms:*:members", "foo:rooms", "foo:baz", "tenant:*:*:members"}))
	})
})

var _ = Describe("Take", func() {
	var foo kv.StaticStore
	BeforeEach(func() { foo = kv.MustOpen(kvtest.Foo, memory.New()) })

	It("gives handles that know their key", func() {
		Expect(foo.Path()).To(Equal("foo"))
		Expect(foo.Take(kvtest.Baz).Path()).To(Equal("foo:baz"))
		Expect(foo.Take(kvtest.Bar).Path()).To(Equal("foo:bar"))
		Expect(foo.Take(kvtest.Bar).Take("any").Path()).To(Equal("foo:bar:any"))
		Expect(foo.Take(kvtest.Rooms).Take("4:2").Path()).To(Equal("foo:rooms:4%3A2"))
		Expect(foo.Take(kvtest.Rooms).Take("4:2").Take(kvtest.Config).Path()).To(Equal("foo:rooms:4%3A2:config"))
	})

	It("cannot leave its store, whatever the id", func() {
		for _, id := range []string{"a:b", "../x", "*", "{x}", "members", "config", "%3A", "a\x00b", "\n"} {
			path := foo.Take(kvtest.Rooms).Take(id).Take(kvtest.Members).Path()
			found, err := kvtest.Foo.Tree().Parse(path)
			Expect(err).NotTo(HaveOccurred())
			Expect(found.Segments).To(Equal([]string{id}))
			Expect(found.Pattern).To(Equal("foo:rooms:*:members"))
		}
	})

	It("lets every operation return what went wrong", func(ctx context.Context) {
		unknown := foo.Take[kv.SetField]("nope")
		_, err := unknown.Add(ctx, "x")
		Expect(err).To(MatchError(kv.ErrUndeclared))
		Expect(err).To(MatchError("kv: Take foo:nope: not declared in the schema"))
		_, err = unknown.Add(ctx)
		Expect(err).To(MatchError(kv.ErrUndeclared))
		_, err = unknown.Union(ctx)
		Expect(err).To(MatchError(kv.ErrUndeclared))
		_, err = foo.Take(kvtest.Baz).Union(ctx, unknown)
		Expect(err).To(MatchError(kv.ErrUndeclared))

		mistaken := foo.Take[kv.StringField]("baz")
		Expect(mistaken.Write(ctx, "x")).To(MatchError(kv.ErrTypeMismatch))
		_, err = mistaken.Read(ctx)
		Expect(err).To(MatchError("kv: Take foo:baz: declared as another type: kv.SetField, not kv.StringField"))

		nowhere := foo.Take[kv.StaticStore]("nope").Take[kv.DynamicStore[kv.JSONField[kvtest.Msg]]]("deeper").Take("7")
		Expect(nowhere.Write(ctx, kvtest.Msg{})).To(MatchError(kv.ErrUndeclared))
		_, err = nowhere.Upsert(ctx, func(*kvtest.Msg) error { return nil })
		Expect(err).To(MatchError(kv.ErrUndeclared))
		_, err = nowhere.Swap(ctx, kvtest.Msg{})
		Expect(err).To(MatchError(kv.ErrUndeclared))

		store := foo.Take[kv.DynamicStore[kv.SetField]]("nope")
		_, err = store.Len(ctx)
		Expect(err).To(MatchError(kv.ErrUndeclared))
		_, err = store.Erase(ctx)
		Expect(err).To(MatchError(kv.ErrUndeclared))
		_, err = foo.Take[kv.StaticStore]("nope").Keys(ctx)
		Expect(err).To(MatchError(kv.ErrUndeclared))
	})

	It("gives a view whose handles carry the error", func(ctx context.Context) {
		rooms := kv.MustOpen(kv.Dynamic(kvtest.Room.As[RoomView]()), memory.New(), kv.At("rooms"))
		_, err := rooms.Take("").Config.Read(ctx)
		Expect(err).To(MatchError(kv.ErrBadKey))
		_, err = rooms.Take("").Members.Len(ctx)
		Expect(err).To(MatchError(kv.ErrBadKey))
	})

	DescribeTable("refuses a key", func(ctx context.Context, key string) {
		Expect(foo.Take(kvtest.Bar).Take(key).Write(ctx, []kvtest.Msg{{Message: "x"}})).To(MatchError(kv.ErrBadKey))
		_, err := foo.Take(kvtest.Rooms).Take(key).Take(kvtest.Members).Add(ctx, "x")
		Expect(err).To(MatchError(kv.ErrBadKey))
		var failure *kv.Error
		Expect(errors.As(err, &failure)).To(BeTrue())
		Expect(*failure).To(SatisfyAll(HaveField("Op", "Take"), HaveField("Path", "foo:rooms:*")))
		Expect(foo.Keys(ctx)).To(BeEmpty())
	},
		Entry("that is empty", ""),
		Entry("that is not UTF-8", "\xff"),
		Entry("that is 1 MB long", string(make([]byte, 1<<20))),
	)

	It("does not panic on handles that were never taken", func(ctx context.Context) {
		var none struct {
			text     kv.StringField
			document kv.JSONField[kvtest.Msg]
			set      kv.SetField
			bits     kv.BitSetField
			static   kv.StaticStore
			dynamic  kv.DynamicStore[kv.SetField]
		}
		failures := []error{
			kvtest.ErrorOf(none.text.Read(ctx)), kvtest.ErrorOf(none.text.Append(ctx, "x")), none.text.Write(ctx, "x"),
			kvtest.ErrorOf(none.text.Swap(ctx, "x")), kvtest.ErrorOf(none.text.Update(ctx, nil)),
			kvtest.ErrorOf(none.document.Read(ctx)), none.document.Write(ctx, kvtest.Msg{}), kvtest.ErrorOf(none.document.Swap(ctx, kvtest.Msg{})),
			kvtest.ErrorOf(none.set.Add(ctx)), kvtest.ErrorOf(none.set.Pop(ctx, 1)), kvtest.ErrorOf(none.set.Move(ctx, none.set, "x")),
			kvtest.ErrorOf(none.bits.Sum(ctx, 0, 1)), none.bits.Put(ctx, 0, 1),
			kvtest.ErrorOf(none.static.Keys(ctx)), kvtest.ErrorOf(none.static.Erase(ctx)), kvtest.ErrorOf(none.static.Take(kvtest.Baz).Len(ctx)),
			kvtest.ErrorOf(none.dynamic.Len(ctx)), kvtest.ErrorOf(none.dynamic.Take("x").Len(ctx)),
		}
		for _, err := range failures {
			Expect(err).To(MatchError(kv.ErrUndeclared))
		}
		Expect(none.static.Path() + none.dynamic.Path() + none.text.Path()).To(BeEmpty())
	})
})

var _ = Describe("Typed keys", func() {
	type ID int64
	type Name string
	It("have one text, and come back as what they were", func(ctx context.Context) {
		driver := memory.New()
		byID := kv.MustOpen(kv.DynamicBy[ID](kv.String()), driver, kv.At("ids"))
		byName := kv.MustOpen(kv.DynamicBy[Name](kv.String()), driver, kv.At("names"))
		byTime := kv.MustOpen(kv.DynamicBy[time.Time](kv.String()), driver, kv.At("times"))
		byByte := kv.MustOpen(kv.DynamicBy[uint8](kv.String()), driver, kv.At("bytes"))

		noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
		Expect(byID.Take(-7).Path()).To(Equal("ids:-7"))
		Expect(byName.Take("a b").Path()).To(Equal("names:a b"))
		Expect(byTime.Take(noon).Path()).To(Equal("times:2026-01-01T12%3A00%3A00Z"))
		Expect(byID.Take(-7).Write(ctx, "x")).To(Succeed())
		Expect(byName.Take("a b").Write(ctx, "x")).To(Succeed())
		Expect(byTime.Take(noon).Write(ctx, "x")).To(Succeed())
		Expect(byByte.Take(200).Write(ctx, "x")).To(Succeed())
		for id, err := range byID.Keys(ctx) {
			Expect(id, err).To(Equal(ID(-7)))
		}
		for name, err := range byName.Keys(ctx) {
			Expect(name, err).To(Equal(Name("a b")))
		}
		for moment, err := range byTime.Keys(ctx) {
			Expect(moment, err).To(BeTemporally("==", noon))
		}
		for number, err := range byByte.Keys(ctx) {
			Expect(number, err).To(Equal(uint8(200)))
		}
	})

	It("report stored keys that are none of theirs without ending the loop", func(ctx context.Context) {
		driver := memory.New()
		anything := kv.MustOpen(kv.Dynamic(kv.String()), driver, kv.At("ids"))
		for _, key := range []string{"7", "07", "+7", "seven", "300"} {
			Expect(anything.Take(key).Write(ctx, "x")).To(Succeed())
		}
		byByte := kv.MustOpen(kv.DynamicBy[uint8](kv.String()), driver, kv.At("ids"))
		good, bad := 0, 0
		for _, err := range byByte.Keys(ctx) {
			if err == nil {
				good++
				continue
			}
			Expect(err).To(MatchError(kv.ErrBadKey))
			bad++
		}
		Expect([]int{good, bad}).To(Equal([]int{1, 4}))
		Expect(byByte.Len(ctx)).To(Equal(1))
	})
})
