package dsl

import (
	"slices"
	"time"
)

// Form is what is stored of a value, as text: of a document, of an element of a collection, of a key. That
// of a struct which is stored as a hash has a field for each text.
type Form struct {
	Type     string // what a program calls it: a word for people, and for Marshaled all there is to know
	Notation Notation
	// Schema is a JSON Schema of the values, where there is more to say of them than the notation does.
	Schema string
	// HandWritten is whether the schema was given by whoever declared it, instead of being made of the type.
	HandWritten bool
	// Orders are the orders in which the members of documents are written, sorted: elements of sets are found by their text.
	Orders [][]string
	Fields []FormField // of HashFields
}

// FormField is a field of a struct that is stored as a hash.
type FormField struct {
	Name     string
	Form     Form
	Required bool
	// Default is the text of a field that is not stored, if it has one; without it, it is the zero value.
	Default string
}

// Notation is how values are written as text.
type Notation string

// The notations.
const (
	Document   Notation = "JSON"
	Plain      Notation = "string"           // a string is its own text
	Binary     Notation = "bytes"            // so are bytes
	Signed     Notation = "integer"          // of 64 bits, in decimal
	Unsigned   Notation = "unsigned integer" // of 64 bits, in decimal
	Number     Notation = "number"           // finite, of 64 bits, in any decimal notation
	Truth      Notation = "boolean"          // true or false
	Moment     Notation = "time"             // in UTC, of RFC 3339
	Span       Notation = "duration"         // 1h2m3.5s
	Marshaled  Notation = "marshaled"        // as the type itself has it
	HashFields Notation = "fields"           // of a hash, each with its own
)

// Rate is how much a limiter admits: so many in a period, and up to a burst of them at once.
type Rate struct {
	Count  int
	Period time.Duration
	Burst  int
}

// facts are what fields of some kinds have besides.
type facts struct {
	forms []Form
	keys  Form
	limit int
	lease time.Duration
	rates []Rate
}

// Forms are those that a document or an element may be stored in, the newest first. The others are older
// ones that can still be read.
func (n *Node) Forms() []Form { return slices.Clone(n.facts.forms) }

// WithForms says in which forms a document or an element may be stored, the newest first.
func (n *Node) WithForms(forms ...Form) *Node {
	return n.with(func(n *Node) { n.facts.forms = slices.Clone(forms) })
}

// Keys is the form of the keys of a dynamic store, or of a map.
func (n *Node) Keys() Form { return n.facts.keys }

// WithKeys says what the keys of a dynamic store, or of a map, are.
func (n *Node) WithKeys(form Form) *Node {
	return n.with(func(n *Node) { n.facts.keys = form })
}

// Cap is how many elements a list or a stream keeps; 0 is all of them.
func (n *Node) Cap() int { return n.facts.limit }

// WithCap lets a list or a stream keep so many elements.
func (n *Node) WithCap(elements int) *Node {
	return n.with(func(n *Node) { n.facts.limit = elements })
}

// Lease is how long a lock is held that is not renewed.
func (n *Node) Lease() time.Duration { return n.facts.lease }

// WithLease says how long a lock is held that is not renewed.
func (n *Node) WithLease(lease time.Duration) *Node {
	return n.with(func(n *Node) { n.facts.lease = lease })
}

// Rates are those of a limiter, as far as the schema has them.
func (n *Node) Rates() []Rate { return slices.Clone(n.facts.rates) }

// WithRates gives a limiter its rates.
func (n *Node) WithRates(rates ...Rate) *Node {
	return n.with(func(n *Node) { n.facts.rates = slices.Clone(rates) })
}
