package kv

import (
	"context"
	"iter"
	"reflect"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// Between the names and texts of a hash and the keys and values of a map are these functions; see
// field_elements.go.

// mapping is how the keys and values of a map are written: its handles share it.
type mapping struct {
	gotext.Pairs

	bounds bounds                                    // of a map of numbers
	all    func(reply drivers.Reply, into any) error // decodes the whole map
}

// decodeWhole implements whole.
func (m *mapping) decodeWhole(reply drivers.Reply, into any) error { return m.all(reply, into) }

// mapping is that of a map that carries no error.
func (k keyRef) mapping() *mapping { return k.node.shared.(*mapping) }

// hasDocumentsNear reports a map whose values are worth to be kept near as they are decoded.
func (k *keyRef) hasDocumentsNear() bool { return k.isNear() && k.mapping().Values.Document() != nil }

// readMapDocumentNear reads the value of a name into what a pointer points to.
func readMapDocumentNear(ctx context.Context, at *keyRef, name string, pointer any) error {
	reply, err := at.askNear(ctx, "Get", drivers.NearRead{Op: drivers.OpHGet, Element: name})
	if err == nil && reply.Nil {
		err = at.missing("Get", name)
	}
	if err != nil {
		return err
	}
	err = decodeNear(reply, pointer, func() error {
		return at.mapping().Values.DecodeInto(reply.Value, reflect.ValueOf(pointer).Elem())
	})
	if err != nil {
		return at.fail("Get", err)
	}
	return nil
}

// nameOf is what is stored of a key, unless the handle carries an error.
func nameOf[K any](at *keyRef, op string, key K) (string, error) {
	if err := at.carried(op); err != nil {
		return "", err
	}
	name, err := at.mapping().Keys.Encode(key)
	if err != nil {
		return "", at.fail(op, err)
	}
	return name, nil
}

// namesOf is what is stored of keys, unless the handle carries an error.
func namesOf[K any](at *keyRef, op string, keys []K) ([]string, error) {
	if err := at.carried(op); err != nil {
		return nil, err
	}
	names, err := at.mapping().Keys.EncodeAll(keys)
	if err != nil {
		return nil, at.fail(op, err)
	}
	return names, nil
}

// textOfValue is what is stored of a value.
func textOfValue[V any](at *keyRef, op string, value V, err error) (string, error) {
	if err != nil {
		return "", err
	}
	text, err := at.mapping().Values.Encode(value)
	if err != nil {
		return "", at.fail(op, err)
	}
	return text, nil
}

// valueOf is the value of a text that has been read.
func valueOf[V any](at *keyRef, op, text string, err error) (value V, _ error) {
	if err != nil {
		return value, err
	}
	if value, err = at.mapping().Values.Decode[V](text); err != nil {
		err = at.fail(op, err)
	}
	return value, err
}

// valuesOf is the values of those of keys that exist.
func valuesOf[K comparable, V any](at *keyRef, keys []K, texts []string, exists []int64, err error) (map[K]V, error) {
	if err != nil {
		return nil, err
	}
	values := make(map[K]V, len(keys))
	for i, text := range texts {
		if exists[i] == 0 {
			continue
		}
		value, err := at.mapping().Values.Decode[V](text)
		if err != nil {
			return nil, at.fail("GetMany", err)
		}
		values[keys[i]] = value
	}
	return values, nil
}

// textsOfMap is what is stored of keys and values, by turns, unless the handle carries an error.
func textsOfMap[K comparable, V any](at *keyRef, op string, values map[K]V) ([]string, error) {
	if err := at.carried(op); err != nil {
		return nil, err
	}
	how, pairs := at.mapping(), make([]string, 0, 2*len(values))
	for key, value := range values {
		name, err := how.Keys.Encode(key)
		if err != nil {
			return nil, at.fail(op, err)
		}
		text, err := how.Values.Encode(value)
		if err != nil {
			return nil, at.fail(op, err)
		}
		pairs = append(pairs, name, text)
	}
	return pairs, nil
}

// decodeMap is the map of names and texts by turns.
func decodeMap[K comparable, V any](how *mapping, pairs []string) (map[K]V, error) {
	values := make(map[K]V, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		key, err := how.Keys.Decode[K](pairs[i])
		if err != nil {
			return nil, err
		}
		value, err := how.Values.Decode[V](pairs[i+1])
		if err != nil {
			return nil, err
		}
		values[key] = value
	}
	return values, nil
}

// eachEntryOf goes through the keys and values of a map. What does not fit is an error of its own.
//
//go:noinline // see eachOf
func eachEntryOf[K, V any](ctx context.Context, at keyRef) iter.Seq2[Entry[K, V], error] {
	return func(yield func(Entry[K, V], error) bool) {
		at.eachInMap(ctx, "All", func(name, text string, err error) bool {
			var entry Entry[K, V]
			if err != nil {
				return yield(entry, err)
			}
			if entry.Key, err = at.mapping().Keys.Decode[K](name); err == nil {
				entry.Value, err = at.mapping().Values.Decode[V](text)
			}
			if err != nil {
				err = at.fail("All", err)
			}
			return yield(entry, err)
		})
	}
}

// eachKeyOf goes through the keys of a map.
//
//go:noinline // see eachOf
func eachKeyOf[K any](ctx context.Context, at keyRef) iter.Seq2[K, error] {
	return func(yield func(K, error) bool) {
		at.eachInMap(ctx, "Keys", func(name, _ string, err error) bool {
			var key K
			if err == nil {
				if key, err = at.mapping().Keys.Decode[K](name); err != nil {
					err = at.fail("Keys", err)
				}
			}
			return yield(key, err)
		})
	}
}

func (k *keyRef) expireNames(ctx context.Context, d time.Duration, names []string, err error) (int, error) {
	answers, err := k.ofNames(ctx, "ExpireFields", &drivers.Command{Op: drivers.OpHExpire, Expiry: drivers.In(d)}, names, err)
	return countPositive(answers), err
}

func (k *keyRef) persistNames(ctx context.Context, names []string, err error) (int, error) {
	answers, err := k.ofNames(ctx, "PersistFields", &drivers.Command{Op: drivers.OpHPersist}, names, err)
	return countPositive(answers), err
}

func (k *keyRef) ttlOfName(ctx context.Context, name string, err error) (time.Duration, error) {
	answers, err := k.ofNames(ctx, "FieldTTL", &drivers.Command{Op: drivers.OpHTTL}, []string{name}, err)
	switch {
	case err != nil:
		return 0, err
	case len(answers) == 0 || answers[0] == -2:
		return 0, k.missing("FieldTTL", name)
	case answers[0] < 0:
		return NoTTL, nil
	}
	return milliseconds(answers[0]), nil
}

// ofNames executes a command that answers a number for each of names.
func (k *keyRef) ofNames(ctx context.Context, op string, cmd *drivers.Command, names []string, err error) ([]int64, error) {
	if len(names) == 0 || err != nil {
		return nil, err
	}
	cmd.Values = names
	reply, err := k.do(ctx, op, cmd)
	return reply.Ints, err
}

func countPositive(answers []int64) (n int) {
	for _, answer := range answers {
		if answer > 0 {
			n++
		}
	}
	return n
}
