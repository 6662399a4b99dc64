package kv

import (
	"context"
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// scalar is what the handles of a single value share.
type scalar struct {
	codec  *gotext.Codec
	bounds bounds // of a number
}

// scalarNode declares a single value of a type; one that has no text is a mistake of the schema.
func scalarNode(node *dsl.Node, kind reflect.Type, options []ScalarOption) (*dsl.Node, *scalar) {
	node, _ = declare(node, options)
	node, codec := withCodec(node, kind, gotext.Older{})
	return node, &scalar{codec: codec}
}

// scalar is that of a field that carries no error.
func (k *keyRef) scalar() *scalar { return k.node.shared.(*scalar) }

// validate implements validator.
func (s *scalar) validate(text string) (content, error) {
	err := s.codec.Check(text)
	return content{text: text}, err
}

// decodeWhole implements whole.
func (s *scalar) decodeWhole(reply drivers.Reply, into any) error {
	if reply.Nil {
		return ErrNotFound
	}
	return s.codec.DecodeTo(reply.Value, into)
}

// ScalarField is the handle of a single value of type T, stored as text. A value that
// the schema does not allow is ErrInvalid when it is to be written and ErrCorrupt when
// it is found stored.
//
// In Redis: [GET], [GETEX], [SET].
//
// [GET]: https://redis.io/docs/latest/commands/get/
// [GETEX]: https://redis.io/docs/latest/commands/getex/
// [SET]: https://redis.io/docs/latest/commands/set/
type ScalarField[T any] struct{ Field }

// The handles of scalars of one type spell out what a ScalarField has: embedded, its methods would be compiled anew in each
// package. Inlined into one, they would call there what it does not know to keep its arguments off the heap.

// Read is the value, or ErrNotFound. One round trip (GET, or GETEX; see Sliding).
func (f ScalarField[T]) Read(ctx context.Context) (T, error) { return readScalar[T](ctx, &f.at) }

func readScalar[T any](ctx context.Context, at *keyRef) (T, error) {
	text, err := at.readText(ctx)
	return scalarOf[T](at, "Read", text, err)
}

// readText is the text of a value, which for a string is the value.
func (k *keyRef) readText(ctx context.Context) (string, error) {
	text, exists, err := k.text(ctx, "Read")
	if err == nil && !exists {
		err = k.fail("Read", ErrNotFound)
	}
	return text, err
}

func (f ScalarField[T]) whole(*T) {}

// ReadOr is the value, or fallback where there is none. One round trip (GET, or GETEX; see Sliding).
func (f ScalarField[T]) ReadOr(ctx context.Context, fallback T) (T, error) {
	return readScalarOr(ctx, &f.at, fallback)
}

func readScalarOr[T any](ctx context.Context, at *keyRef, fallback T) (T, error) {
	text, exists, err := at.text(ctx, "ReadOr")
	if err == nil && !exists {
		return fallback, nil
	}
	return scalarOf[T](at, "ReadOr", text, err)
}

// scalarOf is the value of a text that has been read.
func scalarOf[T any](at *keyRef, op, text string, err error) (value T, _ error) {
	if err != nil {
		return value, err
	}
	if value, err = at.scalar().codec.Decode[T](text); err != nil {
		err = at.fail(op, err)
	}
	return value, err
}

// Write stores value. A TTL that is there is kept unless the schema or an option
// says otherwise; a condition that does not hold is ErrConditionFailed. As Redis's
// SET does, it replaces a value of any type. One round trip (SET).
func (f ScalarField[T]) Write(ctx context.Context, value T, options ...WriteOption) error {
	return writeScalar(ctx, &f.at, value, options)
}

func writeScalar[T any](ctx context.Context, at *keyRef, value T, options []WriteOption) error {
	text, err := textOfScalar(at, "Write", value)
	return at.writeText(ctx, text, options, err)
}

func (k *keyRef) writeText(ctx context.Context, text string, options []WriteOption, err error) error {
	if err != nil {
		return err
	}
	return k.write(ctx, "Write", &drivers.Command{Op: drivers.OpSet, Value: text}, options)
}

// textOfScalar is what is stored of a value, unless the handle carries an error.
func textOfScalar[T any](at *keyRef, op string, value T) (string, error) {
	if err := at.carried(op); err != nil {
		return "", err
	}
	text, err := at.scalar().codec.Encode(value)
	if err != nil {
		return "", at.fail(op, err)
	}
	return text, nil
}

// Swap stores value like Write and returns what it replaced, in one step. A value
// of another type is ErrWrongType; where the old value does not fit the schema nothing
// is stored, so that nothing is lost. One round trip for strings and bytes (SET … GET);
// for other types, of whose texts some do not fit, one more (GET, and then SET … GET of
// what was read, as often as somebody else writes meanwhile).
func (f ScalarField[T]) Swap(ctx context.Context, value T, options ...WriteOption) (Previous[T], error) {
	return swapScalar(ctx, &f.at, value, options)
}

func swapScalar[T any](ctx context.Context, at *keyRef, value T, options []WriteOption) (previous Previous[T], err error) {
	text, err := textOfScalar(at, "Swap", value)
	text, exists, err := at.swapText(ctx, text, options, err)
	if exists {
		previous.Value, err = scalarOf[T](at, "Swap", text, err)
		previous.Exists = err == nil
	}
	return previous, err
}

// swapText is the text that was replaced, if there was one.
func (k *keyRef) swapText(ctx context.Context, text string, options []WriteOption, err error) (_ string, existed bool, _ error) {
	if err != nil {
		return "", false, err
	}
	cmd := drivers.Command{Op: drivers.OpSwap, Value: text}
	if err := k.replacing("Swap", &cmd, options); err != nil {
		return "", false, err
	}
	var old drivers.Reply
	if k.scalar().codec.Total {
		old, err = k.do(ctx, "Swap", &cmd)
	} else {
		old, err = k.swapChecked(ctx, &cmd)
	}
	if err == nil && cmd.If.Refuses(!old.Nil) {
		err = k.fail("Swap", refusedBy(cmd.If))
	}
	if err != nil {
		return "", false, err
	}
	return old.Value, !old.Nil, nil
}

// swapChecked replaces a value that decodes, and tells which.
func (k *keyRef) swapChecked(ctx context.Context, cmd *drivers.Command) (old drivers.Reply, err error) {
	err = k.optimistically(ctx, func() (bool, error) {
		if old, err = k.ask(ctx, "Swap", drivers.OpGet); err != nil {
			return false, err
		}
		if cmd.If.Refuses(!old.Nil) {
			return true, nil
		}
		if !old.Nil {
			if err := k.scalar().codec.Check(old.Value); err != nil {
				return false, err
			}
		}
		return k.compareAndSwap(ctx, "Swap", old, content{text: cmd.Value}, cmd.Expiry)
	})
	if err != nil {
		return old, k.fail("Swap", err)
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
	return updateScalar(ctx, f.at, change)
}

func updateScalar[T any](ctx context.Context, at keyRef, change func(T) (T, error)) (T, error) {
	var next, none T
	if change == nil {
		return none, at.lacksFunction("Update")
	}
	err := at.updateText(ctx, func(text string) (string, error) {
		old, err := at.scalar().codec.Decode[T](text)
		if err != nil {
			return "", err
		}
		if next, err = change(old); err != nil {
			return "", err
		}
		return at.scalar().codec.Encode(next)
	})
	if err != nil {
		return none, err
	}
	return next, nil
}

//go:noinline // see eachOf
func (k *keyRef) updateText(ctx context.Context, change func(text string) (string, error)) error {
	return k.update(ctx, "Update", drivers.Expiry{}, func(current drivers.Reply) (content, error) {
		if current.Nil {
			return content{}, ErrNotFound
		}
		next, err := change(current.Value)
		return content{text: next}, err
	})
}
