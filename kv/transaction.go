package kv

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"sync"

	"github.com/kvstore-go/kvstore/drivers"
)

// transaction is the driver that the handles of one try of Atomic are bound to. Reads
// are executed at once and watched. Writes are answered with what they are going to
// answer, and queued.
type transaction struct {
	driver drivers.Driver

	mu          sync.Mutex
	ended       bool
	tx          drivers.Transaction // begun with the first read
	interrupted error               // what a read was interrupted with
	reads       int
	anchor      drivers.Command // one of the reads, to commit where there is nothing to write
	queue       []drivers.Item
	known       map[string]known
	indexed     map[string]map[string][]string // by index and id: the values of documents it has written
}

// known is what the transaction knows of a key it has read or written.
type known struct {
	written bool
	whole   bool // value and exists are what is there
	exists  bool
	value   string
}

// errStale says that what was read has been changed by somebody else.
var errStale = errors.New("what was read has been changed")

func newTransaction() *transaction {
	return &transaction{known: map[string]known{}, indexed: map[string]map[string][]string{}}
}

// over makes it a transaction of a driver.
func (t *transaction) over(opened drivers.Driver) (drivers.Driver, error) {
	switch opened.(type) {
	case *transaction, *recorder:
		return nil, errSpent("a transaction within a transaction or a batch")
	}
	t.driver = opened
	return t, nil
}

// run calls fn and commits. It returns the outcome of fn and of the commit, or else why it
// is not to be believed.
func (t *transaction) run(ctx context.Context, fn func() error) (outcome, doubt error) {
	defer t.end()
	returned := false
	defer func() {
		if returned {
			return
		}
		if doubt = t.doubt(ctx); doubt != nil { // else the panic goes on as if nobody had looked
			_ = recover()
		}
	}()
	outcome = fn()
	returned = true
	if outcome != nil {
		return outcome, t.doubt(ctx)
	}
	if t.interrupted != nil { // fn has made light of it
		return nil, t.interrupted
	}
	outcome = t.commit(ctx, true)
	if errors.Is(outcome, errStale) || errors.Is(outcome, drivers.ErrInterrupted) {
		return nil, outcome
	}
	return outcome, nil
}

// doubt says why that fn failed, with an error or a panic, is not to be believed: it may have
// made that of reads that do not fit together, or of one that was not answered.
func (t *transaction) doubt(ctx context.Context) error {
	if ctx.Err() != nil {
		return nil
	}
	if t.interrupted != nil || t.reads < 2 {
		return t.interrupted
	}
	err := t.commit(ctx, false)
	if errors.Is(err, errStale) || errors.Is(err, drivers.ErrInterrupted) {
		return err
	}
	return nil
}

func (t *transaction) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	if t.tx != nil {
		t.tx.End()
	}
}

// commit applies what was written, if apply says so, provided that what was read is unchanged.
func (t *transaction) commit(ctx context.Context, apply bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	batch := &drivers.Batch{Atomic: true}
	if apply {
		batch.Items = t.queue
	}
	switch {
	case len(batch.Items) == 0 && t.reads < 2:
		return nil // one read is consistent with itself
	case len(batch.Items) == 0:
		batch.Items = []drivers.Item{{Command: t.anchor}}
	}
	on := t.driver
	if t.tx != nil {
		on = t.tx
	}
	err := drivers.DoBatch(ctx, on, batch)
	if errors.Is(err, drivers.ErrConflict) {
		return errStale
	}
	if err != nil {
		return fail("Atomic", "(transaction)", err)
	}
	for _, item := range batch.Items {
		if item.Err != nil {
			return fail("Atomic", item.Command.Key, item.Err)
		}
	}
	return nil
}

// Do implements drivers.Driver.
func (t *transaction) Do(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	items := []drivers.Item{{Command: cmd}}
	if err := t.DoBatch(ctx, &drivers.Batch{Items: items}); err != nil {
		return drivers.Reply{}, err
	}
	return items[0].Reply, items[0].Err
}

// DoBatch implements drivers.Batcher. Consecutive reads take one round trip.
func (t *transaction) DoBatch(ctx context.Context, b *drivers.Batch) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	err := ctx.Err() // a write need not ask anybody else
	if t.ended {
		err = errSpent("a handle of a transaction that is over")
	}
	if err != nil {
		b.Fail(err)
		return err
	}
	for rest := b.Items; len(rest) > 0; {
		reads := 0
		for reads < len(rest) && rest[reads].Command.Op.Effect() == drivers.Reads {
			reads++
		}
		if reads == 0 {
			rest[0].Reply, rest[0].Err = t.write(ctx, rest[0].Command)
			reads = 1
		} else if err := t.read(ctx, rest[:reads]); err != nil {
			b.Fail(err)
			return err
		}
		rest = rest[reads:]
	}
	return nil
}

// Scan implements drivers.Scanner, to refuse.
func (t *transaction) Scan(context.Context, drivers.Command) iter.Seq2[string, error] {
	return notListed("listing keys in a transaction, which without IndexKeys nobody could watch")
}

// read answers reads from what is known, and the others together from what is committed.
func (t *transaction) read(ctx context.Context, items []drivers.Item) error {
	batch, places := drivers.NewBatch(), []int(nil)
	for i := range items {
		item := &items[i]
		if t.recall(item) {
			continue
		}
		if item.Err = t.unwritten(item.Command); item.Err != nil {
			continue
		}
		places = append(places, i)
		batch.Items = append(batch.Items, drivers.Item{Command: item.Command})
	}
	if err := t.committed(ctx, batch); err != nil {
		return err
	}
	for i, place := range places {
		items[place] = batch.Items[i]
		if item := items[place]; item.Err == nil && item.Command.Op == drivers.OpGet {
			t.known[item.Command.Key] = known{whole: true, exists: !item.Reply.Nil, value: item.Reply.Value}
		}
	}
	return nil
}

// committed reads what is committed, and watches it.
func (t *transaction) committed(ctx context.Context, batch *drivers.Batch) error {
	if len(batch.Items) == 0 {
		return nil
	}
	err := t.ask(ctx, batch)
	t.note(err)
	for i := range batch.Items {
		t.note(batch.Items[i].Err)
	}
	return err
}

// note remembers that a read was interrupted, whatever fn makes of that.
func (t *transaction) note(err error) {
	if t.interrupted == nil && errors.Is(err, drivers.ErrInterrupted) {
		t.interrupted = err
	}
}

func (t *transaction) ask(ctx context.Context, batch *drivers.Batch) error {
	if t.tx == nil {
		tx, err := drivers.Begin(ctx, t.driver, batch.Items[0].Command.Key)
		if err != nil {
			return err
		}
		t.tx = tx
	}
	t.reads += len(batch.Items)
	t.anchor = drivers.Command{Op: drivers.OpExists, Key: batch.Items[0].Command.Key, Pattern: batch.Items[0].Command.Pattern}
	return t.tx.DoBatch(ctx, batch)
}

// Evicts implements drivers.Evicter.
func (t *transaction) Evicts(ctx context.Context, key string) (bool, error) {
	return drivers.Evicts(ctx, t.driver, key)
}

// recall answers a read of a key whose value is known.
func (t *transaction) recall(item *drivers.Item) bool {
	key := t.known[item.Command.Key]
	if !key.whole {
		return false
	}
	switch item.Command.Op {
	case drivers.OpGet:
		item.Reply = drivers.Reply{Nil: !key.exists, Value: key.value}
	case drivers.OpExists:
		item.Reply = drivers.Reply{}
		if key.exists {
			item.Reply.Int = 1
		}
	case drivers.OpStrLen:
		item.Reply = drivers.Reply{Int: int64(len(key.value))}
	default:
		return false
	}
	return true
}

// unwritten refuses a read of what the transaction has written.
func (t *transaction) unwritten(cmd drivers.Command) error {
	for _, key := range append([]string{cmd.Key}, cmd.Keys...) {
		if t.known[key].written {
			return fmt.Errorf("%w: %s was written earlier in the transaction, so what it will hold is not known; read first", ErrInvalid, key)
		}
	}
	return nil
}

// write works out what a write will answer, and queues it.
func (t *transaction) write(ctx context.Context, cmd drivers.Command) (drivers.Reply, error) {
	prediction, err := drivers.Predict(cmd, func(items []drivers.Item) error { return t.foresee(ctx, items) },
		func() (bool, error) { return t.Evicts(ctx, cmd.Key) })
	if err != nil || cmd.Op == drivers.OpReconcile || prediction.Nothing { // reconciling can wait
		return prediction.Reply, err
	}
	t.queue = append(t.queue, drivers.Item{Command: own(prediction.Command)})
	t.wrote(cmd, prediction.Reply)
	return prediction.Reply, nil
}

// foresee reads for a prediction. Who has a value of a unique index is known, even if
// the transaction has written the index.
func (t *transaction) foresee(ctx context.Context, items []drivers.Item) error {
	cmd := items[0].Command
	if cmd.Op != drivers.OpZRangeByLex {
		return t.read(ctx, items)
	}
	if err := t.committed(ctx, &drivers.Batch{Items: items}); err != nil {
		return err
	}
	value, written := cmd.Min[1:], t.indexed[cmd.Key]
	members := slices.DeleteFunc(items[0].Reply.Values, func(member string) bool {
		_, anew := written[member[len(value):]]
		return anew
	})
	for id, values := range written {
		if slices.Contains(values, value) {
			members = append(members, value+id)
		}
	}
	items[0].Reply.Values = members
	return nil
}

// wrote notes what is known of the keys of a write.
func (t *transaction) wrote(cmd drivers.Command, reply drivers.Reply) {
	for i := range cmd.Indexes {
		t.known[cmd.Indexes[i].Registry] = known{written: true}
		for _, name := range cmd.Indexes[i].Names {
			t.known[drivers.IndexKey(cmd.Indexes[i].Registry, name)] = known{written: true}
		}
	}
	if left(cmd, reply) {
		return
	}
	if cmd.Op == drivers.OpSMove || cmd.Op == drivers.OpLMove { // of others, Keys are read
		t.known[cmd.Keys[0]] = known{written: true}
	}
	now := known{written: true}
	switch cmd.Op {
	case drivers.OpSet, drivers.OpSwap, drivers.OpCompareAndSwap:
		t.index(cmd)
		if cmd.Expiry.Mode != drivers.ExpireAt { // a moment in the past would leave nothing
			now.whole, now.exists, now.value = true, true, cmd.Value
		}
	case drivers.OpIncrBy:
		now.whole, now.exists, now.value = true, true, strconv.FormatInt(reply.Int, 10)
	case drivers.OpIncrByFloat:
		now.whole, now.exists, now.value = true, true, reply.Value
	case drivers.OpDelete:
		t.index(cmd)
		now.whole = true
	default: // what it makes of the value is not known
	}
	t.known[cmd.Key] = now
}

// left reports a write that left everything as it was.
func left(cmd drivers.Command, reply drivers.Reply) bool {
	switch cmd.Op {
	case drivers.OpSwap:
		return cmd.If.Refuses(!reply.Nil)
	case drivers.OpBitSet, drivers.OpBitIncrement: // a number that was refused leaves a row of zeros where there was none
		return false
	case drivers.OpCompareAndSwap, drivers.OpExpire, drivers.OpPersist, drivers.OpSRem, drivers.OpSMove,
		drivers.OpLSet, drivers.OpLInsert, drivers.OpLRem, drivers.OpHCompareAndSet, drivers.OpHDel, drivers.OpZRem,
		drivers.OpZRemRangeByRank, drivers.OpZRemRangeByScore, drivers.OpZRemRangeByLex, drivers.OpXTrim, drivers.OpXDel, drivers.OpXAck:
		return reply.Int <= 0
	default:
		return reply.Nil
	}
}

// index notes the entries that a document has from now on.
func (t *transaction) index(cmd drivers.Command) {
	for i := range cmd.Indexes {
		ix := &cmd.Indexes[i]
		for _, name := range ix.Names {
			key := drivers.IndexKey(ix.Registry, name)
			if t.indexed[key] == nil {
				t.indexed[key] = map[string][]string{}
			}
			t.indexed[key][ix.ID] = nil
			for _, entry := range ix.Entries {
				if entry.Name == name {
					t.indexed[key][ix.ID] = append(t.indexed[key][ix.ID], entry.Value)
				}
			}
		}
	}
}

// own copies the slices of a command, which are the caller's again once Do returns.
func own(cmd drivers.Command) drivers.Command {
	cmd.Keys, cmd.Values = append([]string(nil), cmd.Keys...), append([]string(nil), cmd.Values...)
	cmd.Scores = append([]float64(nil), cmd.Scores...)
	cmd.Indexes = append([]drivers.Index(nil), cmd.Indexes...)
	return cmd
}
