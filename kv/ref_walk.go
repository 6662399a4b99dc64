package kv

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// place is a stored key below a store, and what the schema says of it.
type place struct {
	key        string
	node       *bound // nil for a key that the schema does not declare
	undeclared error  // why no path of the schema leads to it, if none does
}

// addressed is a command on the key, which is declared.
func (p place) addressed(cmd drivers.Command) drivers.Command {
	at := keyRef{node: p.node, key: p.key}
	return at.addressed(cmd)
}

// walk goes through the keys that may hold something below r: those declared without a
// dynamic segment, whether they do or not, and those that a scan finds below dynamic stores.
func (r ref) walk(ctx context.Context) iter.Seq2[place, error] {
	return func(yield func(place, error) bool) {
		for key, node := range declaredKeys(r) {
			if !yield(place{key: key, node: node}, nil) {
				return
			}
		}
		for store := range dynamicStores(r) {
			for key, err := range store.scan(ctx, drivers.OpScanKeys) {
				if err != nil {
					yield(place{}, err)
					return
				}
				if !yield(store.locate(key), nil) {
					return
				}
			}
		}
	}
}

// walkAll is walk of a static store that also comes to what lies beside its fields, and beside
// those of the static stores in it, and is not declared: one scan of all that is below r.
func (r ref) walkAll(ctx context.Context) iter.Seq2[place, error] {
	return func(yield func(place, error) bool) {
		come := map[string]bool{}
		for key, node := range declaredKeys(r) {
			if come[key] = true; !yield(place{key: key, node: node}, nil) {
				return
			}
		}
		for key, err := range r.scan(ctx, drivers.OpScanKeys) {
			if err != nil {
				yield(place{}, err)
				return
			}
			if !come[key] && !yield(r.locate(key), nil) {
				return
			}
		}
	}
}

// locate finds out what the schema says of a key below r.
func (r ref) locate(key string) place {
	at, err := r.below(key)
	if err == nil && at.node.isStore() {
		err = fmt.Errorf("%w: a store lies there, and no value", ErrUndeclared)
	}
	if err != nil {
		return place{key: key, undeclared: err}
	}
	return place{key: key, node: at.node}
}

// below is the place below r that a path leads to, or an error that says why none does.
func (r ref) below(path string) (at ref, err error) {
	rest, more := strings.CutPrefix(path, r.path()+separator)
	if !more {
		return ref{}, fmt.Errorf("%w: it does not lie there", ErrUndeclared)
	}
	for at = r; more; {
		var segment string
		segment, rest, more = strings.Cut(rest, separator)
		if at, err = at.descend(segment); err != nil {
			return ref{}, err
		}
	}
	return at, nil
}

// textOf is the text of the key of the dynamic store r that a stored segment stands for.
func (r ref) textOf(segment string) (string, error) {
	id, err := r.node.element.node.UntagSegment(segment)
	if err != nil {
		return "", err
	}
	return dsl.UnescapeSegment(id)
}

// checkSegment reports a stored segment that is not a key of the dynamic store r.
func (r ref) checkSegment(segment string) error {
	text, err := r.textOf(segment)
	if err != nil {
		return err
	}
	return r.node.isKey(text)
}

// descend is the place that a stored segment leads to, or says why there is none:
// ErrBadKey for a segment that is no id, ErrUndeclared for any other.
func (r ref) descend(segment string) (ref, error) {
	switch {
	case r.node.element != nil:
		element := r.node.element
		return ref{r.driver, element, r.path() + separator + segment}, r.checkSegment(segment)
	case r.node.fields != nil:
		name := strings.Trim(segment, "{}")
		if field, ok := r.node.fields[name]; ok && field.node.TagSegment(name) == segment {
			return r.in(field), nil
		}
	}
	return ref{}, fmt.Errorf("%q below %s: %w", segment, r.path(), ErrUndeclared)
}

// declaredKeys goes through the keys of the fields that can be reached from r
// without a dynamic segment.
func declaredKeys(r ref) iter.Seq2[string, *bound] {
	return func(yield func(string, *bound) bool) { declared(r, yield, nil) }
}

// dynamicStores goes through the dynamic stores that can be reached from r without
// another's segment.
func dynamicStores(r ref) iter.Seq[ref] {
	return func(yield func(ref) bool) { declared(r, nil, yield) }
}

func declared(r ref, key func(string, *bound) bool, store func(ref) bool) bool {
	switch {
	case r.node.element != nil:
		return store == nil || store(r)
	case r.node.fields == nil:
		return key == nil || key(r.path(), r.node)
	}
	for _, field := range r.fields() {
		if !declared(field, key, store) {
			return false
		}
	}
	return true
}

// scan lists what is stored below r.
func (r ref) scan(ctx context.Context, op drivers.Op) iter.Seq2[string, error] {
	return r.scanAt(ctx, op, r.path())
}

func (r ref) scanAt(ctx context.Context, op drivers.Op, path string) iter.Seq2[string, error] {
	return r.driver.Scan(ctx, drivers.Command{Op: op, Key: path, Pattern: r.node.pattern})
}

// child is the place below a dynamic store that an id of its registry stands for.
func (r ref) child(id string) ref {
	element := r.node.element
	return ref{r.driver, element, r.path() + separator + element.node.TagSegment(id)}
}
