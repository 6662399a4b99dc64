package jsonval_test

import (
	"encoding/json"
	"reflect"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
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
		_, err := mustCodec[json.Number](jsonval.WithSchema(`{"type":"string"}`)).Encode("1")
		Expect(first(err)).To(Equal(" type"))
		_, err = mustCodec[struct {
			A [1]string `json:"a,omitempty"`
		}](jsonval.WithSchema(`{"properties":{"a":{"items":{"minLength":1}}}}`)).Encode(struct {
			A [1]string `json:"a,omitempty"`
		}{})
		Expect(first(err)).To(Equal("/a/0 minLength"), "an array with an item is not empty")
	})
})
