package spec

import (
	"context"
	"reflect"

	"github.com/onsi/gomega"
)

// storeHandle is the handle of a store.
type storeHandle interface {
	Path() string
	Count(ctx context.Context) (int, error)
}

// HoldKeys succeeds if something is stored under these keys of a store and under no
// others, in any order: names of fields for a StaticStore, keys of its type K for
// a DynamicStore or KeyedStore. A key may be a matcher, as in gomega.ConsistOf; a
// single slice stands for its elements. Without keys it succeeds for an empty store.
//
//	Expect(rooms).To(spec.HoldKeys("42", "43"))
//
// A stored key that is not one of K's, or that the schema does not declare, is an error.
func HoldKeys(keys ...any) *Matcher {
	inner := gomega.ConsistOf(keys...)
	return newMatcher("HoldKeys", "a StaticStore, DynamicStore or KeyedStore", func(ctx context.Context, actual any) (finding, bool, error) {
		store, ok := actual.(storeHandle)
		if !ok {
			return finding{}, false, nil
		}
		found, taken, err := keysOf(ctx, store)
		if !taken || err != nil {
			return finding{}, taken, err
		}
		matches, err := inner.Match(found)
		return finding{matches, func(negated bool) string {
			message := inner.FailureMessage
			text := " holds other keys"
			if negated {
				text, message = " holds these keys", inner.NegatedFailureMessage
			}
			return store.Path() + text + ":\n" + message(found)
		}}, true, err
	})
}

// keysOf lists the keys of a store; those of a KeyedStore are of a type that
// nobody knows here, hence reflection.
func keysOf(ctx context.Context, store storeHandle) (keys []any, taken bool, err error) {
	method := reflect.ValueOf(store).MethodByName("Keys")
	if !method.IsValid() || method.Type().NumIn() != 1 {
		return nil, false, nil
	}
	results := method.Call([]reflect.Value{reflect.ValueOf(ctx)})
	keys = []any{}
	if len(results) == 2 { // of a StaticStore: a list and an error
		err, _ = results[1].Interface().(error)
		for _, name := range results[0].Seq2() {
			keys = append(keys, name.Interface())
		}
		return keys, true, err
	}
	for key, failure := range results[0].Seq2() {
		if err, _ = failure.Interface().(error); err != nil {
			return nil, true, err
		}
		keys = append(keys, key.Interface())
	}
	return keys, true, nil
}
