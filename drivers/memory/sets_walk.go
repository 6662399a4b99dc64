package memory

import (
	"math/rand/v2"

	"github.com/kvstore-go/kvstore/drivers"
)

func sScan(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	m, err := membersOf(e)
	if err != nil {
		return drivers.Reply{}, err
	}
	slots, next := m.page(cmd.Cursor(), cmd.Amount)
	values := make([]string, len(slots))
	for i, s := range slots {
		values[i] = s.name
	}
	return drivers.Reply{Values: values, Int: next}, nil
}

func sPop(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	e := ks.find(cmd.Key)
	m, err := membersOf(e)
	if err != nil || e == nil || cmd.Amount == 0 {
		return drivers.Reply{}, err
	}
	if cmd.Amount >= int64(m.len()) {
		ks.remove(e)
		return drivers.Reply{Values: m.names()}, nil
	}
	popped := make([]string, 0, cmd.Amount)
	for range cmd.Amount {
		at := m.random()
		popped = append(popped, m.slots[at].name)
		m.removeAt(at)
	}
	ks.changed(e)
	return drivers.Reply{Values: popped}, nil
}

func sRandMember(e *entry, _ int64, cmd drivers.Command) (drivers.Reply, error) {
	m, err := membersOf(e)
	if err != nil || m.len() == 0 {
		return drivers.Reply{}, err
	}
	if cmd.Amount < 0 {
		return drivers.Reply{Values: m.repeating(-cmd.Amount)}, nil
	}
	return drivers.Reply{Values: m.distinct(cmd.Amount)}, nil
}

func (m *members) repeating(n int64) []string {
	sample := make([]string, n)
	for i := range sample {
		sample[i] = m.slots[m.random()].name
	}
	return sample
}

// distinct is n different members, or all of them: O(n), for at most a third of
// the tries meets a member that is already drawn.
func (m *members) distinct(n int64) []string {
	if size := int64(m.len()); n > size/3 {
		names := m.names()
		n = min(n, size)
		for i := range n {
			j := i + rand.Int64N(size-i)
			names[i], names[j] = names[j], names[i]
		}
		return names[:n]
	}
	sample := make([]string, 0, n)
	drawn := make(map[int]struct{}, n)
	for int64(len(sample)) < n {
		at := m.random()
		if _, twice := drawn[at]; !twice {
			drawn[at] = struct{}{}
			sample = append(sample, m.slots[at].name)
		}
	}
	return sample
}
