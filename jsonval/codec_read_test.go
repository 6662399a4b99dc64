package jsonval_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/jsonval/schemas"
)

// That what is read is what encoding/json reads is for the differential test to show.
var _ = Describe("a text that is read in the pass that judges it", func() {
	nested := func(levels int, opening, innermost, closing string) string {
		return strings.Repeat(opening, levels) + innermost + strings.Repeat(closing, levels)
	}

	DescribeTable("is nested as deeply as the limit says, and no deeper", func(decode func(text string) error, opening, innermost, closing string) {
		const limit = 6 // one level is the innermost
		Expect(decode(nested(limit-1, opening, innermost, closing))).To(Succeed())
		Expect(first(decode(nested(limit, opening, innermost, closing)))).To(HaveSuffix("maxDepth"))
	},
		Entry("in structs", decoding[linked](jsonval.MaxDepth(6)), `{"next":`, `{}`, `}`),
		Entry("in slices", decoding[forest](jsonval.MaxDepth(6)), `[`, `[]`, `]`),
		Entry("in maps", decoding[nest](jsonval.MaxDepth(6)), `{"a":`, `{}`, `}`),
		Entry("in slices behind the end of an array", decoding[[0]forest](jsonval.MaxDepth(6), schemas.HandWritten("true")), `[`, `[]`, `]`),
	)

	It("leaves no more room in a slice than append would", func() {
		type document struct {
			Short []int  `json:"short"`
			Rest  string `json:"rest"`
		}
		codec := mustCodec[document]()
		for length := range 40 {
			text := `{"short":[` + strings.TrimSuffix(strings.Repeat("1,", length), ",") + `],"rest":"` + strings.Repeat("x", 1000) + `"}`
			read, err := codec.Decode(text)
			Expect(err).NotTo(HaveOccurred())
			Expect(read.Short).To(HaveLen(length))
			Expect(cap(read.Short)).To(BeNumerically("<=", max(4, 2*length)))
		}
	})
})

type linked struct {
	Next *linked `json:"next,omitempty"`
}

func decoding[T any](opts ...jsonval.Option) func(text string) error {
	return func(text string) error {
		_, err := mustCodec[T](opts...).Decode(text)
		return err
	}
}
