package jsonval_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/jsonval/schemas"
)

type (
	partName  string
	partNames []partName
	partGrid  map[string][]map[int]string
)

type parts struct {
	Names  []string       `json:"names" jsonschema:"minItems=1,items.minLength=2,items.pattern=^[a-z]+$"`
	Again  partNames      `json:"again" jsonschema:"items.maxLength=3"`
	Once   partNames      `json:"once"`
	Pair   [2]int         `json:"pair" jsonschema:"items.minimum=0,items.maximum=9"`
	Maybe  []*float64     `json:"maybe" jsonschema:"items.exclusiveMaximum=1"`
	Marks  map[string]int `json:"marks" jsonschema:"values.minimum=1,values.multipleOf=2"`
	Places map[int]string `json:"places" jsonschema:"values.enum=gold,values.enum=silver"`
	Grid   partGrid       `json:"grid" jsonschema:"values.minItems=1,values.items.maxProperties=2,values.items.values.format=email"`
	Rows   [][]string     `json:"rows" jsonschema:"items.maxItems=2,items.items.minLength=1"`
}

func soundParts() parts {
	half := 0.5
	return parts{
		Names: []string{"ann", "bob"}, Again: partNames{"abc"}, Once: partNames{"abcdef"}, Pair: [2]int{0, 9}, Maybe: []*float64{nil, &half},
		Marks: map[string]int{"a": 2}, Places: map[int]string{-1: "gold"}, Grid: partGrid{"x": {{7: "a@b.c"}}}, Rows: [][]string{{"a", "b"}, {}},
	}
}

var _ = Describe("Tags of parts", func() {
	codec, err := jsonval.NewCodec[parts]()

	It("leave what satisfies them alone, and round-trip it", func() {
		Expect(err).NotTo(HaveOccurred())
		text, err := codec.Encode(soundParts())
		Expect(err).NotTo(HaveOccurred())
		Expect(codec.Decode(text)).To(Equal(soundParts()))
		Expect(codec.Compiled()).To(BeTrue())
	})

	one := 1.0
	for _, row := range []struct {
		says  string
		spoil func(p *parts)
	}{
		{"/names/1: must have 2 or more characters, has 1 (minLength)", func(p *parts) { p.Names[1] = "b" }},
		{"/names/0: ", func(p *parts) { p.Names[0] = "Ann" }},
		{"/again/0: ", func(p *parts) { p.Again[0] = "abcd" }},
		{"/pair/1: must be at most 9 (maximum)", func(p *parts) { p.Pair[1] = 10 }},
		{"/maybe/1: must be less than 1 (exclusiveMaximum)", func(p *parts) { p.Maybe[1] = &one }},
		{"/marks/a: must be a multiple of 2 (multipleOf)", func(p *parts) { p.Marks["a"] = 3 }},
		{"/marks/b: must be at least 1 (minimum)", func(p *parts) { p.Marks["b"] = 0 }},
		{"/places/-1: ", func(p *parts) { p.Places[-1] = "tin" }},
		{"/grid/x: ", func(p *parts) { p.Grid["x"] = []map[int]string{} }},
		{"/grid/x/0: ", func(p *parts) { p.Grid["x"][0] = map[int]string{1: "a@b.c", 2: "a@b.c", 3: "a@b.c"} }},
		{"/grid/x/0/7: ", func(p *parts) { p.Grid["x"][0][7] = "nobody" }},
		{"/rows/0: ", func(p *parts) { p.Rows[0] = []string{"a", "b", "c"} }},
		{"/rows/1/0: must have 1 or more characters, has 0 (minLength)", func(p *parts) { p.Rows[1] = []string{""} }},
	} {
		It("refuse, written and read: "+row.says, func() {
			spoilt := soundParts()
			row.spoil(&spoilt)
			_, err := codec.Encode(spoilt)
			Expect(err).To(MatchError(ContainSubstring(row.says)))
			free, err := jsonval.NewCodec[parts](schemas.HandWritten("{}"))
			Expect(err).NotTo(HaveOccurred())
			text, err := free.Encode(spoilt)
			Expect(err).NotTo(HaveOccurred())
			_, err = codec.Decode(text)
			Expect(err).To(MatchError(ContainSubstring(row.says)))
		})
	}

	DescribeTable("are named where a keyword is for them, and refused where there are none", func(mistake error, says string) {
		Expect(mistake).To(MatchError(ContainSubstring(says)))
	},
		Entry(nil, mistakeOf[struct {
			A []string `jsonschema:"minLength=2"`
		}](), "minLength: is for string, the Go type writes array: for each of its items write items.minLength"),
		Entry(nil, mistakeOf[struct {
			A map[string]int `jsonschema:"minimum=2"`
		}](), "minimum: is for integer or number, the Go type writes object: for each of its values write values.minimum"),
		Entry(nil, mistakeOf[struct {
			A string `jsonschema:"items.minLength=2"`
		}](), "items: is for array, the Go type writes string"),
		Entry(nil, mistakeOf[struct {
			A []string `jsonschema:"items.minimum=2"`
		}](), "items.minimum: is for integer or number, the Go type writes string"),
		Entry(nil, mistakeOf[struct {
			A []byte `jsonschema:"items.minimum=2"`
		}](), "items: cannot be enforced: the value is bytes"),
		Entry(nil, mistakeOf[struct {
			A map[string]string `jsonschema:"values.required"`
		}](), "values.required: is for members of objects"),
		Entry(nil, mistakeOf[struct {
			A []string `jsonschema:"items.minLength=2,items.maxLength=1"`
		}](), "items.minLength and maxLength leave no value"),
		Entry(nil, mistakeOf[struct {
			A []string `jsonschema:"items.nonsense=2"`
		}](), "items.nonsense: unknown keyword"),
		Entry(nil, mistakeOf[struct {
			A any `jsonschema:"items.minLength=2"`
		}](), "items: cannot be enforced: the Go type has none that are known"),
	)
})

func mistakeOf[T any]() error {
	_, err := jsonval.NewCodec[T]()
	return err
}

var _ = Describe("Encode of what is longer than the limit", func() {
	It("stops where the limit is passed", func() {
		codec, err := jsonval.NewCodec[[]string](jsonval.MaxSize(1 << 20))
		Expect(err).NotTo(HaveOccurred())
		huge := make([]string, 1<<23)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err = codec.Encode(huge)
		runtime.ReadMemStats(&after)
		Expect(err).To(MatchError(ContainSubstring("longer than the limit of 1048576 bytes (maxSize)")))
		Expect(after.TotalAlloc-before.TotalAlloc).To(BeNumerically("<", 8<<20), "its text would have 24 MB")
	})
	It("refuses nothing that is just as long", func() {
		codec, err := jsonval.NewCodec[[]string](jsonval.MaxSize(1<<20 + 1))
		Expect(err).NotTo(HaveOccurred())
		text, err := codec.Encode(slices.Repeat([]string{strings.Repeat("x", 61)}, 1<<14)) // 64 bytes each
		Expect(err).NotTo(HaveOccurred())
		Expect(text).To(HaveLen(1<<20 + 1))
		_, err = codec.Encode(append(slices.Repeat([]string{strings.Repeat("x", 61)}, 1<<14-1), strings.Repeat("x", 62)))
		Expect(err).To(MatchError(jsonval.ErrInvalid))
	})
})

func ExampleNewCodec_parts() {
	type Team struct {
		Members []string       `json:"members" jsonschema:"minItems=1,items.minLength=2"`
		Points  map[string]int `json:"points" jsonschema:"values.minimum=0"`
	}
	codec, _ := jsonval.NewCodec[Team]()
	_, err := codec.Encode(Team{Members: []string{"ann", "b"}, Points: map[string]int{"may": -1}})
	fmt.Println(err)
	// Output:
	// 2 violations:
	//   /members/1: must have 2 or more characters, has 1 (minLength)
	//   /points/may: must be at least 0 (minimum)
}
