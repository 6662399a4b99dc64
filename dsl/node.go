package dsl

import (
	"fmt"
	"slices"
	"time"
)

// Node is one node of a schema. Nodes are immutable: every With method returns a
// changed copy, so that a node may be shared between any number of trees and
// goroutines.
type Node struct {
	kind     Kind
	label    string
	fields   []Field
	element  *Node
	ttl      time.Duration
	sliding  bool
	near     bool
	bits     Bits
	tagged   bool
	index    *Index
	facts    facts
	detail   string
	mistakes []string
	payload  any
}

// Field is a named child of a static store.
type Field struct {
	Name string
	Node *Node
}

// Bits is the shape of a bitset's slots.
type Bits struct {
	Width    int
	Signed   bool
	Overflow string // what a slot does with a number that does not fit: wrap, saturate, fail
}

// String is the shape as Redis writes it: i16, u8.
func (b Bits) String() string {
	if b.Signed {
		return fmt.Sprintf("i%d", b.Width)
	}
	return fmt.Sprintf("u%d", b.Width)
}

// Index says that a dynamic store keeps a registry of its keys, and of what its
// documents have in its indexes.
type Index struct {
	Names []string // the indexes by name; none if keys alone are indexed
	// Values are what each of them is by, as far as that is known: the front end's own.
	Values []IndexValues
}

// IndexValues are the values of an index.
type IndexValues struct {
	Kinds  []string // the kind of the value, or of both if it is by two
	Unique bool     // a value is that of one document at most
}

// Stored are the names of the indexes as they are stored. The first, which is empty, is that of
// the keys themselves, in their order.
func (x *Index) Stored() []string { return append([]string{""}, x.Names...) }

// NewField is a node that holds a value of the given kind.
func NewField(kind Kind) *Node { return &Node{kind: kind} }

// NewStatic is a store without fields yet. The label names it: the key of a root,
// and a word for people where the store is nested.
func NewStatic(label string) *Node { return &Node{kind: Static, label: label} }

// NewDynamic is a store of any number of keys whose values are all of element.
func NewDynamic(element *Node) *Node { return &Node{kind: Dynamic, element: orInvalid(element)} }

// orInvalid is a node that Validate refuses where there is none.
func orInvalid(n *Node) *Node {
	if n == nil {
		return NewField(Invalid)
	}
	return n
}

// Kind is what the node holds.
func (n *Node) Kind() Kind { return n.kind }

// Label is the name a static store was given.
func (n *Node) Label() string { return n.label }

// Fields are the named children of a static store in the order of declaration.
func (n *Node) Fields() []Field { return slices.Clone(n.fields) }

// Element is what every key of a dynamic store holds.
func (n *Node) Element() *Node { return n.element }

// TTL is the time to live the schema gives to values, or 0.
func (n *Node) TTL() time.Duration { return n.ttl }

// Bits is the shape of a bitset's slots.
func (n *Node) Bits() Bits { return n.bits }

// Tagged reports whether the segment that leads to the node is a hash tag, so that
// everything below it lies in one slot of a cluster.
func (n *Node) Tagged() bool { return n.tagged }

// Index is what a dynamic store keeps of its keys, or nil.
func (n *Node) Index() *Index { return n.index }

// Detail says in a few words what the kind leaves open, such as the Go type of a
// document or of a dynamic store's keys.
func (n *Node) Detail() string { return n.detail }

// Payload is what the front end attached to the node; this package does not look at it.
func (n *Node) Payload() any { return n.payload }

// WithField adds a child to a static store.
func (n *Node) WithField(name string, child *Node) *Node {
	return n.with(func(n *Node) { n.fields = append(slices.Clip(n.fields), Field{name, orInvalid(child)}) })
}

// WithBits gives a bitset the shape of its slots.
func (n *Node) WithBits(bits Bits) *Node {
	return n.with(func(n *Node) { n.bits = bits })
}

// Sliding reports whether reading a value starts its time to live anew.
func (n *Node) Sliding() bool { return n.sliding }

// WithSliding lets reading a value start its time to live anew.
func (n *Node) WithSliding() *Node {
	return n.with(func(n *Node) { n.sliding = true })
}

// Near reports whether what is read of the node, and of all below it, may be kept in the process as
// long as nothing changes.
func (n *Node) Near() bool { return n.near }

// WithNear lets what is read of the node, and of all below it, be kept in the process.
func (n *Node) WithNear() *Node {
	return n.with(func(n *Node) { n.near = true })
}

// WithTTL gives values a time to live.
func (n *Node) WithTTL(ttl time.Duration) *Node {
	return n.with(func(n *Node) { n.ttl = ttl })
}

// WithTag makes the segment that leads to the node a hash tag.
func (n *Node) WithTag() *Node {
	return n.with(func(n *Node) { n.tagged = true })
}

// WithIndex makes a dynamic store keep a registry of its keys, and indexes of the given names.
func (n *Node) WithIndex(names ...string) *Node {
	return n.with(func(n *Node) { n.index = &Index{Names: slices.Clone(names)} })
}

// WithIndexValues says what the indexes are by, in the order of their names.
func (n *Node) WithIndexValues(values ...IndexValues) *Node {
	return n.with(func(n *Node) {
		index := Index{Values: slices.Clone(values)}
		if n.index != nil {
			index.Names = n.index.Names
		}
		n.index = &index
	})
}

// WithDetail describes what the kind leaves open.
func (n *Node) WithDetail(detail string) *Node {
	return n.with(func(n *Node) { n.detail = detail })
}

// WithMistake records a mistake of whoever declared the node, to be reported by
// Validate with all the others.
func (n *Node) WithMistake(format string, args ...any) *Node {
	return n.with(func(n *Node) { n.mistakes = append(slices.Clip(n.mistakes), fmt.Sprintf(format, args...)) })
}

// WithPayload attaches what the front end needs to find at the node.
func (n *Node) WithPayload(payload any) *Node {
	return n.with(func(n *Node) { n.payload = payload })
}

func (n *Node) with(change func(*Node)) *Node {
	changed := *n
	change(&changed)
	return &changed
}
