package redisdriver

import (
	"errors"
	"fmt"
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
)

// operation is how an Op is executed. Single commands, batches and transactions
// all work from the table of operations.
type operation struct {
	// call is what is asked of the server. Expiry and Indexes may make a script's call of
	// a command's; see callOf.
	call func(cmd drivers.Command) call
	// reply is the type of the answer, unless the call says otherwise.
	reply shape
	// keys are those besides Key; nil if there are none.
	keys func(cmd drivers.Command) []string
	// starts is the key whose time to live the command's Expiry starts; nil if call sees
	// to that, or nothing does.
	starts func(cmd drivers.Command) string
	// each is how many words at the end belong to each of the command's Values, so
	// that it can be sent in parts; 0 if it cannot.
	each int
	// parts is how the replies of parts become one.
	parts joining
	// answers makes a reply of an error that is none for the Op; nil if there is no such error.
	answers func(err error) (reply drivers.Reply, ok bool)
	// newer says that the command came with Redis 7.4: not every server knows it.
	newer bool

	// waits is how the Op waits; nil if it does not. See Block.
	waits *waiting

	writes bool // set from the Op's effect
}

// joining is how the replies of the parts of a command become one, in lua/call.lua.
type joining string

const (
	sum  joining = ""
	last joining = "last"
	// either is for replies of 1 and 0.
	either joining = "any"
	// there says that a reply of 0 or nil is that of a key which is not there or was not touched.
	there joining = "there"
)

func ownKey(cmd drivers.Command) string  { return cmd.Key }
func movesTo(cmd drivers.Command) string { return cmd.Destination() }

// operations are how the Ops of a family are executed.
type operations map[drivers.Op]operation

// table has the operations of all families, every Op that Do executes.
var table = tableOf(
	keyOperations, stringOperations, bitSetOperations, bitmapOperations, hyperLogLogOperations, setOperations,
	listOperations, hashOperations, sortedSetOperations, geoOperations, streamOperations, topicOperations,
	lockOperations, limiterOperations,
)

// tableOf makes families an array, as Ops are small numbers, and notes what writes.
func tableOf(families ...operations) (table [256]operation) {
	for _, family := range families {
		for op, operation := range family {
			operation.writes = op.Effect() == drivers.Writes
			table[op] = operation
		}
	}
	return table
}

// operationOf finds the operation of a command that can be sent.
func (d *Driver) operationOf(cmd drivers.Command) (*operation, error) {
	if err := drivers.Check(&cmd); err != nil {
		return nil, err
	}
	op := &table[cmd.Op]
	if op.call == nil {
		return nil, fmt.Errorf("redisdriver: %v: %w", cmd.Op, errors.ErrUnsupported)
	}
	if err := d.lacks(op, cmd); err != nil {
		return nil, err
	}
	if d.cluster != nil {
		if cmd.Op == drivers.OpPublish {
			op = &publishSharded
		}
		return op, sameSlot(cmd.Key, op.otherKeys(cmd))
	}
	return op, nil
}

// callOf is what is asked of the server for a command.
func (op *operation) callOf(cmd drivers.Command) call {
	return op.completed(op.call(cmd), cmd)
}

// completed is a call that also does what Expiry and Indexes ask for.
func (op *operation) completed(c call, cmd drivers.Command) call {
	if c.script == nil && op.needsScript(cmd) {
		c = op.byScript(c, cmd)
	}
	if len(cmd.Indexes) > 0 {
		c = c.withIndexes(cmd.Op, cmd.Indexes)
	}
	if c.reply == nil {
		c.reply = &op.reply
	}
	return c
}

// needsScript reports that no command does all that is asked for.
func (op *operation) needsScript(cmd drivers.Command) bool {
	return len(cmd.Indexes) > 0 || op.starts != nil && starts(cmd.Expiry)
}

// byScript makes a command one that a script calls, which starts the time to live and
// sends many values in parts.
func (op *operation) byScript(c call, cmd drivers.Command) call {
	keys := []string{cmd.Key}
	if op.keys != nil {
		keys = append(keys, op.keys(cmd)...)
	}
	expire, millis, which := any(""), any(""), 1
	if op.starts != nil {
		expire, millis = startArgs(cmd.Expiry)
		which = 1 + slices.Index(keys, op.starts(cmd))
	}
	head := len(c.words) - op.each*len(cmd.Values)
	room := len(c.words) + indexWords(cmd.Indexes)
	return callCommand.onKeys(keys, room, expire, millis, which, string(op.parts), head).and(c.words...).readAs(c.reply)
}

// otherKeys are the keys of a command besides Key that have to lie in its slot.
func (op *operation) otherKeys(cmd drivers.Command) []string {
	var keys []string
	if op.keys != nil {
		keys = op.keys(cmd)
	}
	for i := range cmd.Indexes { // the indexes share the registry's hash tag, if it has one
		keys = append(slices.Clip(keys), cmd.Indexes[i].Registry)
	}
	return keys
}

// plain is the command name with nothing but the key.
func plain(name any) func(drivers.Command) call {
	return func(cmd drivers.Command) call { return command(name, cmd.Key) }
}

// withValue is the command name with the key and one value, a member or a field.
func withValue(name any) func(drivers.Command) call {
	return func(cmd drivers.Command) call {
		s := &short{texts: [2]string{cmd.Value}}
		return s.command(name, cmd.Key, &s.texts[0])
	}
}

// short is a command of one or two values, in one allocation with what its words
// point to: one that is a string or a number itself would take another each.
type short struct {
	words  [6]any
	texts  [2]string
	floats [2]float64
}

func (s *short) command(words ...any) call { return call{words: append(s.words[:0], words...)} }

func otherKeys(cmd drivers.Command) []string { return cmd.Keys }

func allKeys(cmd drivers.Command) []string { return append([]string{cmd.Key}, cmd.Keys...) }
