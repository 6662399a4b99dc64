package kv

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// rawPart is a line of what ExportUndeclared writes.
type rawPart struct {
	Key     string    `json:"key"`
	Type    string    `json:"type"`             // as Redis calls it: string, list, set, zset, hash, stream
	ID      string    `json:"id,omitempty"`     // of the entry of a stream
	Values  []string  `json:"values"`           // of a zset members and scores by turns, of a hash and an entry fields and values
	Base64  bool      `json:"base64,omitempty"` // Key and Values are, as some are not UTF-8
	More    bool      `json:"more,omitempty"`   // goes on with the key of the line before
	Expires time.Time `json:"expires,omitzero"` // when the key ends
}

// rawType is a type of Redis, and the kind by whose transfer it is read and written.
type rawType struct {
	name string
	kind dsl.Kind
}

var rawTypes = []rawType{
	{"string", dsl.String}, {"list", dsl.List}, {"set", dsl.Set}, {"zset", dsl.SortedSet}, {"hash", dsl.Hash}, {"stream", dsl.Stream},
}

// rawWriter writes keys as they are stored.
type rawWriter struct {
	buffered *bufio.Writer
	lines    *json.Encoder
}

func newRawWriter(w io.Writer) *rawWriter {
	raw := &rawWriter{buffered: bufio.NewWriter(w)}
	raw.lines = json.NewEncoder(raw.buffered)
	raw.lines.SetEscapeHTML(false)
	return raw
}

// exportAndErase erases a key that nothing declares, after it was written, as long as it is what was.
func (a *auditing) exportAndErase(ctx context.Context, key string) error {
	return a.guarded(ctx, key, func(tx drivers.Transaction) ([]drivers.Command, error) {
		if err := a.exportFrom(ctx, tx, key); err != nil {
			return nil, err
		}
		return []drivers.Command{{Op: drivers.OpDelete, Key: key}}, nil
	})
}

func (a *auditing) export(ctx context.Context, key string) error {
	return a.exportFrom(ctx, a.root.driver, key)
}

// exportFrom writes a key, in parts, and does not keep any line for later.
func (a *auditing) exportFrom(ctx context.Context, from drivers.Driver, key string) error {
	ttl, err := a.ask(ctx, from, key, drivers.Command{Op: drivers.OpTTL})
	if err != nil || ttl.Nil {
		return err
	}
	part := rawPart{Key: key, Expires: notedExpiry(endOf(ttl, time.Now().UnixMilli()))}
	for _, of := range rawTypes {
		part.Type = of.name
		err := a.exportParts(ctx, from, &part, of.kind)
		if errors.Is(err, ErrWrongType) && !part.More {
			continue
		}
		if err == nil && !part.More { // a stream without entries
			err = a.raw.line(part)
		}
		if err != nil {
			return err
		}
		return a.raw.buffered.Flush()
	}
	return fmt.Errorf("a type that is none of Redis's own: %w", errors.ErrUnsupported)
}

// exportParts writes the value of a key, read as one of a kind.
func (a *auditing) exportParts(ctx context.Context, from drivers.Driver, part *rawPart, kind dsl.Kind) error {
	how := transferOf(kind)
	read := how.read
	read.Key, read.Pattern = part.Key, a.root.node.pattern
	for reply, err := range how.replies(ctx, from, read) {
		if err == nil {
			err = a.raw.write(part, kind, how.parts(reply))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// write writes a part of a value, which may be empty.
func (w *rawWriter) write(part *rawPart, kind dsl.Kind, values []string) error {
	if kind != dsl.Stream {
		if len(values) == 0 {
			return nil
		}
		part.Values = values
		err := w.line(*part)
		part.More = true
		return err
	}
	for _, packed := range values {
		var err error
		if part.ID, part.Values, err = unpackEntry(packed); err == nil {
			err = w.line(*part)
		}
		if err != nil {
			return err
		}
		part.More = true
	}
	return nil
}

func (w *rawWriter) line(part rawPart) error {
	if part.Values == nil {
		part.Values = []string{}
	}
	if !utf8.ValidString(part.Key) || !lo.EveryBy(part.Values, utf8.ValidString) {
		part.Base64, part.Key, part.Values = true, inBase64(part.Key, 0), lo.Map(part.Values, inBase64)
	}
	return w.lines.Encode(part)
}

// decode makes the key and the values what they are.
func (p *rawPart) decode() error {
	if !p.Base64 {
		return nil
	}
	for _, text := range append([]*string{&p.Key}, lo.Map(p.Values, func(_ string, i int) *string { return &p.Values[i] })...) {
		plain, err := base64.StdEncoding.DecodeString(*text)
		if err != nil {
			return drivers.Join(ErrInvalid, err)
		}
		*text = string(plain)
	}
	return nil
}

// ImportUndeclared stores what ExportUndeclared wrote, under the keys that it had, in place of what is there, and returns how
// many keys those were. A key whose time is over is left out. A line that is damaged is ErrInvalid, or where the
// file ends in it io.ErrUnexpectedEOF; what came before is stored, and a repetition is harmless. One round trip a line.
//
// The file is JSON Lines, an object for each key, or part of one:
//
//	{"key": "town:houses2:a", "type": "hash", "values": ["field", "value"], "expires": "2027-01-01T00:00:00Z"}
//
// The type is as Redis calls it: string, list, set, zset, hash, stream. Values are what it holds: of a zset members and
// scores by turns, of a hash fields and values. A stream has a line for each entry, with its id in "id", and its
// fields and values; its groups are not in the file. A line with "more" goes on with the key of the line before. With "base64" the key
// and the values are encoded so, because some of them are not UTF-8.
func ImportUndeclared(ctx context.Context, driver drivers.Driver, from io.Reader) (int, error) {
	switch {
	case isNil(driver):
		return 0, fail("ImportUndeclared", noPath, drivers.Errorf(ErrInvalid, "the driver is nil"))
	case from == nil:
		return 0, fail("ImportUndeclared", noPath, drivers.Errorf(ErrInvalid, "the reader is nil"))
	}
	lines, keys := json.NewDecoder(bufio.NewReader(from)), 0
	for number := 1; ; number++ {
		var part rawPart
		err := lines.Decode(&part)
		switch {
		case errors.Is(err, io.EOF):
			return keys, nil
		case err == nil:
			err = part.decode()
		case !errors.Is(err, io.ErrUnexpectedEOF):
			err = drivers.Join(ErrInvalid, err)
		}
		if err == nil {
			var stored bool
			if stored, err = part.store(ctx, newBoundDriver(driver)); stored && !part.More {
				keys++
			}
		}
		if err != nil {
			return keys, fail("ImportUndeclared", part.Key, atLine(number, err))
		}
	}
}

// store puts a part where it was, the first in place of what is there.
func (p *rawPart) store(ctx context.Context, driver *boundDriver) (stored bool, err error) {
	of, known := lo.Find(rawTypes, func(t rawType) bool { return t.name == p.Type })
	if !known || p.Key == "" {
		return false, drivers.Errorf(ErrInvalid, "a %q under %q", p.Type, p.Key)
	}
	left := p.Expires.UnixMilli() - time.Now().UnixMilli()
	if !p.Expires.IsZero() && left <= 0 {
		return false, nil
	}
	how := transferOf(of.kind)
	if !how.inParts() && len(p.Values) != 1 {
		return false, drivers.Errorf(ErrInvalid, "a %s of %d values", p.Type, len(p.Values))
	}
	rec := record{kind: of.kind, values: p.Values, more: p.More}
	if of.kind == dsl.Stream {
		if rec.values = nil; p.ID != "" {
			rec.values = []string{packEntry(p.ID, p.Values)}
		}
	}
	commands, err := how.storing(rec)
	if err != nil {
		return false, err
	}
	batch := drivers.NewBatch(commands...)
	batch.Atomic = len(commands) > 1
	for i := range batch.Items {
		cmd := &batch.Items[i].Command
		if cmd.Key = p.Key; left > 0 && !p.Expires.IsZero() {
			cmd.Expiry = drivers.Expiry{Mode: drivers.ExpireIn, Millis: left}
		}
	}
	err = execute(ctx, driver, batch)
	return err == nil, err
}
