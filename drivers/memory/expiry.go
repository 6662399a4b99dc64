package memory

import "container/heap"

// deadlines is a min-heap of the entries that have one, or fields that do. Entries know their place
// in it, so that a new deadline moves its entry and leaves nothing stale behind:
// sweeping never looks at an entry that does not expire.
type deadlines []due

// due is when to look at an entry: when it ends or a field of it does, or before that, as fields may
// have left or live longer since.
type due struct {
	at int64
	*entry
}

func (h deadlines) Len() int           { return len(h) }
func (h deadlines) Less(i, j int) bool { return h[i].at < h[j].at }

func (h deadlines) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].more.dueAt, h[j].more.dueAt = i+1, j+1
}

func (h *deadlines) Push(x any) {
	d := x.(due)
	*h = append(*h, d)
	d.more.dueAt = len(*h)
}

func (h *deadlines) Pop() any {
	last := len(*h) - 1
	d := (*h)[last]
	(*h)[last] = due{}
	*h = (*h)[:last]
	d.more.dueAt = 0
	return d
}

// setDeadline gives e a deadline, another one or, with never, none. O(log n) in
// the entries of the shard that have one.
func (s *shard) setDeadline(e *entry, deadline int64) {
	if e.deadline() != deadline {
		e.extended().deadline = deadline
		s.schedule(e, e.ends())
	}
}

// schedule has e looked at then, or never.
func (s *shard) schedule(e *entry, at int64) {
	switch {
	case at == never && e.mayEnd():
		heap.Remove(&s.due, e.more.dueAt-1)
		e.shrink()
	case at == never:
		return
	case e.mayEnd():
		s.due[e.more.dueAt-1].at = at
		heap.Fix(&s.due, e.more.dueAt-1)
	default:
		heap.Push(&s.due, due{at, e})
	}
	untilNever := int64(0)
	if len(s.due) > 0 {
		untilNever = never - s.due[0].at
	}
	s.untilNever.Store(untilNever)
}

// sweep looks at no more than limit entries of s that are due, and removes what of them is over.
func (ks keyspace) sweep(s *shard, limit int) (looked int) {
	for looked < limit && len(s.due) > 0 && s.due[0].at < ks.now {
		ks.end(s.due[0].entry)
		looked++
	}
	return looked
}

// end removes e if its time is over, and its fields whose time is.
func (ks keyspace) end(e *entry) {
	if e.expired(ks.now) {
		ks.remove(e)
		return
	}
	ended := e.fields().end(ks.now)
	ks.d.shardWith(e).schedule(e, e.ends())
	if ended {
		ks.changed(e)
	}
}

// sweptAtOnce bounds how long Sweep holds a lock.
const sweptAtOnce = 256

// Sweep removes every key whose time is over, and every such field of a hash, and returns how
// many keys they were. Nobody needs to call it for the sake of correctness: what expired is absent
// to every command, and writes and scans sweep too. It takes O(log n) for each
// key or field removed, whatever the number of those that stay.
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
			before := s.entries.size
			looked := ks.sweep(s, sweptAtOnce)
			removed += before - s.entries.size
			s.unlock()
			more = looked == sweptAtOnce
		}
	}
	return removed
}
