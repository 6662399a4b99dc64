package jsonval_test

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"time"
)

// ticks, when zero, is not zero to encoding/json.
type ticks int

func (ticks) IsZero() bool { return false }

// shade is a byte that writes itself as text: a slice of it is no base64.
type shade uint8

func (s shade) MarshalText() ([]byte, error) { return []byte("gray"), nil }

func (s *shade) UnmarshalText([]byte) error { return nil }

type Spot struct {
	X int8    `json:"x" jsonschema:"minimum=0"`
	Y float32 `json:"y,omitempty" jsonschema:"maximum=5"`
}

type Labelled struct {
	Label string `json:"label" jsonschema:"maxLength=2"`
	Note  *string
}

// Each of these has fields that encoding/json treats in ways of their own.
type (
	assortedTexts struct {
		First bool `json:"first"`
		Labelled
		Name   string  `json:"n\u00e4me,omitempty" jsonschema:"minLength=1,pattern=^[a-z]*$"`
		Email  *string `json:"email,omitempty" jsonschema:"format=email"`
		Choice string  `json:"choice" jsonschema:"enum=,enum=a,enum=ab"`
	}
	assortedNumbers struct {
		Ticks ticks         `json:"ticks,omitzero" jsonschema:"minimum=1"`
		Took  time.Duration `json:"took" jsonschema:"minimum=0"`
		Big   uint64        `json:"big" jsonschema:"minimum=1"`
		Step  int32         `json:"step,omitempty" jsonschema:"multipleOf=5,minimum=5"`
	}
	assortedFloats struct {
		Ratio float64 `json:"ratio" jsonschema:"exclusiveMinimum=0,maximum=0.3"`
		Most  float32 `json:"most" jsonschema:"exclusiveMaximum=3.4028235e38"`
	}
	assortedComposites struct {
		When     time.Time       `json:"when,omitzero"`
		Bytes    [2]byte         `json:"bytes,omitempty"`
		Blob     []byte          `json:"blob,omitempty"`
		Spots    []Spot          `json:"spots,omitempty" jsonschema:"minItems=1"`
		Spot     Spot            `json:"spot,omitempty"`
		Flags    map[string]bool `json:"flags,omitempty"`
		Optional ***bool         `json:"optional"`
	}
	assortedOthers struct {
		*Spot
		Count int            `json:"count,string" jsonschema:"nullable"`
		Pair  [2]uint16      `json:"pair" jsonschema:"uniqueItems"`
		Sizes map[string]any `json:"sizes,omitempty"`
		Whole float64        `json:"whole" jsonschema:"type=integer"`
	}
	reached struct {
		*Spot
		Last int `json:"last"`
	}
)

var someIntegers = []int64{
	0, 0, 1, 1, 1, 2, 2, -1, 4, 5, 5, 10, 100, 255, 256, math.MaxInt8, math.MinInt8, math.MaxInt64, math.MinInt64, 1 << 53, 1<<53 + 1,
}

var someFloats = []float64{
	0, math.Copysign(0, -1), 0.1, 0.3, 0.30000000000000004, 1, 1, 1.5, 2, 4, 5, 5.0000001, -1, 1e21, 1e-7, 1e300, math.MaxFloat64,
	math.MaxFloat32, 3.4028235e38, math.SmallestNonzeroFloat64, -math.MaxFloat64, 9007199254740993,
}

var someTimes = []time.Time{
	{}, time.Unix(0, 1).UTC(), time.Date(2024, 2, 29, 23, 59, 59, 999_999_999, time.UTC), time.Date(2024, 12, 31, 0, 0, 0, 0, time.UTC),
	time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", 23*3600+59*60)),
	time.Date(2000, 1, 31, 0, 0, 0, 0, time.FixedZone("", -12*3600-30*60)), time.Date(2000, 1, 1, 0, 0, 0, 0, time.FixedZone("", 30)),
}

var noTimes = []time.Time{
	time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2000, 1, 1, 0, 0, 0, 0, time.FixedZone("", 24*3600)),
}

// goValue sets a value of a type that goType made. Some are such that encoding/json cannot write them, or alters them.
func (g generator) goValue(v reflect.Value, depth int) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(pick(g, someTimes...)))
		if g.one(50) {
			v.Set(reflect.ValueOf(pick(g, noTimes...)))
		}
		return
	case json.Number:
		v.SetString(pick(g, someNumbers...))
		if g.one(30) {
			v.SetString(pick(g, "", "x", "01", "1e999999999"))
		}
		return
	case json.RawMessage:
		v.SetBytes([]byte(g.value(2)))
		if g.one(20) {
			v.SetBytes([]byte(pick(g, "", "{", `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, "\"\xff\"", `"\ud800"`, "[1e999999999]", " [ 1 ] ", "01")))
		}
		return
	case color:
		v.Set(reflect.ValueOf(color{uint8(g.IntN(256))}))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(g.one(2))
	case reflect.String:
		v.SetString(g.goText())
	case reflect.Float32, reflect.Float64:
		v.SetFloat(pick(g, someFloats...))
		if g.one(80) {
			v.SetFloat(pick(g, math.NaN(), math.Inf(1), math.Inf(-1)))
		}
	case reflect.Interface:
		v.Set(g.dynamic(depth))
	case reflect.Pointer:
		if depth > 0 && !g.one(4) {
			v.Set(reflect.New(v.Type().Elem()))
			g.goValue(v.Elem(), depth-1)
		}
	case reflect.Slice:
		if !g.one(6) {
			v.Set(reflect.MakeSlice(v.Type(), min(depth, g.IntN(4)), 4))
		}
		g.goItems(v, depth)
	case reflect.Array:
		g.goItems(v, depth)
	case reflect.Map:
		g.goMap(v, depth)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() && (v.Type().Field(i).Name != "Parent") {
				g.goValue(v.Field(i), depth)
			}
		}
	default:
		v.Set(reflect.ValueOf(pick(g, someIntegers...)).Convert(v.Type()))
	}
}

func (g generator) goText() string {
	if g.one(60) {
		return pick(g, "\xff", "a\xc3", "\xed\xa0\x80")
	}
	if g.one(2) {
		return pick(g, "", "a", "ab", "e2", "\u00e4", "\u00e4\u00f6", "a@b.cd", "<&>\u2028")
	}
	return strings.ReplaceAll(pick(g, someTexts...), "\ufffd", "")
}

func (g generator) goItems(v reflect.Value, depth int) {
	for i := range v.Len() {
		g.goValue(v.Index(i), depth-1)
	}
}

func (g generator) goMap(v reflect.Value, depth int) {
	if g.one(6) {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for range min(depth, g.IntN(4)) {
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		g.goValue(key, depth-1)
		g.goValue(value, depth-1)
		v.SetMapIndex(key, value)
	}
}

// dynamic is what an interface holds.
func (g generator) dynamic(depth int) reflect.Value {
	if depth <= 0 || g.one(5) {
		return reflect.Zero(reflect.TypeFor[any]())
	}
	v := reflect.New(pick(g,
		reflect.TypeFor[string](), reflect.TypeFor[float64](), reflect.TypeFor[json.Number](), reflect.TypeFor[json.RawMessage](),
		reflect.TypeFor[[]any](), reflect.TypeFor[map[string]any](), reflect.TypeFor[Spot](), reflect.TypeFor[*relative](), reflect.TypeFor[color](),
	)).Elem()
	g.goValue(v, depth-1)
	return v
}
