package kv

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// Term is a condition of a query: a value, or a range of values, of one index. The
// methods of IndexKey make it.
type Term struct {
	index  string
	kind   reflect.Type // of the values
	exact  string       // the value as the index has it, for Is
	from   string       // the range of members: [from, to), without an end if to is empty
	to     string
	broken error
}

func (k IndexKey[V]) term(from, to *V) Term {
	term := Term{index: string(k), kind: reflect.TypeFor[V]()}
	for _, end := range []struct {
		value *V
		text  *string
	}{{from, &term.from}, {to, &term.to}} {
		if end.value == nil {
			continue
		}
		text, err := gotext.Sortable(*end.value)
		if err != nil {
			term.broken = err
		}
		*end.text = text
	}
	return term
}

// Is holds for documents that have the value.
func (k IndexKey[V]) Is(value V) Term {
	term := k.term(&value, nil)
	term.exact, term.to = term.from, drivers.AfterValue(term.from)
	return term
}

// Between holds for documents that have a value from from up to but not including to.
func (k IndexKey[V]) Between(from, to V) Term { return k.term(&from, &to) }

// AtLeast holds for documents that have a value that is not less than from.
func (k IndexKey[V]) AtLeast(from V) Term { return k.term(&from, nil) }

// Below holds for documents that have a value less than to.
func (k IndexKey[V]) Below(to V) Term { return k.term(nil, &to) }

// checkTerms refuses terms of indexes that are not declared, or not so.
func checkTerms(terms []Term, names []string, kinds []reflect.Type) error {
	if len(terms) == 0 {
		return fmt.Errorf("%w: a query without a term", ErrInvalid)
	}
	for _, term := range terms {
		at := slices.Index(names, term.index)
		switch {
		case at < 0:
			return fmt.Errorf("the index %s: %w", term.index, ErrUndeclared)
		case kinds[at] != term.kind:
			return fmt.Errorf("the index %s: %w: %v, not %v", term.index, ErrTypeMismatch, kinds[at], term.kind)
		case term.broken != nil:
			return fmt.Errorf("the index %s: %w", term.index, term.broken)
		}
	}
	return nil
}

// holds reports whether an entry of a document satisfies the term.
func (t Term) holds(entry drivers.Entry) bool {
	return entry.Name == t.index && entry.Value >= t.from && (t.to == "" || entry.Value < t.to)
}

// min and max are the term's range of members in Redis's notation.
func (t Term) min() string {
	if t.from == drivers.Seal {
		return "(" + drivers.Seal
	}
	return "[" + t.from
}

func (t Term) max() string {
	if t.to == "" {
		return "+"
	}
	return "(" + t.to
}
