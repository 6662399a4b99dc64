package jsonval_test

import (
	"encoding/json"
	"errors"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/alecthomas/jsonschema"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/jsonval/schemas"
)

type relative struct {
	Name     string      `json:"name"`
	Children []*relative `json:"children,omitempty"`
	Parent   *relative   `json:"-"`
	Dash     int         `json:"-,"` //nolint:staticcheck // a member named -
	hidden   chan int
}

type forest []forest

type nest map[string]nest

// color writes itself as text.
type color struct{ red uint8 }

func (c color) MarshalText() ([]byte, error) {
	return []byte("#" + string("0123456789abcdef"[c.red>>4])), nil
}

func (c *color) UnmarshalText(text []byte) error {
	if len(text) != 2 || text[0] != '#' {
		return errors.New("not a color: " + string(text))
	}
	c.red = uint8(strings.IndexByte("0123456789abcdef", text[1]|0x20) << 4)
	return nil
}

// celsius writes itself as JSON, and declares how.
type celsius struct{ degrees float64 }

func (celsius) JSONSchemaType() *jsonschema.Type {
	return &jsonschema.Type{
		Type: "object", Required: []string{"c"},
		AdditionalProperties: []byte("false"),
		Definitions:          jsonschema.Definitions{"degrees": {Type: "number", ExclusiveMinimum: true, Minimum: -274}},
		PatternProperties:    map[string]*jsonschema.Type{"^c$": {Ref: "#/definitions/degrees"}},
	}
}

func (c celsius) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]float64{"c": c.degrees})
}

func (c *celsius) UnmarshalJSON(text []byte) error {
	var object map[string]float64
	err := json.Unmarshal(text, &object)
	c.degrees = object["c"]
	return err
}

// secret writes itself as anything.
type secret struct{ value string }

func (s secret) MarshalJSON() ([]byte, error) {
	if s.value == "" {
		return nil, errors.New("the secret is hunter2")
	}
	return json.Marshal([]string{s.value})
}

func (s *secret) UnmarshalJSON(text []byte) error {
	return errors.New("the secret is " + string(text))
}

type base struct {
	ID   int    `json:"id" jsonschema:"minimum=1"`
	Name string `json:"name"`
}

// JSONSchemaType is promoted to what embeds a base, and must not speak for it.
func (base) JSONSchemaType() *jsonschema.Type { return &jsonschema.Type{Type: "object"} }

type Optional struct {
	Extra string `json:"extra"`
}

type derived struct {
	base
	*Optional
	Name int `json:"name"`
}

var _ = Describe("types", func() {
	at := time.Date(2024, 2, 29, 23, 59, 59, 123456789, time.FixedZone("", 5*3600+1800))
	each(
		of("recursive structs, pointers, ignored and unexported fields",
			[]string{`{"name":"a","children":[null,{"name":"b","-":1}],"-":0}`},
			texts{
				`{"name":"a","-":0,"children":[{"-":0}]}`:                                          "/children/0 required",
				`{"name":"a","-":0,"children":[{"name":"b","-":0,"children":[{"name":1,"-":0}]}]}`: "/children/0/children/0/name type",
				`{"name":"a"}`: " required",
			},
			[]relative{{Name: "a", hidden: make(chan int), Parent: &relative{}, Children: []*relative{nil, {Children: []*relative{{}}}}}}),
		of("recursive slices", []string{`[[],[[]],null]`}, texts{`[[1]]`: "/0/0 type"}, []forest{nil, {nil, {{}}}}),
		of("recursive maps", []string{`{"a":{"b":null}}`}, texts{`{"a":{"b":1}}`: "/a/b type"}, []nest{nil, {"a": {"b": nil}}}),
		of("embedded structs",
			[]string{`{"id":1,"name":2}`, `{"id":1,"name":2,"extra":"x"}`},
			texts{`{"id":0,"name":2}`: "/id minimum", `{"id":1,"name":"x"}`: "/name type", `{"id":1,"name":2,"extra":null}`: "/extra type", `{}`: " required"},
			[]derived{{base: base{ID: 1}, Name: 2}, {base: base{ID: 1}, Optional: &Optional{}}}),
		of("any",
			[]string{`null`, `1`, `{"a":[1,"x",true]}`}, texts{`{"a":1e400}`: "/a unmarshal", `{"a":1,"a":2}`: "/a uniqueNames"},
			[]any{nil, 1.5, "x", true, []any{1.0}, map[string]any{"a": nil}}),
		of("json.RawMessage", []string{`null`, `{"a":[1]}`}, texts{`{`: " syntax"}, []json.RawMessage{nil, []byte(`{"a":1}`)}),
		of("json.Number", []string{`1`, `1e400`, `-0.5`}, texts{`"1"`: " type", `null`: " type"}, []json.Number{"12345678901234567890.5", "0"}),
		of("time.Time",
			[]string{`"2024-02-29T12:00:00.5Z"`},
			texts{`"2023-02-29T12:00:00Z"`: " format", `"2024-02-29"`: " format", `1`: " type", `null`: " type", `"2024-06-30T23:59:60Z"`: " unmarshal"},
			[]time.Time{{}, at, at.UTC(), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)}),
		of("time.Duration", []string{`-5`}, texts{`"5s"`: " type", `1.5`: " type"}, []time.Duration{0, time.Hour}),
		of("arrays have exactly their length",
			[]string{`[1,2,3]`}, texts{`[1,2]`: " minItems", `[1,2,3,4]`: " maxItems", `null`: " type", `[1,2,300]`: "/2 maximum"},
			[][3]byte{{}, {1, 2, 3}}),
		of("an empty array", []string{`[]`}, texts{`[1]`: " maxItems"}, [][0]int{{}}),
		of("encoding.TextMarshaler",
			[]string{`"#a"`}, texts{`1`: " type", `"red"`: " unmarshal", `null`: " type"}, []color{{}, {red: 0x50}}),
		of("encoding.TextMarshaler as a map key",
			[]string{`{"#a":1,"#b":2}`}, texts{`{"red":1}`: "/red unmarshal"}, []map[color]int{nil, {{red: 0x10}: 1}}),
		of("types of the standard library that write themselves",
			[]string{`{"IP":"::1","Addr":"","Int":123456789012345678901234567890,"Map":null,"Float":null}`},
			texts{`{"IP":1,"Addr":"","Int":1,"Map":null,"Float":null}`: "/IP type", `{"IP":"","Addr":"x","Int":1,"Map":null,"Float":null}`: "/Addr unmarshal"},
			[]struct {
				IP    net.IP
				Addr  netip.Addr
				Int   big.Int
				Map   map[string]*big.Int
				Float *big.Float
			}{{}, {IP: net.IPv6loopback, Addr: netip.MustParseAddr("fe80::1%eth0"), Int: *big.NewInt(7)}}),
		of("url.URL is the struct that encoding/json writes", nil, texts{`"http://x/"`: " type"}, []url.URL{{Host: "x"}}),
		of("json.Marshaler with its own JSONSchemaType",
			[]string{`{"c":-273.5}`}, texts{`{"c":-274}`: "/c exclusiveMinimum", `{"k":1}`: " required", `{"c":1,"k":1}`: "/k additionalProperties", `null`: " type"},
			[]celsius{{}, {-273.15}}),
		of("a pointer to it", []string{`null`, `{"c":1}`}, texts{`{"c":"x"}`: "/c type"}, []*celsius{nil, {}}),
		of("uintptr, named scalars, bytes of a named type",
			[]string{`{"P":1,"D":[1],"B":"AQ=="}`}, texts{`{"P":-1,"D":[1],"B":""}`: "/P minimum"},
			[]struct {
				P uintptr
				D []time.Month
				B []namedByte
			}{{}, {1, []time.Month{2}, []namedByte{3}}}),
		of("map keys of other kinds",
			[]string{`{"F":{"1.5":1},"N":{"1":2}}`}, texts{`{"F":{"x":1},"N":{}}`: "/F/x additionalProperties"},
			[]struct {
				F map[float64]int
				N map[json.Number]int
			}{{}, {map[float64]int{1e30: 1, -2: 2}, map[json.Number]int{"7": 1}}}),
	)

	It("tells apart types of one name in one package", func() {
		type local struct{ A int }
		first := reflect.TypeFor[local]()
		second := func() reflect.Type {
			type local struct{ A string }
			return reflect.TypeFor[local]()
		}()
		both := reflect.StructOf([]reflect.StructField{{Name: "A", Type: first}, {Name: "B", Type: second}})
		schema, err := jsonval.SchemaOf(both)
		Expect(err).NotTo(HaveOccurred())
		codec := mustCodec[any](schemas.HandWritten(string(schema)))
		_, err = codec.Decode(`{"A":{"A":1},"B":{"A":"x"}}`)
		Expect(err).NotTo(HaveOccurred())
	})

	It("documents fields by GetFieldDocString", func() {
		Expect(string(mustCodec[documented]().Schema())).To(ContainSubstring(`"description": "about Field"`))
	})

	It("rewrites a draft-04 JSONSchemaType", func() {
		codec := mustCodec[*oldSchool]()
		for _, text := range []string{`null`, `{"low":0.5,"self":{"low":1},"list":["AQ=="]}`, `{"pair":1,"low":1}`} {
			_, err := codec.Decode(text)
			Expect(err).NotTo(HaveOccurred(), text)
		}
		Expect(string(codec.Schema())).NotTo(ContainSubstring("draft-04"))
		for text, want := range map[string]string{
			`{"low":0}`: "/low exclusiveMinimum", `{"low":10}`: "/low exclusiveMaximum", `{"self":{"low":-1}}`: "/self/low exclusiveMinimum",
			`{"list":["!"]}`: "/list/0 contentEncoding", `{"word":"a"}`: "/word minLength", `{"pair":1}`: " required",
		} {
			_, err := codec.Decode(text)
			Expect(first(err)).To(Equal(want), text)
		}
	})

	It("resolves fields as encoding/json does", func() {
		type Inner struct{ A, B, C, D int }
		type Other struct {
			B, E int
			D    int `json:"D"`
		}
		type Tagged struct {
			G int `json:"E"`
		}
		type Word string
		type hiddenStruct struct{ F int }
		type hiddenWord string //nolint:unused // encoding/json does not write it
		type outer struct {
			Inner
			*Other
			Tagged
			*Itself
			Word
			hiddenStruct
			hiddenWord       //nolint:unused // encoding/json does not write it
			Named      Inner `json:"named"`
			Spread     Inner `json:",embed"`
			C          string
			X          int `json:"x"`
			Z          int `json:"ä b"`
		}
		value := outer{Other: &Other{}, Itself: &Itself{}}
		text, err := json.Marshal(value)
		Expect(err).NotTo(HaveOccurred())
		codec, err := jsonval.NewCodec[outer](jsonval.Strict())
		Expect(err).NotTo(HaveOccurred())
		Expect(codec.Encode(value)).To(Equal(string(text)))
		var members map[string]any
		Expect(json.Unmarshal(text, &members)).To(Succeed())
		var schema struct {
			Defs map[string]struct {
				Properties map[string]any
				Required   []string
			} `json:"$defs"`
		}
		Expect(json.Unmarshal(codec.Schema(), &schema)).To(Succeed())
		properties := schema.Defs["jsonval_test.outer"]
		Expect(properties.Properties).To(HaveLen(len(members)))
		for name := range members {
			Expect(properties.Properties).To(HaveKey(name))
		}
		Expect(properties.Required).NotTo(ContainElement("Own"), "it is behind an embedded pointer")
		Expect(properties.Required).To(ContainElement("E"), "the field with the explicit name is not")
	})

	DescribeTable("types that have no codec", func(build func() error, want string) {
		err := build()
		Expect(err).To(MatchError(ContainSubstring(want)))
	},
		Entry("channels", builds[struct{ C []chan int }], "C[]: encoding/json has no representation for chan int"),
		Entry("functions", builds[func()], "no representation"),
		Entry("complex numbers", builds[map[string]complex64], "no representation"),
		Entry("map keys", builds[map[bool]int], "map keys of type bool"),
		Entry("pointer methods in a map", builds[map[string]big.Int], "store a *big.Int"),
		Entry("pointer methods below a map", builds[map[string]struct{ I [1]big.Int }], "store a *big.Int"),
		Entry("pointers to themselves", builds[loop], "points to nothing but itself"),
		Entry("members matched in any case", builds[struct {
			A int `json:"a,case:ignore"`
		}], "case:ignore"),
		Entry("the format option", builds[struct {
			A int `json:"a,format:hex"`
		}], "format option"),
		Entry("embedded maps", builds[struct {
			A map[string]int `json:",embed"`
		}], "embed option"),
		Entry("malformed names", builds[struct {
			A int `json:"a'b"` //nolint:staticcheck // malformed on purpose
		}], "malformed name"),
		Entry("JSONSchemaType that panics", builds[panicking], "reflecting jsonval_test.panicking"),
	)
})

type namedByte byte

// Itself is embedded in itself.
type Itself struct {
	*Itself
	Own int
}

type documented struct {
	Field int
}

func (documented) GetFieldDocString(name string) string { return "about " + name }

// oldSchool declares its schema on its pointer, with what draft 4 says in another way than 2020-12.
type oldSchool struct{}

func (*oldSchool) JSONSchemaType() *jsonschema.Type {
	return &jsonschema.Type{
		Version: jsonschema.Version, Type: "object",
		PatternProperties: map[string]*jsonschema.Type{
			"^low$":  {Type: "number", ExclusiveMinimum: true, Maximum: 10, ExclusiveMaximum: true},
			"^self$": {Ref: "#"},
			"^list$": {Type: "array", Items: &jsonschema.Type{Type: "string", Media: &jsonschema.Type{BinaryEncoding: "base64"}}},
			"^word$": {AllOf: []*jsonschema.Type{{Ref: "#/definitions/word"}}},
		},
		Definitions:  jsonschema.Definitions{"word": {Type: "string", MinLength: 2, Version: jsonschema.Version}},
		Dependencies: map[string]*jsonschema.Type{"pair": {Required: []string{"low"}}},
	}
}

type loop *loop

type panicking struct{}

func (panicking) JSONSchemaType() *jsonschema.Type { panic("no schema") }

func builds[T any]() error {
	_, err := jsonval.NewCodec[T]()
	return err
}

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
