package kv

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// A file of exported values is JSON Lines: a heading with the fields of the schema, a
// line for every value or part of one, and an ending with their number, so that a file
// that was cut short is known for one.
type exportHeading struct {
	Format string    `json:"format"`
	Fields []fieldOf `json:"fields"`
}

const exportFormat = "kvstore/1"

// lastExpiry is the last moment that JSON has a notation for.
var lastExpiry = time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC).UnixMilli()

type exportLine struct {
	Path    []string  `json:"path"` // names and ids below the store
	Kind    string    `json:"kind,omitempty"`
	Values  []string  `json:"values"`            // the value, or members
	Base64  bool      `json:"base64,omitempty"`  // Values are, as some are not UTF-8
	More    bool      `json:"more,omitempty"`    // goes on with the line before
	Expires time.Time `json:"expires,omitzero"`  // when the value ends
	End     *int      `json:"records,omitempty"` // the ending: how many lines there are
}

// exportTo writes all values below r to w and returns how many those are.
func (r ref) exportTo(ctx context.Context, w io.Writer, s *subtree) (int, error) {
	if err := r.err(); err != nil {
		return 0, err
	}
	buffered := bufio.NewWriter(w)
	out := json.NewEncoder(buffered)
	out.SetEscapeHTML(false)
	lines := 0
	err := out.Encode(exportHeading{exportFormat, r.fieldList()})
	if err == nil {
		err = r.export(ctx, "Export", s, func(rec record) error {
			lines++
			if !rec.more {
				s.done.Keys++
				if s.done.Keys%scanPage == 0 {
					s.advance(0)
				}
			}
			return out.Encode(lineOf(rec))
		})
	}
	if err == nil {
		err = out.Encode(exportLine{Path: []string{}, Values: []string{}, End: &lines})
	}
	if err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		return s.done.Keys, r.fail("Export", err)
	}
	s.advance(0)
	return s.done.Keys, nil
}

func lineOf(rec record) exportLine {
	line := exportLine{Path: rec.segments, Kind: rec.kind.String(), Values: rec.values, More: rec.more}
	if line.Path == nil {
		line.Path = []string{}
	}
	if rec.ends != 0 {
		line.Expires = time.UnixMilli(min(rec.ends, lastExpiry)).UTC()
	}
	if !lo.EveryBy(rec.values, utf8.ValidString) {
		line.Base64 = true
		line.Values = lo.Map(rec.values, func(value string, _ int) string { return base64.StdEncoding.EncodeToString([]byte(value)) })
	}
	return line
}

// record is what a line says. A value whose time is over gives none.
func (l exportLine) record() (rec record, alive bool, err error) {
	kind, ok := lo.FindKeyBy(transfers, func(kind dsl.Kind, _ transfer) bool { return kind.String() == l.Kind })
	if !ok {
		return record{}, false, drivers.Errorf(ErrInvalid, "values of kind %q", l.Kind)
	}
	rec = record{segments: l.Path, kind: kind, values: l.Values, more: l.More}
	if l.Base64 {
		rec.values = make([]string, len(l.Values))
		for i, value := range l.Values {
			plain, err := base64.StdEncoding.DecodeString(value)
			if err != nil {
				return record{}, false, drivers.Join(ErrInvalid, fmt.Errorf("value %d: %w", i, err))
			}
			rec.values[i] = string(plain)
		}
	}
	if l.Expires.IsZero() {
		return rec, true, nil
	}
	rec.ends = l.Expires.UnixMilli()
	return rec, rec.ends > time.Now().UnixMilli(), nil
}
