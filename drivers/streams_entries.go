package drivers

import "iter"

// Entries goes through the entries of a reply: their ids, and their fields and values by
// turns, which are nil for one that was deleted.
func Entries(reply Reply) iter.Seq2[string, []string] {
	return func(yield func(string, []string) bool) {
		rest := reply.Values
		for _, size := range reply.Ints {
			entry := rest[:size:size]
			rest = rest[size:]
			var fields []string
			if size > 1 {
				fields = entry[1:]
			}
			if !yield(entry[0], fields) {
				return
			}
		}
	}
}
