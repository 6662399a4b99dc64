package kv

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// Term is a condition of a query. The methods of IndexKey and CompoundKey make it of a value, or a
// range of values, of one index; Or of several terms.
type Term struct {
	spans  []span // one of them must hold
	broken error
}

// span is a range of values of an index.
type span struct {
	index string
	kind  reflect.Type // of the values
	exact string       // the value as the index has it, if it is one
	from  string       // the range of members: [from, to), without an end if to is empty
	to    string
}

// Or holds for documents for which one of terms holds.
func Or(terms ...Term) Term {
	var any Term
	for _, term := range terms {
		any.spans = append(any.spans, term.spans...)
		if term.broken != nil {
			any.broken = term.broken
		}
	}
	return any
}

// Is holds for documents that have the value.
func (k IndexKey[V]) Is(value V) Term { return exactly(k, value) }

// Between holds for documents that have a value from from up to but not including to.
func (k IndexKey[V]) Between(from, to V) Term { return between(k, "", "", from, to) }

// AtLeast holds for documents that have a value that is not less than from.
func (k IndexKey[V]) AtLeast(from V) Term { return between(k, "", "", from, nil) }

// Below holds for documents that have a value less than to.
func (k IndexKey[V]) Below(to V) Term { return between(k, "", "", nil, to) }

// exactly makes a term of a value.
func exactly(key OrderKey, value any) Term {
	text, err := gotext.Sortable(value)
	return termOf(key, span{exact: text, from: text, to: drivers.AfterValue(text)}, err)
}

// termOf makes a term of an index.
func termOf(key OrderKey, s span, broken error) Term {
	s.index, s.kind = key.ordering()
	return Term{[]span{s}, broken}
}

// between makes a term of the values from from up to to, nil for an end that is that of the range
// [least, above) of the texts in which these stand behind least.
func between(key OrderKey, least, above string, from, to any) Term {
	s := span{from: least, to: above}
	for _, end := range []struct {
		value any
		text  *string
	}{{from, &s.from}, {to, &s.to}} {
		if end.value == nil {
			continue
		}
		text, err := gotext.Sortable(end.value)
		if err != nil {
			return termOf(key, s, err)
		}
		*end.text = least + text
	}
	return termOf(key, s, nil)
}

// checkTerms refuses terms of indexes that are not declared, or not so.
func (d *documentIndexes) checkTerms(terms []Term) error {
	for _, term := range terms {
		if len(term.spans) == 0 {
			return fmt.Errorf("%w: a term without a condition", ErrInvalid)
		}
		for _, s := range term.spans {
			if err := d.check(s.index, s.kind); err != nil {
				return err
			}
		}
		if term.broken != nil {
			return fmt.Errorf("the index %s: %w", term.spans[0].index, term.broken)
		}
	}
	return nil
}

// holds reports whether an entry of a document satisfies the term.
func (t Term) holds(entry drivers.Entry) bool {
	return slices.ContainsFunc(t.spans, func(s span) bool {
		return entry.Name == s.index && entry.Value >= s.from && (s.to == "" || entry.Value < s.to)
	})
}

// isOf reports whether the term is of one index alone.
func (t Term) isOf(index string) bool {
	return !slices.ContainsFunc(t.spans, func(s span) bool { return s.index != index })
}

// min and max are the range of members in Redis's notation.
func (s span) min() string {
	if s.from == drivers.Seal {
		return exclusive(drivers.Seal)
	}
	return "[" + s.from
}

func (s span) max() string {
	if s.to == "" {
		return "+"
	}
	return exclusive(s.to)
}
