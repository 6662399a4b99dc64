package jsonval_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
)

// row is one Go type with texts that it accepts, texts that it refuses, and values that encoding/json writes and that
// therefore pass.
type row struct {
	name string
	run  func()
}

// texts maps a refused text to the pointer and keyword of its first violation, "pointer keyword".
type texts map[string]string

func of[T any](name string, accepted []string, refused texts, values []T, opts ...jsonval.Option) row {
	return row{name, func() {
		GinkgoHelper()
		codec, err := jsonval.NewCodec[T](opts...)
		Expect(err).NotTo(HaveOccurred())
		for _, text := range accepted {
			_, err := codec.Decode(text)
			Expect(err).NotTo(HaveOccurred(), text)
		}
		for text, want := range refused {
			got, err := codec.Decode(text)
			Expect(first(err)).To(Equal(want), "%s: %v", text, err)
			var zero T
			Expect(reflect.DeepEqual(got, zero)).To(BeTrue(), "a refused text decodes to the zero value")
		}
		for _, value := range values {
			written, err := json.Marshal(&value)
			Expect(err).NotTo(HaveOccurred())
			text, err := codec.Encode(value)
			Expect(err).NotTo(HaveOccurred(), "%s", written)
			Expect(text).To(Equal(string(written)), "the text is that of encoding/json")
			again, err := codec.Decode(text)
			Expect(err).NotTo(HaveOccurred(), text)
			Expect(codec.Encode(again)).To(Equal(text))
		}
	}}
}

// first renders the first violation of a refusal.
func first(err error) string {
	var refused *jsonval.ValidationError
	if !errors.As(err, &refused) || !errors.Is(err, jsonval.ErrInvalid) {
		return fmt.Sprintf("no refusal: %v", err)
	}
	return refused.Violations[0].Pointer + " " + refused.Violations[0].Keyword
}

func each(rows ...row) {
	GinkgoHelper()
	for _, row := range rows {
		It(row.name, row.run)
	}
}
