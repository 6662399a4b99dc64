package memory

import "container/heap"

// deadlines is a min-heap of the entries that have one. Entries know their place
// in it, so that a new deadline moves its entry and leaves nothing stale behind:
// sweeping never looks at an entry that does not expire.
type deadlines []*entry

func (h deadlines) Len() int           { return len(h) }
func (h deadlines) Less(i, j int) bool { return h[i].more.deadline < h[j].more.deadline }

func (h deadlines) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].more.heapAt, h[j].more.heapAt = i, j
}

func (h *deadlines) Push(x any) {
	e := x.(*entry)
	e.more.heapAt = len(*h)
	*h = append(*h, e)
}

func (h *deadlines) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return e
}

// setDeadline gives e a deadline, another one or, with never, none. O(log n) in
// the entries of the shard that have one.
func (s *shard) setDeadline(e *entry, deadline int64) {
	had := e.deadline() != never
	switch {
	case !had && deadline == never:
		return
	case deadline == never:
		heap.Remove(&s.due, e.more.heapAt)
		e.more.deadline = never
		e.shrink()
	case had:
		e.more.deadline = deadline
		heap.Fix(&s.due, e.more.heapAt)
	default:
		e.extended().deadline = deadline
		heap.Push(&s.due, e)
	}
	untilNever := int64(0)
	if len(s.due) > 0 {
		untilNever = never - s.due[0].deadline()
	}
	s.untilNever.Store(untilNever)
}

// sweep removes at most limit entries of s whose time is over.
func (ks keyspace) sweep(s *shard, limit int) (removed int) {
	for removed < limit && len(s.due) > 0 && s.due[0].expired(ks.now) {
		ks.remove(s.due[0])
		removed++
	}
	return removed
}

// sweptAtOnce bounds how long Sweep holds a lock.
const sweptAtOnce = 256

// Sweep removes every key whose time is over and returns how many they were.
// Nobody needs to call it for the sake of correctness: an expired key is absent
// to every command, and writes and scans sweep too. It takes O(log n) for each
// key removed, whatever the number of keys that stay.
func (d *Driver) Sweep() int {
	removed, ks, timed := 0, keyspace{d: d}, false
	for i := range d.shards {
		s := &d.shards[i]
		if s.soonest() == never {
			continue
		}
		if !timed {
			ks.now, timed = d.now(), true
		}
		for more := s.soonest() < ks.now; more; {
			s.lock()
			n := ks.sweep(s, sweptAtOnce)
			s.unlock()
			removed += n
			more = n == sweptAtOnce
		}
	}
	return removed
}
