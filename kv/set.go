package kv

import (
	"context"
	"iter"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// Set declares a set of strings.
func Set(options ...ElementOption) Schema[SetField] { return SetOf[string](options...) }

// Set adds a set of strings to the store.
func (s StaticSchema) Set[H interface{ SetField }](key Key[H], options ...ElementOption) StaticSchema {
	return s.Field(Key[SetField](key), Set(options...))
}

// SetOf declares a set of members of type T: a string, a number, a truth value, bytes, a
// time, what marshals to and from text, or else a document that is validated as JSON
// declares. Two members are the same if their texts are; −0 has the text of 0.
//
// A T with a part that could be written and not be read, such as an interface that is not
// empty or a MarshalText without an UnmarshalText, is a mistake of the schema.
func SetOf[T any](options ...ElementOption) Schema[SetFieldOf[T]] {
	return elements[T](dsl.Set, options, func(f Field, _ declaration) SetFieldOf[T] { return SetFieldOf[T]{f} })
}

// SetOf adds a set of members of type T to the store.
func (s StaticSchema) SetOf[T any](key Key[SetFieldOf[T]], options ...ElementOption) StaticSchema {
	return s.Field(key, SetOf[T](options...))
}

// SetField is the handle of a set of strings.
type SetField = SetFieldOf[string]

// SetFieldOf is the handle of a set of members of type T. An absent set is an empty one,
// and a set that loses its last member is absent. A member that cannot be written is
// ErrInvalid, one found stored that is no T is ErrCorrupt.
//
// In Redis: [SADD], [SREM], [SMEMBERS], [SISMEMBER], [SCARD], [SINTER], [SUNION], [SDIFF],
// [SMOVE], [SPOP], [SRANDMEMBER], [SSCAN].
//
// [SADD]: https://redis.io/docs/latest/commands/sadd/
// [SREM]: https://redis.io/docs/latest/commands/srem/
// [SMEMBERS]: https://redis.io/docs/latest/commands/smembers/
// [SISMEMBER]: https://redis.io/docs/latest/commands/sismember/
// [SCARD]: https://redis.io/docs/latest/commands/scard/
// [SINTER]: https://redis.io/docs/latest/commands/sinter/
// [SUNION]: https://redis.io/docs/latest/commands/sunion/
// [SDIFF]: https://redis.io/docs/latest/commands/sdiff/
// [SMOVE]: https://redis.io/docs/latest/commands/smove/
// [SPOP]: https://redis.io/docs/latest/commands/spop/
// [SRANDMEMBER]: https://redis.io/docs/latest/commands/srandmember/
// [SSCAN]: https://redis.io/docs/latest/commands/sscan/
type SetFieldOf[T any] struct{ Field }

// Read is all members, in no order. One round trip (SMEMBERS).
func (f SetFieldOf[T]) Read(ctx context.Context) ([]T, error) {
	return elementsOf[T](ctx, f.at, "Read", &drivers.Command{Op: drivers.OpSMembers})
}

func (f SetFieldOf[T]) readBy() drivers.Command {
	return drivers.Command{Op: drivers.OpSMembers}
}

func (f SetFieldOf[T]) readFrom(reply drivers.Reply) ([]T, error) {
	return codecOf[T](f.at).DecodeAll(reply.Values)
}

// All goes through the members page by page, in no order. Members that are there
// all the while come exactly once; those that come or go meanwhile may or may not.
// A member that is no T comes as ErrCorrupt and does not end the loop; any other error
// does. One round trip a page (SSCAN, in a script that tells servers apart).
func (f SetFieldOf[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) { eachInSet(ctx, f, yield) }
}

func eachInSet[T any](ctx context.Context, f SetFieldOf[T], yield func(T, error) bool) {
	var none T
	var seen drivers.RecentNames
	cmd := drivers.Command{Op: drivers.OpSScan, Amount: scanPage}
	for {
		reply, err := f.at.do(ctx, "All", &cmd)
		if err != nil {
			yield(none, err)
			return
		}
		for _, text := range reply.Values {
			if seen.Seen(text) {
				continue
			}
			member, err := codecOf[T](f.at).Decode(text)
			if err != nil {
				err = f.at.fail("All", err)
			}
			if !yield(member, err) {
				return
			}
		}
		if !cmd.Continue(reply) {
			return
		}
	}
}

// Write replaces the whole set, in one step. Without members the set is absent
// afterwards. A TTL that is there is kept unless the schema or an option says
// otherwise; a condition that does not hold is ErrConditionFailed. One round trip (a
// script: SMEMBERS, SADD, SREM, PEXPIRE), which takes the longer the more members there
// are and were.
func (f SetFieldOf[T]) Write(ctx context.Context, members []T, options ...WriteOption) error {
	texts, err := textsOf(f.at, "Write", members)
	if err != nil {
		return err
	}
	return f.at.write(ctx, "Write", &drivers.Command{Op: drivers.OpSReplace, Values: texts}, options)
}

// Add puts members in and returns how many were new. One round trip (SADD; with a
// TTL in the schema, a script).
func (f SetFieldOf[T]) Add(ctx context.Context, members ...T) (int, error) {
	return changesOf(ctx, f.at, "Add", f.at.changing(&drivers.Command{Op: drivers.OpSAdd}), members)
}

// Remove takes members out and returns how many were there. One round trip (SREM).
func (f SetFieldOf[T]) Remove(ctx context.Context, members ...T) (int, error) {
	return changesOf(ctx, f.at, "Remove", &drivers.Command{Op: drivers.OpSRem}, members)
}

// Has reports whether member is in the set. One round trip (SISMEMBER).
func (f SetFieldOf[T]) Has(ctx context.Context, member T) (bool, error) {
	text, err := textOf(f.at, "Has", member)
	if err != nil {
		return false, err
	}
	return f.at.doBool(ctx, "Has", &drivers.Command{Op: drivers.OpSIsMember, Value: text})
}

// Len is the number of members. One round trip (SCARD).
func (f SetFieldOf[T]) Len(ctx context.Context) (int, error) {
	return f.at.doInt(ctx, "Len", &drivers.Command{Op: drivers.OpSCard})
}

// Intersect is the members that the set and all others have. The others must be
// opened on the same driver; in a cluster all must lie in one slot, else the error
// is ErrCrossSlot. One round trip (SINTER).
func (f SetFieldOf[T]) Intersect(ctx context.Context, others ...SetFieldOf[T]) ([]T, error) {
	return f.combine(ctx, "Intersect", drivers.OpSInter, others)
}

// Union is the members that the set or any other has. See Intersect. One round trip (SUNION).
func (f SetFieldOf[T]) Union(ctx context.Context, others ...SetFieldOf[T]) ([]T, error) {
	return f.combine(ctx, "Union", drivers.OpSUnion, others)
}

// Difference is the members that the set has and none of the others. See Intersect.
// One round trip (SDIFF).
func (f SetFieldOf[T]) Difference(ctx context.Context, others ...SetFieldOf[T]) ([]T, error) {
	return f.combine(ctx, "Difference", drivers.OpSDiff, others)
}

func (f SetFieldOf[T]) combine(ctx context.Context, op string, cmd drivers.Op, others []SetFieldOf[T]) ([]T, error) {
	keys, err := f.at.keysWith(op, lo.Map(others, func(other SetFieldOf[T], _ int) keyRef { return other.at }))
	if err != nil {
		return nil, err
	}
	return elementsOf[T](ctx, f.at, op, &drivers.Command{Op: cmd, Keys: keys})
}

// Pop takes out up to count members at random and returns them. A negative count
// is ErrInvalid. Members taken out that are no T come as a CorruptElementError each,
// beside the others. One round trip (SPOP).
func (f SetFieldOf[T]) Pop(ctx context.Context, count int) ([]T, error) {
	reply, err := f.at.do(ctx, "Pop", &drivers.Command{Op: drivers.OpSPop, Amount: int64(count)})
	if err != nil {
		return nil, err
	}
	return poppedOf[T](f.at, "Pop", reply)
}

// Random is up to count different members, chosen at random. A negative count is
// ErrInvalid. One round trip (SRANDMEMBER).
func (f SetFieldOf[T]) Random(ctx context.Context, count int) ([]T, error) {
	if err := f.at.err(); err != nil {
		return nil, err
	}
	if count < 0 { // which would repeat members
		return nil, f.at.fail("Random", drivers.Errorf(ErrInvalid, "a count of %d", count))
	}
	return elementsOf[T](ctx, f.at, "Random", &drivers.Command{Op: drivers.OpSRandMember, Amount: int64(count)})
}

// Move takes member out of this set and puts it into another, in one step, and
// reports whether it was there. The other set must be opened on the same driver; in
// a cluster both must lie in one slot, else the error is ErrCrossSlot. One round
// trip (SMOVE; with a TTL in the other's schema, a script).
func (f SetFieldOf[T]) Move(ctx context.Context, to SetFieldOf[T], member T) (bool, error) {
	if err := f.at.checkSameDriver("Move", to.at); err != nil {
		return false, err
	}
	text, err := textOf(f.at, "Move", member)
	if err != nil {
		return false, err
	}
	cmd := drivers.Command{Op: drivers.OpSMove, Keys: []string{to.at.key}, Value: text}
	cmd.Indexes = append(f.at.node.indexes(f.at.key), to.at.node.indexes(to.at.key)...)
	return f.at.doBool(ctx, "Move", to.at.changing(&cmd))
}
