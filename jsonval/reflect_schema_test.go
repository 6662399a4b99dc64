package jsonval_test

import (
	"encoding/json"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/jsonval/schemas"
)

var _ = Describe("Schema", func() {
	It("is the same every time, and a copy", func() {
		schema := mustCodec[derived]().Schema()
		for range 20 {
			Expect(mustCodec[derived]().Schema()).To(Equal(schema))
		}
		codec := mustCodec[derived]()
		codec.Schema()[0] = 'x'
		Expect(codec.Schema()).To(Equal(schema))
	})

	It("says what is enforced to others, too", func() {
		schema := mustCodec[map[string]account](jsonval.Strict()).Schema()
		codec, err := jsonval.NewCodec[json.RawMessage](schemas.HandWritten(string(schema)))
		Expect(err).NotTo(HaveOccurred())
		_, err = codec.Decode(`{"a":{"name":"x","age":-1,"ratio":1,"tags":["t"]}}`)
		Expect(first(err)).To(Equal("/a/age minimum"))
		Expect(codec.Schema()).To(Equal(schema))
	})
})

var _ = Describe("options", func() {
	DescribeTable("that are errors", func(want string, opts ...jsonval.Option) {
		_, err := jsonval.NewCodec[any](opts...)
		Expect(err).To(MatchError(ContainSubstring(want)))
	},
		Entry(nil, "MaxSize is 0", jsonval.MaxSize(0)),
		Entry(nil, "MaxDepth is 0", jsonval.MaxDepth(0)),
		Entry(nil, "MaxDepth is 10001", jsonval.MaxDepth(10_001)),
		Entry(nil, "Strict does not apply", jsonval.Strict(), schemas.HandWritten(`{}`)),
		Entry(nil, "the schema is not JSON", schemas.HandWritten(``)),
		Entry(nil, "the schema is refused: /type: the object has two members of this name", schemas.HandWritten(`{"type":"string","type":"object"}`)),
		Entry(nil, "the schema is refused: /title: the escape at byte 10 is half a surrogate pair", schemas.HandWritten(`{"title":"\ud800"}`)),
		Entry(nil, "the schema is refused: /minimum: the number is longer", schemas.HandWritten(`{"minimum":1e999}`)),
		Entry(nil, "does not compile", schemas.HandWritten(`{"type":"text"}`)),
		Entry(nil, "does not compile", schemas.HandWritten(`{"pattern":"("}`)),
		Entry(nil, "does not compile", schemas.HandWritten(`1`)),
		Entry(nil, "references must stay inside", schemas.HandWritten(`{"$ref":"file:///etc/passwd"}`)),
		Entry(nil, "references must stay inside", schemas.HandWritten(`{"$ref":"http://example.com/x"}`)),
	)

	DescribeTable("WithSchema takes any draft", func(schema string) {
		codec := mustCodec[map[string]int](schemas.HandWritten(schema))
		_, err := codec.Decode(`{"a":1}`)
		Expect(err).NotTo(HaveOccurred())
		_, err = codec.Decode(`{"a":0}`)
		Expect(first(err)).To(Equal("/a exclusiveMinimum"))
	},
		Entry("4", `{"$schema":"http://json-schema.org/draft-04/schema#","additionalProperties":{"minimum":0,"exclusiveMinimum":true}}`),
		Entry("6", `{"$schema":"http://json-schema.org/draft-06/schema#","additionalProperties":{"exclusiveMinimum":0}}`),
		Entry("7", `{"$schema":"http://json-schema.org/draft-07/schema#","additionalProperties":{"exclusiveMinimum":0}}`),
		Entry("2019-09", `{"$schema":"https://json-schema.org/draft/2019-09/schema","additionalProperties":{"exclusiveMinimum":0}}`),
		Entry("2020-12", `{"$schema":"https://json-schema.org/draft/2020-12/schema","additionalProperties":{"exclusiveMinimum":0}}`),
		Entry("none", `{"additionalProperties":{"exclusiveMinimum":0}}`),
	)

	It("does not consult the tags of a type whose schema is hand-written", func() {
		type tagged struct {
			A int `json:"a" jsonschema:"minimun=1"`
		}
		codec := mustCodec[tagged](schemas.HandWritten(`{"properties":{"a":{"maximum":0}}}`))
		_, err := codec.Decode(`{"a":1}`)
		Expect(first(err)).To(Equal("/a maximum"))
		Expect(codec.Decode(`{}`)).To(Equal(tagged{}))
	})

	It("asserts formats of a hand-written schema", func() {
		_, err := mustCodec[string](schemas.HandWritten(`{"format":"uuid"}`)).Decode(`"x"`)
		Expect(first(err)).To(Equal(" format"))
	})

	DescribeTable("hand-written keywords that reflection does not use", func(schema, text, want string) {
		_, err := mustCodec[any](schemas.HandWritten(schema)).Decode(text)
		Expect(first(err)).To(Equal(want))
		Expect(err.Error()).NotTo(ContainSubstring("secret"))
	},
		Entry(nil, `{"not":{"type":"string"}}`, `"secret"`, " not"),
		Entry(nil, `{"const":1}`, `"secret"`, " const"),
		Entry(nil, `{"additionalProperties":{"propertyNames":{"maxLength":2}}}`, `{"a":{"long":1},"b":{}}`, " propertyNames"),
		Entry(nil, `{"contains":{"type":"string"}}`, `[1,2]`, " contains"),
		Entry(nil, `{"properties":{"a":false}}`, `{"a":"secret"}`, "/a schema"),
		Entry(nil, `{"dependentRequired":{"a":["b"]}}`, `{"a":"secret"}`, " dependentRequired"),
		Entry(nil, `{"oneOf":[{"type":"string"},{"minLength":1}]}`, `"secret"`, " oneOf"),
		Entry(nil, `{"anyOf":[{"minLength":9},{"pattern":"^x"}]}`, `"secret"`, " anyOf"),
		Entry(nil, `{"anyOf":[{"type":"array"},{"properties":{"a":{"maximum":1}},"type":"object"}]}`, `{"a":2}`, "/a maximum"),
		Entry(nil, `{"if":{"minLength":1},"then":{"maxLength":2}}`, `"secret"`, " maxLength"),
		Entry(nil, `{"unevaluatedProperties":false}`, `{"a":"secret"}`, "/a schema"),
	)

	It("reports what the hand-written schema lets pass and the Go type does not", func() {
		codec := mustCodec[account](schemas.HandWritten(`true`))
		_, err := codec.Decode(`{"tags":["a",5],"name":"secret"}`)
		Expect(violations(err)).To(HaveExactElements(
			jsonval.Violation{Pointer: "/tags/1", Keyword: "unmarshal", Message: "the number does not fit Go type string"},
		))
	})
})
