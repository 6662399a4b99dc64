package kv

import (
	"github.com/kvstore-go/kvstore/dsl"
)

// Store is what the handles of stores have in common: a place, and the operations on all
// that lies below it. A handle is an immutable value, cheap to copy, and safe for any
// number of goroutines.
//
// In Redis: [SCAN], [UNLINK], [EXISTS], [PEXPIRE].
//
// [SCAN]: https://redis.io/docs/latest/commands/scan/
// [UNLINK]: https://redis.io/docs/latest/commands/unlink/
// [EXISTS]: https://redis.io/docs/latest/commands/exists/
// [PEXPIRE]: https://redis.io/docs/latest/commands/pexpire/
type Store struct{ at ref }

// The handles of stores are made for every type of keys and elements, and the compiler
// repeats what they embed for each: so Store has few methods, and ref has the others.

// Path is the storage key everything in the store begins with.
func (s Store) Path() string { return s.at.path() }

// Entry is a key of a dynamic store with what it holds.
type Entry[K, T any] struct {
	Key   K
	Value T
}

// Static declares a store with a fixed set of named fields, none yet. As a root it
// is stored under its name; nested, it is stored under the name of the field that
// holds it, and its own name is a label for people.
func Static(name string) StaticSchema { return newStatic(dsl.NewStatic(name)) }

// StaticSchema is the schema of a static store. Its methods return a new schema
// with a field more; the one they are called on stays as it is.
//
// Where H can be one handle only, as for Set, or K one type of keys, as for String, it need never be written: it makes the
// method one that costs the compiler nothing where it is not called. What embeds a ScalarField is not named by what is
// generic: the compiler would make its methods once more.
type StaticSchema struct{ *schema[StaticStore] }

func newStatic(node *dsl.Node) StaticSchema {
	return StaticSchema{newSchema(node, func(r ref) StaticStore { return StaticStore{Store{r}} })}
}

// Field adds a field of any schema. The key's type must be the schema's handle.
func (s StaticSchema) Field[H any](key Key[H], field Schema[H]) StaticSchema {
	return s.with(string(key), field)
}

// with is Field for methods whose handle embeds a ScalarField: it is not generic, see StaticSchema.
//
//go:noinline // into Field, for each handle
func (s StaticSchema) with(name string, field interface{ Tree(at ...string) dsl.Tree }) StaticSchema {
	return newStatic(s.declared().WithField(name, nodeOf(field)))
}

// declared is what has been declared of the store.
func (s StaticSchema) declared() *dsl.Node {
	if s.schema == nil {
		return zeroStatic
	}
	return s.node
}

// zeroStatic is what fields are added to where not even the name of the store was declared.
var zeroStatic = dsl.NewStatic("").WithMistake("a zero StaticSchema, to which fields were added: it begins with kv.Static")

// StaticStore is the handle of a static store.
type StaticStore struct{ Store }

// Take is the handle of a field. A name the schema does not have, or has with
// another type of handle, gives a handle every operation of which returns
// ErrUndeclared or ErrTypeMismatch. A Handle that is neither a handle nor a view of
// handles, such as an int, has no place for an error, and comes as its zero value. No round trip.
//
// Where the compiler "cannot infer Handle", the key is a plain string, which has no type: make it a
// constant of type Key, say the type, as in Take[kv.SetField]("tags"), or use a view.
func (s StaticStore) Take[Handle any](key Key[Handle]) Handle {
	return handle[Handle](s.at.declared(string(key)))
}
