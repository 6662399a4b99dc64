package jsonval_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
)

type level string

type words []string

type colors []color

type trio [3]int

var _ = Describe("tags", func() {
	type numbers struct {
		A int      `json:"a,omitempty" jsonschema:"minimum=-3,maximum=3"`
		B float64  `json:"b,omitempty" jsonschema:"multipleOf=0.5,exclusiveMaximum=10.5"`
		C uint8    `json:"c,omitempty" jsonschema:"maximum=1000"`
		D int      `json:"d,omitempty" jsonschema:"exclusiveMinimum=true,minimum=1,exclusiveMaximum=false"`
		E float64  `json:"e,omitempty" jsonschema:"type=integer"`
		F *float64 `json:"f,omitempty" jsonschema:"minimum=1e2"`
		G int64    `json:"g,omitempty" jsonschema:"enum=-1,enum=9007199254740993"`
	}
	type stringFields struct {
		Length  string            `json:"length,omitempty" jsonschema:"minLength=2,maxLength=3"`
		Pattern string            `json:"pattern,omitempty" jsonschema:"pattern=^[a-z]{1\\,3}=$"`
		Enum    level             `json:"enum,omitempty" jsonschema:"enum=low,enum=high,default=low,example=high"`
		Pointer *level            `json:"pointer" jsonschema:"enum=low,enum="`
		Const   string            `json:"const,omitempty" jsonschema:"const=a=b"`
		Color   color             `json:"color" jsonschema:"pattern=^#"`
		Bool    bool              `json:"bool,omitempty" jsonschema:"const=true"`
		Any     any               `json:"any" jsonschema:"oneof_type=string;null"`
		Raw     json.RawMessage   `json:"raw,omitempty" jsonschema:"type=string,minLength=1"`
		Map     map[string]string `json:"map,omitempty" jsonschema:"maxProperties=1"`
	}
	type formats struct {
		Email string `json:"email,omitempty" jsonschema:"format=email"`
		UUID  string `json:"uuid,omitempty" jsonschema:"format=uuid"`
		Time  string `json:"time,omitempty" jsonschema:"format=date-time"`
		URI   string `json:"uri,omitempty" jsonschema:"format=uri"`
		IPv4  string `json:"ipv4,omitempty" jsonschema:"format=ipv4"`
		IPv6  string `json:"ipv6,omitempty" jsonschema:"format=ipv6"`
	}
	type lists struct {
		Some   []int    `json:"some" jsonschema:"minItems=1,maxItems=2,uniqueItems=true"`
		Loose  []int    `json:"loose" jsonschema:"uniqueItems=false"`
		Enum   []*level `json:"enum" jsonschema:"enum=low,enum=high"`
		Named  words    `json:"named" jsonschema:"enum=a,enum=b,maxItems=3"`
		Again  words    `json:"again" jsonschema:"enum=c"`
		Colors colors   `json:"colors,omitempty"`
		Reds   colors   `json:"reds,omitempty" jsonschema:"enum=#f"`
		Nilled []int    `json:"nilled" jsonschema:"minItems=1,nullable,default=1,default=2"`
		Fixed  [2]bool  `json:"fixed" jsonschema:"uniqueItems"`
	}
	type members struct {
		Required string  `json:"required,omitempty" jsonschema:"required"`
		Present  *int    `json:"present,omitempty" jsonschema:"required"`
		Nullable string  `json:"nullable" jsonschema:"nullable,minLength=1"`
		Skipped  int     `json:"skipped" jsonschema:"-"`
		Left     *string `json:"left,omitempty" jsonschema:"oneof_required=left"`
		Right    *string `json:"right,omitempty" jsonschema:"oneof_required=right"`
	}
	low, x, f := level("low"), "x", 100.0
	list := `{"some":[1],"loose":[1,1],"enum":["low",null],"named":["a","b"],"again":null,"nilled":null,"fixed":[true,false]}`

	each(
		of("numbers",
			[]string{`{}`, `{"a":-3,"b":10,"c":255,"d":2,"e":3,"f":null,"g":9007199254740993}`},
			texts{
				`{"a":-4}`:               "/a minimum",
				`{"a":4}`:                "/a maximum",
				`{"b":0.3}`:              "/b multipleOf",
				`{"b":10.5}`:             "/b exclusiveMaximum",
				`{"c":256}`:              "/c maximum",
				`{"d":1}`:                "/d exclusiveMinimum",
				`{"e":1.5}`:              "/e type",
				`{"f":99}`:               "/f minimum",
				`{"g":9007199254740992}`: "/g enum",
			},
			[]numbers{{}, {A: 1, B: 0.5, C: 255, D: 2, E: 1, F: &f, G: -1}}),
		of("strings",
			[]string{`{"length":"äöü","pattern":"abc=","enum":"high","pointer":"","const":"a=b","color":"#a","any":"x","raw":"x"}`},
			texts{
				`{"length":"a","pointer":null,"color":"#a","any":null}`:                 "/length minLength",
				`{"length":"abcd","pointer":null,"color":"#a","any":null}`:              "/length maxLength",
				`{"pattern":"abcd=","pointer":null,"color":"#a","any":null}`:            "/pattern pattern",
				`{"enum":"mid","pointer":null,"color":"#a","any":null}`:                 "/enum enum",
				`{"enum":null,"pointer":null,"color":"#a","any":null}`:                  "/enum type",
				`{"pointer":"high","color":"#a","any":null}`:                            "/pointer enum",
				`{"const":"a","pointer":null,"color":"#a","any":null}`:                  "/const enum",
				`{"pointer":null,"color":"a","any":null}`:                               "/color pattern",
				`{"bool":false,"pointer":null,"color":"#a","any":null}`:                 "/bool enum",
				`{"pointer":null,"color":"#a","any":1}`:                                 "/any type",
				`{"pointer":null,"color":"#a","any":null,"raw":""}`:                     "/raw minLength",
				`{"pointer":null,"color":"#a","any":null,"map":{"a":"","b":""}}`:        "/map maxProperties",
				`{"pointer":null,"color":"#a","any":null,"map":{"a":"","b":"","b":""}}`: "/map/b uniqueNames",
			},
			[]stringFields{{}, {Length: "ab", Pattern: "a=", Enum: "high", Pointer: &low, Const: "a=b", Any: "x", Raw: []byte(`"x"`)}}),
		of("formats are asserted",
			[]string{`{"email":"a@b.example","uuid":"123e4567-e89b-12d3-a456-426614174000","time":"2024-01-01T00:00:00Z","uri":"http://a/b","ipv4":"127.0.0.1","ipv6":"::1"}`},
			texts{
				`{"email":"nobody"}`:    "/email format",
				`{"uuid":"123"}`:        "/uuid format",
				`{"time":"2024-01-01"}`: "/time format",
				`{"uri":"a/b"}`:         "/uri format",
				`{"ipv4":"256.0.0.1"}`:  "/ipv4 format",
				`{"ipv6":"127.0.0.1"}`:  "/ipv6 format",
			},
			[]formats{{}, {Email: "a@b.example"}}),
		of("lists",
			[]string{list},
			texts{
				replace(list, `"some":[1]`, `"some":[]`):                                         "/some minItems",
				replace(list, `"some":[1]`, `"some":null`):                                       "/some type",
				replace(list, `"some":[1]`, `"some":[1,2,3]`):                                    "/some maxItems",
				replace(list, `"some":[1]`, `"some":[1,1]`):                                      "/some uniqueItems",
				replace(list, `["low",null]`, `["mid"]`):                                         "/enum/0 enum",
				replace(list, `["a","b"]`, `["a","c"]`):                                          "/named/1 enum",
				replace(list, `["a","b"]`, `["a","a","a","a"]`):                                  "/named maxItems",
				replace(list, `"again":null`, `"again":null,"colors":["#f","#0"],"reds":["#0"]`): "/reds/0 enum",
				replace(list, `"again":null`, `"again":["a"]`):                                   "/again/0 enum",
				replace(list, `"nilled":null`, `"nilled":[]`):                                    "/nilled minItems",
				replace(list, `[true,false]`, `[true,true]`):                                     "/fixed uniqueItems",
			},
			[]lists{{Some: []int{1}, Enum: []*level{nil, &low}, Fixed: [2]bool{true, false}}}),
		of("members",
			[]string{`{"required":"x","present":1,"nullable":null,"left":"x"}`, `{"required":"","present":1,"nullable":"x","skipped":1,"right":"x"}`},
			texts{
				`{"required":"x","present":null,"nullable":"x","left":"x"}`:             "/present type",
				`{"present":1,"nullable":null,"left":"x"}`:                              " required",
				`{"required":"x","present":1,"nullable":"","left":"x"}`:                 "/nullable minLength",
				`{"required":"x","present":1,"nullable":"x","left":"x","right":"x"}`:    " oneOf",
				`{"required":"x","present":1,"nullable":"x"}`:                           " oneOf",
				`{"required":"x","present":1,"nullable":"x","left":null}`:               "/left type",
				`{"required":"x","present":1,"nullable":"x","left":"x","skipped":"no"}`: "/skipped unmarshal",
			},
			[]members{{Required: "x", Present: new(1), Nullable: "x", Left: &x}}),
	)

	It("refuses values, not just texts", func() {
		codec, err := jsonval.NewCodec[lists]()
		Expect(err).NotTo(HaveOccurred())
		_, err = codec.Encode(lists{Fixed: [2]bool{true, false}})
		Expect(first(err)).To(Equal("/some type"), "a nil slice has no items")
		_, err = codec.Encode(lists{Some: []int{4, 4}})
		Expect(first(err)).To(Equal("/some uniqueItems"))
	})

	It("keeps annotations", func() {
		type annotated struct {
			A int    `json:"a" jsonschema:"title=A\\, the first,description=one = 1,default=3,example=1,example=2,readOnly=true" jsonschema_extras:"x-unit=ms"`
			B string `json:"b" jsonschema_description:"It, too."`
		}
		codec, err := jsonval.NewCodec[annotated]()
		Expect(err).NotTo(HaveOccurred())
		var schema struct {
			Defs map[string]struct{ Properties map[string]map[string]any } `json:"$defs"`
		}
		Expect(json.Unmarshal(codec.Schema(), &schema)).To(Succeed())
		properties := schema.Defs["jsonval_test.annotated"].Properties
		Expect(properties["a"]).To(And(
			HaveKeyWithValue("title", "A, the first"), HaveKeyWithValue("description", "one = 1"),
			HaveKeyWithValue("default", 3.0), HaveKeyWithValue("examples", ConsistOf(1.0, 2.0)),
			HaveKeyWithValue("readOnly", true), HaveKeyWithValue("x-unit", "ms"),
		))
		Expect(properties["b"]).To(HaveKeyWithValue("description", "It, too."))
	})

	DescribeTable("that cannot be enforced are errors", func(goType reflect.Type, tag, want string) {
		err := buildWithTag(goType, tag)
		Expect(err).To(MatchError(ContainSubstring(want)))
		Expect(err).To(MatchError(ContainSubstring(".F: ")), "the error names the field")
	},
		Entry(nil, typeOf[int](), `minimun=1`, "minimun: unknown keyword"),
		Entry(nil, typeOf[string](), `pattern=^a{1,3}$`, "3}$: unknown keyword; a comma inside a value is written"),
		Entry(nil, typeOf[int](), `minimum=one`, `"one" is not a number`),
		Entry(nil, typeOf[int](), `minimum=`, `"" is not a number`),
		Entry(nil, typeOf[int](), `minimum=1e999999999`, "is not a number"),
		Entry(nil, typeOf[int](), `minimum`, "wants a value"),
		Entry(nil, typeOf[int](), `minimum=1,minimum=2`, "given twice"),
		Entry(nil, typeOf[int](), `minimum=2,maximum=1`, "leave no value"),
		Entry(nil, typeOf[int](), `minimum=0.2,maximum=0.8`, "leave no value"),
		Entry(nil, typeOf[int](), `exclusiveMinimum=1,exclusiveMaximum=2`, "leave no value"),
		Entry(nil, typeOf[float64](), `minimum=1,exclusiveMaximum=1`, "leave no value"),
		Entry(nil, typeOf[uint8](), `minimum=256`, "leave no value"),
		Entry(nil, typeOf[uint](), `maximum=-1`, "leave no value"),
		Entry(nil, typeOf[int](), `exclusiveMinimum=true`, "needs minimum"),
		Entry(nil, typeOf[int](), `multipleOf=0`, "more than zero"),
		Entry(nil, typeOf[int](), `minLength=1`, "is for string, the Go type writes integer"),
		Entry(nil, typeOf[string](), `minimum=1`, "is for integer or number, the Go type writes string"),
		Entry(nil, typeOf[string](), `minLength=-1`, "is not a count"),
		Entry(nil, typeOf[string](), `minLength=3,maxLength=2`, "leave no value"),
		Entry(nil, typeOf[string](), `pattern=(`, `"(" is not a regular expression of ECMA-262: missing closing )`),
		Entry(nil, typeOf[string](), `pattern=(?!a)`, `"(?!a)" has a lookahead, which package regexp cannot match`),
		Entry(nil, typeOf[string](), `format=phone`, `"phone" is not a format`),
		Entry(nil, typeOf[time.Time](), `format=date`, "the Go type writes date-time"),
		Entry(nil, typeOf[string](), `enum=a,enum=a`, "given twice"),
		Entry(nil, typeOf[string](), `enum=a,enum=abc,maxLength=2`, `"abc" contradicts`),
		Entry(nil, typeOf[string](), `enum=a,const=a`, "exclude each other"),
		Entry(nil, typeOf[int](), `enum=a`, "is not a number"),
		Entry(nil, typeOf[int](), `enum=1.5`, "is not an integer"),
		Entry(nil, typeOf[uint8](), `enum=300`, "300 contradicts"),
		Entry(nil, typeOf[bool](), `enum=yes`, "neither true nor false"),
		Entry(nil, typeOf[int](), `default=x`, "is not a number"),
		Entry(nil, typeOf[int](), `default=11,maximum=10`, "11 contradicts"),
		Entry(nil, typeOf[[]int](), `default=1,default=2,maxItems=1`, "[1,2] contradicts"),
		Entry(nil, typeOf[int](), `default=1,default=2`, "given twice"),
		Entry(nil, typeOf[int](), `example=x`, "is not a number"),
		Entry(nil, typeOf[celsius](), `type=string`, "the Go type writes object"),
		Entry(nil, typeOf[any](), `oneof_type=string;text`, "is not a JSON type"),
		Entry(nil, typeOf[any](), `oneof_type=string;string`, "given twice"),
		Entry(nil, typeOf[[]byte](), `type=string`, "cannot be enforced"),
		Entry(nil, typeOf[float64](), `multipleOf=half`, "is not a number"),
		Entry(nil, typeOf[int](), `example=11,maximum=10`, "11 contradicts"),
		Entry(nil, typeOf[[]int](), `minItems=3,maxItems=2`, "leave no value"),
		Entry(nil, typeOf[[3]int](), `maxItems=2`, "leave no value"),
		Entry(nil, typeOf[trio](), `maxItems=2`, "leave no value"),
		Entry(nil, typeOf[[]int](), `uniqueItems=yes`, "neither true nor false"),
		Entry(nil, typeOf[[]int](), `minimum=1`, "the Go type writes array"),
		Entry(nil, typeOf[[]uint16](), `enum=70000`, "70000 contradicts"),
		Entry(nil, typeOf[[][]int](), `enum=1`, "not scalars"),
		Entry(nil, typeOf[map[string]int](), `minItems=1`, "the Go type writes object"),
		Entry(nil, typeOf[[]byte](), `maxLength=3`, "cannot be enforced: the value is bytes"),
		Entry(nil, typeOf[any](), `minimum=1`, "may write any JSON value"),
		Entry(nil, typeOf[any](), `type=text`, "is not a JSON type"),
		Entry(nil, typeOf[int](), `type=string`, "the Go type writes integer, not string"),
		Entry(nil, typeOf[int](), `oneof_type=string;integer`, "may write any JSON value"),
		Entry(nil, typeOf[int](), `oneof_required=a`, "always written"),
		Entry(nil, typeOf[int](), `required=false`, "without a value"),
		Entry(nil, typeOf[int](), `nullable=maybe`, "without a value"),
	)

	DescribeTable("on fields that encoding/json does not write, or rewrites", func(build func() error, want string) {
		Expect(build()).To(MatchError(ContainSubstring(want)))
	},
		Entry(nil, builds[struct {
			A int `json:"-" jsonschema:"minimum=1"`
		}], "cannot be enforced"),
		Entry(nil, builds[struct {
			a int `jsonschema:"minimum=1"`
		}], "cannot be enforced"),
		Entry(nil, builds[struct {
			A int `json:",string" jsonschema:"minimum=1"`
		}], "cannot be enforced: the string option"),
		Entry(nil, builds[struct {
			p1Item `jsonschema:"required"`
		}], "applies to no member"),
		Entry(nil, builds[struct {
			A int `jsonschema_extras:"minimum=1"`
		}], "only annotations"),
	)

	It("lists every mistake", func() {
		err := builds[struct {
			A int `jsonschema:"minimum=x,maxLength=3"`
			B int `jsonschema:"pattern=x"`
		}]()
		Expect(err).To(MatchError(And(ContainSubstring("minimum"), ContainSubstring("maxLength"), ContainSubstring("pattern"))))
	})
})

type p1Item struct{ ID int }

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// buildWithTag builds a codec for a struct with one field of a type, tagged.
func buildWithTag(goType reflect.Type, tag string) error {
	_, err := jsonval.SchemaOf(reflect.StructOf([]reflect.StructField{{
		Name: "F", Type: goType, Tag: reflect.StructTag(fmt.Sprintf("jsonschema:%q", tag)),
	}}))
	return err
}

func replace(text, old, new string) string {
	before, after, found := strings.Cut(text, old)
	if !found {
		panic(old)
	}
	return before + new + after
}
