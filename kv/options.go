package kv

import (
	"fmt"
	"iter"
	"reflect"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/jsonval"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// given are the options that are not nil: a nil option is none, so that one can be chosen by an if.
func given[O any](options []O) iter.Seq[O] {
	return func(yield func(O) bool) {
		for _, option := range options {
			if !isNil(option) && !yield(option) {
				return
			}
		}
	}
}

// isNil finds nil pointers and functions behind an interface, too.
func isNil(value any) bool {
	v := reflect.ValueOf(value)
	return !v.IsValid() || (v.Kind() == reflect.Pointer || v.Kind() == reflect.Func) && v.IsNil()
}

// WriteOption changes one write: ExpireIn, ExpireAt, NoExpiry, IfAbsent, IfExists.
type WriteOption interface{ write(*drivers.Command) }

// FieldOption is an option any kind of field can be declared with: ExpireIn.
type FieldOption interface {
	declare(*declaration)
	everyField()
}

// ElementOption is an option that a collection of elements, or a struct of fields, can be declared with: ExpireIn,
// Upgrade, StoreAs, of sets and hashes Near.
type ElementOption interface {
	declare(*declaration)
	element()
}

// ScalarOption is an option a single value can be declared with: ExpireIn, Sliding, Near.
type ScalarOption interface {
	declare(*declaration)
	scalar()
}

// BitSetOption is an option a bitset can be declared with: ExpireIn, Wrap, Saturate, Fail.
type BitSetOption interface {
	declare(*declaration)
	bitSet()
}

// JSONOption is an option a document can be declared with: ExpireIn, Sliding,
// Validation, Upgrade, StoreAs, Near.
type JSONOption interface {
	declare(*declaration)
	json()
}

// NumberOption is an option a number can be declared with: ExpireIn, Sliding, AtLeast, AtMost, Near.
type NumberOption interface {
	declare(*declaration)
	number()
}

// MapOption is an option a map can be declared with: ExpireIn, Near, of a map of numbers
// AtLeast and AtMost, of a map of documents Upgrade and StoreAs.
type MapOption interface {
	declare(*declaration)
	mapped()
}

// ListOption is an option a list can be declared with: ExpireIn, Capped, Upgrade,
// StoreAs.
type ListOption interface {
	declare(*declaration)
	list()
}

// StreamOption is an option a stream can be declared with: ExpireIn, Capped,
// Upgrade, StoreAs.
type StreamOption interface {
	declare(*declaration)
	stream()
}

// declaration collects the options of a field.
type declaration struct {
	bounds   bounds
	ttl      *time.Duration
	sliding  bool // reading starts it anew
	near     bool
	overflow drivers.Overflow
	capped   bool
	cap      int64 // 0 for a field without one
	json     []jsonval.Option
	older    gotext.Older
	mistake  string
}

// anyField marks an option as fit for every kind of field.
type anyField struct{}

func (anyField) everyField() {}
func (anyField) element()    {}
func (anyField) scalar()     {}
func (anyField) bitSet()     {}
func (anyField) json()       {}
func (anyField) number()     {}
func (anyField) mapped()     {}
func (anyField) list()       {}
func (anyField) stream()     {}

// Lifetime is a time to live, for one write or for a whole schema.
type Lifetime struct {
	anyField
	duration time.Duration
}

// ExpireIn lets a value end d after it is written, rounded up to milliseconds.
//
// In a schema it holds for the field whatever its type, always in the same atomic
// step: Write starts the time anew; operations that change a part of a value (Add,
// Append, Increment) leave the time running and start it where there is none.
//
// A d that is not positive, or below a millisecond as ExpireIn(5) is, which is five
// nanoseconds, is ErrInvalid, or a mistake of the schema.
func ExpireIn(d time.Duration) Lifetime { return Lifetime{duration: d} }

func (l Lifetime) write(cmd *drivers.Command) { cmd.Expiry = drivers.In(l.duration) }
func (l Lifetime) declare(d *declaration)     { d.ttl, d.sliding = &l.duration, false }

// SlidingLifetime is a time to live that reading starts anew.
type SlidingLifetime time.Duration

// Sliding declares that a single value or a document ends once it has neither been written nor read for d, as a
// session does. It is ExpireIn, except that Read and ReadOr start the time anew as well, in the same round trip
// (GETEX). They do so whatever time was left, even where an option of Write had set another.
//
// So each Read is a write, with what follows from that: the user needs the right to it; a replica refuses it; a
// transaction of another program that has read the value conflicts with it; if its reply is lost, it is
// ErrIndeterminate. In a Batch it is one command more, in Atomic it is committed with the rest. The time is left as
// it is by what reads many values at once (ReadMany, All, Find, Export), by Exists and TTL, by what reads only in
// order to write (Update, Swap), and by operations on a part of the value.
func Sliding(d time.Duration) SlidingLifetime { return SlidingLifetime(d) }

func (l SlidingLifetime) declare(d *declaration) {
	ttl := time.Duration(l)
	d.ttl, d.sliding = &ttl, true
}
func (l SlidingLifetime) scalar() {}
func (l SlidingLifetime) number() {}
func (l SlidingLifetime) json()   {}

type writeExpiry drivers.Expiry

func (e writeExpiry) write(cmd *drivers.Command) { cmd.Expiry = drivers.Expiry(e) }

// ExpireAt lets the value that is written end at t, to the millisecond. A moment
// in the past leaves no value at all.
func ExpireAt(t time.Time) WriteOption { return writeExpiry(drivers.At(t)) }

// NoExpiry lets the value that is written stay for ever, whatever the schema or
// an earlier write said. Without any of these options Write keeps a TTL that is there.
var NoExpiry WriteOption = writeExpiry{Mode: drivers.ClearTTL}

type writeCondition drivers.Condition

func (c writeCondition) write(cmd *drivers.Command) { cmd.If = drivers.Condition(c) }

// Conditions of a write. Where one does not hold the write is ErrConditionFailed
// and nothing is changed.
var (
	IfAbsent WriteOption = writeCondition(drivers.IfAbsent)
	IfExists WriteOption = writeCondition(drivers.IfExists)
)

// OverflowOption says what a slot of a bitset does with a number that does not fit.
type OverflowOption drivers.Overflow

// The ways to overflow, as BITFIELD's OVERFLOW has them.
const (
	// Wrap keeps the low bits. It is what a bitset does if nothing is declared.
	Wrap = OverflowOption(drivers.Wrap)
	// Saturate keeps the nearest number that fits.
	Saturate = OverflowOption(drivers.Saturate)
	// Fail refuses the number: ErrOverflow.
	Fail = OverflowOption(drivers.Fail)
)

func (o OverflowOption) declare(d *declaration) { d.overflow = drivers.Overflow(o) }
func (o OverflowOption) bitSet()                {}

// String is the way to overflow in lower case.
func (o OverflowOption) String() string {
	names := [...]string{"wrap", "saturate", "fail"}
	if int(o) < len(names) {
		return names[o]
	}
	return fmt.Sprintf("OverflowOption(%d)", uint8(o))
}

type validation []jsonval.Option

// Validation hands options to the codec of a document: jsonval.Strict,
// schemas.HandWritten, jsonval.NilAsEmpty, jsonval.MaxSize, jsonval.MaxDepth.
func Validation(options ...jsonval.Option) JSONOption { return validation(options) }

func (v validation) declare(d *declaration) { d.json = append(d.json, v...) }
func (v validation) json()                  {}

// Cap is how many elements a list or a stream keeps.
type Cap int

// Capped declares how many elements stay, at least one. Where one too many is put in, the
// one at the other end is dropped in the same atomic step; a stream drops the oldest.
func Capped(elements int) Cap { return Cap(elements) }

func (c Cap) declare(d *declaration) { d.capped, d.cap = true, int64(c) }
func (c Cap) list()                  {}
func (c Cap) stream()                {}

// Bound is the least or the greatest number that is allowed, of an Int, a Float or the values
// of a Map. What minimum and maximum say in the jsonschema tag of a field of a Hash is the same.
type Bound struct {
	text  string
	which func(*bounds) *string
}

// AtLeast declares the least number that is allowed.
func AtLeast[N ~int | ~int64 | ~float64](number N) Bound {
	return Bound{fmt.Sprint(number), func(b *bounds) *string { return &b.least }}
}

// AtMost declares the greatest number that is allowed.
func AtMost[N ~int | ~int64 | ~float64](number N) Bound {
	return Bound{fmt.Sprint(number), func(b *bounds) *string { return &b.most }}
}

func (b Bound) declare(d *declaration) {
	if b.which == nil {
		d.mistake = "a Bound that neither AtLeast nor AtMost has made"
		return
	}
	*b.which(&d.bounds) = b.text
}
func (b Bound) number() {}
func (b Bound) mapped() {}

// declare applies the options of a field to its node; what is not for every kind
// is in the declaration.
func declare[O interface{ declare(*declaration) }](node *dsl.Node, options []O) (*dsl.Node, declaration) {
	var declared declaration
	for option := range given(options) {
		option.declare(&declared)
	}
	return declared.of(node), declared
}

// of is a node with what was declared of every type. It is no part of declare, which is compiled for each type of options.
func (declared *declaration) of(node *dsl.Node) *dsl.Node {
	switch ttl := declared.ttl; {
	case ttl == nil:
	case *ttl < time.Millisecond:
		node = node.WithMistake("a time to live of %v: it must be a millisecond at least", *ttl)
	default:
		if node = node.WithTTL(*ttl); declared.sliding {
			node = node.WithSliding()
		}
	}
	if declared.near {
		node = node.WithNear()
	}
	if declared.mistake != "" {
		node = node.WithMistake("%s", declared.mistake)
	}
	if declared.capped && declared.cap <= 0 {
		node = node.WithMistake("a cap of %d elements: it must be positive", declared.cap)
	}
	return node.WithCap(int(declared.cap))
}

// bounds are the least and the greatest number allowed, as text; empty where there is none.
type bounds struct{ least, most string }
