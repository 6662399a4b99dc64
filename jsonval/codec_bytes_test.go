package jsonval_test

import (
	"encoding/json"
	"encoding/json/jsontext"
	"fmt"
	"runtime"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func scribble(over []byte) {
	for i := range over {
		over[i] = 'x'
	}
}

// allocatedBytes is how much memory a function takes; other goroutines may take some, too.
func allocatedBytes(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

type (
	jsonScribbler  struct{}
	textScribbler  struct{}
	tokenScribbler struct{}
	declaring      struct{ Inside jsonScribbler }
)

func (*jsonScribbler) UnmarshalJSON(text []byte) error {
	scribble(text)
	return nil
}

func (textScribbler) MarshalText() ([]byte, error) { return []byte("text"), nil }

func (*textScribbler) UnmarshalText(text []byte) error {
	scribble(text)
	return nil
}

func (*tokenScribbler) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, err := decoder.ReadValue()
	scribble(value)
	return err
}

func (declaring) MarshalJSON() ([]byte, error) { return []byte(`{"Inside":{}}`), nil }

var _ = Describe("the text that is decoded", func() {
	unchanged := func(decode func(text string) error, text string) {
		GinkgoHelper()
		given := strings.Clone(text)
		Expect(decode(given)).To(Succeed())
		Expect(given).To(Equal(text))
	}

	It("is not changed by methods that change what they are shown", func() {
		unchanged(func(text string) error {
			_, err := mustCodec[[]jsonScribbler]().Decode(text)
			return err
		}, `[{},{}]`)
		unchanged(func(text string) error {
			_, err := mustCodec[struct{ A *textScribbler }]().Decode(text)
			return err
		}, `{"A":"abc"}`)
		unchanged(func(text string) error {
			_, err := mustCodec[map[textScribbler]int]().Decode(text)
			return err
		}, `{"abc":1}`)
		unchanged(func(text string) error {
			_, err := mustCodec[[1]tokenScribbler]().Decode(text)
			return err
		}, `[{}]`)
		unchanged(func(text string) error {
			_, err := mustCodec[declaring]().Decode(text)
			return err
		}, `{"Inside":{}}`)
	})

	It("shares no memory with what is decoded", func() {
		type kept struct {
			Raw   json.RawMessage
			Value jsontext.Value
			Bytes []byte
			Items []json.RawMessage
			Any   any
		}
		unchanged(func(text string) error {
			value, err := mustCodec[kept]().Decode(text)
			before := fmt.Sprint(value.Any)
			for _, bytes := range append(value.Items, value.Raw, value.Value, value.Bytes) {
				scribble(bytes[:cap(bytes)])
			}
			Expect(fmt.Sprint(value.Any)).To(Equal(before))
			return err
		}, `{"Raw":[1,2],"Value":{"a":"b"},"Bytes":"AQID","Items":["a",{}],"Any":{"a":["b",1.5]}}`)
	})

	It("takes no copy where nobody sees it", func() {
		codec := mustCodec[[]int]()
		text := "[" + strings.Repeat(" ", 1<<20) + "]"
		Expect(allocatedBytes(func() { _, _ = codec.Decode(text) })).To(BeNumerically("<", 1<<19))
		shown := mustCodec[[]jsonScribbler]()
		Expect(allocatedBytes(func() { _, _ = shown.Decode(text) })).To(BeNumerically(">", 1<<19))
	})
})
