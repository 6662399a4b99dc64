package lockfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kvstore-go/kvstore/dsl"
)

// forms compares what values are stored as.
func (c *comparison) forms(at path, before, now *place) {
	if len(before.Forms) == 0 || len(now.Forms) == 0 || written(before.Forms) == written(now.Forms) {
		return
	}
	newest := before.Forms[0]
	if written(newest) != written(now.Forms[0]) {
		c.newest(at, newest, now)
	}
	for i, older := range before.Forms[1:] {
		if !slices.ContainsFunc(now.Forms, older.keptBy) {
			c.add(Breaking, at, fmt.Sprintf("form %d of %d, counted from the newest, is not declared any more", i+2, len(before.Forms)),
				"what is still stored in it is refused: kv.Migrate with the schema that has it, until kv.Audit finds no older form, and only then take it out")
		}
	}
	switch more := len(now.Forms) - len(before.Forms); {
	case more == 1:
		c.add(Compatible, at, "an older form more is declared", "what is stored in it is read")
	case more > 1:
		c.add(Compatible, at, fmt.Sprintf("%d older forms more are declared", more), "what is stored in them is read")
	}
}

// keptBy reports whether all that is stored in one form is read as another, and nothing of it is lost.
func (f form) keptBy(other form) bool {
	fit := f.fits(other)
	return fit.verdict == fitting && len(fit.forgotten) == 0
}

// newest compares the form that was the newest with the one that is.
func (c *comparison) newest(at path, before form, now *place) {
	is := now.Forms[0]
	fit := before.fits(is)
	known := len(c.found)
	if fit.verdict == fitting && len(fit.forgotten) == 0 {
		if foundByText[now.kind()] && !before.sameTexts(is) {
			const what = "elements are written in another way"
			if now.kind() == dsl.List {
				c.add(Compatible, at, what, "all that is stored is read as what it is; what is given an element, as Remove is, perhaps does not find it")
			} else {
				c.add(Breaking, at, what, "nobody can tell whether one that is stored is still found by its value: declare it under another name, and add to it what is stored")
			}
			return
		}
		for _, note := range fit.notes {
			c.add(Compatible, at, note.what, note.then)
		}
		if len(c.found) == known {
			c.add(Compatible, at, describe(before, is), "all that is stored is read as what it is")
		}
		return
	}
	class, then := Breaking, remedy(before, is)
	switch {
	case now.kind() == dsl.Topic:
		class, then = Compatible, "nothing is stored; while programs of both versions run, messages of the one may be refused by the other"
	case slices.ContainsFunc(now.Forms[1:], before.keptBy):
		class, then = NeedsMigrate, "it is a declared older form, which is read: kv.Migrate rewrites what is stored"
		if now.kind() == dsl.Stream {
			then = "it is a declared older form, which is read; entries of a stream are never rewritten, so keep the Upgrade for as long as they are there"
		}
	}
	for i, reason := range fit.reasons {
		consequence := "what is stored may be refused, and nobody can tell"
		if fit.verdict == refused {
			consequence = "what is stored may be refused"
			if i == 0 && fit.example != "" {
				consequence += ", as is " + fit.example
			}
		}
		c.add(class, at, reason, consequence+"; "+then)
	}
	for _, member := range fit.forgotten {
		c.add(class, at, member+" is gone", "it is lost when what is stored is read and written again; "+then)
	}
	for _, note := range fit.notes {
		c.add(Compatible, at, note.what, note.then)
	}
}

// remedy is what to do about what is stored in a form that is declared no more.
func remedy(before, is form) string {
	if is.Text == before.Text && (is.Text == dsl.Document || is.Text == dsl.HashFields) {
		return "declare a kv.Upgrade from the form that it had"
	}
	if is.Schema != nil && is.Text == before.Text {
		return "allow what was allowed, or put right what is stored before"
	}
	return "declare it under another name, and copy what is stored"
}

// describe says how two forms differ.
func describe(before, is form) string {
	if before.Text != is.Text {
		return fmt.Sprintf("it was the text of %s, and is that of %s", before.words(), is.words())
	}
	switch {
	case is.Text == dsl.Document && before.HandWritten != is.HandWritten:
		return "its schema is given by hand, or was"
	case is.Text == dsl.HashFields:
		return "its fields are declared in another way"
	case is.Schema == nil:
		return "any " + is.words() + " is allowed now"
	}
	return "its JSON Schema is another"
}

// words is the form in running text.
func (f form) words() string {
	switch {
	case f.Type != "":
		return f.Type
	case f.Schema != nil && f.Text != dsl.Document:
		return strings.TrimSpace(string(f.Text) + " " + compact(f.Schema))
	}
	return string(f.Text)
}
