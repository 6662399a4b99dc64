package schemas_test

import (
	"fmt"
	"net/netip"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
)

// elementGrade marshals to text and is not read from it.
type elementGrade int

func (elementGrade) MarshalText() ([]byte, error) { return []byte("good"), nil }

// elementMoney has no field that anybody else can read.
type elementMoney struct{ cents int64 }

func (m elementMoney) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, `"%d"`, m.cents), nil }

type elementPurse struct {
	*kvtest.Coin
	Owner string
}

// elementLevel writes itself as text, which a string reads by itself.
type elementLevel string

func (l elementLevel) MarshalText() ([]byte, error) { return []byte(l), nil }

var _ = Describe("Elements", func() {
	DescribeTable("are mistakes of the schema where they would not be found again as keys",
		func(mistake error, says string) {
			Expect(mistake).To(MatchError(And(ContainSubstring("does not read back"), ContainSubstring(says))))
		},
		Entry("any", kvtest.Opening(kv.MapOf[any, int]()), "interface {}"),
		Entry("an array of any", kvtest.Opening(kv.MapOf[[2]any, int]()), "interface {}"),
		Entry("a struct with any in it", kvtest.Opening(kv.MapOf[struct{ A struct{ B any } }, int]()), "interface {}"),
		Entry("a pointer", kvtest.Opening(kv.MapOf[*kvtest.Coin, int]()), "*kvtest.Coin"),
		Entry("a pointer to what marshals to text", kvtest.Opening(kv.MapOf[*netip.Addr, int]()), "*netip.Addr"),
		Entry("a struct with a pointer in it", kvtest.Opening(kv.MapOf[struct{ A *int }, int]()), "*int"),
		Entry("another interface", kvtest.Opening(kv.MapOf[fmt.Stringer, int]()), "fmt.Stringer"),
	)
	It("are mistakes of the schema as keys of stores, too", func() {
		Expect(kvtest.Opening(kv.DynamicBy[any](kv.String()))).To(MatchError(ContainSubstring("keys of type interface {}")))
		Expect(kvtest.Opening(kv.DynamicBy[*netip.Addr](kv.String()))).To(MatchError(ContainSubstring("keys of type *netip.Addr")))
	})
	DescribeTable("are mistakes of the schema where they could be written and not read, and it is said what is missing",
		func(missing string, mistakes ...error) {
			for _, mistake := range mistakes {
				Expect(mistake).To(MatchError(ContainSubstring(missing)))
			}
		},
		Entry("a text that nobody reads", "has MarshalText and no UnmarshalText",
			kvtest.Opening(kv.SetOf[struct{ G elementGrade }]()), kvtest.Opening(kv.JSON[elementGrade]()), kvtest.Opening(kv.ListOf[map[elementGrade]int]())),
		Entry("a JSON that nobody reads", "has MarshalJSON and no UnmarshalJSON",
			kvtest.Opening(kv.SetOf[elementMoney]()), kvtest.Opening(kv.JSON[elementMoney]()), kvtest.Opening(kv.Map[[]elementMoney]()),
			kvtest.Opening(kv.Hash[struct{ Price elementMoney }]())),
		Entry("an interface", "nothing says of which type it is",
			kvtest.Opening(kv.SetOf[error]()), kvtest.Opening(kv.JSON[[]fmt.Stringer]()), kvtest.Opening(kv.Hash[struct{ Err error }]()), kvtest.Opening(kv.Map[fmt.Stringer]())),
		Entry("a method of an embedded pointer", "the UnmarshalJSON of schemas_test.elementPurse is that of the embedded *kvtest.Coin",
			kvtest.Opening(kv.SetOf[elementPurse]()), kvtest.Opening(kv.JSON[elementPurse]()), kvtest.Opening(kv.Hash[struct{ P elementPurse }]())),
		Entry("a field declared as text", "it has no UnmarshalText", kvtest.Opening(kv.Text[elementGrade]()), kvtest.Opening(kv.Text[elementLevel]())),
	)
})
