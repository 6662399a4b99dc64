package kv

import (
	"context"
	"reflect"

	"github.com/samber/lo"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// scalar declares a single value of type T, whose handle is made by bind.
func scalar[T, H any, O interface{ declare(*declaration) }](kind dsl.Kind, codec *gotext.Codec, bind func(ScalarField[T]) H, options []O) Schema[H] {
	node, _ := declare(dsl.NewField(kind), options)
	return scalarOf(node, codec, bind)
}

func scalarOf[T, H any](node *dsl.Node, codec *gotext.Codec, bind func(ScalarField[T]) H) Schema[H] {
	if codec != nil { // which it is not after a mistake
		node = withForms(node, codec.Forms(), nil)
	}
	return newSchema(node, func(r ref) H { return bind(ScalarField[T]{newField(r), codec}) })
}

// itself is the bind of handles that are nothing but a ScalarField.
func itself[T any](field ScalarField[T]) ScalarField[T] { return field }

// ScalarField is the handle of a single value of type T, stored as text. A value that
// the schema does not allow is ErrInvalid when it is to be written and ErrCorrupt when
// it is found stored.
//
// In Redis: [GET], [GETEX], [SET].
//
// [GET]: https://redis.io/docs/latest/commands/get/
// [GETEX]: https://redis.io/docs/latest/commands/getex/
// [SET]: https://redis.io/docs/latest/commands/set/
type ScalarField[T any] struct {
	Field
	codec *gotext.Codec
}

// Read is the value, or ErrNotFound. One round trip (GET, or GETEX; see Sliding).
func (f ScalarField[T]) Read(ctx context.Context) (T, error) {
	value, exists, err := f.read(ctx, "Read")
	if err == nil && !exists {
		err = f.at.fail("Read", ErrNotFound)
	}
	return value, err
}

func (f ScalarField[T]) readFrom(reply drivers.Reply) (value T, err error) {
	if reply.Nil {
		return value, ErrNotFound
	}
	return f.codec.Decode[T](reply.Value)
}

// ReadOr is the value, or fallback where there is none. One round trip (GET, or GETEX; see Sliding).
func (f ScalarField[T]) ReadOr(ctx context.Context, fallback T) (T, error) {
	value, exists, err := f.read(ctx, "ReadOr")
	if err == nil && !exists {
		return fallback, nil
	}
	return value, err
}

func (f ScalarField[T]) read(ctx context.Context, op string) (value T, exists bool, err error) {
	text, exists, err := f.at.text(ctx, op)
	if err != nil || !exists {
		return value, false, err
	}
	if value, err = f.codec.Decode[T](text); err != nil {
		return value, true, f.at.fail(op, err)
	}
	return value, true, nil
}

// Write stores value. A TTL that is there is kept unless the schema or an option
// says otherwise; a condition that does not hold is ErrConditionFailed. As Redis's
// SET does, it replaces a value of any type. One round trip (SET).
func (f ScalarField[T]) Write(ctx context.Context, value T, options ...WriteOption) error {
	text, err := f.encode("Write", value)
	if err != nil {
		return err
	}
	return f.at.write(ctx, "Write", &drivers.Command{Op: drivers.OpSet, Value: text}, options)
}

// encode is what is stored of a value, unless the handle carries an error.
func (f ScalarField[T]) encode(op string, value T) (string, error) {
	if err := f.at.err(); err != nil {
		return "", err
	}
	text, err := f.codec.Encode(value)
	if err != nil {
		return "", f.at.fail(op, err)
	}
	return text, nil
}

// Swap stores value like Write and returns what it replaced, in one step. A value
// of another type is ErrWrongType; where the old value does not fit the schema nothing
// is stored, so that nothing is lost. One round trip for strings and bytes (SET … GET);
// for other types, of whose texts some do not fit, one more (GET, and then SET … GET of
// what was read, as often as somebody else writes meanwhile).
func (f ScalarField[T]) Swap(ctx context.Context, value T, options ...WriteOption) (Previous[T], error) {
	text, err := f.encode("Swap", value)
	if err != nil {
		return Previous[T]{}, err
	}
	cmd := drivers.Command{Op: drivers.OpSwap, Value: text}
	if err := f.at.replacing("Swap", &cmd, options); err != nil {
		return Previous[T]{}, err
	}
	var old drivers.Reply
	if f.codec.Total {
		old, err = f.at.do(ctx, "Swap", &cmd)
	} else {
		old, err = f.swapChecked(ctx, &cmd)
	}
	if err != nil {
		return Previous[T]{}, err
	}
	if cmd.If.Refuses(!old.Nil) {
		return Previous[T]{}, f.at.fail("Swap", ErrConditionFailed)
	}
	if old.Nil {
		return Previous[T]{}, nil
	}
	previous, err := f.codec.Decode[T](old.Value)
	if err != nil {
		return Previous[T]{}, f.at.fail("Swap", err)
	}
	return Previous[T]{Value: previous, Exists: true}, nil
}

// swapChecked replaces a value that decodes, and tells which.
func (f ScalarField[T]) swapChecked(ctx context.Context, cmd *drivers.Command) (old drivers.Reply, err error) {
	err = f.at.optimistically(ctx, func() (bool, error) {
		if old, err = f.at.ask(ctx, "Swap", drivers.OpGet); err != nil {
			return false, err
		}
		if cmd.If.Refuses(!old.Nil) {
			return true, nil
		}
		if !old.Nil {
			if err := f.codec.Check(old.Value); err != nil {
				return false, err
			}
		}
		return f.at.compareAndSwap(ctx, "Swap", old, content{text: cmd.Value}, cmd.Expiry)
	})
	if err != nil {
		return old, f.at.fail("Swap", err)
	}
	return old, nil
}

// Update replaces the value by what change makes of it and returns the new value.
// It is atomic: where somebody else writes meanwhile, change is called again with
// what is there now, so it must have no other effects; when the tries are used up
// the error is ErrConflict. The TTL is kept. An absent value is ErrNotFound; an error
// of change is returned, within a *Error, and nothing is stored. Two round trips
// (GET, compare-and-swap script), one where nothing changes.
func (f ScalarField[T]) Update(ctx context.Context, change func(T) (T, error)) (T, error) {
	var next, none T
	err := f.at.update(ctx, "Update", drivers.Expiry{}, func(current drivers.Reply) (_ content, err error) {
		if current.Nil {
			return content{}, ErrNotFound
		}
		old, err := f.codec.Decode[T](current.Value)
		if err != nil {
			return content{}, err
		}
		if next, err = change(old); err != nil {
			return content{}, err
		}
		text, err := f.codec.Encode(next)
		return content{text: text}, err
	})
	if err != nil {
		return none, err
	}
	return next, nil
}

// validate decides what may be copied or imported.
func (f ScalarField[T]) validate(text string) (content, error) {
	err := f.codec.Check(text)
	return content{text: text}, err
}

// codecFor is the codec of a type that has one.
func codecFor[T any]() *gotext.Codec { return lo.Must(gotext.Of(reflect.TypeFor[T](), gotext.Older{})) }

// detailed is a field of a kind that is told apart by its Go type.
func detailed[T any](kind dsl.Kind) *dsl.Node {
	return dsl.NewField(kind).WithDetail(reflect.TypeFor[T]().String())
}
