package kv

import "github.com/kvstore-go/kvstore/drivers"

// entryByEntry is the transfer of a stream: its entries with their ids and all fields, each
// of them packed into a value. Groups stay behind, and so does the last id if its entry
// was removed.
var entryByEntry = transfer{
	read: drivers.Command{Op: drivers.OpXRange, Amount: entriesPage},
	next: func(read *drivers.Command, reply drivers.Reply) bool {
		for id := range drivers.Entries(reply) {
			read.Min = "(" + id
		}
		return len(reply.Ints) == entriesPage
	},
	parts: func(reply drivers.Reply) []string {
		var packed []string
		for id, fields := range drivers.Entries(reply) {
			entry := []drivers.Entry{{Name: id}}
			for i := 0; i+1 < len(fields); i += 2 {
				entry = append(entry, drivers.Entry{Name: fields[i], Value: fields[i+1]})
			}
			packed = append(packed, drivers.PackEntries(entry))
		}
		return packed
	},
	write: func([]string) drivers.Command { return drivers.Command{Op: drivers.OpDelete} },
	each: func(packed string) (drivers.Command, error) {
		entry, err := drivers.UnpackEntries(packed)
		if err != nil || len(entry) < 2 {
			return drivers.Command{}, drivers.Errorf(ErrInvalid, "%.40q is no entry of a stream", packed)
		}
		var pairs []string
		for _, field := range entry[1:] {
			pairs = append(pairs, field.Name, field.Value)
		}
		return drivers.XAdd(entry[0].Name, pairs, 0), nil
	},
}

// entriesPage is how many entries make a record. As each is stored by a command of its
// own they are fewer than the members of other types.
const entriesPage = 128
