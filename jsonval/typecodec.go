package jsonval

import (
	"fmt"
	"reflect"
)

// TypeCodec is a Codec of a type that is known by reflection alone, such as that of a struct's field.
type TypeCodec struct {
	goType reflect.Type
	codec  *Codec[any]
}

// NewTypeCodec returns a codec for values of goType. It fails as [NewCodec] does.
func NewTypeCodec(goType reflect.Type, opts ...Option) (*TypeCodec, error) {
	codec, err := newCodec[any](goType, opts)
	if err != nil {
		return nil, fmt.Errorf("jsonval: codec for %v: %w", goType, err)
	}
	return &TypeCodec{goType, codec}, nil
}

// Encode is [Codec.Encode] for a value of the codec's type.
func (c *TypeCodec) Encode(value reflect.Value) (string, error) {
	pointer := reflect.New(c.goType)
	pointer.Elem().Set(value)
	return c.codec.encode(pointer.Interface())
}

// Decode is [Codec.Decode] into a value of the codec's type that can be set. After an error it is left as it was.
func (c *TypeCodec) Decode(text string, into reflect.Value) error {
	pointer := reflect.New(c.goType)
	if err := c.codec.decode(text, pointer.Interface()); err != nil {
		return err
	}
	into.Set(pointer.Elem())
	return nil
}
