package jsonval_test

import (
	"encoding/json"
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/jsonval/schemas"
)

// comparing compares schemas of 2020-12.
func comparing(older, newer string) schemas.Comparison {
	GinkgoHelper()
	comparison, err := schemas.Compare(jsonval.Form{Schema: json.RawMessage(older)}, jsonval.Form{Schema: json.RawMessage(newer)})
	Expect(err).NotTo(HaveOccurred())
	return comparison
}

const (
	accepted = schemas.Accepted
	declared = schemas.AcceptedDeclared
	refused  = schemas.Refused
	unknown  = schemas.CannotTell
)

var _ = Describe("Comparing schemas", func() {
	DescribeTable("tells whether a newer one accepts what an older one does", func(older, newer string, verdict schemas.Verdict, differences ...string) {
		comparison := comparing(older, newer)
		Expect(comparison.Verdict).To(Equal(verdict), "%s: %v", comparison.Example, comparison.Differences)
		var found []string
		for _, difference := range comparison.Differences {
			found = append(found, difference.Pointer+" "+difference.Keyword)
		}
		Expect(found).To(ConsistOf(differences))
		if verdict != refused {
			Expect(comparison.Example).To(BeNil())
			return
		}
		Expect(json.Valid(comparison.Example)).To(BeTrue())
		Expect(decodes(older, comparison.Example)).To(Succeed(), "%s", comparison.Example)
		Expect(decodes(newer, comparison.Example)).NotTo(Succeed(), "%s", comparison.Example)
	},
		// Types.
		Entry(nil, `{"type":"string"}`, `{"type":"string"}`, accepted),
		Entry(nil, `{"type":"integer"}`, `{"type":"number"}`, accepted),
		Entry(nil, `{"type":"number"}`, `{"type":"integer"}`, refused, " type"),
		Entry(nil, `{"type":"string"}`, `{"type":["string","null"]}`, accepted),
		Entry(nil, `{"type":["string","null"]}`, `{"type":"string"}`, refused, " type"),
		Entry(nil, `{}`, `{"type":"object"}`, refused, " type"),
		Entry(nil, `{"type":"object"}`, `{}`, accepted),
		Entry(nil, `false`, `{"type":"object"}`, accepted),
		Entry(nil, `{"type":"object"}`, `false`, refused, " false"),
		Entry(nil, `{"title":"a"}`, `{"title":"b","description":"c","default":1}`, accepted),

		// Values.
		Entry(nil, `{"enum":["a","b"]}`, `{"enum":["b","a","c"]}`, accepted),
		Entry(nil, `{"enum":["a","b"]}`, `{"enum":["a"]}`, refused, " enum"),
		Entry(nil, `{"const":1}`, `{"enum":[1.0,2]}`, accepted),
		Entry(nil, `{"type":"boolean"}`, `{"enum":[true,false]}`, unknown, " enum"),
		Entry(nil, `{"enum":["abc"]}`, `{"type":"string","maxLength":3}`, accepted),
		Entry(nil, `{"enum":[1,"abc"],"type":"integer"}`, `{"type":"integer","maximum":1}`, accepted),
		Entry(nil, `{"type":"string"}`, `{"const":"a"}`, refused, " enum"),
		Entry("a constant beside a reference that a reference leads to", `{"$schema":"http://json-schema.org/draft-07/schema#"}`,
			`{"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#/definitions/a","definitions":{"a":{"$ref":"#/definitions/b","const":1},"b":{}}}`,
			refused, " enum"),

		// Numbers.
		Entry(nil, `{"type":"number","minimum":1}`, `{"type":"number","minimum":0}`, accepted),
		Entry(nil, `{"type":"number","minimum":0}`, `{"type":"number","minimum":1}`, refused, " minimum"),
		Entry(nil, `{"type":"number","minimum":0}`, `{"type":"number","exclusiveMinimum":0}`, refused, " exclusiveMinimum"),
		Entry(nil, `{"type":"number","exclusiveMinimum":0}`, `{"type":"number","minimum":0}`, accepted),
		Entry(nil, `{"type":"integer","exclusiveMinimum":0}`, `{"type":"integer","minimum":1}`, accepted),
		Entry(nil, `{"type":"integer","minimum":0.5,"maximum":8.5}`, `{"type":"integer","minimum":1,"exclusiveMaximum":9}`, accepted),
		Entry(nil, `{"type":"integer","maximum":9}`, `{"type":"integer","maximum":8}`, refused, " maximum"),
		Entry(nil, `{"type":"integer"}`, `{"type":"number","multipleOf":0.5}`, accepted),
		Entry(nil, `{"type":"integer","multipleOf":6}`, `{"type":"integer","multipleOf":3}`, accepted),
		Entry(nil, `{"type":"integer","multipleOf":3}`, `{"type":"integer","multipleOf":6}`, refused, " multipleOf"),
		Entry(nil, `{"type":"string"}`, `{"type":"string","minimum":5}`, accepted),

		// Texts.
		Entry(nil, `{"type":"string","minLength":2}`, `{"type":"string","minLength":1}`, accepted),
		Entry(nil, `{"type":"string"}`, `{"type":"string","minLength":1}`, refused, " minLength"),
		Entry(nil, `{"type":"string","maxLength":9}`, `{"type":"string","maxLength":8}`, refused, " maxLength"),
		Entry(nil, `{"type":"string","pattern":"^a"}`, `{"type":"string"}`, accepted),
		Entry(nil, `{"type":"string","pattern":"^a"}`, `{"type":"string","pattern":"^a"}`, accepted),
		Entry(nil, `{"type":"string","pattern":"^ab"}`, `{"type":"string","pattern":"^a"}`, unknown, " pattern"),
		Entry(nil, `{"type":"string","pattern":"^[a-c]{2}$"}`, `{"type":"string","pattern":"^[d-f]$"}`, refused, " pattern"),
		Entry(nil, `{"type":"string","format":"date"}`, `{"type":"string"}`, accepted),
		Entry(nil, `{"type":"string"}`, `{"type":"string","format":"email"}`, refused, " format"),
		Entry(nil, `{"type":"string","format":"date"}`, `{"type":"string","format":"date-time"}`, refused, " format"),

		// Lists.
		Entry(nil, `{"type":"array","items":{"type":"integer"}}`, `{"type":"array","items":{"type":"number"}}`, accepted),
		Entry(nil, `{"type":"array","items":{"type":"number"}}`, `{"type":"array","items":{"type":"integer"}}`, refused, "/* type"),
		Entry(nil, `{"type":"array","maxItems":0,"items":{"type":"number"}}`, `{"type":"array","items":{"type":"integer"}}`, accepted),
		Entry(nil, `{"type":"array"}`, `{"type":"array","minItems":1}`, refused, " minItems"),
		Entry(nil, `{"type":"array","maxItems":3}`, `{"type":"array","maxItems":2}`, refused, " maxItems"),
		Entry(nil, `{"type":"array"}`, `{"type":"array","uniqueItems":true}`, refused, " uniqueItems"),
		Entry(nil, `{"type":"array","maxItems":1}`, `{"type":"array","uniqueItems":true}`, accepted),
		Entry(nil, `{"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}]}`, `{"type":"array","prefixItems":[{"type":"string"}]}`, accepted),
		Entry(nil, `{"type":"array","prefixItems":[{"type":"string"}]}`, `{"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}]}`, refused, "/1 type"),
		Entry(nil, `{"type":"array","contains":{"const":1}}`, `{"type":"array","contains":{"const":1}}`, accepted),
		Entry(nil, `{"type":"array","contains":{"const":1}}`, `{"type":"array","contains":{"const":2}}`, refused, " contains"),

		// Members.
		Entry("a member more that may be missing", `{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}`,
			`{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}},"additionalProperties":false}`, accepted),
		Entry("a member more that may be missing, of which the older one allows anything", `{"type":"object","properties":{"a":{"type":"string"}}}`,
			`{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}}}`, declared, "/b type"),
		Entry("a member more inside of items", `{"type":"array","items":{"type":"object","properties":{"a":{"type":"string"}}}}`,
			`{"type":"array","items":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}}}}`, declared, "/*/b type"),
		Entry("a member more, and another that is narrower", `{"type":"object","properties":{"a":{"type":"string"}}}`,
			`{"type":"object","properties":{"a":{"type":"string","maxLength":1},"b":{"type":"integer"}}}`, refused, "/a maxLength"),
		Entry("a member more that must be there and was let pass", `{"type":"object","properties":{"a":true},"required":["a"]}`,
			`{"type":"object","properties":{"a":true,"b":{"type":"integer"}},"required":["a","b"]}`, refused, "/b required"),
		Entry("a member more, where an alternative speaks of it", `{"type":"object","properties":{"a":true},"anyOf":[{"properties":{"b":{"type":"string"}}},{}]}`,
			`{"type":"object","properties":{"a":true,"b":{"type":"integer"}}}`, refused, "/b type"),
		Entry("a member of which the older one says no more than that it is there", `{"type":"object","properties":{"a":true},"required":["b"]}`,
			`{"type":"object","properties":{"a":true,"b":{"type":"integer"}}}`, refused, "/b type"),
		Entry("a member more, where the older one names none", `{"type":"object"}`, `{"type":"object","properties":{"b":{"type":"integer"}}}`, refused, "/b type"),
		Entry("a member more, where the older one has patterns of names", `{"type":"object","properties":{"a":true},"patternProperties":{"^b":{"type":"string"}}}`,
			`{"type":"object","properties":{"a":true,"b":{"type":"integer"}}}`, refused, "/b type"),
		Entry("a member more, where another condition holds", `{"type":"object","properties":{"a":true}}`,
			`{"type":"object","properties":{"a":true},"if":{"properties":{"b":{"const":1}},"required":["b"]},"then":{"properties":{"c":{"type":"integer"}}}}`, unknown, " if"),
		Entry("a member more, where an alternative that is no object names others", `{"oneOf":[{"type":"object"},{"type":"array","properties":{"a":true}}]}`,
			`{"properties":{"b":{"type":"integer"}}}`, refused, "/b type"),
		Entry("a member more that must be there", `{"type":"object","properties":{"a":true}}`, `{"type":"object","properties":{"a":true},"required":["a"]}`, refused, "/a required"),
		Entry("a member that may be missing now", `{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}`,
			`{"type":"object","properties":{"a":{"type":"string"}}}`, accepted),
		Entry("a member of another type", `{"type":"object","properties":{"a":{"type":"string"}}}`, `{"type":"object","properties":{"a":{"type":"integer"}}}`, refused, "/a type"),
		Entry("a member that may be null now", `{"type":"object","properties":{"a":{"type":"string"}}}`,
			`{"type":"object","properties":{"a":{"oneOf":[{"type":"null"},{"type":"string"}]}}}`, accepted),
		Entry("members that may be as they like", `{"type":"object","properties":{"a":true},"additionalProperties":true}`,
			`{"type":"object","properties":{"a":true,"b":{"type":"integer"}}}`, declared, "/b type"),
		Entry("strictness", `{"type":"object","properties":{"a":true}}`, `{"type":"object","properties":{"a":true},"additionalProperties":false}`, declared, "/* false"),
		Entry("values of a map", `{"type":"object","additionalProperties":{"type":"integer"}}`, `{"type":"object","additionalProperties":{"type":"number"}}`, accepted),
		Entry("values of a map, narrower", `{"type":"object","additionalProperties":{"type":"number"}}`, `{"type":"object","additionalProperties":{"type":"integer"}}`, refused, "/* type"),
		Entry("a struct that becomes a map", `{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":false}`,
			`{"type":"object","additionalProperties":{"type":"integer"}}`, accepted),
		Entry("patterns of names", `{"type":"object","patternProperties":{"^x":{"type":"integer"}},"additionalProperties":false}`,
			`{"type":"object","patternProperties":{"^x":{"type":"number"}}}`, accepted),
		Entry("a pattern more", `{"type":"object","properties":{"xa":{"type":"string"}},"additionalProperties":false}`,
			`{"type":"object","patternProperties":{"^x":{"type":"integer"}}}`, refused, "/xa type"),
		Entry(nil, `{"type":"object","propertyNames":{"maxLength":3}}`, `{"type":"object","propertyNames":{"maxLength":4}}`, accepted),
		Entry(nil, `{"type":"object","properties":{"ab":true},"additionalProperties":false}`, `{"type":"object","propertyNames":{"maxLength":2}}`, accepted),
		Entry(nil, `{"type":"object","required":["a","b"]}`, `{"type":"object","minProperties":2}`, accepted),
		Entry(nil, `{"type":"object","properties":{"a":true},"additionalProperties":false}`, `{"type":"object","maxProperties":1}`, accepted),
		Entry(nil, `{"type":"object"}`, `{"type":"object","maxProperties":1}`, refused, " maxProperties"),
		Entry(nil, `{"type":"object","required":["a","b"]}`, `{"type":"object","dependentRequired":{"a":["b"]}}`, accepted),
		Entry(nil, `{"type":"object"}`, `{"type":"object","dependentRequired":{"a":["b"]}}`, refused, " dependentRequired"),

		// Alternatives.
		Entry(nil, `{"oneOf":[{"type":"null"},{"type":"string"}]}`, `{"type":["null","string"]}`, accepted),
		Entry(nil, `{"type":["null","string"]}`, `{"oneOf":[{"type":"null"},{"type":"string"}]}`, accepted),
		Entry(nil, `{"anyOf":[{"type":"string"},{"type":"integer"}]}`, `{"anyOf":[{"type":"integer"},{"type":"string"},{"type":"null"}]}`, accepted),
		Entry(nil, `{"anyOf":[{"type":"string"},{"type":"integer"}]}`, `{"anyOf":[{"type":"string"}]}`, refused, " anyOf"),
		Entry(nil, `{"type":"integer"}`, `{"oneOf":[{"type":"number"},{"type":"integer"}]}`, refused, " oneOf"),
		Entry(nil, `{"allOf":[{"type":"string"},{"maxLength":3}]}`, `{"type":"string","maxLength":4}`, accepted),
		Entry(nil, `{"type":"string","maxLength":3}`, `{"allOf":[{"type":"string"},{"maxLength":4}]}`, accepted),
		Entry(nil, `{"type":"string"}`, `{"not":{"type":"integer"}}`, accepted),
		Entry(nil, `{"type":"string"}`, `{"not":{"const":"a"}}`, refused, " not"),
		Entry(nil, `{"if":{"type":"string"},"then":{"minLength":1}}`, `{"if":{"type":"string"},"then":{"minLength":1}}`, accepted),
		Entry(nil, `{"type":"string","minLength":2}`, `{"if":{"type":"string"},"then":{"minLength":1}}`, accepted),
		Entry("kinds that name themselves", `{"type":"object","properties":{"kind":{"const":"a"},"n":{"type":"integer"}},"required":["kind"]}`,
			`{"oneOf":[{"type":"object","properties":{"kind":{"const":"a"}},"required":["kind"]},{"type":"object","properties":{"kind":{"const":"b"}},"required":["kind"]}]}`, accepted),

		// References.
		Entry("a list of itself", `{"$ref":"#/$defs/n","$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"}},"additionalProperties":false}}}`,
			`{"$ref":"#/$defs/m","$defs":{"m":{"type":"object","properties":{"next":{"$ref":"#/$defs/m"}}}}}`, accepted),
		Entry("a list of itself, narrower inside", `{"$ref":"#/$defs/n","$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"}}}}}`,
			`{"$ref":"#/$defs/m","$defs":{"m":{"type":"object","properties":{"next":{"$ref":"#/$defs/m"}},"required":["next"]}}}`, refused, "/next required", "/next/next required"),
		Entry("what depends on what is around", `{"type":"object"}`, `{"type":"object","unevaluatedProperties":false}`, refused, " unevaluatedProperties"),
	)

	It("names the members of which a newer one knows nothing", func() {
		older := `{"type":"object","properties":{"a":true,"b":{"type":"array","items":{"type":"object","properties":{"c":true,"d":true}}},"e/f":true}}`
		newer := `{"type":"object","properties":{"a":true,"b":{"type":"array","items":{"type":"object","properties":{"c":true}}}}}`
		Expect(comparing(older, newer).Forgotten).To(Equal([]string{"/b/*/d", "/e~1f"}))
		Expect(comparing(newer, older).Forgotten).To(BeEmpty())
		Expect(comparing(older, `{"type":"object","additionalProperties":true}`).Forgotten).To(BeEmpty(), "a map keeps them")
	})

	It("knows that contentEncoding is a remark in a schema that was given", func() {
		text := jsonval.Form{Schema: json.RawMessage(`{"type":"string","contentEncoding":"base64"}`), HandWritten: true}
		bytes := jsonval.Form{Schema: text.Schema}
		Expect(schemas.Compare(bytes, text)).To(HaveField("Verdict", accepted))
		Expect(schemas.Compare(text, bytes)).To(HaveField("Verdict", refused))
	})

	It("refuses what is no schema", func() {
		good := jsonval.Form{Schema: json.RawMessage(`{}`)}
		for _, bad := range []string{``, `{`, `{"type":"what"}`, `{"$ref":"#/nowhere"}`} {
			_, err := schemas.Compare(jsonval.Form{Schema: json.RawMessage(bad)}, good)
			Expect(err).To(MatchError(HavePrefix("schemas: the older schema: ")), bad)
			_, err = schemas.Compare(good, jsonval.Form{Schema: json.RawMessage(bad)})
			Expect(err).To(MatchError(HavePrefix("schemas: the newer schema: ")), bad)
		}
	})

	It("gives up where alternatives multiply", func() {
		var older, newer []string
		for i := range 24 {
			older = append(older, fmt.Sprintf(`{"anyOf":[{"required":["a%d"]},{"required":["b%d"]}]}`, i, i))
			newer = append(newer, fmt.Sprintf(`{"anyOf":[{"required":["b%d"]},{"required":["c%d"]}]}`, i, i))
		}
		all := func(parts []string, more string) string {
			return `{"allOf":[` + strings.Join(parts, ",") + `]` + more + `}`
		}
		Expect(comparing(all(older, `,"type":"object"`), all(newer, "")).Verdict).NotTo(Equal(accepted))
		Expect(comparing(all(older, `,"type":"string","maxLength":3,"not":{"type":"string"}`), all(newer, `,"type":"null"`)).Verdict).NotTo(Equal(refused))
	})

	It("refuses numbers that take too long to write", func() {
		for _, schema := range []string{`{"minimum":1e999999999}`, `{"const":1e-999999999}`, `{"multipleOf":1e-999999999}`} {
			_, err := schemas.Compare(jsonval.Form{Schema: json.RawMessage(schema)}, jsonval.Form{Schema: json.RawMessage(`{"maximum":1}`)})
			Expect(err).To(HaveOccurred(), schema)
		}
	})

	It("ends with schemas that lead back to themselves without going into a value", func() {
		Expect(comparing(`{"$ref":"#/$defs/a","$defs":{"a":{"anyOf":[{"$ref":"#/$defs/a"}]}}}`, `{"type":"string"}`).Verdict).To(Equal(unknown))
	})
})

func decodes(schema string, text json.RawMessage) error {
	GinkgoHelper()
	if schema == "true" || schema == "false" {
		schema = `{"allOf":[` + schema + `]}`
	}
	codec, err := jsonval.NewCodec[json.RawMessage](schemas.HandWritten(schema))
	Expect(err).NotTo(HaveOccurred())
	_, err = codec.Decode(string(text))
	return err
}
