package kv

import (
	"context"
	"fmt"

	"github.com/samber/lo"

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
	return f.push(ctx, "PushLeft", drivers.LPush(f.cap), elements)
}

// PushRight puts elements in on the right, one after the other, and returns the new size. A
// cap drops elements on the left. One round trip (RPUSH; with a cap, or with a TTL in the
// schema, a script).
func (f ListFieldOf[T]) PushRight(ctx context.Context, elements ...T) (int, error) {
	return f.push(ctx, "PushRight", drivers.RPush(f.cap), elements)
}

func (f ListFieldOf[T]) push(ctx context.Context, op string, push drivers.Command, elements []T) (int, error) {
	return changesOf(ctx, f.at, op, f.at.changing(&push), elements)
}

// PopLeft takes out up to count elements from the left and returns them. Those that are no
// T are not among them: the error has a *CorruptElementError for each. A negative count is
// ErrInvalid. One round trip (LPOP).
func (f ListFieldOf[T]) PopLeft(ctx context.Context, count int) ([]T, error) {
	return f.pop(ctx, "PopLeft", drivers.OpLPop, count)
}

// PopRight takes out up to count elements from the right, that on the right first. See
// PopLeft. One round trip (RPOP).
func (f ListFieldOf[T]) PopRight(ctx context.Context, count int) ([]T, error) {
	return f.pop(ctx, "PopRight", drivers.OpRPop, count)
}

func (f ListFieldOf[T]) pop(ctx context.Context, op string, pop drivers.Op, count int) ([]T, error) {
	reply, err := f.at.do(ctx, op, &drivers.Command{Op: pop, Amount: int64(count)})
	if err != nil {
		return nil, err
	}
	return poppedOf[T](f.at, op, reply)
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
	return f.popWait(ctx, "PopLeftWait", drivers.OpLPop)
}

// PopRightWait takes out the first element from the right, and waits for one. See PopLeftWait.
func (f ListFieldOf[T]) PopRightWait(ctx context.Context) (T, error) {
	return f.popWait(ctx, "PopRightWait", drivers.OpRPop)
}

func (f ListFieldOf[T]) popWait(ctx context.Context, op string, pop drivers.Op) (T, error) {
	reply, err := f.at.wait(ctx, op, &drivers.Command{Op: pop, Amount: 1})
	return awaitedOf[T](f.at, op, reply, err)
}

// PopLeftWait takes out the first element from the left of the first of lists that has one,
// and waits for one in any of them; from is the place of the list that had it. Those who wait
// for a list are served in the order in which they came, whichever others they wait for. Of
// several lists that get elements in one step - an atomic batch, a transaction - it may be any.
// Without lists, or with some of another driver, it is ErrInvalid; in a cluster all must lie in
// one slot, else it is ErrCrossSlot. For the rest it is the method of that name, with LMPOP in
// place of LPOP.
func PopLeftWait[T any](ctx context.Context, lists ...ListFieldOf[T]) (element T, from int, err error) {
	return popWaitAny(ctx, "PopLeftWait", false, lists)
}

// PopRightWait takes out the first element from the right of the first of lists that has one,
// and waits for one in any of them. See the function PopLeftWait.
func PopRightWait[T any](ctx context.Context, lists ...ListFieldOf[T]) (element T, from int, err error) {
	return popWaitAny(ctx, "PopRightWait", true, lists)
}

func popWaitAny[T any](ctx context.Context, op string, right bool, lists []ListFieldOf[T]) (T, int, error) {
	cmd := drivers.Command{Op: drivers.OpLMPop, Reverse: right, Amount: 1}
	at, reply, err := waitAny(ctx, op, &cmd, lo.Map(lists, func(list ListFieldOf[T], _ int) keyRef { return list.at }))
	element, err := awaitedOf[T](at, op, reply, err)
	return element, int(reply.Int), err
}

// awaitedOf is an element that was taken out, even where something went wrong after that.
func awaitedOf[T any](at keyRef, op string, reply drivers.Reply, err error) (element T, _ error) {
	if len(reply.Values) == 0 {
		return element, err
	}
	elements, corrupt := poppedOf[T](at, op, reply)
	if corrupt != nil {
		return element, corrupt
	}
	return elements[0], err
}

// Move takes the element at the end from of this list out, puts it in at the end toEnd of
// another, and returns it, in one step. Where this list is empty it is ErrNotFound. A list
// moved to itself is rotated. The other list must be opened on the same driver; in a
// cluster both must lie in one slot, else the error is ErrCrossSlot. A cap of the other
// list drops elements at its other end. One round trip (LMOVE; with a cap or a TTL in the
// other's schema, a script).
func (f ListFieldOf[T]) Move(ctx context.Context, to ListFieldOf[T], from, toEnd ListEnd) (element T, err error) {
	cmd, err := f.moving("Move", to, from, toEnd)
	if err != nil {
		return element, err
	}
	reply, err := f.at.do(ctx, "Move", &cmd)
	return f.found("Move", reply, err)
}

// MoveWait is Move that waits for an element as long as the context lasts; see PopLeftWait.
// On Redis a cap or a TTL of the other's schema is applied right after the element was
// moved, if that had to be waited for (BLMOVE and a script); if that fails, the element is
// returned all the same, with the error.
func (f ListFieldOf[T]) MoveWait(ctx context.Context, to ListFieldOf[T], from, toEnd ListEnd) (element T, err error) {
	cmd, err := f.moving("MoveWait", to, from, toEnd)
	if err != nil {
		return element, err
	}
	reply, waited := f.at.wait(ctx, "MoveWait", &cmd)
	if waited != nil && reply.Value == "" {
		return element, waited
	}
	if element, err = f.found("MoveWait", reply, nil); err == nil {
		err = waited
	}
	return element, err
}

func (f ListFieldOf[T]) moving(op string, to ListFieldOf[T], from, toEnd ListEnd) (drivers.Command, error) {
	if err := f.at.checkSameDriver(op, to.at); err != nil {
		return drivers.Command{}, err
	}
	cmd := drivers.LMove(to.at.key, drivers.ListEnd(from), drivers.ListEnd(toEnd), to.cap)
	cmd.Indexes = append(f.at.node.indexes(f.at.key), to.at.node.indexes(to.at.key)...)
	to.at.changing(&cmd)
	return cmd, nil
}
