package jsonval_test

import (
	"math/big"
	"reflect"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
)

var _ = Describe("Members", func() {
	type base struct {
		ID   int8 `json:"id" jsonschema:"exclusiveMinimum=0,maximum=100"`
		Name string
	}
	type whole struct {
		*base
	}
	type exported struct {
		Base  base
		Whole int
	}
	It("are those of encoding/json, by the tags that are asked for", func() {
		members, err := jsonval.Members(reflect.TypeFor[exported](), "json")
		Expect(err).NotTo(HaveOccurred())
		Expect(members).To(HaveExactElements(HaveField("Name", "Base"), HaveField("Name", "Whole")))
		_, err = jsonval.Members(reflect.TypeFor[whole](), "other", "json")
		Expect(err).To(MatchError(ContainSubstring("cannot set an embedded pointer to an unexported struct")))
	})
	It("check values against their tags, and say what bounds these set", func() {
		type plain struct {
			base
			Label  string  `other:"called" json:"name,omitempty" jsonschema:"required,minLength=2"`
			Ratio  float64 `json:",omitzero" jsonschema:"minimum=0.5"`
			Half   float32 `json:"-," jsonschema:"multipleOf=0.5"` //nolint:staticcheck // it is the name
			Hidden int     `json:"-"`
			Free   *int
		}
		members, err := jsonval.Members(reflect.TypeFor[plain](), "other", "json")
		Expect(err).NotTo(HaveOccurred())
		byName := map[string]jsonval.Member{}
		for _, member := range members {
			byName[member.Name] = member
		}
		Expect(byName).To(And(HaveLen(6), HaveKey("id"), HaveKey("Name"), HaveKey("called"), HaveKey("Ratio"), HaveKey("-"), HaveKey("Free")))
		Expect(byName["id"].GoName).To(Equal("base.ID"))
		Expect(byName["id"].Index).To(Equal([]int{0, 0}))
		Expect(byName["called"]).To(And(HaveField("OmitEmpty", true), HaveField("Optional", true), HaveField("Required", true)))
		Expect(byName["Ratio"]).To(And(HaveField("OmitZero", true), HaveField("Required", false)))

		Expect(byName["id"].Check(reflect.ValueOf(int8(5)))).To(Succeed())
		Expect(first(byName["id"].Check(reflect.ValueOf(int8(0))))).To(Equal("/id exclusiveMinimum"))
		Expect(first(byName["called"].Check(reflect.ValueOf("a")))).To(Equal("/called minLength"))
		Expect(first(byName["called"].Check(reflect.Value{}))).To(Equal(" required"))
		Expect(byName["Ratio"].Check(reflect.Value{})).To(Succeed())
		Expect(byName["Free"].Check(reflect.ValueOf(3))).To(Succeed())

		least, most, alone := byName["id"].Bounds()
		Expect(least.Cmp(big.NewRat(1, 1))).To(BeZero())
		Expect(most.Cmp(big.NewRat(100, 1))).To(BeZero())
		Expect(alone).To(BeTrue())
		least, _, alone = byName["Ratio"].Bounds()
		Expect(least.Cmp(big.NewRat(1, 2))).To(BeZero())
		Expect(alone).To(BeTrue())
		_, _, alone = byName["-"].Bounds()
		Expect(alone).To(BeFalse())
		least, most, alone = byName["Free"].Bounds()
		Expect(least).To(BeNil())
		Expect(most).To(BeNil())
		Expect(alone).To(BeTrue())
	})
})
