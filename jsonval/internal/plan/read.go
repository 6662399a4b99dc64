package plan

import (
	jsonv2 "encoding/json/v2"
	"errors"
	"reflect"

	"github.com/kvstore-go/kvstore/jsonval/internal/gotype"
	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// Reader reads texts into values of a Go type while it judges them: one pass over the bytes does both. It accepts fewer texts than the
// plan and encoding/json do together, never more, and makes the same values of them. What it leaves alone, it leaves to those two, who
// know what to say of it.
type Reader struct {
	plan  *Plan
	value reader
	wire  Wire
}

// Wire is how encoding/json reads the parts of a text that a Reader leaves to it.
type Wire struct {
	Lenient jsonv2.Options
	Exact   jsonv2.Options // the same, but for members unknown to the Go type, which are refused
}

// reader reads the value at a position of a text into a Go value, which can be set and is zero. It returns the position behind the
// value, or a negative number where it leaves the text alone: because it breaks the schema, does not fit the Go type, or is too rare to be
// worth the lines. The Go value is undefined then.
type reader func(w *walker, i int, into reflect.Value) int

// NewReader returns the reader for a Go type, or nil if there is none: encoding/json reads the type as a whole.
func (p *Plan) NewReader(t reflect.Type, wire Wire) *Reader {
	c := readerCompiler{made: map[typedNode]*reader{}, wire: wire}
	if isOpaque(t) {
		return nil
	}
	return &Reader{plan: p, value: c.value(t, p.root), wire: wire}
}

// Read reads a text into a Go value, which is zero, and reports whether it did; if it did not, the value is undefined.
func (r *Reader) Read(text []byte, into reflect.Value) bool {
	w := walkers.Get().(*walker)
	defer w.release()
	return r.read(w, text, into)
}

// ReadExactly is Read that tells as well whether the text is without members that are unknown to the Go type.
func (r *Reader) ReadExactly(text []byte, into reflect.Value) (read, exact bool) {
	w := walkers.Get().(*walker)
	defer w.release()
	w.exactly = true
	return r.read(w, text, into), !w.unknown
}

func (r *Reader) read(w *walker, text []byte, into reflect.Value) bool {
	w.start(text, r.plan)
	w.root = skipSpace(text, 0)
	i := r.value(w, w.root, into)
	return i >= 0 && skipSpace(text, i) == len(text)
}

// Explain returns what is wrong with a text that was left alone, if anything is.
func (r *Reader) Explain(text []byte) violation.Refusal {
	w := walkers.Get().(*walker)
	defer w.release()
	return r.plan.explain(w, text)
}

// readerCompiler makes the reader of a Go type out of those of its parts.
type readerCompiler struct {
	made map[typedNode]*reader // those of recursive types are found here before they are made
	wire Wire
}

func (c *readerCompiler) value(t reflect.Type, n *node) reader {
	key := typedNode{t, n}
	if made, ok := c.made[key]; ok {
		if *made != nil {
			return *made
		}
		return func(w *walker, i int, into reflect.Value) int { return (*made)(w, i, into) }
	}
	made := new(reader)
	c.made[key] = made
	*made = c.make(t, n)
	return *made
}

func (c *readerCompiler) make(t reflect.Type, n *node) reader {
	switch {
	case isOpaque(t):
		return c.opaque(n)
	case t.Kind() == reflect.Pointer:
		return c.pointer(t, n)
	case t == gotype.Time:
		return readTime(n)
	case t == gotype.Number:
		return readLiteral(n)
	}
	switch t.Kind() {
	case reflect.Struct:
		return c.object(t, n)
	case reflect.Map:
		return c.dictionary(t, n)
	case reflect.Array:
		return c.array(t, n)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return readBytes(n)
		}
		return c.slice(t, n)
	default:
		return readScalar(t.Kind(), n)
	}
}

// isOpaque reports whether a type is left to encoding/json: for methods of its own, for being an interface, or because what it is made
// of is left to it, so that a single call is enough for all the elements.
func isOpaque(t reflect.Type) bool {
	return gotype.Opaque(t, func(t reflect.Type) (opaque, ok bool) {
		if t == gotype.Time || t == gotype.Number {
			return false, true
		}
		reads := gotype.Has(t, gotype.ReadMethods...)
		return reads, reads
	})
}

// opaque judges a value, and has encoding/json read it.
func (c *readerCompiler) opaque(n *node) reader {
	wire := c.wire
	return func(w *walker, i int, into reflect.Value) int {
		end := w.value(i, n)
		if end < 0 {
			return -1
		}
		part, pointer := w.text[i:end], into.Addr().Interface()
		if w.exactly {
			err := jsonv2.Unmarshal(part, pointer, wire.Exact)
			if err == nil {
				return end
			}
			into.SetZero()
			w.unknown = w.unknown || errors.Is(err, jsonv2.ErrUnknownName)
		}
		if jsonv2.Unmarshal(part, pointer, wire.Lenient) != nil {
			return -1
		}
		return end
	}
}

// checked judges a value, and reads it again without a look at its schema: for keywords that are not about its parts one by one.
func (c *readerCompiler) checked(t reflect.Type, n *node) reader {
	read := c.value(t, anyNode)
	return func(w *walker, i int, into reflect.Value) int {
		if w.value(i, n) < 0 {
			return -1
		}
		return read(w, i, into)
	}
}

func (c *readerCompiler) pointer(t reflect.Type, n *node) reader {
	target, read := t.Elem(), c.value(t.Elem(), n)
	return func(w *walker, i int, into reflect.Value) int {
		if byteAt(w.text, i) == 'n' {
			return w.value(i, n)
		}
		made := reflect.New(target)
		into.Set(made)
		return read(w, i, made.Elem())
	}
}

// null reads null, which leaves every Go value as it is: zero.
func (w *walker) null(i int, n *node) int {
	if byteAt(w.text, i) != 'n' {
		return -1
	}
	return w.value(i, n)
}

// parts reads an array or an object, whose items or members are read by a function that takes the position of one, and returns that behind it.
func (w *walker) parts(i int, closing byte, part func(i int) int) int {
	if w.depth++; w.depth > w.maxDepth {
		return -1
	}
	text := w.text
	i = skipSpace(text, i+1)
	for separator := byteAt(text, i); separator != closing; {
		if i = part(i); i < 0 {
			return -1
		}
		i = skipSpace(text, i)
		if separator = byteAt(text, i); separator == ',' {
			i = skipSpace(text, i+1)
		} else if separator != closing {
			return -1
		}
	}
	w.depth--
	return i + 1
}
