package dsl_test

import (
	"errors"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/dsl"
)

func chat() *dsl.Node {
	room := dsl.NewStatic("room").
		WithField("config", dsl.NewField(dsl.JSON).WithDetail("RoomConfig")).
		WithField("members", dsl.NewField(dsl.Set).WithTTL(time.Minute))
	return dsl.NewStatic("chat").
		WithField("motd", dsl.NewField(dsl.String)).
		WithField("rooms", dsl.NewDynamic(room).WithDetail("int")).
		WithField("votes", dsl.NewField(dsl.BitSet).WithBits(dsl.Bits{Width: 8, Overflow: "saturate"}))
}

var _ = Describe("A node", func() {
	It("never sees what is added to another branched from it", func() {
		trunk := dsl.NewStatic("trunk").WithField("shared", dsl.NewField(dsl.Set))
		left := trunk.WithField("left", dsl.NewField(dsl.Set))
		right := trunk.WithField("right", dsl.NewField(dsl.String))
		Expect(trunk.Fields()).To(HaveLen(1))
		Expect(left.Fields()[1].Name).To(Equal("left"))
		Expect(right.Fields()[1].Name).To(Equal("right"))

		wrong := trunk.WithMistake("one")
		Expect(dsl.Validate(dsl.Tree{Root: wrong.WithMistake("two")})).To(MatchError(ContainSubstring("two")))
		Expect(dsl.Validate(dsl.Tree{Root: wrong.WithMistake("three")})).NotTo(MatchError(ContainSubstring("two")))
		Expect(dsl.Validate(dsl.Tree{Root: trunk})).To(Succeed())
	})

	It("hands out copies of its fields", func() {
		node := chat()
		node.Fields()[0].Name = "scribble"
		Expect(node.Fields()[0].Name).To(Equal("motd"))
	})

	It("is visited parents first, with its declared path", func() {
		var paths []string
		dsl.Tree{Root: chat()}.Visit(func(_ *dsl.Node, path []dsl.Step) { paths = append(paths, dsl.Pattern(path)) })
		Expect(paths).To(Equal([]string{
			"chat", "chat:motd", "chat:rooms", "chat:rooms:*", "chat:rooms:*:config", "chat:rooms:*:members", "chat:votes",
		}))
	})

	It("is drawn as a tree", func() {
		Expect(chat().String()).To(Equal(`chat
├── motd             string
├── rooms            by int
│   └── *            (room)
│       ├── config   JSON RoomConfig
│       └── members  set for 1m0s
└── votes            bitset u8 saturate`))
		Expect(dsl.Tree{At: []string{"tenant", "4:2"}, Root: chat()}.String()).To(HavePrefix("tenant:4%3A2:chat\n"))
	})

	It("is drawn as a Mermaid flowchart", func() {
		Expect(dsl.NewStatic("shop").WithField(`a"<b>`, dsl.NewDynamic(dsl.NewField(dsl.Set))).Mermaid()).To(Equal(`flowchart LR
    n0(["shop"])
    n1(["a&quot;&lt;b&gt;"])
    n0 --> n1
    n2["*<br/>set"]
    n1 --> n2
`))
	})
})

var _ = Describe("Parse", func() {
	tree := dsl.Tree{At: []string{"tenant", "4:2"}, Root: chat()}

	It("leads from a key to the declared path and its dynamic segments", func() {
		found, err := tree.Parse("tenant:4%3A2:chat:rooms:a%2Ab:members")
		Expect(err).NotTo(HaveOccurred())
		Expect(found.Pattern).To(Equal("tenant:4%3A2:chat:rooms:*:members"))
		Expect(found.Segments).To(Equal([]string{"a*b"}))
		Expect(found.Node.Kind()).To(Equal(dsl.Set))
	})

	It("finds a root that is a field or a dynamic store", func() {
		field := dsl.Tree{At: []string{"motd"}, Root: dsl.NewField(dsl.String)}
		Expect(field.Parse("motd")).To(HaveField("Pattern", "motd"))
		store := dsl.Tree{At: []string{"logs"}, Root: dsl.NewDynamic(dsl.NewField(dsl.String))}
		Expect(store.Parse("logs:7")).To(HaveField("Pattern", "logs:*"))
	})

	DescribeTable("refuses keys no path leads to", func(key string, class error) {
		_, err := tree.Parse(key)
		Expect(err).To(MatchError(class))
	},
		Entry("of another root", "users:7", dsl.ErrUndeclared),
		Entry("of a root whose name only begins alike", "tenant:4%3A2:chatty:motd", dsl.ErrUndeclared),
		Entry("of a store itself", "tenant:4%3A2:chat:rooms:7", dsl.ErrUndeclared),
		Entry("of the root itself", "tenant:4%3A2:chat", dsl.ErrUndeclared),
		Entry("with an unknown name", "tenant:4%3A2:chat:topic", dsl.ErrUndeclared),
		Entry("below a field", "tenant:4%3A2:chat:motd:more", dsl.ErrUndeclared),
		Entry("with an empty segment", "tenant:4%3A2:chat:rooms::members", dsl.ErrBadKey),
		Entry("with a lower-case escape", "tenant:4%3A2:chat:rooms:a%2ab:members", dsl.ErrBadKey),
		Entry("with an escape that is not needed", "tenant:4%3A2:chat:rooms:%41:members", dsl.ErrBadKey),
		Entry("with a bare glob", "tenant:4%3A2:chat:rooms:*:members", dsl.ErrBadKey),
	)
})

var _ = Describe("Validate", func() {
	It("reports every mistake of a schema at once", func() {
		broken := dsl.NewStatic("").
			WithField("a:b", dsl.NewField(dsl.Set)).
			WithField("", dsl.NewField(dsl.Set)).
			WithField("twice", dsl.NewField(dsl.Set)).
			WithField("twice", dsl.NewField(dsl.String)).
			WithField("bits", dsl.NewField(dsl.BitSet).WithBits(dsl.Bits{Width: 64})).
			WithField("brief", dsl.NewField(dsl.String).WithTTL(-time.Second)).
			WithField("nothing", dsl.NewDynamic(dsl.NewField(dsl.Invalid))).
			WithField("typed", dsl.NewField(dsl.JSON).WithMistake("chan int has no JSON"))
		err := dsl.Validate(dsl.Tree{At: []string{"ok", ""}, Root: broken})

		var schema *dsl.SchemaError
		Expect(errors.As(err, &schema)).To(BeTrue())
		Expect(schema.Mistakes).To(ConsistOf(
			HaveField("Message", ContainSubstring(`segment ""`)),
			HaveField("Message", ContainSubstring("name of the root is empty")),
			HaveField("Message", ContainSubstring(`"a:b" would have to be escaped`)),
			HaveField("Message", ContainSubstring(`"" is empty`)),
			HaveField("Message", ContainSubstring("declared twice")),
			SatisfyAll(HaveField("Path", "ok:::bits"), HaveField("Message", ContainSubstring("slots of 64 bits"))),
			HaveField("Message", ContainSubstring("negative time to live")),
			SatisfyAll(HaveField("Path", "ok:::nothing:*"), HaveField("Message", ContainSubstring("no schema"))),
			HaveField("Message", Equal("chan int has no JSON")),
		))
		Expect(err.Error()).To(HavePrefix("schema: 9 mistakes\n\t"))
	})

	It("refuses a node that is nil, at its place", func() {
		nothing := dsl.NewStatic("place").WithField("field", nil).WithField("below", dsl.NewDynamic(nil))
		Expect(dsl.Validate(dsl.Tree{Root: nothing})).To(MatchError(And(
			ContainSubstring("\tplace:field: there is no schema"), ContainSubstring("\tplace:below:*: there is no schema"))))
		Expect(dsl.Validate(dsl.Tree{})).To(MatchError("schema: (root): there is no schema"))
		Expect(dsl.Tree{At: []string{"place"}}.String()).To(Equal("place  invalid"))
	})

	It("wants a place for a root without a name", func() {
		Expect(dsl.Validate(dsl.Tree{Root: dsl.NewField(dsl.Set)})).To(MatchError(ContainSubstring("needs segments in front")))
		Expect(dsl.Validate(dsl.Tree{At: []string{"tags"}, Root: dsl.NewField(dsl.Set)})).To(Succeed())
	})

	It("refuses a static name that a dynamic store beside it can reach", func() {
		stats := dsl.Tree{Root: dsl.NewStatic("users").WithField("count", dsl.NewField(dsl.String))}
		users := dsl.Tree{At: []string{"users"}, Root: dsl.NewDynamic(dsl.NewField(dsl.JSON))}
		Expect(dsl.Validate(stats)).To(Succeed())
		Expect(dsl.Validate(users)).To(Succeed())
		Expect(dsl.Validate(stats, users)).To(MatchError(SatisfyAll(ContainSubstring("users:count"), ContainSubstring("users:*"))))
	})

	It("lets schemas share a database that cannot meet", func() {
		users := dsl.Tree{At: []string{"users"}, Root: dsl.NewDynamic(dsl.NewField(dsl.JSON))}
		Expect(dsl.Validate(
			dsl.Tree{Root: dsl.NewStatic("users2").WithField("count", dsl.NewField(dsl.String))},
			dsl.Tree{Root: dsl.NewStatic("users").WithField("by", dsl.NewDynamic(dsl.NewField(dsl.Set)))},
			users,
		)).To(Succeed())
	})
})

// bank has a tagged store of accounts, and branches each with a tag of its own.
func bank() *dsl.Node {
	branch := dsl.NewStatic("branch").
		WithField("clerks", dsl.NewField(dsl.Set)).
		WithField("loans", dsl.NewDynamic(dsl.NewField(dsl.JSON)).WithIndex("amount", "due")).
		WithTag()
	return dsl.NewStatic("bank").
		WithField("accounts", dsl.NewDynamic(dsl.NewField(dsl.String)).WithTag().WithIndex()).
		WithField("branches", dsl.NewDynamic(branch))
}

var _ = Describe("A tag", func() {
	It("puts the segment in braces, wherever the path is shown", func() {
		var paths []string
		dsl.Tree{Root: bank()}.Visit(func(_ *dsl.Node, path []dsl.Step) { paths = append(paths, dsl.Pattern(path)) })
		Expect(paths).To(Equal([]string{
			"bank", "bank:{accounts}", "bank:{accounts}:*",
			"bank:branches", "bank:branches:{*}", "bank:branches:{*}:clerks", "bank:branches:{*}:loans", "bank:branches:{*}:loans:*",
		}))
		Expect(bank().String()).To(Equal(`bank
├── {accounts}      in one slot indexed by key
│   └── *           string
└── branches
    └── {*}         (branch) in one slot
        ├── clerks  set
        └── loans   indexed by key, amount, due
            └── *   JSON`))
		Expect(dsl.Tree{Root: bank()}.Mermaid()).To(And(ContainSubstring(`"{accounts}<br/>in one slot indexed by key"`), ContainSubstring(`"{*}<br/>`)))
	})

	It("of a root is on the last of the segments it is stored behind", func() {
		Expect(dsl.Tree{At: []string{"tenant", "4:2"}, Root: bank().WithTag()}.Key()).To(Equal("tenant:4%3A2:{bank}"))
		rooms := dsl.Tree{At: []string{"chat", "{rooms}"}, Root: dsl.NewDynamic(dsl.NewField(dsl.Set)).WithTag()}
		Expect(rooms.Key()).To(Equal("chat:{%7Brooms%7D}"))
		Expect(rooms.Pattern()).To(Equal("chat:{*}"))
		Expect(rooms.Parse("chat:{%7Brooms%7D}:7")).To(And(HaveField("Pattern", "chat:{%7Brooms%7D}:*"), HaveField("Segments", []string{"7"})))
	})

	DescribeTable("is taken off by Parse", func(key, pattern string, index bool, segments ...string) {
		found, err := dsl.Tree{Root: bank()}.Parse(key)
		Expect(err).NotTo(HaveOccurred())
		Expect(found.Pattern).To(Equal(pattern))
		Expect(found.Segments).To(HaveExactElements(segments))
		Expect(found.Index).To(Equal(index))
	},
		Entry("of a name", "bank:{accounts}:7", "bank:{accounts}:*", false, "7"),
		Entry("of an id", "bank:branches:{7}:clerks", "bank:branches:{*}:clerks", false, "7"),
		Entry("of an id that has braces itself", "bank:branches:{%7B7%7D}:loans:%7D", "bank:branches:{*}:loans:*", false, "{7}", "}"),
		Entry("above a registry", "%index:bank:{accounts}", "bank:{accounts}", true),
		Entry("above an index", "%index:bank:branches:{7}:loans::due", "bank:branches:{*}:loans", true, "7"),
	)

	DescribeTable("has to be where it is declared, and nowhere else", func(key string, class error) {
		_, err := dsl.Tree{Root: bank()}.Parse(key)
		Expect(err).To(MatchError(class))
	},
		Entry("on a name", "bank:accounts:7", dsl.ErrUndeclared),
		Entry("not on another name", "bank:{branches}:{7}:clerks", dsl.ErrUndeclared),
		Entry("not on the root", "{bank}:{accounts}:7", dsl.ErrUndeclared),
		Entry("on an id", "bank:branches:7:clerks", dsl.ErrBadKey),
		Entry("closed", "bank:branches:{7:clerks", dsl.ErrBadKey),
		Entry("opened", "bank:branches:7}:clerks", dsl.ErrBadKey),
		Entry("around something", "bank:branches:{}:clerks", dsl.ErrBadKey),
		Entry("once", "bank:branches:{{7}}:clerks", dsl.ErrBadKey),
		Entry("not on another id", "bank:{accounts}:{7}", dsl.ErrBadKey),
	)

	It("keeps apart what could be reached as the same key without it", func() {
		count := dsl.Tree{Root: dsl.NewStatic("rooms").WithField("count", dsl.NewField(dsl.String))}
		plain := dsl.Tree{At: []string{"rooms"}, Root: dsl.NewDynamic(dsl.NewField(dsl.Set))}
		tagged := dsl.Tree{At: []string{"rooms"}, Root: dsl.NewDynamic(dsl.NewStatic("room").WithField("x", dsl.NewField(dsl.Set)).WithTag())}
		deep := dsl.Tree{Root: dsl.NewStatic("rooms").WithField("7", dsl.NewStatic("").WithField("x", dsl.NewField(dsl.Set)))}
		Expect(dsl.Validate(count, plain)).NotTo(Succeed())
		Expect(dsl.Validate(tagged, deep)).To(Succeed())
	})

	It("is refused on a field, and below another", func() {
		Expect(dsl.Validate(dsl.Tree{Root: dsl.NewStatic("bank").WithField("motto", dsl.NewField(dsl.String).WithTag())})).
			To(MatchError("schema: bank:{motto}: a string cannot be colocated: it has nothing below it"))
		Expect(dsl.Validate(dsl.Tree{Root: bank().WithTag()})).To(MatchError(And(
			ContainSubstring("{bank}:{accounts}: everything below {bank} is colocated already"),
			ContainSubstring("{bank}:branches:{*}: everything below {bank} is colocated already"))))
		shared := dsl.NewDynamic(dsl.NewField(dsl.Set)).WithTag()
		Expect(dsl.Validate(dsl.Tree{Root: dsl.NewStatic("x").WithField("one", shared).WithField("other", shared)})).To(Succeed(), "side by side")
		Expect(dsl.Validate(dsl.Tree{At: []string{"x"}, Root: dsl.NewField(dsl.Set).WithTag()})).NotTo(Succeed())
	})
})

var _ = Describe("The index of a store", func() {
	It("is a copy, and that of a node alone", func() {
		names := []string{"amount"}
		plain := dsl.NewDynamic(dsl.NewField(dsl.JSON))
		indexed := plain.WithIndex(names...)
		names[0] = "scribble"
		Expect(plain.Index()).To(BeNil())
		Expect(indexed.Index().Names).To(Equal([]string{"amount"}))
		Expect(plain.WithIndex().Index().Names).To(BeEmpty())
	})

	It("lies where no key of the store can", func() {
		Expect(dsl.EscapeSegment(dsl.IndexSegment)).To(Equal("%25index"))
		_, err := dsl.UnescapeSegment(dsl.IndexSegment)
		Expect(err).To(MatchError(dsl.ErrBadKey))
	})

	DescribeTable("is not found by Parse", func(key string) {
		_, err := dsl.Tree{Root: bank()}.Parse(key)
		Expect(err).To(HaveOccurred())
	},
		Entry("if it is not declared", "%index:bank:branches:{7}:loans::color"),
		Entry("in a store without one", "%index:bank:branches"),
		Entry("of keys alone, under a name", "%index:bank:{accounts}::amount"),
		Entry("below an index", "%index:bank:branches:{7}:loans::due:more"),
	)

	DescribeTable("is refused", func(root *dsl.Node, message string) {
		Expect(dsl.Validate(dsl.Tree{At: []string{"at"}, Root: root})).To(MatchError(ContainSubstring(message)))
	},
		Entry("of a static store", dsl.NewStatic("s").WithField("x", dsl.NewField(dsl.Set)).WithIndex(), "a static store has no keys to index"),
		Entry("of a field", dsl.NewField(dsl.Set).WithIndex(), "a set has no keys to index"),
		Entry("under an empty name", dsl.NewDynamic(dsl.NewField(dsl.JSON)).WithIndex(""), `the index "" is empty`),
		Entry("under a name that would have to be escaped", dsl.NewDynamic(dsl.NewField(dsl.JSON)).WithIndex("a:b"), `the index "a:b" would have to be escaped`),
		Entry("under a name twice", dsl.NewDynamic(dsl.NewField(dsl.JSON)).WithIndex("a", "b", "a"), `the index "a" is declared twice`),
		Entry("above a dynamic store without one",
			dsl.NewDynamic(dsl.NewStatic("s").WithField("deep", dsl.NewStatic("").WithField("x", dsl.NewDynamic(dsl.NewField(dsl.Set))))).WithIndex(),
			"those of every dynamic store below it must be"),
		Entry("directly above a dynamic store without one", dsl.NewDynamic(dsl.NewDynamic(dsl.NewField(dsl.Set))).WithIndex(), "those of every dynamic store below it must be"),
		Entry("above nothing", dsl.NewDynamic(dsl.NewStatic("s").WithField("deep", dsl.NewStatic(""))).WithIndex(), "nothing lies below them"),
	)

	It("is declared above another, or alone below a store without one", func() {
		inner := dsl.NewDynamic(dsl.NewField(dsl.Set)).WithIndex()
		Expect(dsl.Validate(dsl.Tree{At: []string{"at"}, Root: dsl.NewDynamic(inner).WithIndex()})).To(Succeed())
		Expect(dsl.Validate(dsl.Tree{At: []string{"at"}, Root: dsl.NewDynamic(inner)})).To(Succeed())
	})
})
