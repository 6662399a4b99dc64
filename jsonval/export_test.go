package jsonval

import (
	"reflect"

	"github.com/kvstore-go/kvstore/jsonval/internal/plan"
)

// SchemaOf reflects a type that only exists at run time, as NewCodec does.
func SchemaOf(t reflect.Type) ([]byte, error) {
	o, err := newOptions(nil)
	if err != nil {
		return nil, err
	}
	reflected, err := reflectSchema(t, o)
	if err != nil {
		return nil, err
	}
	_, err = compileSchema(reflected.text, o.depth, reflected.orders, true)
	return reflected.text, err
}

// Assured reports whether the codec knows, without a look at its text, that the value satisfies the schema.
func (c *TypeCodec) Assured(value reflect.Value) bool {
	plan, compiled := c.codec.engine.(*plan.Plan)
	return compiled && plan.Accepts(value.Addr().UnsafePointer())
}
