package plan

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval/internal/record"
	"github.com/kvstore-go/kvstore/jsonval/internal/tree"
	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// listed returns the pointers and keywords of what is wrong with a text.
func listed(check func(text []byte) violation.Refusal, text string) []string {
	var found []string
	for _, v := range check([]byte(text)).Violations {
		found = append(found, v.Pointer+" "+v.Keyword)
	}
	return found
}

func compile(schema string) (*Plan, *record.Validator) {
	GinkgoHelper()
	const depth = 64
	document, refused := tree.Parse([]byte(schema), depth)
	Expect(refused.Empty()).To(BeTrue(), schema)
	made, err := record.Compile(document, false)
	Expect(err).NotTo(HaveOccurred(), schema)
	p, err := Compile(record.Keywords(made), depth, nil)
	Expect(err).NotTo(HaveOccurred(), schema)
	return p, record.NewValidator(made, depth)
}

// A text that the first walk refuses is walked once more, which would hide it if the first was wrong: so it is looked at alone.
var _ = DescribeTable("a walk decides at once, and finds what the validator of record finds:", func(schema, text string, violations ...string) {
	p, record := compile(schema)
	w := new(walker)
	w.start([]byte(text), p)
	Expect(w.document(p.root)).To(Equal(len(violations) == 0), "the first walk")
	if len(violations) == 0 {
		violations = nil
	}
	Expect(listed(p.Check, text)).To(Equal(violations))
	Expect(listed(record.Check, text)).To(Equal(violations), "the validator of record")
},
	Entry("the lowest surrogate pair", `{"const":"\ud800\udc00"}`, `"\ud800\udc00"`),
	Entry("the highest surrogate pair", `{"const":"\udbff\udfff"}`, `"\udbff\udfff"`),
	Entry("the last character below the surrogates", `{"const":"\ud7ff"}`, `"\ud7ff"`),
	Entry("the first character above the surrogates", `{"const":"\ue000"}`, `"\ue000"`),

	Entry("an array with one match, and an item too many", `{"contains":{"const":1},"maxItems":1}`, `[1,2]`, " maxItems"),
	Entry("an array with all matches that it may have", `{"contains":{"const":1},"minContains":2,"maxContains":2}`, `[1,2,1]`),
	Entry("an array with a match too many", `{"contains":{"const":1},"minContains":1,"maxContains":1}`, `[1,1]`, " maxContains"),
	Entry("an array with a match too few", `{"contains":{"const":1},"minContains":2}`, `[1]`, " minContains"),
	Entry("a full tuple", `{"$schema":"http://json-schema.org/draft-07/schema#","items":[{},{}],"additionalItems":false}`, `[1,2]`),
	Entry("a full tuple that is too short", `{"$schema":"http://json-schema.org/draft-07/schema#","items":[{},{}],"additionalItems":false,"minItems":3}`,
		`[1,2]`, " minItems"),
	Entry("a tuple with an item too many", `{"$schema":"http://json-schema.org/draft-07/schema#","items":[{},{}],"additionalItems":false}`,
		`[1,2,3]`, " additionalItems"),

	Entry("keywords beside $ref", `{"$defs":{"a":{"type":"integer"}},"$ref":"#/$defs/a","maximum":5}`, `6`, " maximum"),
	Entry("keywords beside $ref, in draft 2019-09",
		`{"$schema":"https://json-schema.org/draft/2019-09/schema","$defs":{"a":{"type":"integer"}},"$ref":"#/$defs/a","maximum":5}`, `6`, " maximum"),
	Entry("keywords beside $ref, which hides them in draft 7",
		`{"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"a":{"type":"integer"}},"$ref":"#/definitions/a","maximum":5}`, `6`),

	Entry("a required member that a pattern declares", `{"required":["a"],"patternProperties":{"^a":{"type":"integer"}},"additionalProperties":{"type":"string"}}`,
		`{"a":1}`),
	Entry("a required member that no pattern declares", `{"required":["a"],"patternProperties":{"^b":{"type":"integer"}},"additionalProperties":{"type":"string"}}`,
		`{"a":1}`, "/a type"),
	Entry("a pattern that repeats nothing", `{"pattern":"^(|a)*$"}`, `"aa"`),

	Entry("a UUID", `{"format":"uuid"}`, `"0f8fad5b-d9cb-469F-a165-70867728950e"`),
	Entry("a UUID with a letter that is no digit", `{"format":"uuid"}`, `"0g812345-1234-1234-1234-123456789012"`, " format"),
	Entry("a UUID with a letter where a hyphen belongs", `{"format":"uuid"}`, `"0f8fad5bad9cb-469f-a165-70867728950e"`, " format"),
	Entry("the 29th of a month without", `{"format":"date"}`, `"2023-02-29"`, " format"),
	Entry("the 29th of a month that has it", `{"format":"date"}`, `"2024-02-29"`),
	Entry("month 13", `{"format":"date"}`, `"2024-13-01"`, " format"),
	Entry("month 0", `{"format":"date"}`, `"2024-00-01"`, " format"),
	Entry("day 0", `{"format":"date"}`, `"2024-01-00"`, " format"),
	Entry("a date with a fraction of a second", `{"format":"date-time"}`, `"2024-01-28T23:59:59.5-23:59"`),
	Entry("a date with a dot and no fraction", `{"format":"date-time"}`, `"2024-01-01T00:00:00.Z"`, " format"),
	Entry("a date without a zone", `{"format":"date-time"}`, `"2024-01-01T00:00:00.5"`, " format"),
	Entry("a date with an unknown zone", `{"format":"date-time"}`, `"2024-01-01T00:00:00X"`, " format"),
	Entry("an address with two dots", `{"format":"email"}`, `"a@b..c"`, " format"),
	Entry("an address that begins its domain with a dot", `{"format":"email"}`, `"a@.b"`, " format"),
	Entry("hour 24", `{"format":"date-time"}`, `"2024-01-01T24:00:00Z"`, " format"),
	Entry("minute 60", `{"format":"date-time"}`, `"2024-01-01T00:60:00Z"`, " format"),
	Entry("second 60 that is no leap second", `{"format":"date-time"}`, `"2024-01-01T00:00:60Z"`, " format"),
	Entry("a zone of hour 24", `{"format":"date-time"}`, `"2024-01-01T00:00:00+24:00"`, " format"),
	Entry("an address", `{"format":"email"}`, `"a.b-c@d.e-f.g"`),
	Entry("an address without a domain", `{"format":"email"}`, `"a@"`, " format"),
	Entry("an address whose domain ends with a hyphen", `{"format":"email"}`, `"a@b-"`, " format"),
	Entry("an address with a space", `{"format":"email"}`, `"a b@c"`, " format"),
	Entry("an address with two @", `{"format":"email"}`, `"a@b@c"`, " format"),
	Entry("an address without one", `{"format":"email"}`, `"a.b"`, " format"),
	Entry("base64", `{"contentEncoding":"base64"}`, `"AQI="`),

	Entry("one violation of two subschemas", `{"allOf":[{"minimum":5},{"minimum":5}]}`, `4`, " minimum"),
)

var _ = DescribeTable("of more violations than are kept, the others are counted:", func(schema, item string) {
	const all = violation.MaxKept + 50
	p, record := compile(`{"items":` + schema + `}`)
	text := []byte(`[` + strings.Repeat(item+`,`, all-1) + item + `]`)
	refused := p.Check(text)
	Expect(refused).To(Equal(record.Check(text)))
	Expect(refused.Violations).To(HaveLen(violation.MaxKept))
	Expect(refused.Omitted).To(Equal(50))
},
	Entry("of a type", `{"type":"string"}`, `1`),
	Entry("of a bound", `{"minimum":5}`, `1`),
	Entry("of a count", `{"minLength":5}`, `"abc"`),
	Entry("of a pattern", `{"pattern":"^a"}`, `"b"`),
	Entry("of not", `{"not":{"type":"integer"}}`, `1`),
	Entry("of anyOf", `{"anyOf":[{"minimum":5},{"minimum":6}]}`, `1`),
)

var _ = Describe("a pointer for which there is no room", func() {
	It("ends the violations that are kept, so that each has its own", func() {
		p, _ := compile(`{"additionalProperties":{"items":{"type":"string"}}}`)
		refused := p.Check([]byte(`{"` + strings.Repeat("n", maxPointers/2) + `":["",1,2],"m":[3]}`))
		Expect(refused.Violations).To(HaveLen(1))
		Expect(refused.Violations[0].Pointer).To(HaveSuffix("n/1"))
		Expect(refused.Omitted).To(Equal(2))
	})
})
