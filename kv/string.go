package kv

import (
	"context"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// String declares a string of any bytes, up to 512 MB.
func String(options ...FieldOption) Schema[StringField] {
	return scalar(dsl.String, plainCodec, func(f ScalarField[string]) StringField { return StringField{f} }, options)
}

// String adds a string to the store.
func (s StaticSchema) String(key Key[StringField], options ...FieldOption) StaticSchema {
	return s.Field(key, String(options...))
}

// StringField is the handle of a string.
type StringField struct{ ScalarField[string] }

// Append adds suffix at the end, to nothing where there is no value, and returns
// the new size in bytes. One round trip (APPEND; with a TTL in the schema, a script).
func (f StringField) Append(ctx context.Context, suffix string) (int, error) {
	return f.at.appendText(ctx, suffix)
}

// Len is the length in bytes, 0 where there is no value. One round trip (STRLEN).
func (f StringField) Len(ctx context.Context) (int, error) { return f.at.length(ctx) }

func (k keyRef) appendText(ctx context.Context, suffix string) (int, error) {
	return k.count(ctx, "Append", k.changing(&drivers.Command{Op: drivers.OpAppend, Value: suffix}))
}

func (k keyRef) length(ctx context.Context) (int, error) {
	return k.count(ctx, "Len", &drivers.Command{Op: drivers.OpStrLen})
}
