package jsonval_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
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
}

// written makes a Go type with its own schema or with a hand-written one. It returns nil for one that has no codec.
func (g generator) written() *written {
	w := &written{goType: g.goType(g.IntN(4))}
	var opts []jsonval.Option
	own := g.one(3)
	if own {
		schema, err := jsonval.SchemaOf(w.goType)
		if err != nil {
			return nil
		}
		w.schema = string(schema)
	} else {
		w.schema = g.fitted(w.goType, 6)
		opts = append(opts, jsonval.WithSchema(w.schema))
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

// difference describes where Encode differs from the validator of record, given what encoding/json writes.
func (w *written) difference(value reflect.Value) string {
	text, err := json.Marshal(value.Addr().Interface())
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
		values := setting("KVSTORE_DIFFERENTIAL_VALUES", 40_000)
		seed := setting("KVSTORE_DIFFERENTIAL_SEED", uint64(GinkgoRandomSeed()))
		accepted, assured, types := 0, 0, 0
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
				}
			}
		}
		AddReportEntry("differential", fmt.Sprintf("KVSTORE_DIFFERENTIAL_SEED=%d: %d values of %d types, %d of them accepted, %d of these without a look at their text",
			seed, values, types, accepted, assured), ReportEntryVisibilityAlways)
		Expect(assured).To(BeNumerically(">", values/10))
		Expect(accepted - assured).To(BeNumerically(">", values/10))
	})
})
