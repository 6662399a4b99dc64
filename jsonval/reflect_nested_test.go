package jsonval_test

import (
	"encoding/json"
	"reflect"
	"runtime"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
)

// nesting is a way to make a type out of another, and a text out of that of a value of the other.
type nesting struct {
	around     func(reflect.Type) reflect.Type
	open, shut string
}

// typed returns a type in so many others that have no name, and the text of a value of it.
func (n nesting) typed(innermost reflect.Type, levels int) reflect.Type {
	for range levels {
		innermost = n.around(innermost)
	}
	return innermost
}

func (n nesting) text(innermost string, levels int) string {
	return strings.Repeat(n.open, levels) + innermost + strings.Repeat(n.shut, levels)
}

func inStruct(t reflect.Type) reflect.Type {
	return reflect.StructOf([]reflect.StructField{{Name: "A", Type: t, Tag: `json:"a"`}})
}

// allocated returns how many bytes making a codec of a type allocates.
func allocated(goType reflect.Type) uint64 {
	GinkgoHelper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := jsonval.NewTypeCodec(goType)
	runtime.ReadMemStats(&after)
	Expect(err).NotTo(HaveOccurred())
	return after.TotalAlloc - before.TotalAlloc
}

var _ = Describe("types without a name in one another", func() {
	nestings := []TableEntry{
		Entry("structs", nesting{inStruct, `{"a":`, `}`}),
		Entry("slices", nesting{reflect.SliceOf, `[`, `]`}),
		Entry("arrays", nesting{func(t reflect.Type) reflect.Type { return reflect.ArrayOf(1, t) }, `[`, `]`}),
		Entry("maps", nesting{func(t reflect.Type) reflect.Type { return reflect.MapOf(reflect.TypeFor[string](), t) }, `{"a":`, `}`}),
		Entry("pointers to structs", nesting{func(t reflect.Type) reflect.Type { return reflect.PointerTo(inStruct(t)) }, `{"a":`, `}`}),
		Entry("slices of structs", nesting{func(t reflect.Type) reflect.Type { return reflect.SliceOf(inStruct(t)) }, `[{"a":`, `}]`}),
	}

	DescribeTable("cost memory in proportion to how many there are", func(n nesting) {
		allocated(n.typed(reflect.TypeFor[int](), 3)) // what is made once
		few, many := allocated(n.typed(reflect.TypeFor[int](), 100)), allocated(n.typed(reflect.TypeFor[int](), 200))
		Expect(float64(many)/float64(few)).To(BeNumerically("<", 3), "%d and %d bytes", few, many)
	}, nestings)

	DescribeTable("are judged at every depth", func(n nesting) {
		const levels = 40
		goType := n.typed(reflect.TypeFor[int8](), levels)
		codec, err := jsonval.NewTypeCodec(goType)
		Expect(err).NotTo(HaveOccurred())
		into := reflect.New(goType).Elem()
		Expect(codec.Decode(n.text("7", levels), into)).To(Succeed())
		Expect(codec.Encode(into)).To(Equal(n.text("7", levels)))
		for depth := range levels + 1 {
			Expect(first(codec.Decode(n.text(`"x"`, depth), into))).To(HaveSuffix(" type"), "%d", depth)
		}
		Expect(first(codec.Decode(n.text("300", levels), into))).To(HaveSuffix(" maximum"))
	}, nestings)

	It("are shown as they are nested, as long as that can be read", func() {
		schema, err := jsonval.SchemaOf(reflect.TypeFor[struct {
			A []struct {
				B map[string]struct{ C [2]int }
			}
		}]())
		Expect(err).NotTo(HaveOccurred())
		Expect(string(schema)).NotTo(ContainSubstring("$ref"))
	})
})

// Boxed has the name of its type in its own.
type Boxed[T any] struct{ In T }

type (
	boxed2[T any]  = Boxed[Boxed[T]]
	boxed8[T any]  = boxed2[boxed2[boxed2[boxed2[T]]]]
	boxed32[T any] = boxed8[boxed8[boxed8[boxed8[T]]]]
)

var _ = Describe("names of definitions", func() {
	It("are short, and differ, whatever the names of the types are", func() {
		var schema struct {
			Defs map[string]any `json:"$defs"`
		}
		Expect(json.Unmarshal(mustCodec[boxed32[int]]().Schema(), &schema)).To(Succeed())
		Expect(schema.Defs).To(HaveLen(32))
		for name := range schema.Defs {
			Expect(len(name)).To(BeNumerically("<", 130))
		}
	})
})
