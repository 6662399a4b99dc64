package jsonval_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
)

// anything is an interface by another name.
type anything interface{}

// Carried is embedded, through a pointer too.
type Carried struct{ Load any }

// diamond leads twice to what lies below it, and writes nothing of it.
type diamond struct{ Left, Right any }

func (diamond) MarshalJSON() ([]byte, error) { return []byte(`"diamond"`), nil }

// nestedIn is a value in so many lists.
func nestedIn(lists int, value any) any {
	for range lists {
		value = []any{value}
	}
	return value
}

// encoding/json looks for cycles in the JSON alone: on each of these the program would end, with its stack exhausted.
var _ = Describe("pointers and interfaces that lead to themselves with no JSON between", func() {
	var itself any
	itself = &itself
	var named anything
	named = &named
	var pointer loop
	pointer = loop(&pointer)

	DescribeTable("are refused", func(value any) {
		_, err := mustCodec[any]().Encode(value)
		Expect(first(err)).To(Equal(" cycle"))
	},
		Entry("alone", itself),
		Entry("of an interface type with a name", named),
		Entry("of a pointer type that points to itself", pointer),
		Entry("in a list and an object", map[string]any{"a": 1, "b": []any{"x", itself}}),
		Entry("in a map of another type", map[int]*any{1: &itself}),
		Entry("as a map key", map[any]int{itself: 1}),
		Entry("in an array of structs", [2]struct{ Name, Link any }{{}, {Link: itself}}),
		Entry("in an embedded struct", struct{ Carried }{Carried{itself}}),
		Entry("behind an embedded pointer", struct{ *Carried }{&Carried{itself}}),
		Entry("in an embedded map", struct {
			More map[string]any `json:",embed"`
		}{map[string]any{"a": itself}}),
		Entry("deep down", nestedIn(900, itself)),
		Entry("beside much else", []any{nestedIn(900, 1), sampleGame(5), strings.Repeat("x", 100), itself}),
	)

	It("are looked for once in what is shared at every level", func() {
		shared := itself
		for range 60 {
			shared = &diamond{shared, shared}
		}
		_, err := mustCodec[any]().Encode(shared)
		Expect(first(err)).To(Equal(" cycle"))
		shared = 1
		for range 60 {
			shared = &diamond{shared, shared}
		}
		Expect(mustCodec[any]().Encode(shared)).To(Equal(`"diamond"`))
	})

	It("are not confused with a value that is deep, or cyclic where it is not written", func() {
		Expect(mustCodec[any](jsonval.MaxDepth(5000)).Encode(nestedIn(5000, 1))).To(HaveLen(10_001))
		around := &diamond{}
		around.Left, around.Right = around, []any{around, around}
		Expect(mustCodec[any]().Encode(around)).To(Equal(`"diamond"`))
	})
})
