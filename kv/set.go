package kv

import (
	"context"
	"iter"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// scanPage is how many members or keys an iterator asks for at a time.
const scanPage = 512

// Set declares a set of strings.
func Set(options ...FieldOption) Schema[SetField] {
	node, _ := declare(dsl.NewField(dsl.Set), options)
	return newSchema(node, func(r ref) SetField { return SetField{newField(r)} })
}

// Set adds a set of strings to the store.
func (s StaticSchema) Set(key Key[SetField], options ...FieldOption) StaticSchema {
	return s.Field(key, Set(options...))
}

// SetField is the handle of a set of strings. An absent set is an empty one, and a
// set that loses its last member is absent.
type SetField struct{ Field }

// Read is all members, in no order. One round trip (SMEMBERS).
func (f SetField) Read(ctx context.Context) ([]string, error) {
	return f.values(ctx, "Read", drivers.Command{Op: drivers.OpSMembers})
}

func (f SetField) readBy() drivers.Op { return drivers.OpSMembers }

func (f SetField) readFrom(reply drivers.Reply) ([]string, error) {
	return append([]string{}, reply.Values...), nil
}

// All goes through the members page by page, in no order. Members that are there
// all the while come exactly once; those that come or go meanwhile may or may not.
// An error ends the loop. One round trip a page (SSCAN).
func (f SetField) All(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		var seen drivers.Recent
		cmd := drivers.Command{Op: drivers.OpSScan, Amount: scanPage}
		for {
			reply, err := f.do(ctx, "All", cmd)
			if err != nil {
				yield("", err)
				return
			}
			for _, member := range reply.Values {
				if seen.Seen(member) {
					continue
				}
				if !yield(member, nil) {
					return
				}
			}
			if reply.Int == 0 {
				return
			}
			cmd.Start = reply.Int
		}
	}
}

// Write replaces the whole set, in one step. Without members the set is absent
// afterwards. A TTL that is there is kept unless the schema or an option says
// otherwise; a condition that does not hold is ErrConditionFailed. One round trip (a
// script: DEL, SADD, PEXPIRE).
func (f SetField) Write(ctx context.Context, members []string, options ...WriteOption) error {
	return f.write(ctx, "Write", drivers.Command{Op: drivers.OpSReplace, Values: members}, options)
}

// Add puts members in and returns how many were new. One round trip (SADD; with a
// TTL in the schema, a script).
func (f SetField) Add(ctx context.Context, members ...string) (int, error) {
	if len(members) == 0 {
		return 0, f.err()
	}
	return f.count(ctx, "Add", f.changing(drivers.Command{Op: drivers.OpSAdd, Values: members}))
}

// Remove takes members out and returns how many were there. One round trip (SREM).
func (f SetField) Remove(ctx context.Context, members ...string) (int, error) {
	if len(members) == 0 {
		return 0, f.err()
	}
	return f.count(ctx, "Remove", drivers.Command{Op: drivers.OpSRem, Values: members})
}

// Has reports whether member is in the set. One round trip (SISMEMBER).
func (f SetField) Has(ctx context.Context, member string) (bool, error) {
	return f.yes(ctx, "Has", drivers.Command{Op: drivers.OpSIsMember, Value: member})
}

// Size is the number of members. One round trip (SCARD).
func (f SetField) Size(ctx context.Context) (int, error) {
	return f.count(ctx, "Size", drivers.Command{Op: drivers.OpSCard})
}

// Intersect is the members that the set and all others have. The others must be
// opened on the same driver; in a cluster all must lie in one slot, else the error
// is ErrCrossSlot. One round trip (SINTER).
func (f SetField) Intersect(ctx context.Context, others ...SetField) ([]string, error) {
	return f.combine(ctx, "Intersect", drivers.OpSInter, others)
}

// Union is the members that the set or any other has. See Intersect. One round trip (SUNION).
func (f SetField) Union(ctx context.Context, others ...SetField) ([]string, error) {
	return f.combine(ctx, "Union", drivers.OpSUnion, others)
}

// Difference is the members that the set has and none of the others. See Intersect.
// One round trip (SDIFF).
func (f SetField) Difference(ctx context.Context, others ...SetField) ([]string, error) {
	return f.combine(ctx, "Difference", drivers.OpSDiff, others)
}

func (f SetField) combine(ctx context.Context, op string, cmd drivers.Op, others []SetField) ([]string, error) {
	for _, other := range others {
		if err := f.beside(op, other.Field); err != nil {
			return nil, err
		}
	}
	keys := lo.Map(others, func(other SetField, _ int) string { return other.key })
	return f.values(ctx, op, drivers.Command{Op: cmd, Keys: keys})
}

// Pop takes out up to count members at random and returns them. A negative count
// is ErrInvalid. One round trip (SPOP).
func (f SetField) Pop(ctx context.Context, count int) ([]string, error) {
	return f.some(ctx, "Pop", drivers.OpSPop, count)
}

// Random is up to count different members, chosen at random. A negative count is
// ErrInvalid. One round trip (SRANDMEMBER).
func (f SetField) Random(ctx context.Context, count int) ([]string, error) {
	return f.some(ctx, "Random", drivers.OpSRandMember, count)
}

func (f SetField) some(ctx context.Context, op string, cmd drivers.Op, count int) ([]string, error) {
	if err := f.err(); err != nil {
		return nil, err
	}
	if count < 0 {
		return nil, f.fail(op, drivers.Errorf(ErrInvalid, "a count of %d", count))
	}
	return f.values(ctx, op, drivers.Command{Op: cmd, Amount: int64(count)})
}

// Move takes member out of this set and puts it into another, in one step, and
// reports whether it was there. The other set must be opened on the same driver; in
// a cluster both must lie in one slot, else the error is ErrCrossSlot. One round
// trip (SMOVE; with a TTL in the other's schema, a script).
func (f SetField) Move(ctx context.Context, to SetField, member string) (bool, error) {
	if err := f.beside("Move", to.Field); err != nil {
		return false, err
	}
	cmd := drivers.Command{Op: drivers.OpSMove, Keys: []string{to.key}, Value: member}
	cmd.Indexes = append(f.node.indexes(f.key), to.node.indexes(to.key)...)
	return f.yes(ctx, "Move", to.changing(cmd))
}
