package jsonval_test

import (
	"encoding/json"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/jsonval/testdata/p1"
	"github.com/kvstore-go/kvstore/jsonval/testdata/p2"
)

type page[T any] struct {
	Items []T `json:"items"`
	Next  *page[T]
}

type bothItems struct {
	A p1.Item `json:"a"`
	B p2.Item `json:"b"`
}

// Each row of the table of what alecthomas/jsonschema gets wrong.
var _ = Describe("the traps of reflection", func() {
	type zeroBounds struct {
		N int     `json:"n" jsonschema:"minimum=0"`
		M int     `json:"m" jsonschema:"maximum=0"`
		S string  `json:"s" jsonschema:"maxLength=0"`
		L []int   `json:"l" jsonschema:"maxItems=0"`
		X float64 `json:"x" jsonschema:"minimum=0,exclusiveMinimum=true"`
		Y float64 `json:"y" jsonschema:"exclusiveMaximum=0"`
	}
	type nils struct {
		S []int          `json:"s"`
		M map[string]int `json:"m"`
		P *int           `json:"p"`
		B []byte         `json:"b"`
	}
	type omits struct {
		Z time.Time `json:"z,omitzero"`
		E string    `json:"e,omitempty"`
		R string    `json:"r"`
	}
	type quoted struct {
		I int8        `json:"i,string"`
		U uint        `json:"u,string"`
		F float64     `json:"f,string"`
		B bool        `json:"b,string"`
		S string      `json:"s,string"`
		P *int        `json:"p,string"`
		L []int       `json:"l,string"` //nolint:staticcheck // ignored by encoding/json
		N json.Number `json:"n,omitempty,string"`
		D **uint64    `json:"d,string"` //nolint:staticcheck // ignored by encoding/json
	}
	seven := 7
	ten := uint64(10)
	tenth := &ten

	each(
		of("a bound of zero is enforced",
			[]string{`{"n":0,"m":0,"s":"","l":[],"x":0.1,"y":-1}`},
			texts{
				`{"n":-1,"m":0,"s":"","l":[],"x":1,"y":-1}`:  "/n minimum",
				`{"n":0,"m":1,"s":"","l":[],"x":1,"y":-1}`:   "/m maximum",
				`{"n":0,"m":0,"s":"a","l":[],"x":1,"y":-1}`:  "/s maxLength",
				`{"n":0,"m":0,"s":"","l":[1],"x":1,"y":-1}`:  "/l maxItems",
				`{"n":0,"m":0,"s":"","l":[],"x":0,"y":-1}`:   "/x exclusiveMinimum",
				`{"n":0,"m":0,"s":"","l":[],"x":0.5,"y":-0}`: "/y exclusiveMaximum",
			},
			[]zeroBounds{{X: 1, Y: -1}, {N: 5, M: -3, L: []int{}, X: 2, Y: -2}}),
		of("a generic type has a definition that compiles",
			[]string{`{"items":[{"id":1}],"Next":{"items":null,"Next":null}}`},
			texts{`{"items":[{"id":"x"}],"Next":null}`: "/items/0/id type"},
			[]page[p1.Item]{{}, {Items: []p1.Item{{ID: 3}}, Next: &page[p1.Item]{}}}),
		of("one generic type over two types of one name",
			[]string{`{"A":{"items":[{"id":1}],"Next":null},"B":{"items":[{"id":"x"}],"Next":null}}`},
			texts{`{"A":{"items":[{"id":1}],"Next":null},"B":{"items":[{"id":1}],"Next":null}}`: "/B/items/0/id type"},
			[]struct {
				A page[p1.Item]
				B page[p2.Item]
			}{{}}),
		of("two types of one name are two definitions",
			[]string{`{"a":{"id":1},"b":{"id":"x"}}`},
			texts{
				`{"a":{"id":"x"},"b":{"id":"x"}}`: "/a/id type",
				`{"a":{"id":1},"b":{"id":1}}`:     "/b/id type",
			},
			[]bothItems{{}, {p1.Item{ID: 1}, p2.Item{ID: "x"}}}),
		of("null is accepted for what may be nil",
			[]string{`{"s":null,"m":null,"p":null,"b":null}`, `{"s":[],"m":{},"p":0,"b":"AQI="}`},
			texts{
				`{"s":[null],"m":null,"p":null,"b":null}`:       "/s/0 type",
				`{"s":null,"m":{"k":null},"p":null,"b":null}`:   "/m/k type",
				`{"s":null,"m":null,"p":null,"b":"not base"}`:   "/b contentEncoding",
				`{"s":null,"m":null,"p":null,"b":[1]}`:          "/b type",
				`{"s":null,"m":null,"p":null,"b":"AQI=","s":1}`: "/s uniqueNames",
			},
			[]nils{{}, {[]int{1}, map[string]int{"a": 1}, &seven, []byte{1, 2}}}),
		of("null is refused for a struct", nil, texts{`null`: " type"}, []bothItems{{}}),
		of("null is accepted for a pointer", []string{`null`}, texts{`1`: " type"}, []*bothItems{nil, {}}),
		of("omitzero and omitempty make a member optional",
			[]string{`{"r":""}`, `{"r":"","z":"2024-02-29T12:00:00Z","e":"x"}`},
			texts{`{}`: " required", `{"r":"","z":"yesterday"}`: "/z format"},
			[]omits{{}, {Z: time.Unix(0, 1).UTC(), E: "e", R: "r"}}),
		of("the string option quotes scalars, and pointers to them",
			[]string{`{"i":"-128","u":"0","f":"1.5e3","b":"true","s":"\"x\"","p":"3","l":[1],"d":10}`},
			texts{
				`{"i":"1","u":"0","f":"1","b":"true","s":"\"x\"","p":null,"l":null,"n":"x","d":null}`: "/n pattern",
				`{"i":1,"u":"0","f":"1","b":"true","s":"\"x\"","p":null,"l":null,"d":null}`:           "/i type",
				`{"i":"128","u":"0","f":"1","b":"true","s":"\"x\"","p":null,"l":null,"d":null}`:       "/i unmarshal",
				`{"i":"+1","u":"0","f":"1","b":"true","s":"\"x\"","p":null,"l":null,"d":null}`:        "/i pattern",
				`{"i":"1","u":"-1","f":"1","b":"true","s":"\"x\"","p":null,"l":null,"d":null}`:        "/u pattern",
				`{"i":"1","u":"1","f":"null","b":"true","s":"\"x\"","p":null,"l":null,"d":null}`:      "/f pattern",
				`{"i":"1","u":"1","f":"1","b":"yes","s":"\"x\"","p":null,"l":null,"d":null}`:          "/b pattern",
				`{"i":"1","u":"1","f":"1","b":"true","s":"x","p":null,"l":null,"d":null}`:             "/s pattern",
				`{"i":"1","u":"1","f":"1","b":"true","s":"\"x\"","p":"null","l":null,"d":null}`:       "/p pattern",
				`{"i":"1","u":"1","f":"1e999","b":"true","s":"\"x\"","p":"1","l":null,"d":null}`:      "/f unmarshal",
				`{"i":"1","u":"1","f":"1","b":"true","s":"\"\\u\"","p":"1","l":null,"d":null}`:        "/s unmarshal",
				`{"i":"1","u":"1","f":"1","b":"true","s":"\"x\"","p":"1","l":null,"d":"10"}`:          "/d type",
			},
			[]quoted{{}, {-5, 5, 1e300, true, "a\n\"<b>", &seven, []int{1}, "1.50", &tenth}}),
		of("integer map keys may be negative",
			[]string{`{"-1":1,"0":2,"2147483647":3}`, `null`},
			texts{
				`{"x":1}`:          "/x additionalProperties",
				`{"01":1}`:         "/01 additionalProperties",
				`{"-0":1}`:         "/-0 additionalProperties",
				`{"2147483648":1}`: "/2147483648 unmarshal",
				`{"1":"x"}`:        "/1 type",
			},
			[]map[int32]int{nil, {}, {-3: 1, 4: 2}}),
		of("unsigned map keys may not",
			[]string{`{"0":2}`},
			texts{`{"-1":1}`: "/-1 additionalProperties"},
			[]map[uint8]int{{3: 1}}),
		of("uint8 is 0 to 255", []string{`0`, `255`}, texts{`-1`: " minimum", `256`: " maximum", `1.5`: " type", `1.0`: " unmarshal"}, []uint8{0, 255}),
		of("int8", []string{`-128`, `127`}, texts{`-129`: " minimum", `128`: " maximum"}, []int8{-128, 127}),
		of("int16", []string{`-32768`}, texts{`-32769`: " minimum", `32768`: " maximum"}, []int16{-32768, 32767}),
		of("uint32", []string{`4294967295`}, texts{`4294967296`: " maximum"}, []uint32{4294967295}),
		of("uint64", []string{`18446744073709551615`}, texts{`18446744073709551616`: " maximum"}, []uint64{18446744073709551615}),
		of("int64 beyond 2^53 is exact",
			[]string{`9007199254740993`, `-9223372036854775808`},
			texts{`9223372036854775808`: " maximum", `-9223372036854775809`: " minimum"},
			[]int64{9007199254740993, -9223372036854775808, 9223372036854775807}),
		of("float32", []string{`3.4028235e38`}, texts{`1e39`: " maximum", `-1e39`: " minimum"}, []float32{3.4028234663852886e38, -1}),
		of("float64", []string{`1.7976931348623157e308`}, texts{`1e309`: " maximum"}, []float64{1.7976931348623157e308, 5e-324}),
		of("additional members are allowed, but not when strict",
			[]string{`{"a":{"id":1,"new":1},"b":{"id":"x"},"new":true}`}, nil, []bothItems{{}}),
		of("strict",
			[]string{`{"a":{"id":1},"b":{"id":"x"}}`},
			texts{
				`{"a":{"id":1,"new":1},"b":{"id":"x"}}`: "/a/new additionalProperties",
				`{"a":{"id":1},"b":{"id":"x"},"new":1}`: "/new additionalProperties",
			},
			[]bothItems{{}}, jsonval.Strict()),
	)

	It("enforces int64 exactly where a tag says so", func() {
		type bounded struct {
			N int64 `json:"n" jsonschema:"maximum=9007199254740992"`
		}
		codec, err := jsonval.NewCodec[bounded]()
		Expect(err).NotTo(HaveOccurred())
		_, err = codec.Decode(`{"n":9007199254740993}`)
		Expect(first(err)).To(Equal("/n maximum"))
	})
})
