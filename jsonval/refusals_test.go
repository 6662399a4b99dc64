package jsonval_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
)

type ring struct {
	Next *ring `json:"next"`
}

type account struct {
	Name  string             `json:"name" jsonschema:"maxLength=5"`
	Age   int                `json:"age" jsonschema:"minimum=0"`
	Ratio float64            `json:"ratio"`
	Tags  []string           `json:"tags" jsonschema:"minItems=1"`
	Rates map[string]float64 `json:"rates,omitempty"`
}

func mustCodec[T any](opts ...jsonval.Option) *jsonval.Codec[T] {
	GinkgoHelper()
	codec, err := jsonval.NewCodec[T](opts...)
	Expect(err).NotTo(HaveOccurred())
	return codec
}

func violations(err error) []jsonval.Violation {
	GinkgoHelper()
	var refused *jsonval.ValidationError
	Expect(errors.As(err, &refused)).To(BeTrue())
	Expect(errors.Is(err, jsonval.ErrInvalid)).To(BeTrue())
	return refused.Violations
}

var _ = Describe("texts that are refused before any schema", func() {
	DescribeTable("whatever the type", func(text, want string) {
		_, err := mustCodec[any]().Decode(text)
		Expect(first(err)).To(Equal(want))
	},
		Entry("nothing", ``, " syntax"),
		Entry("white space", " \n", " syntax"),
		Entry("half a document", `{"a":[1`, "/a syntax"),
		Entry("trailing data", `{} {}`, " syntax"),
		Entry("trailing garbage", `1 x`, " syntax"),
		Entry("single quotes", `{'a':1}`, " syntax"),
		Entry("NaN", `NaN`, " syntax"),
		Entry("leading zeros", `[01]`, " syntax"),
		Entry("a byte order mark", "\uFEFF1", " syntax"),
		Entry("duplicate members", `{"a":1,"b":{"c":1,"c":2}}`, "/b/c uniqueNames"),
		Entry("duplicate members, one escaped", `{"a":1,"\u0061":2}`, "/a uniqueNames"),
		Entry("invalid UTF-8", "{\"a\":\"\xff\"}", "/a utf8"),
		Entry("invalid UTF-8 in a name", "{\"\xff\":1}", " utf8"),
		Entry("half a surrogate pair", `"\ud800"`, " utf8"),
		Entry("a huge exponent", `[1,1e999999999]`, "/1 number"),
		Entry("a tiny exponent", `-1E-1000000000000000000000`, " number"),
		Entry("a long number", strings.Repeat("9", 2000), " number"),
		Entry("a depth bomb of arrays", strings.Repeat("[", 1_000_000), strings.Repeat("/0", 512)+" maxDepth"),
		Entry("a depth bomb of objects", strings.Repeat(`{"":`, 1_000_000), strings.Repeat("/", 512)+" maxDepth"),
	)

	It("accepts a text at the limits, and refuses one beyond", func() {
		codec := mustCodec[any](jsonval.MaxSize(10), jsonval.MaxDepth(2))
		for _, text := range []string{`"12345678"`, `[[1]]`, `{"a":{}}`, `[[],[],[]]`} {
			_, err := codec.Decode(text)
			Expect(err).NotTo(HaveOccurred(), text)
		}
		_, err := codec.Decode(`"123456789"`)
		Expect(first(err)).To(Equal(" maxSize"))
		_, err = codec.Decode(`[1,[[2]]]`)
		Expect(first(err)).To(Equal("/1/0 maxDepth"))
		_, err = codec.Encode("123456789")
		Expect(first(err)).To(Equal(" maxSize"))
		_, err = codec.Encode([]any{[]any{[]any{}}})
		Expect(first(err)).To(Equal("/0/0 maxDepth"))
	})

	It("does not parse a document of 100 MB", func() {
		text := strings.Repeat("[", 100_000_000)
		_, err := mustCodec[any]().Decode(text)
		Expect(first(err)).To(Equal(" maxSize"))
	})

	It("does not let a member in under a name in another case", func() {
		codec := mustCodec[account]()
		got, err := codec.Decode(`{"name":"x","age":1,"Age":-5,"AGE":"no","ratio":1,"tags":["t"]}`)
		Expect(err).NotTo(HaveOccurred(), "they are unknown members")
		Expect(got.Age).To(Equal(1))
		_, err = mustCodec[account](jsonval.Strict()).Decode(`{"name":"x","age":1,"Age":-5,"ratio":1,"tags":["t"]}`)
		Expect(first(err)).To(Equal("/Age additionalProperties"))
	})
})

var _ = Describe("Codec", func() {
	It("takes an option that is nil for none", func() {
		codec := mustCodec[account](nil, jsonval.MaxSize(2))
		_, err := codec.Decode(`[[]]`)
		Expect(first(err)).To(Equal(" maxSize"))
	})

	It("serves any number of goroutines", func() {
		codec := mustCodec[account]()
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				defer GinkgoRecover()
				for range 50 {
					value := account{Name: "n", Age: i, Tags: []string{"t"}}
					text, err := codec.Encode(value)
					Expect(err).NotTo(HaveOccurred())
					Expect(codec.Decode(text)).To(Equal(value))
					_, err = codec.Decode(`{"name":"x","age":-1,"ratio":1,"tags":["t"]}`)
					Expect(first(err)).To(Equal("/age minimum"))
				}
			})
		}
		group.Wait()
	})
})

var _ = Describe("values that are refused", func() {
	valid := account{Tags: []string{"t"}}

	It("has no number for NaN and infinities", func() {
		codec := mustCodec[account]()
		for _, number := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			value := valid
			value.Ratio = number
			_, err := codec.Encode(value)
			Expect(violations(err)).To(ConsistOf(HaveField("Pointer", "/ratio")))
			Expect(first(err)).To(Equal("/ratio number"))
			value = valid
			value.Rates = map[string]float64{"a/b": number}
			_, err = codec.Encode(value)
			Expect(first(err)).To(Equal("/rates/a~1b number"))
			// Here encoding/json does not hand out the Go value with its error.
			_, err = mustCodec[struct{ X float64 }]().Encode(struct{ X float64 }{number})
			Expect(first(err)).To(Equal("/X number"))
		}
	})

	It("stops at cycles", func() {
		circle := &ring{}
		circle.Next = circle
		_, err := mustCodec[*ring]().Encode(circle)
		Expect(first(err)).To(Equal(" cycle"))

		var itself any
		itself = &itself
		_, err = mustCodec[any]().Encode(itself)
		Expect(first(err)).To(Equal(" cycle"))
		_, err = mustCodec[map[string]any]().Encode(map[string]any{"a": []any{itself}})
		Expect(first(err)).To(Equal(" cycle"))

		list := make([]any, 1)
		list[0] = list
		_, err = mustCodec[any]().Encode(list)
		Expect(first(err)).To(Equal(" cycle"))
	})

	It("accepts what is shared without being cyclic, and holds a parent that is not written", func() {
		shared := &ring{}
		text, err := mustCodec[[]any]().Encode([]any{shared, shared, &shared})
		Expect(err).NotTo(HaveOccurred())
		Expect(text).To(Equal(`[{"next":null},{"next":null},{"next":null}]`))
		parent := &relative{Name: "p"}
		parent.Children = []*relative{{Name: "c", Parent: parent}}
		_, err = mustCodec[any]().Encode(parent)
		Expect(err).NotTo(HaveOccurred())
	})

	It("limits depth", func() {
		chain := &ring{}
		for range 2000 {
			chain = &ring{Next: chain}
		}
		_, err := mustCodec[*ring]().Encode(chain)
		Expect(violations(err)[0].Keyword).To(Equal("maxDepth"))
		for range 20_000 {
			chain = &ring{Next: chain}
		}
		_, err = mustCodec[*ring]().Encode(chain)
		Expect(first(err)).To(Equal(" maxDepth"))
	})

	It("does not alter what is not UTF-8", func() {
		_, err := mustCodec[account]().Encode(account{Name: "\xff", Tags: []string{"t"}})
		Expect(first(err)).To(Equal("/name utf8"))
	})

	It("refuses two map keys with one text", func() {
		_, err := mustCodec[map[color]int]().Encode(map[color]int{{red: 1}: 1, {red: 2}: 2})
		Expect(first(err)).To(Equal("/#0 uniqueNames"))
	})

	It("refuses two member names that are one map key", func() {
		_, err := mustCodec[map[color]int]().Decode(`{"#a":1,"#A":2}`)
		Expect(first(err)).To(Equal("/#A uniqueNames"))
	})

	It("keeps the error of a marshal method, and its text to itself", func() {
		_, err := mustCodec[[]secret]().Encode([]secret{{"x"}, {}})
		Expect(first(err)).To(Equal("/1 marshal"))
		Expect(err.Error()).NotTo(ContainSubstring("hunter2"))
		var cause *json.MarshalerError
		Expect(errors.As(err, &cause)).To(BeTrue())
		_, err = mustCodec[[]secret]().Decode(`["hunter2"]`)
		Expect(first(err)).To(Equal("/0 unmarshal"))
		Expect(err.Error()).NotTo(ContainSubstring("hunter2"))
	})

	It("refuses what a hand-written type writes when it is no JSON", func() {
		_, err := mustCodec[json.RawMessage]().Encode(json.RawMessage(`{"a":`))
		Expect(first(err)).To(HaveSuffix("marshal"))
	})
})

var _ = Describe("ValidationError", func() {
	It("lists all violations in document order", func() {
		_, err := mustCodec[account](jsonval.Strict()).Decode(`{"zeta":1,"tags":[],"name":"secret","age":-1,"alpha":1}`)
		Expect(violations(err)).To(HaveExactElements(
			jsonval.Violation{Pointer: "", Keyword: "required", Message: `member "ratio" is missing`},
			HaveField("Pointer", "/zeta"), HaveField("Pointer", "/tags"), HaveField("Pointer", "/name"),
			jsonval.Violation{Pointer: "/age", Keyword: "minimum", Message: "must be at least 0"},
			HaveField("Pointer", "/alpha"),
		))
		Expect(err.Error()).To(HavePrefix("6 violations:\n  document root: "))
		Expect(err.Error()).NotTo(ContainSubstring("secret"))
	})

	It("is one line for one violation", func() {
		_, err := mustCodec[account]().Decode(`{"name":"x","age":-1,"ratio":1,"tags":["t"]}`)
		Expect(err).To(MatchError("/age: must be at least 0 (minimum)"))
		Expect(new(jsonval.ValidationError).Error()).To(Equal(jsonval.ErrInvalid.Error()))
	})

	It("keeps the first hundred", func() {
		_, err := mustCodec[[]string]().Decode("[" + strings.Repeat("1,", 1000) + "1]")
		Expect(violations(err)).To(HaveLen(100))
		Expect(violations(err)[99].Pointer).To(Equal("/99"))
		Expect(err.Error()).To(And(HavePrefix("1001 violations:"), HaveSuffix("and 991 more")))
	})

	It("cuts a long pointer short, in its text alone", func() {
		_, err := mustCodec[map[string]int]().Decode(`{"` + strings.Repeat("ä", 1000) + `":"x"}`)
		Expect(violations(err)[0].Pointer).To(HaveLen(2001))
		Expect(len(err.Error())).To(BeNumerically("<", 300))
	})

	It("survives a document that breaks a rule a hundred thousand times", func() {
		_, err := mustCodec[[]string]().Decode("[" + strings.Repeat("1,", 100_000) + "1]")
		Expect(violations(err)).To(HaveLen(100))
		Expect(err.Error()).To(HavePrefix("100001 violations:"))
	})

	It("says what is wrong behind a pointer that may be null", func() {
		_, err := mustCodec[*account]().Decode(`{"name":1,"age":1,"ratio":1,"tags":["t"]}`)
		Expect(violations(err)).To(HaveExactElements(HaveField("Pointer", "/name")))
		_, err = mustCodec[*account]().Decode(`[]`)
		Expect(err).To(MatchError("document root: want object or null, found array (type)"))
	})
})

var _ = DescribeTable("an escape that is half a surrogate pair is called that, and not a fault of syntax",
	func(text string) {
		codec, err := jsonval.NewCodec[any]()
		Expect(err).NotTo(HaveOccurred())
		_, err = codec.Decode(text)
		Expect(err).To(MatchError(jsonval.ErrInvalid))
		Expect(err).To(MatchError(ContainSubstring("half a surrogate pair")))
		Expect(err).To(MatchError(ContainSubstring("(utf8)")))
	},
	Entry("the first half alone", `"\ud83d"`),
	Entry("the second half alone", `["\ude00"]`),
	Entry("the first half before a character", `{"a":"x\ud83dx"}`),
	Entry("the first half before another escape", `"\ud83d\u0041"`),
	Entry("in the name of a member", `{"\ud83d":1}`),
)
