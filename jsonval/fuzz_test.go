package jsonval_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/kvstore-go/kvstore/jsonval"
)

type fuzzed struct {
	Name   string             `json:"name" jsonschema:"minLength=1,maxLength=20"`
	Count  int64              `json:"count,omitempty" jsonschema:"minimum=-5"`
	Byte   uint8              `json:"byte,string"`
	Ratio  *float32           `json:"ratio"`
	At     time.Time          `json:"at,omitzero"`
	Any    any                `json:"any"`
	Raw    json.RawMessage    `json:"raw,omitempty"`
	Bytes  []byte             `json:"bytes"`
	Keys   map[int16][]*bool  `json:"keys"`
	Colors map[color]float64  `json:"colors,omitempty"`
	Self   *fuzzed            `json:"self,omitempty"`
	Pair   [2]json.Number     `json:"pair"`
	More   map[string]*fuzzed `json:"more,omitempty"`
}

// FuzzDecode checks that no text panics, and that what is accepted survives being written and read again.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `{}`, `[`, `{"name":"x","byte":"0","ratio":1,"any":null,"bytes":null,"keys":null,"pair":[1,2]}`,
		`{"name":"x","byte":"255","ratio":null,"any":{"a":[1e308,"\u2028<"]},"raw":{"b": 1.50},"bytes":"AQI=","keys":{"-1":[true,null]},` +
			`"pair":[0.10,-0],"at":"2024-02-29T12:00:00.5+05:30","colors":{"#a":1},"count":-5}`,
		`{"name":"x","byte":"1","ratio":3.4028235e38,"any":1e999999999,"bytes":"\n","keys":{"01":[]},"pair":["1",2]}`,
		`{"name":"x","name":"y","NAME":1}`, "\"\xff\"", `{"at":"0000-00-00T24:00:00Z"}`,
	} {
		f.Add(seed)
	}
	codec, err := jsonval.NewCodec[fuzzed]()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value, err := codec.Decode(text)
		if err != nil {
			if _ = first(err); !reflect.DeepEqual(value, fuzzed{}) {
				t.Fatalf("%q: refused, but not zero", text)
			}
			return
		}
		written, err := codec.Encode(value)
		if err != nil {
			t.Fatalf("%q: accepted, but cannot be written: %v", text, err)
		}
		again, err := codec.Decode(written)
		if err != nil {
			t.Fatalf("%q: cannot be read as written, %q: %v", text, written, err)
		}
		twice, err := codec.Encode(again)
		if err != nil || twice != written {
			t.Fatalf("%q: %q and %q differ: %v", text, written, twice, err)
		}
	})
}
