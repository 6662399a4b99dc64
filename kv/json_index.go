package kv

import (
	"fmt"
	"reflect"
	"slices"
	"sort"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// IndexKey is the name of an index of a collection, together with the type of the
// values it has. Declared once as a constant it makes a query by another type a compile
// error:
//
//	const ByPlayer kv.IndexKey[string] = "player"
type IndexKey[V IndexValue] string

// IndexOption declares an index of a collection of T: Index, Unique or Compound.
type IndexOption[T any] func(of *T) index

// Index declares that documents can be found by the values that values returns for
// them: any number, in any order. It must depend on nothing but what is stored of the
// document, and leave that as it is. One that panics makes the write ErrInvalid, and
// nothing is written.
func Index[T any, V IndexValue](key IndexKey[V], values func(T) []V) IndexOption[T] {
	return optionOf(key, values, false)
}

// Unique is an Index in which each value belongs to one document at most. A write of a value that another document
// has is ErrDuplicate, which names the holder, and changes nothing. Where the index may lack entries, because it was
// declared when there were documents already or because the server has evicted it, a write with a value of it is
// ErrIncomplete until Reindex has ended. A document that has expired holds no value.
func Unique[T any, V IndexValue](key IndexKey[V], values func(T) []V) IndexOption[T] {
	return optionOf(key, values, true)
}

// OrderKey is what the documents of a collection can be in the order of: an IndexKey or a
// CompoundKey.
type OrderKey interface {
	ordering() (index string, kind reflect.Type)
}

func (k IndexKey[V]) ordering() (string, reflect.Type) { return string(k), typeOf((*V)(nil)) }

// index is an index of documents. Its values are as it stores them.
type index struct {
	key      string
	kind     reflect.Type                         // of the values
	values   func(document any) ([]string, error) // of what a pointer points to
	declared bool                                 // its functions are there
	unique   bool
	parts    []reflect.Type // the types of its values
}

func optionOf[T any, V IndexValue](key IndexKey[V], values func(T) []V, unique bool) IndexOption[T] {
	kind := typeOf((*V)(nil))
	ix := index{key: string(key), kind: kind, declared: values != nil, unique: unique, parts: []reflect.Type{kind}}
	ix.values = func(document any) ([]string, error) {
		return sortables(values(*document.(*T)))
	}
	return func(*T) index { return ix }
}

// sortables are values as an index stores them.
func sortables[V IndexValue](values []V) ([]string, error) {
	texts := make([]string, len(values))
	for i, value := range values {
		text, err := gotext.Sortable(value)
		if err != nil {
			return nil, err
		}
		texts[i] = text
	}
	return texts, nil
}

// entries adds what the index has of a document to entries, each once and in order, whatever the order its function gives
// its values in. It makes a panic of a user's function an error.
func (ix index) entries(document any, entries []drivers.Entry) (_ []drivers.Entry, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("%w: the index %s: its function panicked: %v", ErrInvalid, ix.key, reason)
		}
	}()
	texts, err := ix.values(document)
	if err != nil {
		return nil, fmt.Errorf("the index %s: %w", ix.key, err)
	}
	slices.Sort(texts)
	for _, text := range slices.Compact(texts) {
		entries = append(entries, drivers.Entry{Name: ix.key, Value: text, Unique: ix.unique})
	}
	return entries, nil
}

// documentIndexes are the indexes of a collection.
type documentIndexes struct {
	all      []index // by their names, as entries are
	names    []string
	kinds    []reflect.Type // of their values
	values   []dsl.IndexValues
	mistakes []string
}

func (d *documentIndexes) declare(ix index) {
	d.all, d.names, d.kinds = append(d.all, ix), append(d.names, ix.key), append(d.kinds, ix.kind)
	sort.Slice(d.all, func(i, j int) bool { return d.all[i].key < d.all[j].key })
	d.values = append(d.values, dsl.IndexValues{Kinds: gotext.SortableKinds(ix.parts...), Unique: ix.unique})
	if !ix.declared {
		d.mistakes = append(d.mistakes, fmt.Sprintf("the index %q has no function", ix.key))
	}
}

// check refuses an index that is not declared, or not with values of that type.
func (d *documentIndexes) check(name string, kind reflect.Type) error {
	switch at := slices.Index(d.names, name); {
	case at < 0:
		return fmt.Errorf("the index %s: %w", name, ErrUndeclared)
	case d.kinds[at] != kind:
		return fmt.Errorf("the index %s: %w: %v, not %v", name, ErrTypeMismatch, d.kinds[at], kind)
	}
	return nil
}

// entriesOf is what the indexes have of the document that a pointer points to, each once and in order.
func (d *documentIndexes) entriesOf(document any) (entries []drivers.Entry, err error) {
	for _, ix := range d.all {
		if entries, err = ix.entries(document, entries); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// IndexValue is what documents can be indexed by. Strings sort by their bytes, numbers
// and times by size.
type IndexValue interface {
	~string | ~bool |
		~int | ~int8 | ~int16 | ~int32 | ~int64 |
		~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 |
		~float32 | ~float64 | time.Time
}
