package drivers

import "hash/maphash"

// recently is how many names RecentNames remembers at least.
const recently = 1 << 13

// RecentNames tells the names that a scan of Redis repeats, in memory that does not grow
// with the scan. SCAN, SSCAN and HSCAN repeat names only where a table shrinks while
// they go through it, and then only those of the buckets visited last: the buckets that
// become one are neighbours in the order of the cursor. So it is enough to remember the
// names that came last. The zero RecentNames has seen nothing.
//
// They are found by a hash, which is quicker than by themselves. Of two with one hash the first is forgotten.
type RecentNames struct{ current, previous map[uint64]string }

var recentSeed = maphash.MakeSeed()

// Seen reports whether name came lately, and remembers it.
func (r *RecentNames) Seen(name string) bool {
	hash := maphash.String(recentSeed, name)
	if same, again := r.current[hash]; again && same == name {
		return true
	}
	if same, again := r.previous[hash]; again && same == name {
		return true
	}
	if len(r.current) == recently {
		r.previous, r.current = r.current, r.previous
		clear(r.current)
	}
	if r.current == nil {
		r.current = map[uint64]string{}
	}
	r.current[hash] = name
	return false
}
