package platform

import (
	"errors"
	"iter"

	"github.com/kvstore-go/kvstore/kv"
)

// MaxListed is how many documents a list has at most.
const MaxListed = 1000

// List is documents in no order.
type List[T any] struct {
	Items []T `json:"items"`
	// Unreadable are the keys of stored documents that do not fit their schema, or are
	// foreign to it: a document somebody else damaged must not hide the others.
	Unreadable []string `json:"unreadable,omitempty"`
	// More says that there are others beyond MaxListed.
	More bool `json:"more,omitempty"`
}

// list collects what kv.All, or All of a collection or a query, goes through.
func list[K, T any](documents iter.Seq2[kv.Entry[K, T], error]) (List[T], error) {
	found := List[T]{Items: []T{}}
	for document, err := range documents {
		var failure *kv.Error
		switch {
		case (errors.Is(err, kv.ErrCorrupt) || isForeign(err)) && errors.As(err, &failure):
			found.Unreadable = append(found.Unreadable, failure.Path)
		case err != nil:
			return found, err
		case len(found.Items) == MaxListed:
			found.More = true
			return found, nil
		default:
			found.Items = append(found.Items, document.Value)
		}
	}
	return found, nil
}

// isForeign reports a stored key that no program with this schema wrote.
func isForeign(err error) bool {
	return errors.Is(err, kv.ErrBadKey) || errors.Is(err, kv.ErrUndeclared)
}
