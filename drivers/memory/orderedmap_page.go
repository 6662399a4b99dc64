package memory

const (
	// scanHint is how many elements a page has if the command does not say, scanMost
	// how many it has at most.
	scanHint, scanMost = 10, 4096
)

// page is what a cursor leads to, and the next cursor. A cursor is the id that was
// listed last: every name that is there all the time comes exactly once.
func (m *orderedMap[V]) page(cursor, hint int64) (slots []*slot[V], next int64) {
	if cursor == 0 {
		cursor = newest
	}
	if hint <= 0 {
		hint = scanHint
	}
	size := min(hint, scanMost, int64(m.len()))
	slots = make([]*slot[V], 0, size)
	for s := range m.before(cursor) {
		if int64(len(slots)) == size {
			return slots, cursor // there is more
		}
		slots = append(slots, s)
		cursor = s.id
	}
	return slots, 0
}
