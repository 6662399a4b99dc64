package jsonval_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/jsonval/schemas"
)

var _ = Describe("Compiled", func() {
	It("holds for every reflected schema", func() {
		Expect(mustCodec[game]().Compiled()).To(BeTrue())
		Expect(mustCodec[fuzzed](jsonval.Strict()).Compiled()).To(BeTrue())
		Expect(mustCodec[*relative]().Compiled()).To(BeTrue())
	})

	DescribeTable("tells which hand-written schemas are", func(schema string, compiled bool) {
		Expect(mustCodec[any](schemas.HandWritten(schema)).Compiled()).To(Equal(compiled))
	},
		Entry(nil, `{"if":{"type":"object"},"then":{"dependentSchemas":{"a":{"propertyNames":{"format":"uuid"}}}}}`, true),
		Entry(nil, `{"$defs":{"a":{"items":{"$ref":"#/$defs/a"}}},"$ref":"#/$defs/a"}`, true),
		Entry(nil, `{"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"a":{},"b":{"allOf":[{"$ref":"#/definitions/b"}]}},
			"items":{"$ref":"#/definitions/a","contains":{"$ref":"#/definitions/b"},"if":{"$ref":"#/definitions/b"}}}`, true),
		Entry(nil, `{"unevaluatedProperties":false}`, false),
		Entry(nil, `{"unevaluatedItems":false}`, false),
		Entry(nil, `{"$dynamicRef":"#a","$defs":{"a":{"$dynamicAnchor":"a"}}}`, false),
		Entry(nil, `{"$schema":"https://json-schema.org/draft/2019-09/schema","items":{"$recursiveRef":"#"}}`, false),
		Entry(nil, `{"$defs":{"a":{"allOf":[{"$ref":"#/$defs/a"}]}},"items":{"$ref":"#/$defs/a"}}`, false),
	)

	It("refuses with more than 64 declared members, too", func() {
		var properties, required, members []string
		for i := range 150 {
			name := fmt.Sprintf(`"m%d"`, i)
			properties, required = append(properties, name+`:{"maximum":5}`), append(required, name)
			members = append(members, name+`:1`)
		}
		codec := mustCodec[any](schemas.HandWritten(
			`{"properties":{` + strings.Join(properties, ",") + `},"required":[` + strings.Join(required, ",") + `]}`))
		Expect(codec.Compiled()).To(BeTrue())
		_, err := codec.Decode("{" + strings.Join(members, ",") + "}")
		Expect(err).NotTo(HaveOccurred())
		for i := range members {
			others := slices.Concat(members[:i], members[i+1:])
			_, err = codec.Decode("{" + strings.Join(others, ",") + "}")
			Expect(err).To(MatchError(fmt.Sprintf(`document root: member "m%d" is missing (required)`, i)))
			_, err = codec.Decode("{" + strings.Join(members, ",") + "," + members[i] + "}")
			Expect(first(err)).To(Equal(fmt.Sprintf("/m%d uniqueNames", i)))
			_, err = codec.Decode("{" + strings.Join(others, ",") + fmt.Sprintf(`,"m%d":6}`, i))
			Expect(first(err)).To(Equal(fmt.Sprintf("/m%d maximum", i)))
		}
	})
})

var _ = Describe("a hostile document", func() {
	// It is not the time that is looked at, which depends on the machine, but how it grows.
	DescribeTable("takes time in proportion to its size", expectLinear,
		Entry("with nothing but violations", refuser[[]string]{}, filled("[", "1,", "1]")),
		Entry("with violations that have to be put into words", refuser[[]short]{}, filled("[", `{"s":"abc"},`, `{"s":"abc"}]`)),
		Entry("with one at its very end", refuser[[]int]{}, filled("[", "1,", `"x"]`)),
		Entry("without an end", refuser[[]int]{}, filled("[", "1,", "")),
		Entry("with violations below a long name", refuser[map[string][]int]{}, filled(`{"`, "n", `":["x"`+strings.Repeat(`,"x"`, 1000)+`]}`)),
		Entry("with names that are all different, but the last", refuser[map[string]int]{}, manyNames),
		Entry("that is deep", refuser[any]{}, filled("[", strings.Repeat("[", 500)+"1"+strings.Repeat("]", 500)+",", "x]")),
	)

	// An expression whose alternatives are told apart by what comes last: the time would triple with every level.
	DescribeTable("does not double the time with every level under a recursive schema", func(keyword, innermost string, violations ...any) {
		codec := mustCodec[any](schemas.HandWritten(`{"`+keyword+`":[{"type":"number"},
			{"type":"object","required":["of"],"properties":{"of":{"$ref":"#"},"op":{"const":"minus"}}},
			{"type":"object","required":["of"],"properties":{"of":{"$ref":"#"},"op":{"const":"abs"}}},
			{"type":"object","required":["of"],"properties":{"of":{"$ref":"#"},"op":{"const":"sin"}}}]}`), jsonval.MaxDepth(200))
		Expect(codec.Compiled()).To(BeTrue())
		const levels = 100
		_, err := codec.Decode(strings.Repeat(`{"of":`, levels) + innermost + strings.Repeat(`,"op":"sin"}`, levels))
		Expect(listed(err)).To(ConsistOf(violations))
	},
		Entry("that it satisfies", "anyOf", "1"),
		Entry("that it satisfies but once", "oneOf", "1"),
		Entry("that it breaks", "anyOf", "true", " anyOf"),
		Entry("that it breaks as one alternative", "oneOf", "true", " oneOf"),
		Entry("while it is not JSON", "anyOf", "", strings.Repeat("/of", 100)+" syntax"),
	)

	It("does not make a megabyte of a pointer a hundred times", func() {
		_, err := mustCodec[map[string][]int]().Decode(`{"` + strings.Repeat("n", 600_000) + `":["x"` + strings.Repeat(`,"x"`, 200) + `]}`)
		Expect(violations(err)).To(HaveLen(1))
		Expect(err.Error()).To(HavePrefix("201 violations:"))
	})
})

// expectLinear refuses a small document and a large one, again and again: the fastest runs are the least disturbed by what else the
// machine does.
func expectLinear(codec timed, document func(size int) string) {
	GinkgoHelper()
	const size, times = 128 << 10, 8
	small, large := document(size), document(times*size)
	quick, slow := time.Hour, time.Hour
	Eventually(func() float64 {
		quick, slow = min(quick, codec.refuse(small)), min(slow, codec.refuse(large))
		return float64(slow) / float64(quick+time.Millisecond/times)
	}).Should(BeNumerically("<", times*times/2))
}

// filled makes a document of a size by repeating its middle.
func filled(before, repeated, after string) func(size int) string {
	return func(size int) string {
		return before + strings.Repeat(repeated, (size-len(before)-len(after))/len(repeated)) + after
	}
}

type short struct {
	S string `json:"s" jsonschema:"maxLength=2"`
}

// timed refuses a text and tells how long it takes.
type timed interface {
	refuse(text string) time.Duration
}

type refuser[T any] struct{}

func (refuser[T]) refuse(text string) time.Duration {
	GinkgoHelper()
	codec := mustCodec[T]()
	start := time.Now()
	_, err := codec.Decode(text)
	took := time.Since(start)
	Expect(err).To(HaveOccurred())
	return took
}

func manyNames(size int) string {
	var b strings.Builder
	b.WriteString(`{"again":1`)
	for i := 0; b.Len() < size-40; i++ {
		fmt.Fprintf(&b, `,"n%d":1`, i)
	}
	b.WriteString(`,"again":1}`)
	return b.String()
}
