package kv

import (
	"bytes"
	"encoding/base64"
	"encoding/json/jsontext"
	"errors"
	"slices"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
)

// recordBuilder puts together a record of several lines. There is room for all of it from the
// start, as the first line says how much is to come, and next to nothing else is allocated:
// what a garbage collector has not yet freed would otherwise double the memory that a large
// value takes.
type recordBuilder struct {
	text   strings.Builder
	begins []int  // of the values, in the text
	value  []byte // of a line
	base64 []byte // what it is written as, if it is
}

// rawLine is a line of such a record whose values are not decoded yet.
type rawLine struct {
	exportLine

	Values jsontext.Value `json:"values"`
}

// readRest completes a record of several lines, given the first.
func (in *importer) readRest(first *exportLine) error {
	if err := first.decode(); err != nil {
		return atLine(in.line, err)
	}
	size := lengthOf(first.Values)
	if size == 0 || first.Rest < 0 || first.Rest > in.largest-size {
		return drivers.Errorf(ErrInvalid, "line %d: %d bytes of a record, and %d to come: it must be some, and at most %d; MaxRecord allows more",
			in.line, size, first.Rest, in.largest)
	}
	var all recordBuilder
	all.text.Grow(size + first.Rest)
	for _, value := range first.Values {
		all.begin()
		all.text.WriteString(value)
	}
	var next rawLine
	for missing := first.Rest; missing > 0; missing = next.Rest {
		next = rawLine{Values: next.Values[:0]}
		if err := in.next(&next); err != nil {
			return err
		}
		before := all.text.Len()
		goesOn := next.More && next.Kind == first.Kind && slices.Equal(next.Path, first.Path) && next.Rest >= 0 && next.Rest < missing
		if goesOn {
			if err := all.add(next, missing-next.Rest); err != nil {
				return drivers.Join(ErrInvalid, atLine(in.line, err))
			}
		}
		if !goesOn || all.text.Len()-before != missing-next.Rest {
			return drivers.Errorf(ErrInvalid, "line %d: it should go on with the record of the line before, of which %d bytes are missing", in.line, missing)
		}
	}
	first.Values, first.Rest = all.values(), 0
	return nil
}

// begin begins another value.
func (g *recordBuilder) begin() { g.begins = append(g.begins, g.text.Len()) }

// add adds the values of a line, as far as there is room for them. The first goes on with
// the last there is.
func (g *recordBuilder) add(line rawLine, room int) error {
	values := jsontext.NewDecoder(bytes.NewBuffer(line.Values))
	if values.PeekKind() != '[' {
		return errors.New("values that are no array")
	}
	if _, err := values.ReadToken(); err != nil {
		return err
	}
	for first := true; values.PeekKind() != ']'; first = false {
		value, err := values.ReadValue()
		if err != nil {
			return err
		}
		if g.value, err = jsontext.AppendUnquote(g.value[:0], value); err != nil {
			return err
		}
		if line.Base64 {
			g.value, g.base64 = g.base64, g.value
			if g.value, err = base64.StdEncoding.AppendDecode(g.value[:0], g.base64); err != nil {
				return err
			}
		}
		if room -= len(g.value); room < 0 {
			return nil
		}
		if !first {
			g.begin()
		}
		g.text.Write(g.value)
	}
	return nil
}

func (g *recordBuilder) values() []string {
	values, text := make([]string, len(g.begins)), g.text.String()
	for i, begin := range g.begins {
		end := len(text)
		if i+1 < len(g.begins) {
			end = g.begins[i+1]
		}
		values[i] = text[begin:end]
	}
	return values
}
