package kv

import (
	"iter"
	"reflect"
	"strings"

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
	sliding bool // reading starts the expiry anew
	near    bool // what is read may be kept in the process
	fields  map[string]*bound
	element *bound
	isKey   func(text string) error // reports a text that is no key of the dynamic store
	indexed []indexedStore          // the stores around that keep a registry, the innermost first
	err     error                   // on the node of a failed Take: what every operation returns
}

func (b *bound) kind() dsl.Kind { return b.node.Kind() }

func (b *bound) isStore() bool { return b.node.IsStore() }

// index is what a dynamic store keeps of its keys, or nil.
func (b *bound) index() *dsl.Index { return b.node.Index() }

// bindTree binds the root of a schema, stored at key.
func bindTree(root *dsl.Node, key, pattern string) *bound {
	return bind(root, &bound{suffix: key, pattern: pattern}, strings.Count(key, separator)+1)
}

// bind completes b, which knows its path, of so many segments, and what is around it.
func bind(node *dsl.Node, b *bound, segments int) *bound {
	b.binding, b.node = node.Payload().(binding), node
	b.near = b.near || node.Near()
	if ttl := node.TTL(); ttl > 0 {
		b.expiry, b.sliding = drivers.In(ttl), node.Sliding()
	}
	switch node.Kind() {
	case dsl.Static:
		b.fields = map[string]*bound{}
		for _, field := range node.Fields() {
			below := separator + field.Node.TagSegment(field.Name)
			b.fields[field.Name] = bind(field.Node, &bound{suffix: b.suffix + below, pattern: b.pattern + below, indexed: b.indexed, near: b.near}, segments+1)
		}
	case dsl.Dynamic:
		indexed := b.indexed
		if index := node.Index(); index != nil {
			singleKey := !node.Element().IsStore()
			indexed = append([]indexedStore{{segments, singleKey, index.Stored(), node.Element()}}, indexed...)
		}
		b.isKey = b.shared.(interface{ Check(text string) error }).Check
		b.element = bind(node.Element(), &bound{pattern: b.pattern + separator + node.Element().TagSegment("*"), indexed: indexed, near: b.near}, segments+1)
	default: // a field has nothing below it
	}
	return b
}

// ref is where a store lies. Its path is put together only when it is needed: the
// base ends with the last dynamic segment, the node's suffix follows.
type ref struct {
	driver *boundDriver
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

// err is the error that the handle carries, or nil.
func (r ref) err() error {
	if r.node == nil {
		return errUnopened
	}
	return r.node.err
}

// carried is err as an operation returns it.
func (r ref) carried(op string) error {
	if err := r.err(); err != nil {
		return r.fail(op, err)
	}
	return nil
}

func (r ref) fail(op string, err error) error { return fail(op, r.path(), err) }

// failed is the place of a handle that carries err, at a path that may not exist.
func (r ref) failed(path string, err error) ref {
	return ref{r.driver, &bound{err: fail("Take", path, err)}, path}
}

const separator = dsl.Separator

// exclusive is a bound of a range, in Redis's notation, that is not in the range itself.
func exclusive(bound string) string { return "(" + bound }

// indexedStore is a dynamic store that keeps a registry of its keys, seen from below.
type indexedStore struct {
	segments  int  // of its path
	singleKey bool // a child of the store is one key
	names     []string
	element   *dsl.Node
}

// readPage is how many values are read in one round trip.
const readPage = 256

// binding makes handles of a node without the caller knowing their type.
type binding struct {
	bind   any                      // func(ref) H
	assign func(handle any, at ref) // sets the *H it is given
	handle reflect.Type             // H
	shared any                      // by all handles: how their values are written, for instance
}

// typeOf is the type of what a pointer points to. What is generic asks it in place of reflect.TypeFor, which the compiler makes
// anew for each type.
func typeOf(pointer any) reflect.Type { return reflect.TypeOf(pointer).Elem() }

// scanPage is how many members or keys an iterator asks for at a time.
const scanPage = 512
