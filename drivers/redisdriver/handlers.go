package redisdriver

import (
	"errors"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/kvstore-go/kvstore/drivers"
)

// handler is how an Op is executed. Single commands, batches and transactions all work from
// the table of handlers.
type handler struct {
	// call is what is asked of the server. Expiry and Indexes may make a script's call of
	// a command's; see callOf.
	call func(cmd drivers.Command) call
	// reply is the type of the answer, unless the call says otherwise.
	reply replyType
	// keys are those besides Key; nil if there are none.
	keys func(cmd drivers.Command) []string
	// expires is the key whose time to live the command's Expiry starts; nil if call sees
	// to that, or nothing does.
	expires func(cmd drivers.Command) string
	// perValue is how many words at the end belong to each of the command's Values, so
	// that it can be sent in parts; 0 if it cannot.
	perValue int
	// join is how the replies of parts become one.
	join joining
	// replyTo makes a reply of an error that is none for the Op; nil if there is no such error.
	replyTo func(err error) (reply drivers.Reply, ok bool)
	// newer says that the command came with Redis 7.4: not every server knows it.
	newer bool

	// waits is how the Op waits; nil if it does not. See Block.
	waits *waiting

	writes bool // set from the Op's effect
	joins  bool // may be sent with others, see joins
}

// joining is how the replies of the parts of a command become one, in lua/call.lua.
type joining string

const (
	joinSum  joining = ""
	joinLast joining = "last"
	// joinAny is for replies of 1 and 0.
	joinAny joining = "any"
	// joinTouched says that a reply of 0 or nil is that of a key which is not there or was not touched.
	joinTouched joining = "there"
)

func ownKey(cmd drivers.Command) string  { return cmd.Key }
func movesTo(cmd drivers.Command) string { return cmd.Destination() }

// handlers are how the Ops of a family are executed. They are no map: the compiler writes code for
// each entry of one, where those of a slice are data.
type handlers []struct {
	op drivers.Op
	handler
}

// table has the handlers of all families, every Op that Do executes.
var table = tableOf(
	keyHandlers, stringHandlers, bitSetHandlers, bitmapHandlers, hyperLogLogHandlers, setHandlers,
	listHandlers, hashHandlers, sortedSetHandlers, geoHandlers, streamHandlers, topicHandlers,
	lockHandlers, limiterHandlers, queueHandlers,
)

// tableOf makes families an array, as Ops are small numbers, and notes what writes.
func tableOf(families ...handlers) (table [256]handler) {
	for _, family := range families {
		for _, h := range family {
			h.writes, h.joins = h.op.Effect() == drivers.Writes, joins(h.op, h.reply)
			table[h.op] = h.handler
		}
	}
	return table
}

// handlerOf finds the handler of a command that can be sent.
func (d *Driver) handlerOf(cmd *drivers.Command) (*handler, error) {
	if err := drivers.Check(cmd); err != nil {
		return nil, err
	}
	h := &table[cmd.Op]
	if h.call == nil {
		return nil, fmt.Errorf("redisdriver: %v: %w", cmd.Op, errors.ErrUnsupported)
	}
	if err := d.lacks(h, cmd); err != nil {
		return nil, err
	}
	if d.cluster != nil {
		if cmd.Op == drivers.OpPublish {
			h = &publishSharded
		}
		return h, sameSlot(cmd.Key, h.otherKeys(cmd))
	}
	return h, nil
}

// callOf is what is asked of the server for a command.
func (h *handler) callOf(cmd *drivers.Command) call {
	return h.completed(h.call(*cmd), cmd)
}

// completed is a call that also does what Expiry and Indexes ask for.
func (h *handler) completed(c call, cmd *drivers.Command) call {
	if c.script == nil && h.needsScript(cmd) {
		c = h.byScript(c, cmd)
	}
	if len(cmd.Indexes()) > 0 {
		c = c.withIndexes(cmd.Op, cmd.Indexes())
	}
	if c.reply == nil {
		c.reply = &h.reply
	}
	return c
}

// needsScript reports that no command does all that is asked for.
func (h *handler) needsScript(cmd *drivers.Command) bool {
	return len(cmd.Indexes()) > 0 || h.expires != nil && startsTTL(cmd.Expiry)
}

// byScript makes a command one that a script calls, which starts the time to live and
// sends many values in parts.
func (h *handler) byScript(c call, cmd *drivers.Command) call {
	keys := []string{cmd.Key}
	if h.keys != nil {
		keys = append(keys, h.keys(*cmd)...)
	}
	expire, millis, which := any(""), any(""), 1
	if h.expires != nil {
		expire, millis = startArgs(cmd.Expiry)
		which = 1 + slices.Index(keys, h.expires(*cmd))
	}
	head := len(c.words) - h.perValue*len(cmd.Values)
	room := len(c.words) + indexWords(cmd.Indexes())
	return callCommand.onKeys(keys, room, expire, millis, which, string(h.join), head).and(c.words...).readAs(c.reply)
}

// otherKeys are the keys of a command besides Key that have to lie in its slot.
func (h *handler) otherKeys(cmd *drivers.Command) []string {
	var keys []string
	if h.keys != nil {
		keys = h.keys(*cmd)
	}
	for i := range cmd.Indexes() { // the indexes share the registry's hash tag, if it has one
		keys = append(slices.Clip(keys), cmd.Indexes()[i].Registry)
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
		s := &smallCall{texts: [2]string{cmd.Value}}
		return s.command(name, cmd.Key, &s.texts[0])
	}
}

// short is a command of one or two values, in one allocation with what its words
// point to: one that is a string or a number itself would take another each.
type smallCall struct {
	words  [6]any
	texts  [2]string
	floats [2]float64
}

func (s *smallCall) command(words ...any) call { return call{words: append(s.words[:0], words...)} }

func otherKeys(cmd drivers.Command) []string { return cmd.Keys() }

func allKeys(cmd drivers.Command) []string { return append([]string{cmd.Key}, cmd.Keys()...) }

// placeOf is where a key stands among those of a command.
func placeOf(cmd drivers.Command, key string) int64 { return int64(slices.Index(allKeys(cmd), key)) }

// lacks is errors.ErrUnsupported for an Op that the server is known to lack.
func (d *Driver) lacks(h *handler, cmd *drivers.Command) error {
	if h.newer && d.older.Load() {
		return unknownToServer(cmd)
	}
	return nil
}

// learn makes the answer of a server that does not know the command of an Op
// errors.ErrUnsupported, or answers nil. The driver remembers it: the next such
// Op costs no round trip.
func (d *Driver) learn(h *handler, cmd *drivers.Command, err error) error {
	var answer redis.Error
	if !h.newer || !errors.As(err, &answer) || !containsAny(answer.Error(), unknownTexts) {
		return nil
	}
	d.older.Store(true)
	return unknownToServer(cmd)
}

// unknownTexts are what servers answer to a command they do not know, and to one in a script.
var unknownTexts = []string{"unknown command", "Unknown Redis command"}

func unknownToServer(cmd *drivers.Command) error {
	return fmt.Errorf("redisdriver: the server does not know %v, which came with Redis 7.4: %w", cmd.Op, errors.ErrUnsupported)
}
