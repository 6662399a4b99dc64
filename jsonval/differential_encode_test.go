package jsonval_test

import (
	"encoding/json"
	jsonv2 "encoding/json/v2"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/jsonval/schemas"
	"github.com/kvstore-go/kvstore/spec/suite"
)

const valuesOfType = 20

// written is a Go type with a codec, and the validator of record for its schema.
type written struct {
	goType reflect.Type
	codec  *jsonval.TypeCodec
	schema string
	tree   any // of the schema
	record judge
	// nilEmpty is whether nil slices and maps are written as empty ones.
	nilEmpty bool
}

// written makes a Go type with its own schema or with a hand-written one. It returns nil for one that has no codec.
func (g generator) written() *written {
	w := &written{goType: g.goType(g.IntN(4)), nilEmpty: g.one(5)}
	var opts []jsonval.Option
	if w.nilEmpty {
		opts = append(opts, jsonval.NilAsEmpty())
	}
	own := g.one(3)
	if own {
		schema, err := jsonval.SchemaOf(w.goType)
		if err != nil {
			return nil
		}
		w.schema = string(schema)
	} else {
		w.schema = g.fitted(w.goType, 6)
		opts = append(opts, schemas.HandWritten(w.schema))
	}
	var err error
	if w.codec, err = jsonval.NewTypeCodec(w.goType, opts...); err != nil {
		return nil
	}
	if _, w.record, err = engines(w.schema, jsonval.DefaultMaxDepth, own); err != nil {
		return nil
	}
	w.tree = treeOf(w.schema)
	return w
}

// marshal is encoding/json.
func (w *written) marshal(value reflect.Value) ([]byte, error) {
	if w.nilEmpty {
		return jsonv2.Marshal(value.Addr().Interface(), json.DefaultOptionsV1(), jsonv2.FormatNilSliceAsNull(false), jsonv2.FormatNilMapAsNull(false))
	}
	return json.Marshal(value.Addr().Interface())
}

// difference describes where Encode differs from the validator of record, given what encoding/json writes.
func (w *written) difference(value reflect.Value) string {
	text, err := w.marshal(value)
	// encoding/json hides so that a string is not UTF-8.
	unwritten := err != nil || strings.ContainsRune(string(text), utf8.RuneError)
	var want []string
	if !unwritten {
		want = w.record.listed(string(text))
	}
	written, err := w.codec.Encode(value)
	got := listed(err)
	switch {
	case err == nil && !unwritten && want == nil && written == string(text):
		return ""
	case err != nil && slices.Equal(got, want):
		return ""
	case err != nil && (unwritten || want != nil && slices.ContainsFunc(got, saidByEncoder)):
		return ""
	}
	return fmt.Sprintf("got    %s %q\nwant   %q\ntext   %s\ntype   %v\nschema %s", written, got, want, text, w.goType, w.schema)
}

// saidByEncoder reports whether a violation is of a kind that encoding/json finds, of which there may be others further on in the text.
func saidByEncoder(violation string) bool {
	return slices.Contains([]string{"marshal", "utf8", "uniqueNames"}, violation[strings.LastIndexByte(violation, ' ')+1:])
}

var _ = Describe("Encode", Label(suite.Slow), func() {
	It("judges Go values as the validator of record judges what encoding/json writes for them", func() {
		values := setting("KVSTORE_DIFFERENTIAL_VALUES", 10_000)
		seed := setting("KVSTORE_DIFFERENTIAL_SEED", uint64(GinkgoRandomSeed()))
		accepted, assured, plain, types := 0, 0, 0, 0
		for round := range values / valuesOfType {
			g := newGenerator(seed + round)
			w := g.written()
			for w == nil {
				w = g.written()
			}
			types++
			for range valuesOfType {
				value := reflect.New(w.goType).Elem()
				g.goValue(value, 4)
				Expect(w.difference(value)).To(BeEmpty(), "seed %d", seed+round)
				if text, err := w.codec.Encode(value); err == nil {
					given := strings.Clone(text)
					_ = w.codec.Decode(given, reflect.New(w.goType).Elem()) // not all that is written can be read
					Expect(given).To(Equal(text), "decoding changes the text")
					accepted++
					if w.codec.Assured(value) {
						assured++
					}
					if w.codec.WritesItself(value) {
						plain++
					}
				}
			}
		}
		AddReportEntry("differential", fmt.Sprintf("KVSTORE_DIFFERENTIAL_SEED=%d: %d values of %d types, %d of them accepted, %d of these without a look at their text, %d without encoding/json but for parts",
			seed, values, types, accepted, assured, plain), ReportEntryVisibilityAlways)
		Expect(assured).To(BeNumerically(">", values/10))
		Expect(accepted - assured).To(BeNumerically(">", values/10))
		Expect(plain).To(BeNumerically(">", values/4))
	})
})

// FuzzWrite compares what is written with what encoding/json writes, for types that a seed chooses and what a text of the fuzzer's own is read
// into.
func FuzzWrite(f *testing.F) {
	for seed := range uint64(200) {
		g := newGenerator(seed)
		if w := g.written(); w != nil {
			f.Add(seed, g.documentOf(w))
		}
	}
	f.Fuzz(func(t *testing.T, seed uint64, text string) {
		w := newGenerator(seed).written()
		if w == nil {
			return
		}
		value := reflect.New(w.goType)
		_ = json.Unmarshal([]byte(text), value.Interface()) // after an error, what has been read by then is a value, too
		if text, _ := w.marshal(value.Elem()); strings.ContainsRune(string(text), utf8.RuneError) {
			return // nobody can tell whether it was there before
		}
		if different := w.difference(value.Elem()); different != "" {
			t.Fatal(different)
		}
	})
}
