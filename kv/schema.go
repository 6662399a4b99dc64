package kv

import (
	"github.com/kvstore-go/kvstore/dsl"
)

// Schema declares what is stored at a place and is reached there by a handle of
// type H. Schemas are immutable values: share and nest them at will.
type Schema[H any] interface {
	// Tree is the untyped schema as it is stored behind the segments at: to print
	// as a tree or a Mermaid chart, to parse keys with, to walk.
	Tree(at ...string) dsl.Tree

	definition() *schema[H] // by which the compiler infers H
}

// schema is the one implementation behind every Schema: a node, with how to make
// a handle of it as its payload.
type schema[H any] struct{ node *dsl.Node }

func newSchema[H any](node *dsl.Node, bind func(ref) H) *schema[H] {
	return newSchemaOf(node, nil, bind)
}

// newSchemaOf is newSchema with what all handles of the node share, and need not carry: so they
// are small, and one to the compiler.
func newSchemaOf[H any](node *dsl.Node, shared any, bind func(ref) H) *schema[H] {
	return &schema[H]{bindTo(node, binding{
		bind:   bind,
		assign: func(handle any, at ref) { *handle.(*H) = bind(at) },
		handle: typeOf((*H)(nil)),
		shared: shared,
	})}
}

// bindTo is a node with how its handles are made.
//
//go:noinline // into what is made for each handle
func bindTo(node *dsl.Node, how binding) *dsl.Node { return node.WithPayload(how) }

func (s *schema[H]) definition() *schema[H] { return s }

// Tree implements Schema.
func (s *schema[H]) Tree(at ...string) dsl.Tree {
	if s == nil { // in a zero StaticSchema
		return dsl.Tree{At: at}
	}
	return dsl.Tree{At: at, Root: s.node}
}

// nodeOf is the node of a schema. That of one that is nil, or a zero value, is a mistake, reported by Open.
func nodeOf(schema interface{ Tree(at ...string) dsl.Tree }) *dsl.Node {
	if !isNil(schema) {
		if node := schema.Tree().Root; node != nil {
			return node
		}
	}
	return dsl.NewField(dsl.Invalid)
}

// Key is the name of a field of a static store, together with the type of handle
// the field is reached by. Declared once as a constant it gives Take its type:
//
//	const Baz kv.Key[kv.SetField] = "baz"
//
// An untyped string constant is a Key of any type, which Take checks at run time.
type Key[H any] string
