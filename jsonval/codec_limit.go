package jsonval

import (
	"bytes"
	jsonv2 "encoding/json/v2"
	"errors"
	"sync"
)

// errTooLong ends the writing of a text that is longer than the limit.
var errTooLong = errors.New("the text is too long")

// limitedWriter is a text that is being written, as long as it is no longer than the limit.
type limitedWriter struct {
	text  []byte
	limit int
}

func (l *limitedWriter) Write(piece []byte) (int, error) {
	if len(l.text)+len(piece) > l.limit {
		return 0, errTooLong
	}
	l.text = append(l.text, piece...)
	return len(piece), nil
}

// writers are reused from one call of marshal to the next.
var writers = sync.Pool{New: func() any { return new(limitedWriter) }}

// keptCapacity is how large a buffer may be, in bytes, to be reused.
const keptCapacity = 64 << 10

// marshal writes a text of at most so many bytes. What is longer costs little more than that much memory: the writer lags behind by
// some 64 KiB, or by one string or what one method writes.
func marshal(pointer any, written jsonv2.Options, limit int) ([]byte, error) {
	l := writers.Get().(*limitedWriter)
	l.text, l.limit = l.text[:0], limit
	err := jsonv2.MarshalWrite(l, pointer, written)
	text := bytes.Clone(l.text)
	if cap(l.text) > keptCapacity {
		l.text = nil
	}
	writers.Put(l)
	return text, err
}
