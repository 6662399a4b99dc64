package kv

import (
	"context"
	"fmt"
	"iter"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
	"github.com/kvstore-go/kvstore/kv/internal/gotext"
)

// Stream declares a log of values of type T. Entries are added at its end, and read from any place, by any number of
// readers or by groups of consumers that share the work. SetOf says what T may be; any other T is a mistake of the
// schema.
func Stream[T any](options ...StreamOption) Schema[StreamField[T]] {
	node, declared := declare(dsl.NewField(dsl.Stream).WithDetail(typeOf((*T)(nil)).String()), options)
	node, codec := withCodec(node, typeOf((*T)(nil)), declared.older)
	all := &elements{codec: codec, cap: declared.cap}
	all.all = func(reply drivers.Reply, into any) (err error) {
		*into.(*[]StreamEntry[T]), err = entriesOf[T](codec, reply)
		return err
	}
	return fieldSchema[StreamField[T]](node, all)
}

// Stream adds a log of values of type T to the store.
func (s StaticSchema) Stream[T any](key Key[StreamField[T]], options ...StreamOption) StaticSchema {
	return s.Field(key, Stream[T](options...))
}

// StreamField is the handle of a stream. An absent stream is an empty one; one that has
// lost all entries is still there, and goes on to count where it was.
//
// An entry has an id - the milliseconds of the moment it was added, and a number: 1700-0 -
// and one field named value. An entry of another program without it, or with a text that
// does not fit, is ErrCorrupt, with its id.
//
// In Redis: [XADD], [XREAD], [XLEN], [XTRIM], [XDEL], [XINFO STREAM].
//
// [XADD]: https://redis.io/docs/latest/commands/xadd/
// [XREAD]: https://redis.io/docs/latest/commands/xread/
// [XLEN]: https://redis.io/docs/latest/commands/xlen/
// [XTRIM]: https://redis.io/docs/latest/commands/xtrim/
// [XDEL]: https://redis.io/docs/latest/commands/xdel/
// [XINFO STREAM]: https://redis.io/docs/latest/commands/xinfo-stream/
type StreamField[T any] struct{ Field }

// StreamEntry is a value in a stream.
type StreamEntry[T any] struct {
	ID    string
	Value T
}

// Newest stands for the id of the newest entry there is: what comes after it is to come.
const Newest = "$"

// valueField is the name of the one field of an entry.
const valueField = "value"

// streamEntryOf is what is stored under an id.
func streamEntryOf[T any](codec *gotext.Codec, id string, fields []string) (StreamEntry[T], error) {
	entry := StreamEntry[T]{ID: id}
	text, err := textOfEntry(id, fields)
	if err != nil {
		return entry, err
	}
	if entry.Value, err = codec.Decode[T](text); err != nil {
		err = fmt.Errorf("entry %s: %w", id, err)
	}
	return entry, err
}

// textOfEntry is the text of the value among the fields of an entry.
func textOfEntry(id string, fields []string) (string, error) {
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i] == valueField {
			return fields[i+1], nil
		}
	}
	return "", drivers.Errorf(ErrCorrupt, "entry %s has no field %q", id, valueField)
}

// entriesOf are those of a reply.
func entriesOf[T any](codec *gotext.Codec, reply drivers.Reply) ([]StreamEntry[T], error) {
	entries := make([]StreamEntry[T], 0, len(reply.Ints))
	for id, fields := range drivers.Entries(reply) {
		entry, err := streamEntryOf[T](codec, id, fields)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

func (f StreamField[T]) whole(*[]StreamEntry[T]) {}

// Append adds value at the end and returns the id of the entry, which is greater than
// all before. Beyond the cap of the schema the oldest entries are dropped, in the same
// step. One round trip (XADD; with a TTL in the schema, a script).
func (f StreamField[T]) Append(ctx context.Context, value T) (id string, err error) {
	text, err := textOf(&f.at, "Append", value)
	if err != nil {
		return "", err
	}
	cmd := drivers.XAdd("*", []string{valueField, text}, f.at.elements().cap)
	reply, err := f.at.do(ctx, "Append", f.at.changing(&cmd))
	return reply.Value, err
}

// Follow goes through the entries after the given id, from the first with "" and from those
// to come with Newest, and then waits for new ones, without end: the loop ends when it is
// left, with the error of the context, or with any other error but ErrCorrupt, which tells
// of one entry. To resume, hand over the id of the last entry that was seen. One round
// trip for up to 256 entries (XREAD), and one each time it waits (XREAD BLOCK).
func (f StreamField[T]) Follow(ctx context.Context, after string) iter.Seq2[StreamEntry[T], error] {
	return func(yield func(StreamEntry[T], error) bool) {
		after := after
		for {
			reply, err := f.following(ctx, &after)
			if err != nil {
				yield(StreamEntry[T]{}, err)
				return
			}
			for id, fields := range drivers.Entries(reply) {
				after = id
				entry, err := streamEntryOf[T](f.at.elements().codec, id, fields)
				if err != nil {
					err = f.at.fail("Follow", err)
				}
				if !yield(entry, err) {
					return
				}
			}
		}
	}
}

// following waits for entries after an id, which it spells out.
func (f StreamField[T]) following(ctx context.Context, after *string) (drivers.Reply, error) {
	if *after == "" {
		*after = firstID
	}
	if *after == Newest {
		last, err := f.LastID(ctx)
		if err != nil {
			return drivers.Reply{}, err
		}
		*after = last
	}
	cmd := drivers.XRead(*after, readPage)
	return f.at.wait(ctx, "Follow", &cmd)
}

// firstID comes before the id of any entry.
const firstID = "0-0"

// Len is the number of entries. One round trip (XLEN).
func (f StreamField[T]) Len(ctx context.Context) (int, error) {
	return f.at.doInt(ctx, "Len", &drivers.Command{Op: drivers.OpXLen})
}

// LastID is the id of the newest entry there ever was, 0-0 where there was none. One round
// trip (XINFO STREAM).
func (f StreamField[T]) LastID(ctx context.Context) (string, error) {
	reply, err := f.at.ask(ctx, "LastID", drivers.OpXLastID)
	return reply.Value, err
}

// Trim drops the oldest entries until keep are left, and returns how many it dropped. One
// round trip (XTRIM MAXLEN).
func (f StreamField[T]) Trim(ctx context.Context, keep int) (int, error) {
	cmd := drivers.XTrim(int64(keep))
	return f.at.doInt(ctx, "Trim", &cmd)
}

// TrimBefore drops the entries before an id, or before a moment in milliseconds, and
// returns how many it dropped. One round trip (XTRIM MINID). In a transaction, which has to
// count them, the entries are read.
func (f StreamField[T]) TrimBefore(ctx context.Context, id string) (int, error) {
	if err := f.at.carried("TrimBefore"); err != nil {
		return 0, err
	}
	if id == "" {
		return 0, f.at.fail("TrimBefore", drivers.Errorf(ErrInvalid, "an empty id"))
	}
	cmd := drivers.XTrimBefore(id)
	return f.at.doInt(ctx, "TrimBefore", &cmd)
}

// Remove takes entries out and returns how many were there. One round trip (XDEL).
func (f StreamField[T]) Remove(ctx context.Context, ids ...string) (int, error) {
	if len(ids) == 0 {
		return 0, f.at.carried("Remove")
	}
	return f.at.doInt(ctx, "Remove", &drivers.Command{Op: drivers.OpXDel, Values: ids})
}
