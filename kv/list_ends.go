package kv

import (
	"context"
	"fmt"

	"github.com/kvstore-go/kvstore/drivers"
)

// ListEnd is an end of a list.
type ListEnd int

// The ends of a list.
const (
	Left  ListEnd = 0
	Right ListEnd = -1
)

// String is the end in lower case.
func (e ListEnd) String() string {
	switch e {
	case Left:
		return "left"
	case Right:
		return "right"
	}
	return fmt.Sprintf("ListEnd(%d)", int(e))
}

// PushLeft puts elements in on the left, one after the other, and returns the new size. A
// cap drops elements on the right. One round trip (LPUSH; with a cap, or with a TTL in the
// schema, a script).
func (f ListFieldOf[T]) PushLeft(ctx context.Context, elements ...T) (int, error) {
	texts, err := textsOf(&f.at, "PushLeft", elements)
	return f.at.pushToList(ctx, "PushLeft", drivers.LPush, texts, err)
}

// PushRight puts elements in on the right, one after the other, and returns the new size. A
// cap drops elements on the left. One round trip (RPUSH; with a cap, or with a TTL in the
// schema, a script).
func (f ListFieldOf[T]) PushRight(ctx context.Context, elements ...T) (int, error) {
	texts, err := textsOf(&f.at, "PushRight", elements)
	return f.at.pushToList(ctx, "PushRight", drivers.RPush, texts, err)
}

func (k *keyRef) pushToList(ctx context.Context, op string, push func(limit int64, elements ...string) drivers.Command, texts []string, err error) (int, error) {
	if len(texts) == 0 || err != nil {
		return 0, err
	}
	cmd := push(k.elements().cap, texts...)
	return k.doInt(ctx, op, k.changing(&cmd))
}

// PopLeft takes out up to count elements from the left and returns them. Those that are no
// T are not among them: the error has a *CorruptElementError for each. A negative count is
// ErrInvalid. One round trip (LPOP).
func (f ListFieldOf[T]) PopLeft(ctx context.Context, count int) ([]T, error) {
	texts, err := f.at.popFromList(ctx, "PopLeft", drivers.OpLPop, count)
	return poppedOf[T](&f.at, "PopLeft", texts, err)
}

// PopRight takes out up to count elements from the right, that on the right first. See
// PopLeft. One round trip (RPOP).
func (f ListFieldOf[T]) PopRight(ctx context.Context, count int) ([]T, error) {
	texts, err := f.at.popFromList(ctx, "PopRight", drivers.OpRPop, count)
	return poppedOf[T](&f.at, "PopRight", texts, err)
}

func (k *keyRef) popFromList(ctx context.Context, op string, pop drivers.Op, count int) ([]string, error) {
	return k.texts(ctx, op, &drivers.Command{Op: pop, Amount: int64(count)})
}

// PopLeftWait takes out the first element from the left, and waits for one as long as the
// context lasts. Those who wait for one list are served in the order in which they came.
// Nothing is taken out where the error is the context's. Within a batch or a transaction it
// is errors.ErrUnsupported. One round trip where there is an element (LPOP), else three
// (BLMPOP on a connection of its own), and more as it goes on.
//
// An element that is no T is reported in the error, a *CorruptElementError. ErrIndeterminate
// says that the connection was lost, maybe together with an element.
func (f ListFieldOf[T]) PopLeftWait(ctx context.Context) (T, error) {
	texts, err := f.at.awaitInList(ctx, "PopLeftWait", drivers.OpLPop)
	return awaitedOf[T](&f.at, "PopLeftWait", texts, err)
}

// PopRightWait takes out the first element from the right, and waits for one. See PopLeftWait.
func (f ListFieldOf[T]) PopRightWait(ctx context.Context) (T, error) {
	texts, err := f.at.awaitInList(ctx, "PopRightWait", drivers.OpRPop)
	return awaitedOf[T](&f.at, "PopRightWait", texts, err)
}

// awaitInList is what has been taken out of a list, even beside an error.
//
//go:noinline // see askInt
func (k *keyRef) awaitInList(ctx context.Context, op string, pop drivers.Op) ([]string, error) {
	reply, err := k.wait(ctx, op, &drivers.Command{Op: pop, Amount: 1})
	return reply.Values, err
}

// PopLeftWait takes out the first element from the left of the first of lists that has one,
// and waits for one in any of them; from is the place of the list that had it. Those who wait
// for a list are served in the order in which they came, whichever others they wait for. Of
// several lists that get elements in one step - an atomic batch, a transaction - it may be any.
// Without lists, or with some of another driver, it is ErrInvalid; in a cluster all must lie in
// one slot, else it is ErrCrossSlot. For the rest it is the method of that name, with LMPOP in
// place of LPOP.
func PopLeftWait[T any](ctx context.Context, lists ...ListFieldOf[T]) (element T, from int, err error) {
	at, texts, from, err := awaitInLists(ctx, "PopLeftWait", false, keyRefsOf(lists))
	element, err = awaitedOf[T](&at, "PopLeftWait", texts, err)
	return element, from, err
}

// PopRightWait takes out the first element from the right of the first of lists that has one,
// and waits for one in any of them. See the function PopLeftWait.
func PopRightWait[T any](ctx context.Context, lists ...ListFieldOf[T]) (element T, from int, err error) {
	at, texts, from, err := awaitInLists(ctx, "PopRightWait", true, keyRefsOf(lists))
	element, err = awaitedOf[T](&at, "PopRightWait", texts, err)
	return element, from, err
}

// awaitInLists is what has been taken out of the first of lists that had something, and which that was.
func awaitInLists(ctx context.Context, op string, right bool, lists []keyRef) (at keyRef, texts []string, from int, err error) {
	cmd := drivers.Command{Op: drivers.OpLMPop, Reverse: right, Amount: 1}
	at, reply, err := waitAny(ctx, op, &cmd, lists)
	return at, reply.Values, int(reply.Int), err
}

// Move takes the element at the end from of this list out, puts it in at the end toEnd of
// another, and returns it, in one step. Where this list is empty it is ErrNotFound. A list
// moved to itself is rotated. The other list must be opened on the same driver; in a
// cluster both must lie in one slot, else the error is ErrCrossSlot. A cap of the other
// list drops elements at its other end. One round trip (LMOVE; with a cap or a TTL in the
// other's schema, a script).
func (f ListFieldOf[T]) Move(ctx context.Context, to ListFieldOf[T], from, toEnd ListEnd) (element T, err error) {
	text, _, err := f.at.moveInLists(ctx, "Move", &to.at, from, toEnd, false)
	return elementOf[T](&f.at, "Move", text, err)
}

// MoveWait is Move that waits for an element as long as the context lasts; see PopLeftWait.
// On Redis a cap or a TTL of the other's schema is applied right after the element was
// moved, if that had to be waited for (BLMOVE and a script); if that fails, the element is
// returned all the same, with the error.
func (f ListFieldOf[T]) MoveWait(ctx context.Context, to ListFieldOf[T], from, toEnd ListEnd) (element T, err error) {
	text, moved, waited := f.at.moveInLists(ctx, "MoveWait", &to.at, from, toEnd, true)
	if !moved {
		return element, waited
	}
	if element, err = elementOf[T](&f.at, "MoveWait", text, nil); err == nil {
		err = waited
	}
	return element, err
}

// moveInLists moves what is at an end of a list to an end of another. It may have been moved although there is
// an error.
func (k *keyRef) moveInLists(ctx context.Context, op string, to *keyRef, from, toEnd ListEnd, waiting bool) (text string, moved bool, err error) {
	if err := k.checkSameDriver(op, *to); err != nil {
		return "", false, err
	}
	cmd := drivers.LMove(to.key, drivers.ListEnd(from), drivers.ListEnd(toEnd), to.elements().cap)
	cmd.OwnExtra().Indexes = append(k.node.indexes(k.key), to.node.indexes(to.key)...)
	to.changing(&cmd)
	var reply drivers.Reply
	if waiting {
		reply, err = k.wait(ctx, op, &cmd)
	} else {
		reply, err = k.do(ctx, op, &cmd)
	}
	switch {
	case err != nil:
		return reply.Value, reply.Value != "", err
	case reply.Nil:
		return "", false, k.fail(op, ErrNotFound)
	}
	return reply.Value, true, nil
}
