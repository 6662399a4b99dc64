package jsonval_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/jsonval/schemas"
)

// What holds for Go values in general is for the differential test to show.
var _ = Describe("values whose text is not looked at", func() {
	assured := func(value any, opts ...jsonval.Option) bool {
		GinkgoHelper()
		codec, err := jsonval.NewTypeCodec(reflect.TypeOf(value), opts...)
		Expect(err).NotTo(HaveOccurred())
		addressable := reflect.New(reflect.TypeOf(value)).Elem()
		addressable.Set(reflect.ValueOf(value))
		return codec.Assured(addressable)
	}

	It("are those of which the type, or a look at them, tells that they are valid", func() {
		Expect(assured(sampleGame(40))).To(BeTrue())
		Expect(assured(sampleGame(40), jsonval.Strict())).To(BeTrue())
		Expect(assured([]*gamer{nil, {Name: "A"}})).To(BeTrue())
		Expect(assured([]*gamer{{Name: ""}})).To(BeFalse())
		Expect(assured(map[string][]bool{"a": nil})).To(BeTrue())
		Expect(assured(map[string]gamer{})).To(BeFalse(), "its values would have to be looked at")
		Expect(assured([]any{})).To(BeFalse(), "only the text tells")
		Expect(assured(relative{})).To(BeFalse(), "it may be nested too deeply")
		Expect(assured(reached{Spot: &Spot{}})).To(BeFalse(), "there may be no Spot")
	})

	It("are within the limits", func() {
		_, err := mustCodec[[][]int](jsonval.MaxDepth(1)).Encode([][]int{{1}})
		Expect(first(err)).To(Equal("/0 maxDepth"))
		_, err = mustCodec[string](jsonval.MaxSize(10)).Encode(strings.Repeat("a", 9))
		Expect(first(err)).To(Equal(" maxSize"))
	})

	It("are none that encoding/json writes in another way", func() {
		_, err := mustCodec[[]string](schemas.HandWritten(`{"type":"array","items":{"minLength":1}}`)).Encode(nil)
		Expect(first(err)).To(Equal(" type"), "it writes null")
		_, err = mustCodec[json.Number](schemas.HandWritten(`{"type":"string"}`)).Encode("1")
		Expect(first(err)).To(Equal(" type"))
		_, err = mustCodec[struct {
			A [1]string `json:"a,omitempty"`
		}](schemas.HandWritten(`{"properties":{"a":{"items":{"minLength":1}}}}`)).Encode(struct {
			A [1]string `json:"a,omitempty"`
		}{})
		Expect(first(err)).To(Equal("/a/0 minLength"), "an array with an item is not empty")
	})

	// A check that looked at the wrong place, or left a rule out, would let these through.
	DescribeTable("are refused by their text", func(encode func() error, violation string) {
		Expect(first(encode())).To(Equal(violation))
	},
		Entry("for equal items", encodingOf([]int{1, 2, 1}, `{"items":{"type":"integer"},"uniqueItems":true}`), " uniqueItems"),
		Entry("for items that are missing", encodingOf([]int{1, 2}, `{"contains":{"const":3}}`), " contains"),
		Entry("for an item with a schema of its own", encodingOf([]int{1, 2}, `{"prefixItems":[true,{"maximum":1}]}`), "/1 maximum"),
		Entry("for an item too many", encodingOf([]int{1, 2}, `{"maxItems":1}`), " maxItems"),
		Entry("for a member that is not there", encodingOf(inner{}, `{"required":["C"]}`), " required"),
		Entry("for a member that is left out", encodingOf(struct {
			C string `json:",omitempty"`
		}{}, `{"required":["C"]}`), " required"),
		Entry("for a member that is not declared", encodingOf(inner{}, `{"additionalProperties":false,"properties":{"A":true}}`), "/B additionalProperties"),
		Entry("for a member when none is", encodingOf(struct{ A int }{}, `{"additionalProperties":false}`), "/A additionalProperties"),
		Entry("for the first member of an embedded struct", encodingOf(outer{inner: inner{0, 1}}, ""), "/A minimum"),
		Entry("for the second member of an embedded struct", encodingOf(outer{inner: inner{1, 0}}, ""), "/B minimum"),
		Entry("for a member behind an embedded pointer", encodingOf(struct{ *Behind }{&Behind{N: 4}}, ""), "/N minimum"),
		Entry("for a member whose value is quoted", encodingOf(struct {
			N int `json:",string"`
		}{10}, `{"properties":{"N":{"maxLength":1}}}`), "/N maxLength"),
		Entry("for bytes whose text is too short", encodingOf([]byte{1}, `{"minLength":100}`), " minLength"),
		Entry("for a string of another type", encodingOf("a", `{"type":"integer"}`), " type"),
		Entry("for a string that enum does not list", encodingOf("a", `{"enum":["b"]}`), " enum"),
		Entry("for a string that is not const", encodingOf("a", `{"const":"b"}`), " const"),
		Entry("for a string of another format", encodingOf("a", `{"format":"uuid"}`), " format"),
		Entry("for a string that not is about", encodingOf("a", `{"not":{"const":"a"}}`), " not"),
		Entry("for a time of another type", encodingOf(time.Time{}, `{"type":"integer"}`), " type"),
		Entry("for a time that is too long", encodingOf(time.Time{}, `{"maxLength":3}`), " maxLength"),
		Entry("for a time of another format", encodingOf(time.Time{}, `{"format":"date"}`), " format"),
		Entry("for a number that is no integer", encodingOf(1.5, `{"type":"integer"}`), " type"),
		Entry("for a number that is no multiple", encodingOf(1.5, `{"multipleOf":1}`), " multipleOf"),
		Entry("for an integer that is too large", encodingOf(uint64(1)<<63, `{"maximum":5}`), " maximum"),
		Entry("for a boolean that not is about", encodingOf(true, `{"not":{"const":true}}`), " not"),
		Entry("for a pointer to what breaks a rule", encodingOf([]*inner{nil, {A: 1}}, ""), "/1/B minimum"),
	)

	It("are accepted with members in embedded structs", func() {
		Expect(assured(outer{inner: inner{1, 1}})).To(BeTrue())
	})
})

type inner struct {
	A int `jsonschema:"minimum=1"`
	B int `jsonschema:"minimum=1"`
}

type outer struct {
	Before [5]int
	inner
}

// Behind is embedded by pointer.
type Behind struct {
	N int `jsonschema:"minimum=5"`
}

// encodingOf encodes a value, by its own schema or by a hand-written one.
func encodingOf[T any](value T, schema string) func() error {
	return func() error {
		var opts []jsonval.Option
		if schema != "" {
			opts = append(opts, schemas.HandWritten(schema))
		}
		_, err := mustCodec[T](opts...).Encode(value)
		return err
	}
}
