package jsonval_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
)

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
