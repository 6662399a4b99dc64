package kv

import (
	"context"
	"strings"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// keyRef is where a value lies, as ref is where a store does. Its key is put together
// once, as every operation needs it.
type keyRef struct {
	driver *boundDriver
	node   *bound
	key    string
}

// value makes the place of a value of r.
func (r ref) value() keyRef { return keyRef{r.driver, r.node, r.path()} }

// base is the part of the key in front of what the node knows.
func (k keyRef) base() string {
	if k.node == nil {
		return ""
	}
	return k.key[:len(k.key)-len(k.node.suffix)]
}

// err is the error that the handle carries, or nil.
func (k keyRef) err() error {
	if k.node == nil {
		return errUnopened
	}
	return k.node.err
}

// carried is err as an operation returns it. Every operation asks it, so it has to be inlined.
func (k *keyRef) carried(op string) error {
	if k.node != nil && k.node.err == nil {
		return nil
	}
	return k.failCarried(op)
}

func (k *keyRef) failCarried(op string) error { return k.fail(op, k.err()) }

// broken is the place of a handle every operation of which returns err, unless it carries an error already.
func (k keyRef) broken(err error) keyRef {
	if k.err() == nil {
		k.node = &bound{err: err, suffix: k.node.suffix}
	}
	return k
}

func (k keyRef) fail(op string, err error) error { return fail(op, k.key, err) }

// missing is that of an element which is not there.
func (k *keyRef) missing(op, element string) error {
	return &Error{Op: op, Path: k.key, Err: ErrNotFound, element: element}
}

// lacksFunction is the outcome of an operation that is given nil for its function.
func (k *keyRef) lacksFunction(op string) error {
	if err := k.carried(op); err != nil {
		return err
	}
	return k.fail(op, errNoFunction)
}

// do executes a command on the field's key, which it puts into cmd. What needs no copy of a
// command is executed by ask, what waits by wait.
func (k keyRef) do(ctx context.Context, op string, cmd *drivers.Command) (reply drivers.Reply, err error) {
	err = k.doInto(ctx, op, cmd, &reply)
	return reply, err
}

// doInto is do, but for a copy of the reply.
func (k keyRef) doInto(ctx context.Context, op string, cmd *drivers.Command, reply *drivers.Reply) (err error) {
	if err = k.carried(op); err != nil {
		return err
	}
	k.address(cmd)
	if err = k.driver.admit(ctx); err == nil { // not by boundDriver.Do, which would copy the command once more
		*reply, err = k.driver.driver.Do(ctx, *cmd)
	}
	if err != nil {
		*reply = drivers.Reply{}
		return k.fail(op, err)
	}
	return nil
}

// ask executes a read without arguments: do, but for a copy of the command, which is large.
func (k keyRef) ask(ctx context.Context, op string, read drivers.Op) (drivers.Reply, error) {
	if err := k.carried(op); err != nil {
		return drivers.Reply{}, err
	}
	if err := k.driver.admit(ctx); err != nil {
		return drivers.Reply{}, k.fail(op, err)
	}
	reply, err := k.driver.driver.Do(ctx, drivers.Command{Op: read, Key: k.key, Pattern: k.node.pattern})
	if err != nil {
		return drivers.Reply{}, k.fail(op, err)
	}
	return reply, nil
}

// get reads a value, if there is one, whose time to live that starts anew where it is a sliding one. It is do,
// but for copies of the command and of the reply: nothing else is done as often.
func (k *keyRef) get(ctx context.Context, op string) (text string, exists bool, err error) {
	if err := k.carried(op); err != nil {
		return "", false, err
	}
	if err := k.driver.admit(ctx); err != nil {
		return "", false, k.fail(op, err)
	}
	if k.driver.texts != nil && !k.node.sliding {
		if text, exists, err = k.driver.texts.ReadText(ctx, k.key); err != nil {
			return "", false, k.fail(op, err)
		}
		return text, exists, nil
	}
	cmd := drivers.Command{Op: drivers.OpGet, Key: k.key, Pattern: k.node.pattern}
	if k.node.sliding {
		cmd.Op, cmd.Expiry = drivers.OpGetEx, k.node.expiry
	}
	reply, err := k.driver.driver.Do(ctx, cmd)
	if err != nil {
		return "", false, k.fail(op, err)
	}
	return reply.Value, !reply.Nil, nil
}

// together executes commands in one round trip, and returns the first error of any of them.
func (k keyRef) together(ctx context.Context, op string, commands ...drivers.Command) ([]drivers.Item, error) {
	if err := k.carried(op); err != nil {
		return nil, err
	}
	return k.execute(ctx, op, k.batchOf(commands))
}

func (k keyRef) execute(ctx context.Context, op string, batch *drivers.Batch) ([]drivers.Item, error) {
	if err := execute(ctx, k.driver, batch); err != nil {
		return nil, k.fail(op, err)
	}
	return batch.Items, nil
}

// batchOf is commands on the field's key.
func (k keyRef) batchOf(commands []drivers.Command) *drivers.Batch {
	batch := drivers.NewBatch(commands...)
	for i := range batch.Items {
		k.address(&batch.Items[i].Command)
	}
	return batch
}

// addressed is a command on the field's key.
func (k *keyRef) addressed(cmd drivers.Command) drivers.Command {
	k.address(&cmd)
	return cmd
}

// address gives a command the field's key, and the indexes a write of it has to keep.
func (k *keyRef) address(cmd *drivers.Command) {
	cmd.Key, cmd.Pattern = k.key, k.node.pattern
	if len(k.node.indexed) > 0 && cmd.Indexes() == nil && cmd.Op.Effect() == drivers.Writes {
		cmd.OwnExtra().Indexes = k.node.indexes(k.key)
	}
}

// doBool executes a command that is answered with 1 or 0.
func (k keyRef) doBool(ctx context.Context, op string, cmd *drivers.Command) (bool, error) {
	reply, err := k.do(ctx, op, cmd)
	return reply.Int == 1, err
}

// doInt executes a command that is answered with a number of things.
func (k keyRef) doInt(ctx context.Context, op string, cmd *drivers.Command) (int, error) {
	reply, err := k.do(ctx, op, cmd)
	return int(reply.Int), err
}

// checkSameDriver reports a handle that cannot take part in an operation of k.
func (k keyRef) checkSameDriver(op string, other keyRef) error {
	for _, handle := range []keyRef{k, other} {
		if err := handle.carried(op); err != nil {
			return err
		}
	}
	if !k.driver.same(other.driver) {
		return k.fail(op, errOtherDriver(other.key))
	}
	return nil
}

// keysWith are the keys of handles that an operation of k takes together with it.
func (k keyRef) keysWith(op string, others []keyRef) ([]string, error) {
	if err := k.carried(op); err != nil {
		return nil, err
	}
	keys := make([]string, len(others))
	for i, other := range others {
		if err := k.checkSameDriver(op, other); err != nil {
			return nil, err
		}
		keys[i] = other.key
	}
	return keys, nil
}

func (k keyRef) expire(ctx context.Context, op string, expiry drivers.Expiry) (bool, error) {
	return k.doBool(ctx, op, &drivers.Command{Op: drivers.OpExpire, Expiry: expiry})
}

// indexes are what every write of key has to keep up to date.
func (b *bound) indexes(key string) []drivers.Index {
	if len(b.indexed) == 0 {
		return nil
	}
	all := make([]drivers.Index, len(b.indexed))
	for i, store := range b.indexed {
		end := 0
		for range store.segments {
			end += strings.Index(key[end:], separator) + 1
		}
		segment, _, _ := strings.Cut(key[end:], separator)
		id, _ := store.element.UntagSegment(segment) // put together by Take, so it is right
		all[i] = drivers.Index{Key: key, Registry: dsl.RegistryKey(key[:end-1]), ID: id, Whole: store.singleKey, Names: store.names}
	}
	return all
}

// indexing completes a command that writes a document, with its entries in the indexes
// of the collection it is in.
func (k keyRef) indexing(cmd *drivers.Command, entries []drivers.Entry) *drivers.Command {
	if indexes := k.node.indexes(k.key); len(indexes) > 0 {
		indexes[0].Entries = entries
		cmd.OwnExtra().Indexes = indexes
	}
	return cmd
}

// waitAny is wait for a command that takes out of the first of handles that has something. It
// returns that handle, whose place is the reply's Int.
func waitAny(ctx context.Context, op string, cmd *drivers.Command, handles []keyRef) (keyRef, drivers.Reply, error) {
	if len(handles) == 0 {
		return keyRef{}, drivers.Reply{}, fail(op, "(none)", drivers.Errorf(ErrInvalid, "nothing to wait for"))
	}
	first := handles[0]
	keys, err := first.keysWith(op, handles[1:])
	if err != nil {
		return keyRef{}, drivers.Reply{}, err
	}
	extra := cmd.OwnExtra()
	extra.Keys = keys
	for _, handle := range handles {
		extra.Indexes = append(extra.Indexes, handle.node.indexes(handle.key)...)
	}
	reply, err := first.wait(ctx, op, cmd)
	return handles[reply.Int], reply, err
}

// wait is do for a command that waits until there is something to answer with, or until
// the context ends. What was taken out comes beside an error if that befell later. Within
// a batch or a transaction it is errors.ErrUnsupported.
func (k keyRef) wait(ctx context.Context, op string, cmd *drivers.Command) (drivers.Reply, error) {
	if err := k.carried(op); err != nil {
		return drivers.Reply{}, err
	}
	k.address(cmd)
	reply, err := k.driver.Block(ctx, *cmd)
	if err != nil {
		return reply, k.fail(op, err)
	}
	return reply, nil
}
