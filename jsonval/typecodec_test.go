package jsonval_test

import (
	"reflect"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
)

var _ = Describe("TypeCodec", func() {
	type point struct {
		X int `json:"x" jsonschema:"minimum=0"`
	}
	It("encodes, decodes and refuses as the Codec of the type does", func() {
		codec, err := jsonval.NewTypeCodec(reflect.TypeFor[point]())
		Expect(err).NotTo(HaveOccurred())
		Expect(codec.Encode(reflect.ValueOf(point{3}))).To(Equal(`{"x":3}`))
		_, err = codec.Encode(reflect.ValueOf(point{-3}))
		Expect(err).To(BeAssignableToTypeOf(&jsonval.ValidationError{}))

		var decoded point
		into := reflect.ValueOf(&decoded).Elem()
		Expect(codec.Decode(`{"x":4}`, into)).To(Succeed())
		Expect(decoded).To(Equal(point{4}))
		Expect(codec.Decode(`{"x":-4}`, into)).To(BeAssignableToTypeOf(&jsonval.ValidationError{}))
		Expect(decoded).To(Equal(point{4}))
	})
	It("fails for a type that JSON has no notation for", func() {
		_, err := jsonval.NewTypeCodec(reflect.TypeFor[chan int]())
		Expect(err).To(MatchError(ContainSubstring("chan int")))
	})
})
