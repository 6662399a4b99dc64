package kv

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// Hash declares a struct of type T, stored as a hash with a field for each exported field
// of T, so that each can be read, written and counted with by itself.
//
// The fields are those that encoding/json writes: under the name in the tag kv:"name",
// else in the tag json:"name", else their own; "-" leaves a field out, the fields of an
// embedded struct count as T's, and omitempty and omitzero mean what they mean there. A
// nil pointer is not stored. The type of a field is what the members of a set may be; see
// SetOf. What jsonschema tags say of fields is enforced as it is for documents; see JSON.
//
// A field that is not stored reads as zero where it may be left out (a pointer, omitempty,
// omitzero), and as what default says in its jsonschema tag (default=3), from which
// Increment starts, too. A field with a default is always written: one that may be left out
// as well is a mistake of the schema, as is a default that the tag does not allow. All other fields
// are required: without them a hash is ErrCorrupt.
//
// A T that is no struct, a field without a text, a name that occurs twice and an embedded
// struct that marshals itself and is given no name are mistakes of the schema, reported by
// Open. Methods by which T itself marshals are not asked.
func Hash[T any](options ...ElementOption) Schema[HashField[T]] {
	node, plan := hashNode(typeOf((*T)(nil)), options)
	return fieldSchema[HashField[T]](node, plan)
}

func hashNode(kind reflect.Type, options []ElementOption) (*dsl.Node, *hash) {
	node, declared := declare(dsl.NewField(dsl.Hash).WithDetail(kind.String()), options)
	plan, err := gotext.HashOf(kind, declared.older)
	if err != nil {
		node = node.WithMistake("%v", err)
	} else {
		node = node.WithForms(plan.Declared()...)
	}
	return node, &hash{plan}
}

// Hash adds a struct of type T to the store.
func (s StaticSchema) Hash[T any](key Key[HashField[T]], options ...ElementOption) StaticSchema {
	return s.Field(key, Hash[T](options...))
}

// HashField is the handle of a struct that is stored as a hash. A value that cannot be
// written is ErrInvalid; a hash without a field that is required, or
// with a text that does not fit, is ErrCorrupt; either has a *jsonval.ValidationError
// where a jsonschema tag is broken. Fields of the hash that T does not have
// are passed over by Read, kept by Update and PutMany, and removed by Write.
//
// Where the struct has older forms (Upgrade), single fields belong to the newest: Get reads all
// of the hash, and what changes single fields makes a hash of an older form one of the newest
// before, in two round trips more, which in a Batch is errors.ErrUnsupported. While StoreAs is declared they do so for fields
// that the older form has as well, of the same type; others are errors.ErrUnsupported: Update can do it.
//
// In Redis: [HGET], [HSET], [HDEL], [HGETALL], [HKEYS], [HINCRBY], [HINCRBYFLOAT].
//
// [HGET]: https://redis.io/docs/latest/commands/hget/
// [HSET]: https://redis.io/docs/latest/commands/hset/
// [HDEL]: https://redis.io/docs/latest/commands/hdel/
// [HGETALL]: https://redis.io/docs/latest/commands/hgetall/
// [HKEYS]: https://redis.io/docs/latest/commands/hkeys/
// [HINCRBY]: https://redis.io/docs/latest/commands/hincrby/
// [HINCRBYFLOAT]: https://redis.io/docs/latest/commands/hincrbyfloat/
type HashField[T any] struct{ Field }

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
	format func(*gotext.Field) (string, error)
}

// To is value for the field, to be handed to HashField.PutMany.
func (k HashKey[T, V]) To(value V) HashValue[T] {
	return HashValue[T]{string(k), typeOf((*V)(nil)), func(field *gotext.Field) (string, error) {
		return field.Format(reflect.ValueOf(&value).Elem())
	}}
}

// Read is the struct, or ErrNotFound. One round trip (HGETALL).
func (f HashField[T]) Read(ctx context.Context) (T, error) {
	var value T
	exists, err := readHash(ctx, &f.at, "Read", &value)
	if err == nil && !exists {
		err = f.at.fail("Read", ErrNotFound)
	}
	return value, err
}

func (f HashField[T]) whole(*T) {}

// Write stores the struct in place of all fields of the hash, in one step. If none of its
// fields is stored, there is no hash afterwards. A TTL that is there is kept unless the
// schema or an option says otherwise; a condition that does not hold is
// ErrConditionFailed. One round trip (a script: HKEYS, HSET, HDEL, PEXPIRE).
func (f HashField[T]) Write(ctx context.Context, value T, options ...WriteOption) error {
	return writeHash(ctx, &f.at, &value, options)
}

func writeHash(ctx context.Context, at *keyRef, pointer any, options []WriteOption) error {
	if err := at.carried("Write"); err != nil {
		return err
	}
	pairs, err := at.hash().Write(pointer)
	if err != nil {
		return at.fail("Write", err)
	}
	return at.write(ctx, "Write", &drivers.Command{Op: drivers.OpHReplace, Values: pairs}, options)
}

// Update lets change edit the struct in place and stores and returns the result. It is
// atomic: where somebody else writes meanwhile, change is called again with what is there
// now, so it must have no other effects; when the tries are used up the error is
// ErrConflict. The TTL is kept. An absent hash is ErrNotFound; an error of change is
// returned, within a *Error, and nothing is stored. Two round trips (HGETALL,
// compare-and-set script), one where nothing changes.
//
// A hash that lacks required fields, as Increment and Put leave it where there was none, is
// repaired: change gets what is there, and zero for what is missing, and what it leaves is stored.
func (f HashField[T]) Update(ctx context.Context, change func(*T) error) (edited T, err error) {
	if change == nil {
		return edited, f.at.lacksFunction("Update")
	}
	err = updateHash(ctx, &f.at, &edited, func() error { return change(&edited) })
	return edited, err
}

// updateHash lets change edit what pointer points to, which is then what is stored.
func updateHash(ctx context.Context, at *keyRef, pointer any, change func() error) error {
	err := at.optimistically(ctx, func() (bool, error) {
		current, err := at.ask(ctx, "Update", drivers.OpHGetAll)
		if err != nil {
			return false, err
		}
		if len(current.Values) == 0 {
			return false, ErrNotFound
		}
		clearValue(pointer)
		found, err := at.hash().ReadPart(current.Values, pointer)
		if err != nil {
			return false, err
		}
		if err := change(); err != nil {
			return false, err
		}
		next, err := at.hash().Rewrite(pointer, current.Values, found)
		if err != nil {
			return false, err
		}
		if drivers.SamePairs(current.Values, next) {
			return true, nil // it would store what is there
		}
		cmd := drivers.HCompareAndSet(current.Values, next)
		return at.doBool(ctx, "Update", &cmd)
	})
	if err != nil {
		clearValue(pointer)
		return at.fail("Update", err)
	}
	return nil
}

// Get is the value of one field. Where it, or the hash, is absent it is the default of the
// field or, if there is none, ErrNotFound. One round trip (HGET).
func (f HashField[T]) Get[V any](ctx context.Context, key HashKey[T, V]) (V, error) {
	var value, none V
	field, err := f.at.planned("Get", string(key), typeOf((*V)(nil)))
	if err != nil {
		return none, err
	}
	reply, err := f.at.getField(ctx, field.Name)
	switch {
	case err != nil:
		return none, err
	case reply.Nil && field.Default == "":
		return none, f.at.missing("Get", field.Name)
	case reply.Nil:
		reply.Value = field.Default
	}
	if err := field.Parse(reply.Value, reflect.ValueOf(&value).Elem()); err != nil {
		return none, f.at.fail("Get", err)
	}
	return value, nil
}

// Put gives one field a value. See PutMany. One round trip (HSET).
func (f HashField[T]) Put[V any](ctx context.Context, key HashKey[T, V], value V) error {
	field, err := f.at.planned("Put", string(key), typeOf((*V)(nil)))
	if err != nil {
		return err
	}
	text, err := field.Format(reflect.ValueOf(&value).Elem())
	if err != nil {
		return f.at.fail("Put", err)
	}
	if err := f.at.renewForm(ctx, "Put", field); err != nil {
		return err
	}
	_, err = f.at.do(ctx, "Put", f.at.changing(&drivers.Command{Op: drivers.OpHSet, Values: []string{field.Name, text}}))
	return err
}

// PutMany gives fields values, in one step; the others stay as they are. Where there is no
// hash it makes one of these fields alone, which Read finds corrupt if T has others that
// are required: give those defaults, or repair it by Update. One round trip (HSET; with a TTL in the schema, a script).
func (f HashField[T]) PutMany(ctx context.Context, values ...HashValue[T]) error {
	texts := make([]hashValue, len(values))
	for i, value := range values {
		texts[i] = hashValue(value)
	}
	return f.at.putIntoHash(ctx, texts)
}

// hashValue is a HashValue of any struct.
type hashValue struct {
	name   string
	kind   reflect.Type
	format func(*gotext.Field) (string, error)
}

func (k *keyRef) putIntoHash(ctx context.Context, values []hashValue) error {
	if len(values) == 0 {
		return k.carried("PutMany")
	}
	pairs, fields := make([]string, 0, 2*len(values)), make([]*gotext.Field, 0, len(values))
	for _, value := range values {
		field, err := k.planned("PutMany", value.name, value.kind)
		if err != nil {
			return err
		}
		text, err := value.format(field)
		if err != nil {
			return k.fail("PutMany", err)
		}
		pairs, fields = append(pairs, field.Name, text), append(fields, field)
	}
	if err := k.renewForm(ctx, "PutMany", fields...); err != nil {
		return err
	}
	_, err := k.do(ctx, "PutMany", k.changing(&drivers.Command{Op: drivers.OpHSet, Values: pairs}))
	return err
}

// Increment adds by, which may be negative, to the number in a field and returns the sum;
// an absent field counts as its default, or as 0. See IncrementIn and, of an absent hash, PutMany. A sum outside
// the minimum and the maximum of the field's jsonschema tag is ErrOverflow, and nothing is
// changed; a tag that asks for more, such as multipleOf, is errors.ErrUnsupported: Update
// can do it. One round trip (HINCRBY or HINCRBYFLOAT; where V has less than 64 bits, or
// with bounds, a default or a TTL in the schema, a script).
func (f HashField[T]) Increment[V Number](ctx context.Context, key HashKey[T, V], by V) (V, error) {
	field, err := f.at.planned("Increment", string(key), typeOf((*V)(nil)))
	if err != nil {
		return 0, err
	}
	cmd, err := incrementOf(field.Name, reflect.ValueOf(by))
	if err == nil {
		err = keepToTag(&cmd, field)
	}
	if err != nil {
		return 0, f.at.fail("Increment", err)
	}
	if err := f.at.renewForm(ctx, "Increment", field); err != nil {
		return 0, err
	}
	return added[V](ctx, f.at, "Increment", cmd)
}

// planned is the field of a name and a type, unless the handle carries an error.
func (k *keyRef) planned(op, name string, kind reflect.Type) (*gotext.Field, error) {
	if err := k.carried(op); err != nil {
		return nil, err
	}
	field := k.hash().Field(name)
	switch {
	case field == nil:
		return nil, k.fail(op, fmt.Errorf("the field %q: %w", name, ErrUndeclared))
	case field.Stored != kind:
		return nil, k.fail(op, fmt.Errorf("%w: the field %q has values of %v, not of %v", ErrTypeMismatch, name, field.Stored, kind))
	}
	return field, nil
}

// keepToTag lets a command that adds to a field keep to its jsonschema tag.
func keepToTag(cmd *drivers.Command, field *gotext.Field) error {
	if !field.Countable {
		return fmt.Errorf("the jsonschema tag of %q asks for more than a minimum and a maximum: %w", field.Name, errors.ErrUnsupported)
	}
	bounds{field.Least, field.Most}.keepTo(cmd)
	if field.Default != "" && field.Default != "0" {
		cmd.SetInitial(field.Default)
	}
	return nil
}
