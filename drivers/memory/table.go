package memory

import (
	"errors"
	"fmt"

	"github.com/kvstore-go/kvstore/drivers"
)

// operation is how the driver executes an Op. It has one of whole, read and write.
type operation struct {
	// whole is read for an Op without arguments.
	whole func(e *entry) (drivers.Reply, error)
	// read answers from the entry of cmd.Key, nil if there is none. It runs under
	// a read lock; now is known only for an entry with a deadline.
	read func(e *entry, now int64, cmd drivers.Command) (drivers.Reply, error)
	// write may look up and change the keys of cmd.
	write func(ks keyspace, cmd drivers.Command) (drivers.Reply, error)
	// several says that write looks at cmd.Keys too. If its Op only Reads, so does write.
	several bool
	// exclusive says that write changes something though its Op only Reads.
	exclusive bool
	// waits says that a command may wait until it has something to answer with. See Block.
	waits bool
	// timed says that it looks at the time whether anything has a deadline or not.
	timed bool
}

// operations are how the Ops of a family are executed.
type operations map[drivers.Op]operation

// table has the operations of all families. The listing Ops are in scan.go.
var table = tableOf(
	keyOperations, stringOperations, bitSetOperations, bitmapOperations, hyperLogLogOperations, setOperations,
	listOperations, hashOperations, sortedSetOperations, geoOperations, streamOperations, topicOperations,
	lockOperations, limiterOperations,
)

// tableOf makes families an array, as Ops are small numbers.
func tableOf(families ...operations) (table [256]operation) {
	for _, family := range families {
		for op, operation := range family {
			table[op] = operation
		}
	}
	return table
}

// operationOf is how to execute cmd, or why its arguments are refused.
func operationOf(cmd *drivers.Command) (*operation, error) {
	if err := drivers.Check(cmd); err != nil {
		return nil, err
	}
	op := &table[cmd.Op]
	if !op.reads() && op.write == nil {
		return nil, fmt.Errorf("memory: %v: %w", cmd.Op, errors.ErrUnsupported)
	}
	return op, nil
}

// reads reports whether it looks at one entry and changes nothing.
func (op *operation) reads() bool { return op.whole != nil || op.read != nil }

// answer reads the entry of cmd.Key. The reply is large enough for its copies to be seen
// in the time that a read takes: plain strings, which are read most, are spared one.
func (op *operation) answer(e *entry, now int64, cmd *drivers.Command, reply *drivers.Reply) (err error) {
	switch {
	case cmd.Op == drivers.OpGet && e != nil && e.object == nil:
		reply.Value = e.text
	case op.whole != nil:
		*reply, err = op.whole(e)
	default:
		*reply, err = op.read(e, now, *cmd)
	}
	return err
}

// changes reports whether locks must be those of a writer.
func (op *operation) changes(cmd *drivers.Command) bool {
	return op.exclusive || cmd.Op.Effect() == drivers.Writes
}

// looksAtTime reports whether cmd needs to know the time whatever the entries.
func (op *operation) looksAtTime(cmd *drivers.Command) bool {
	return op.timed || cmd.Expiry.Mode >= drivers.ExpireIn
}
