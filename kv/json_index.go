package kv

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// IndexKey is the name of an index of a collection, together with the type of the
// values it has. Declared once as a constant it makes a query by another type a compile
// error:
//
//	const ByPlayer kv.IndexKey[string] = "player"
type IndexKey[V IndexValue] string

// IndexOption declares an index of a collection of T: Index or Unique.
type IndexOption[T any] interface {
	declare(*documentIndexes[T])
}

// Index declares that documents can be found by the values that values returns for
// them: any number, in any order. It must depend on nothing but what is stored of the
// document, and leave that as it is. One that panics makes the write ErrInvalid, and
// nothing is written.
func Index[T any, V IndexValue](key IndexKey[V], values func(T) []V) IndexOption[T] {
	return index[T, V]{key, values, false}
}

// Unique is an Index that has a value for one document at most: a write that would make
// it two is ErrDuplicate, names the holder, and changes nothing. Where the index is not known to
// have all that it should - it was declared on data that is there, or was evicted - a write with
// a value of it is ErrIncomplete until Reindex has been through. A document that has
// expired holds nothing.
func Unique[T any, V IndexValue](key IndexKey[V], values func(T) []V) IndexOption[T] {
	return index[T, V]{key, values, true}
}

type index[T any, V IndexValue] struct {
	key    IndexKey[V]
	values func(T) []V
	unique bool
}

func (ix index[T, V]) declare(all *documentIndexes[T]) {
	all.names = append(all.names, string(ix.key))
	all.kinds = append(all.kinds, reflect.TypeFor[V]())
	all.add = append(all.add, func(document T, entries []drivers.Entry) ([]drivers.Entry, error) {
		values, err := call(ix.values, document)
		if err != nil {
			return nil, fmt.Errorf("%w: the index %s: %w", ErrInvalid, ix.key, err)
		}
		for _, value := range values {
			text, err := gotext.Sortable(value)
			if err != nil {
				return nil, fmt.Errorf("the index %s: %w", ix.key, err)
			}
			entries = append(entries, drivers.Entry{Name: string(ix.key), Value: text, Unique: ix.unique})
		}
		return entries, nil
	})
	if ix.values == nil {
		all.mistakes = append(all.mistakes, fmt.Sprintf("the index %q has no function", string(ix.key)))
	}
}

// call makes a panic of a user's function an error.
func call[T, V any](values func(T) []V, document T) (_ []V, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("its function panicked: %v", reason)
		}
	}()
	return values(document), nil
}

// documentIndexes are the indexes of a collection.
type documentIndexes[T any] struct {
	names    []string
	kinds    []reflect.Type // of their values
	add      []func(document T, entries []drivers.Entry) ([]drivers.Entry, error)
	mistakes []string
}

// entries are what the indexes have of a document, each once and in order, whatever the
// order the functions give their values in.
func (d *documentIndexes[T]) entriesOf(pointer any) (entries []drivers.Entry, err error) {
	document := *pointer.(*T)
	for _, add := range d.add {
		if entries, err = add(document, entries); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(entries, func(a, b drivers.Entry) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value))
	})
	return slices.Compact(entries), nil
}

// IndexValue is what documents can be indexed by. Strings sort by their bytes, numbers
// and times by size.
type IndexValue interface {
	~string | ~bool |
		~int | ~int8 | ~int16 | ~int32 | ~int64 |
		~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 |
		~float32 | ~float64 | time.Time
}
