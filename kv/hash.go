package kv

import (
	"context"
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// Hash declares a struct of type T, stored as a hash with a field for each exported field
// of T, so that each can be read, written and counted with by itself.
//
// A field is stored under the name in its tag kv:"name", else in its tag json:"name",
// else under its own; "-" leaves it out, and the fields of an embedded struct count as
// T's. Its type is what the members of a set may be; see SetOf. A pointer, and a field
// whose tag says omitempty, is not stored while it is zero. A T that is no struct, a field
// without a text and a name that occurs twice are mistakes of the schema, reported by Open.
func Hash[T any](options ...FieldOption) Schema[HashField[T]] {
	kind := reflect.TypeFor[T]()
	node, _ := declare(dsl.NewField(dsl.Hash).WithDetail(kind.String()), options)
	plan, err := planHash(kind)
	if err != nil {
		node = node.WithMistake("%v", err)
	}
	return newSchema(node, func(r ref) HashField[T] { return HashField[T]{newField(r), plan} })
}

// Hash adds a struct of type T to the store.
func (s StaticSchema) Hash[T any](key Key[HashField[T]], options ...FieldOption) StaticSchema {
	return s.Field(key, Hash[T](options...))
}

// HashField is the handle of a struct that is stored as a hash. A value that cannot be
// written is ErrInvalid; a hash without one of the fields of T that are always stored, or
// with a text that does not fit, is ErrCorrupt. Fields of the hash that T does not have
// are passed over by Read, kept by Update and Set, and removed by Write.
type HashField[T any] struct {
	Field
	plan *hashPlan
}

// HashKey is the name of a field of the struct T as it is stored, with the type of its
// values; of a pointer, what it points to. Declared once as a constant it gives the
// operations on single fields their types:
//
//	const Age kv.HashKey[Person, int] = "age"
//
// A name that T does not have is ErrUndeclared, one of another type ErrTypeMismatch.
type HashKey[T, V any] string

// HashValue is a value for a field of the struct T, made by HashKey.To.
type HashValue[T any] struct {
	name   string
	kind   reflect.Type
	format func(goText) (string, error)
}

// To is value for the field, to be handed to HashField.Set.
func (k HashKey[T, V]) To(value V) HashValue[T] {
	return HashValue[T]{string(k), reflect.TypeFor[V](), func(text goText) (string, error) {
		return text.format(reflect.ValueOf(&value).Elem())
	}}
}

// Read is the struct, or ErrNotFound. One round trip (HGETALL).
func (f HashField[T]) Read(ctx context.Context) (T, error) {
	var value T
	reply, err := f.at.ask(ctx, "Read", drivers.OpHGetAll)
	if err != nil {
		return value, err
	}
	if value, err = f.readFrom(reply); err != nil {
		return value, f.at.fail("Read", err)
	}
	return value, nil
}

func (f HashField[T]) readBy() drivers.Command {
	return drivers.Command{Op: drivers.OpHGetAll}
}

func (f HashField[T]) readFrom(reply drivers.Reply) (T, error) {
	var value, none T
	if len(reply.Values) == 0 {
		return none, ErrNotFound
	}
	if err := f.plan.decode(reply.Values, reflect.ValueOf(&value).Elem()); err != nil {
		return none, err
	}
	return value, nil
}

// Write stores the struct in place of all fields of the hash, in one step. If none of its
// fields is stored, there is no hash afterwards. A TTL that is there is kept unless the
// schema or an option says otherwise; a condition that does not hold is
// ErrConditionFailed. One round trip (a script: HKEYS, HSET, HDEL, PEXPIRE).
func (f HashField[T]) Write(ctx context.Context, value T, options ...WriteOption) error {
	if err := f.at.err(); err != nil {
		return err
	}
	pairs, err := f.plan.encode(reflect.ValueOf(&value).Elem())
	if err != nil {
		return f.at.fail("Write", err)
	}
	return f.at.write(ctx, "Write", &drivers.Command{Op: drivers.OpHReplace, Values: pairs}, options)
}

// Update lets change edit the struct in place and stores and returns the result. It is
// atomic: where somebody else writes meanwhile, change is called again with what is there
// now, so it must have no other effects; when the tries are used up the error is
// ErrConflict. The TTL is kept. An absent hash is ErrNotFound; an error of change is
// returned, within a *Error, and nothing is stored. Two round trips (HGETALL,
// compare-and-set script), one where nothing changes.
func (f HashField[T]) Update(ctx context.Context, change func(*T) error) (T, error) {
	var edited, none T
	err := optimistically(ctx, func() (bool, error) {
		current, err := f.at.ask(ctx, "Update", drivers.OpHGetAll)
		if err != nil {
			return false, err
		}
		if edited, err = f.readFrom(current); err != nil {
			return false, err
		}
		if err := change(&edited); err != nil {
			return false, err
		}
		next, err := f.plan.encode(reflect.ValueOf(&edited).Elem())
		if err != nil {
			return false, err
		}
		next = append(next, f.plan.foreign(current.Values)...)
		if drivers.SamePairs(current.Values, next) {
			return true, nil // it would store what is there
		}
		return f.at.yes(ctx, "Update", &drivers.Command{
			Op: drivers.OpHCompareAndSet, Values: append(current.Values, next...), Amount: int64(len(current.Values)),
		})
	})
	if err != nil {
		return none, f.at.fail("Update", err)
	}
	return edited, nil
}

// ReadField is the value of one field; ErrNotFound where it, or the hash, is absent. One
// round trip (HGET).
func (f HashField[T]) ReadField[V any](ctx context.Context, key HashKey[T, V]) (V, error) {
	var value, none V
	field, err := f.planned("ReadField", string(key), reflect.TypeFor[V]())
	if err != nil {
		return none, err
	}
	reply, err := f.at.do(ctx, "ReadField", &drivers.Command{Op: drivers.OpHGet, Value: field.name})
	switch {
	case err != nil:
		return none, err
	case reply.Nil:
		return none, f.at.fail("ReadField", ErrNotFound)
	}
	if err := field.text.parse(reply.Value, reflect.ValueOf(&value).Elem()); err != nil {
		return none, f.at.fail("ReadField", drivers.Join(ErrCorrupt, err))
	}
	return value, nil
}

// WriteField gives one field a value. See Set. One round trip (HSET).
func (f HashField[T]) WriteField[V any](ctx context.Context, key HashKey[T, V], value V) error {
	field, err := f.planned("WriteField", string(key), reflect.TypeFor[V]())
	if err != nil {
		return err
	}
	text, err := field.text.format(reflect.ValueOf(&value).Elem())
	if err != nil {
		return f.at.fail("WriteField", drivers.Join(ErrInvalid, err))
	}
	_, err = f.at.do(ctx, "WriteField", f.at.changing(&drivers.Command{Op: drivers.OpHSet, Values: []string{field.name, text}}))
	return err
}

// Set gives fields values, in one step; the others stay as they are. Where there is no
// hash it makes one of these fields alone, which Read finds corrupt if T has others that
// are always stored. One round trip (HSET; with a TTL in the schema, a script).
func (f HashField[T]) Set(ctx context.Context, values ...HashValue[T]) error {
	if err := f.at.err(); err != nil || len(values) == 0 {
		return err
	}
	pairs := make([]string, 0, 2*len(values))
	for _, value := range values {
		field, err := f.planned("Set", value.name, value.kind)
		if err != nil {
			return err
		}
		text, err := value.format(field.text)
		if err != nil {
			return f.at.fail("Set", drivers.Join(ErrInvalid, err))
		}
		pairs = append(pairs, field.name, text)
	}
	_, err := f.at.do(ctx, "Set", f.at.changing(&drivers.Command{Op: drivers.OpHSet, Values: pairs}))
	return err
}

// Increment adds by, which may be negative, to the number in a field and returns the sum;
// an absent field counts as 0. See IncrementIn and, of an absent hash, Set. One round trip
// (HINCRBY or HINCRBYFLOAT; where V has less than 64 bits, or with a TTL in the schema, a
// script).
func (f HashField[T]) Increment[V Number](ctx context.Context, key HashKey[T, V], by V) (V, error) {
	field, err := f.planned("Increment", string(key), reflect.TypeFor[V]())
	if err != nil {
		return 0, err
	}
	return incrementField(ctx, f.at, "Increment", field.name, by)
}

// planned is the field of a name and a type, unless the handle was given up.
func (f HashField[T]) planned(op, name string, kind reflect.Type) (*planned, error) {
	if err := f.at.err(); err != nil {
		return nil, err
	}
	field, err := f.plan.field(name, kind)
	if err != nil {
		return nil, f.at.fail(op, err)
	}
	return field, nil
}
