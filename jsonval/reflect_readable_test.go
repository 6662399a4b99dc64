package jsonval_test

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math/big"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/jsonval/schemas"
)

type (
	readGrade int             // writes a text
	readName  string          // writes a text, which is one anyway
	readMoney struct{ c int } //nolint:unused // it writes JSON that is lost
	readTotal struct {        // writes JSON that it reads as it is
		A   int `json:"a"`
		sum int
	}
	readFunc func() // writes JSON
	readCoin struct{ c int }

	lentByPointer       struct{ *readCoin }
	lentByValue         struct{ readCoin }
	lentByInterface     struct{ json.Unmarshaler }
	lentDeeply          struct{ lentByPointer }
	lentText            struct{ *big.Float }
	ownOfPointer        struct{ *readCoin } //nolint:unused // for its methods
	ownOfGeneric[T any] struct {
		*readCoin //nolint:unused // for its methods
		V         T
	}
	ownEmbedded struct{ ownOfPointer }
)

func (readGrade) MarshalText() ([]byte, error)  { return []byte("good"), nil }
func (n readName) MarshalText() ([]byte, error) { return []byte(n), nil }
func (readMoney) MarshalJSON() ([]byte, error)  { return []byte(`"1"`), nil }
func (t readTotal) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `{"a":%d,"sum":%d}`, t.A, t.sum), nil
}
func (readFunc) MarshalJSON() ([]byte, error)          { return []byte("1"), nil }
func (c readCoin) MarshalJSON() ([]byte, error)        { return json.Marshal(c.c) }
func (c *readCoin) UnmarshalJSON(text []byte) error    { return json.Unmarshal(text, &c.c) }
func (o ownOfPointer) MarshalJSON() ([]byte, error)    { return []byte("1"), nil }
func (o *ownOfPointer) UnmarshalJSON([]byte) error     { return nil }
func (o ownOfGeneric[T]) MarshalJSON() ([]byte, error) { return []byte("1"), nil }
func (o *ownOfGeneric[T]) UnmarshalJSON([]byte) error  { return nil }

var _ encoding.TextMarshaler = readName("")

var _ = Describe("A type that could be written and never read", func() {
	DescribeTable("is refused, and the error says what is missing",
		func(err error, says string) { Expect(err).To(MatchError(ContainSubstring(says))) },
		Entry("a text", codecError[readGrade](), "readGrade has MarshalText and no UnmarshalText"),
		Entry("a text far within", codecError[map[string][]*readGrade](), "readGrade has MarshalText and no UnmarshalText"),
		Entry("the key of a map", codecError[map[readGrade]int](), "readGrade has MarshalText and no UnmarshalText"),
		Entry("JSON of what is not exported", codecError[readMoney](), "readMoney has MarshalJSON and no UnmarshalJSON"),
		Entry("JSON of a function", codecError[[]readFunc](), "readFunc has MarshalJSON and no UnmarshalJSON"),
		Entry("an interface with methods", codecError[struct{ A []fmt.Stringer }](), "fmt.Stringer cannot be read back: nothing says of which type it is"),
		Entry("an error", codecError[error](), "nothing says of which type it is"),
		Entry("an embedded pointer that reads", codecError[lentByPointer](), "the UnmarshalJSON of jsonval_test.lentByPointer is that of the embedded *jsonval_test.readCoin"),
		Entry("an embedded interface that reads", codecError[lentByInterface](), "is that of the embedded json.Unmarshaler"),
		Entry("an embedded pointer further down", codecError[[]lentDeeply](), "is that of the embedded *jsonval_test.readCoin"),
		Entry("an embedded pointer that reads text", codecError[lentText](), "the UnmarshalText of jsonval_test.lentText is that of the embedded *big.Float"),
		Entry("a hand-written schema, too", codecError[error](schemas.HandWritten(`{}`)), "nothing says of which type it is"),
	)
	DescribeTable("is no other",
		func(err error) { Expect(err).NotTo(HaveOccurred()) },
		Entry("a string that writes itself as text", codecError[readName]()),
		Entry("a key that is one", codecError[map[readName]int]()),
		Entry("a struct with a member more", codecError[readTotal]()),
		Entry("any", codecError[map[string]any]()),
		Entry("an embedded struct that reads", codecError[lentByValue]()),
		Entry("a method of its own beside that of an embedded pointer", codecError[ownOfPointer]()),
		Entry("the same of a generic type", codecError[ownOfGeneric[int]]()),
		Entry("an embedded struct with a method of its own", codecError[ownEmbedded]()),
		Entry("a number of any size", codecError[struct {
			A *big.Int
			B big.Float
		}]()),
	)
})

func codecError[T any](options ...jsonval.Option) error {
	_, err := jsonval.NewCodec[T](options...)
	return err
}

var _ = Describe("NilAsEmpty", func() {
	type inner struct{ Names []string }
	type outer struct {
		List   []int            `json:"list"`
		Map    map[string]inner `json:"map"`
		Bytes  []byte           `json:"bytes"`
		Inner  *inner           `json:"inner"`
		Any    any              `json:"any"`
		Left   []int            `json:"left,omitempty"`
		Within [1]inner         `json:"within"`
	}
	It("writes nil slices and maps as empty ones, and reads the null of others", func() {
		codec, err := jsonval.NewCodec[outer](jsonval.NilAsEmpty())
		Expect(err).NotTo(HaveOccurred())
		Expect(codec.Encode(outer{})).To(Equal(`{"list":[],"map":{},"bytes":"","inner":null,"any":null,"within":[{"Names":[]}]}`))
		read, err := codec.Decode(`{"list":null,"map":null,"bytes":null,"inner":null,"any":null,"within":[{"Names":null}]}`)
		Expect(err).NotTo(HaveOccurred())
		Expect(read).To(Equal(outer{}))
		plain, err := jsonval.NewCodec[outer]()
		Expect(err).NotTo(HaveOccurred())
		Expect(plain.Encode(outer{})).To(Equal(`{"list":null,"map":null,"bytes":null,"inner":null,"any":null,"within":[{"Names":null}]}`))
	})
	It("judges what is written, not what encoding/json would write", func() {
		for schema, passes := range map[string]bool{
			`{"type":["array","null"],"minItems":1}`: false,
			`{"type":["array","null"]}`:              true,
			`{"type":"array"}`:                       true,
			`{"type":"null"}`:                        false,
		} {
			codec, err := jsonval.NewCodec[[]int](jsonval.NilAsEmpty(), schemas.HandWritten(schema))
			Expect(err).NotTo(HaveOccurred())
			_, err = codec.Encode(nil)
			Expect(err == nil).To(Equal(passes), schema)
		}
		codec, err := jsonval.NewCodec[map[string]string](jsonval.NilAsEmpty(), schemas.HandWritten(`{"type":["object","null"],"minProperties":1}`))
		Expect(err).NotTo(HaveOccurred())
		_, err = codec.Encode(nil)
		Expect(first(err)).To(Equal(" minProperties"))
	})
})
