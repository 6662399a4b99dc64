package kv

import (
	"context"
	"iter"
	"strconv"

	"github.com/kvstore-go/kvstore/drivers"
)

// List declares a list of strings.
func List(options ...ListOption) Schema[ListField] { return ListOf[string](options...) }

// List adds a list of strings to the store.
func (s StaticSchema) List[H interface{ ListField }](key Key[H], options ...ListOption) StaticSchema {
	return s.Field(Key[ListField](key), List(options...))
}

// ListOf declares a list of elements of type T; see SetOf for what T may be. Two elements
// are equal if their texts are.
func ListOf[T any](options ...ListOption) Schema[ListFieldOf[T]] {
	node, all := listNode(typeOf((*T)(nil)), options)
	return fieldSchema[ListFieldOf[T]](node, all)
}

// ListOf adds a list of elements of type T to the store.
func (s StaticSchema) ListOf[T any](key Key[ListFieldOf[T]], options ...ListOption) StaticSchema {
	return s.Field(key, ListOf[T](options...))
}

// ListField is the handle of a list of strings.
type ListField = ListFieldOf[string]

// ListFieldOf is the handle of a list of elements of type T: a queue, a stack, the latest
// of something. An absent list is an empty one, and a list that loses its last element is
// absent. Elements have places: 0 is the first from the left, -1 the first from the right.
//
// An element that cannot be written is ErrInvalid, one found stored that is no T is
// ErrCorrupt. If it was taken out, errors.As finds the *CorruptElementError with its text.
//
// In Redis: [LPUSH], [RPUSH], [LPOP], [RPOP], [LINDEX], [LSET], [LINSERT], [LREM],
// [LRANGE], [LTRIM], [LPOS], [LLEN], [LMOVE], [BLMPOP], [BLMOVE].
//
// [LPUSH]: https://redis.io/docs/latest/commands/lpush/
// [RPUSH]: https://redis.io/docs/latest/commands/rpush/
// [LPOP]: https://redis.io/docs/latest/commands/lpop/
// [RPOP]: https://redis.io/docs/latest/commands/rpop/
// [LINDEX]: https://redis.io/docs/latest/commands/lindex/
// [LSET]: https://redis.io/docs/latest/commands/lset/
// [LINSERT]: https://redis.io/docs/latest/commands/linsert/
// [LREM]: https://redis.io/docs/latest/commands/lrem/
// [LRANGE]: https://redis.io/docs/latest/commands/lrange/
// [LTRIM]: https://redis.io/docs/latest/commands/ltrim/
// [LPOS]: https://redis.io/docs/latest/commands/lpos/
// [LLEN]: https://redis.io/docs/latest/commands/llen/
// [LMOVE]: https://redis.io/docs/latest/commands/lmove/
// [BLMPOP]: https://redis.io/docs/latest/commands/blmpop/
// [BLMOVE]: https://redis.io/docs/latest/commands/blmove/
type ListFieldOf[T any] struct{ Field }

// Read is all elements from the left. One round trip (LRANGE).
func (f ListFieldOf[T]) Read(ctx context.Context) ([]T, error) {
	texts, err := f.at.listRange(ctx, "Read", 0, -1)
	return elementsOf[T](&f.at, "Read", texts, err)
}

func (f ListFieldOf[T]) whole(*[]T) {}

// Range is the elements from the place first to the place last, both included. Negative
// places count from the right, and those beyond an end mean the end: Range(ctx, 0, 9) are
// the first ten, Range(ctx, -10, -1) the last. One round trip (LRANGE).
func (f ListFieldOf[T]) Range(ctx context.Context, first, last int) ([]T, error) {
	texts, err := f.at.listRange(ctx, "Range", first, last)
	return elementsOf[T](&f.at, "Range", texts, err)
}

func (k *keyRef) listRange(ctx context.Context, op string, first, last int) ([]string, error) {
	return k.texts(ctx, op, &drivers.Command{Op: drivers.OpLRange, Start: int64(first), Stop: int64(last)})
}

// All goes through the elements from the left, page by page. Where elements come or go on
// the left meanwhile, others may come twice or not at all. One that is no T comes as
// ErrCorrupt and does not end the loop; any other error does. One round trip a page (LRANGE).
func (f ListFieldOf[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return eachOf[T](ctx, f.at, "All", eachInList)
}

func eachInList(ctx context.Context, at keyRef, op string, yield func(string, error) bool) {
	cmd := drivers.Command{Op: drivers.OpLRange, Stop: scanPage - 1}
	for {
		reply, err := at.do(ctx, op, &cmd)
		if err != nil {
			yield("", err)
			return
		}
		for _, text := range reply.Values {
			if !yield(text, nil) {
				return
			}
		}
		if len(reply.Values) < scanPage {
			return
		}
		nextElements(&cmd)
	}
}

// nextElements makes cmd read the page behind the one it has read.
func nextElements(cmd *drivers.Command) { cmd.Start, cmd.Stop = cmd.Stop+1, cmd.Stop+scanPage }

// Write replaces the whole list, in one step. Without elements the list is absent
// afterwards; more than a cap allows are ErrInvalid. A TTL that is there is kept unless the
// schema or an option says otherwise; a condition that does not hold is ErrConditionFailed.
// One round trip (a script: RPUSH, LTRIM, PEXPIRE), which takes the longer the more
// elements there are and were.
func (f ListFieldOf[T]) Write(ctx context.Context, elements []T, options ...WriteOption) error {
	texts, err := textsOf(&f.at, "Write", elements)
	return f.at.writeList(ctx, texts, options, err)
}

func (k *keyRef) writeList(ctx context.Context, texts []string, options []WriteOption, err error) error {
	if err != nil {
		return err
	}
	if most := k.elements().cap; most > 0 && int64(len(texts)) > most {
		return k.fail("Write", drivers.Errorf(ErrInvalid, "%d elements, and a cap of %d", len(texts), most))
	}
	return k.write(ctx, "Write", &drivers.Command{Op: drivers.OpLReplace, Values: texts}, options)
}

// Get is the element at a place, or ErrNotFound. One round trip (LINDEX).
func (f ListFieldOf[T]) Get(ctx context.Context, place int) (T, error) {
	text, err := f.at.listElement(ctx, place)
	return elementOf[T](&f.at, "Get", text, err)
}

func (k *keyRef) listElement(ctx context.Context, place int) (string, error) {
	reply, err := k.do(ctx, "Get", &drivers.Command{Op: drivers.OpLIndex, Start: int64(place)})
	if err == nil && reply.Nil {
		err = k.missing("Get", strconv.Itoa(place))
	}
	return reply.Value, err
}

// Put puts element in place of the one at a place, or is ErrNotFound where there is
// none. A place beyond 32 bits is ErrInvalid. One round trip (LSET).
func (f ListFieldOf[T]) Put(ctx context.Context, place int, element T) error {
	text, err := textOf(&f.at, "Put", element)
	return f.at.putIntoList(ctx, place, text, err)
}

func (k *keyRef) putIntoList(ctx context.Context, place int, text string, err error) error {
	if err != nil {
		return err
	}
	replaced, err := k.doInt(ctx, "Put", &drivers.Command{Op: drivers.OpLSet, Start: int64(place), Value: text})
	if err == nil && replaced != 1 {
		return k.missing("Put", strconv.Itoa(place))
	}
	return err
}

// InsertBefore puts element in on the left of the first from the left that equals pivot,
// and returns the new size. Where there is none it is ErrNotFound. A cap drops elements at
// the left end. One round trip (LINSERT; with a cap, a script).
func (f ListFieldOf[T]) InsertBefore(ctx context.Context, pivot, element T) (int, error) {
	texts, err := textsOf(&f.at, "InsertBefore", []T{pivot, element})
	return f.at.insertIntoList(ctx, "InsertBefore", texts, false, err)
}

// InsertAfter puts element in on the right of the first from the left that equals pivot. See
// InsertBefore.
func (f ListFieldOf[T]) InsertAfter(ctx context.Context, pivot, element T) (int, error) {
	texts, err := textsOf(&f.at, "InsertAfter", []T{pivot, element})
	return f.at.insertIntoList(ctx, "InsertAfter", texts, true, err)
}

// insertIntoList is given the texts of a pivot and of an element.
func (k *keyRef) insertIntoList(ctx context.Context, op string, texts []string, behind bool, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	cmd := drivers.LInsert(texts[0], texts[1], behind, k.elements().cap)
	size, err := k.doInt(ctx, op, &cmd)
	switch {
	case err != nil:
		return 0, err
	case size <= 0:
		return 0, k.missing(op, texts[0])
	}
	return size, nil
}

// Remove takes out elements that equal element and returns how many: at most count of them
// from the left, at most -count from the right where count is negative, all where it is 0.
// One round trip (LREM).
func (f ListFieldOf[T]) Remove(ctx context.Context, element T, count int) (int, error) {
	text, err := textOf(&f.at, "Remove", element)
	return f.at.removeFromList(ctx, text, count, err)
}

func (k *keyRef) removeFromList(ctx context.Context, text string, count int, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	return k.doInt(ctx, "Remove", &drivers.Command{Op: drivers.OpLRem, Value: text, Amount: int64(count)})
}

// Trim takes out all elements but those from the place first to the place last, as Range
// has them. One round trip (LTRIM).
func (f ListFieldOf[T]) Trim(ctx context.Context, first, last int) error {
	return f.at.trimList(ctx, first, last)
}

//go:noinline // see askInt
func (k *keyRef) trimList(ctx context.Context, first, last int) error {
	_, err := k.do(ctx, "Trim", &drivers.Command{Op: drivers.OpLTrim, Start: int64(first), Stop: int64(last)})
	return err
}

// IndexOf is the place of the first element from the left that equals element, or
// ErrNotFound. One round trip (LPOS).
func (f ListFieldOf[T]) IndexOf(ctx context.Context, element T) (int, error) {
	text, err := textOf(&f.at, "IndexOf", element)
	return f.at.placeInList(ctx, text, err)
}

func (k *keyRef) placeInList(ctx context.Context, text string, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	cmd := drivers.LPos(text, 1, 1, 0)
	reply, err := k.do(ctx, "IndexOf", &cmd)
	switch {
	case err != nil:
		return 0, err
	case len(reply.Ints) == 0:
		return 0, k.missing("IndexOf", text)
	}
	return int(reply.Ints[0]), nil
}

// Len is the number of elements. One round trip (LLEN).
func (f ListFieldOf[T]) Len(ctx context.Context) (int, error) {
	return f.at.askInt(ctx, "Len", drivers.OpLLen)
}
