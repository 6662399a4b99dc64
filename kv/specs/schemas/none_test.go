package schemas_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/drivers/memory"
	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// none opens schemas with a part that is no schema, in all places where one can be.
func none[H any](schema kv.Schema[H]) func() []error {
	return func() []error {
		return []error{
			kvtest.Opening(schema), kvtest.Opening(kv.AllNear(schema)), kvtest.Opening(kv.Colocated(schema)),
			kvtest.Opening(kv.Dynamic(schema)), kvtest.Opening(kv.Dynamic(kv.Static("place").Field("field", schema))),
		}
	}
}

var _ = Describe("A schema that is nil, or a zero value", func() {
	DescribeTable("is a mistake that Open reports, with its place", func(open func() []error) {
		var found []string
		for _, err := range open() {
			found = append(found, mistakes(err)...)
		}
		Expect(found).To(Equal([]string{
			"opened: there is no schema", "opened: there is no schema", "{opened}: there is no schema",
			"opened:*: there is no schema", "opened:*:field: there is no schema",
		}))
	},
		Entry("nil", none[kv.SetField](nil)),
		Entry("a nil pointer", none[kv.StaticStore]((*kv.StaticSchema)(nil))),
		Entry("a StaticSchema", none[kv.StaticStore](kv.StaticSchema{})),
	)

	It("is one where its keys are indexed, or its documents", func() {
		Expect(kvtest.Opening(kv.IndexKeys(kv.Dynamic[kv.SetField](nil)))).To(MatchError(HaveSuffix("schema: opened:*: there is no schema")))
		Expect(kvtest.Opening(kv.IndexKeys[string, kv.SetField](nil))).To(MatchError(HaveSuffix("schema: opened: there is no schema")))
		Expect(kvtest.Opening(kv.Collection[kvtest.Msg](nil))).To(MatchError(HaveSuffix("schema: opened:*: there is no schema")))
	})

	It("is one beside another schema", func() {
		_, err := kv.Open(kvtest.Foo, memory.New(), kv.Beside[kv.SetField](nil), kv.Beside(kv.StaticSchema{}, "tags"))
		Expect(mistakes(err)).To(ConsistOf("(root): there is no schema beside it", "tags: there is no schema beside it"))
	})

	It("is one in a view", func() {
		type view struct {
			Tags kv.DynamicStore[kv.SetField] `kv:"tags"`
		}
		_, err := kv.Open(kv.Static("place").Field("tags", kv.Schema[kv.DynamicStore[kv.SetField]](nil)).As[view](), memory.New())
		Expect(err).To(MatchError(HaveSuffix("schema: place:tags: there is no schema")))
		_, err = kv.Open(kv.StaticSchema{}.As[view](), memory.New())
		Expect(mistakes(err)).To(ContainElement(ContainSubstring("begins with kv.Static")))
	})

	It("is one, too, where fields are added to it", func() {
		var room kv.StaticSchema
		room = room.String("note").Set("tags").Field("rooms", kv.Dynamic(kv.String()))
		Expect(kvtest.Opening(kv.Dynamic(room))).To(MatchError(HaveSuffix("schema: opened:*: a zero StaticSchema, to which fields were added: it begins with kv.Static")))
		Expect(kvtest.ErrorOf(kv.Open(room, memory.New()))).To(MatchError(ContainSubstring("a zero StaticSchema")))
	})

	It("is drawn as what it is", func() {
		Expect(kv.StaticSchema{}.Tree("place").String()).To(Equal("place  invalid"))
		Expect(kv.Static("place").Field("tags", kv.Schema[kv.SetField](nil)).Tree().Mermaid()).To(ContainSubstring("tags<br/>invalid"))
	})
})

var _ = Describe("A bound that is a zero value", func() {
	It("is a mistake of the schema", func() {
		_, err := kv.Open(kv.Static("place").Int("n", kv.Bound{}).Map[int]("m", kv.AtLeast(1), kv.Bound{}), memory.New())
		Expect(mistakes(err)).To(ConsistOf(
			"place:n: a Bound that neither AtLeast nor AtMost has made", "place:m: a Bound that neither AtLeast nor AtMost has made"))
	})
})

var _ = Describe("An import of undeclared keys", func() {
	It("from nothing is refused", func(ctx context.Context) {
		Expect(kvtest.ErrorOf(kv.ImportUndeclared(ctx, memory.New(), nil))).To(
			MatchError("kv: ImportUndeclared (no path): invalid value: the reader is nil"))
	})
})
