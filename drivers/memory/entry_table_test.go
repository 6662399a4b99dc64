package memory

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestEntryTable compares a table of entries whose hashes collide as they please with a map.
func TestEntryTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var table entryTable
		model := map[string]*entry{}
		// Hashes that differ in few bits, or in none, and the last places of a table, which go on at the first.
		hash := rapid.OneOf(rapid.Uint64Range(0, 4), rapid.Uint64Range(1<<16-4, 1<<16-1))
		for i := range rapid.IntRange(0, 400).Draw(t, "steps") {
			if len(model) > 0 && rapid.IntRange(0, 9).Draw(t, "what") < 4 {
				for key, e := range model { // any of them
					table.remove(e)
					delete(model, key)
					break
				}
			} else {
				e := &entry{key: fmt.Sprint(i), hash: hash.Draw(t, "hash") * shardCount}
				table.add(e)
				model[e.key] = e
			}
			if err := table.check(model); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func (t *entryTable) check(model map[string]*entry) error {
	for key, e := range model {
		if t.find(e.hash, key) != e {
			return fmt.Errorf("%q is not found", key)
		}
		if t.find(e.hash, key+" ") != nil {
			return fmt.Errorf("what is not there is found for %q", key)
		}
	}
	found := 0
	for e := range t.all() {
		found++
		if model[e.key] != e {
			return fmt.Errorf("%q is there", e.key)
		}
	}
	if found != len(model) || t.size != len(model) {
		return fmt.Errorf("%d entries, counted %d, instead of %d", found, t.size, len(model))
	}
	return nil
}
