package jsonval_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"time"
)

// generator makes schemas, Go types, and JSON texts that satisfy them, nearly satisfy them, or are hostile.
type generator struct {
	*rand.Rand
}

func newGenerator(seed uint64) generator {
	return generator{rand.New(rand.NewPCG(seed, seed))}
}

func pick[T any](g generator, from ...T) T {
	return from[g.IntN(len(from))]
}

func (g generator) one(in int) bool {
	return g.IntN(in) == 0
}

var (
	someNames = []string{"a", "b", "ab", "name", "n\u00e4me", "", "a/b", "a~b", "long member name of some length", "\U0001F600"}
	someTexts = []string{
		"", "a", "ab", "abc", "\u00e4\u00f6", "\u0000", "\U0001F600\U0001F600", "1", "e2", "\"x\"", "2024-02-29", "2023-02-29",
		"2024-02-29T12:00:00Z", "2024-12-31T23:59:60Z", "2024-01-01T00:00:00.5+05:30", "2024-01-01t00:00:00z", "12:00:00Z",
		"0f8fad5b-d9cb-469f-a165-70867728950e", "0F8FAD5B-D9CB-469F-A165-70867728950E", "0f8fad5b-d9cb-469f-a165-7086772895",
		"a@b.cd", "a.b-c@d-e.fg", "a..b@c", "-a@b", "a@b-", "a@[127.0.0.1]", "127.0.0.1", "256.0.0.1", "::1", "http://a/b", "/a",
		"AQI=", "AQI", "AQ==", "A===", "AQ==\n", "(", "P1D", "line\nbreak", strings.Repeat("x", 30),
	}
	someNumbers = []string{
		"0", "-0", "1", "-1", "2", "5", "10", "100", "1.0", "1.5", "-1.5", "1e0", "1E2", "100e-2", "15e-1", "0.1", "0.30", "19.99", "1e400", "-1e400",
		"1e-400", "1e401", "9007199254740992", "9007199254740993", "9007199254740993.0", "9223372036854775807", "9223372036854775808",
		"-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "255", "256", "0e0", "0.0e10",
		"1.7976931348623157e308", "1.7976931348623159e308", "123456789012345678901234567890", "0.1000000000000000055511151231257827",
	}
	schemaNumbers = []string{
		"0", "1", "-1", "2", "5", "1.5", "0.1", "1.0", "1e2", "-0", "9007199254740992", "9223372036854775807", "-9223372036854775808",
		"18446744073709551615", "1.7976931348623157e308", "0.30",
	}
	somePatterns = []string{
		"^[a-h][1-8]$", "^a", "b$", "a.c", "^(?:0|-?[1-9][0-9]*)$", "x{3,}", "(?i:AB)", "\u00e4", "^$", "\\bab\\b", "[^]break$", "\\s[\\S]", "\\u{1F600}|\\uD83D\\uDE00", "^\\p{Letter}{2,}$", "^.{0,1001}$", "", "[^a]", "^\\d+$",
		"(a|b)*c$", "^.{2}$",
	}
	someFormats = []string{
		"uuid", "date", "date-time", "email", "time", "uri", "ipv4", "ipv6", "regex", "duration", "hostname", "json-pointer", "unknown",
	}
)

// value is any JSON value, as text.
func (g generator) value(depth int) string {
	kinds := 7
	if depth <= 0 {
		kinds = 5
	}
	switch g.IntN(kinds) {
	case 0:
		return "null"
	case 1:
		return pick(g, "true", "false")
	case 2:
		return pick(g, someNumbers...)
	case 3, 4:
		return g.quote(pick(g, someTexts...))
	case 5:
		return g.array(g.IntN(4), func(int) string { return g.value(depth - 1) })
	default:
		names := slices.Clone(someNames)
		g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		return g.members(names[:g.IntN(4)], func(string) string { return g.value(depth - 1) })
	}
}

func (g generator) array(length int, item func(int) string) string {
	items := make([]string, length)
	for i := range items {
		items[i] = item(i)
	}
	return "[" + g.space() + strings.Join(items, g.space()+","+g.space()) + g.space() + "]"
}

func (g generator) members(names []string, value func(string) string) string {
	members := make([]string, len(names))
	for i, name := range names {
		members[i] = g.quote(name) + g.space() + ":" + g.space() + value(name)
	}
	return "{" + g.space() + strings.Join(members, ","+g.space()) + "}"
}

func (g generator) space() string {
	if g.one(20) {
		return pick(g, " ", "\n", "\t\r\n  ")
	}
	return ""
}

// quote writes a string, now and then with escapes that it does not need.
func (g generator) quote(text string) string {
	if !g.one(8) {
		quoted, _ := json.Marshal(text)
		return string(quoted)
	}
	var b strings.Builder
	for _, r := range text {
		if r > 0xFFFF {
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04X`, 0xD800+r>>10, 0xDC00+r&0x3FF)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return `"` + b.String() + `"`
}

// hostile spoils a text.
func (g generator) hostile(text string) string {
	at := g.IntN(len(text) + 1)
	switch g.IntN(9) {
	case 0:
		return text[:at]
	case 1:
		return text[:at] + pick(g, "\xff", "\xc3", "\x00", "\x1f", "\"", "\\", "\\ud800", "\\udc00\\ud800", "\\udc00\\udc00", "\\u00e", "\\x", "\xed\xa0\x80", "\ufeff") + text[at:]
	case 2:
		return text[:at] + pick(g, "0", "-", ".", "e", "+", "1e999999999", "01", "NaN", strings.Repeat("9", 1100)) + text[at:]
	case 3:
		return text[:at] + pick(g, "{", "}", "[", "]", ",", ":", "null", "tru", "nul") + text[at:]
	case 4:
		return strings.Repeat("[", g.IntN(40)) + text + strings.Repeat("]", g.IntN(40))
	case 5:
		depth := g.IntN(40)
		return strings.Repeat(`{"a":`, depth) + text + strings.Repeat("}", depth)
	case 6: // a member twice
		if at := strings.IndexByte(text, '{'); at >= 0 {
			return text[:at+1] + pick(g, `"a":1,"\u0061":2,`, `"name":1,`, `"a":null,"b":1,`) + text[at+1:]
		}
		return text + text
	case 7:
		if at < len(text) {
			return text[:at] + text[at+1:]
		}
		return text + " x"
	default:
		if len(text) == 0 {
			return text
		}
		spoilt := []byte(text)
		spoilt[g.IntN(len(text))] = byte(g.IntN(256))
		return string(spoilt)
	}
}

// goType returns a Go type with tags.
func (g generator) goType(depth int) reflect.Type {
	scalars := []reflect.Type{
		reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[uint64](), reflect.TypeFor[float64](), reflect.TypeFor[float32](),
		reflect.TypeFor[string](), reflect.TypeFor[bool](), reflect.TypeFor[time.Time](), reflect.TypeFor[json.Number](),
		reflect.TypeFor[any](), reflect.TypeFor[json.RawMessage](), reflect.TypeFor[[]byte](), reflect.TypeFor[color](),
		reflect.TypeFor[*relative](), reflect.TypeFor[account](), reflect.TypeFor[page[account]](),
		reflect.TypeFor[assortedOthers](), reflect.TypeFor[reached](), reflect.TypeFor[ticks](), reflect.TypeFor[time.Duration](), reflect.TypeFor[uint16](), reflect.TypeFor[[]shade](),
	}
	if g.one(2) { // those of which only the text tells what they write are few
		scalars = []reflect.Type{
			reflect.TypeFor[int](), reflect.TypeFor[uint8](), reflect.TypeFor[uint64](), reflect.TypeFor[float64](), reflect.TypeFor[float32](),
			reflect.TypeFor[string](), reflect.TypeFor[bool](), reflect.TypeFor[time.Time](), reflect.TypeFor[[]byte](), reflect.TypeFor[Spot](),
			reflect.TypeFor[assortedTexts](), reflect.TypeFor[assortedNumbers](), reflect.TypeFor[assortedFloats](), reflect.TypeFor[assortedComposites](), reflect.TypeFor[outer](),
		}
	}
	if depth <= 0 {
		return pick(g, scalars...)
	}
	switch g.IntN(8) {
	case 0:
		return reflect.SliceOf(g.goType(depth - 1))
	case 1:
		return reflect.MapOf(pick(g, reflect.TypeFor[string](), reflect.TypeFor[int8]()), g.goType(depth-1))
	case 2:
		return reflect.PointerTo(g.goType(depth - 1))
	case 3:
		return reflect.ArrayOf(g.IntN(3), g.goType(depth-1))
	case 4:
		return pick(g, scalars...)
	}
	var fields []reflect.StructField
	for i, name := range []string{"a", "b", "ab", "name", "n\u00e4me"}[:1+g.IntN(5)] {
		t := g.goType(depth - 1)
		tag := `json:"` + name + pick(g, "", "", ",omitempty", ",omitzero", ",string") + `"`
		if rule := g.tag(t); rule != "" {
			tag += ` jsonschema:"` + rule + `"`
		}
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: t, Tag: reflect.StructTag(tag)})
	}
	return reflect.StructOf(fields)
}

func (g generator) tag(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return pick(g, "", "minLength=1", "maxLength=2", "enum=a,enum=ab", "pattern=^[a-h][1-8]$", "format=email", "format=uuid")
	case reflect.Int, reflect.Int8, reflect.Uint64, reflect.Float32, reflect.Float64:
		return pick(g, "", "minimum=1", "maximum=5", "multipleOf=2", "enum=1,enum=5", "exclusiveMinimum=0")
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return ""
		}
		return pick(g, "", "minItems=1", "maxItems=2", "uniqueItems")
	case reflect.Map:
		return pick(g, "", "minProperties=1", "maxProperties=1")
	default:
		return ""
	}
}
