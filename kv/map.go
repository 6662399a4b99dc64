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
	node := dsl.NewField(dsl.Map).WithDetail(fmt.Sprintf("%v: %v", reflect.TypeFor[K](), reflect.TypeFor[V]()))
	node, declared := declare(node, options)
	node, keys := withCodec[K](node, gotext.Older{})
	node, values := withCodec[V](node, declared.older)
	node, values, bounds := bounded(node, values, declared.bounds)
	if keys != nil && values != nil { // which they are not after a mistake
		node = withForms(node, values.Forms, nil).WithKeys(keys.Forms[0])
	}
	if err := gotext.CheckMapKey(reflect.TypeFor[K]()); err != nil {
		node = node.WithMistake("%v", err)
	}
	return newSchemaOf(node, gotext.PairsOf(keys, values), func(r ref) MapField[K, V] { return MapField[K, V]{newField(r), keys, values, bounds} })
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
type MapField[K comparable, V any] struct {
	Field
	keys   *gotext.Codec[K]
	values *gotext.Codec[V]
	bounds bounds // of a map of numbers
}

// Get is the value of key, or ErrNotFound. One round trip (HGET).
func (f MapField[K, V]) Get(ctx context.Context, key K) (V, error) {
	var value V
	field, err := f.encode("Get", key)
	if err != nil {
		return value, err
	}
	reply, err := f.at.do(ctx, "Get", &drivers.Command{Op: drivers.OpHGet, Value: field})
	switch {
	case err != nil:
		return value, err
	case reply.Nil:
		return value, f.at.fail("Get", ErrNotFound)
	}
	if value, err = f.values.Decode(reply.Value); err != nil {
		return value, f.at.fail("Get", err)
	}
	return value, nil
}

// GetMany is the values of those of keys that are there. One round trip (HMGET).
func (f MapField[K, V]) GetMany(ctx context.Context, keys ...K) (map[K]V, error) {
	values := make(map[K]V, len(keys))
	fields, err := f.encodeKeys("GetMany", keys)
	if err != nil {
		return nil, err
	}
	if len(fields) == 0 {
		return values, nil
	}
	reply, err := f.at.do(ctx, "GetMany", &drivers.Command{Op: drivers.OpHMGet, Values: fields})
	if err != nil {
		return nil, err
	}
	for i, key := range keys {
		if reply.Ints[i] == 0 {
			continue
		}
		if values[key], err = f.values.Decode(reply.Values[i]); err != nil {
			return nil, f.at.fail("GetMany", err)
		}
	}
	return values, nil
}

// Read is the whole map. One round trip (HGETALL).
func (f MapField[K, V]) Read(ctx context.Context) (map[K]V, error) {
	reply, err := f.at.ask(ctx, "Read", drivers.OpHGetAll)
	if err != nil {
		return nil, err
	}
	values, err := f.readFrom(reply)
	if err != nil {
		return nil, f.at.fail("Read", err)
	}
	return values, nil
}

func (f MapField[K, V]) readBy() drivers.Command {
	return drivers.Command{Op: drivers.OpHGetAll}
}

func (f MapField[K, V]) readFrom(reply drivers.Reply) (map[K]V, error) {
	values := make(map[K]V, len(reply.Values)/2)
	for i := 0; i+1 < len(reply.Values); i += 2 { // a field and its value by turns
		entry, err := f.entry(reply.Values[i], reply.Values[i+1])
		if err != nil {
			return nil, err
		}
		values[entry.Key] = entry.Value
	}
	return values, nil
}

// All goes through keys and values page by page, in no order. A key that is there all
// the while comes exactly once; one that comes or goes meanwhile may or may not. What is
// no K or no V comes as ErrCorrupt and does not end the loop; any other error does. One
// round trip a page (HSCAN, in a script that tells servers apart).
func (f MapField[K, V]) All(ctx context.Context) iter.Seq2[Entry[K, V], error] {
	return scanned(ctx, f.at, "All", f.entry)
}

// Keys goes through the keys as All does.
func (f MapField[K, V]) Keys(ctx context.Context) iter.Seq2[K, error] {
	return scanned(ctx, f.at, "Keys", func(field, _ string) (K, error) { return f.keys.Decode(field) })
}

// scanned goes through what decode makes of the fields of a hash, page by page.
func scanned[T any](ctx context.Context, k keyRef, op string, decode func(field, text string) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		var seen drivers.RecentNames
		cmd := drivers.Command{Op: drivers.OpHScan, Amount: scanPage}
		for {
			reply, err := k.do(ctx, op, &cmd)
			if err != nil {
				yield(none, err)
				return
			}
			for i := 0; i+1 < len(reply.Values); i += 2 {
				field, text := reply.Values[i], reply.Values[i+1]
				if seen.Seen(field) {
					continue
				}
				value, err := decode(field, text)
				if err != nil {
					err = k.fail(op, err)
				}
				if !yield(value, err) {
					return
				}
			}
			if !cmd.Continue(reply) {
				return
			}
		}
	}
}

func (f MapField[K, V]) entry(field, text string) (entry Entry[K, V], err error) {
	if entry.Key, err = f.keys.Decode(field); err == nil {
		entry.Value, err = f.values.Decode(text)
	}
	return entry, err
}

// Put gives key a value. One round trip (HSET; with a TTL in the schema, a script).
func (f MapField[K, V]) Put(ctx context.Context, key K, value V) error {
	_, err := f.put(ctx, "Put", map[K]V{key: value})
	return err
}

// PutMany gives keys values, in one step, and returns how many keys were new. Other
// keys stay as they are. One round trip (HSET; with a TTL in the schema, a script).
func (f MapField[K, V]) PutMany(ctx context.Context, values map[K]V) (int, error) {
	return f.put(ctx, "PutMany", values)
}

func (f MapField[K, V]) put(ctx context.Context, op string, values map[K]V) (int, error) {
	pairs, err := f.pairs(op, values)
	if len(pairs) == 0 || err != nil {
		return 0, err
	}
	return f.at.doInt(ctx, op, f.at.changing(&drivers.Command{Op: drivers.OpHSet, Values: pairs}))
}

// Write replaces the whole map, in one step. Without keys the map is absent
// afterwards. A TTL that is there is kept unless the schema or an option says
// otherwise; a condition that does not hold is ErrConditionFailed. One round trip (a
// script: HKEYS, HSET, HDEL, PEXPIRE), which takes the longer the more keys there are and
// were.
func (f MapField[K, V]) Write(ctx context.Context, values map[K]V, options ...WriteOption) error {
	pairs, err := f.pairs("Write", values)
	if err != nil {
		return err
	}
	return f.at.write(ctx, "Write", &drivers.Command{Op: drivers.OpHReplace, Values: pairs}, options)
}

// Remove takes keys out and returns how many were there. One round trip (HDEL).
func (f MapField[K, V]) Remove(ctx context.Context, keys ...K) (int, error) {
	fields, err := f.encodeKeys("Remove", keys)
	if len(fields) == 0 || err != nil {
		return 0, err
	}
	return f.at.doInt(ctx, "Remove", &drivers.Command{Op: drivers.OpHDel, Values: fields})
}

// Has reports whether key has a value. One round trip (HEXISTS).
func (f MapField[K, V]) Has(ctx context.Context, key K) (bool, error) {
	field, err := f.encode("Has", key)
	if err != nil {
		return false, err
	}
	return f.at.doBool(ctx, "Has", &drivers.Command{Op: drivers.OpHExists, Value: field})
}

// Len is the number of keys. One round trip (HLEN).
func (f MapField[K, V]) Len(ctx context.Context) (int, error) {
	return f.at.doInt(ctx, "Len", &drivers.Command{Op: drivers.OpHLen})
}

// ExpireFields lets keys end after d, each by itself, and returns how many of them were
// there. A d that is not positive, or below a millisecond, is ErrInvalid. It needs Redis 7.4; an older server, and
// the memory driver, are errors.ErrUnsupported. One round trip (HPEXPIRE).
func (f MapField[K, V]) ExpireFields(ctx context.Context, d time.Duration, keys ...K) (int, error) {
	answers, err := f.ofFields(ctx, "ExpireFields", &drivers.Command{Op: drivers.OpHExpire, Expiry: drivers.In(d)}, keys)
	return countPositive(answers), err
}

// FieldTTL is the time that key has left, to the millisecond; NoTTL if it stays as long
// as the map does; ErrNotFound if it is not there; the longest Duration if it is longer
// than that, 292 years. See ExpireFields. One round trip (HPTTL).
func (f MapField[K, V]) FieldTTL(ctx context.Context, key K) (time.Duration, error) {
	answers, err := f.ofFields(ctx, "FieldTTL", &drivers.Command{Op: drivers.OpHTTL}, []K{key})
	switch {
	case err != nil:
		return 0, err
	case len(answers) == 0 || answers[0] == -2:
		return 0, f.at.fail("FieldTTL", ErrNotFound)
	case answers[0] < 0:
		return NoTTL, nil
	}
	return drivers.Span(answers[0], time.Millisecond), nil
}

// PersistFields lets keys stay as long as the map does, and returns how many of them had
// a TTL to lose. See ExpireFields. One round trip (HPERSIST).
func (f MapField[K, V]) PersistFields(ctx context.Context, keys ...K) (int, error) {
	answers, err := f.ofFields(ctx, "PersistFields", &drivers.Command{Op: drivers.OpHPersist}, keys)
	return countPositive(answers), err
}

// ofFields executes a command that answers a number for each of keys.
func (f MapField[K, V]) ofFields(ctx context.Context, op string, cmd *drivers.Command, keys []K) ([]int64, error) {
	fields, err := f.encodeKeys(op, keys)
	if len(fields) == 0 || err != nil {
		return nil, err
	}
	cmd.Values = fields
	reply, err := f.at.do(ctx, op, cmd)
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

// encode is what is stored of a key, unless the handle carries an error.
func (f MapField[K, V]) encode(op string, key K) (string, error) {
	fields, err := f.encodeKeys(op, []K{key})
	if err != nil {
		return "", err
	}
	return fields[0], nil
}

func (f MapField[K, V]) encodeKeys(op string, keys []K) ([]string, error) {
	if err := f.at.err(); err != nil {
		return nil, err
	}
	fields, err := f.keys.EncodeAll(keys)
	if err != nil {
		return nil, f.at.fail(op, err)
	}
	return fields, nil
}

// pairs is what is stored of keys and values, unless the handle carries an error.
func (f MapField[K, V]) pairs(op string, values map[K]V) ([]string, error) {
	if err := f.at.err(); err != nil {
		return nil, err
	}
	pairs := make([]string, 0, 2*len(values))
	for key, value := range values {
		field, err := f.keys.Encode(key)
		if err != nil {
			return nil, f.at.fail(op, err)
		}
		text, err := f.values.Encode(value)
		if err != nil {
			return nil, f.at.fail(op, err)
		}
		pairs = append(pairs, field, text)
	}
	return pairs, nil
}

// IncrementIn adds by, which may be negative, to the value of key and returns the sum; an
// absent key counts as 0. A sum that does not fit into V or into the bounds of the schema is
// ErrOverflow, what is stored
// and is no number is ErrInvalid; then nothing is changed. A V whose text is not that of a
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
	name, err := field.encode("IncrementIn", key)
	if err != nil {
		return 0, err
	}
	cmd, err := incrementOf(name, reflect.ValueOf(by))
	if err != nil {
		return 0, field.at.fail("IncrementIn", err)
	}
	field.bounds.keepTo(&cmd)
	return added[V](ctx, field.at, "IncrementIn", cmd)
}
