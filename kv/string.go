package kv

import (
	"context"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// String declares a string of any bytes, up to 512 MB.
func String(options ...FieldOption) Schema[StringField] {
	node, _ := declare(dsl.NewField(dsl.String), options)
	return newSchema(node, func(r ref) StringField { return StringField{newField(r)} })
}

// String adds a string to the store.
func (s StaticSchema) String(key Key[StringField], options ...FieldOption) StaticSchema {
	return s.Field(key, String(options...))
}

// StringField is the handle of a string.
type StringField struct{ Field }

// Read is the value, or ErrNotFound. One round trip (GET).
func (f StringField) Read(ctx context.Context) (string, error) {
	reply, err := f.do(ctx, "Read", drivers.Command{Op: drivers.OpGet})
	if err == nil && reply.Nil {
		err = f.fail("Read", ErrNotFound)
	}
	return reply.Value, err
}

func (f StringField) readBy() drivers.Op { return drivers.OpGet }

func (f StringField) readFrom(reply drivers.Reply) (string, error) {
	if reply.Nil {
		return "", ErrNotFound
	}
	return reply.Value, nil
}

// ReadOr is the value, or fallback where there is none. One round trip (GET).
func (f StringField) ReadOr(ctx context.Context, fallback string) (string, error) {
	reply, err := f.do(ctx, "ReadOr", drivers.Command{Op: drivers.OpGet})
	if err == nil && reply.Nil {
		return fallback, nil
	}
	return reply.Value, err
}

// Write stores value. A TTL that is there is kept unless the schema or an option
// says otherwise; a condition that does not hold is ErrConditionFailed. As Redis's
// SET does, it replaces a value of any type. One round trip (SET).
func (f StringField) Write(ctx context.Context, value string, options ...WriteOption) error {
	return f.write(ctx, "Write", drivers.Command{Op: drivers.OpSet, Value: value}, options)
}

// Swap stores value like Write and returns what it replaced, in one step. A value
// of another type is ErrWrongType. One round trip (SET … GET).
func (f StringField) Swap(ctx context.Context, value string, options ...WriteOption) (Previous[string], error) {
	cmd, err := f.replacing("Swap", drivers.Command{Op: drivers.OpSwap, Value: value}, options)
	if err != nil {
		return Previous[string]{}, err
	}
	reply, err := f.do(ctx, "Swap", cmd)
	if err != nil {
		return Previous[string]{}, err
	}
	if cmd.If.Refuses(!reply.Nil) {
		return Previous[string]{}, f.fail("Swap", ErrConditionFailed)
	}
	return Previous[string]{Value: reply.Value, Exists: !reply.Nil}, nil
}

// Update replaces the value by what change makes of it and returns the new value.
// It is atomic: where somebody else writes meanwhile, change is called again with
// what is there now, so it must have no other effects; when the tries are used up
// the error is ErrConflict. The TTL is kept. An absent value is ErrNotFound; an error
// of change is returned, within a *Error, and nothing is stored. Two round trips
// (GET, compare-and-swap script), one where nothing changes.
func (f StringField) Update(ctx context.Context, change func(string) (string, error)) (string, error) {
	var next string
	err := f.update(ctx, "Update", drivers.Expiry{}, func(current drivers.Reply) (_ content, err error) {
		if current.Nil {
			return content{}, ErrNotFound
		}
		next, err = change(current.Value)
		return content{text: next}, err
	})
	if err != nil {
		return "", err
	}
	return next, nil
}

// Append adds suffix at the end, to nothing where there is no value, and returns
// the new size in bytes. One round trip (APPEND; with a TTL in the schema, a script).
func (f StringField) Append(ctx context.Context, suffix string) (int, error) {
	return f.count(ctx, "Append", f.changing(drivers.Command{Op: drivers.OpAppend, Value: suffix}))
}

// Size is the length in bytes, 0 where there is no value. One round trip (STRLEN).
func (f StringField) Size(ctx context.Context) (int, error) {
	return f.count(ctx, "Size", drivers.Command{Op: drivers.OpStrLen})
}
