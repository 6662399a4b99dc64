package jsonval

import (
	"reflect"

	"github.com/kvstore-go/kvstore/jsonval/internal/engine"
	"github.com/kvstore-go/kvstore/jsonval/internal/plan"
)

// SchemaOf reflects a type that only exists at run time, as NewCodec does.
func SchemaOf(t reflect.Type) ([]byte, error) {
	reflected, o, err := reflectedSchema(t)
	if err != nil {
		return nil, err
	}
	_, err = compileSchema(reflected.text, engine.Reflected, o.depth, reflected.orders)
	return reflected.text, err
}

// FormOf is SchemaOf for a schema that is compiled later.
func FormOf(t reflect.Type) (Form, error) {
	reflected, _, err := reflectedSchema(t)
	return Form{Schema: reflected.text}, err
}

func reflectedSchema(t reflect.Type) (reflected, options, error) {
	o, err := newOptions(nil)
	if err != nil {
		return reflected{}, o, err
	}
	schema, err := reflectSchema(t, o)
	return schema, o, err
}

// Assured reports whether the codec knows, without a look at its text, that the value satisfies the schema.
func (c *TypeCodec) Assured(value reflect.Value) bool {
	plan, compiled := c.codec.engine.(*plan.Plan)
	return compiled && plan.Accepts(value.Addr().UnsafePointer())
}

// Wire is encoding/json as a codec uses it, and WireKnown the same, but for members that are unknown to the Go type.
var Wire, WireKnown = wire, wireKnown

// ReadsAtOnce reports whether the text is read in the pass that judges it.
func (c *TypeCodec) ReadsAtOnce(text string) bool {
	return c.codec.reader != nil && c.codec.reader.Read([]byte(text), reflect.New(c.codec.goType).Elem())
}

// WritesItself reports whether a value is written by package encode, and only parts of it by encoding/json.
func (c *TypeCodec) WritesItself(value reflect.Value) bool {
	if c.codec.encoder == nil {
		return false
	}
	_, err := c.codec.encoder.Encode(value, c.codec.limits.size)
	return err == nil
}
