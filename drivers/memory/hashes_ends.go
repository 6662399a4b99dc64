package memory

import (
	"slices"

	"github.com/kvstore-go/kvstore/drivers"
)

// Fields with a time to live are those of Redis 7.4: one that is written stays from then on,
// one that is incremented ends when it did before, and a hash ends with its last field.

// endOf is the last millisecond in which a field lives, or never.
func (h *hash) endOf(field string) int64 {
	if h.ends != nil {
		if end, ends := h.ends.score(field); ends {
			return int64(end)
		}
	}
	return never
}

// endAt lets a field that is there end.
func (h *hash) endAt(field string, end int64) {
	if h.ends == nil {
		h.ends = &sortedSet{}
	}
	h.ends.add(field, float64(end))
}

// persist lets a field stay, and reports whether it had an end.
func (h *hash) persist(field string) bool {
	if h.ends == nil || !h.ends.remove(field) {
		return false
	}
	if h.ends.len() == 0 {
		h.ends = nil
	}
	return true
}

// firstEnd is the last millisecond in which all fields live, or never.
func (h *hash) firstEnd() int64 {
	first := int64(never)
	if h.ends != nil {
		h.ends.order.ascend(0, func(s scored) bool {
			first = int64(s.score)
			return false
		})
	}
	return first
}

// allEnded reports whether there are fields, and none of them lives.
func (h *hash) allEnded(now int64) bool {
	if h.ends == nil || h.ends.len() < h.len() {
		return false
	}
	last := int64(never)
	h.ends.order.descend(0, func(s scored) bool {
		last = int64(s.score)
		return false
	})
	return now > last
}

// end takes out the fields whose time is over, and reports whether there were any.
func (h *hash) end(now int64) bool {
	var over []string
	if h.ends != nil {
		h.ends.order.ascend(0, func(s scored) bool {
			if int64(s.score) >= now {
				return false
			}
			over = append(over, s.member)
			return true
		})
	}
	for _, field := range over {
		h.remove(field)
	}
	return len(over) > 0
}

func hExpire(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	h, err := hashOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	end := ks.deadline(cmd.Expiry)
	if err := drivers.CheckFieldDeadline(end); err != nil {
		return drivers.Reply{}, err
	}
	return ks.newEnds(e, h.answers(cmd.Values, func(field string) int64 {
		if end <= ks.now {
			h.remove(field)
			return 2
		}
		h.endAt(field, end)
		return 1
	}))
}

func hPersist(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	h, err := hashOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	return ks.newEnds(e, h.answers(cmd.Values, func(field string) int64 {
		if h.persist(field) {
			return 1
		}
		return noEnd
	}))
}

func hTTL(e *entry, now int64, cmd drivers.Command) (drivers.Reply, error) {
	h, err := hashOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	return drivers.Reply{Ints: h.answers(cmd.Values, func(field string) int64 {
		if end := h.endOf(field); end != never {
			return end - now
		}
		return noEnd
	})}, nil
}

// What commands answer of a field that is not there, and of one that stays.
const (
	noField = -2
	noEnd   = -1
)

// answers are those of fields, of each of which that is there.
func (h *hash) answers(fields []string, of func(field string) int64) []int64 {
	answers := make([]int64, len(fields))
	for i, field := range fields {
		if answers[i] = noField; h.has(field) {
			answers[i] = of(field)
		}
	}
	return answers
}

// newEnds answers a command that has changed the ends of fields of an entry, where an answer is more than 0.
func (ks keyspace) newEnds(e *entry, answers []int64) (drivers.Reply, error) {
	if slices.ContainsFunc(answers, func(answer int64) bool { return answer > 0 }) {
		ks.d.shardWith(e).schedule(e, e.ends())
		ks.changed(e)
	}
	return drivers.Reply{Ints: answers}, nil
}
