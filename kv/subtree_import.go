package kv

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
)

// importFrom stores below r what exportTo wrote.
func (r ref) importFrom(ctx context.Context, from io.Reader, s *subtree) (Transferred, error) {
	if err := r.carried("Import"); err != nil {
		return Transferred{}, err
	}
	if from == nil {
		return Transferred{}, r.fail("Import", drivers.Errorf(ErrInvalid, "the reader is nil"))
	}
	in := &importer{lines: bufio.NewReaderSize(from, min(lineBuffer, s.longest)), longest: s.longest, largest: s.largest}
	if err := in.heading(r); err != nil {
		return Transferred{}, r.fail("Import", err)
	}
	for !in.ended {
		page, read, broken := in.page(s.skip)
		settled, err := r.store(ctx, "Import", page, s)
		if s.settle(page[:settled]); err != nil {
			return s.transferred(in.settled(page, settled)), err
		}
		in.records += read
		if broken != nil {
			return s.transferred(in.records), r.fail("Import", broken)
		}
	}
	return s.transferred(in.records), nil
}

// Without MaxRecord a line may be longer than any that Export writes, and a record of several
// lines as large as a field and its value in Redis, each the largest there is.
const (
	longestLine   = 64 << 20
	largestRecord = 2 * drivers.MaxBytes
	lineBuffer    = 2 << 20 // has room for most lines that Export writes: then they are not copied
)

// importer reads a file line by line.
type importer struct {
	lines   *bufio.Reader
	longest int    // line that it takes
	largest int    // record of several lines that it takes
	text    []byte // the line, until the next is read
	line    int
	ahead   *exportLine // read already
	before  []string    // the path of the record before
	records int         // settled
	places  []int       // of the records of the page, in the file
	ended   bool
}

func (in *importer) next(into any) error {
	in.line++
	err := in.read()
	if err != nil && !errors.Is(err, io.EOF) {
		return atLine(in.line, err)
	}
	last, err := err != nil, json.Unmarshal(in.text, into)
	in.text = nil // what it says may be as large
	switch {
	case err == nil:
		return nil
	case last && isCut(err):
		return fmt.Errorf("line %d: the file is cut short: %w", in.line, io.ErrUnexpectedEOF)
	default:
		return drivers.Join(ErrInvalid, atLine(in.line, err))
	}
}

// atLine is an error that a line of a file is the cause of.
func atLine(number int, err error) error { return fmt.Errorf("line %d: %w", number, err) }

// read takes in a line, up to the longest that is allowed. It is put together when it has
// an end, so that one that is refused takes no more room than that.
func (in *importer) read() error {
	var parts [][]byte
	for size := 0; ; {
		part, err := in.lines.ReadSlice('\n')
		if size += len(part); size > in.longest {
			return drivers.Errorf(ErrInvalid, "a line of more than %d bytes; MaxRecord allows more", in.longest)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			parts = append(parts, bytes.Clone(part))
			continue
		case len(parts) == 0:
			in.text = part
		default:
			in.text = slices.Concat(append(parts, part)...)
		}
		return err
	}
}

// errCut is what a text that could go on as JSON is refused with.
var errCut = json.Unmarshal(nil, new(any))

func isCut(err error) bool {
	var syntax *json.SyntaxError
	return errors.As(err, &syntax) && syntax.Error() == errCut.Error()
}

func (in *importer) heading(r ref) error {
	var heading exportHeading
	if err := in.next(&heading); err != nil {
		return fmt.Errorf("not an export: %w", err)
	}
	if heading.Format != exportFormat {
		return drivers.Errorf(ErrInvalid, "not an export: line 1: the format is %q, not %q", heading.Format, exportFormat)
	}
	return r.accepts("Import", heading.Fields)
}

// peek is the next record, which stays the next.
func (in *importer) peek() (*exportLine, error) {
	if in.ahead == nil {
		line := new(exportLine)
		if err := in.next(line); err != nil {
			return nil, err
		}
		if line.Rest != 0 {
			if err := in.readRest(line); err != nil {
				return nil, err
			}
		}
		in.ahead = line
	}
	return in.ahead, nil
}

// page reads up to a page of records, and how many those were in the file, or why there are
// no more. A value of up to 8 MB is never divided between pages.
func (in *importer) page(skip int) (page []record, read int, broken error) {
	in.places = in.places[:0]
	for size, value := 0, 0; ; {
		line, err := in.peek()
		if err != nil {
			return in.wholeValues(page, read, err)
		}
		if !line.More {
			value = 0
		}
		if (len(page) >= scanPage || size >= batchBytes) && (!line.More || value >= batchBytes) {
			return page, read, nil
		}
		in.ahead = nil
		if line.End != nil {
			return page, read, in.end(*line.End, in.records+read)
		}
		rec, alive, err := line.record()
		if err == nil && rec.more && !slices.Equal(rec.segments, in.before) {
			err = drivers.Errorf(ErrInvalid, "it goes on with another value than the line before")
		}
		if err != nil {
			return in.wholeValues(page, read, atLine(in.line, err))
		}
		read++
		in.before, rec.line = rec.segments, in.line
		if in.records+read <= skip || !alive {
			continue
		}
		page, in.places = append(page, rec), append(in.places, in.records+read-1)
		for _, text := range rec.values {
			size, value = size+len(text), value+len(text)
		}
	}
}

// wholeValues leaves the last value of a page to a repetition, as it may go on behind
// what is broken.
func (in *importer) wholeValues(page []record, read int, broken error) ([]record, int, error) {
	last := len(page) - 1
	if last < 0 || !transferOf(page[last].kind).inParts() {
		return page, read, broken
	}
	for last > 0 && page[last].more {
		last--
	}
	return page[:last], in.places[last] - in.records, broken
}

// end checks the ending of a file of so many records.
func (in *importer) end(says, are int) error {
	in.ended = true
	if says != are {
		return drivers.Errorf(ErrInvalid, "line %d: it says that there are %d records, but there are %d", in.line, says, are)
	}
	err := in.read()
	for ; err == nil && len(bytes.TrimSpace(in.text)) == 0; err = in.read() {
		in.line++
	}
	switch {
	case len(bytes.TrimSpace(in.text)) > 0:
		return drivers.Errorf(ErrInvalid, "line %d: there should be nothing behind the ending", in.line+1)
	case !errors.Is(err, io.EOF):
		return atLine(in.line+1, err)
	}
	return nil
}

// settled is how many records of the file are, if so many of the page are.
func (in *importer) settled(page []record, settled int) int {
	if settled < len(page) {
		return in.places[settled]
	}
	return in.records
}

// Import stores what Export wrote, at the same place or below any other store whose schema declares all fields of the
// exported one. It returns how many records of the file are done with, and how many values were stored and left out.
// Values replace what is there; documents are validated and indexed; a value whose time to live is over is left out.
// What is in the store and not in the file stays.
//
// A file that is no export, or that of another schema, is ErrInvalid before anything is stored. Import stops at a
// line that is damaged or larger than MaxRecord allows, and where the file ends too early (io.ErrUnexpectedEOF). What
// came before is stored then, each value as a whole (of a set of more than 8 MB perhaps a part). Importing the same
// file again finishes the job, from the start or, with ResumeAfter, from behind the records returned. The same holds
// after any other error. One round trip for 512 records.
func (s Store) Import(ctx context.Context, from io.Reader, options ...SubtreeOption) (Transferred, error) {
	return s.at.importFrom(ctx, from, newSubtree(options))
}
