// Package overlay lets a transaction see what its own writes will have done.
//
// An Overlay lies over what is committed. Nothing that is written goes through it to the
// store: it answers a write as the store is going to, keeps it for the commit, and answers
// reads as if it had been executed. It reads what that takes from the store, whose
// transaction watches it, so that a commit that succeeds has told the truth.
//
// How much it reads:
//
//   - A value that has not been written is read from the store, by the read itself.
//   - The first write of a value asks what its answer depends on (drivers.Predict), which is no
//     more than what it names or takes out: a length, a last id, the first element of a list.
//     A push, an append and an entry added answer for the next one, which asks nothing.
//   - What names elements - members of sets and sorted sets, fields of hashes, jobs - is executed on a
//     copy that has these elements and stands for the others by their number.
//   - Anything else that concerns a value written before needs a copy of all of it. It is read once, and the
//     writes so far are executed on it, by the engine of the memory driver.
//
// Several transactions may follow each other on one Overlay: see PassOn.
//
// The groups of a stream and the times to live of fields are no part of a copy. What nobody
// but the store can know is errors.ErrUnsupported.
package overlay

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
)

// Store is what an Overlay lies over.
type Store interface {
	// Read executes reads of what is committed, in one round trip, and watches it. Its error
	// is one that befell all of them.
	Read(ctx context.Context, items []drivers.Item) error
	// Evicts is as in drivers.Evicter.
	Evicts(ctx context.Context, key string) (bool, error)
}

// Overlay is the values of one transaction, as its own writes leave them. It is for one
// goroutine at a time.
type Overlay struct {
	store  Store
	writes []drivers.Item // in their order; the commit
	passed bool           // to a transaction that has not made all of them
	values map[string]*value
	copies copies
	now    int64                   // on the store's clock, in milliseconds, at which all takes place; 0 until it was asked
	stores map[string]*bookkeeping // by the keys of their registries and indexes
}

// value is what is known of the value of a key.
type value struct {
	written bool
	answers []answer // to reads without arguments
	copy    extent
	part    part
}

// answer is what a read without arguments is answered.
type answer struct {
	op    drivers.Op
	reply drivers.Reply
}

// New makes an Overlay over a store. It ends with End.
func New(store Store) *Overlay { return &Overlay{store: store} }

// Writes are the commands that do what was answered, for an atomic batch.
func (o *Overlay) Writes() []drivers.Item { return o.writes }

// PassOn says that another transaction follows, which sees what was written so far. It does not have to
// pay for that: what would take a copy of all of a value is ErrShared, for whoever finds
// it to begin a transaction of its own.
func (o *Overlay) PassOn() { o.passed = len(o.writes) > 0 }

// ErrShared is the error of what an Overlay does not do for a transaction that follows another.
var ErrShared = errors.New("overlay: too much for a transaction that follows another")

// End forgets all copies. The Overlay must not be used after it, but for Writes.
func (o *Overlay) End() {
	for _, b := range o.stores {
		b.forget()
	}
	if o.copies.engine == nil {
		return
	}
	var copied []string
	for key, v := range o.values {
		if v.copy != nothing {
			copied = append(copied, key)
		}
	}
	o.copies.engine.release(copied)
	o.copies.engine = nil
}

// at is what is known of a key.
func (o *Overlay) at(key string) *value {
	v := o.values[key]
	if v == nil {
		if o.values == nil {
			o.values = map[string]*value{}
		}
		v = &value{}
		o.values[key] = v
	}
	return v
}

// keysOf are all that a command looks at, but for those of its Indexes.
func keysOf(cmd *drivers.Command) []string { return append([]string{cmd.Key}, cmd.Keys()...) }

// anyKey reports whether one of them is so.
func anyKey(cmd *drivers.Command, so func(key string) bool) bool {
	return so(cmd.Key) || slices.ContainsFunc(cmd.Keys(), so)
}

// Read answers reads. Those of what was not written take one round trip together. An error
// is one that befell all.
func (o *Overlay) Read(ctx context.Context, items []drivers.Item) error {
	var asked, own []int
	batch := &drivers.Batch{}
	for i := range items {
		item := &items[i]
		switch {
		case o.recall(item):
		case o.committed(&item.Command):
			asked = append(asked, i)
			batch.Items = append(batch.Items, drivers.Item{Command: item.Command})
		default:
			own = append(own, i)
		}
	}
	if len(asked) > 0 {
		if err := o.store.Read(ctx, batch.Items); err != nil {
			return err
		}
	}
	for i, place := range asked {
		items[place].Reply, items[place].Err = batch.Items[i].Reply, batch.Items[i].Err
		switch item := &items[place]; {
		case item.Err != nil:
		case item.Command.Op == drivers.OpTime:
			o.now = item.Reply.Int
		case item.Command.Op == drivers.OpGet:
			o.remember(item.Command.Key, drivers.OpGet, item.Reply)
		}
	}
	for _, place := range own {
		reply, err := o.answer(ctx, items[place].Command)
		var failed *readError
		if errors.As(err, &failed) {
			return failed.err
		}
		items[place].Reply, items[place].Err = reply, err
	}
	return nil
}

// readError is what befell a read of the store that had to be made for a command.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

// load executes reads of the store that a command needs.
func (o *Overlay) load(ctx context.Context, items []drivers.Item) error {
	if err := o.store.Read(ctx, items); err != nil {
		return &readError{err}
	}
	return nil
}

// committed reports whether the store answers a read as it stands.
func (o *Overlay) committed(cmd *drivers.Command) bool {
	if cmd.Op == drivers.OpTime || cmd.Op.Paged() && cmd.Cursor() != 0 {
		return true // the store has begun, with what was there then
	}
	return !anyKey(cmd, func(key string) bool {
		v := o.values[key]
		return v != nil && v.written || o.stores[key] != nil
	})
}

// remember notes the answer to a read without arguments.
func (o *Overlay) remember(key string, op drivers.Op, reply drivers.Reply) {
	v := o.at(key)
	if _, known := v.answer(op); !known {
		v.answers = append(v.answers, answer{op, reply})
	}
}

func (v *value) answer(op drivers.Op) (drivers.Reply, bool) {
	for i := range v.answers {
		if v.answers[i].op == op {
			return v.answers[i].reply, true
		}
	}
	return drivers.Reply{}, false
}

// recall answers a read from what is known.
func (o *Overlay) recall(item *drivers.Item) bool {
	if item.Command.Op == drivers.OpTime && o.now != 0 {
		item.Reply = drivers.Reply{Int: o.now}
		return true
	}
	v := o.values[item.Command.Key]
	if v == nil || len(item.Command.Keys()) > 0 {
		return false
	}
	reply, known := v.recall(item.Command.Op)
	if known {
		item.Reply = reply
	}
	return known
}

func (v *value) recall(op drivers.Op) (reply drivers.Reply, known bool) {
	if reply, known = v.answer(op); known {
		return reply, true
	}
	text, known := v.answer(drivers.OpGet)
	switch {
	case op == drivers.OpStrLen && known:
		return drivers.Reply{Int: int64(len(text.Value))}, true
	case op == drivers.OpExists && known && text.Nil:
		return drivers.Reply{}, true
	case op == drivers.OpExists:
		_, stream := v.answer(drivers.OpXLastID)
		elements, _ := v.answer(drivers.OpLLen)
		bytes, _ := v.answer(drivers.OpStrLen)
		return drivers.Reply{Int: 1}, known || stream || elements.Int > 0 || bytes.Int > 0
	}
	return drivers.Reply{}, false
}

// answer answers a read of what was written.
func (o *Overlay) answer(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	if err := drivers.Check(&cmd); err != nil {
		return drivers.Reply{}, err
	}
	switch {
	case o.stores[cmd.Key] != nil:
		return o.stores[cmd.Key].answer(ctx, o, cmd)
	case cmd.Op == drivers.OpXPending:
		return o.pending(ctx, cmd)
	case cmd.Op.Outside():
		return drivers.Reply{}, unknown(cmd.Key)
	}
	if err := o.copy(ctx, cmd); err != nil {
		return drivers.Reply{}, err
	}
	reply, err := read(ctx, o.copies.engine, cmd)
	if v := o.at(cmd.Key); v.copy == some && v.part.counts(cmd.Op) && err == nil {
		reply.Int += v.part.rest - 1
	}
	return reply, err
}

// unknown refuses what nobody but the store can know.
func unknown(key string) error {
	return fmt.Errorf("%s, which was written earlier in the transaction: %w", key, errors.ErrUnsupported)
}

// Write answers a write as the store is going to, and keeps it for the commit.
func (o *Overlay) Write(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	reply, err := o.write(ctx, cmd)
	var failed *readError
	if errors.As(err, &failed) {
		return drivers.Reply{}, failed.err
	}
	return reply, err
}

func (o *Overlay) write(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	if err := drivers.Check(&cmd); err != nil {
		return drivers.Reply{}, err
	}
	evicts := func() (bool, error) { return o.store.Evicts(ctx, cmd.Key) }
	if err := drivers.Unique(cmd, o.readUnique(ctx), evicts); err != nil {
		return drivers.Reply{}, err
	}
	if cmd.Op == drivers.OpReconcile { // which can wait
		prediction, err := drivers.Predict(cmd, o.reading(ctx))
		return prediction.Reply, err
	}
	foreseen, err := o.foresee(ctx, cmd)
	if err != nil || foreseen.Nothing && (len(cmd.Indexes()) == 0 || foreseen.Command.Op == drivers.OpInvalid) {
		return foreseen.Reply, err
	}
	o.writes = append(o.writes, drivers.Item{Command: own(foreseen.Command)})
	o.wroteIndexes(cmd, foreseen.Reply)
	if !foreseen.Nothing {
		o.wrote(cmd, foreseen.Reply)
	}
	return foreseen.Reply, nil
}

// foresee is what a write is going to do and to answer.
func (o *Overlay) foresee(ctx context.Context, cmd drivers.Command) (drivers.Prediction, error) {
	reach, _ := cmd.Reach()
	switch {
	case cmd.Op.Outside():
		prediction, err := drivers.Predict(cmd, o.reading(ctx))
		if v := o.values[cmd.Key]; err == nil && v != nil && v.copy != nothing {
			err = o.copies.engine.execute(ctx, cmd) // a stream may begin with its group
		}
		return prediction, err
	case cmd.Op.Predicts() && !o.copied(&cmd):
		prediction, err := drivers.Predict(cmd, o.readKnown(ctx))
		if !errors.Is(err, errUnread) {
			return prediction, err
		}
	case cmd.Op.Predicts(), cmd.Op.Copies(), reach > drivers.ReachSize:
	default:
		return drivers.Prediction{}, fmt.Errorf("within a transaction: %w", errors.ErrUnsupported)
	}
	return o.execute(ctx, cmd)
}

// errUnread says that a prediction would have to read what was written.
var errUnread = errors.New("written earlier in the transaction")

// reading reads through the overlay.
func (o *Overlay) reading(ctx context.Context) drivers.ReadAll {
	return func(items []drivers.Item) error { return o.Read(ctx, items) }
}

// readKnown reads for a prediction what was not written, and what is known of the rest.
func (o *Overlay) readKnown(ctx context.Context) drivers.ReadAll {
	return func(items []drivers.Item) error {
		for i := range items {
			known := items[i]
			if !o.recall(&known) && !o.committed(&items[i].Command) {
				return errUnread
			}
		}
		return o.Read(ctx, items)
	}
}

// copied reports whether one of a command's values has a copy, which must not fall behind.
func (o *Overlay) copied(cmd *drivers.Command) bool {
	return anyKey(cmd, func(key string) bool {
		v := o.values[key]
		return v != nil && v.copy != nothing
	})
}

// execute executes a write on copies.
func (o *Overlay) execute(ctx context.Context, cmd drivers.Command) (drivers.Prediction, error) {
	if err := o.copy(ctx, cmd); err != nil {
		return drivers.Prediction{}, err
	}
	reply, err := o.executeOnCopies(ctx, cmd)
	if err != nil {
		return drivers.Prediction{}, err
	}
	settled := cmd.Settled(reply)
	return drivers.Prediction{Reply: reply, Command: settled, Nothing: settled.Op == drivers.OpInvalid}, nil
}

// wrote notes what a write has changed.
func (o *Overlay) wrote(cmd drivers.Command, reply drivers.Reply) {
	for _, key := range cmd.Written() {
		v := o.at(key)
		v.written, v.answers = true, nil
	}
	if op, answer := cmd.Shows(reply); op != drivers.OpInvalid && !o.copied(&cmd) {
		o.remember(cmd.Key, op, answer)
	}
}

// own copies the slices of a command, which are the caller's again once it is answered.
func own(cmd drivers.Command) drivers.Command {
	cmd.Values = append([]string(nil), cmd.Values...)
	if cmd.Extra != nil {
		extra := cmd.OwnExtra()
		extra.Keys = append([]string(nil), extra.Keys...)
		extra.Scores = append([]float64(nil), extra.Scores...)
		extra.Indexes = append([]drivers.Index(nil), extra.Indexes...)
	}
	return cmd
}
