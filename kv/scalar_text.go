package kv

import (
	"context"
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// Bytes declares a string of bytes, up to 512 MB, that is read and written in parts too.
//
//go:noinline // into the method of StaticSchema
func Bytes(options ...ScalarOption) Schema[BytesField] {
	node, how := scalarNode(dsl.NewField(dsl.Bytes), reflect.TypeFor[[]byte](), options)
	return newSchemaOf(node, how, func(r ref) BytesField { return BytesField{newField(r)} })
}

// Bytes adds a string of bytes to the store.
func (s StaticSchema) Bytes[K interface{ Key[BytesField] }](key K, options ...ScalarOption) StaticSchema {
	return s.with(string(key), Bytes(options...))
}

// BytesField is the handle of a string of bytes.
//
// In Redis: [APPEND], [GETRANGE], [SETRANGE], [STRLEN].
//
// [APPEND]: https://redis.io/docs/latest/commands/append/
// [GETRANGE]: https://redis.io/docs/latest/commands/getrange/
// [SETRANGE]: https://redis.io/docs/latest/commands/setrange/
// [STRLEN]: https://redis.io/docs/latest/commands/strlen/
type BytesField struct{ Field }

// Read is the value, or ErrNotFound. One round trip (GET, or GETEX; see Sliding).
//
//go:noinline // see ScalarField
func (f BytesField) Read(ctx context.Context) ([]byte, error) { return readScalar[[]byte](ctx, &f.at) }

func (f BytesField) whole(*[]byte) {}

// ReadOr is the value, or fallback where there is none. See ScalarField.ReadOr.
//
//go:noinline // see ScalarField
func (f BytesField) ReadOr(ctx context.Context, fallback []byte) ([]byte, error) {
	return readScalarOr(ctx, &f.at, fallback)
}

// Write stores value. See ScalarField.Write.
//
//go:noinline // see ScalarField
func (f BytesField) Write(ctx context.Context, value []byte, options ...WriteOption) error {
	return writeScalar(ctx, &f.at, value, options)
}

// Swap stores value and returns what it replaced, in one step. See ScalarField.Swap.
//
//go:noinline // see ScalarField
func (f BytesField) Swap(ctx context.Context, value []byte, options ...WriteOption) (Previous[[]byte], error) {
	return swapScalar(ctx, &f.at, value, options)
}

// Update replaces the value by what change makes of it and returns the new one. See ScalarField.Update.
//
//go:noinline // see ScalarField
func (f BytesField) Update(ctx context.Context, change func([]byte) ([]byte, error)) ([]byte, error) {
	return updateScalar(ctx, f.at, change)
}

// Fetch is the value; where there is none, what load returns, which is stored. See ScalarField.Fetch.
//
//go:noinline // see ScalarField
func (f BytesField) Fetch(ctx context.Context, load func(ctx context.Context) ([]byte, error), options ...FetchOption) ([]byte, error) {
	return fetchScalar(ctx, &f.at, load, options)
}

// Forget removes the value and what Fetch knows of it. See ScalarField.Forget.
func (f BytesField) Forget(ctx context.Context) (bool, error) { return f.at.forget(ctx) }

// Append adds suffix at the end, to nothing where there is no value, and returns
// the new size in bytes. One round trip (APPEND; with a TTL in the schema, a script).
func (f BytesField) Append(ctx context.Context, suffix []byte) (int, error) {
	return f.at.appendText(ctx, string(suffix))
}

// Len is the length in bytes, 0 where there is no value. One round trip (STRLEN).
func (f BytesField) Len(ctx context.Context) (int, error) { return f.at.length(ctx) }

// Range is the bytes from start up to but not including end, as far as there are
// any: of an absent value, none. A negative start, or an end before it, is ErrInvalid.
// O(end - start). One round trip (GETRANGE).
func (f BytesField) Range(ctx context.Context, start, end int64) ([]byte, error) {
	if err := f.at.carried("Range"); err != nil {
		return nil, err
	}
	if start < 0 || end < start {
		return nil, f.at.fail("Range", drivers.Errorf(ErrInvalid, "bytes %d to %d", start, end))
	}
	cmd := drivers.Command{Op: drivers.OpGetRange, Start: start, Stop: end - 1}
	if start == end { // a byte that nobody reads, because the type of the key counts
		cmd.Stop = start
	}
	reply, err := f.at.do(ctx, "Range", &cmd)
	if err != nil || start == end {
		return []byte{}, err
	}
	return []byte(reply.Value), nil
}

// PutRange writes part over what is there from the byte at start on, and returns the
// new size. What lies between the end of the value and start becomes zero bytes. A
// negative start, or an end beyond 512 MB, is ErrInvalid. O(1) but for the bytes
// written. One round trip (SETRANGE; with a TTL in the schema, a script).
func (f BytesField) PutRange(ctx context.Context, start int64, part []byte) (int, error) {
	return f.at.doInt(ctx, "PutRange", f.at.changing(&drivers.Command{Op: drivers.OpSetRange, Start: start, Value: string(part)}))
}

// String declares a string of any bytes, up to 512 MB.
//
//go:noinline // into the method of StaticSchema
func String(options ...ScalarOption) Schema[StringField] {
	node, how := scalarNode(dsl.NewField(dsl.String), reflect.TypeFor[string](), options)
	return newSchemaOf(node, how, func(r ref) StringField { return StringField{newField(r)} })
}

// String adds a string to the store.
func (s StaticSchema) String[K interface{ Key[StringField] }](key K, options ...ScalarOption) StaticSchema {
	return s.with(string(key), String(options...))
}

// StringField is the handle of a string.
//
// In Redis: [APPEND], [STRLEN].
//
// [APPEND]: https://redis.io/docs/latest/commands/append/
// [STRLEN]: https://redis.io/docs/latest/commands/strlen/
type StringField struct{ Field }

// Read is the string, or ErrNotFound. One round trip (GET, or GETEX; see Sliding).
//
//go:noinline // see ScalarField
func (f StringField) Read(ctx context.Context) (string, error) { return f.at.readText(ctx) }

func (f StringField) whole(*string) {}

// ReadOr is the string, or fallback where there is none. See ScalarField.ReadOr.
//
//go:noinline // see ScalarField
func (f StringField) ReadOr(ctx context.Context, fallback string) (string, error) {
	return readScalarOr(ctx, &f.at, fallback)
}

// Write stores value. See ScalarField.Write.
//
//go:noinline // see ScalarField
func (f StringField) Write(ctx context.Context, value string, options ...WriteOption) error {
	return writeScalar(ctx, &f.at, value, options)
}

// Swap stores value and returns what it replaced, in one step. See ScalarField.Swap.
//
//go:noinline // see ScalarField
func (f StringField) Swap(ctx context.Context, value string, options ...WriteOption) (Previous[string], error) {
	return swapScalar(ctx, &f.at, value, options)
}

// Update replaces the string by what change makes of it and returns the new one. See ScalarField.Update.
//
//go:noinline // see ScalarField
func (f StringField) Update(ctx context.Context, change func(string) (string, error)) (string, error) {
	return updateScalar(ctx, f.at, change)
}

// Fetch is the string; where there is none, what load returns, which is stored. See ScalarField.Fetch.
//
//go:noinline // see ScalarField
func (f StringField) Fetch(ctx context.Context, load func(ctx context.Context) (string, error), options ...FetchOption) (string, error) {
	return fetchScalar(ctx, &f.at, load, options)
}

// Forget removes the string and what Fetch knows of it. See ScalarField.Forget.
func (f StringField) Forget(ctx context.Context) (bool, error) { return f.at.forget(ctx) }

// Append adds suffix at the end, to nothing where there is no value, and returns
// the new size in bytes. One round trip (APPEND; with a TTL in the schema, a script).
func (f StringField) Append(ctx context.Context, suffix string) (int, error) {
	return f.at.appendText(ctx, suffix)
}

// Len is the length in bytes, 0 where there is no value. One round trip (STRLEN).
func (f StringField) Len(ctx context.Context) (int, error) { return f.at.length(ctx) }

func (k keyRef) appendText(ctx context.Context, suffix string) (int, error) {
	return k.doInt(ctx, "Append", k.changing(&drivers.Command{Op: drivers.OpAppend, Value: suffix}))
}

func (k keyRef) length(ctx context.Context) (int, error) {
	return k.doInt(ctx, "Len", &drivers.Command{Op: drivers.OpStrLen})
}
