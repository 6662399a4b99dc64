package kv

import (
	"fmt"
	"iter"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// bound is a node of an opened schema: what is known of it before any dynamic
// segment is, worked out once so that Take has nothing left to compute.
type bound struct {
	binding
	node    *dsl.Node
	suffix  string // the path since the last dynamic segment, with its separator: ":config"
	pattern string // the schema path, * for dynamic segments
	expiry  drivers.Expiry
	fields  map[string]*bound
	element *bound
	err     error // on the node of a failed Take: what every operation returns
}

func bindTree(node *dsl.Node, suffix, pattern string) *bound {
	b := &bound{
		binding: node.Payload().(binding),
		node:    node,
		suffix:  suffix,
		pattern: pattern,
	}
	if ttl := node.TTL(); ttl > 0 {
		b.expiry = drivers.In(ttl)
	}
	switch node.Kind() {
	case dsl.Static:
		b.fields = map[string]*bound{}
		for _, field := range node.Fields() {
			below := dsl.Separator + field.Name
			b.fields[field.Name] = bindTree(field.Node, suffix+below, pattern+below)
		}
	case dsl.Dynamic:
		b.element = bindTree(node.Element(), "", pattern+dsl.Separator+"*")
	default: // a field has nothing below it
	}
	return b
}

// ref is where a store lies. Its path is put together only when it is needed: the
// base ends with the last dynamic segment, the node's suffix follows.
type ref struct {
	driver drivers.Driver
	node   *bound
	base   string
}

func (r ref) path() string {
	if r.node == nil {
		return ""
	}
	return r.base + r.node.suffix
}

// in is the place of a declared field of the store.
func (r ref) in(field *bound) ref { return ref{r.driver, field, r.base} }

// fields goes through the declared fields of a static store in the order of declaration.
func (r ref) fields() iter.Seq2[string, ref] {
	return func(yield func(string, ref) bool) {
		for _, field := range r.node.node.Fields() {
			if !yield(field.Name, r.in(r.node.fields[field.Name])) {
				return
			}
		}
	}
}

// err is what the handle was given up for, or nil.
func (r ref) err() error {
	if r.node == nil {
		return errUnopened
	}
	return r.node.err
}

func (r ref) fail(op string, err error) error { return fail(op, r.path(), err) }

// failed is the place of a handle that carries err, at a path that may not exist.
func (r ref) failed(path string, err error) ref {
	return ref{r.driver, &bound{err: fail("Take", path, err)}, path}
}

// errUnopened is the error of a handle that is a zero value.
var errUnopened = fail("Take", "(no path)", fmt.Errorf("%w: the handle does not come from Open and Take", ErrUndeclared))

// fail wraps err once: what already names its operation and path stays as it is.
func fail(op, path string, err error) error {
	if wrapped, ok := err.(*Error); ok { //nolint:errorlint // only the outermost counts
		return wrapped
	}
	return &Error{Op: op, Path: path, Err: err}
}
