package kv

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// A file of exported values is JSON Lines: a heading with the fields of the schema, a
// record for every value or part of one, and an ending with their number, so that a file
// that was cut short is known for one. A record is a line; one that holds something too
// large for that is several, see linesOf.
type exportHeading struct {
	Format string    `json:"format"`
	Fields []fieldOf `json:"fields"`
}

const exportFormat = "kvstore/1"

// lastExpiry is the last moment that JSON has a notation for.
var lastExpiry = time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC).UnixMilli()

// notedExpiry is the end of a value as a line has it.
func notedExpiry(ends int64) (moment time.Time) {
	if ends != 0 {
		moment = time.UnixMilli(min(ends, lastExpiry)).UTC()
	}
	return moment
}

type exportLine struct {
	Path    []string  `json:"path"` // names and ids below the store
	Kind    string    `json:"kind,omitempty"`
	Values  []string  `json:"values"`            // the value, or members
	Base64  bool      `json:"base64,omitempty"`  // Values are, as some are not UTF-8
	More    bool      `json:"more,omitempty"`    // goes on with the line before
	Rest    int       `json:"rest,omitempty"`    // how many bytes of the record come in the lines that follow
	Expires time.Time `json:"expires,omitzero"`  // when the value ends
	End     *int      `json:"records,omitempty"` // the ending: how many records there are
}

// exportTo writes all values below r to w.
func (r ref) exportTo(ctx context.Context, w io.Writer, s *subtree) (Transferred, error) {
	if err := r.carried("Export"); err != nil {
		return Transferred{}, err
	}
	if w == nil {
		return Transferred{}, r.fail("Export", drivers.Errorf(ErrInvalid, "the writer is nil"))
	}
	buffered := bufio.NewWriter(w)
	out := json.NewEncoder(buffered)
	out.SetEscapeHTML(false)
	records := 0
	err := out.Encode(exportHeading{exportFormat, r.fieldList()})
	if err == nil {
		err = r.export(ctx, "Export", s, func(rec record) error {
			if !rec.more {
				s.done.Keys++
				if s.done.Keys%scanPage == 0 {
					s.advance(0)
				}
			}
			for line := range linesOf(rec) {
				if line.Rest == 0 {
					records++
				}
				if err := out.Encode(line); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err == nil {
		err = out.Encode(exportLine{Path: []string{}, Values: []string{}, End: &records})
	}
	if err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		return s.transferred(records), r.fail("Export", err)
	}
	s.advance(0)
	return s.transferred(records), nil
}

// lineBytes is how much of the values a line holds. However they are escaped, and whatever
// the path, the line is not longer than 8 MB.
const lineBytes = 1 << 20

// linesOf divides what is read as one record into records of a line. What must not be
// divided, such as a string, or a field of a hash and its value, and does not fit into a
// line, is a record of several lines: each but the last says how much is to come, and its
// last value goes on in the first of the next line.
func linesOf(rec record) iter.Seq[exportLine] {
	return func(yield func(exportLine) bool) {
		together := transferOf(rec.kind).together()
		for values := rec.values; len(values) > 0; rec.more = true {
			count, size := 0, 0
			for unit := range slices.Chunk(values, together) {
				if size += lengthOf(unit); size > lineBytes {
					break
				}
				count += len(unit)
			}
			if count > 0 {
				rec.values, values = values[:count], values[count:]
				if !yield(lineOf(rec)) {
					return
				}
				continue
			}
			unit := values[:min(together, len(values))]
			values = values[len(unit):]
			for rest := size; rest > 0; rec.more = true {
				rec.values, unit = cut(unit)
				rest -= lengthOf(rec.values)
				line := lineOf(rec)
				line.Rest = rest
				if !yield(line) {
					return
				}
			}
		}
	}
}

// cut takes as much from values as a line holds. It divides the last of that, if it has to,
// between characters.
func cut(values []string) (line, rest []string) {
	room := lineBytes
	for i, value := range values {
		if len(value) > room {
			end := room
			for end > max(room-utf8.UTFMax, 0) && !utf8.RuneStart(value[end]) {
				end--
			}
			return append(line, value[:end]), append([]string{value[end:]}, values[i+1:]...)
		}
		line, room = append(line, value), room-len(value)
	}
	return line, nil
}

func lengthOf(values []string) int {
	return lo.SumBy(values, func(value string) int { return len(value) })
}

func lineOf(rec record) exportLine {
	line := exportLine{Path: rec.segments, Kind: rec.kind.String(), Values: rec.values, More: rec.more, Expires: notedExpiry(rec.ends)}
	if line.Path == nil {
		line.Path = []string{}
	}
	if !lo.EveryBy(rec.values, utf8.ValidString) {
		line.Base64, line.Values = true, lo.Map(rec.values, inBase64)
	}
	return line
}

func inBase64(text string, _ int) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// decode makes the values what they are.
func (l *exportLine) decode() error {
	if !l.Base64 {
		return nil
	}
	for i, value := range l.Values {
		plain, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			return drivers.Join(ErrInvalid, fmt.Errorf("value %d: %w", i, err))
		}
		l.Values[i] = string(plain)
	}
	l.Base64 = false
	return nil
}

// record is what a line says. A value whose time is over gives none.
func (l *exportLine) record() (rec record, alive bool, err error) {
	kinds := dsl.Kinds()
	at := slices.IndexFunc(kinds, func(kind dsl.Kind) bool { return kind.String() == l.Kind && transferOf(kind).exists() })
	if at < 0 {
		return record{}, false, drivers.Errorf(ErrInvalid, "values of kind %q", l.Kind)
	}
	if err := l.decode(); err != nil {
		return record{}, false, err
	}
	rec = record{segments: l.Path, kind: kinds[at], values: l.Values, more: l.More}
	if l.Expires.IsZero() {
		return rec, true, nil
	}
	rec.ends = l.Expires.UnixMilli()
	return rec, rec.ends > time.Now().UnixMilli(), nil
}

// Export writes all values below the store, with their types and TTLs, to w as JSON Lines, for Import to read. It
// returns how many values it wrote, and how many keys and values it left out. Values are written as they are stored,
// whether they fit the schema or not.
//
// A key that the schema does not declare, left by another program or an older schema, cannot be written, though Erase
// would remove it. It is ErrUndeclared, or ErrBadKey if one of its segments is no id. A key of another Redis
// type is ErrWrongType. The first such key ends Export, unless OnRefused is told of it. Locks, limiters and the groups
// of streams are states of a moment, and left out: they are counted and told, and end nothing. Where Export ends
// without an error, the values and what was left out are together at least what Erase would remove.
//
// No line of the file is longer than 8 MB: a larger value takes several, which Import puts together.
//
// It is no snapshot: what is written meanwhile may be in it or not, each value as a whole, a set of more than 512
// members in parts. One round trip for a page of keys (SCAN) and one for their values and TTLs.
func (s Store) Export(ctx context.Context, w io.Writer, options ...SubtreeOption) (Transferred, error) {
	return s.at.exportTo(ctx, w, newSubtree(options))
}
