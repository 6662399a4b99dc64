package jsonval_test

import (
	"encoding/json"
	"encoding/json/jsontext"
	jsonv2 "encoding/json/v2"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/spec/suite"
)

const textsOfType = 20

// documentOf is a text for a type: what encoding/json writes for some value, or what comes close to satisfying the schema; now and then
// with a member that nobody declares, or spoilt.
func (g generator) documentOf(w *written) string {
	text := ""
	if g.one(2) {
		value := reflect.New(w.goType).Elem()
		g.goValue(value, 4)
		written, err := json.Marshal(value.Addr().Interface())
		if err != nil {
			return g.documentOf(w)
		}
		text = string(written)
	} else {
		text = g.satisfy(w.tree, w.tree, 6)
	}
	if g.one(6) {
		text = strings.Replace(text, "{", "{"+pick(g, `"other":[1,{"a":null}]`, `"A":1`, `"NAME":"x"`)+pick(g, ",", ""), 1)
	}
	if g.one(3) {
		text = g.rearranged(text)
	}
	for g.one(5) {
		text = g.hostile(text)
	}
	return g.space() + text + g.space()
}

// rearranged is an object with its members in another order, and now and then one of them twice.
func (g generator) rearranged(text string) string {
	decoder := jsontext.NewDecoder(strings.NewReader(text), jsontext.AllowDuplicateNames(true))
	if decoder.PeekKind() != '{' {
		return text
	}
	_, _ = decoder.ReadToken()
	var members []string
	for decoder.PeekKind() == '"' {
		name, _ := decoder.ReadValue()
		member := string(name) + ":"
		value, err := decoder.ReadValue()
		if err != nil {
			return text
		}
		members = append(members, member+string(value))
	}
	if len(members) == 0 {
		return text
	}
	if g.one(2) {
		members = append(members, pick(g, members...))
	}
	g.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return "{" + strings.Join(members, ",") + "}"
}

// readDifference describes where decoding differs from what encoding/json makes of a text that the validator of record accepts.
func (w *written) readDifference(text string) string {
	fits := w.record.listed(text) == nil
	want := reflect.New(w.goType)
	wantErr := jsonv2.Unmarshal([]byte(text), want.Interface(), jsonval.Wire)
	got := reflect.New(w.goType)
	err := w.codec.DecodeInto(text, got.Interface())
	exactly := reflect.New(w.goType)
	accepted, exact := w.codec.DecodeExactly(text, exactly.Interface())
	// Of some types, all that is read exactly is an error that says nothing about members.
	exactErr := jsonv2.Unmarshal([]byte(text), reflect.New(w.goType).Interface(), jsonval.WireKnown)
	unknown := errors.Is(exactErr, jsonv2.ErrUnknownName)
	describe := func(what string) string {
		return fmt.Sprintf("%s\ngot    %+v %v\nwant   %+v %v\ntext   %s\ntype   %v\nschema %s", what, got.Elem(), err, want.Elem(), wantErr, text, w.goType, w.schema)
	}
	switch {
	case (err == nil) != (fits && wantErr == nil):
		return describe("another verdict")
	case accepted != (err == nil):
		return describe("another verdict of DecodeExactly")
	case err != nil && !got.Elem().IsZero():
		return describe("refused, but not zero")
	case err != nil:
		return ""
	case !reflect.DeepEqual(got.Interface(), want.Interface()):
		return describe("another value")
	case exact && unknown, !exact && exactErr == nil:
		return describe(fmt.Sprintf("DecodeExactly says exact: %t", exact))
	case !reflect.DeepEqual(exactly.Interface(), want.Interface()):
		return describe("another value of DecodeExactly")
	}
	// What is more, that is encoding/json as everybody knows it, but that a name in another case is another name.
	plain := reflect.New(w.goType)
	if err := jsonv2.Unmarshal([]byte(text), plain.Interface(), json.DefaultOptionsV1(), jsonv2.MatchCaseInsensitiveNames(false)); err != nil {
		return describe("encoding/json: " + err.Error())
	}
	if !reflect.DeepEqual(got.Interface(), plain.Interface()) {
		return describe("another value than that of encoding/json")
	}
	return ""
}

var _ = Describe("Decode", Label(suite.Slow), func() {
	It("makes the values of encoding/json of the texts that the validator of record accepts, and of no others", func() {
		texts := setting("KVSTORE_DIFFERENTIAL_DOCUMENTS", 10_000)
		seed := setting("KVSTORE_DIFFERENTIAL_SEED", uint64(GinkgoRandomSeed()))
		accepted, atOnce, types := uint64(0), uint64(0), 0
		for round := range texts / textsOfType {
			g := newGenerator(seed + round)
			w := g.written()
			for w == nil {
				w = g.written()
			}
			types++
			for range textsOfType {
				text := g.documentOf(w)
				given := strings.Clone(text)
				Expect(w.readDifference(text)).To(BeEmpty(), "seed %d", seed+round)
				Expect(text).To(Equal(given), "decoding changes the text")
				if w.codec.DecodeInto(text, reflect.New(w.goType).Interface()) == nil {
					accepted++
					if w.codec.ReadsAtOnce(text) {
						atOnce++
					}
				}
			}
		}
		AddReportEntry("differential", fmt.Sprintf("KVSTORE_DIFFERENTIAL_SEED=%d: %d texts for %d types, %d of them accepted, %d of these read in one pass",
			seed, texts, types, accepted, atOnce), ReportEntryVisibilityAlways)
		Expect(atOnce).To(BeNumerically(">", texts/10))
		Expect(accepted - atOnce).To(BeNumerically(">", texts/100))
	})
})

// FuzzRead compares what is read with what encoding/json reads, for texts of the fuzzer's own and types that a seed chooses.
func FuzzRead(f *testing.F) {
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
		if different := w.readDifference(text); different != "" {
			t.Fatal(different)
		}
	})
}
