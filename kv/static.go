package kv

import (
	"context"

	"github.com/samber/lo"

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
	return StaticSchema{newSchema(node, func(r ref) StaticStore { return StaticStore{Store{r}} })}
}

// Field adds a field of any schema. The key's type must be the schema's handle.
func (s StaticSchema) Field[H any](key Key[H], field Schema[H]) StaticSchema {
	if field == nil {
		return newStatic(s.node.WithMistake("the field %q has a nil schema", string(key)))
	}
	return newStatic(s.node.WithField(string(key), field.definition().node))
}

// StaticStore is the handle of a static store.
type StaticStore struct{ Store }

// Take is the handle of a field. A name the schema does not have, or has with
// another type of handle, gives a handle every operation of which returns
// ErrUndeclared or ErrTypeMismatch. No round trip.
func (s StaticStore) Take[H any](key Key[H]) H { return take[H](s.at, string(key)) }

// Keys is the names of the fields that hold something, in the order of declaration. It
// asks for these alone: what lies beside them and is not declared is nothing to it, nor to
// Erase and Export of the store. One round trip (EXISTS of every declared key), and for a field that is or holds a
// dynamic store a scan that stops at the first key.
func (s StaticStore) Keys(ctx context.Context) ([]string, error) {
	if err := s.at.err(); err != nil {
		return nil, err
	}
	var names []string
	var places []ref
	for name, field := range s.at.fields() {
		names, places = append(names, name), append(places, field)
	}
	holding, err := s.at.holding(ctx, places)
	if err != nil {
		return nil, s.at.fail("Keys", err)
	}
	return lo.Filter(names, func(_ string, i int) bool { return holding[i] }), nil
}
