package memory

import (
	"sync"

	"github.com/kvstore-go/kvstore/drivers"
)

// handler is how the driver executes an Op. It has one of readEntry, read and write.
type handler struct {
	// readEntry is read for an Op without arguments.
	readEntry func(e *entry) (drivers.Reply, error)
	// read answers from the entry of cmd.Key, nil if there is none. It runs under
	// a read lock; now is known only for an entry with a deadline.
	read func(e *entry, now int64, cmd drivers.Command) (drivers.Reply, error)
	// write may look up and change the keys of cmd.
	write func(ks keyspace, cmd drivers.Command) (drivers.Reply, error)
	// multiKey says that write looks at cmd.Keys too. If its Op only Reads, so does write.
	multiKey bool
	// exclusive says that write changes something though its Op only Reads.
	exclusive bool
	// timed says that it looks at the time whether anything has a deadline or not.
	timed bool
}

// handlers are how the Ops of a family are executed.
type handlers []struct {
	op drivers.Op
	handler
}

// table has the handlers of all families, by Op. The listing Ops are in scan.go. It is filled by
// the first New, not before main: of a program that only imports the driver, the linker leaves
// it all out, and kv does import it, for what transactions foresee.
var (
	table     [256]handler
	tableOnce sync.Once
)

func fillTable() {
	for _, family := range []handlers{
		keyHandlers(), stringHandlers(), bitSetHandlers(), bitmapHandlers(), hyperLogLogHandlers(), setHandlers(),
		listHandlers(), hashHandlers(), sortedSetHandlers(), geoHandlers(), streamHandlers(), topicHandlers(),
		lockHandlers(), limiterHandlers(), queueHandlers(),
	} {
		for _, h := range family {
			table[h.op] = h.handler
		}
	}
}

// handlerOf is how to execute cmd, or why its arguments are refused.
func handlerOf(cmd *drivers.Command) (*handler, error) {
	if !isPlain(cmd) {
		if err := drivers.Check(cmd); err != nil {
			return nil, err
		}
	}
	return &table[cmd.Op], nil
}

// isPlain reports what is asked for most, and has nothing that drivers.Check could refuse: that a text is read, or
// set without conditions or any further work.
func isPlain(cmd *drivers.Command) bool {
	switch cmd.Op {
	case drivers.OpGet:
		return len(cmd.Indexes()) == 0
	case drivers.OpSet:
		return cmd.If == drivers.Always && cmd.Expiry.Mode == drivers.KeepTTL && len(cmd.Indexes()) == 0 && len(cmd.Value) <= drivers.MaxBytes
	default:
		return false
	}
}

// reads reports whether it looks at one entry and changes nothing.
func (h *handler) reads() bool { return h.readEntry != nil || h.read != nil }

// answer reads the entry of cmd.Key. The reply is large enough for its copies to be seen
// in the time that a read takes: plain strings, which are read most, are spared one.
func (h *handler) answer(e *entry, now int64, cmd *drivers.Command, reply *drivers.Reply) (err error) {
	switch {
	case cmd.Op == drivers.OpGet && e != nil && e.object() == nil:
		reply.Value = e.text
	case h.readEntry != nil:
		*reply, err = h.readEntry(e)
	default:
		*reply, err = h.read(e, now, *cmd)
	}
	return err
}

// changes reports whether locks must be those of a writer.
func (h *handler) changes(cmd *drivers.Command) bool {
	return h.exclusive || cmd.Op.Effect() == drivers.Writes
}

// looksAtTime reports whether cmd needs to know the time whatever the entries.
func (h *handler) looksAtTime(cmd *drivers.Command) bool {
	return h.timed || cmd.Expiry.Mode >= drivers.ExpireIn
}
