package drivers

import "context"

// Item is a command of a batch with its outcome.
type Item struct {
	Command Command
	Reply   Reply
	Err     error
}

// Batch is a list of commands executed in order. The outcome of each is put in
// its Item; one that fails does not hide the others.
//
// Atomic means that nobody else's command runs in between and that all are sent
// or none. As in Redis, it does not mean that a command that fails on the data it
// finds (ErrWrongType) undoes the others: its error is in its Item.
//
// A batch is its caller's, who may use its memory for the next one: drivers and middleware do not keep
// it, nor its Items, beyond their call. What was in a Reply may be kept.
type Batch struct {
	Atomic bool
	// Waits tells middleware that the one command is executed by Block: it may take as long as nothing comes.
	Waits bool
	Items []Item
}

// NewBatch makes a plain batch of commands.
func NewBatch(commands ...Command) *Batch {
	b := &Batch{Items: make([]Item, len(commands))}
	for i, cmd := range commands {
		b.Items[i].Command = cmd
	}
	return b
}

// Add appends commands to the batch.
func (b *Batch) Add(commands ...Command) {
	for i := range commands {
		b.Items = append(b.Items, Item{Command: commands[i]})
	}
}

// Fail sets err on every item that has no outcome of its own yet, for drivers that could not run the batch.
func (b *Batch) Fail(err error) {
	for i := range b.Items {
		if b.Items[i].Err == nil {
			b.Items[i].Err = err
		}
	}
}

// Batcher is the optional ability to execute a batch in one round trip.
type Batcher interface {
	// DoBatch executes b. Its error says that the batch as a whole did not run or
	// has an unknown outcome; what befell a single command is in its Item.
	DoBatch(ctx context.Context, b *Batch) error
}

// DoBatch executes b on d. On a driver that is no Batcher a plain batch is a loop
// over Do, and an atomic one is errors.ErrUnsupported. An empty batch does nothing.
func DoBatch(ctx context.Context, d Driver, b *Batch) error {
	switch {
	case isNil(d):
		return errNoDriver
	case b == nil:
		return Errorf(ErrInvalid, "the batch is nil")
	case len(b.Items) == 0:
		return nil
	}
	if batcher, ok := d.(Batcher); ok {
		return batcher.DoBatch(ctx, b)
	}
	if b.Atomic {
		return unsupported(d, "execute an atomic batch")
	}
	for i := range b.Items {
		item := &b.Items[i]
		item.Reply, item.Err = d.Do(ctx, item.Command)
	}
	return nil
}
