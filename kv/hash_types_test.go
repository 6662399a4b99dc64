package kv_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/kv"
	"github.com/kvstore-go/kvstore/kv/internal/kvtest"
	"github.com/kvstore-go/kvstore/spec/suite"
)

type (
	HashInner struct {
		A int    `json:"a"`
		B string `json:",omitempty"`
	}
	HashOuter struct {
		HashInner
		C bool
	}
	hashUnseen struct{ D, E int }
	HashID     string

	hashDashes struct {
		Dash   int `json:"-,"` //nolint:staticcheck // it is the name
		Gone   int `json:"-"`
		Quoted int `json:"quoted,string"`
	}
	hashEmbeds struct {
		HashOuter
		hashUnseen
		HashID
		Own int `json:"own"`
	}
	hashPointers struct {
		*HashOuter
		Count *int `json:"count"`
		Deep  **string
	}
	hashNamed struct {
		HashInner `json:"inner"`
		*HashOuter
	}
	hashShadowed struct {
		HashInner
		A string `json:"a"`
		B int
	}
	hashTagged struct { // of D, the one with the name in its tag
		hashUnseen
		HashRival
	}
	HashRival struct {
		F int `json:"D"`
	}
	hashOmitted struct {
		Number   int            `json:"number,omitempty"`
		Texts    []string       `json:"texts,omitempty"`
		Map      map[string]int `json:",omitempty"`
		Array    [0]int         `json:",omitempty"`
		Struct   HashInner      `json:",omitempty"`
		Moment   time.Time      `json:",omitempty"`
		Zero     time.Time      `json:",omitzero"`
		ZeroText []string       `json:",omitzero"`
		Any      any            `json:",omitempty"`
		Never    hashNever      `json:",omitzero"`
		Always   *hashAlways    `json:",omitzero"`
	}
	hashMethods struct {
		Coin    elementCoin
		Coins   []elementCoin
		Pointer *elementCoin
		Ratio   big.Float
		Large   big.Int
		Raw     json.RawMessage
	}
	hashNamedCoin struct {
		elementCoin `json:"-"`
		Coin        HashCoin `kv:"coin"`
		Name        string
	}
	HashCoin struct{ elementCoin }
)

type hashNever int

func (hashNever) IsZero() bool { return false }

type hashAlways int

func (*hashAlways) IsZero() bool { return true }

// hashesAs holds what Hash stores and reads of value against what encoding/json does.
func hashesAs[T any](ctx context.Context, store kvtest.Backend, values ...T) {
	GinkgoHelper()
	field := kv.MustOpen(kv.Hash[T](), store.Driver, kv.At("hash"))
	for _, value := range values {
		Expect(hashDifference(reflect.ValueOf(&value).Elem())).To(BeEmpty())
		Expect(field.Write(ctx, value)).To(Succeed())
		if exists, err := field.Exists(ctx); err != nil || !exists { // none of its fields is stored
			Expect(err).NotTo(HaveOccurred())
			continue
		}
		text, err := json.Marshal(&value)
		Expect(err).NotTo(HaveOccurred())
		var want T
		Expect(json.Unmarshal(text, &want)).To(Succeed())
		got, err := field.Read(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(json.Marshal(&got)).To(MatchJSON(text), "%T", value)
	}
}

// hashDifference describes where a hash of value is not what encoding/json makes of it:
// the same names, but for those that are null there, and the same value when it is read.
func hashDifference(value reflect.Value) string {
	text, err := json.Marshal(value.Addr().Interface())
	if err != nil {
		return err.Error()
	}
	var members map[string]json.RawMessage
	want := reflect.New(value.Type())
	if err := json.Unmarshal(text, &members); err != nil {
		return err.Error()
	}
	if err := json.Unmarshal(text, want.Interface()); err != nil {
		return err.Error()
	}
	pairs, got, err := kv.HashTexts(value)
	if err != nil {
		return fmt.Sprintf("%s: %v", text, err)
	}
	for i := 0; i < len(pairs); i += 2 {
		if _, ok := members[pairs[i]]; !ok {
			return fmt.Sprintf("%s has no %q", text, pairs[i])
		}
		delete(members, pairs[i])
	}
	for name, left := range members {
		if string(left) != "null" {
			return fmt.Sprintf("%s: %q is not stored", text, name)
		}
	}
	if !reflect.DeepEqual(got.Interface(), want.Elem().Interface()) {
		return fmt.Sprintf("%s: read %+v, want %+v", text, got, want.Elem())
	}
	return ""
}

// hashGenerator makes structs and values of them.
type hashGenerator struct{ *rand.Rand }

var hashFieldTypes = []reflect.Type{
	reflect.TypeFor[int](), reflect.TypeFor[uint8](), reflect.TypeFor[float32](), reflect.TypeFor[string](), reflect.TypeFor[bool](),
	reflect.TypeFor[*int](), reflect.TypeFor[*string](), reflect.TypeFor[[]string](), reflect.TypeFor[[2]int](), reflect.TypeFor[map[string]int](),
	reflect.TypeFor[HashInner](), reflect.TypeFor[*HashInner](), reflect.TypeFor[time.Duration](), reflect.TypeFor[elementCoin](),
	reflect.TypeFor[HashID](), reflect.TypeFor[hashNever](), reflect.TypeFor[any](), reflect.TypeFor[[]*HashOuter](),
}

func (g hashGenerator) structType(depth int) reflect.Type {
	var fields []reflect.StructField
	for i := range 1 + g.IntN(5) {
		field := reflect.StructField{Name: fmt.Sprintf("F%d_%d", depth, i), Type: hashFieldTypes[g.IntN(len(hashFieldTypes))]}
		embed := depth > 0 && g.IntN(3) == 0
		if embed {
			field.Type = g.structType(depth - 1)
			field.Anonymous = true
		}
		name := []string{"", "", "", "a", "b", "A", "-,", "n\u00e4me"}[g.IntN(8)]
		option := []string{"", "", "", ",omitempty", ",omitzero", ",string"}[g.IntN(6)]
		switch {
		case embed && g.IntN(4) > 0:
			name, option = "", ""
		case g.IntN(12) == 0:
			name, option = "-", ""
		case name == "-,":
			option = ""
		}
		if name+option != "" {
			field.Tag = reflect.StructTag(fmt.Sprintf(`json:"%s%s"`, name, option))
		}
		fields = append(fields, field)
	}
	return reflect.StructOf(fields)
}

// fill sets a value to something, as often as not to zero.
func (g hashGenerator) fill(value reflect.Value) {
	if value.Kind() != reflect.Struct && g.IntN(3) == 0 {
		return
	}
	switch value.Kind() {
	case reflect.Int, reflect.Int64:
		value.SetInt(int64(g.IntN(2000) - 1000))
	case reflect.Uint8:
		value.SetUint(uint64(g.IntN(256)))
	case reflect.Float32:
		value.SetFloat(float64(float32(g.NormFloat64())))
	case reflect.String:
		value.SetString([]string{"", "a", "null", "\u00e4 \"x\"\\", "-0"}[g.IntN(5)])
	case reflect.Bool:
		value.SetBool(true)
	case reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
		g.fill(value.Elem())
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), g.IntN(3), 3))
		for i := range value.Len() {
			g.fill(value.Index(i))
		}
	case reflect.Array:
		g.fill(value.Index(0))
	case reflect.Map:
		value.Set(reflect.MakeMap(value.Type()))
		value.SetMapIndex(reflect.ValueOf("k"), reflect.ValueOf(g.IntN(3)))
	case reflect.Interface:
		value.Set(reflect.ValueOf([]any{"x", 1.5, map[string]any{"y": nil}}[g.IntN(3)]))
	case reflect.Struct:
		for i := range value.NumField() {
			if value.Type().Field(i).IsExported() {
				g.fill(value.Field(i))
			}
		}
	default:
	}
}

// elementCoin is read by a method of its pointer.
type elementCoin struct{ cents int64 }

func (c elementCoin) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%d", c.cents), nil }
func (c *elementCoin) UnmarshalJSON(text []byte) error {
	_, err := fmt.Sscan(string(text), &c.cents)
	return err
}

var _ = Describe("Hashes of all kinds of structs", Label(suite.Slow), func() {
	kvtest.OnBothDrivers(func(open func(context.Context) kvtest.Backend) {
		It("have the fields that encoding/json writes, and read the same", func(ctx context.Context) {
			store := open(ctx)
			one, text := 1, "x"
			deep := &text
			hashesAs(ctx, store, hashDashes{1, 2, 3}, hashDashes{Quoted: -1})
			hashesAs(ctx, store, hashEmbeds{HashOuter{HashInner{1, "b"}, true}, hashUnseen{2, 3}, "id", 4}, hashEmbeds{})
			hashesAs(ctx, store, hashPointers{&HashOuter{HashInner{1, ""}, true}, &one, &deep}, hashPointers{Count: &one}, hashPointers{})
			hashesAs(ctx, store, hashNamed{HashInner{1, "b"}, nil}, hashNamed{HashInner{}, &HashOuter{HashInner{2, "c"}, true}})
			hashesAs(ctx, store, hashShadowed{HashInner{1, "b"}, "own", 2})
			hashesAs(ctx, store, hashTagged{hashUnseen{1, 2}, HashRival{3}})
			hashesAs(ctx, store, hashOmitted{}, hashOmitted{
				Number: 1, Texts: []string{}, Map: map[string]int{}, Struct: HashInner{1, ""}, Moment: time.Unix(1, 0).UTC(),
				Zero: time.Unix(1, 0).UTC(), ZeroText: []string{}, Any: "x", Never: 1, Always: new(hashAlways),
			})
			hashesAs(ctx, store, hashMethods{
				elementCoin{1}, []elementCoin{{2}}, &elementCoin{3}, *big.NewFloat(1.5), *big.NewInt(7), json.RawMessage(`{"x":[1]}`),
			})
		})
	})

	It("have the fields that encoding/json writes, whatever is generated", func() {
		seed := uint64(GinkgoRandomSeed())
		AddReportEntry("seed", seed)
		g := hashGenerator{rand.New(rand.NewPCG(seed, seed))}
		compared := 0
		for range 3000 {
			value := reflect.New(g.structType(2)).Elem()
			if _, _, err := kv.HashTexts(value); err != nil {
				Expect(err).To(MatchError(Or(ContainSubstring("are stored as"), ContainSubstring("no field to store"))), "%v", value.Type())
				continue
			}
			for range 3 {
				g.fill(value)
				if difference := hashDifference(value); difference != "" {
					Fail(fmt.Sprintf("%v\n%s", value.Type(), difference))
				}
				compared++
			}
		}
		Expect(compared).To(BeNumerically(">", 1500))
	})
	It("are mistakes of the schema where encoding/json loses something, or cannot read it", func() {
		type money struct {
			elementCoin
			Name string
		}
		type ratio struct {
			big.Float
			Name string
		}
		type moment struct {
			time.Time
			Name string
		}
		type unseen struct {
			hashUnseen `json:"unseen"`
			Name       string
		}
		type pointed struct {
			*hashUnseen
			Name string
		}
		type contested struct {
			HashInner
			HashDouble
		}
		for says, mistake := range map[string]error{
			"field elementCoin: an embedded struct that writes itself has no members": kvtest.Opening(kv.Hash[money]()),
			"field Float: an embedded struct that writes itself has no members":       kvtest.Opening(kv.Hash[ratio]()),
			"field Time: an embedded struct that writes itself has no members":        kvtest.Opening(kv.Hash[moment]()),
			"field hashUnseen: it is not exported":                                    kvtest.Opening(kv.Hash[unseen]()),
			"cannot set an embedded pointer to an unexported struct":                  kvtest.Opening(kv.Hash[pointed]()),
			`two fields of kv_test.contested are stored as "a"`:                       kvtest.Opening(kv.Hash[contested]()),
		} {
			Expect(mistake).To(MatchError(ContainSubstring(says)))
		}
	})
	It("take names from kv tags first, and a field that writes itself as one where it has a name", func(ctx context.Context) {
		type dated struct {
			time.Time `kv:"at" json:"-"`
			Left      int `kv:"-" json:"left"`
			Dash      int `kv:"-,"`
			Text      string
		}
		value := dated{Time: time.Unix(0, 0).UTC(), Left: 1, Dash: 2, Text: "x"}
		pairs, read, err := kv.HashTexts(reflect.ValueOf(&value).Elem())
		Expect(err).NotTo(HaveOccurred())
		Expect(slices.Clone(pairs)).To(Equal([]string{"at", "1970-01-01T00:00:00Z", "-", "2", "Text", "x"}))
		value.Left = 0
		Expect(read.Interface()).To(Equal(value))

		coin := hashNamedCoin{Coin: HashCoin{elementCoin{4}}, Name: "x"}
		pairs, read, err = kv.HashTexts(reflect.ValueOf(&coin).Elem())
		Expect(err).NotTo(HaveOccurred())
		Expect(pairs).To(Equal([]string{"coin", "4", "Name", "x"}))
		Expect(read.Interface()).To(Equal(coin))
	})
})

// HashDouble has a name in common with HashInner, both in tags.
type HashDouble struct {
	A int `kv:"a"`
}
