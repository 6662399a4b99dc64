package kv

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
)

// Follow says whether there is a value, at once and then whenever it may have changed, by whoever's doing, its time to
// live included; several changes may be told as one. It is for handles that have no Follow of their own, as nothing reads
// their value as a whole, and for values too large to be read as a whole each time: members.Field.Follow says that a set
// may have changed.
//
// The loop ends when it is left, with the error of the context, or with any other error but ErrMissed, after which it
// goes on: changes may have gone by unheard, with a connection, say, or because the loop is too slow. As soon as
// changes are heard of again, it says once more whether there is a value. Once it has begun, a store that is out of
// reach ends nothing. In a Batch and in Atomic it is errors.ErrUnsupported, as it is of a driver that cannot follow.
// One round trip for each time (EXISTS).
func (f Field) Follow(ctx context.Context) iter.Seq2[bool, error] { return existence(ctx, f.at) }

//go:noinline // into the Follow of each handle that has no other
func existence(ctx context.Context, at keyRef) iter.Seq2[bool, error] {
	return func(yield func(bool, error) bool) {
		at.follow(ctx, drivers.Command{Op: drivers.OpExists}, func(reply drivers.Reply, err error) bool {
			return yield(reply.Int == 1, err)
		})
	}
}

// Follow is the value, at once and then whenever it is another, by whoever's doing: written, erased, expired, evicted. A
// slow loop sees the newest, and never an older value after a newer one. What is the same as before does not come again.
// An absent value is ErrNotFound, one that does not fit the schema ErrCorrupt, one of another type ErrWrongType, and the
// loop goes on.
//
// It ends when it is left, with the error of the context, or with any other error but ErrMissed, after which it goes
// on: changes may have gone by unheard, with a connection, say, or because the loop is too slow. As soon as changes are
// heard of again the value comes, the same or not. Once it has begun, a store that is out of reach ends nothing. In a
// Batch and in Atomic it is errors.ErrUnsupported, as it is of a driver that cannot follow. One round trip for each
// time (GET); a Sliding time to live does not start anew.
func (f ScalarField[T]) Follow(ctx context.Context) iter.Seq2[T, error] {
	return followed[T](ctx, f.at)
}

// Follow is the value, at once and then whenever it is another. See ScalarField.Follow.
func (f BytesField) Follow(ctx context.Context) iter.Seq2[[]byte, error] {
	return followed[[]byte](ctx, f.at)
}

// Follow is the string, at once and then whenever it is another. See ScalarField.Follow.
func (f StringField) Follow(ctx context.Context) iter.Seq2[string, error] {
	return followed[string](ctx, f.at)
}

// Follow is the number, at once and then whenever it is another. See ScalarField.Follow.
func (f IntField) Follow(ctx context.Context) iter.Seq2[int64, error] {
	return followed[int64](ctx, f.at)
}

// Follow is the number, at once and then whenever it is another. See ScalarField.Follow.
func (f FloatField) Follow(ctx context.Context) iter.Seq2[float64, error] {
	return followed[float64](ctx, f.at)
}

// Follow is the document, at once and then whenever it is another. See ScalarField.Follow. One round trip for each time
// (GET).
//
//go:noinline // see eachOf
func (f JSONField[T]) Follow(ctx context.Context) iter.Seq2[T, error] {
	return followed[T](ctx, f.at)
}

// Follow is the struct, at once and then whenever it is another. See ScalarField.Follow. One round trip for each time
// (HGETALL).
func (f HashField[T]) Follow(ctx context.Context) iter.Seq2[T, error] {
	return followed[T](ctx, f.at)
}

// Follow is the whole map, at once and then whenever it is another. An absent one is empty; else see
// ScalarField.Follow. One round trip for each time (HGETALL).
func (f MapField[K, V]) Follow(ctx context.Context) iter.Seq2[map[K]V, error] {
	return followed[map[K]V](ctx, f.at)
}

// Follow is all members, at once and then whenever they are others. An absent set is empty; else see
// ScalarField.Follow. One round trip for each time (SMEMBERS).
func (f SetFieldOf[T]) Follow(ctx context.Context) iter.Seq2[[]T, error] {
	return followed[[]T](ctx, f.at)
}

// Follow is all elements, at once and then whenever they are others. An absent list is empty; else see
// ScalarField.Follow. One round trip for each time (LRANGE).
func (f ListFieldOf[T]) Follow(ctx context.Context) iter.Seq2[[]T, error] {
	return followed[[]T](ctx, f.at)
}

// Follow is all members with their scores, at once and then whenever they are others. An absent sorted set is empty;
// else see ScalarField.Follow. One round trip for each time (ZRANGE).
func (f SortedSetFieldOf[T]) Follow(ctx context.Context) iter.Seq2[[]Scored[T], error] {
	return followed[[]Scored[T]](ctx, f.at)
}

// Follow is all members with their positions, at once and then whenever they are others. Without any it is empty;
// else see ScalarField.Follow. One round trip for each time (ZRANGE).
func (f GeoFieldOf[T]) Follow(ctx context.Context) iter.Seq2[[]Located[T], error] {
	return followed[[]Located[T]](ctx, f.at)
}

// followed goes through the values of a handle that is read as a whole.
//
//go:noinline // see eachOf
func followed[T any](ctx context.Context, at keyRef) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		at.followWhole(ctx, func(reply drivers.Reply, err error) bool {
			var value T
			err = at.followedValue(reply, err, &value)
			return yield(value, err)
		})
	}
}

// followedValue decodes a value that has been followed, if there is one.
func (k *keyRef) followedValue(reply drivers.Reply, err error, into any) error {
	if err == nil {
		if err = k.node.decodeWhole(reply, into); err != nil {
			err = k.fail("Follow", err)
		}
	}
	return err
}

// followWhole hands yield what reads the whole value, whenever that is another.
func (k keyRef) followWhole(ctx context.Context, yield func(drivers.Reply, error) bool) {
	if err := k.carried("Follow"); err != nil {
		yield(drivers.Reply{}, err)
		return
	}
	read := readingOf(k.node.kind())
	var told *stored // nil: whatever is there is to be told
	k.follow(ctx, read, func(reply drivers.Reply, err error) bool {
		if errors.Is(err, ErrMissed) {
			told = nil
			return yield(reply, err)
		}
		now := storedOf(read.Op, reply, err)
		if told != nil && reflect.DeepEqual(*told, now) {
			return true
		}
		told = &now
		return yield(reply, err)
	})
}

// follow hands yield what a command reads of the value, whenever it may have changed.
func (k keyRef) follow(ctx context.Context, read drivers.Command, yield func(drivers.Reply, error) bool) {
	if err := k.carried("Follow"); err != nil {
		yield(drivers.Reply{}, err)
		return
	}
	k.address(&read)
	state := func(ctx context.Context) error {
		reply, err := k.driver.Do(ctx, read)
		switch {
		case errors.Is(err, ErrWrongType):
			err = k.fail("Follow", err)
		case err != nil:
			return err
		}
		return goesOn(yield(reply, err))
	}
	k.driver.follow(ctx, "Follow", k.key, follower{
		begin: state,
		changed: func(ctx context.Context, key string) error {
			if key != k.key { // but lies below it
				return nil
			}
			return state(ctx)
		},
		missed: func(err error) error { return goesOn(yield(drivers.Reply{}, err)) },
		end:    func(err error) { yield(drivers.Reply{}, err) },
	})
}

// stored is what a value was when it was read, so that it can be compared.
type stored struct {
	reply     drivers.Reply
	wrongType bool
}

// storedOf is that of a reply, which the loop may change. What comes in no order is put in one.
func storedOf(read drivers.Op, reply drivers.Reply, err error) stored {
	reply.Values = slices.Clone(reply.Values)
	switch read { //nolint:exhaustive // all others have an order
	case drivers.OpSMembers:
		slices.Sort(reply.Values)
	case drivers.OpHGetAll:
		pairs := slices.Collect(slices.Chunk(reply.Values, 2))
		slices.SortFunc(pairs, slices.Compare)
		reply.Values = slices.Concat(pairs...)
	}
	return stored{reply, err != nil}
}
