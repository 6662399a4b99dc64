package jsonval

import (
	"bytes"
	jsonv2 "encoding/json/v2"
	"errors"
	"reflect"
	"sync"

	"github.com/kvstore-go/kvstore/jsonval/internal/encode"
)

// limitedWriter is a text that is being written, as long as it is no longer than the limit.
type limitedWriter struct {
	text  []byte
	limit int
}

func (l *limitedWriter) Write(piece []byte) (int, error) {
	if len(l.text)+len(piece) > l.limit {
		return 0, encode.ErrTooLong
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
func (c *codec) marshal(pointer any) ([]byte, error) {
	if c.encoder != nil {
		if text, err := c.encoder.Encode(reflect.ValueOf(pointer).Elem(), c.limits.size); !errors.Is(err, encode.ErrLeft) {
			return text, err
		}
	}
	l := writers.Get().(*limitedWriter)
	l.text, l.limit = l.text[:0], c.limits.size
	err := jsonv2.MarshalWrite(l, pointer, c.encoding)
	text := bytes.Clone(l.text)
	if cap(l.text) > keptCapacity {
		l.text = nil
	}
	writers.Put(l)
	return text, err
}
