package memory

import "github.com/kvstore-go/kvstore/drivers"

// operands are the sets of a command, that of cmd.Key first. As in Redis, a key
// of another type is an error even where an absent one already decides the answer.
func (ks keyspace) operands(cmd drivers.Command) ([]*members, error) {
	sets := make([]*members, 0, 1+len(cmd.Keys()))
	first, err := membersOf(ks.find(cmd.Key))
	if err != nil {
		return nil, err
	}
	sets = append(sets, first)
	for _, key := range cmd.Keys() {
		m, err := membersOf(ks.find(key))
		if err != nil {
			return nil, err
		}
		sets = append(sets, m)
	}
	return sets, nil
}

// sInter walks the smallest set.
func sInter(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	sets, err := ks.operands(cmd)
	if err != nil {
		return drivers.Reply{}, err
	}
	smallest := sets[0]
	for _, m := range sets {
		if m.len() < smallest.len() {
			smallest = m
		}
	}
	return drivers.Reply{Values: smallest.where(func(name string) bool {
		for _, m := range sets {
			if m != smallest && !m.has(name) {
				return false
			}
		}
		return true
	})}, nil
}

func sDiff(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	sets, err := ks.operands(cmd)
	if err != nil {
		return drivers.Reply{}, err
	}
	return drivers.Reply{Values: sets[0].where(func(name string) bool {
		for _, m := range sets[1:] {
			if m.has(name) {
				return false
			}
		}
		return true
	})}, nil
}

func sUnion(ks keyspace, cmd drivers.Command) (drivers.Reply, error) {
	sets, err := ks.operands(cmd)
	if err != nil {
		return drivers.Reply{}, err
	}
	var union []string
	seen := map[string]struct{}{}
	for _, m := range sets {
		for s := range m.before(newest) {
			if _, twice := seen[s.name]; !twice {
				seen[s.name] = struct{}{}
				union = append(union, s.name)
			}
		}
	}
	return drivers.Reply{Values: union}, nil
}

// where is the members for which keep holds.
func (m *members) where(keep func(name string) bool) []string {
	var kept []string
	for s := range m.before(newest) {
		if keep(s.name) {
			kept = append(kept, s.name)
		}
	}
	return kept
}
