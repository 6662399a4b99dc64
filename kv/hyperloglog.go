package kv

import (
	"context"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// HyperLogLog declares a sketch that estimates how many different elements it has seen,
// with a standard error of 0.81 %, in at most 12 KB.
func HyperLogLog(options ...FieldOption) Schema[HyperLogLogField] {
	node, _ := declare(dsl.NewField(dsl.HyperLogLog), options)
	return newSchema(node, func(r ref) HyperLogLogField { return HyperLogLogField{newField(r)} })
}

// HyperLogLog adds a sketch to the store.
func (s StaticSchema) HyperLogLog(key Key[HyperLogLogField], options ...FieldOption) StaticSchema {
	return s.Field(key, HyperLogLog(options...))
}

// HyperLogLogField is the handle of a sketch of a set. An absent one has seen nothing. A
// string that is none, under its key, is ErrWrongType. Both drivers count alike, and
// store the same bytes.
//
// In Redis: [PFADD], [PFCOUNT], [PFMERGE].
//
// [PFADD]: https://redis.io/docs/latest/commands/pfadd/
// [PFCOUNT]: https://redis.io/docs/latest/commands/pfcount/
// [PFMERGE]: https://redis.io/docs/latest/commands/pfmerge/
type HyperLogLogField struct{ Field }

// Add shows elements to the sketch, and reports whether its estimate may have changed.
// O(1) for each. One round trip (PFADD; with a TTL in the schema, a script).
func (f HyperLogLogField) Add(ctx context.Context, elements ...string) (bool, error) {
	if len(elements) == 0 { // which would create an empty one
		return false, f.at.carried("Add")
	}
	return f.at.doBool(ctx, "Add", f.at.changing(&drivers.Command{Op: drivers.OpPFAdd, Values: elements}))
}

// Count estimates how many different elements this sketch and the others have seen
// together. The others must be opened on the same driver; in a cluster all must lie in
// one slot, else the error is ErrCrossSlot. O(1), of a sketch alone mostly read from a
// cache. One round trip (PFCOUNT).
//
// As in Redis, to count a sketch alone changes it, as the count is cached in it: in a
// transaction of Atomic the first try may have to be repeated.
func (f HyperLogLogField) Count(ctx context.Context, others ...HyperLogLogField) (int64, error) {
	keys, err := f.keysOf("Count", others)
	if err != nil {
		return 0, err
	}
	reply, err := f.at.do(ctx, "Count", &drivers.Command{Op: drivers.OpPFCount, Extra: &drivers.Extra{Keys: keys}})
	return reply.Int, err
}

// Merge lets this sketch have seen what the sources have seen, too. See Count for where
// they must lie. O(1) for each. One round trip (PFMERGE; with a TTL in the schema, a script).
func (f HyperLogLogField) Merge(ctx context.Context, sources ...HyperLogLogField) error {
	keys, err := f.keysOf("Merge", sources)
	if err != nil || len(keys) == 0 {
		return err
	}
	_, err = f.at.do(ctx, "Merge", f.at.changing(&drivers.Command{Op: drivers.OpPFMerge, Extra: &drivers.Extra{Keys: keys}}))
	return err
}

func (f HyperLogLogField) keysOf(op string, others []HyperLogLogField) ([]string, error) {
	return f.at.keysWith(op, lo.Map(others, func(other HyperLogLogField, _ int) keyRef { return other.at }))
}
