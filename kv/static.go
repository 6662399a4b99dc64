package kv

import (
	"context"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// Static declares a store with a fixed set of named fields, none yet. As a root it
// is stored under its name; nested, it is stored under the name of the field that
// holds it, and its own name is a label for people.
func Static(name string) StaticSchema { return newStatic(dsl.NewStatic(name)) }

// StaticSchema is the schema of a static store. Its methods return a new schema
// with a field more; the one they are called on stays as it is.
type StaticSchema struct{ schema[StaticStore] }

func newStatic(node *dsl.Node) StaticSchema {
	return StaticSchema{newSchema(node, func(r ref) StaticStore { return StaticStore{r} })}
}

// Field adds a field of any schema. The key's type must be the schema's handle.
func (s StaticSchema) Field[H any](key Key[H], field Schema[H]) StaticSchema {
	if field == nil {
		return newStatic(s.node.WithMistake("the field %q has a nil schema", string(key)))
	}
	return newStatic(s.node.WithField(string(key), field.definition().node))
}

// StaticStore is the handle of a static store.
type StaticStore struct{ ref }

func (s *StaticStore) place(r ref) { s.ref = r }

// Take is the handle of a field. A name the schema does not have, or has with
// another type of handle, gives a handle every operation of which returns
// ErrUndeclared or ErrTypeMismatch. No round trip.
func (s StaticStore) Take[H any](key Key[H]) H { return take[H](s.ref, string(key)) }

// Keys is the names of the fields that hold something, in the order of declaration.
// One round trip (EXISTS of every declared key), and for a field that is or holds a
// dynamic store a scan that stops at the first key.
func (s StaticStore) Keys(ctx context.Context) ([]string, error) {
	if err := s.err(); err != nil {
		return nil, err
	}
	var names []string
	holding := map[string]bool{}
	var owners []string // of the keys in the batch
	batch := drivers.NewBatch()
	for name, field := range s.fields() {
		names = append(names, name)
		for key, node := range declaredKeys(field) {
			owners = append(owners, name)
			batch.Items = append(batch.Items, drivers.Item{Command: drivers.Command{Op: drivers.OpExists, Key: key, Pattern: node.pattern}})
		}
	}
	if err := s.runBatch(ctx, "Keys", batch); err != nil {
		return nil, err
	}
	for i, item := range batch.Items {
		holding[owners[i]] = holding[owners[i]] || item.Reply.Int == 1
	}
	for name, field := range s.fields() {
		if holding[name] {
			continue
		}
		below, err := field.anyChild(ctx)
		if err != nil {
			return nil, s.fail("Keys", err)
		}
		holding[name] = below
	}
	return slices.DeleteFunc(names, func(name string) bool { return !holding[name] }), nil
}
