package kv

import (
	"context"

	"github.com/kvstore-go/kvstore/dsl"
)

// NearOption is made by Near.
type NearOption struct{}

// Near declares that what is read of a field may be kept in the process as long as nothing has changed: such a read
// costs nanoseconds instead of a round trip. It takes effect with a driver of package drivers/near, which says how
// old what is read may be: no older than the news of a change takes to arrive, and never older than what the process
// itself wrote. With any other driver it changes nothing.
//
// Kept are: Read, ReadOr and Fetch (unless FreshFor or RefreshAhead is given) of single values, documents and hashes;
// Get of single fields of hashes and of maps; Has of maps and sets; and that one of these is absent. Everything else
// asks the store: several values or keys at once (ReadMany, GetMany, All), whole maps and sets, Exists, TTL and Len;
// what reads in order to write (Update, Swap); everything in a Batch or in Atomic, and everything with the context of
// Fresh.
//
// The value that a read returns is the caller's own, to be changed at will. Documents and hashes are decoded once and
// copied for each read. Single values are decoded each time, and so are types that cannot be copied, because they
// decode themselves or refer to something in fields that are not exported.
//
// A time to live that reading starts anew (Sliding) cannot be near: it is a mistake of the schema.
func Near() NearOption { return NearOption{} }

func (NearOption) declare(d *declaration) { d.near = true }
func (NearOption) scalar()                {}
func (NearOption) number()                {}
func (NearOption) json()                  {}
func (NearOption) element()               {}
func (NearOption) mapped()                {}

// AllNear declares a store, or any other schema, with all below it as Near.
func AllNear[H any](store Schema[H]) Schema[H] {
	return &schema[H]{nodeOf(store).WithNear()}
}

type freshKey struct{}

// Fresh is a context with which what is declared Near is read from the store. What is read is kept near again.
func Fresh(ctx context.Context) context.Context { return context.WithValue(ctx, freshKey{}, true) }

func isFresh(ctx context.Context) bool { return ctx.Value(freshKey{}) != nil }

// nearKeys are those that all that is declared Near in an opened schema has, or lies below.
func nearKeys(at *bound) (keys []string) {
	switch at.node.Kind() {
	case dsl.Static:
		for _, field := range at.node.Fields() { // whose suffix is the path, as nothing dynamic is above
			keys = append(keys, nearKeys(at.fields[field.Name])...)
		}
	case dsl.Dynamic:
		if anyNear(at.element) {
			keys = append(keys, at.suffix)
		}
	default:
		if at.keepsNear() {
			keys = append(keys, at.suffix)
		}
	}
	return keys
}

// anyNear reports whether something at a node, or below it, is declared Near.
func anyNear(at *bound) bool {
	if at.element != nil {
		return anyNear(at.element)
	}
	for _, field := range at.fields {
		if anyNear(field) {
			return true
		}
	}
	return at.keepsNear()
}

// keepsNear reports a field of which something is kept near.
func (b *bound) keepsNear() bool { return b.near && b.node.Kind().KeptNear() }
