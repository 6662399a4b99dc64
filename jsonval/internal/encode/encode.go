// Package encode writes Go values as encoding/json does, without its generality: the writers of a type are chosen once, and append to
// one buffer. What it does not know it leaves to encoding/json, part by part, and of a value that cannot be written it says no more than
// that.
package encode

import (
	"bytes"
	"encoding/base64"
	jsonv2 "encoding/json/v2"
	"errors"
	"math"
	"reflect"
	"strconv"
	"sync"
	"time"

	"github.com/kvstore-go/kvstore/jsonval/internal/gotype"
)

// Encoder writes the values of a Go type.
type Encoder struct{ value writer }

// writer appends a value, which is addressable, to a buffer, and reports whether it could.
type writer func(b *buffer, value reflect.Value) bool

// buffer is a text that is being written.
type buffer struct {
	text  []byte
	limit int      // of bytes
	depth int      // arrays and objects that are open
	names []string // of the members of maps that are open
}

// maxDepth is how deeply arrays and objects may be nested. What is nested more deeply may have no end, which is for encoding/json to find out.
const maxDepth = 1000

// Write appends what encoding/json writes.
func (b *buffer) Write(part []byte) (int, error) {
	if len(b.text)+len(part) > b.limit {
		b.text = append(b.text, part...)
		return 0, ErrTooLong
	}
	b.text = append(b.text, part...)
	return len(part), nil
}

// open begins an array or an object.
func (b *buffer) open() bool {
	b.depth++
	return b.depth <= maxDepth && len(b.text) <= b.limit
}

// close ends an array or an object whose parts begin with a comma, the first one at start.
func (b *buffer) close(start int, opening, closing byte) {
	if len(b.text) == start {
		b.text = append(b.text, opening)
	}
	b.text[start] = opening
	b.text = append(b.text, closing)
	b.depth--
}

func (b *buffer) null() bool {
	b.text = append(b.text, "null"...)
	return true
}

// New returns the encoder of a Go type, or nil if encoding/json writes the type as a whole. The options are those for the parts that are left
// to it; nilEmpty is whether nil slices and maps are written as empty ones.
func New(t reflect.Type, options jsonv2.Options, nilEmpty bool) *Encoder {
	if isOpaque(t) {
		return nil
	}
	c := compiler{made: map[reflect.Type]*writer{}, options: options, nilEmpty: nilEmpty}
	return &Encoder{c.value(t)}
}

var (
	// ErrTooLong is for a text that is longer than it may be.
	ErrTooLong = errors.New("the text is too long")
	// ErrLeft is for a value that is left to encoding/json, to write it or to say why it cannot.
	ErrLeft = errors.New("the value is left to encoding/json")
)

// buffers are reused from one call to the next.
var buffers = sync.Pool{New: func() any { return new(buffer) }}

// keptCapacity is how large a buffer may be, in bytes, to be reused.
const keptCapacity = 64 << 10

// Encode returns the text of a value, which is addressable: so many bytes at most.
func (e *Encoder) Encode(value reflect.Value, limit int) ([]byte, error) {
	b := buffers.Get().(*buffer)
	defer b.release()
	b.limit = limit
	written := e.value(b, value)
	switch {
	case len(b.text) > limit:
		return nil, ErrTooLong
	case !written:
		return nil, ErrLeft
	default:
		return bytes.Clone(b.text), nil
	}
}

// Marshal returns the text that encoding/json writes of what a pointer points to: so many bytes at most. What is longer costs little
// more than that much memory: encoding/json lags behind by some 64 KiB, or by one string or what one method writes.
func Marshal(pointer any, options jsonv2.Options, limit int) ([]byte, error) {
	b := buffers.Get().(*buffer)
	defer b.release()
	b.limit = limit
	if err := jsonv2.MarshalWrite(b, pointer, options); err != nil {
		return nil, err
	}
	return bytes.Clone(b.text), nil
}

func (b *buffer) release() {
	clear(b.names)
	b.text, b.names, b.depth = b.text[:0], b.names[:0], 0
	if cap(b.text) > keptCapacity || cap(b.names) > keptCapacity/16 {
		b.text, b.names = nil, nil
	}
	buffers.Put(b)
}

type compiler struct {
	made     map[reflect.Type]*writer // those of recursive types are found here before they are made
	options  jsonv2.Options
	nilEmpty bool
}

func (c *compiler) value(t reflect.Type) writer {
	if made, ok := c.made[t]; ok {
		if *made != nil {
			return *made
		}
		return func(b *buffer, value reflect.Value) bool { return (*made)(b, value) }
	}
	made := new(writer)
	c.made[t] = made
	*made = c.make(t)
	return *made
}

func (c *compiler) make(t reflect.Type) writer {
	switch {
	case isOpaque(t):
		return c.opaque
	case t == gotype.Time:
		return writeTime
	case t == anything || t == members || t == items:
		return c.dynamic
	}
	switch t.Kind() {
	case reflect.Pointer:
		return c.pointer(t)
	case reflect.Struct:
		return c.object(t)
	case reflect.Map:
		return c.dictionary(t)
	case reflect.Array:
		return c.array(t)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return c.bytes
		}
		return c.slice(t)
	case reflect.Bool:
		return writeBool
	case reflect.String:
		return func(b *buffer, value reflect.Value) bool { return b.quote(value.String()) }
	case reflect.Float32, reflect.Float64:
		return writeFloat(t.Bits())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return writeInteger
	default:
		return writeUnsigned
	}
}

// isOpaque reports whether a type is left to encoding/json: for methods of its own, for being an interface, or because what it is made
// of is left to it, so that a single call is enough for all the elements.
func isOpaque(t reflect.Type) bool {
	return gotype.Opaque(t, func(t reflect.Type) (opaque, ok bool) {
		if t == gotype.Time || t == anything {
			return false, true
		}
		writes := t == gotype.Number || gotype.Marshals(t)
		return writes, writes
	})
}

// opaque has encoding/json write a value.
func (c *compiler) opaque(b *buffer, value reflect.Value) bool {
	return jsonv2.MarshalWrite(b, value.Addr().Interface(), c.options) == nil
}

func (c *compiler) pointer(t reflect.Type) writer {
	target := c.value(t.Elem())
	return func(b *buffer, value reflect.Value) bool {
		if value.IsNil() {
			return b.null()
		}
		return target(b, value.Elem())
	}
}

func writeBool(b *buffer, value reflect.Value) bool { return b.bool(value.Bool()) }

func (b *buffer) bool(value bool) bool {
	b.text = strconv.AppendBool(b.text, value)
	return true
}

func writeInteger(b *buffer, value reflect.Value) bool {
	b.text = strconv.AppendInt(b.text, value.Int(), 10)
	return true
}

func writeUnsigned(b *buffer, value reflect.Value) bool {
	b.text = strconv.AppendUint(b.text, value.Uint(), 10)
	return true
}

func writeFloat(bits int) writer {
	return func(b *buffer, value reflect.Value) bool { return b.float(value.Float(), bits) }
}

// float writes a number as JavaScript does: with an exponent, without a zero in front, from 1e21 on and below 1e-6.
func (b *buffer) float(number float64, bits int) bool {
	least, most := 1e-6, 1e21
	if bits == 32 {
		least, most = float64(float32(least)), float64(float32(most))
	}
	size := math.Abs(number)
	switch {
	case math.IsNaN(number) || math.IsInf(number, 0):
		return false
	case size == 0 || least <= size && size < most:
		b.text = strconv.AppendFloat(b.text, number, 'f', -1, bits)
		return true
	}
	b.text = strconv.AppendFloat(b.text, number, 'e', -1, bits)
	if end := len(b.text); b.text[end-2] == '0' && b.text[end-3] == '-' {
		b.text[end-2] = b.text[end-1]
		b.text = b.text[:end-1]
	}
	return true
}

func writeTime(b *buffer, value reflect.Value) bool {
	var err error
	b.text = append(b.text, '"')
	b.text, err = value.Addr().Interface().(*time.Time).AppendText(b.text)
	b.text = append(b.text, '"')
	return err == nil
}

// bytes are written as base64.
func (c *compiler) bytes(b *buffer, value reflect.Value) bool {
	if value.IsNil() && !c.nilEmpty {
		return b.null()
	}
	b.text = append(b.text, '"')
	b.text = base64.StdEncoding.AppendEncode(b.text, value.Bytes())
	b.text = append(b.text, '"')
	return true
}
