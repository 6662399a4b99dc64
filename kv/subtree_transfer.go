package kv

import (
	"context"
	"iter"

	"github.com/kvstore-go/kvstore/drivers"
	"github.com/kvstore-go/kvstore/dsl"
)

// transfer is how values of a kind are read and written in parts.
type transfer struct {
	read drivers.Command // of the first part
	// next makes read that of the part behind a reply, and reports whether there may be one.
	next  func(read *drivers.Command, reply drivers.Reply) bool
	parts func(reply drivers.Reply) []string
	// inPairs says that two parts each belong together: a field and its value, a member and its score.
	inPairs bool
	// inOrder says that the order of the parts is one of the value.
	inOrder bool
	write   func(values []string) drivers.Command // the first part, in place of what is there
	add     func(values []string) drivers.Command // the others

	// each stores one value of those that only go in one by one, and write makes way for
	// them; nil for others.
	each func(value string) (drivers.Command, error)
}

// exists reports a kind whose values are carried over, one that has a transfer.
func (how transfer) exists() bool { return how.parts != nil }

// inParts reports whether a value may come in several records.
func (how transfer) inParts() bool { return how.add != nil || how.each != nil }

// replies goes through a value part by part, of which read reads the first.
func (how transfer) replies(ctx context.Context, on drivers.Driver, read drivers.Command) iter.Seq2[drivers.Reply, error] {
	return func(yield func(drivers.Reply, error) bool) {
		for {
			reply, err := on.Do(ctx, read)
			if !yield(reply, err) || err != nil || !how.next(&read, reply) {
				return
			}
		}
	}
}

// together is how many parts belong together.
func (how transfer) together() int {
	if how.inPairs {
		return 2
	}
	return 1
}

// storing is what stores the values of a record.
func (how transfer) storing(rec record) (commands []drivers.Command, err error) {
	switch {
	case !rec.more:
		commands = append(commands, how.write(rec.values))
		commands[0].Expiry.Mode = drivers.ClearTTL
	case how.add != nil:
		commands = append(commands, how.add(rec.values))
	}
	if how.each == nil {
		return commands, nil
	}
	for _, value := range rec.values {
		cmd, err := how.each(value)
		if err != nil {
			return nil, err
		}
		commands = append(commands, cmd)
	}
	return commands, nil
}

// stays has the kinds of field that are not copied: who holds a lock, what a limiter has let
// through and who listens is the state of a moment.
var stays = map[dsl.Kind]bool{dsl.Lock: true, dsl.Limiter: true, dsl.Topic: true}

// transferOf is that of each of the others. It is a function, so that what copies nothing need not link it.
func transferOf(kind dsl.Kind) transfer {
	switch kind {
	case dsl.String, dsl.JSON, dsl.BitSet, dsl.Bytes, dsl.Int, dsl.Float, dsl.Bool, dsl.Time, dsl.Duration, dsl.Enum, dsl.Text, dsl.Bitmap, dsl.HyperLogLog:
		return inOneValue
	case dsl.SortedSet, dsl.Geo, dsl.Queue:
		return inScoredPages()
	case dsl.Stream:
		return entryByEntry
	case dsl.List:
		return elementPages()
	case dsl.Set:
		return inPages(drivers.OpSScan, drivers.OpSReplace, drivers.OpSAdd)
	case dsl.Hash, dsl.Map:
		return fieldPages()
	default:
		return transfer{}
	}
}

// inOneValue is the transfer of what fits into one value.
var inOneValue = transfer{
	read: drivers.Command{Op: drivers.OpGet},
	next: func(*drivers.Command, drivers.Reply) bool { return false },
	parts: func(reply drivers.Reply) []string {
		if reply.Nil {
			return nil
		}
		return []string{reply.Value}
	},
	write: func(values []string) drivers.Command { return drivers.Command{Op: drivers.OpSet, Value: values[0]} },
}

// inPages is the transfer of a collection that is read by a cursor.
func inPages(scan, replace, add drivers.Op) transfer {
	with := func(op drivers.Op) func(values []string) drivers.Command {
		return func(values []string) drivers.Command { return drivers.Command{Op: op, Values: values} }
	}
	return transfer{
		read:  drivers.Command{Op: scan, Amount: scanPage},
		next:  (*drivers.Command).Continue,
		parts: func(reply drivers.Reply) []string { return reply.Values },
		write: with(replace), add: with(add),
	}
}

// fieldPages is the transfer of fields and values by turns.
func fieldPages() transfer {
	pages := inPages(drivers.OpHScan, drivers.OpHReplace, drivers.OpHSet)
	pages.inPairs = true
	return pages
}

// elementPages is the transfer of lists.
func elementPages() transfer {
	pages := inPages(drivers.OpLRange, drivers.OpLReplace, drivers.OpRPush)
	pages.read, pages.inOrder = drivers.Command{Op: drivers.OpLRange, Stop: scanPage - 1}, true
	pages.next = func(read *drivers.Command, reply drivers.Reply) bool {
		nextElements(read)
		return len(reply.Values) == scanPage
	}
	return pages
}

// inScoredPages is the transfer of members and scores, which are parts by turns.
func inScoredPages() transfer {
	pages := inPages(drivers.OpZScan, drivers.OpZReplace, drivers.OpZAdd)
	pages.parts = func(reply drivers.Reply) []string {
		parts := make([]string, 0, 2*len(reply.Values))
		for i, member := range reply.Values {
			parts = append(parts, member, drivers.FormatFloat(reply.Floats[i]))
		}
		return parts
	}
	pages.write, pages.add = withScores(pages.write), withScores(pages.add)
	pages.inPairs = true
	return pages
}

// withScores makes the command of members that command makes one of members and scores
// by turns. A score that is none is left out, and the driver refuses what is left.
func withScores(command func(members []string) drivers.Command) func(parts []string) drivers.Command {
	return func(parts []string) drivers.Command {
		var members []string
		var scores []float64
		for i, part := range parts {
			if i%2 == 0 {
				members = append(members, part)
			} else if score, err := drivers.ParseFloat(part); err == nil {
				scores = append(scores, score)
			}
		}
		cmd := command(members)
		cmd.OwnExtra().Scores = scores
		return cmd
	}
}

// entriesPage is how many entries make a record. As each is stored by a command of its
// own they are fewer than the members of other types.
const entriesPage = 128

// entryByEntry is the transfer of a stream: its entries with their ids and all fields, each
// of them packed into a value. Groups stay behind, and so does the last id if its entry
// was removed.
var entryByEntry = transfer{
	read: drivers.Command{Op: drivers.OpXRange, Amount: entriesPage},
	next: func(read *drivers.Command, reply drivers.Reply) bool {
		for id := range drivers.Entries(reply) {
			read.OwnExtra().Min = exclusive(id)
		}
		return len(reply.Ints) == entriesPage
	},
	parts: func(reply drivers.Reply) []string {
		var packed []string
		for id, fields := range drivers.Entries(reply) {
			packed = append(packed, packEntry(id, fields))
		}
		return packed
	},
	inOrder: true,
	write:   func([]string) drivers.Command { return drivers.Command{Op: drivers.OpDelete} },
	each: func(packed string) (drivers.Command, error) {
		id, fields, err := unpackEntry(packed)
		return drivers.XAdd(id, fields, 0), err
	},
}

// packEntry makes a value of an entry of a stream, whose fields and values come by turns.
func packEntry(id string, fields []string) string {
	entry := []drivers.Entry{{Name: id}}
	for i := 0; i+1 < len(fields); i += 2 {
		entry = append(entry, drivers.Entry{Name: fields[i], Value: fields[i+1]})
	}
	return drivers.PackEntries(entry)
}

// unpackEntry gives back what packEntry was given.
func unpackEntry(packed string) (id string, fields []string, err error) {
	entry, err := drivers.UnpackEntries(packed)
	if err != nil || len(entry) < 2 {
		return "", nil, drivers.Errorf(ErrInvalid, "%.40q is no entry of a stream", packed)
	}
	for _, field := range entry[1:] {
		fields = append(fields, field.Name, field.Value)
	}
	return entry[0].Name, fields, nil
}
