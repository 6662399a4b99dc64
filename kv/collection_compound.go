package kv

import (
	"reflect"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// CompoundKey is the name of an index by two values, together with their types. The index has the documents in the
// order of the first value, and where that is the same, of the second. A query for one first value in the order of
// the second reads no more than its page. With two separate indexes, one to find documents and another to order them,
// a query goes through all documents that it finds.
type CompoundKey[A, B IndexValue] string

// Compound declares an index by two values. The functions first and second return the values of a document, and may
// be those of other indexes; each value of the first is combined with each of the second.
func Compound[T any, A, B IndexValue](key CompoundKey[A, B], first func(T) []A, second func(T) []B) IndexOption[T] {
	ix := index{
		key: string(key), kind: typeOf((*CompoundKey[A, B])(nil)), declared: first != nil && second != nil,
		values: func(pointer any) (texts []string, err error) {
			document := *pointer.(*T)
			for _, a := range first(document) {
				for _, b := range second(document) {
					text, err := gotext.SortablePair(a, b)
					if err != nil {
						return nil, err
					}
					texts = append(texts, text)
				}
			}
			return texts, nil
		},
		parts: []reflect.Type{typeOf((*A)(nil)), typeOf((*B)(nil))},
	}
	return func(*T) index { return ix }
}

// With holds for documents that have the first value, whatever the second.
func (k CompoundKey[A, B]) With(first A) Term { return compound(k, first, nil, nil) }

// Is holds for documents that have the two values.
func (k CompoundKey[A, B]) Is(first A, second B) Term {
	text, err := gotext.SortablePair(first, second)
	return termOf(k, span{exact: text, from: text, to: drivers.AfterValue(text)}, err)
}

// Between holds for documents that have the first value, and a second from from up to but not
// including to.
func (k CompoundKey[A, B]) Between(first A, from, to B) Term { return compound(k, first, from, to) }

// AtLeast holds for documents that have the first value, and a second that is not less than from.
func (k CompoundKey[A, B]) AtLeast(first A, from B) Term { return compound(k, first, from, nil) }

// Below holds for documents that have the first value, and a second less than to.
func (k CompoundKey[A, B]) Below(first A, to B) Term { return compound(k, first, nil, to) }

func (k CompoundKey[A, B]) ordering() (string, reflect.Type) {
	return string(k), typeOf((*CompoundKey[A, B])(nil))
}

func compound(key OrderKey, first, from, to any) Term {
	text, err := gotext.Sortable(first)
	term := between(key, text+gotext.ValueFollows, drivers.AfterValue(text), from, to)
	if err != nil {
		term.broken = err
	}
	return term
}
