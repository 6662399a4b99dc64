package kv

import (
	"context"
	"fmt"
	"iter"
	"reflect"
	"time"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// Map declares a map from strings to values of type V, stored as a hash: many small
// values under one key, each of which is read and written by itself.
func Map[V any](options ...MapOption) Schema[MapField[string, V]] {
	return MapOf[string, V](options...)
}

// Map adds a map from strings to values of type V to the store.
func (s StaticSchema) Map[V any](key Key[MapField[string, V]], options ...MapOption) StaticSchema {
	return s.Field(key, Map[V](options...))
}

// MapOf declares a map from keys of type K to values of type V, if they are numbers perhaps
// between bounds (AtLeast, AtMost). Both are what the members
// of a set may be; see SetOf. Two keys are the same if their texts are. A K with an
// interface or a pointer in it, unless it marshals itself to text or JSON, is a mistake of
// the schema: the keys that are read would not be those that were written.
func MapOf[K comparable, V any](options ...MapOption) Schema[MapField[K, V]] {
	node, how := mapNode(typeOf((*K)(nil)), typeOf((*V)(nil)), options)
	how.all = func(reply drivers.Reply, into any) (err error) {
		*into.(*map[K]V), err = decodeMap[K, V](how, reply.Values)
		return err
	}
	return fieldSchema[MapField[K, V]](node, how)
}

func mapNode(key, value reflect.Type, options []MapOption) (*dsl.Node, *mapping) {
	node, declared := declare(dsl.NewField(dsl.Map).WithDetail(fmt.Sprintf("%v: %v", key, value)), options)
	node, keys := withCodec(node, key, gotext.Older{})
	node, values := withCodec(node, value, declared.older)
	node, values, bounds := bounded(node, value, values, declared.bounds)
	if keys != nil && values != nil { // which they are not after a mistake
		node = withForms(node, values.Forms(), nil).WithKeys(keys.Forms()[0])
	}
	if err := gotext.CheckMapKey(key); err != nil {
		node = node.WithMistake("%v", err)
	}
	return node, &mapping{Pairs: gotext.Pairs{Keys: keys, Values: values}, bounds: bounds}
}

// MapOf adds a map from keys of type K to values of type V to the store.
func (s StaticSchema) MapOf[K comparable, V any](key Key[MapField[K, V]], options ...MapOption) StaticSchema {
	return s.Field(key, MapOf[K, V](options...))
}

// MapField is the handle of a map. An absent map is an empty one, and a map that loses
// its last key is absent. A key or a value that cannot be written is ErrInvalid, one
// found stored that is no K or no V is ErrCorrupt.
//
// IncrementIn adds to the values of a map of numbers.
//
// In Redis: [HGET], [HMGET], [HSET], [HDEL], [HGETALL], [HEXISTS], [HLEN], [HKEYS],
// [HSCAN], [HPEXPIRE], [HPTTL], [HPERSIST], [HINCRBY], [HINCRBYFLOAT].
//
// [HGET]: https://redis.io/docs/latest/commands/hget/
// [HMGET]: https://redis.io/docs/latest/commands/hmget/
// [HSET]: https://redis.io/docs/latest/commands/hset/
// [HDEL]: https://redis.io/docs/latest/commands/hdel/
// [HGETALL]: https://redis.io/docs/latest/commands/hgetall/
// [HEXISTS]: https://redis.io/docs/latest/commands/hexists/
// [HLEN]: https://redis.io/docs/latest/commands/hlen/
// [HKEYS]: https://redis.io/docs/latest/commands/hkeys/
// [HSCAN]: https://redis.io/docs/latest/commands/hscan/
// [HPEXPIRE]: https://redis.io/docs/latest/commands/hpexpire/
// [HPTTL]: https://redis.io/docs/latest/commands/hpttl/
// [HPERSIST]: https://redis.io/docs/latest/commands/hpersist/
// [HINCRBY]: https://redis.io/docs/latest/commands/hincrby/
// [HINCRBYFLOAT]: https://redis.io/docs/latest/commands/hincrbyfloat/
type MapField[K comparable, V any] struct{ Field }

// Get is the value of key, or ErrNotFound. One round trip (HGET).
func (f MapField[K, V]) Get(ctx context.Context, key K) (V, error) {
	name, err := nameOf(&f.at, "Get", key)
	if err == nil && f.at.hasDocumentsNear() {
		document := new(V)
		err := readMapDocumentNear(ctx, &f.at, name, document)
		return *document, err
	}
	text, err := f.at.mapValue(ctx, name, err)
	return valueOf[V](&f.at, "Get", text, err)
}

func (k *keyRef) mapValue(ctx context.Context, name string, err error) (string, error) {
	if err != nil {
		return "", err
	}
	reply, err := k.askElement(ctx, "Get", drivers.OpHGet, name)
	if err == nil && reply.Nil {
		err = k.missing("Get", name)
	}
	return reply.Value, err
}

// GetMany is the values of those of keys that are there. One round trip (HMGET).
func (f MapField[K, V]) GetMany(ctx context.Context, keys ...K) (map[K]V, error) {
	names, err := namesOf(&f.at, "GetMany", keys)
	texts, exists, err := f.at.mapValues(ctx, names, err)
	return valuesOf[K, V](&f.at, keys, texts, exists, err)
}

// mapValues answers 0 for those that do not exist.
func (k *keyRef) mapValues(ctx context.Context, names []string, err error) (texts []string, exists []int64, _ error) {
	if len(names) == 0 || err != nil {
		return nil, nil, err
	}
	reply, err := k.do(ctx, "GetMany", &drivers.Command{Op: drivers.OpHMGet, Values: names})
	return reply.Values, reply.Ints, err
}

// Read is the whole map. One round trip (HGETALL).
func (f MapField[K, V]) Read(ctx context.Context) (map[K]V, error) {
	reply, err := f.at.ask(ctx, "Read", drivers.OpHGetAll)
	if err != nil {
		return nil, err
	}
	values, err := decodeMap[K, V](f.at.mapping(), reply.Values)
	if err != nil {
		return nil, f.at.fail("Read", err)
	}
	return values, nil
}

func (f MapField[K, V]) whole(*map[K]V) {}

// All goes through keys and values page by page, in no order. A key that is there all
// the while comes exactly once; one that comes or goes meanwhile may or may not. What is
// no K or no V comes as ErrCorrupt and does not end the loop; any other error does. One
// round trip a page (HSCAN, in a script that tells servers apart).
func (f MapField[K, V]) All(ctx context.Context) iter.Seq2[Entry[K, V], error] {
	return eachEntryOf[K, V](ctx, f.at)
}

// Keys goes through the keys as All does.
func (f MapField[K, V]) Keys(ctx context.Context) iter.Seq2[K, error] {
	return eachKeyOf[K](ctx, f.at)
}

// eachInMap goes through the names and the texts of a map.
func (k keyRef) eachInMap(ctx context.Context, op string, yield func(name, text string, err error) bool) {
	var seen drivers.RecentNames
	cmd := drivers.Command{Op: drivers.OpHScan, Amount: scanPage}
	for {
		reply, err := k.do(ctx, op, &cmd)
		if err != nil {
			yield("", "", err)
			return
		}
		for i := 0; i+1 < len(reply.Values); i += 2 { // a name and its text by turns
			if !seen.Seen(reply.Values[i]) && !yield(reply.Values[i], reply.Values[i+1], nil) {
				return
			}
		}
		if !cmd.Continue(reply) {
			return
		}
	}
}

// Put gives key a value. One round trip (HSET; with a TTL in the schema, a script).
func (f MapField[K, V]) Put(ctx context.Context, key K, value V) error {
	name, err := nameOf(&f.at, "Put", key)
	text, err := textOfValue(&f.at, "Put", value, err)
	return f.at.putIntoMap(ctx, name, text, err)
}

func (k *keyRef) putIntoMap(ctx context.Context, name, text string, err error) error {
	if err != nil {
		return err
	}
	_, err = k.putAllIntoMap(ctx, "Put", []string{name, text}, nil)
	return err
}

// PutMany gives keys values, in one step, and returns how many keys were new. Other
// keys stay as they are. One round trip (HSET; with a TTL in the schema, a script).
func (f MapField[K, V]) PutMany(ctx context.Context, values map[K]V) (int, error) {
	pairs, err := textsOfMap(&f.at, "PutMany", values)
	return f.at.putAllIntoMap(ctx, "PutMany", pairs, err)
}

func (k *keyRef) putAllIntoMap(ctx context.Context, op string, pairs []string, err error) (int, error) {
	return k.changeElements(ctx, op, k.changing(&drivers.Command{Op: drivers.OpHSet}), pairs, err)
}

// Write replaces the whole map, in one step. Without keys the map is absent
// afterwards. A TTL that is there is kept unless the schema or an option says
// otherwise; a condition that does not hold is ErrConditionFailed. One round trip (a
// script: HKEYS, HSET, HDEL, PEXPIRE), which takes the longer the more keys there are and
// were.
func (f MapField[K, V]) Write(ctx context.Context, values map[K]V, options ...WriteOption) error {
	pairs, err := textsOfMap(&f.at, "Write", values)
	return f.at.writeMap(ctx, pairs, options, err)
}

func (k *keyRef) writeMap(ctx context.Context, pairs []string, options []WriteOption, err error) error {
	if err != nil {
		return err
	}
	return k.write(ctx, "Write", &drivers.Command{Op: drivers.OpHReplace, Values: pairs}, options)
}

// Remove takes keys out and returns how many were there. One round trip (HDEL).
func (f MapField[K, V]) Remove(ctx context.Context, keys ...K) (int, error) {
	names, err := namesOf(&f.at, "Remove", keys)
	return f.at.removeElements(ctx, drivers.OpHDel, names, err)
}

// Has reports whether key has a value. One round trip (HEXISTS).
func (f MapField[K, V]) Has(ctx context.Context, key K) (bool, error) {
	name, err := nameOf(&f.at, "Has", key)
	return f.at.isInMap(ctx, name, err)
}

func (k *keyRef) isInMap(ctx context.Context, name string, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	return k.hasElement(ctx, drivers.OpHExists, name)
}

// Len is the number of keys. One round trip (HLEN).
func (f MapField[K, V]) Len(ctx context.Context) (int, error) {
	return f.at.askInt(ctx, "Len", drivers.OpHLen)
}

// ExpireFields lets keys end after d, each by itself, and returns how many of them were
// there. A d that is not positive, or below a millisecond, is ErrInvalid. A key that is written
// stays from then on; one that is incremented ends when it did before. It needs Redis 7.4: an older server is
// errors.ErrUnsupported. One round trip (HPEXPIRE).
func (f MapField[K, V]) ExpireFields(ctx context.Context, d time.Duration, keys ...K) (int, error) {
	names, err := namesOf(&f.at, "ExpireFields", keys)
	return f.at.expireNames(ctx, d, names, err)
}

// FieldTTL is the time that key has left, to the millisecond; NoTTL if it stays as long
// as the map does; ErrNotFound if it is not there; the longest Duration if it is longer
// than that, 292 years. See ExpireFields. One round trip (HPTTL).
func (f MapField[K, V]) FieldTTL(ctx context.Context, key K) (time.Duration, error) {
	name, err := nameOf(&f.at, "FieldTTL", key)
	return f.at.ttlOfName(ctx, name, err)
}

// PersistFields lets keys stay as long as the map does, and returns how many of them had
// a TTL to lose. See ExpireFields. One round trip (HPERSIST).
func (f MapField[K, V]) PersistFields(ctx context.Context, keys ...K) (int, error) {
	names, err := namesOf(&f.at, "PersistFields", keys)
	return f.at.persistNames(ctx, names, err)
}

// IncrementIn adds by, which may be negative, to the value of key and returns the sum; an
// absent key counts as 0. A sum that does not fit into V or into the bounds of the schema is
// ErrOverflow, what is stored
// and is no number is ErrCorrupt; then nothing is changed. A V whose text is not that of a
// number, such as a time.Duration, is ErrTypeMismatch. One round trip (HINCRBY or
// HINCRBYFLOAT; where V has less than 64 bits, or with bounds or a TTL in the schema, a script).
//
// It is a function and no method so that a map of other values does not compile.
//
// In Redis: [HINCRBY], [HINCRBYFLOAT].
//
// [HINCRBY]: https://redis.io/docs/latest/commands/hincrby/
// [HINCRBYFLOAT]: https://redis.io/docs/latest/commands/hincrbyfloat/
func IncrementIn[K comparable, V Number](ctx context.Context, field MapField[K, V], key K, by V) (V, error) {
	name, err := nameOf(&field.at, "IncrementIn", key)
	if err != nil {
		return 0, err
	}
	cmd, err := incrementOf(name, reflect.ValueOf(by))
	if err != nil {
		return 0, field.at.fail("IncrementIn", err)
	}
	field.at.mapping().bounds.keepTo(&cmd)
	return added[V](ctx, field.at, "IncrementIn", cmd)
}
