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
