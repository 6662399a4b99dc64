package kv

import (
	"context"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// Bitmap declares a row of up to 2^32 bits.
func Bitmap(options ...FieldOption) Schema[BitmapField] {
	node, _ := declare(dsl.NewField(dsl.Bitmap), options)
	return newSchema(node, func(r ref) BitmapField { return BitmapField{newField(r)} })
}

// Bitmap adds a row of bits to the store.
func (s StaticSchema) Bitmap(key Key[BitmapField], options ...FieldOption) StaticSchema {
	return s.Field(key, Bitmap(options...))
}

// BitmapField is the handle of a row of bits, numbered from 0. A bit that was never
// written is 0 (false). An offset that is negative or not less than 2^32 is ErrInvalid.
// The row takes as much memory as its highest bit written needs.
//
// In Redis: [GETBIT], [SETBIT], [BITCOUNT], [BITPOS], [BITOP].
//
// [GETBIT]: https://redis.io/docs/latest/commands/getbit/
// [SETBIT]: https://redis.io/docs/latest/commands/setbit/
// [BITCOUNT]: https://redis.io/docs/latest/commands/bitcount/
// [BITPOS]: https://redis.io/docs/latest/commands/bitpos/
// [BITOP]: https://redis.io/docs/latest/commands/bitop/
type BitmapField struct{ Field }

// Get is the bit at offset. One round trip (GETBIT).
func (f BitmapField) Get(ctx context.Context, offset int64) (bool, error) {
	return f.at.doBool(ctx, "Get", &drivers.Command{Op: drivers.OpGetBit, Start: offset})
}

// Put sets the bit at offset and returns what it was. One round trip (SETBIT; with a
// TTL in the schema, a script).
func (f BitmapField) Put(ctx context.Context, offset int64, bit bool) (before bool, err error) {
	cmd := drivers.SetBit(offset, number(bit))
	return f.at.doBool(ctx, "Put", f.at.changing(&cmd))
}

func number(bit bool) int64 {
	if bit {
		return 1
	}
	return 0
}

// Count is how many bits are 1. O(n). One round trip (BITCOUNT).
func (f BitmapField) Count(ctx context.Context) (int64, error) {
	return f.counted(ctx, "Count", 0, -1)
}

// CountRange is how many of the bits from start up to but not including end are 1. A
// negative start, or an end before it, is ErrInvalid. O(end - start). One round trip
// (BITCOUNT … BIT).
func (f BitmapField) CountRange(ctx context.Context, start, end int64) (int64, error) {
	if start < 0 || end < start {
		return 0, f.at.fail("CountRange", drivers.Errorf(ErrInvalid, "bits %d to %d", start, end))
	}
	if start == end { // no bit, but the type of the key counts
		_, err := f.at.doInt(ctx, "CountRange", &drivers.Command{Op: drivers.OpStrLen})
		return 0, err
	}
	return f.counted(ctx, "CountRange", start, end-1)
}

func (f BitmapField) counted(ctx context.Context, op string, first, last int64) (int64, error) {
	reply, err := f.at.do(ctx, op, &drivers.Command{Op: drivers.OpBitCount, Start: first, Stop: last})
	return reply.Int, err
}

// First is the offset of the first bit that is bit. Where no bit is 1, First of true is
// ErrNotFound; there is always a first 0, behind the end of the row if nowhere else.
// O(n). One round trip (BITPOS).
func (f BitmapField) First(ctx context.Context, bit bool) (int64, error) {
	cmd := drivers.BitPos(number(bit))
	reply, err := f.at.do(ctx, "First", &cmd)
	switch {
	case err != nil:
		return 0, err
	case reply.Int >= 0:
		return reply.Int, nil
	case bit:
		return 0, f.at.fail("First", ErrNotFound)
	default: // of a row without bits
		return 0, nil
	}
}

// And stores in this row the bits that all sources have, and returns its size in bytes.
// A TTL of the row is lost, as the whole of it is replaced; one in the schema starts.
// The sources, which this row may be among, must be opened on the same driver; in a
// cluster all must lie in one slot, else the error is ErrCrossSlot. Without sources the
// error is ErrInvalid. O(n). One round trip (BITOP AND; with a TTL in the schema, a script).
func (f BitmapField) And(ctx context.Context, sources ...BitmapField) (int, error) {
	return f.combine(ctx, "And", "AND", sources)
}

// Or stores in this row the bits that any of the sources has. See And. One round trip (BITOP OR).
func (f BitmapField) Or(ctx context.Context, sources ...BitmapField) (int, error) {
	return f.combine(ctx, "Or", "OR", sources)
}

// Xor stores in this row the bits that an odd number of the sources has. See And. One
// round trip (BITOP XOR).
func (f BitmapField) Xor(ctx context.Context, sources ...BitmapField) (int, error) {
	return f.combine(ctx, "Xor", "XOR", sources)
}

// Not stores in this row the bits that source does not have, up to the end of its last
// byte. See And. One round trip (BITOP NOT).
func (f BitmapField) Not(ctx context.Context, source BitmapField) (int, error) {
	return f.combine(ctx, "Not", "NOT", []BitmapField{source})
}

func (f BitmapField) combine(ctx context.Context, op, operation string, sources []BitmapField) (int, error) {
	keys, err := f.at.keysWith(op, lo.Map(sources, func(source BitmapField, _ int) keyRef { return source.at }))
	if err != nil {
		return 0, err
	}
	cmd := drivers.BitOp(operation, keys...)
	return f.at.doInt(ctx, op, f.at.changing(&cmd))
}
