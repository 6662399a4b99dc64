package lockfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/jsonval/schemas"
)

// verdict is whether what is stored in one form is read in another.
type verdict uint8

const (
	fitting verdict = iota
	doubtful
	refused
)

// fit is what becomes of what is stored in one form where another is declared.
type fit struct {
	verdict   verdict
	reasons   []string // what is not as it was, if the verdict is another than fitting
	example   string   // of what is refused, if there is one
	forgotten []string // JSON pointers to what is read past
	notes     []note   // what is worth to be known though it fits
}

type note struct{ what, then string }

// fits decides whether what is stored in one form is read as the same in another.
func (f form) fits(now form) fit {
	switch {
	case written(f) == written(now):
		return fit{}
	case f.Text == dsl.HashFields && now.Text == dsl.HashFields:
		return f.hashFits(now)
	case f.Text == dsl.HashFields || now.Text == dsl.HashFields:
		return fit{verdict: refused, reasons: []string{f.change(now)}}
	case f.Text == dsl.Marshaled && now.Text == dsl.Marshaled:
		return fit{verdict: doubtful, reasons: []string{f.change(now)}}
	case f.Text == now.Text:
		return f.schemaFits(now)
	}
	return f.textFits(now)
}

func (f form) change(now form) string {
	return fmt.Sprintf("it was the text of %s, and is that of %s", f.words(), now.words())
}

// textFits is fits for texts of two notations.
func (f form) textFits(now form) fit {
	changed := fit{reasons: []string{f.change(now)}}
	counts := f.Text == dsl.Signed || f.Text == dsl.Unsigned
	switch {
	case now.Text == dsl.Plain || now.Text == dsl.Binary:
		switch {
		case now.Schema != nil:
			changed.verdict = doubtful
		case f.Text == dsl.Document && !f.within(`{"type":["object","array","number","boolean","null"]}`):
			changed.verdict, changed.reasons[0] = doubtful, changed.reasons[0]+", which has the quotes of a JSON string in it"
		}
	case now.Text == dsl.Number && counts && !f.within(`{"minimum":-9007199254740992,"maximum":9007199254740992}`):
		changed.verdict, changed.reasons[0] = doubtful, changed.reasons[0]+", to which integers beyond 2^53 are rounded"
	case counts && (now.Text == dsl.Signed || now.Text == dsl.Unsigned || now.Text == dsl.Number || now.Text == dsl.Document),
		f.Text == dsl.Number && now.Text == dsl.Document, f.Text == dsl.Truth && now.Text == dsl.Document:
		under := f.schemaFits(now)
		under.reasons = append(changed.reasons, under.reasons...)
		return under
	case f.Text == dsl.Marshaled || now.Text == dsl.Marshaled:
		changed.verdict = doubtful
	default:
		changed.verdict = refused
	}
	if changed.verdict == fitting {
		changed.reasons = nil
	}
	return changed
}

// within reports whether all values of a form are as a schema says.
func (f form) within(schema string) bool {
	compared, err := schemas.Compare(f.schema(), jsonval.Form{Schema: json.RawMessage(schema), HandWritten: true})
	return err == nil && compared.Verdict == schemas.Accepted
}

// impliedSchemas say what values of a notation are as JSON, in which jsonschema tags speak of them.
var impliedSchemas = map[dsl.Notation]string{
	dsl.Document: `{}`, dsl.Plain: `{"type":"string"}`, dsl.Marshaled: `{"type":"string"}`, dsl.Truth: `{"type":"boolean"}`, dsl.Number: `{"type":"number"}`,
	dsl.Binary:   `{"type":["string","null"],"contentEncoding":"base64"}`,
	dsl.Moment:   `{"type":"string","format":"date-time"}`,
	dsl.Span:     `{"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807}`,
	dsl.Signed:   `{"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807}`,
	dsl.Unsigned: `{"type":"integer","minimum":0,"maximum":18446744073709551615}`,
}

// schema is what values of the form satisfy.
func (f form) schema() jsonval.Form {
	implied := json.RawMessage(impliedSchemas[f.Text])
	switch {
	case f.Text == dsl.Document:
		return jsonval.Form{Schema: f.Schema, HandWritten: f.HandWritten}
	case f.Schema == nil:
		return jsonval.Form{Schema: implied}
	}
	// A schema that has definitions refers to them from its root.
	var keywords map[string]json.RawMessage
	if json.Unmarshal(f.Schema, &keywords) != nil {
		return jsonval.Form{Schema: f.Schema}
	}
	keywords["allOf"] = json.RawMessage("[" + strings.Join(append(parts(keywords["allOf"]), string(implied)), ",") + "]")
	all, err := json.Marshal(keywords)
	if err != nil {
		return jsonval.Form{Schema: f.Schema}
	}
	return jsonval.Form{Schema: all}
}

// parts are the texts of the items of an array.
func parts(array json.RawMessage) (texts []string) {
	var items []json.RawMessage
	_ = json.Unmarshal(array, &items) // which is absent, or no array, and then makes no schema
	for _, item := range items {
		texts = append(texts, string(item))
	}
	return texts
}

// schemaFits is fits for values that have schemas.
func (f form) schemaFits(now form) fit {
	compared, err := schemas.Compare(f.schema(), now.schema())
	if err != nil {
		return fit{verdict: doubtful, reasons: []string{"its JSON Schema cannot be compared: " + err.Error()}}
	}
	found := fit{forgotten: compared.Forgotten, example: compact(compared.Example)}
	differences := inWords(compared.Differences)
	switch compared.Verdict {
	case schemas.Accepted:
		return found
	case schemas.AcceptedDeclared:
		if f.HandWritten {
			found.verdict = doubtful
			break
		}
		for _, what := range undeclared(compared.Differences) {
			found.notes = append(found.notes, note{what, "what programs have written is accepted, as the older schema does not declare it; a document that has it all the same, " +
				"and not as it is declared now, would be refused"})
		}
		return found
	case schemas.Refused:
		found.verdict = refused
	case schemas.CannotTell:
		found.verdict = doubtful
	}
	found.reasons = differences
	if len(differences) == 0 {
		found.reasons = []string{"its JSON Schema is another"}
	}
	return found
}

// hashFits is fits for structs that are stored as hashes.
func (f form) hashFits(now form) (all fit) {
	names := slices.Sorted(maps.Keys(f.Fields))
	for _, name := range names {
		was := f.Fields[name]
		is, still := now.Fields[name]
		if !still {
			all.forgotten = append(all.forgotten, "/"+name)
			continue
		}
		one := was.fits(is.form)
		if is.Required && !was.Required {
			one.verdict, one.reasons = refused, append(one.reasons, "it must be there now")
		} else if is.Default != was.Default && !is.Required {
			one.notes = append(one.notes, note{fmt.Sprintf("its default was %q, and is %q", was.Default, is.Default), "hashes that lack it, and were stored before it had one, read so"})
		}
		all.include("/"+name, one)
	}
	for _, name := range slices.Sorted(maps.Keys(now.Fields)) {
		if _, known := f.Fields[name]; known {
			continue
		}
		one := fit{}
		if now.Fields[name].Required {
			one.verdict, one.reasons = refused, []string{"it is new, and must be there"}
		} else {
			one.notes = []note{{"it is new", "hashes that lack it read as its default, or zero"}}
		}
		all.include("/"+name, one)
	}
	return all
}

// include adds what was found of a part.
func (f *fit) include(pointer string, part fit) {
	f.verdict = max(f.verdict, part.verdict)
	at := func(what string) string {
		if strings.HasPrefix(what, "/") {
			return pointer + what
		}
		return pointer + ": " + what
	}
	for _, reason := range part.reasons {
		f.reasons = append(f.reasons, at(reason))
	}
	for _, n := range part.notes {
		f.notes = append(f.notes, note{at(n.what), n.then})
	}
	for _, member := range part.forgotten {
		f.forgotten = append(f.forgotten, pointer+member)
	}
	if f.example == "" && part.example != "" {
		f.example = part.example + " at " + pointer
	}
}

func compact(text json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, text) != nil {
		return string(text)
	}
	const most = 120
	if b.Len() > most {
		return strings.ToValidUTF8(b.String()[:most], "") + "…"
	}
	return b.String()
}

// inWords are differences of two schemas in running text, one for each place in a document.
func inWords(differences []schemas.Difference) (reasons []string) {
	keywords := map[string][]string{}
	for _, d := range differences {
		keywords[d.Pointer] = append(keywords[d.Pointer], d.Keyword)
	}
	for _, d := range differences {
		there := keywords[d.Pointer]
		delete(keywords, d.Pointer)
		at := ""
		if d.Pointer != "" {
			at = d.Pointer + ": "
		}
		switch {
		case len(there) == 0: // it was said
		case slices.Contains(there, "required"):
			reasons = append(reasons, at+"it must be there now")
		case slices.Contains(there, "false") && strings.HasSuffix(d.Pointer, "/*"):
			reasons = append(reasons, at+"what is not declared must not be there now")
		case slices.Contains(there, "false"):
			reasons = append(reasons, at+"it must not be there now")
		case len(there) == 1:
			reasons = append(reasons, at+"its "+there[0]+" is not what it was")
		default:
			last := len(there) - 1
			reasons = append(reasons, at+"its "+strings.Join(there[:last], ", ")+" and "+there[last]+" are not what they were")
		}
	}
	return reasons
}

// undeclared are those of members that were not declared.
func undeclared(differences []schemas.Difference) (whats []string) {
	for _, d := range differences {
		what := d.Pointer + ": it is new"
		if strings.HasSuffix(d.Pointer, "/*") {
			what = d.Pointer + ": what is not declared must not be there now"
		}
		if !slices.Contains(whats, what) {
			whats = append(whats, what)
		}
	}
	return whats
}
