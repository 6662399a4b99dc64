package platform

import (
	"context"
	"errors"

	"github.com/kvstore-go/kvstore/kv"
)

// MaxListed is how many documents a list has at most.
const MaxListed = 1000

// List is documents in no order.
type List[T any] struct {
	Items []T `json:"items"`
	// Unreadable are the keys of stored documents that do not fit their schema: a
	// document somebody else damaged must not hide the others.
	Unreadable []string `json:"unreadable,omitempty"`
	// More says that there are others beyond MaxListed.
	More bool `json:"more,omitempty"`
}

// list reads the documents of a store that are wanted. One round trip each, and
// those of the scan.
func list[K, T any](ctx context.Context, store kv.KeyedStore[K, kv.JSONField[T]], wanted func(T) bool) (List[T], error) {
	found := List[T]{Items: []T{}}
	for key, err := range store.Keys(ctx) {
		if errors.Is(err, kv.ErrBadKey) {
			found.Unreadable = append(found.Unreadable, pathOf(err))
			continue
		}
		if err != nil {
			return found, err
		}
		if found.More, err = found.add(ctx, store.Take(key), wanted); err != nil || found.More {
			return found, err
		}
	}
	return found, nil
}

// add reads one document; full says that it was one too many.
func (l *List[T]) add(ctx context.Context, field kv.JSONField[T], wanted func(T) bool) (full bool, err error) {
	document, err := field.Read(ctx)
	switch {
	case errors.Is(err, kv.ErrNotFound): // removed since it was listed
		return false, nil
	case errors.Is(err, kv.ErrInvalid):
		l.Unreadable = append(l.Unreadable, field.Path())
		return false, nil
	case err != nil:
		return false, err
	case !wanted(document):
		return false, nil
	case len(l.Items) == MaxListed:
		return true, nil
	}
	l.Items = append(l.Items, document)
	return false, nil
}

func pathOf(err error) string {
	var failure *kv.Error
	if errors.As(err, &failure) {
		return failure.Path
	}
	return ""
}

func everything[T any](T) bool { return true }
