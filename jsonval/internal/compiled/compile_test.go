package compiled_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval/internal/compiled"
	"github.com/kvstore-go/kvstore/jsonval/internal/tree"
)

func compile(schema string) (*compiled.Schema, error) {
	GinkgoHelper()
	parsed, err := tree.Schema([]byte(schema))
	Expect(err).NotTo(HaveOccurred())
	return compiled.Compile(parsed)
}

var _ = DescribeTable("A keyword that is not of its form is named, and where it stands:", func(schema string, messages ...string) {
	_, err := compile(schema)
	Expect(err).To(MatchError(HavePrefix("the schema does not compile: ")))
	for _, message := range messages {
		Expect(err).To(MatchError(ContainSubstring(message)))
	}
},
	Entry(nil, `1`, `is no schema`),
	Entry(nil, `{"properties":{"a/b":{"type":"text"}},"items":null}`, `/properties/a~1b/type: "text" is no type`, `/items: is no schema`),
	Entry(nil, `{"type":["null",1]}`, `/type/1: is no string`),
	Entry(nil, `{"type":[]}`, `/type: names no type`),
	Entry(nil, `{"minimum":"1"}`, `/minimum: is no number`),
	Entry(nil, `{"minLength":1.5}`, `/minLength: is no count`),
	Entry(nil, `{"maxItems":-1}`, `/maxItems: is no count`),
	Entry(nil, `{"multipleOf":0}`, `/multipleOf: is not more than zero`),
	Entry(nil, `{"uniqueItems":1}`, `/uniqueItems: is neither true nor false`),
	Entry(nil, `{"required":"a"}`, `/required: is no array`),
	Entry(nil, `{"properties":[]}`, `/properties: is no object`),
	Entry(nil, `{"anyOf":[]}`, `/anyOf: has no schemas`),
	Entry(nil, `{"pattern":"("}`, `/pattern: `),
	Entry(nil, `{"patternProperties":{"(?=a)":true}}`, `/patternProperties/(?=a): `),
	Entry(nil, `{"$ref":"#/nowhere"}`, `/$ref: "#/nowhere" leads nowhere`),
	Entry(nil, `{"prefixItems":[true],"$ref":"#/prefixItems/01"}`, `leads nowhere`),
	Entry(nil, `{"$ref":"other.json"}`, `/$ref: "other.json" is outside the schema`),
	Entry(nil, `{"$ref":"#name"}`, `is outside the schema, or a name`),
	Entry(nil, `{"not":{"unevaluatedProperties":false}}`, `/not/unevaluatedProperties: is known in schemas that are written by hand alone`),
	Entry(nil, `{"$id":"a"}`, `/$id: is known in schemas that are written by hand alone`),
)

var _ = Describe("A reference", func() {
	It("leads to the schema at a JSON pointer, which is compiled once, and may be around it", func() {
		s, err := compile(`{"$defs":{"a b":{"items":{"$ref":"#"}}},"properties":{"x":{"$ref":"#/$defs/a%20b"},"y":{"$ref":"#/$defs/a%20b"}}}`)
		Expect(err).NotTo(HaveOccurred())
		Expect(s.Properties["x"].Ref).To(BeIdenticalTo(s.Properties["y"].Ref))
		Expect(s.Properties["x"].Ref.Items.Ref).To(BeIdenticalTo(s))
		Expect(s.CyclicInPlace()).To(BeFalse())
	})

	It("leads in a circle where no value is gone into", func() {
		s, err := compile(`{"properties":{"a":{"$ref":"#/$defs/b"}},"$defs":{"b":{"allOf":[{"$ref":"#/$defs/b"}]}}}`)
		Expect(err).NotTo(HaveOccurred())
		Expect(s.CyclicInPlace()).To(BeTrue())
	})
})
