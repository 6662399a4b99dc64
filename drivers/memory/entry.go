package memory

import "math"

// entry is a key with its value. It is the only thing that has the key: the table of its shard, the
// tree of keys and the deadlines point to it.
type entry struct {
	key  string
	hash uint64 // of key
	// text is the value where there is no object: an immutable string.
	text string
	more *more // nil for what is a text and stays

	// older and newer are its neighbours among the keys directly below the same prefix. They belong
	// to the keyTree, and are guarded by its lock.
	older, newer *entry
}

// more is what an entry has that is more than a text.
type more struct {
	// object is the value, or nil: a *buffer (a string that is being changed) or a pointer to a collection.
	object   any
	deadline int64 // the last millisecond in which the entry lives
	dueAt    int   // its place in shard.due and one more, or 0
}

// never is the deadline of an entry that stays.
const never = math.MaxInt64

// deadline is the last millisecond in which the entry lives, or never.
func (e *entry) deadline() int64 {
	if e.more == nil {
		return never
	}
	return e.more.deadline
}

// mayEnd reports whether it, or a part of it, has a time to live, so that the time matters.
func (e *entry) mayEnd() bool { return e.more != nil && e.more.dueAt != 0 }

// expired follows Redis: a key is alive during the very millisecond of its deadline.
func (e *entry) expired(now int64) bool {
	return e.mayEnd() && (now > e.more.deadline || e.fields().allEnded(now))
}

// ends is the first millisecond that not all of it outlives, or never.
func (e *entry) ends() int64 { return min(e.deadline(), e.fields().firstEnd()) }

// overdue reports that its time is over, or that of some of its fields.
func (e *entry) overdue(now int64) bool { return e.mayEnd() && e.ends() < now }

// fields is the hash of an entry, or that of none.
func (e *entry) fields() *hash {
	if h, ok := e.object().(*hash); ok {
		return h
	}
	return &noHash
}

// object is the value where it is no text, or nil.
func (e *entry) object() any {
	if e.more == nil {
		return nil
	}
	return e.more.object
}

// hold makes object the value.
func (e *entry) hold(object any) {
	e.text = ""
	e.extended().object = object
}

// setText makes a text the value.
func (e *entry) setText(text string) {
	e.text = text
	if e.more != nil {
		e.more.object = nil
		e.shrink()
	}
}

// extended is e.more, which it makes if need be.
func (e *entry) extended() *more {
	if e.more == nil {
		e.more = &more{deadline: never}
	}
	return e.more
}

// shrink gives back what a text that stays does not need.
func (e *entry) shrink() {
	if e.more.object == nil && e.more.deadline == never && e.more.dueAt == 0 {
		e.more = nil
	}
}
