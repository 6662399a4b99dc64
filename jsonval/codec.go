package jsonval

import (
	"bytes"
	"encoding/json"
	"encoding/json/jsontext"
	jsonv2 "encoding/json/v2"
	"errors"
	"fmt"
	"reflect"
	"unsafe"

	"github.com/kvstore-go/kvstore/jsonval/internal/encode"
	"github.com/kvstore-go/kvstore/jsonval/internal/engine"
	"github.com/kvstore-go/kvstore/jsonval/internal/plan"
	"github.com/kvstore-go/kvstore/jsonval/internal/violation"
)

// wire is encoding/json, v1 as it stands, with the three leniencies off that would let a value in, or out, that is not
// the one the schema judged: duplicate member names, replaced invalid UTF-8, member names matched whatever their case.
var wire = jsonv2.JoinOptions(
	json.DefaultOptionsV1(),
	jsontext.AllowDuplicateNames(false),
	jsontext.AllowInvalidUTF8(false),
	jsonv2.MatchCaseInsensitiveNames(false),
)

// wireParsed is wire without the pass over the text that v1 makes before it decodes, to check the syntax: the engine has done so.
// It still looks for duplicate names, of which two may be one key of a map.
// Go types that v1 supports, and v2 does not, fail under it.
var wireParsed = jsonv2.JoinOptions(wire, json.ReportErrorsWithLegacySemantics(false))

// wireKnown is wireParsed that refuses members unknown to the Go type.
var wireKnown = jsonv2.JoinOptions(wireParsed, jsonv2.RejectUnknownMembers(true))

// wireNilAsEmpty is wire with nil slices and maps as [] and {}. See [NilAsEmpty].
var wireNilAsEmpty = jsonv2.JoinOptions(wire, jsonv2.FormatNilSliceAsNull(false), jsonv2.FormatNilMapAsNull(false))

// Codec turns values of T into JSON text and back, validating both ways. It is immutable and safe for use by any number
// of goroutines. Building one reflects T and compiles a schema, a matter of milliseconds: build it once.
type Codec[T any] struct{ codec }

// codec is a Codec, but for its type: it is given pointers to values. What is generic is compiled anew for each T, so Codec has no more
// than has to be.
type codec struct {
	goType reflect.Type
	engine engine.Engine
	// reader judges a text and reads it in one pass. It is nil where the schema has no plan, or only encoding/json reads the type.
	reader *plan.Reader
	// encoder writes values. It is nil where only encoding/json writes the type.
	encoder *encode.Encoder
	limits  limits
	schema  json.RawMessage
	// cyclic is whether a T can reach itself through pointers and interfaces alone.
	cyclic bool
	// exposed is whether methods of T, or of its parts, get to see the bytes of a text that is read.
	exposed bool
	// encoding is how values are written: wire, or wireNilAsEmpty.
	encoding jsonv2.Options
	// handWritten is whether the schema was given.
	handWritten bool
	orders      plan.MemberOrders
}

// NewCodec returns a codec for T. It fails when encoding/json has no representation for T, when a jsonschema tag cannot
// be enforced (the error names every one, by Go path), when the hand-written schema does not compile, or when an option is
// out of range.
func NewCodec[T any](opts ...Option) (*Codec[T], error) {
	untyped, err := codecFor(reflect.TypeFor[T](), opts)
	if err != nil {
		return nil, err
	}
	return &Codec[T]{untyped}, nil
}

func codecFor(goType reflect.Type, opts []Option) (codec, error) {
	made, err := newCodec(goType, opts)
	if err != nil {
		return codec{}, fmt.Errorf("jsonval: codec for %v: %w", goType, err)
	}
	return made, nil
}

func newCodec(goType reflect.Type, opts []Option) (codec, error) {
	o, err := newOptions(opts)
	if err != nil {
		return codec{}, err
	}
	reflected, err := reflectSchema(goType, o)
	if err != nil {
		return codec{}, err
	}
	text, compile := reflected.text, engine.Compiler(engine.Reflected)
	if o.handWritten {
		text, compile = []byte(o.schema), o.compile
	}
	made, err := compileSchema(text, compile, o.depth, reflected.orders)
	if err != nil {
		return codec{}, err
	}
	var reader *plan.Reader
	if compiled, ok := made.(*plan.Plan); ok {
		compiled.CheckValues(goType, o.nilEmpty)
		reader = compiled.NewReader(goType, plan.Wire{Lenient: wireParsed, Exact: wireKnown})
	}
	written := wire
	if o.nilEmpty {
		written = wireNilAsEmpty
	}
	return codec{
		goType: goType, engine: made, reader: reader, encoder: encode.New(goType, written, o.nilEmpty), limits: o.limits, schema: indented(text), cyclic: reflected.cyclic, exposed: reflected.exposed, encoding: written,
		handWritten: o.handWritten, orders: reflected.orders,
	}, nil
}

// Encode returns what encoding/json writes for &value ([NilAsEmpty] apart), once it satisfies the schema and the limits. Every error is a
// [*ValidationError]. It takes time and memory linear in the size of the text.
//
// Two things that encoding/json lets pass are refused: a string that is not UTF-8, which it would alter, and two map keys
// with the same text.
//
// As for encoding/json, nothing that value refers to may be changed meanwhile: the text could then be one that the schema
// refuses.
func (c *Codec[T]) Encode(value T) (string, error) { return c.encode(&value) }

// encode encodes what pointer points to.
func (c *codec) encode(pointer any) (string, error) {
	if c.cyclic {
		if err := checkCycles(reflect.ValueOf(pointer)); err != nil {
			return "", err
		}
	}
	text, err := c.marshal(pointer)
	switch {
	case errors.Is(err, encode.ErrTooLong):
		return "", c.checkSize(c.limits.size + 1)
	case err != nil:
		return "", explainMarshal(pointer, err)
	}
	if err := c.checkWritten(text, reflect.ValueOf(pointer).UnsafePointer()); err != nil {
		return "", err
	}
	return unsafe.String(unsafe.SliceData(text), len(text)), nil // there is no other reference to the bytes
}

// marshal writes a text that is no longer than the limit.
func (c *codec) marshal(pointer any) ([]byte, error) {
	if c.encoder != nil {
		if text, err := c.encoder.Encode(reflect.ValueOf(pointer).Elem(), c.limits.size); !errors.Is(err, encode.ErrLeft) {
			return text, err
		}
	}
	return encode.Marshal(pointer, c.encoding, c.limits.size)
}

// Decode returns the value that text holds. The text has to be within the limits, well formed, without duplicate member
// names or invalid UTF-8, and has to satisfy the schema. Member names match exactly, case included. Every error is a
// [*ValidationError], and comes with the zero T. It takes time and memory linear in the size of the text; a text that is too
// long costs nothing.
func (c *Codec[T]) Decode(text string) (T, error) {
	var value, zero T
	if err := c.decode(text, &value); err != nil {
		return zero, err
	}
	return value, nil
}

// decode decodes into what pointer points to, which is zero; after an error it is undefined.
func (c *codec) decode(text string, pointer any) error {
	if err := c.checkSize(len(text)); err != nil {
		return err
	}
	data := c.bytesOf(text)
	check := c.engine.Check
	if c.reader != nil {
		into := reflect.ValueOf(pointer).Elem()
		if c.reader.Read(data, into) {
			return nil
		}
		into.SetZero()
		check = c.reader.Explain
	}
	if err := refused(check(data)); err != nil {
		return err
	}
	return c.unmarshal(data, pointer)
}

// decodeExactly is decode that does not say why a text is refused, but whether one that is not is without members that are unknown to
// the Go type.
func (c *codec) decodeExactly(text string, pointer any) (accepted, exact bool) {
	if len(text) > c.limits.size {
		return false, false
	}
	data := c.bytesOf(text)
	if c.reader != nil {
		into := reflect.ValueOf(pointer).Elem()
		if read, exact := c.reader.ReadExactly(data, into); read {
			return true, exact
		}
		into.SetZero()
	}
	if !c.engine.Fits(data) {
		return false, false
	}
	err := jsonv2.Unmarshal(data, pointer, wireKnown)
	if err == nil {
		return true, true
	}
	reflect.ValueOf(pointer).Elem().SetZero()
	return c.unmarshal(data, pointer) == nil, !errors.Is(err, jsonv2.ErrUnknownName)
}

// unmarshal decodes a text that was checked.
func (c *codec) unmarshal(data []byte, pointer any) error {
	if err := jsonv2.Unmarshal(data, pointer, wireParsed); err == nil {
		return nil
	}
	into := reflect.ValueOf(pointer).Elem()
	into.SetZero()
	if err := jsonv2.Unmarshal(data, pointer, wire); err != nil {
		return explainUnmarshal(data, reflect.New(into.Type()).Interface(), err)
	}
	return nil
}

// bytesOf returns the bytes of a text, which neither the engine nor encoding/json change or keep. Only where methods that might do so
// get to see them is it a copy.
func (c *codec) bytesOf(text string) []byte {
	if c.exposed {
		return []byte(text)
	}
	return unsafe.Slice(unsafe.StringData(text), len(text))
}

// Compiled reports whether the schema is compiled into a plan that runs over the text in one pass. If it is not, a general
// validator walks a tree of the text, which costs many times what encoding/json does; both accept and refuse the same. Every
// reflected schema is compiled, and hand-written ones are unless they use unevaluatedProperties, unevaluatedItems,
// $dynamicRef or $recursiveRef, or lead back to themselves without going into a value.
func (c *codec) Compiled() bool {
	_, compiled := c.engine.(*plan.Plan)
	return compiled
}

// Schema returns the JSON Schema that is enforced, indented; it is the same bytes for the same T and options. The
// caller owns the returned copy.
func (c *codec) Schema() json.RawMessage {
	return bytes.Clone(c.schema)
}

func (c *codec) checkSize(size int) error {
	if size <= c.limits.size {
		return nil
	}
	message := fmt.Sprintf("the text is longer than the limit of %d bytes", c.limits.size)
	return refusal(nil, "", violation.MaxSize, message)
}

func indented(schema []byte) json.RawMessage {
	text := jsontext.Value(bytes.Clone(schema))
	// The schema has been parsed by now, so formatting cannot fail.
	_ = text.Indent(jsontext.WithIndent("  "))
	return text
}

// TypeCodec is a Codec of a type that is known by reflection alone, such as that of a struct's field.
type TypeCodec struct{ codec codec }

// NewTypeCodec returns a codec for values of goType. It fails as [NewCodec] does.
func NewTypeCodec(goType reflect.Type, opts ...Option) (*TypeCodec, error) {
	untyped, err := codecFor(goType, opts)
	if err != nil {
		return nil, err
	}
	return &TypeCodec{untyped}, nil
}

// Form is [Codec.Form].
func (c *TypeCodec) Form() Form { return c.codec.Form() }

// Encode is [Codec.Encode] for a value of the codec's type.
func (c *TypeCodec) Encode(value reflect.Value) (string, error) {
	pointer := reflect.New(c.codec.goType)
	pointer.Elem().Set(value)
	return c.codec.encode(pointer.Interface())
}

// Decode is [Codec.Decode] into a value of the codec's type that can be set. After an error it is left as it was.
func (c *TypeCodec) Decode(text string, into reflect.Value) error {
	pointer := reflect.New(c.codec.goType)
	if err := c.codec.decode(text, pointer.Interface()); err != nil {
		return err
	}
	into.Set(pointer.Elem())
	return nil
}

// EncodeFrom is [Codec.Encode] for what a pointer to a value of the codec's type points to.
func (c *TypeCodec) EncodeFrom(pointer any) (string, error) { return c.codec.encode(pointer) }

// DecodeInto is [Codec.Decode] into what a pointer to a value of the codec's type points to, which has to be zero, and is so after
// an error.
func (c *TypeCodec) DecodeInto(text string, pointer any) error {
	err := c.codec.decode(text, pointer)
	if err != nil {
		reflect.ValueOf(pointer).Elem().SetZero()
	}
	return err
}

// DecodeExactly is [TypeCodec.DecodeInto] that does not say why a text is refused, but whether one that is accepted is without members
// that are unknown to the Go type: fields that it does not have. What reads itself, or into a map, knows them all. What the pointer
// points to is undefined if the text is refused.
func (c *TypeCodec) DecodeExactly(text string, pointer any) (accepted, exact bool) {
	return c.codec.decodeExactly(text, pointer)
}
