package plan

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

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

func compiled(schema string) (*Plan, *tree.Validator) {
	GinkgoHelper()
	const depth = 64
	document, refused := tree.Parse([]byte(schema), depth)
	Expect(refused.Empty()).To(BeTrue(), schema)
	record, err := tree.Compile(document, false)
	Expect(err).NotTo(HaveOccurred(), schema)
	p, err := Compile(record, depth, nil)
	Expect(err).NotTo(HaveOccurred(), schema)
	return p, tree.NewValidator(record, depth)
}

// A text that the first walk refuses is walked once more, which would hide it if the first was wrong: so it is looked at alone.
var _ = DescribeTable("a walk decides at once, and finds what the validator of record finds:", func(schema, text string, violations ...string) {
	p, record := compiled(schema)
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

	Entry("one violation of two subschemas", `{"allOf":[{"minimum":5},{"minimum":5}]}`, `4`, " minimum"),
)

var _ = DescribeTable("of more violations than are kept, the others are counted:", func(schema, item string) {
	const all = violation.MaxKept + 50
	p, record := compiled(`{"items":` + schema + `}`)
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
