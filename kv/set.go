package kv

import (
	"context"
	"iter"

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
	node, all := membersNode(dsl.Set, typeOf((*T)(nil)), options)
	return fieldSchema[SetFieldOf[T]](node, all)
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
	texts, err := f.at.membersOfSet(ctx)
	return elementsOf[T](&f.at, "Read", texts, err)
}

func (f SetFieldOf[T]) whole(*[]T) {}

func (k *keyRef) membersOfSet(ctx context.Context) ([]string, error) {
	reply, err := k.ask(ctx, "Read", drivers.OpSMembers)
	return reply.Values, err
}

// All goes through the members page by page, in no order. Members that are there
// all the while come exactly once; those that come or go meanwhile may or may not.
// A member that is no T comes as ErrCorrupt and does not end the loop; any other error
// does. One round trip a page (SSCAN, in a script that tells servers apart).
func (f SetFieldOf[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return eachOf[T](ctx, f.at, "All", eachInSet)
}

func eachInSet(ctx context.Context, at keyRef, op string, yield func(string, error) bool) {
	var seen drivers.RecentNames
	cmd := drivers.Command{Op: drivers.OpSScan, Amount: scanPage}
	for {
		reply, err := at.do(ctx, op, &cmd)
		if err != nil {
			yield("", err)
			return
		}
		for _, text := range reply.Values {
			if !seen.Seen(text) && !yield(text, nil) {
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
	texts, err := textsOf(&f.at, "Write", members)
	return f.at.writeSet(ctx, texts, options, err)
}

func (k *keyRef) writeSet(ctx context.Context, texts []string, options []WriteOption, err error) error {
	if err != nil {
		return err
	}
	return k.write(ctx, "Write", &drivers.Command{Op: drivers.OpSReplace, Values: texts}, options)
}

// Add puts members in and returns how many were new. One round trip (SADD; with a
// TTL in the schema, a script).
func (f SetFieldOf[T]) Add(ctx context.Context, members ...T) (int, error) {
	texts, err := textsOf(&f.at, "Add", members)
	return f.at.addToSet(ctx, texts, err)
}

func (k *keyRef) addToSet(ctx context.Context, texts []string, err error) (int, error) {
	return k.changeElements(ctx, "Add", k.changing(&drivers.Command{Op: drivers.OpSAdd}), texts, err)
}

// Remove takes members out and returns how many were there. One round trip (SREM).
func (f SetFieldOf[T]) Remove(ctx context.Context, members ...T) (int, error) {
	texts, err := textsOf(&f.at, "Remove", members)
	return f.at.removeElements(ctx, drivers.OpSRem, texts, err)
}

// Has reports whether member is in the set. One round trip (SISMEMBER).
func (f SetFieldOf[T]) Has(ctx context.Context, member T) (bool, error) {
	text, err := textOf(&f.at, "Has", member)
	return f.at.isInSet(ctx, text, err)
}

func (k *keyRef) isInSet(ctx context.Context, text string, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	return k.hasElement(ctx, drivers.OpSIsMember, text)
}

// Len is the number of members. One round trip (SCARD).
func (f SetFieldOf[T]) Len(ctx context.Context) (int, error) {
	return f.at.askInt(ctx, "Len", drivers.OpSCard)
}

// Intersect is the members that the set and all others have. The others must be
// opened on the same driver; in a cluster all must lie in one slot, else the error
// is ErrCrossSlot. One round trip (SINTER).
func (f SetFieldOf[T]) Intersect(ctx context.Context, others ...SetFieldOf[T]) ([]T, error) {
	texts, err := combineSets(ctx, &f.at, "Intersect", drivers.OpSInter, others)
	return elementsOf[T](&f.at, "Intersect", texts, err)
}

// Union is the members that the set or any other has. See Intersect. One round trip (SUNION).
func (f SetFieldOf[T]) Union(ctx context.Context, others ...SetFieldOf[T]) ([]T, error) {
	texts, err := combineSets(ctx, &f.at, "Union", drivers.OpSUnion, others)
	return elementsOf[T](&f.at, "Union", texts, err)
}

// Difference is the members that the set has and none of the others. See Intersect.
// One round trip (SDIFF).
func (f SetFieldOf[T]) Difference(ctx context.Context, others ...SetFieldOf[T]) ([]T, error) {
	texts, err := combineSets(ctx, &f.at, "Difference", drivers.OpSDiff, others)
	return elementsOf[T](&f.at, "Difference", texts, err)
}

func combineSets[H ~struct{ Field }](ctx context.Context, at *keyRef, op string, cmd drivers.Op, others []H) ([]string, error) {
	keys, err := at.keysWith(op, keyRefsOf(others))
	if err != nil {
		return nil, err
	}
	return at.texts(ctx, op, &drivers.Command{Op: cmd, Extra: &drivers.Extra{Keys: keys}})
}

// Pop takes out up to count members at random and returns them. A negative count
// is ErrInvalid. Members taken out that are no T come as a CorruptElementError each,
// beside the others. One round trip (SPOP).
func (f SetFieldOf[T]) Pop(ctx context.Context, count int) ([]T, error) {
	texts, err := f.at.popFromSet(ctx, count)
	return poppedOf[T](&f.at, "Pop", texts, err)
}

func (k *keyRef) popFromSet(ctx context.Context, count int) ([]string, error) {
	return k.texts(ctx, "Pop", &drivers.Command{Op: drivers.OpSPop, Amount: int64(count)})
}

// Random is up to count different members, chosen at random. A negative count is
// ErrInvalid. One round trip (SRANDMEMBER).
func (f SetFieldOf[T]) Random(ctx context.Context, count int) ([]T, error) {
	texts, err := f.at.randomOfSet(ctx, count)
	return elementsOf[T](&f.at, "Random", texts, err)
}

func (k *keyRef) randomOfSet(ctx context.Context, count int) ([]string, error) {
	if err := k.carried("Random"); err != nil {
		return nil, err
	}
	if count < 0 { // which would repeat members
		return nil, k.fail("Random", drivers.Errorf(ErrInvalid, "a count of %d", count))
	}
	return k.texts(ctx, "Random", &drivers.Command{Op: drivers.OpSRandMember, Amount: int64(count)})
}

// Move takes member out of this set and puts it into another, in one step, and
// reports whether it was there. The other set must be opened on the same driver; in
// a cluster both must lie in one slot, else the error is ErrCrossSlot. One round
// trip (SMOVE; with a TTL in the other's schema, a script).
func (f SetFieldOf[T]) Move(ctx context.Context, to SetFieldOf[T], member T) (bool, error) {
	text, err := textOf(&f.at, "Move", member)
	return f.at.moveInSets(ctx, &to.at, text, err)
}

func (k *keyRef) moveInSets(ctx context.Context, to *keyRef, text string, err error) (bool, error) {
	if err := k.checkSameDriver("Move", *to); err != nil {
		return false, err
	}
	if err != nil {
		return false, err
	}
	cmd := drivers.Command{Op: drivers.OpSMove, Value: text, Extra: &drivers.Extra{
		Keys: []string{to.key}, Indexes: append(k.node.indexes(k.key), to.node.indexes(to.key)...),
	}}
	return k.doBool(ctx, "Move", to.changing(&cmd))
}
